"""Daily snapshots, measures and exports.

Invariant: every figure equals the rows behind it.
"""
