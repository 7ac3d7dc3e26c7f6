"""The oracle of decide(): the same decisions case by case, in plain Python, as obvious as possible; slow, unless they are few."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from aldia.domain.calendars import Calendar
from aldia.domain.experiments import CONTROL
from aldia.domain.money import exponent_of
from aldia.domain.reach import Tally, first_by_reach
from aldia.engine.contact_rules import DayCap, DayPolicy
from aldia.engine.frames import DECISIONS, Frames
from aldia.engine.rules import Rule, matches
from aldia.engine.strategy import ARM, MESSAGES, REPEATING_ANCHORS, UNPAUSED, Notice, Stage, Step, Strategy

Row = dict[str, Any]


def decide_reference(
    frames: Frames,
    strategy: Strategy,
    calendars: Mapping[str, Calendar],
    policies: Mapping[str, DayPolicy],
    *,
    as_of: date,
) -> pl.DataFrame:
    """What decide() gives, for frames that keep their schemas."""
    oracle = _Oracle(frames, strategy, calendars, policies, as_of)
    rows = [row for case in frames.cases.to_dicts() for row in oracle.case_rows(case)]
    oracle.spend(rows)
    rows.sort(key=lambda row: (row["case_id"], row["step_no"], row["subject_id"]))
    return pl.DataFrame(
        [{name: row[name] for name in DECISIONS.dtypes} for row in rows],
        schema=DECISIONS.dtypes,
        orient="row",
    )


@dataclass
class _Oracle:
    frames: Frames
    strategy: Strategy
    calendars: Mapping[str, Calendar]
    policies: Mapping[str, DayPolicy]
    as_of: date

    def __post_init__(self) -> None:
        self.people = {(row["party_id"], row["creditor_id"]): row for row in self.frames.people.to_dicts()}
        self.documents: dict[int, list[Row]] = defaultdict(list)
        for row in self.frames.documents.to_dicts():
            self.documents[row["case_id"]].append(row)
        self.contacts = self.frames.contacts.to_dicts()
        self.taken: dict[tuple[object, ...], list[Row]] = defaultdict(list)
        for row in self.frames.taken.filter(strategy=self.strategy.key).to_dicts():
            self.taken[row["step"], row["subject_kind"], row["subject_id"], row["cycle"]].append(row)
        self.holds = [
            row
            for row in self.frames.holds.to_dicts()
            if row["until_on"] is None or row["until_on"] > self.as_of
        ]

    def case_rows(self, raw: Row) -> Iterator[Row]:
        case = self._with_person(raw)
        before = case["stage"]
        now = self._stage(case)
        if now != before:
            case |= {"stage": now, "stage_since": self.as_of, "days_in_stage": 0}
            if now is not None:
                yield self._stage_row(case, before)
        for number, step in enumerate(self.strategy.steps, start=1):
            if step.grain == "case":
                anchor = "oldest_due_on" if step.anchor == "due_on" else step.anchor
                row = case | {
                    "subject_id": case["case_id"],
                    "anchor_on": case[anchor],
                    "case_managed": case["managed_since"],
                }
                yield from self._step_row(row, step, number)
                continue
            for document in self.documents[case["case_id"]]:
                own = {"subject_id": document["document_id"], "anchor_on": document["due_on"], "cycle": 1}
                row = case | document | own | {"case_managed": case["managed_since"]}
                yield from self._step_row(row, step, number)

    def _with_person(self, case: Row) -> Row:
        person = self.people.get((case["party_id"], case["creditor_id"]))
        if person is None:
            person = {
                name: (False if kind == pl.Boolean else None)
                for name, kind in self.frames.people.schema.items()
            }
        return person | case

    def _matches(self, rule: Rule, row: Row) -> bool:
        return matches(rule, row, exponent=exponent_of(row["currency"]))

    def _stage(self, case: Row) -> str | None:
        def holds(stage: Stage) -> bool:
            return self._matches(stage.entry, case) and not self._matches(stage.exit, case)

        entered = [stage.key for stage in self.strategy.stages if holds(stage)]
        if entered:
            return entered[-1]
        left = any(
            stage.key == case["stage"] and self._matches(stage.exit, case) for stage in self.strategy.stages
        )
        return None if left else case["stage"]

    def _stage_row(self, case: Row, before: str | None) -> Row:
        step = f"stage:{case['stage']}"
        past = [
            row["attempt"]
            for row in self._past(step, "case", case["case_id"], case["cycle"])
            if row["state"] in ("take", "missed")
        ]
        return self._row(
            case | {"subject_id": case["case_id"], "anchor_on": None},
            step_no=0, step=step, subject_kind="case", attempt=max(past, default=0) + 1, action="stage", channel=None,
            template=None, target=case["stage"], due_on=self.as_of, reason="stage_entry", args={"from": before},
            priority=0, group=f"{case['case_id']}:{step}",
        )  # fmt: skip

    def _past(self, step: str, kind: str, subject: int, cycle: int) -> list[Row]:
        return self.taken[step, kind, subject, cycle]

    def _shift(self, row: Row, offset: int, unit: str) -> date:
        if unit == "calendar":
            return row["anchor_on"] + timedelta(days=offset)
        return self.calendars[row["calendar"]].add_business_days(row["anchor_on"], offset)

    def _step_row(self, row: Row, step: Step, number: int) -> Iterator[Row]:
        if row["anchor_on"] is None:
            return
        due = self._shift(row, step.offset, step.unit)
        later = self.strategy.next_offset(step)
        ends = [] if later is None else [self._shift(row, later, step.unit)]
        if step.lateness is not None:
            ends.append(due + timedelta(days=step.lateness + 1))
        end = min(ends, default=None)
        is_open = end is None or end > self.as_of
        if due > self.as_of or (not is_open and due < max(row["managed_since"], row["case_managed"])):
            return
        past = self._past(step.key, step.grain, row["subject_id"], row["cycle"])
        here = [p for p in past if step.anchor not in REPEATING_ANCHORS or p["anchor_on"] == row["anchor_on"]]
        states = [p["state"] for p in here]
        if "take" in states or "missed" in states or states.count("failed") >= step.attempts:
            return
        begun = not is_open and "withheld" in states
        in_stage = row["stage"] == step.stage if step.stage else row["stage"] is not None
        if not (in_stage or begun) or not self._matches(step.condition, row):
            return
        attempt = max((p["attempt"] for p in past if p["state"] != "withheld"), default=0) + 1
        yield self._proposal(row | {"attempt": attempt}, step, number, (due, end if not is_open else None))

    def _proposal(self, row: Row, step: Step, number: int, window: tuple[date, date | None]) -> Row:
        due, ended_on = window
        notice = step.action if isinstance(step.action, Notice) else None
        channel = self._channel(row, notice)
        reason, args = self._reason(row, step, channel, ended_on)
        group = f"{row['case_id']}:{step.key}" + (f":{channel or '-'}" if notice else "")
        return self._row(
            row, step_no=number, step=step.key, subject_kind=step.grain, attempt=row["attempt"], action=step.action.kind,
            channel=channel, template=notice.template if notice else None, target=step.target, due_on=due,
            reason=reason, args=args, group=group,
            priority=step.priority * 1000 + min(max(row["priority"] or 0, 0), 999),
        )  # fmt: skip

    def _channel(self, row: Row, notice: Notice | None) -> str | None:
        wanted = notice.channels if notice else ()
        eligible = [name for name in wanted if self._reaches(row, name) and self._may(row, name)]
        return self._best(row, notice, eligible) or next(iter(eligible), None)

    def _best(self, row: Row, notice: Notice | None, eligible: list[str]) -> str | None:
        if notice is None or not notice.is_by_reach:
            return None
        return first_by_reach(eligible, {name: self._tally(row, name) for name in eligible})

    def _tally(self, row: Row, channel: str) -> Tally:
        return Tally(row[f"reached_{channel}"] or 0, row[f"tries_{channel}"] or 0)

    def _reaches(self, row: Row, channel: str) -> bool:
        return row[f"can_{channel}"] and not row[f"out_{channel}"]

    def _may(self, row: Row, channel: str) -> bool:
        return row[f"yes_{channel}"] or channel not in self.policies[row["policy"]].opt_in

    def _reason(self, row: Row, step: Step, channel: str | None, ended_on: date | None) -> tuple[str, Row]:
        if ended_on is not None:
            return "lapsed", {"ended_on": ended_on.isoformat()}
        if self.strategy.is_of_arm(step) and row[ARM] == CONTROL:
            return "held_out", {}
        hold = self._hold(row, step)
        if hold is not None:
            return "hold", {"kind": hold}
        if not isinstance(step.action, Notice):
            return "due", {}
        wanted = step.action.channels
        if channel is None:
            if any(self._reaches(row, name) for name in wanted):
                return "no_consent", {"channels": list(wanted)}
            is_out = any(row[f"can_{name}"] for name in wanted)
            return ("opted_out" if is_out else "unreachable"), {"channels": list(wanted)}
        if channel in self.policies[row["policy"]].closed:
            return "closed_day", {"channel": channel}
        if self._best(row, step.action, [channel]):
            tally = self._tally(row, channel)
            return "reach", {"reached": tally.reached, "tries": tally.tries}
        return ("due", {}) if channel == wanted[0] else ("fallback", {"from": wanted[0]})

    def _hold(self, row: Row, step: Step) -> Any:
        if step.action.kind in UNPAUSED:
            return None
        holds = [hold for hold in self.holds if hold["kind"] not in step.through_holds]
        if step.grain == "document":
            own = [hold["kind"] for hold in holds if hold["document_id"] == row["subject_id"]]
            if own:
                return min(own)
        return min(
            (h["kind"] for h in holds if h["document_id"] is None and h["case_id"] == row["case_id"]),
            default=None,
        )

    def _row(self, row: Row, *, reason: str, args: Row, **values: Any) -> Row:
        state = {
            "due": "take",
            "reach": "take",
            "fallback": "take",
            "stage_entry": "take",
            "lapsed": "missed",
        }.get(reason, "withheld")
        kept = {
            name: row[name]
            for name in ("case_id", "party_id", "creditor_id", "policy", "subject_id", "cycle", "anchor_on")
        }
        head = {
            "strategy": self.strategy.key,
            "version": self.strategy.version,
            "state": state,
            "reason": reason,
        }
        return kept | head | {"reason_args": _dump(args)} | values

    def spend(self, rows: list[Row]) -> None:
        """Grant messages one by one, greatest priority first, while every cap of their policy has room."""
        messages: dict[tuple[int, int], list[Row]] = {}
        for row in rows:
            if row["action"] in MESSAGES and row["state"] == "take":
                messages.setdefault((row["case_id"], row["step_no"]), []).append(row)
        order = sorted(messages.values(), key=lambda m: (-m[0]["priority"], m[0]["case_id"], m[0]["step_no"]))
        caps = list(
            dict.fromkeys(
                c for key in sorted({m[0]["policy"] for m in order}) for c in self.policies[key].caps
            )
        )
        granted: list[Row] = []
        for message in order:
            first = message[0]
            own = self.policies[first["policy"]].caps
            stop = next((cap for cap in caps if cap in own and self._is_full(cap, first, granted)), None)
            if stop is None:
                granted.append(first)
                continue
            for row in message:
                args = _dump({"rule": stop.rule, "max": stop.maximum})
                row |= {"state": "withheld", "reason": "cap", "reason_args": args}

    def _is_full(self, cap: DayCap, message: Row, granted: list[Row]) -> bool:
        if message["channel"] not in cap.channels:
            return False
        channels = cap.channels if cap.is_pooled else (message["channel"],)

        def counts(entry: Row) -> bool:
            if entry["party_id"] != message["party_id"] or entry["channel"] not in channels:
                return False
            narrow = {"person": None, "creditor": "creditor_id", "case": "case_id"}[cap.scope]
            return narrow is None or entry[narrow] in (None, message[narrow])

        past = [
            entry
            for entry in self.contacts
            if cap.since <= entry["on"] <= self.as_of
            and (cap.counts_attempts or entry["is_contact"])
            and counts(entry)
        ]
        return len(past) + sum(counts(entry) for entry in granted) >= cap.maximum


def _dump(args: Row) -> str:
    return json.dumps(args, separators=(",", ":"))
