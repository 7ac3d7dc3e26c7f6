"""Receipts, allocation, reported payments and reversals.

Invariant: allocations plus unapplied equal the receipt, always.
"""
