"""Every constraint of the database is broken here, on both databases: none is there by name only.

A unique constraint is broken by writing the same row twice; a check by the values that BREAKS gives for it.
"""

import datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

DAY = datetime.date(2026, 1, 15)
NOON = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.UTC)

# constraint -> values that it must refuse
BREAKS: dict[str, dict[str, Any]] = {
    "absence_has_both_ends": {"absent_from_on": DAY, "absent_until_on": DAY},
    "closed_case_has_a_date": {"is_open": False, "closed_on": None},
    "agreement_adds_up": {
        "debt_minor": 5,
        "discount_minor": 1,
        "interest_minor": 0,
        "total_minor": 5,
        "state": "offered",
    },
    "deduction_is_positive": {"amount_minor": 0},
    "decided_promise_has_a_date": {"state": "kept", "decided_on": None},
    "hold_ends_after_start": {"starts_on": DAY, "ends_on": DAY - datetime.timedelta(days=1)},
    "leg_is_not_zero": {"amount_minor": 0},
    "outside_team_has_an_owner": {"kind": "agency", "owner": None},
    "promise_is_positive": {"amount_minor": 0, "state": "open"},
    "intent_is_positive": {"amount_minor": 0},
    "receipt_is_positive": {"amount_minor": 0, "unapplied_minor": 0},
    "unapplied_within_receipt": {"amount_minor": 5, "unapplied_minor": 6},
}
# unique constraint with a condition -> values under which it holds
UNDER: dict[str, dict[str, Any]] = {
    "box_open_once": {"state": "open"},
    "act_taken_once": {"state": "taken"},
    "experiment_key_once": {"stopped_on": DAY},
    "team_key_once": {"kind": "own"},
    "one_agreement_at_a_time": {
        "state": "offered", "debt_minor": 1, "discount_minor": 0, "interest_minor": 0, "total_minor": 1,
    },
}  # fmt: skip

CONSTRAINTS = [
    (model, constraint)
    for model in apps.get_models()
    if model.__module__.startswith("aldia.")
    for constraint in model._meta.constraints
]
NAMES = [constraint.name for _, constraint in CONSTRAINTS]


def _sample(field: models.Field, turn: int) -> Any:
    """Return a value that the column accepts, another one each turn where that is easy."""
    if isinstance(field, models.DateTimeField):
        return NOON
    if isinstance(field, models.DateField):
        return DAY
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.CharField | models.TextField | models.FileField):
        return "xy"[turn]
    if isinstance(field, models.BinaryField):
        return b"x"
    return 1 + turn


def _row(model: type[models.Model], named: set[str], *, turn: int = 0, **values: Any) -> models.Model:
    """Return an unsaved row: what may be empty is, unless the constraint names it; only what it names is alike."""
    given: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key and not field.is_relation:
            continue
        empty = field.null and field.name not in named
        given[field.attname] = values.get(
            field.name, None if empty else _sample(field, 0 if field.name in named else turn)
        )
    return model(**given)


def _write(row: models.Model) -> None:
    with transaction.atomic():
        row.save(force_insert=True)


def _named_fields(constraint: models.BaseConstraint) -> set[str]:
    return {name.lstrip("-") for name in getattr(constraint, "fields", ())}


def _tells(error: IntegrityError, model: type[models.Model], constraint: models.BaseConstraint) -> bool:
    """PostgreSQL names the constraint; SQLite names checks, and for unique ones the columns."""
    text = str(error)
    columns = [
        f"{model._meta.db_table}.{model._meta.get_field(name).column}" for name in _named_fields(constraint)
    ]
    return constraint.name in text or (bool(columns) and all(column in text for column in columns))


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "constraint"), CONSTRAINTS, ids=NAMES)
def test_the_database_refuses(model: type[models.Model], constraint: models.BaseConstraint) -> None:
    named = _named_fields(constraint)
    with (
        transaction.atomic()
    ):  # foreign keys lead nowhere here, and are looked at only when this would commit
        if isinstance(constraint, models.UniqueConstraint):
            _write(_row(model, named, **UNDER.get(constraint.name, {})))
            second = _row(model, named, turn=1, **UNDER.get(constraint.name, {}))
        else:
            second = _row(model, named, **BREAKS[constraint.name])
        with pytest.raises(IntegrityError) as refused:
            _write(second)
        assert _tells(refused.value, model, constraint), refused.value
        transaction.set_rollback(True)


def test_every_check_has_values_that_break_it() -> None:
    checks = {
        constraint.name for _, constraint in CONSTRAINTS if isinstance(constraint, models.CheckConstraint)
    }
    assert checks == set(BREAKS)


@pytest.mark.django_db
def test_every_constraint_is_in_the_database() -> None:
    with connection.cursor() as cursor:
        found = {
            name
            for model, _ in CONSTRAINTS
            for name in connection.introspection.get_constraints(cursor, model._meta.db_table)
        }
    assert set(NAMES) <= found
