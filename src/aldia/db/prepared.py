"""A read that is asked all day is put into SQL once: after that it costs the asking and its rows, not the writing of the query."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any, ClassVar, Final, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet

Asked = ParamSpec("Asked")
_FAR: Final = datetime(9000, 1, 1, tzinfo=UTC)


class NotPrepared(TypeError):
    """The query of a prepared read does not carry one of its values as it came."""


Row = TypeVar("Row")


def prepared(build: Callable[Asked, "QuerySet[Any, Row]"]) -> Callable[Asked, list[Row]]:
    """Make a function that returns a queryset answer its rows, with the SQL of the first time. Raises NotPrepared then.

    Its arguments come by position. Numbers, texts, days and instants, alone or in a list, must reach the query unchanged; None,
    a model, True or False may choose its shape, of which each is prepared apart (and each length of a list: pass short ones).
    """
    kept: dict[tuple[Any, ...], _Statement] = {}

    @wraps(build)
    def asked(*values: Asked.args, **_named: Asked.kwargs) -> list[Row]:
        shape = tuple(map(_shape, values))
        if shape not in kept:
            kept[shape] = _Statement(build, values)
        return kept[shape].rows(values)

    return asked


def _shape(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_shape, value))
    return value if _is_shape(value) else type(value)


def _is_shape(value: Any) -> bool:
    return value is None or isinstance(value, bool | type)


class _Statement:
    """One query in SQL, with the place of each value in it."""

    def __init__(self, build: Callable[..., Any], values: tuple[Any, ...]) -> None:
        marks = list(map(_mark, *zip(*enumerate(_flat(values)), strict=True)))
        taken = iter(marks)
        self.queryset = build(*(_marked(value, taken) for value in values))
        getattr(self.queryset, "_check", bool)()
        self.compiler = self.queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, params = self.compiler.as_sql()
        self.converters = self.compiler.get_converters([column for column, *_rest in self.compiler.select])
        stored = list(map(_stored, marks))
        self.params = [(stored.index(param), None) if param in stored else (None, param) for param in params]
        if missing := set(range(len(marks))) - {at for at, _param in self.params}:
            raise NotPrepared(f"{build.__qualname__}: {sorted(missing)} in {self.sql}")

    def rows(self, values: tuple[Any, ...]) -> list[Any]:
        """Ask, and let Django's own iterable of the queryset make of the rows what it always makes."""
        given = list(map(_stored, _flat(values)))
        params = tuple(param if at is None else given[at] for at, param in self.params)
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self.sql, params)
            found: list[Any] = cursor.fetchall()
        return list(self.queryset._iterable_class(_Answered(self, self._converted(found))))

    def _converted(self, found: list[Any]) -> list[Any]:
        """The rows with each column as Python has it; `found` itself where none needs it."""
        if not self.converters:
            return found
        rows = list(map(list, found))
        own = connections[DEFAULT_DB_ALIAS]  # looked up once: it costs as much as a cell
        for at, (converters, expression) in self.converters.items():
            for convert in converters:
                for row in rows:
                    row[at] = convert(row[at], expression, own)
        return rows


class _Answered:
    """What Django's iterables ask of a queryset, of its query and of its compiler, when the rows are already read.

    All three are this one object: copying a real compiler and its query for each answer costs more than asking.
    """

    db = DEFAULT_DB_ALIAS
    _known_related_objects: ClassVar[dict[Any, Any]] = {}

    def __init__(self, statement: _Statement, found: list[Any]) -> None:
        compiler, query = statement.compiler, statement.queryset.query
        self.query, self.model, self._fields = self, statement.queryset.model, statement.queryset._fields
        self.select, self.klass_info = compiler.select, compiler.klass_info
        self.annotation_col_map, self.selected = compiler.annotation_col_map, query.selected
        self.extra_select, self.values_select = query.extra_select, query.values_select
        self.annotation_select = query.annotation_select
        self.found = found

    def get_compiler(self, *_args: Any, **_named: Any) -> "_Answered":
        return self

    def execute_sql(self, *_args: Any, **_named: Any) -> list[Any]:
        return self.found

    def results_iter(self, *_args: Any, tuple_expected: bool = False, **_named: Any) -> Iterable[Any]:
        return map(tuple, self.found) if tuple_expected else self.found


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    """The values that vary within a shape, in their order."""
    for value in values:
        if isinstance(value, list | tuple):
            yield from _flat(value)
        elif not _is_shape(value):
            yield value


def _mark(at: int, value: Any) -> Any:
    """What stands for a value while the SQL is written: of its type, and like no other."""
    if isinstance(value, datetime):
        return _FAR + timedelta(days=at)
    if isinstance(value, date):
        return _FAR.date() + timedelta(days=at)
    return (
        f"mark {at}" if isinstance(value, str) else 32_000 + at
    )  # fits the smallest column: a condition beyond it is left out


def _marked(value: Any, marks: Iterator[Any]) -> Any:
    if isinstance(value, list | tuple):
        return [_marked(each, marks) for each in value]
    return value if _is_shape(value) else next(marks)


def _stored(value: Any) -> Any:
    """The value as the database takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
