"""Where the cards of a strategy go: a lane for each channel, a column for each day on which something happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from aldia.strategy import selectors as strategy
from aldia.web.desk.views import words

if TYPE_CHECKING:
    from aldia.strategy.selectors import StageView, StepView

_STEPS = (1, 2, 4, 5)


@dataclass(frozen=True)
class Lane:
    """A row of the timeline; `cells` has a list of cards for each column."""

    name: str
    icon: str
    cells: list[list[StepView]]
    ramp: dict[str, int]


def lanes(stages: tuple[StageView, ...]) -> dict[str, Any]:
    """Return the days in order and the lanes with their cards; a step on several channels is in the lane of its first."""
    steps = [step for stage in stages for step in stage.steps]
    timed = [step for step in steps if step.anchor in ("due_on", "arrears_since")]
    days = sorted({step.offset for step in timed})
    named: dict[str, list[StepView]] = {}
    for step in timed:
        named.setdefault(_lane(step), []).append(step)
    order = [name for name in (*words.CHANNELS, "task", "stage", "alarm") if name in named]
    ramp = {
        step.key: _STEPS[min(position, 3)]
        for position, stage in enumerate(stages[1:])
        for step in stage.steps
    }
    rows = [
        Lane(*_word(name), [[step for step in named[name] if step.offset == day] for day in days], ramp)
        for name in order
    ]
    others = [step for step in steps if step not in timed]
    return {
        "days": [strategy.day_name(day) if day else _("Vence") for day in days],
        "rows": rows,
        "others": others,
    }


def _lane(step: StepView) -> str:
    return step.channels[0] if step.channels else step.action


def _word(name: str) -> tuple[str, str]:
    if name in words.CHANNELS:
        return words.channel(name)
    return {"task": (_("Tarea"), "done"), "stage": (_("Etapa"), "stage")}.get(name, (_("Alarma"), "alarm"))
