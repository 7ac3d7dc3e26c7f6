"""Questions that both databases answer from an index."""

from typing import Any

from django.db.models import CharField, Lookup

LAST = "\U0010ffff"  # sorts after every other character


@CharField.register_lookup
class Begins(Lookup):
    """`value__begins="gon"`: the texts that start so, letter by letter, from a plain index.

    PostgreSQL needs the index declared with `varchar_pattern_ops`; SQLite's LIKE ignores case and therefore indexes, so it
    gets a range over its binary order.
    """

    lookup_name = "begins"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{column} LIKE %s", [*params, _escaped(self.rhs) + "%"]
        return f"({column} >= %s AND {column} < %s)", [*params, self.rhs, *params, self.rhs + LAST]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
