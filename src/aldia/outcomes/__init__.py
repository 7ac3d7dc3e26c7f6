"""Typified outcomes, promises, plans, disputes, tasks and alarms.

Invariant: an outcome always leaves a next step.
"""
