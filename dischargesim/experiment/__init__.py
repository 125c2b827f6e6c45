"""Many runs: replications with their intervals, and the results folder."""
