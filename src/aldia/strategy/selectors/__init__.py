"""Reads of the room for screens, scoped by actor."""
