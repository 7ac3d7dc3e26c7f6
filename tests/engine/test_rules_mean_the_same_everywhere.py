"""Oracle = Polars = SQLite = PostgreSQL, on invented rules and rows, empty values included."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import Any

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aldia.engine.own_facts import own_fact
from aldia.engine.rules import Rule, RuleError, check, matches, to_polars, to_sql
from aldia.engine.rules.outline import OPERATORS, Row, row_text
from aldia.engine.vocabulary import FACTS as ALDIA_FACTS
from aldia.engine.vocabulary import TYPES, Fact
from tests.engine.rule_cases import COLUMNS, conditions, rows

Ask = Callable[[Rule, list[dict[str, Any]], int], list[bool]]
_SQL_TYPES = {"int": "integer", "money": "bigint", "text": "text", "bool": "boolean", "date": "date"}
_DTYPES = {"int": pl.Int64, "money": pl.Int64, "text": pl.String, "bool": pl.Boolean, "date": pl.Date}
OWN: dict[str, Fact] = {
    f"own_{kind}": own_fact(
        f"own_{kind}", {"grain": grain, "type": kind, "label": dict.fromkeys(("es", "en", "pt"), kind)}
    )
    for kind, grain in zip(TYPES, ("case", "document", "case", "document", "case"), strict=True)
}
"""What an organisation declares is asked in the same ways as what aldia knows."""
FACTS = ALDIA_FACTS | OWN
QUIET = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def ask_polars(rule: Rule, given_rows: list[dict[str, Any]], exponent: int) -> list[bool]:
    frame = pl.DataFrame(
        given_rows, schema={name: _DTYPES[FACTS[name].type] for name in COLUMNS}, orient="row"
    )
    answer = frame.with_columns(found=to_polars(rule, exponent=exponent))["found"]
    return [bool(found) for found in answer.to_list()]


def _columns() -> str:
    return ", ".join(f'"{name}" {_SQL_TYPES[FACTS[name].type]}' for name in COLUMNS)


@pytest.fixture(scope="module")
def ask_sqlite() -> Iterator[Ask]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE facts (id integer, {_columns()})")

        def ask(rule: Rule, given_rows: list[dict[str, Any]], exponent: int) -> list[bool]:
            connection.execute("DELETE FROM facts")
            marks = ", ".join("?" for _ in COLUMNS)
            for number, row in enumerate(given_rows):
                cells = [
                    value.isoformat() if isinstance(value, date) else value
                    for value in map(row.__getitem__, COLUMNS)
                ]
                connection.execute(f"INSERT INTO facts VALUES ({number}, {marks})", cells)
            sql = to_sql(rule, exponent=exponent, dialect="sqlite", placeholder="?")
            found = connection.execute(f"SELECT id FROM facts WHERE {sql.text}", sql.parameters)
            ids = {row[0] for row in found}
            return [number in ids for number in range(len(given_rows))]

        yield ask


@pytest.fixture(scope="module")
def ask_postgresql(pg_url: str) -> Iterator[Ask]:
    url = pg_url.replace("postgres://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE TEMPORARY TABLE rule_facts (id integer, {_columns()})")

        def ask(rule: Rule, given_rows: list[dict[str, Any]], exponent: int) -> list[bool]:
            connection.execute("TRUNCATE rule_facts")
            marks = ", ".join("%s" for _ in COLUMNS)
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO rule_facts VALUES (%s, {marks})",
                    [(number, *map(row.__getitem__, COLUMNS)) for number, row in enumerate(given_rows)],
                )
            sql = to_sql(rule, exponent=exponent, dialect="postgresql")
            found = connection.execute(f"SELECT id FROM rule_facts WHERE {sql.text}", sql.parameters)
            ids = {row[0] for row in found.fetchall()}
            return [number in ids for number in range(len(given_rows))]

        yield ask


VALUES: dict[str, list[Any]] = {
    "int": [0, 1, 30], "money": [0, 100, 3_000], "text": ["", "AR-C", "Ñandú"], "bool": [True, False],
    "date": [date(2026, 1, 31), date(2026, 2, 1)],
}  # fmt: skip
ASKED = {
    "int": ("1", "30"),
    "money": ("1", "30"),
    "text": ("ar-c", "x"),
    "bool": ("", ""),
    "date": ("2026-01-31", "2026-02-01"),
}


def rules_of_every_fact() -> list[Rule]:
    """A rule for each fact of the vocabulary and each comparison that the visual builder offers for it."""
    return [
        check(
            row_text(Row(fact.key, op, *(fact.values or ASKED[fact.type])[:2]), OWN),
            grain="document",
            own=OWN,
        )
        for fact in FACTS.values()
        for op in OPERATORS[fact.type]
    ]


def rows_of_every_fact() -> list[dict[str, Any]]:
    """Rows that hold every value of every fact, and nothing where it may be empty."""
    columns = {
        fact.key: [*(fact.values or VALUES[fact.type]), *([None] if fact.is_nullable else [])]
        for fact in FACTS.values()
    }
    return [{key: values[number % len(values)] for key, values in columns.items()} for number in range(6)]


def test_polars_agrees_with_the_oracle_on_every_fact_and_comparison() -> None:
    told = rows_of_every_fact()
    frame = pl.DataFrame(told, schema={key: _DTYPES[fact.type] for key, fact in FACTS.items()}, orient="row")
    rules = rules_of_every_fact()
    found = frame.select(to_polars(rule, exponent=2).alias(str(number)) for number, rule in enumerate(rules))
    wrong = [
        rule.text for number, rule in enumerate(rules)
        if found[str(number)].to_list() != [matches(rule, row, exponent=2) for row in told]
    ]  # fmt: skip
    assert wrong == []


@pytest.fixture
def every_fact_in_sqlite() -> Iterator[Callable[[Rule], list[bool]]]:
    told = rows_of_every_fact()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE facts (" + ", ".join(f'"{key}"' for key in FACTS) + ")")
        cells = [
            [value.isoformat() if isinstance(value, date) else value for value in row.values()]
            for row in told
        ]
        connection.executemany(f"INSERT INTO facts VALUES ({', '.join('?' for _ in FACTS)})", cells)

        def ask(rule: Rule) -> list[bool]:
            sql = to_sql(rule, exponent=2, dialect="sqlite", placeholder="?")
            return [
                bool(row[0])
                for row in connection.execute(f"SELECT {sql.text} FROM facts ORDER BY rowid", sql.parameters)
            ]

        yield ask


def test_sqlite_agrees_with_the_oracle_on_every_fact_and_comparison(
    every_fact_in_sqlite: Callable[[Rule], list[bool]],
) -> None:
    told = rows_of_every_fact()
    wrong = [
        rule.text for rule in rules_of_every_fact()
        if every_fact_in_sqlite(rule) != [matches(rule, row, exponent=2) for row in told]
    ]  # fmt: skip
    assert wrong == []


def test_postgresql_agrees_with_the_oracle_on_every_fact_and_comparison(pg_url: str) -> None:
    told, rules = rows_of_every_fact(), rules_of_every_fact()
    columns = ", ".join(f'"{key}" {_SQL_TYPES[fact.type]}' for key, fact in FACTS.items())
    with psycopg.connect(pg_url.replace("postgres://", "postgresql://"), autocommit=True) as connection:
        connection.execute(f"CREATE TEMPORARY TABLE every_fact (row_no integer, {columns})")
        marks = ", ".join("%s" for _ in FACTS)
        for number, row in enumerate(told):
            connection.execute(f"INSERT INTO every_fact VALUES ({number}, {marks})", list(row.values()))
        wrong = []
        for rule in rules:
            sql = to_sql(rule, exponent=2, dialect="postgresql")
            found = connection.execute(
                f"SELECT {sql.text} FROM every_fact ORDER BY row_no", sql.parameters
            ).fetchall()
            if [row[0] for row in found] != [matches(rule, row, exponent=2) for row in told]:
                wrong.append(rule.text)
    assert wrong == []


def _agree(ask: Ask, text: str, given_rows: list[dict[str, Any]], exponent: int) -> None:
    rule = check(text, grain="document")
    expected = [matches(rule, row, exponent=exponent) for row in given_rows]
    assert ask(rule, given_rows, exponent) == expected


@QUIET
@given(conditions(), rows(), st.sampled_from([0, 2, 3]))
def test_polars_agrees_with_the_oracle(text: str, given_rows: list[dict[str, Any]], exponent: int) -> None:
    _agree(ask_polars, text, given_rows, exponent)


@QUIET
@given(conditions(), rows(), st.sampled_from([0, 2, 3]))
def test_sqlite_agrees_with_the_oracle(
    ask_sqlite: Ask, text: str, given_rows: list[dict[str, Any]], exponent: int
) -> None:
    _agree(ask_sqlite, text, given_rows, exponent)


@QUIET
@given(conditions(), rows(), st.sampled_from([0, 2, 3]))
@example("overdue * 800 > 1", [dict.fromkeys(COLUMNS) | {"overdue": 10**16}], 2)
@example("dpd * 1000 > 1", [dict.fromkeys(COLUMNS) | {"dpd": 2**30}], 2)
def test_postgresql_agrees_with_the_oracle(
    ask_postgresql: Ask, text: str, given_rows: list[dict[str, Any]], exponent: int
) -> None:
    _agree(ask_postgresql, text, given_rows, exponent)


def test_an_amount_is_read_with_the_decimals_of_the_currency() -> None:
    rule = check("overdue >= 1000.50")
    row = {"overdue": 100_050}
    assert matches(rule, row, exponent=2)
    assert not matches(rule, row, exponent=3)
    with pytest.raises(RuleError, match="too_fine"):
        to_polars(rule, exponent=0)


def test_unknown_is_not_a_match_nor_is_its_contrary() -> None:
    row = {"region": None}
    for text in ("region = 'x'", "NOT region = 'x'", "region <> 'x'", "region NOT IN ('x')"):
        assert not matches(check(text), row, exponent=2)
    assert matches(check("region IS NULL OR region = 'x'"), row, exponent=2)
