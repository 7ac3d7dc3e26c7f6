"""The clockwork: the day, workers, checks and commands."""
