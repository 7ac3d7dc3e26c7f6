"""A strategy simulated forward: `./aldia bench simulate --n 100000 --days 90`: one future of so many debts, day after day."""

from __future__ import annotations

import argparse
import json
import resource
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from aldia.engine.frames import Frames
    from aldia.engine.strategy import Strategy

AS_OF = date(2026, 11, 23)
DEBTS_A_CASE = 2


def main() -> int:
    """Return the exit code: 1 when a life of a few cases differs from the one lived case by case."""
    parser = argparse.ArgumentParser(prog="aldia bench simulate", description=__doc__)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    answer = {"bench": "simulate", **measure(options.n, options.days)}
    print(json.dumps(answer))
    return 0 if answer["differences"] == 0 else 1


def measure(n: int, days: int) -> dict[str, Any]:
    """Return the seconds that a shipped strategy takes over `n` debts, and whether thirty cases agree with the oracle."""
    strategy = _strategy()
    frames = _frames(n, strategy)
    began, cpu = time.perf_counter(), time.process_time()
    lived = _lived(frames, strategy, days)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    return {
        "debts": n,
        "cases": frames.cases.height,
        "days": days,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "debt_days_per_second": round(n * days / seconds),
        "acts": int(lived.acts["total"].sum()),
        "payments_minor": int(lived.paid["recovered_minor"].sum()),
        "differences": _differences(strategy),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _strategy() -> Strategy:
    from aldia.engine.strategy_reading import load_strategy
    from aldia.strategy.shipped import shipped_documents

    return load_strategy({**shipped_documents()["b2b_invoices"], "version": 1})


def _response() -> Any:
    from aldia.engine.response import Response

    return Response(
        base=0.02, factors={"age": {"current": 0.6, "1-7": 1.6, "90+": 0.3}, "contact": {"email": 1.5, "call": 2.5}},
        sizes={"USD": (100_000, 500_000)}, full=0.7, part=0.4, reach=0.35, promise=0.4, kept=0.6, delay=5,
    )  # fmt: skip


def _law(on: date) -> Any:
    from aldia.domain.calendars import Calendar
    from aldia.engine.contact_rules import DayCap, DayPolicy

    cap = DayCap("WEEK", 3, on - timedelta(days=6))
    return {"ar": Calendar()}, {
        "b2b": DayPolicy(closed=frozenset({"call"} if on.weekday() > 4 else ()), caps=(cap,))
    }


def _lived(frames: Frames, strategy: Strategy, days: int) -> Any:
    from aldia.engine.simulate import simulate

    return simulate(frames, strategy, _law, [_response()], as_of=AS_OF, days=days, seed=7)


def _frames(n: int, strategy: Strategy) -> Frames:
    """A portfolio of documents that fell due in the last months or will, two by case; every column that the strategy reads."""
    import polars as pl

    from aldia.engine import frames as f
    from aldia.engine.contact_rules import CHANNELS
    from aldia.engine.night import needed_columns
    from aldia.engine.rolling import READ_AHEAD, next_morning

    cases = max(n // DEBTS_A_CASE, 1)
    needed = {name: cols | READ_AHEAD.get(name, set()) for name, cols in needed_columns(strategy).items()}
    ids = pl.int_range(1, cases + 1, eager=True).alias("case_id")
    known = {
        "case_id": ids, "party_id": ids, "creditor_id": 1, "calendar": "ar", "policy": "b2b", "managed_since": AS_OF - timedelta(days=200),
        "currency": "USD", "cycle": 1, "promise_state": "none", "plan_state": "none", "portfolio_id": 1,
    }  # fmt: skip
    documents = pl.DataFrame({"document_id": pl.int_range(10**7, 10**7 + n, eager=True)}).with_columns(
        case_id=pl.col("document_id") % cases + 1,
        due_on=pl.lit(AS_OF) + pl.duration(days=30 - pl.col("document_id") * 7919 % 150),
        document_open=20_00 + pl.col("document_id") * 104_729 % 900_000,
    )
    documents = documents.with_columns(
        pl.col("due_on").cast(pl.Date), managed_since=pl.lit(AS_OF - timedelta(days=200))
    )
    people = {
        "party_id": ids,
        "creditor_id": 1,
        **{f"can_{name}": name in ("email", "call", "whatsapp") for name in CHANNELS},
    }
    frames = f.Frames(
        cases=_filled(f.CASES, needed["cases"], known, cases),
        documents=_with(documents, f.DOCUMENTS, needed["documents"]),
        people=_filled(f.PEOPLE, needed["people"] | {"has_email", "has_phone"}, people, cases),
        contacts=f.CONTACTS.empty(), taken=f.TAKEN.empty(), holds=f.HOLDS.empty(),
    )  # fmt: skip
    return next_morning(frames, as_of=AS_OF)


def _filled(schema: Any, needed: set[str], known: dict[str, Any], height: int) -> pl.DataFrame:
    """A frame of a schema: the known columns, and an innocent value in the others."""
    import polars as pl

    frame = pl.DataFrame({"n": pl.int_range(height, eager=True)})
    return _with(
        frame.with_columns(**{k: v if isinstance(v, pl.Series) else pl.lit(v) for k, v in known.items()}),
        schema,
        needed,
    )


def _with(frame: pl.DataFrame, schema: Any, needed: set[str]) -> pl.DataFrame:
    import polars as pl

    innocent = {pl.Int64: 0, pl.String: "x", pl.Boolean: False}
    columns = [
        (pl.col(c.name) if c.name in frame.columns else pl.lit(None if c.null else innocent.get(c.dtype))).cast(c.dtype).alias(c.name)
        for c in schema.columns
        if c.name in needed
    ]  # fmt: skip
    return frame.select(columns)


def _differences(strategy: Strategy) -> int:
    """On how many days what thirty cases pay differs from the slow way."""
    from aldia.engine.simulate_reference import simulate_reference

    frames = _frames(60, strategy)
    slow: dict[date, int] = {}
    for on, _case_id, minor in simulate_reference(
        frames, strategy, _law, _response(), as_of=AS_OF, days=20, seed=7
    ):
        slow[on] = slow.get(on, 0) + minor
    fast: dict[date, int] = {}
    for on, minor in _lived(frames, strategy, 20).paid.select("on", "recovered_minor").iter_rows():
        fast[on] = fast.get(on, 0) + minor
    return sum(slow.get(on, 0) != fast.get(on, 0) for on in {*slow, *fast})


if __name__ == "__main__":
    raise SystemExit(main())
