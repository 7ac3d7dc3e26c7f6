"""Every table chooses a side, keeps the words' endings, and its money is exact."""

import pytest
from django.apps import apps
from django.db import models

from aldia.db.append_only import AppendOnlyModel
from tests.house.sources import ROOT

OURS = [model for model in apps.get_models() if model.__module__.startswith("aldia.")]
WITHOUT_ORGANISATION = {"Organisation", "User"}


def _fields(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.local_fields if not field.auto_created]


def _ids(model: type[models.Model]) -> str:
    return model._meta.label


@pytest.mark.parametrize("model", OURS, ids=_ids)
def test_a_table_is_append_only_or_mutable(model: type[models.Model]) -> None:
    assert issubclass(model, AppendOnlyModel) != bool(getattr(model, "is_mutable", False))


@pytest.mark.parametrize("model", OURS, ids=_ids)
def test_a_table_belongs_to_an_organisation(model: type[models.Model]) -> None:
    names = {field.name for field in _fields(model)}
    assert "organisation" in names or model.__name__ in WITHOUT_ORGANISATION


@pytest.mark.parametrize("model", OURS, ids=_ids)
def test_a_name_tells_what_its_column_holds(model: type[models.Model]) -> None:
    wrong = []
    for field in _fields(model):
        name = field.name
        if isinstance(field, models.DateTimeField):
            is_right = name == "at" or name.endswith("_at") or name == "last_login"
        elif isinstance(field, models.DateField):
            is_right = name in {"on", "as_of"} or name.endswith("_on")
        elif isinstance(field, models.BooleanField):
            is_right = name.startswith(("is_", "has_", "can_", "closes_"))
        else:
            is_right = not name.endswith("_minor") or isinstance(field, models.BigIntegerField)
        if not is_right:
            wrong.append(f"{name}: {type(field).__name__}")
    assert not wrong


@pytest.mark.parametrize("model", OURS, ids=_ids)
def test_no_column_holds_money_inexactly(model: type[models.Model]) -> None:
    inexact = [
        field.name
        for field in _fields(model)
        if isinstance(field, models.FloatField | models.DecimalField) and not field.name.endswith("rate")
    ]
    assert not inexact


def test_the_product_is_all_looked_at() -> None:
    assert len(OURS) > 40
    assert (ROOT / "src/aldia").is_dir()
