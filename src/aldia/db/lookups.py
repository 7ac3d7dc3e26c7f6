"""Questions that both databases answer from an index."""

from typing import Any

from django.db.models import CharField, ForeignKey, Lookup

LAST = "\U0010ffff"  # sorts after every other character


@CharField.register_lookup
class Begins(Lookup):
    """`value__begins="gon"`: the texts that start so, letter by letter, from a plain index.

    A range in binary order, on both: SQLite's LIKE ignores case and so uses no index, and PostgreSQL's uses none behind the wall
    between organisations (`db.walls`), whereas these comparisons may look at an index declared with `varchar_pattern_ops`.
    """

    lookup_name = "begins"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"({column} ~>=~ %s AND {column} ~<~ %s)", [*params, self.rhs, *params, self.rhs + LAST]
        return f"({column} >= %s AND {column} < %s)", [*params, self.rhs, *params, self.rhs + LAST]


@ForeignKey.register_lookup
class Among(Lookup):
    """`party__among=ids`: one of thousands of keys. Whole numbers, written into the text: as parameters they cost ten times more."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN ({','.join(str(int(key)) for key in self.rhs) or 'NULL'})", list(params)
