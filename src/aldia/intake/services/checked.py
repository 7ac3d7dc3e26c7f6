"""A file read, mapped and checked piece by piece: what is good waits in a spool, of what is wrong the first are kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl
from django.conf import settings

from aldia.access.actors import Actor
from aldia.intake.checking.held import Held
from aldia.intake.checking.options import NO_NUMBERS, Checked, Conventions
from aldia.intake.checking.problems import ERROR, SCHEMA, ProblemBook
from aldia.intake.checking.spool import Spool
from aldia.intake.checking.tabular import Recall, check_table, open_table
from aldia.intake.einvoices.taking import Taken
from aldia.intake.mapping.fields import Kind
from aldia.intake.mapping.mapping import Mapping, signature
from aldia.intake.requests import LoadRequest
from aldia.intake.services.places import Places, places_of
from aldia.intake.services.progress import OnStep, quiet
from aldia.ledger import facts as ledger
from aldia.parties import facts as parties

MOST_KEPT: Final = 20_000  # problems kept for the screens and the download; the counts are always exact
PIECE: Final = 50_000  # rows in memory at a time


@dataclass
class CheckedFile:
    """A file checked whole: its good rows, the first of its problems (errors before warnings) and all its counts."""

    columns: list[str]
    mapping: Mapping
    conventions: Conventions
    good: Spool
    rows: int = 0
    rejected: int = 0
    repeated: int = 0
    problems_total: int = 0
    currencies: Counter[str] = field(default_factory=Counter)
    left_out: list[pl.DataFrame] = field(default_factory=list)
    rejected_numbers: pl.DataFrame = field(default_factory=lambda: NO_NUMBERS)
    """The documents that rejected rows talk of: a full refresh must not take them for gone."""
    papers: Taken | None = None
    """What electronic documents lower, pay and cancel; None for a table."""
    _errors: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA))
    _warnings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA))

    def take(self, piece: Checked) -> None:
        """Add the next piece of the file."""
        self.good.add(piece.good)
        self.rows += piece.rows
        self.rejected += piece.rejected
        self.repeated += piece.repeated
        self.problems_total += piece.problems.height
        self.rejected_numbers = pl.concat([self.rejected_numbers, piece.rejected_numbers])
        left = MOST_KEPT - sum(rows.height for rows in self.left_out)
        self.left_out.append(piece.left_out.head(left))
        is_error = pl.col("severity") == ERROR
        self._errors = pl.concat([self._errors, piece.problems.filter(is_error)]).head(MOST_KEPT)
        self._warnings = pl.concat([self._warnings, piece.problems.filter(~is_error)]).head(MOST_KEPT)
        if "currency" in piece.good.columns:
            self.currencies.update(dict(piece.good["currency"].drop_nulls().value_counts().rows()))

    @property
    def is_whole(self) -> bool:
        """Return whether it is known of every row which document it talks of: only then is what is missing gone."""
        return not self.rejected_numbers["document_number"].has_nulls()

    def tell_held_refresh(self) -> None:
        """Say of each row without a number that because of it no document was taken for gone."""
        book = ProblemBook(self.rejected_numbers.filter(pl.col("document_number").is_null())["row"])
        book.add("refresh_held", "document_number", book.rows.is_not_null(), "")
        told = book.finish()
        self.problems_total += told.height
        self._warnings = pl.concat([self._warnings, told]).sort("row", maintain_order=True).head(MOST_KEPT)

    def problems(self, most: int = MOST_KEPT) -> pl.DataFrame:
        """Return the first problems of the file, errors before warnings, each by row."""
        return pl.concat([self._errors, self._warnings]).head(most)

    @property
    def main_currency(self) -> str:
        """Return the currency that most rows are in, the first by its code where several are; else what the file says."""
        most = min(self.currencies, key=lambda code: (-self.currencies[code], code), default="")
        return most or str(self.conventions.currency or "")


def check_file(
    actor: Actor, path: Path, request: LoadRequest, places: Places, on_step: OnStep = quiet
) -> CheckedFile:
    """Return the file read, mapped (by the request, else as remembered, else proposed) and checked row by row."""
    on_step("check", 0, 0)
    given = Mapping.from_dict(request.mapping, kind=request.kind) if request.mapping else None
    table, mapping = open_table(path, request.kind, given=given, recall=_memory_of(places, request))
    try:
        options = replace(
            request.options(currency=places.currency, country=places.country),
            held=_held(actor, places, request),
        )
        checked: CheckedFile | None = None
        for piece in check_table(table, mapping, options, size=PIECE):
            checked = checked or CheckedFile(list(table.columns), mapping, piece.conventions, _spool())
            checked.take(piece)
            on_step("check", checked.rows, max(table.rows, 0))
    finally:
        table.close()
    if checked is None:
        raise LookupError("a table without rows is refused before this")
    if request.is_full_refresh and not checked.is_whole:
        checked.tell_held_refresh()
    return checked


def _memory_of(places: Places, request: LoadRequest) -> Recall:
    """What the source of the load remembers of a layout, for rows of the same kind."""
    mappings = places.source.mappings if places.source else {}

    def recall(columns: list[str]) -> Mapping | None:
        remembered = mappings.get(signature(columns))
        return Mapping.from_dict(remembered) if remembered and remembered["kind"] == request.kind else None

    return recall


def _held(actor: Actor, places: Places, request: LoadRequest) -> Held | None:
    """The documents and customers that the source brought before; nothing where all is new, or the rows are no documents."""
    if request.kind != Kind.DOCUMENTS or places.portfolio is None or places.source is None:
        return None
    organisation_id = actor.organisation_id
    roots, source = parties.roots_of(organisation_id), places.source.key
    documents = ledger.named_documents(organisation_id, portfolio_id=places.portfolio.pk, source=source)
    customers = parties.reference_frame(organisation_id, source=source)
    return Held(documents.join(roots, on="party_id"), customers.join(roots, on="party_id"))


def check_only(*, actor: Actor, path: Path, request: LoadRequest, on_step: OnStep = quiet) -> CheckedFile:
    """Return the file read, mapped and checked, and nothing stored: the second step of the wizard."""
    return check_file(actor, path, request, places_of(actor=actor, request=request), on_step)


def _spool() -> Spool:
    return Spool(Path(settings.HOME) / "spool")
