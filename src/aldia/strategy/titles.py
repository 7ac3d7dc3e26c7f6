"""What strategies are called in the language of who reads: each document says its name in three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from aldia.domain.labels import base_language
from aldia.strategy.models import Strategy, StrategyVersion


def title_of(document: Mapping[str, Any], name: str) -> str:
    """Return what a document is called in the reader's language; `name` where a draft does not say it yet."""
    told = document.get("name")
    title = told.get(base_language(get_language() or "es")) if isinstance(told, Mapping) else None
    return str(title or name)


def titles(organisation_id: int) -> dict[str, str]:
    """Return what each strategy of the organisation is called, by key: as last published, else as drafted."""
    published = StrategyVersion.objects.of(organisation_id).order_by("number")
    documents = dict(published.values_list("strategy_id", "document"))
    rows = Strategy.objects.of(organisation_id).order_by("pk")
    return {row.key: title_of(documents.get(row.pk, row.draft), row.name) for row in rows}
