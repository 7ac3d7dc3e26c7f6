"""Orders, messages, attempts, templates, delivery events and the compliance gate.

Invariant: a notice leaves at most once, and ends as sent, failed, withheld or unknown, with its reason.
"""
