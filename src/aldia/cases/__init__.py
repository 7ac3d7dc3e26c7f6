"""The case: one paying party in one portfolio, its stage, holder, holds and next step.

Invariant: every open case has one stage, one holder and a next step with a date.
"""
