"""JSON to Strategy: every word of the document is checked, and each problem names its place in it."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from aldia.domain.labels import Label
from aldia.engine.contact_rules import CHANNELS
from aldia.engine.own_facts import own_fact
from aldia.engine.rules import Rule, RuleError, check
from aldia.engine.strategy import (
    ANCHORS,
    ATTACHMENTS,
    GRAINS,
    HOLDERS,
    MESSAGES,
    UNITS,
    Action,
    Alarm,
    Assignment,
    Call,
    Kind,
    Notice,
    Place,
    Problem,
    Proposal,
    Stage,
    StageChange,
    Step,
    Strategy,
    StrategyInvalid,
    Task,
    Thanks,
)
from aldia.engine.strategy_checks import problems_of
from aldia.engine.vocabulary import Fact

FORMAT: Final = 1
OFFSET_LIMIT: Final = 3_650
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FALLBACK: Final = Label("?", "?", "?")
_ANY: Final = check("TRUE")
_NEVER: Final = check("FALSE")


def load_strategy(
    document: Mapping[str, Any],
    *,
    templates: Collection[str] | None = None,
    segments: Mapping[str, str] | None = None,
    own: Mapping[str, Fact] | None = None,
) -> Strategy:
    """The strategy of a document. Raises StrategyInvalid with all problems.

    With ``templates``, the keys of the templates that exist, a notice may use only those. ``segments`` are the rules of
    the segments that it may name and ``own`` the facts that its organisation declared; without them, those that the
    document carries: a published one carries its own.
    """
    reader = _Reader(segments, own)
    top = reader.part(document, (), _TOP)
    if top.get("format") != FORMAT:
        reader.note(("format",), "not_this", found=top.get("format"), wanted=FORMAT)
    reader.carried(top)
    stages = tuple(
        reader.stage(raw, ("stages", index))
        for index, raw in enumerate(reader.items(top, "stages", (), least=1))
    )
    always = tuple(
        reader.step(raw, ("always", index), "") for index, raw in enumerate(reader.items(top, "always", ()))
    )
    strategy = Strategy(
        key=reader.key(top, "key", ()),
        version=reader.whole(top, "version", (), (1, 10**6), 1),
        name=reader.label(top, "name", ()),
        description=reader.label(top, "description", ()),
        always=always,
        stages=stages,
        document=dict(top),
        thanks=reader.thanks(top["thanks"], ("thanks",)) if "thanks" in top else None,
        segments={key: reader.segments[key] for key in sorted(reader.named)},
        own={key: reader.own[key] for key in sorted(reader.named_own)},
        cost_ceiling=reader.whole(top, "cost_ceiling", (), (0, 10**12), 0) if "cost_ceiling" in top else None,
    )
    if not reader.problems:
        reader.problems += problems_of(strategy, templates)
    if reader.problems:
        raise StrategyInvalid(tuple(reader.problems))
    return strategy


_TOP: Final = (
    {"format", "key", "version", "name", "description", "stages"},
    {"always", "segments", "facts", "thanks", "cost_ceiling"},
)
_THANKS: Final = ({"receipt", "promise", "channels"}, {"is_on"})
_STAGE: Final = ({"key", "name", "steps"}, {"entry", "exit"})
_STEP: Final = (
    {"key", "name", "grain", "anchor", "offset", "action"},
    {"unit", "lateness", "condition", "priority", "through_holds", "attempts"},
)
_ACTIONS: Final[dict[str, tuple[set[str], set[str]]]] = {
    "notice": ({"kind", "template", "channels"}, {"attach", "by_reach"}),
    "task": ({"kind", "task", "title"}, {"days"}),
    "stage": ({"kind", "to"}, set()),
    "alarm": ({"kind", "alarm"}, set()),
    "offer": ({"kind", "template", "channels", "policy"}, {"attach", "by_reach"}),
    "bureau": ({"kind", "template", "channels", "days"}, {"attach", "by_reach"}),
    "assign": ({"kind", "to", "holder"}, set()),
    "fee": ({"kind", "percent"}, {"days"}),
    "write_off": ({"kind"}, {"days"}),
    "suspend": ({"kind", "service"}, set()),
    "webhook": ({"kind", "event"}, set()),
}
LOGIN: Final = re.compile(r"[^\s:]{1,120}")


class _Reader:
    """Reads part after part, and gathers problems instead of stopping at the first."""

    def __init__(self, segments: Mapping[str, str] | None, own: Mapping[str, Fact] | None) -> None:
        self.problems: list[Problem] = []
        self.segments: dict[str, str] = dict(segments or {})
        self.is_carried = segments is None
        self.named: set[str] = set()
        self.own: dict[str, Fact] = dict(own or {})
        self.is_own_carried = own is None
        self.named_own: set[str] = set()

    def note(self, place: Place, code: str, **told: Any) -> None:
        self.problems.append(Problem(place, code, told))

    def carried(self, top: Mapping[str, Any]) -> None:
        """The segments and own facts that the document carries count when nobody gave newer ones."""
        self.carried_facts(top.get("facts", {}))
        found = top.get("segments", {})
        if not isinstance(found, Mapping) or not all(isinstance(text, str) for text in found.values()):
            self.note(("segments",), "not_segments")
        elif self.is_carried:
            self.segments = dict(found)

    def carried_facts(self, found: Any) -> None:
        if not isinstance(found, Mapping):
            self.note(("facts",), "not_an_object", found=found)
            return
        for key, told in found.items() if self.is_own_carried else ():
            try:
                self.own[key] = own_fact(key, told if isinstance(told, Mapping) else {})
            except ValueError as refusal:
                self.note(("facts", str(key), str(refusal)), "not_an_own_fact")

    def part(self, raw: Any, place: Place, names: tuple[set[str], set[str]]) -> Mapping[str, Any]:
        if not isinstance(raw, Mapping):
            self.note(place, "not_an_object", found=raw)
            return {}
        needed, optional = names
        for name in sorted(needed - set(raw)):
            self.note((*place, name), "missing")
        for name in sorted(set(raw) - needed - optional, key=str):
            self.note((*place, str(name)), "not_known", options=sorted(needed | optional))
        return raw

    def items(self, raw: Mapping[str, Any], name: str, place: Place, least: int = 0) -> Sequence[Any]:
        found = raw.get(name, [])
        if not isinstance(found, list):
            self.note((*place, name), "not_a_list", found=found)
            return []
        if len(found) < least:
            self.note((*place, name), "empty_list")
        return found

    def key(self, raw: Mapping[str, Any], name: str, place: Place) -> str:
        found = raw.get(name)
        if isinstance(found, str) and _KEY.fullmatch(found):
            return found
        if name in raw:
            self.note((*place, name), "not_a_key", found=found)
        return "?"

    def choice(
        self, raw: Mapping[str, Any], name: str, place: Place, options: Sequence[str], default: str = ""
    ) -> str:
        found = raw.get(name, default or options[0])
        if found in options:
            return str(found)
        self.note((*place, name), "not_an_option", found=found, options=options)
        return options[0]

    def whole(
        self, raw: Mapping[str, Any], name: str, place: Place, span: tuple[int, int], default: int
    ) -> int:
        found = raw.get(name, default)
        if isinstance(found, int) and not isinstance(found, bool) and span[0] <= found <= span[1]:
            return found
        self.note((*place, name), "not_in_span", found=found, low=span[0], high=span[1])
        return default

    def label(self, raw: Mapping[str, Any], name: str, place: Place) -> Label:
        found = raw.get(name)
        texts = [found.get(language) for language in ("es", "en", "pt")] if isinstance(found, Mapping) else []
        if texts and all(isinstance(text, str) and text.strip() for text in texts):
            return Label(*map(str, texts))
        if name in raw:
            self.note((*place, name), "not_a_label")
        return _FALLBACK

    def rule(self, raw: Mapping[str, Any], name: str, place: Place, grain: str, default: Rule) -> Rule:
        found = raw.get(name)
        if found is None:
            return default
        if not isinstance(found, str):
            self.note((*place, name), "not_a_text", found=found)
            return default
        try:
            rule = check(found, grain=grain, segments=self.segments, own=self.own)
        except RuleError as refusal:
            self.problems.append(Problem((*place, name), "rule", rule=refusal.remark))
            return default
        self.named |= rule.segments
        self.named_own |= rule.facts & set(self.own)
        return rule

    def names(
        self, raw: Mapping[str, Any], name: str, place: Place, options: Sequence[str] = ()
    ) -> tuple[str, ...]:
        found = self.items(raw, name, place)
        for index, value in enumerate(found):
            known = value in options if options else isinstance(value, str) and _KEY.fullmatch(value)
            if not known:
                code = "not_an_option" if options else "not_a_key"
                self.note((*place, name, index), code, found=value, options=options)
        if len(set(map(str, found))) != len(found):
            self.note((*place, name), "repeated_value")
        return tuple(map(str, found))

    def stage(self, raw: Any, place: Place) -> Stage:
        part = self.part(raw, place, _STAGE)
        key = self.key(part, "key", place)
        steps = tuple(
            self.step(each, (*place, "steps", index), key)
            for index, each in enumerate(self.items(part, "steps", place))
        )
        entry = self.rule(part, "entry", place, "case", _ANY)
        leaves = self.rule(part, "exit", place, "case", _NEVER)
        return Stage(key, self.label(part, "name", place), entry, leaves, steps)

    def step(self, raw: Any, place: Place, stage: str) -> Step:
        part = self.part(raw, place, _STEP)
        grain = self.choice(part, "grain", place, GRAINS)
        lateness = (
            None
            if part.get("lateness") is None
            else self.whole(part, "lateness", place, (0, OFFSET_LIMIT), 0)
        )
        return Step(
            key=self.key(part, "key", place),
            name=self.label(part, "name", place),
            stage=stage,
            grain=grain,
            anchor=self.choice(part, "anchor", place, ANCHORS),
            offset=self.whole(part, "offset", place, (-OFFSET_LIMIT, OFFSET_LIMIT), 0),
            unit=self.choice(part, "unit", place, UNITS),
            lateness=lateness,
            condition=self.rule(part, "condition", place, grain, check("TRUE", grain=grain)),
            action=self.action(part.get("action"), (*place, "action")),
            priority=self.whole(part, "priority", place, (0, 100), 50),
            through_holds=self.names(part, "through_holds", place),
            attempts=self.whole(part, "attempts", place, (1, 9), 1),
        )

    def thanks(self, raw: Any, place: Place) -> Thanks:
        part = self.part(raw, place, _THANKS)
        return Thanks(
            self.key(part, "receipt", place),
            self.key(part, "promise", place),
            self.channels(part, place),
            self.flag(part, "is_on", place, usual=True),
        )

    def flag(self, part: Mapping[str, Any], name: str, place: Place, *, usual: bool) -> bool:
        found = part.get(name, usual)
        if not isinstance(found, bool):
            self.note((*place, name), "not_true_or_false", found=found)
        return found is True

    def channels(self, part: Mapping[str, Any], place: Place) -> tuple[str, ...]:
        found = self.names(part, "channels", place, CHANNELS)
        if not found:
            self.note((*place, "channels"), "no_channel", options=CHANNELS)
        return found

    def action(self, raw: Any, place: Place) -> Action:
        kind: Any = self.choice(raw if isinstance(raw, Mapping) else {}, "kind", place, tuple(_ACTIONS))
        part = self.part(raw, place, _ACTIONS[kind])
        if kind in MESSAGES:
            return self.message(part, place, kind)
        if kind == "task":
            days = self.whole(part, "days", place, (0, 365), 0)
            return Task(self.key(part, "task", place), self.label(part, "title", place), days)
        if kind == "stage":
            return StageChange(self.key(part, "to", place))
        if kind == "alarm":
            return Alarm(self.key(part, "alarm", place))
        if kind == "assign":
            return Assignment(self.choice(part, "to", place, HOLDERS), self.login(part, "holder", place))
        if kind in ("suspend", "webhook"):
            return Call(self.key(part, "service" if kind == "suspend" else "event", place), kind)
        percent = self.whole(part, "percent", place, (1, 100), 1) if kind == "fee" else 0
        return Proposal(kind, percent, self.whole(part, "days", place, (0, 365), 0))

    def message(self, part: Mapping[str, Any], place: Place, kind: Kind) -> Notice:
        channels = self.channels(part, place)
        policy = self.key(part, "policy", place) if kind == "offer" else ""
        days = self.whole(part, "days", place, (1, 365), 1) if kind == "bureau" else 0
        attach = self.names(part, "attach", place, ATTACHMENTS)
        by_reach = self.flag(part, "by_reach", place, usual=False)
        return Notice(self.key(part, "template", place), channels, attach, kind, policy, days, by_reach)

    def login(self, raw: Mapping[str, Any], name: str, place: Place) -> str:
        found = raw.get(name)
        if isinstance(found, str) and LOGIN.fullmatch(found):
            return found
        if name in raw:
            self.note((*place, name), "not_a_holder", found=found)
        return "?"
