"""Telephone calls that people make from a case: asked of the exchange once, followed to their end, recorded where it is told.

The intent is an order of the outbox like any other: it exists before anything rings, and the law counts it from then on.
"""
