"""A strategy as a value: stages of steps, frozen. Reading it from JSON is in ``strategy_reading``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from aldia.domain.labels import Label
from aldia.engine.rules import Remark, Rule

GRAINS: Final = ("document", "case")
ANCHORS: Final = ("due_on", "arrears_since", "stage_since", "promise_due_on", "last_outcome_on")
REPEATING_ANCHORS: Final = frozenset({"stage_since", "promise_due_on", "last_outcome_on"})
"""Anchors that happen again within a cycle: the step comes again for each new date of the anchor."""

UNITS: Final = ("calendar", "business")
ATTACHMENTS: Final = ("statement", "documents")
Kind = Literal["notice", "task", "stage", "alarm"]


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
    """A message by the first channel of the list that reaches the person."""

    template: str
    channels: tuple[str, ...]
    attach: tuple[str, ...] = ()
    kind: Kind = "notice"


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


Action = Notice | Task | StageChange | Alarm


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
    def target(self) -> str | None:
        """Task kind, stage or alarm kind; None for a notice."""
        match self.action:
            case Task(task):
                return task
            case StageChange(to):
                return to
            case Alarm(alarm):
                return alarm
            case Notice():
                return None


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

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps: those of every stage, then stage after stage."""
        return (*self.always, *(step for stage in self.stages for step in stage.steps))

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
