"""Benchmarks: each prints JSON lines, and the documentation names the command beside each number."""
