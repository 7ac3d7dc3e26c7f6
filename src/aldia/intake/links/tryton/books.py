"""Tryton's books, as the protocol asks for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from aldia.intake.links.protocol import LinkAddress, Page, Payment
from aldia.intake.links.tryton import reading, writing
from aldia.intake.links.tryton.rpc import Session


class TrytonBooks:
    """One signed-in conversation with a Tryton; a context, which signs out at its end."""

    def __init__(self, address: LinkAddress, *, transport: httpx.BaseTransport | None = None) -> None:
        self._session = Session(address, transport=transport)
        self._method = address.method

    def __enter__(self) -> Self:
        try:
            self._session.open()
        except BaseException:
            self._session.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def greet(self) -> str:
        """Return the company whose books these are, and who we are there."""
        company = self._session.context.get("company")
        if not company:
            return "Tryton"
        row = self._session.read("company.company", [company], ["rec_name"])[company]
        return f"Tryton · {row['rec_name']}"

    def read(self, *, marks: str, since: datetime | None, known: Collection[str]) -> Page:
        """Return what is open there, or what changed of it. Their clock has no zone: it only goes there and comes back."""
        page = reading.read(
            self._session, marks=marks, since=since.replace(tzinfo=None) if since else None, known=known
        )
        return replace(page, seen_at=page.seen_at.replace(tzinfo=UTC) if page.seen_at else None)

    def pay(self, payment: Payment) -> str:
        """Write a payment once; return the number of its entry."""
        return writing.pay(self._session, payment, method=self._method)

    def take_back(self, mark: str) -> None:
        """Cancel the entry of a mark."""
        writing.take_back(self._session, mark)

    def sweep(self, marks: str) -> int:
        """Throw away drafts that were left behind."""
        return writing.sweep(self._session, marks)
