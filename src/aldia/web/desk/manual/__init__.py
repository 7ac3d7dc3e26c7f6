"""The manual: what each screen is for and how it is worked, found by its address. A test fails when a screen has no words here."""

from __future__ import annotations

from typing import Final

from aldia.web.desk.manual.deciding import DECIDING
from aldia.web.desk.manual.money import MONEY
from aldia.web.desk.manual.running import RUNNING
from aldia.web.desk.manual.topics import Chapter, Topic
from aldia.web.desk.manual.working import WORKING

__all__ = ["CHAPTERS", "Chapter", "Topic", "topic_of"]

CHAPTERS: Final = (*WORKING, *MONEY, *DECIDING, *RUNNING)


def topic_of(path: str) -> Topic | None:
    """Return the topic that tells most of an address such as `clientes/12/`; None where none does."""
    topics = [topic for chapter in CHAPTERS for topic in chapter.topics]
    nearest = max(topics, key=lambda topic: topic.nearness(path))
    return nearest if nearest.nearness(path) else None
