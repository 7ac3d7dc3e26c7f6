"""A strategy as a value: stages of steps, frozen. Reading it from JSON is in ``strategy_reading``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from aldia.domain.labels import Label
from aldia.engine.reach import columns_of
from aldia.engine.rules import Remark, Rule
from aldia.engine.vocabulary import FACTS, Fact

ARM: Final = "experiment_arm"
"""The fact that says the arm of a person in the experiment that runs."""
GRAINS: Final = ("document", "case")
ANCHORS: Final = (
    "due_on",
    "arrears_since",
    "stage_since",
    "promise_due_on",
    "last_outcome_on",
    "next_due_on",
)
REPEATING_ANCHORS: Final = frozenset({"stage_since", "promise_due_on", "last_outcome_on", "next_due_on"})
"""Anchors that happen again within a cycle: the step comes again for each new date of the anchor."""

UNITS: Final = ("calendar", "business")
ATTACHMENTS: Final = ("statement", "documents")
Kind = Literal[
    "notice", "offer", "bureau", "task", "stage", "alarm", "assign", "fee", "write_off", "suspend", "webhook"
]
MESSAGES: Final = ("notice", "offer", "bureau")
"""Acts that write to the person: they have a channel, and use the person's budget."""

UNPAUSED: Final = ("stage", "alarm", "webhook")
"""Acts that go on while a case is on hold: they change nothing for the client."""

HOLDERS: Final = ("team", "person", "agency", "lawyer")


Place = tuple[str | int, ...]
"""A way through the document: ``("stages", 0, "steps", 3, "condition")``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a strategy: where, a code and its arguments; of a rule, its remark. Rooms put it into words."""

    place: Place
    code: str
    told: Mapping[str, Any] = field(default_factory=dict)
    rule: Remark | None = None

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place))}: {self.rule or self.code} {dict(self.told)}"


class StrategyInvalid(ValueError):
    """A strategy that cannot be used, with every problem found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True, slots=True)
class Notice:
    """A message by the first channel of the list that reaches the person.

    An ``offer`` is made within the negotiation policy with the key ``policy``; a ``bureau`` pre-notice leaves a report to the
    credit bureau for a person to make, due ``days`` later. ``is_by_reach``: of the channels that may be used, first the one
    that reached this person best so far, where there is history enough; otherwise, as listed.
    """

    template: str
    channels: tuple[str, ...]
    attach: tuple[str, ...] = ()
    kind: Kind = "notice"
    policy: str = ""
    days: int = 0
    is_by_reach: bool = False


@dataclass(frozen=True, slots=True)
class Thanks:
    """The answer to money that came in: ``receipt`` and ``promise`` (a kept one) are templates. It is no step: it has no day."""

    receipt: str
    promise: str
    channels: tuple[str, ...]
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """Work for a person, due ``days`` after the day it is created."""

    task: str
    title: Label
    days: int = 0
    kind: Kind = "task"


@dataclass(frozen=True, slots=True)
class StageChange:
    """The case goes to another stage."""

    to: str
    kind: Kind = "stage"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Somebody is told."""

    alarm: str
    kind: Kind = "alarm"


@dataclass(frozen=True, slots=True)
class Assignment:
    """The case goes to a team, an agency or a lawyer (a team, by its key) or to a person (a member, by the login)."""

    to: str
    holder: str
    kind: Kind = "assign"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Money that somebody has to approve: a late ``fee`` of so many per cent of what is overdue, or a ``write_off``."""

    kind: Kind
    percent: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A system outside is told, by a signed webhook: ``suspend`` a service, undone on payment, or an event of one's own."""

    event: str
    kind: Kind = "webhook"


Action = Notice | Task | StageChange | Alarm | Assignment | Proposal | Call


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the strategy; ``key`` never changes, its texts may. An empty ``stage`` means every stage.

    Due ``offset`` days after the anchor, and until the next step of its ladder or ``lateness`` days later.
    """

    key: str
    name: Label
    stage: str
    grain: str
    anchor: str
    offset: int
    unit: str
    lateness: int | None
    condition: Rule
    action: Action
    priority: int = 50
    through_holds: tuple[str, ...] = ()
    attempts: int = 1

    @property
    def ladder(self) -> tuple[str, str, str]:
        """Steps of the same anchor, grain and kind of act follow one another."""
        return self.anchor, self.grain, self.action.kind

    @property
    def reach_facts(self) -> set[str]:
        """The facts by which its message chooses a channel; none unless it goes by reach."""
        if isinstance(self.action, Notice) and self.action.is_by_reach:
            return columns_of(self.action.channels)
        return set()

    @property
    def target(self) -> str | None:
        """What the act is about: kind of task or alarm, stage, holder, policy, event; None for a plain notice."""
        match self.action:
            case Task(task):
                return task
            case StageChange(to):
                return to
            case Alarm(alarm):
                return alarm
            case Assignment(to, holder):
                return f"{to}:{holder}"
            case Proposal(kind):
                return kind
            case Call(event):
                return event
            case Notice():
                return self.action.policy or None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: cases are in the last stage whose entry holds and whose exit does not."""

    key: str
    name: Label
    entry: Rule
    exit: Rule
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Strategy:
    """A published or draft version: stages in order of severity, and the steps that are ``always`` there."""

    key: str
    version: int
    name: Label
    description: Label
    always: tuple[Step, ...]
    stages: tuple[Stage, ...]
    document: dict[str, Any] = field(compare=False, repr=False)
    thanks: Thanks | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Fact] = field(default_factory=dict)
    """The facts that the organisation declared and its rules name."""
    cost_ceiling: int | None = None
    """Minor units that the messages of one client may cost at most, all of them together."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps: those of every stage, then stage after stage."""
        return (*self.always, *(step for stage in self.stages for step in stage.steps))

    @property
    def named(self) -> dict[str, Fact]:
        """The facts that its conditions name, and those by which its messages choose a channel."""
        rules = [step.condition for step in self.steps]
        rules += [rule for stage in self.stages for rule in (stage.entry, stage.exit)]
        read = {key for step in self.steps for key in step.reach_facts}
        return {key: fact for rule in rules for key, fact in rule.named.items()} | {
            key: FACTS[key] for key in sorted(read)
        }

    def is_of_arm(self, step: Step) -> bool:
        """True when a step belongs to an arm of an experiment: its condition, or the entry of its stage, asks for the arm.

        Nobody of the control gets anything of it, whatever the condition says.
        """
        entries = [stage.entry for stage in self.stages if stage.key == step.stage]
        return any(ARM in rule.named for rule in (step.condition, *entries))

    def step(self, key: str) -> Step:
        """The step with this stable key. Raises KeyError."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)

    def next_offset(self, step: Step) -> int | None:
        """The offset of the next step of its ladder, in whatever stage; None for the last."""
        later = [
            other.offset for other in self.steps if other.ladder == step.ladder and other.offset > step.offset
        ]
        return min(later, default=None)

    @property
    def templates(self) -> frozenset[str]:
        """The template keys that its notices use."""
        return frozenset(step.action.template for step in self.steps if isinstance(step.action, Notice))
