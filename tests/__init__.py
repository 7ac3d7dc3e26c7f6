"""Tests by kind: domain and engine (no database), rooms, web, scenarios, conformance (real data), house (our rules)."""
