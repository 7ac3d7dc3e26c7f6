"""The invoices about to fall due whose notices nobody is known to have received."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.contact.confirmed import notice_frame
from aldia.ledger import facts as ledger
from aldia.outcomes.models import Outcome, Task

AHEAD_DAYS: Final = 10
"""How long before its due date a document begins to be looked at."""
_BACK_DAYS: Final = 60
ASKED: Final = "confirm:"
"""How the identity of a task begins by which somebody confirms a receipt; the number of the document follows."""


@dataclass(frozen=True)
class Unconfirmed:
    """A document not yet due, what was told of it, and whether somebody was already asked to confirm it. Amount in minor units."""

    document_id: int
    case_id: int
    debtor: str
    number: str
    due_on: date
    amount_minor: int
    currency: str
    notices: int
    last_on: date
    channel: str
    is_asked: bool


def unconfirmed(actor: Actor, *, as_of: date) -> list[Unconfirmed]:
    """Return the documents that fall due within AHEAD_DAYS, of the clients that the actor sees, that were told by some notice which
    neither its provider, the person nor anybody who spoke with the client since confirms: the first to fall due first."""
    documents = ledger.document_frame(actor.organisation_id, as_of=as_of).filter(
        pl.col("due_on").is_between(as_of, as_of + timedelta(days=AHEAD_DAYS)) & (pl.col("open_minor") > 0)
    )
    notices = notice_frame(actor.organisation_id, since_on=as_of - timedelta(days=_BACK_DAYS))
    told = notices.sort("on", "order_id").group_by("document_id").agg(
        notices=pl.len().cast(pl.Int64), first_on=pl.col("on").first(), last_on=pl.col("on").last(), channel=pl.col("channel").last(),
        is_confirmed=pl.col("is_confirmed").any(),
    )  # fmt: skip
    waiting = documents.join(told, on="document_id").filter(~pl.col("is_confirmed"))
    ids = waiting["case_id"].unique().to_list()
    names = dict(cases.scope(actor).filter(pk__in=ids).values_list("pk", "debtor_name"))
    spoken = _spoken_on(actor, ids)
    asked = _asked(actor, waiting["document_id"].to_list())
    return [
        Unconfirmed(
            row["document_id"], row["case_id"], names[row["case_id"]], row["number"], row["due_on"], row["open_minor"],
            row["currency"], row["notices"], row["last_on"], row["channel"], row["document_id"] in asked,
        )
        for row in waiting.sort("due_on", "document_id").iter_rows(named=True)
        if row["case_id"] in names and spoken.get(row["case_id"], date.min) < row["first_on"]
    ]  # fmt: skip


def _spoken_on(actor: Actor, case_ids: list[int]) -> dict[int, date]:
    """The last day on which somebody spoke with the person of each case."""
    rows = Outcome.objects.of(actor.organisation_id).filter(case_id__in=case_ids, is_right_party=True)
    found: dict[int, date] = {}
    for case_id, on in rows.values_list("case_id", "on"):
        found[case_id] = max(on, found.get(case_id, on))
    return found


def _asked(actor: Actor, document_ids: list[int]) -> set[int]:
    wanted = [f"{ASKED}{document_id}" for document_id in document_ids]
    rows = Task.objects.of(actor.organisation_id).filter(identity__in=wanted)
    return {int(identity.removeprefix(ASKED)) for identity in rows.values_list("identity", flat=True)}
