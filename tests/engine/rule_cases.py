"""Invented rules and rows, so that every engine can be asked the same question."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

INTS = ("dpd", "contacts_7d", "days_since_contact")
MONEY = ("overdue", "total", "promise_amount")
TEXTS = ("region", "number", "promise_state")
FLAGS = ("dispute_open", "is_disputed", "has_email")
DATES = ("oldest_due_on", "due_on")
COLUMNS = (*INTS, *MONEY, *TEXTS, *FLAGS, *DATES)
WORDS = (
    "AR-C",
    "ar-c",
    "São Paulo",
    "sao paulo",
    "SÃO",
    "Ñandú",
    "O'Higgins",
    "100%",
    "a_b",
    "",
    "ÿ",
    "\\",
    "ß",
    "é",
)
STATES = ("none", "open", "kept", "broken")
DAYS = tuple(date(2026, month, 15) for month in (1, 2, 3))
ORDERS = ("=", "<>", "<", "<=", ">", ">=")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_counts = st.one_of(
    st.integers(-5, 40).map(str),
    st.sampled_from(INTS),
    st.builds("{} {} {}".format, st.sampled_from(INTS), st.sampled_from("+-"), st.integers(0, 9)),
    st.builds("{} * {}".format, st.integers(-3, 3), st.sampled_from(INTS)),
)
_amounts = st.one_of(
    st.sampled_from(["0", "1", "5", "10", "12", "1000"]),
    st.sampled_from(MONEY),
    st.builds("{} - {}".format, st.sampled_from(MONEY), st.sampled_from(MONEY)),
    st.builds(
        "({} + {}) * {}".format, st.sampled_from(MONEY), st.sampled_from(["3", "total"]), st.integers(-2, 2)
    ),
)
_words = st.sampled_from([word for word in WORDS if word]).map(_quoted)
_dates = st.sampled_from(DAYS).map(lambda day: f"DATE '{day}'")


def _compare(
    facts: tuple[str, ...], others: st.SearchStrategy[str], orders: tuple[str, ...]
) -> st.SearchStrategy[str]:
    fact, order = st.sampled_from(facts), st.sampled_from(orders)
    return st.builds("{} {} {}".format, fact, order, others)


_open_texts = st.sampled_from(TEXTS[:2])
_atoms = st.one_of(
    _compare(INTS, _counts, ORDERS),
    _compare(MONEY, _amounts, ORDERS),
    _compare(DATES, st.one_of(_dates, st.sampled_from(DATES)), ORDERS),
    _compare(TEXTS[:2], st.one_of(_words, _open_texts), ("=", "<>")),
    st.builds(
        "promise_state {} {}".format, st.sampled_from(["=", "<>"]), st.sampled_from(STATES).map(_quoted)
    ),
    _compare(FLAGS, st.sampled_from(["TRUE", "FALSE", *FLAGS]), ("=", "<>")),
    st.sampled_from([*FLAGS, "TRUE", "FALSE"]),
    st.sampled_from(COLUMNS).map("{} IS NULL".format),
    st.sampled_from(COLUMNS).map("{} IS NOT NULL".format),
    st.builds("{} IN ({})".format, _open_texts, st.lists(_words, min_size=1, max_size=3).map(", ".join)),
    st.builds(
        "dpd NOT IN ({})".format, st.lists(st.integers(0, 9).map(str), min_size=1, max_size=3).map(", ".join)
    ),
    st.builds("overdue BETWEEN {} AND {}".format, st.integers(0, 5), st.integers(6, 20)),
    st.builds("{}({}, {})".format, st.sampled_from(["starts_with", "contains"]), _open_texts, _words),
)


def conditions() -> st.SearchStrategy[str]:
    """Rules of the document grain, up to some levels deep."""
    return st.recursive(
        _atoms,
        lambda inner: st.one_of(
            st.builds("({} AND {})".format, inner, inner),
            st.builds("({} OR {})".format, inner, inner),
            inner.map("NOT ({})".format),
        ),
        max_leaves=5,
    )


def rows() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows in which any fact may be empty."""
    cells: dict[str, st.SearchStrategy[Any]] = {name: st.integers(-3, 12) for name in INTS}
    cells |= {name: st.sampled_from([0, 5, 500, 501, 1000, 1200, -100, 10**15]) for name in MONEY}
    cells |= {name: st.sampled_from(WORDS) for name in TEXTS[:2]} | {"promise_state": st.sampled_from(STATES)}
    cells |= {name: st.booleans() for name in FLAGS} | {name: st.sampled_from(DAYS) for name in DATES}
    one = st.fixed_dictionaries({name: st.one_of(st.none(), cell) for name, cell in cells.items()})
    return st.lists(one, min_size=1, max_size=6)
