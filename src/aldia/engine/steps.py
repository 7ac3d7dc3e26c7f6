"""The rows that one step proposes tonight: due or lapsed, not taken before, matching, with hold and channel."""

from collections.abc import Sequence
from typing import Literal

import polars as pl

from aldia.domain.experiments import CONTROL
from aldia.engine.conditions import EXPONENT
from aldia.engine.contact_rules import CHANNELS, REACH
from aldia.engine.night import FINAL_STATES, Night, anchor_column
from aldia.engine.reach import first_by_reach
from aldia.engine.strategy import ARM, MESSAGES, REPEATING_ANCHORS, UNPAUSED, Notice, Step
from aldia.engine.windows import DUE, END, with_window


def due_rows(night: Night, step: Step) -> pl.LazyFrame:
    """The cases or documents whose day for a step has come, or has gone by without them."""
    rows = with_window(_subjects(night, step), night.strategy, step, night.calendars)
    is_open = pl.col(END).is_null() | (pl.col(END) > night.as_of)
    return rows.filter(
        (pl.col(DUE) <= night.as_of) & (is_open | (pl.col(DUE) >= pl.col("managed_since")))
    ).with_columns(is_open=is_open)


def step_rows(night: Night, step: Step, number: int) -> pl.LazyFrame:
    """The proposals of one step, in the columns of decisions plus step_no, policy and creditor_id."""
    rows = _not_taken(due_rows(night, step), night, step)
    if step.grain == "document":
        rows = rows.join(_case_side(night, step), on="case_id", how="inner")
    in_stage = pl.col("stage").eq_missing(pl.lit(step.stage)) if step.stage else pl.col("stage").is_not_null()
    is_ours = in_stage | (~pl.col("is_open") & pl.col("was_withheld"))
    is_ours &= pl.col("is_open") | (pl.col(DUE) >= pl.col("case_managed_since"))
    rows = rows.filter(is_ours & night.condition(step.condition))
    return _proposals(_with_channel(_with_hold(rows, night, step), night, step), night, step, number)


def _subjects(night: Night, step: Step) -> pl.LazyFrame:
    anchor = pl.col(anchor_column(step.grain, step.anchor)).alias("anchor_on")
    if step.grain == "case":
        kept = (
            pl.all(),
            pl.col("case_id").alias("subject_id"),
            pl.col("managed_since").alias("case_managed_since"),
        )
        return night.cases.lazy().select(*kept, anchor).filter(pl.col("anchor_on").is_not_null())
    facts = sorted(key for key, fact in step.condition.named.items() if fact.grain == "document")
    rows = night.documents.lazy().select(
        "case_id", "managed_since", *facts, pl.col("document_id").alias("subject_id"), anchor,
        pl.lit(1, pl.Int64).alias("cycle"),
    )  # fmt: skip
    if step.unit == "business":
        rows = rows.join(night.cases.lazy().select("case_id", "calendar"), on="case_id", how="inner")
    return rows


def _case_side(night: Night, step: Step) -> pl.LazyFrame:
    facts = {key for key, fact in step.condition.named.items() if fact.grain != "document"}
    facts |= {ARM} if night.strategy.is_of_arm(step) else set()
    base = {"case_id", "party_id", "creditor_id", "policy", "stage", "priority", EXPONENT}
    reach = {f"{way}_{name}" for way in REACH for name in CHANNELS}
    return night.cases.lazy().select(
        *sorted(base | facts | reach | step.reach_facts), pl.col("managed_since").alias("case_managed_since")
    )


def _not_taken(rows: pl.LazyFrame, night: Night, step: Step) -> pl.LazyFrame:
    """Drop what was taken or missed before, for this anchor when it repeats; number the next attempt."""
    mine = night.taken.filter((pl.col("step") == step.key) & (pl.col("subject_kind") == step.grain))
    if mine.is_empty():
        return rows.with_columns(attempt=pl.lit(1, pl.Int64), was_withheld=pl.lit(value=False))
    is_final, is_failed = pl.col("state").is_in(FINAL_STATES), pl.col("state") == "failed"
    keys = ["subject_id", "cycle"]
    last = mine.group_by(keys).agg(last=pl.col("attempt").filter(is_final | is_failed).max())
    scope = [*keys, "anchor_on"] if step.anchor in REPEATING_ANCHORS else keys
    seen = mine.group_by(scope).agg(
        is_done=is_final.any(),
        failures=is_failed.sum().cast(pl.Int64),
        was_withheld=(pl.col("state") == "withheld").any(),
    )
    rows = rows.join(last.lazy(), on=keys, how="left").join(seen.lazy(), on=scope, how="left")
    is_done = pl.col("is_done").fill_null(value=False) | (pl.col("failures").fill_null(0) >= step.attempts)
    return rows.filter(~is_done).with_columns(
        attempt=pl.col("last").fill_null(0) + 1, was_withheld=pl.col("was_withheld").fill_null(value=False)
    )


def _with_hold(rows: pl.LazyFrame, night: Night, step: Step) -> pl.LazyFrame:
    """The kind of the hold that stops an act; what changes nothing for the client goes on."""
    holds = night.holds.filter(~pl.col("kind").is_in(step.through_holds))
    if holds.is_empty() or step.action.kind in UNPAUSED:
        return rows.with_columns(stopped_by=pl.lit(None, pl.String))
    on_case = (
        holds.filter(pl.col("document_id").is_null()).group_by("case_id").agg(case_hold=pl.col("kind").min())
    )
    rows = rows.join(on_case.lazy(), on="case_id", how="left")
    if step.grain == "case":
        return rows.with_columns(stopped_by=pl.col("case_hold"))
    on_document = holds.drop_nulls("document_id").group_by("document_id").agg(own_hold=pl.col("kind").min())
    rows = rows.join(on_document.lazy(), left_on="subject_id", right_on="document_id", how="left")
    return rows.with_columns(stopped_by=pl.coalesce("own_hold", "case_hold"))


def _with_channel(rows: pl.LazyFrame, night: Night, step: Step) -> pl.LazyFrame:
    """The first channel of the list that reaches the person, or the one that did so best (then `by_reach` says how well);
    whether it is closed today, and why there is none."""
    if not isinstance(step.action, Notice):
        never = {name: pl.lit(value=False) for name in ("is_closed", "is_out", "lacks_consent")}
        return rows.with_columns(channel=pl.lit(None, pl.String), **never)
    wanted = step.action.channels
    reaches = {name: pl.col(f"can_{name}") & ~pl.col(f"out_{name}") for name in wanted}
    lacking = {name: _of_policies(night, "opt_in", pl.lit(name)) & ~pl.col(f"yes_{name}") for name in wanted}
    eligible = {name: reaches[name] & ~lacking[name] for name in wanted}
    by_reach = first_by_reach(eligible) if step.action.is_by_reach else pl.lit(None, pl.String)
    listed = pl.coalesce(pl.when(eligible[name]).then(pl.lit(name)) for name in wanted)
    rows = rows.with_columns(by_reach=by_reach).with_columns(
        channel=pl.coalesce("by_reach", listed),
        is_out=pl.any_horizontal([f"can_{name}" for name in wanted]),
        lacks_consent=pl.any_horizontal([reaches[name] & lacking[name] for name in wanted]),
    )
    return rows.with_columns(is_closed=_of_policies(night, "closed", pl.col("channel")))


def _of_policies(night: Night, which: Literal["closed", "opt_in"], channel: pl.Expr) -> pl.Expr:
    """Whether a channel is among those of the row's policy."""
    tests = [
        (pl.col("policy") == key) & channel.is_in(sorted(getattr(policy, which)))
        for key, policy in night.policies.items()
        if getattr(policy, which)
    ]
    return pl.any_horizontal(tests) if tests else pl.lit(value=False)


def _proposals(rows: pl.LazyFrame, night: Night, step: Step, number: int) -> pl.LazyFrame:
    reason, arguments = _reasons(step, is_of_arm=night.strategy.is_of_arm(step))
    is_notice = step.action.kind in MESSAGES
    template = step.action.template if isinstance(step.action, Notice) else None
    points = pl.col("priority").fill_null(0).clip(0, 999)
    return rows.select(
        "case_id", "party_id", "creditor_id", "policy",
        pl.lit(number, pl.Int64).alias("step_no"),
        pl.lit(step.key).alias("step"),
        pl.lit(step.grain).alias("subject_kind"),
        "subject_id", "cycle", "attempt", "anchor_on",
        pl.lit(step.action.kind).alias("action"),
        "channel",
        pl.lit(template, pl.String).alias("template"),
        pl.lit(step.target, pl.String).alias("target"),
        pl.col(DUE).alias("due_on"),
        reason.alias("reason"),
        arguments.alias("reason_args"),
        (points + step.priority * 1000).alias("priority"),
    ).with_columns(
        group=_group(step.key, with_channel=is_notice),
        state=pl.when(pl.col("reason").is_in(["due", "reach", "fallback"])).then(pl.lit("take"))
        .when(pl.col("reason") == "lapsed").then(pl.lit("missed")).otherwise(pl.lit("withheld")),
    )  # fmt: skip


def _group(step: str, *, with_channel: bool) -> pl.Expr:
    parts = [pl.col("case_id").cast(pl.String), pl.lit(step)]
    if with_channel:
        parts.append(pl.col("channel").fill_null("-"))
    return pl.concat_str(parts, separator=":")


def _reasons(step: Step, *, is_of_arm: bool) -> tuple[pl.Expr, pl.Expr]:
    """The reason of a row and its arguments: the first that applies, from the strongest."""
    wanted = step.action.channels if isinstance(step.action, Notice) else ()
    listed = pl.lit('{"channels":[' + ",".join(f'"{name}"' for name in wanted) + "]}")
    is_held_out = pl.col(ARM).eq_missing(pl.lit(CONTROL)) if is_of_arm else pl.lit(value=False)
    nobody = pl.col("channel").is_null() if wanted else pl.lit(value=False)
    first = wanted[0] if wanted else ""
    is_second = pl.col("channel") != first if wanted else pl.lit(value=False)
    goes_by_reach = isinstance(step.action, Notice) and step.action.is_by_reach
    is_best = pl.col("by_reach").is_not_null() if goes_by_reach else pl.lit(value=False)
    chain: Sequence[tuple[pl.Expr, str, pl.Expr]] = (
        (~pl.col("is_open"), "lapsed", _json("ended_on", pl.col(END).dt.to_string("%Y-%m-%d"))),
        (is_held_out, "held_out", pl.lit("{}")),
        (pl.col("stopped_by").is_not_null(), "hold", _json("kind", pl.col("stopped_by"))),
        (nobody & pl.col("lacks_consent"), "no_consent", listed),
        (nobody & pl.col("is_out"), "opted_out", listed),
        (nobody, "unreachable", listed),
        (pl.col("is_closed"), "closed_day", _json("channel", pl.col("channel"))),
        (is_best, "reach", _how_well(wanted) if goes_by_reach else pl.lit("{}")),
        (is_second, "fallback", pl.lit(f'{{"from":"{first}"}}')),
    )
    reason, arguments = pl.lit("due"), pl.lit("{}")
    for test, code, values in reversed(chain):
        reason = pl.when(test).then(pl.lit(code)).otherwise(reason)
        arguments = pl.when(test).then(values).otherwise(arguments)
    return reason, arguments


def _how_well(wanted: Sequence[str]) -> pl.Expr:
    """How many tries by the chosen channel reached the person."""
    return pl.coalesce(
        pl.when(pl.col("channel") == name).then(
            pl.concat_str(
                pl.lit('{"reached":'), f"reached_{name}", pl.lit(',"tries":'), f"tries_{name}", pl.lit("}")
            )
        )
        for name in wanted
    )


def _json(name: str, value: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(f'{{"{name}":"'), value, pl.lit('"}'))
