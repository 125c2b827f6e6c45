"""Pages of the documentation that are made from results by a command, and held to them by a test."""
