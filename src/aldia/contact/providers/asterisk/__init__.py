"""Telephone calls through an Asterisk exchange, by its REST interface (ARI)."""
