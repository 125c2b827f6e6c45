"""The scenario: what a system of hospital, teams and community services is, loaded and checked."""
