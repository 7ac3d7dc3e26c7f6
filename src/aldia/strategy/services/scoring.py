"""Learning the organisation's score again, and what a minute on each case is worth by it, kept every night."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.access.permissions import Permission
from aldia.cases import facts as case_facts
from aldia.cases import services as cases
from aldia.cases.rules import QUEUE_SETTING
from aldia.db.frames import Changes, Rows, read_frame
from aldia.db.pace import turns
from aldia.db.partitions import Partition
from aldia.ledger import facts as ledger
from aldia.strategy.lab.effort import effort_of
from aldia.strategy.models import CaseChance
from aldia.strategy.scores import FACTS, SETTING, case_rows, learn
from aldia.strategy.selectors.next_best import GROWING, score_in_use, with_worth


class NotLearnt(Exception):
    """The queue cannot go by what a minute brings: no score was learnt yet."""


@transaction.atomic
def order_queue(*, actor: Actor, is_by_worth: bool, clock: Clock) -> None:
    """Order everybody's queue by what a minute of work should bring, or by points. Raises NotLearnt, NotAllowed.

    By points is how it begins: with little history nobody knows what a minute brings.
    """
    actor.check(Permission.ASSIGN_CASES)
    if is_by_worth and not score_in_use(actor).is_learnt:
        raise NotLearnt(
            _("Todavía no hay un puntaje de tu historia: apréndelo en «El próximo minuto» y vuelve a elegir.")
        )
    access.change_settings(
        actor=system(actor.organisation_id), now=clock.now, settings={QUEUE_SETTING: is_by_worth}
    )
    audit.record(
        actor=actor, verb="strategy.queue.order", object_type="organisation", object_id=actor.organisation_id, now=clock.now,
        data={"is_by_worth": is_by_worth},
    )  # fmt: skip


def learn_score(*, actor: Actor, clock: Clock) -> dict[str, Any]:
    """Learn from the organisation's history and use it from now on; return how good it is. Raises TooThin, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    learnt = learn(actor.organisation_id, as_of=clock.as_of)
    kept = {SETTING: {"card": learnt.card.to_json(), "told": dict(learnt.told)}}
    told = {name: learnt.told.get(name) for name in ("learnt_from", "rate", "drift")}
    with (
        transaction.atomic()
    ):  # learning before it, and what a minute brings after it, take longer than others should wait
        access.change_settings(actor=system(actor.organisation_id), now=clock.now, settings=kept)
        audit.record(
            actor=actor, verb="strategy.score.learn", object_type="organisation", object_id=actor.organisation_id,
            now=clock.now, data=told,
        )  # fmt: skip
    keep_worth(actor=system(actor.organisation_id), as_of=clock.as_of)
    return dict(learnt.told)


def keep_worth(*, actor: Actor, as_of: date) -> int:
    """Reckon what a minute of work on each case is worth by the end of a day; return how many changed. Again changes nothing.

    In the case's own currency. What is known of each case is kept beside it: the list shows it as the reasons.
    """
    own = ledger.portfolio_frame(actor.organisation_id).select("portfolio_id", "currency")
    usual = ledger.usual_overdue(actor.organisation_id, as_of=as_of)
    card, minutes = score_in_use(actor).card, effort_of(actor).minutes_of("call")
    changed = 0
    for partition in case_facts.partitions(actor.organisation_id):
        rows = case_rows(actor.organisation_id, as_of=as_of, partition=partition, usual=usual)
        rows = with_worth(rows.join(own, on=["portfolio_id", "currency"], how="semi"), card, minutes)
        worth = rows.select("case_id", worth_minor="worth")
        changed += cases.keep_worth(actor=actor, worth=worth, partition=partition)
        _keep_chances(actor.organisation_id, rows, as_of, partition)
    return changed


def _keep_chances(organisation_id: int, rows: pl.DataFrame, as_of: date, partition: Partition) -> None:
    """Days that only pass are kept as the day from which they count: what a case is known by changes when something happens."""
    told = rows.with_columns(-(pl.col(*GROWING) - as_of.toordinal())).select(
        "case_id", *(pl.col(name).cast(pl.Float64) for name in FACTS),
        chance_permille=(pl.col("chance") * 1000).round().cast(pl.Int64),
    )  # fmt: skip
    before = _kept_chances(organisation_id, partition).select(told.columns)
    news = told.join(before, on=told.columns, how="anti", nulls_equal=True)
    writing = news.select(
        "case_id", "chance_permille", organisation_id=pl.lit(organisation_id),
        known=pl.struct(FACTS).struct.json_encode(),
    )  # fmt: skip
    fresh = writing.join(before, on="case_id", how="anti")
    again = writing.join(before, on="case_id", how="semi")
    new = Rows(CaseChance, fresh, fresh["case_id"])
    for begin, length in turns(fresh.height):
        new.write(begin, length)
    changes = Changes(CaseChance, again, key="case_id", columns=["chance_permille", "known"])
    for begin, length in turns(again.height):
        changes.write(begin, length)


def _kept_chances(organisation_id: int, partition: Partition) -> pl.DataFrame:
    source, where, params = case_facts.through_cases("strategy_casechance", organisation_id, partition)
    kept = read_frame(
        f"SELECT t.case_id, t.chance_permille, t.known FROM {source} WHERE {where}", params,
        {"case_id": pl.Int64, "chance_permille": pl.Int64, "known": pl.String},
    )  # fmt: skip
    facts = pl.Struct(dict.fromkeys(FACTS, pl.Float64))
    return kept.with_columns(pl.col("known").str.json_decode(facts)).unnest("known")
