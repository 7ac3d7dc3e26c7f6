"""Tryton, by the JSON-RPC that its own clients use. What it needs there: README.md."""
