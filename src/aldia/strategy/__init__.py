"""Strategies (versioned), segments, runs, decisions and policies.

Invariant: a published version never changes; a step is taken once per identity.
"""
