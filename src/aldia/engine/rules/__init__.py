"""The rule language: SQL-looking conditions over the vocabulary, parsed into a small tree of our own."""

from aldia.engine.rules.check import Rule, check, tree_names_money
from aldia.engine.rules.errors import Remark, RuleError
from aldia.engine.rules.explain import code_name, explain
from aldia.engine.rules.format import format_rule
from aldia.engine.rules.reference import matches
from aldia.engine.rules.to_polars import to_polars
from aldia.engine.rules.to_sql import SqlCondition, to_sql

__all__ = [
    "Remark",
    "Rule",
    "RuleError",
    "SqlCondition",
    "check",
    "code_name",
    "explain",
    "format_rule",
    "matches",
    "to_polars",
    "to_sql",
    "tree_names_money",
]
