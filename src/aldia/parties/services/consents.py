"""Consents: given and withdrawn, never changed; one at a time, or as a file tells them."""

from datetime import datetime, timedelta
from typing import Final

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.db.frames import write_frame
from aldia.parties import facts
from aldia.parties.models import Channel, Consent

FROM_FILE: Final = "load:"


@transaction.atomic
def record_consent(
    *,
    actor: Actor,
    party_id: int,
    creditor_id: int | None,
    channel: str,
    is_granted: bool,
    evidence: str,
    now: datetime,
) -> Consent:
    """Return a consent given (or an opt-out, `is_granted=False`) for a channel or `all`, towards one creditor or every one."""
    consent: Consent = Consent.objects.create(
        organisation_id=actor.organisation_id,
        party_id=party_id,
        creditor_id=creditor_id,
        channel=channel,
        is_granted=is_granted,
        at=now,
        evidence=evidence[:60],
        recorded_by=actor.label,
    )
    audit.record(
        actor=actor, verb="parties.consent.grant" if is_granted else "parties.consent.withdraw", object_type="party",
        object_id=party_id, now=now, data={"channel": channel, "creditor": creditor_id},
    )  # fmt: skip
    return consent


@transaction.atomic
def record_consents(*, actor: Actor, creditor_id: int | None, words: pl.DataFrame, now: datetime) -> int:
    """Append what a file says (party_id, channel or `all`, is_granted, evidence) and was not known; return how many words.

    A yes in a file never lifts a no that the person gave in another way; the evidence of files starts with `load:`.
    """
    channels = (
        pl.when(pl.col("channel") == "all").then(pl.lit(Channel.values)).otherwise(pl.concat_list("channel"))
    )
    told = words.unique(["party_id", "channel"], keep="last", maintain_order=True).with_row_index("word")
    held = facts.wishes_frame(actor.organisation_id, creditor_id=creditor_id, as_of=now.date())
    each = (
        told.join(facts.roots_of(actor.organisation_id), on="party_id")
        .with_columns(channel=channels)
        .explode("channel")
        .join(held, on=["root_id", "channel"], how="left", suffix="_held")
    )
    is_known = pl.col("is_granted").eq_missing(pl.col("is_granted_held"))
    is_refused = (
        pl.col("is_granted")
        & ~pl.col("is_granted_held")
        & ~pl.col("evidence_held").str.starts_with(FROM_FILE)
    )
    fresh = each.filter(~is_known & ~is_refused.fill_null(value=False)).select("word").unique()
    rows = told.join(fresh, on="word", how="semi", maintain_order="left").select(
        "party_id", "channel", "is_granted", pl.col("evidence").str.slice(0, 60),
        organisation_id=pl.lit(actor.organisation_id, pl.Int64), creditor_id=pl.lit(creditor_id, pl.Int64),
        at=pl.lit(now), recorded_by=pl.lit(actor.label),
    )  # fmt: skip
    if rows.height:
        write_frame(Consent, rows)
        audit.record(
            actor=actor, verb="parties.consent.load", object_type="organisation", object_id=actor.organisation_id, now=now,
            data={"granted": int(rows["is_granted"].sum()), "withdrawn": int((~rows["is_granted"]).sum())},
        )  # fmt: skip
    return rows.height


@transaction.atomic
def take_back_consents(*, actor: Actor, evidence: str, at: datetime, now: datetime) -> int:
    """Return how many words that a file said at that instant hold no longer; what was said before them holds again.

    `evidence` is how that of all of them begins. Nothing is erased: each word gets one beside it that takes it back.
    """
    said = Consent.objects.of(
        actor.organisation_id
    ).filter(  # SQLite keeps `:00` and `:00.000000`: not one text
        at__gte=at, at__lt=at + timedelta(seconds=1), evidence__startswith=evidence, takes_back_id=None
    )
    gone = [
        Consent(
            organisation_id=actor.organisation_id,
            party_id=word.party_id,
            creditor_id=word.creditor_id,
            channel=word.channel,
            is_granted=False,
            at=now,
            evidence=word.evidence,
            recorded_by=actor.label,
            takes_back_id=word.pk,
        )
        for word in said
    ]
    if gone:
        Consent.objects.bulk_create(gone, batch_size=2_000)
        audit.record(
            actor=actor, verb="parties.consent.undo", object_type="organisation", object_id=actor.organisation_id, now=now,
            data={"words": len(gone)},
        )  # fmt: skip
    return len(gone)
