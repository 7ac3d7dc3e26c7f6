"""The days ahead when clients answer as they did: decide() each night, then who is reached, who promises and who pays.

Several futures are lived at once, each with its own draw of the response model: their spread is the uncertainty. Vectorised;
``simulate_reference`` says the same one case at a time. Every task is done on its day: what capacity allows is the dry run's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from aldia.engine.decide import decide
from aldia.engine.draws import salt, uniforms
from aldia.engine.forecast import Law
from aldia.engine.frames import CONTACTS, HOLDS, Frames
from aldia.engine.response import ECHO, NO_CONTACT, ChanceTable, Response, age_bands, chance_table, size_bands
from aldia.engine.rolling import after_night, lightened, next_morning
from aldia.engine.strategy import Strategy

FUTURE: Final = 10**12
"""A future's cases, documents and people carry their own numbers plus so many times the number of the future."""
_IDS: Final = {
    "cases": ("case_id", "party_id"), "documents": ("document_id", "case_id"), "people": ("party_id",),
    "contacts": ("party_id", "case_id"), "taken": ("subject_id",), "holds": ("case_id", "document_id"),
}  # fmt: skip
_STATE: Final[dict[str, Any]] = {
    "case_id": pl.Int64, "contact": pl.String, "contact_on": pl.Date, "promise_on": pl.Date, "keeps": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class Simulated:
    """What happened, by future and day. ``paid``: future, on, currency, recovered_minor. ``acts``: future, on, action, channel,
    target, total. ``people``: future, party_id, contacts."""

    paid: pl.DataFrame
    acts: pl.DataFrame
    people: pl.DataFrame


def simulate(
    frames: Frames,
    strategy: Strategy,
    law: Law,
    responses: Sequence[Response],
    *,
    as_of: date,
    days: int,
    seed: int,
) -> Simulated:
    """Live so many days from ``as_of`` on, once for each response. The same seed gives the same lives, whatever the strategy.

    Raises what ``decide`` raises.
    """
    table = chance_table(responses)
    frames = _futures(frames, len(responses))
    state = _beginning(frames, responses, as_of, seed)
    paid, acts = [], []
    for ahead in range(days):
        on = as_of + timedelta(days=ahead)
        if ahead:
            frames = next_morning(frames, as_of=on)
        frames = lightened(frames, as_of=on)
        calendars, policies = law(on)
        rows = decide(frames, strategy, calendars, policies, as_of=on)
        frames = after_night(frames, rows, as_of=on)
        acts.append(_acts(rows, on))
        frames, state = _answered(frames, state, rows, responses, (on, ahead, seed))
        frames, received = _received(frames, state, (responses, table), (on, ahead, seed))
        paid.append(received)
    return Simulated(pl.concat(paid), pl.concat(acts), _pressure(frames.contacts, as_of))


def _beginning(frames: Frames, responses: Sequence[Response], as_of: date, seed: int) -> pl.DataFrame:
    """What is known of each case on the first morning: its last contact, and whether its open promise will be kept."""
    is_open = (pl.col("promise_state") == "open") & (pl.col("promise_due_on") >= as_of)
    known = frames.cases.select(
        "case_id",
        _of_future("case_id"),
        promise_on=pl.when(is_open).then("promise_due_on"),
        draw=uniforms(salt(seed, 0, "before"), pl.col("case_id")),
    ).with_columns(keeps=pl.col("draw") < _by_future(responses, "kept"))
    last = frames.contacts.sort("on", "channel").group_by("case_id").agg(
        contact=pl.col("channel").last(), contact_on=pl.col("on").last()
    )  # fmt: skip
    state = known.join(last, on="case_id", how="left", maintain_order="left")
    return state.select(pl.col(name).cast(dtype) for name, dtype in _STATE.items())


def _futures(frames: Frames, count: int) -> Frames:
    """The same portfolio once for each future."""
    moved = {
        name: pl.concat(
            [getattr(frames, name).with_columns(pl.col(ids) + number * FUTURE) for number in range(count)]
        )
        for name, ids in _IDS.items()
    }
    moved["documents"] = moved["documents"].sort("case_id", "due_on", "document_id")
    return Frames(**moved)


def _of_future(column: str) -> pl.Expr:
    return (pl.col(column) // FUTURE).cast(pl.Int64).alias("future")


def _acts(rows: pl.DataFrame, on: date) -> pl.DataFrame:
    taken = rows.filter(pl.col("state") == "take").unique("group")
    return (
        taken.group_by(_of_future("case_id"), "action", "channel", "target")
        .agg(total=pl.len())
        .with_columns(on=pl.lit(on))
    )


def _pressure(contacts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    since = contacts.filter(pl.col("on") >= as_of)
    return since.group_by(_of_future("party_id"), "party_id").agg(contacts=pl.len())


def _by_future(responses: Sequence[Response], name: str) -> pl.Expr:
    values = [getattr(one, name) for one in responses]
    return pl.col("future").replace_strict(list(range(len(values))), values, return_dtype=pl.Float64)


def _answered(
    frames: Frames,
    state: pl.DataFrame,
    rows: pl.DataFrame,
    responses: Sequence[Response],
    day: tuple[date, int, int],
) -> tuple[Frames, pl.DataFrame]:
    """Who was written to or called today, and what those who picked up the phone promised."""
    on = day[0]
    taken = rows.filter(pl.col("state") == "take")
    written = taken.filter(pl.col("channel").is_not_null()).unique(
        "case_id", keep="last", maintain_order=True
    )
    reached = _reached(taken, responses, day)
    for news in (written.select("case_id", sent="channel"), reached.drop("party_id", "future")):
        state = state.join(news, on="case_id", how="left", maintain_order="left")
    is_reached = pl.col("until").is_not_null()
    is_touched = is_reached | pl.col("sent").is_not_null()
    is_waiting = pl.col("promise_on").is_not_null() & (pl.col("promise_on") >= on)
    promises = pl.col("is_promising").fill_null(value=False) & ~is_waiting
    state = state.with_columns(
        contact=pl.when(is_reached).then(pl.lit("call")).otherwise(pl.coalesce("sent", "contact")),
        contact_on=pl.when(is_touched).then(pl.lit(on)).otherwise("contact_on"),
        promise_on=pl.when(promises).then("until").otherwise("promise_on").cast(pl.Date),
        keeps=pl.when(promises).then("is_keeping").otherwise("keeps"),
        is_new=promises,
    )
    fresh = state.filter("is_new").select("case_id", "promise_on")
    return _told(frames, reached, fresh, on), state.select(*_STATE)


def _reached(taken: pl.DataFrame, responses: Sequence[Response], day: tuple[date, int, int]) -> pl.DataFrame:
    """The cases that pick up today's call: whether each would promise, until when, and whether it would keep its word."""
    on, ahead, seed = day
    draw = {
        purpose: uniforms(salt(seed, ahead, purpose), pl.col("case_id"))
        for purpose in ("reach", "promise", "keep")
    }
    delays = [one.delay for one in responses]
    delay = pl.col("future").replace_strict(list(range(len(delays))), delays, return_dtype=pl.Int64)
    called = taken.filter((pl.col("action") == "task") & (pl.col("target") == "call"))
    people = called.select("case_id", "party_id").unique().with_columns(_of_future("case_id"))
    return people.filter(draw["reach"] < _by_future(responses, "reach")).with_columns(
        is_promising=draw["promise"] < _by_future(responses, "promise"),
        is_keeping=draw["keep"] < _by_future(responses, "kept"),
        until=pl.lit(on) + pl.duration(days=delay),
    )


def _told(frames: Frames, reached: pl.DataFrame, fresh: pl.DataFrame, on: date) -> Frames:
    """The frames with today's talks and promises in them."""
    own = frames.cases.select("case_id", "creditor_id")
    talks = reached.join(own, on="case_id", how="left").with_columns(
        channel=pl.lit("call"), on=pl.lit(on), is_contact=pl.lit(value=True)
    )
    held = fresh.with_columns(
        document_id=pl.lit(None, pl.Int64),
        kind=pl.lit("promise"),
        until_on=pl.col("promise_on") + timedelta(days=1),
    )
    cases = frames.cases
    if "promise_state" in cases.columns and "promise_due_on" in cases.columns:
        cases = cases.join(fresh, on="case_id", how="left", maintain_order="left")
        has = pl.col("promise_on").is_not_null()
        cases = cases.with_columns(
            promise_state=pl.when(has).then(pl.lit("open")).otherwise("promise_state"),
            promise_due_on=pl.coalesce("promise_on", "promise_due_on"),
        ).drop("promise_on")
    return replace(
        frames,
        cases=cases,
        contacts=pl.concat([frames.contacts, talks.select(*CONTACTS.dtypes)]),
        holds=pl.concat([frames.holds, held.select(*HOLDS.dtypes)]),
    )


def _received(
    frames: Frames,
    state: pl.DataFrame,
    answers: tuple[Sequence[Response], ChanceTable],
    day: tuple[date, int, int],
) -> tuple[Frames, pl.DataFrame]:
    """What is paid today: promises on their day, the others by chance; the oldest document first."""
    (on, ahead, seed), responses = day, answers[0]
    payers = _payers(frames, state, answers, day)
    is_full = uniforms(salt(seed, ahead, "full"), pl.col("case_id")) < _by_future(responses, "full")
    share = pl.when(is_full).then(pl.lit(1.0)).otherwise(_by_future(responses, "part"))
    is_kept = pl.col("promise_on") == on
    amount = (
        pl.when(is_kept)
        .then("asked")
        .otherwise((pl.col("asked") * share).floor().cast(pl.Int64))
        .clip(lower_bound=1)
    )
    payers = payers.with_columns(amount=amount).select("case_id", "currency", "amount")
    theirs = frames.documents.join(
        payers.select("case_id", "amount"), on="case_id", how="inner", maintain_order="left"
    )
    open_now = pl.col("document_open")
    before = open_now.cum_sum().over("case_id") - open_now
    covered = (pl.col("amount") - before).clip(lower_bound=0)
    left = theirs.select("document_id", left=open_now - pl.min_horizontal(covered, open_now))
    documents = frames.documents.join(left, on="document_id", how="left", maintain_order="left")
    documents = documents.with_columns(document_open=pl.coalesce("left", "document_open")).drop("left")
    received = payers.group_by(_of_future("case_id"), "currency").agg(recovered_minor=pl.col("amount").sum())
    is_open = open_now.is_null() | (open_now > 0)
    return replace(frames, documents=documents.filter(is_open)), received.with_columns(on=pl.lit(on))


def _payers(
    frames: Frames,
    state: pl.DataFrame,
    answers: tuple[Sequence[Response], ChanceTable],
    day: tuple[date, int, int],
) -> pl.DataFrame:
    """The cases that pay, with what they are asked for: what is overdue, else the next document."""
    (on, ahead, seed), (responses, table) = day, answers
    is_due, money = pl.col("due_on") < on, pl.col("document_open")
    asked = frames.documents.group_by("case_id").agg(
        overdue_now=money.filter(is_due).sum(), next_one=money.first(), oldest=pl.col("due_on").first()
    )  # fmt: skip
    late = (pl.lit(on) - pl.col("oldest")).dt.total_days().clip(lower_bound=0)
    echo = (pl.lit(on) - pl.col("contact_on")).dt.total_days()
    rows = frames.cases.select("case_id", "currency", "portfolio_id").join(asked, on="case_id", how="inner")
    rows = rows.join(state, on="case_id", how="left").with_columns(_of_future("case_id"))
    rows = rows.with_columns(
        asked=pl.when(pl.col("overdue_now") > 0).then("overdue_now").otherwise("next_one")
    )
    rows = rows.filter(pl.col("asked").is_not_null() & (pl.col("asked") > 0)).with_columns(
        age=age_bands(late), size=size_bands(pl.col("asked"), pl.col("currency"), responses[0].sizes), segment=pl.col("portfolio_id").cast(pl.String),
        contact=pl.when(echo < ECHO).then("contact").otherwise(pl.lit(NO_CONTACT)), u=uniforms(salt(seed, ahead, "pay"), pl.col("case_id")),
    )  # fmt: skip
    is_waiting = pl.col("promise_on").is_not_null() & (pl.col("promise_on") >= on)
    keeps = (pl.col("promise_on") == on) & pl.col("keeps").fill_null(value=False)
    return rows.filter(
        keeps.fill_null(value=False) | (~is_waiting & (pl.col("u") < table.of(pl.col("future"))))
    )
