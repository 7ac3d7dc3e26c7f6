"""A request's memory: one answer per question, forgotten at a write, silent inside a transaction."""

from datetime import UTC, datetime

import polars as pl
import pytest
from django.db import connection, transaction

from aldia.access import selectors as access
from aldia.access import services
from aldia.access.actors import system
from aldia.access.models import Organisation
from aldia.db.frames import read_frame
from aldia.db.memory import already_read, remembering

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor() -> object:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    made = services.create_organisation(key="uno", name="Uno", country="AR", currency="ARS", now=now)
    return system(made.pk)


def test_what_is_asked_twice_is_read_once(actor: object, django_assert_num_queries: object) -> None:
    with remembering(), django_assert_num_queries(1):
        assert access.organisation_of(actor) is access.organisation_of(actor)


def test_a_write_forgets_everything(actor: object) -> None:
    with remembering():
        access.organisation_of(actor)
        Organisation.objects.update(name="Dos")
        assert access.organisation_of(actor).name == "Dos"


def test_reading_a_frame_forgets_nothing(actor: object, django_assert_num_queries: object) -> None:
    with remembering():
        access.organisation_of(actor)
        named = read_frame("SELECT name FROM access_organisation", [], {"name": pl.String})
        assert named["name"].to_list() == ["Uno"]
        with django_assert_num_queries(0):
            access.organisation_of(actor)


def test_a_write_led_by_with_forgets_everything(actor: object) -> None:
    rename = (
        "WITH told (name) AS (SELECT 'Dos') UPDATE access_organisation SET name = (SELECT name FROM told)"
    )
    with remembering():
        access.organisation_of(actor)
        with connection.cursor() as cursor:
            cursor.execute(rename)
        assert access.organisation_of(actor).name == "Dos"


def test_inside_a_transaction_nothing_is_answered_from_memory(
    actor: object, django_assert_num_queries: object
) -> None:
    with remembering():
        access.organisation_of(actor)
        with transaction.atomic(), django_assert_num_queries(2):
            access.organisation_of(actor)
            access.organisation_of(actor)


def test_another_request_remembers_nothing(actor: object, django_assert_num_queries: object) -> None:
    with remembering():
        access.organisation_of(actor)
    with remembering(), django_assert_num_queries(1):
        access.organisation_of(actor)
    with django_assert_num_queries(2):
        access.organisation_of(actor)
        access.organisation_of(actor)


def test_what_came_with_another_read_is_not_read_again(
    actor: object, django_assert_num_queries: object
) -> None:
    came = access.organisation("uno")
    with remembering(), django_assert_num_queries(0):
        already_read(access.organisation_of, came, actor)
        assert access.organisation_of(actor) is came
