"""Discharge-flow simulation for health and social care."""

__version__ = "0.1.0"
