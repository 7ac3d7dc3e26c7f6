"""An organisation and a short way to tell it about clients."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, system
from aldia.parties import services
from aldia.parties.models import Party

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Source:
    actor: Actor

    def tells(self, *rows: dict[str, Any], source: str = "erp") -> services.Upserted:
        frame = pl.DataFrame(rows, schema_overrides={"phone_is_mobile": pl.Boolean}, infer_schema_length=None)
        return services.upsert_frame(
            organisation_id=self.actor.organisation_id, source=source, frame=frame, now=NOW
        )

    def party(self, name: str) -> Party:
        return Party.objects.of(self.actor.organisation_id).get(name=name)


def make_source(key: str) -> Source:
    return Source(
        system(access.create_organisation(key=key, name=key, country="AR", currency="ARS", now=NOW).pk)
    )


@pytest.fixture
def erp(db: None) -> Source:
    return make_source("uno")


@pytest.fixture
def source_of(db: None) -> Callable[[str], Source]:
    return make_source
