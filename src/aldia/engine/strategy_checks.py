"""Static checks of a strategy that reads well: what could never work is refused before it is published."""

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import combinations

from aldia.engine.exclusion import exclude_each_other
from aldia.engine.rules import tree
from aldia.engine.strategy import Notice, Place, Problem, StageChange, Step, Strategy

_OF_CASES = ("stage", "assign", "suspend", "fee", "write_off")


def problems_of(strategy: Strategy, templates: Collection[str] | None = None) -> list[Problem]:
    """What keeps the strategy from being published; an empty list when nothing does."""
    return [
        *_repeated(strategy),
        *_stages(strategy),
        *_unknown_templates(strategy, templates),
        *_anchors(strategy),
        *_ladders(strategy),
        *_unreachable(strategy),
    ]


def warnings_of(strategy: Strategy) -> list[Problem]:
    """What its author should look at before publishing: rules over empty facts, steps that overlap, dead ends."""
    return [*_doubtful_rules(strategy), *_overlaps(strategy), *_dead_ends(strategy)]


def place_of(strategy: Strategy, key: str) -> Place:
    """Where in the document the step with this key is. Raises KeyError."""
    for index, step in enumerate(strategy.always):
        if step.key == key:
            return ("always", index)
    for number, stage in enumerate(strategy.stages):
        for index, step in enumerate(stage.steps):
            if step.key == key:
                return ("stages", number, "steps", index)
    raise KeyError(key)


def _repeated(strategy: Strategy) -> Iterator[Problem]:
    for code, keys in (
        ("repeated_stage", [stage.key for stage in strategy.stages]),
        ("repeated_step", [step.key for step in strategy.steps]),
    ):
        for key, times in Counter(keys).items():
            if times > 1:
                yield Problem((), code, {"key": key, "times": times})


def _stages(strategy: Strategy) -> Iterator[Problem]:
    known = sorted(stage.key for stage in strategy.stages)
    for step in strategy.steps:
        if isinstance(step.action, StageChange) and step.action.to not in known:
            place = (*place_of(strategy, step.key), "action", "to")
            yield Problem(place, "unknown_stage", {"found": step.action.to, "options": known})


def _unknown_templates(strategy: Strategy, templates: Collection[str] | None) -> Iterator[Problem]:
    if templates is None:
        return
    for step in strategy.steps:
        if isinstance(step.action, Notice) and step.action.template not in templates:
            place = (*place_of(strategy, step.key), "action", "template")
            yield Problem(
                place, "unknown_template", {"found": step.action.template, "options": sorted(templates)}
            )
    thanks = strategy.thanks
    for name in ("receipt", "promise") if thanks else ():
        found = getattr(thanks, name)
        if found not in templates:
            yield Problem(
                ("thanks", name), "unknown_template", {"found": found, "options": sorted(templates)}
            )


def _anchors(strategy: Strategy) -> Iterator[Problem]:
    for step in strategy.steps:
        place = place_of(strategy, step.key)
        if step.grain == "document" and step.anchor != "due_on":
            yield Problem((*place, "anchor"), "anchor_of_document", {"found": step.anchor})
        if step.offset > 0 and step.anchor == "next_due_on":
            yield Problem((*place, "offset"), "after_anchor", {"days": step.offset})
        if step.offset < 0 and step.anchor in ("arrears_since", "stage_since", "last_outcome_on"):
            yield Problem((*place, "offset"), "before_anchor", {"anchor": step.anchor, "days": -step.offset})
        if step.grain == "document" and step.action.kind in _OF_CASES:
            yield Problem((*place, "action"), "stage_of_document")


def _ladders(strategy: Strategy) -> Iterator[Problem]:
    units: dict[tuple[str, str, str], str] = {}
    latest: dict[tuple[str, tuple[str, str, str]], Step] = {}
    for step in strategy.steps:
        place = place_of(strategy, step.key)
        wanted = units.setdefault(step.ladder, step.unit)
        if wanted != step.unit:
            yield Problem(
                (*place, "unit"), "mixed_units", {"found": step.unit, "wanted": wanted, "anchor": step.anchor}
            )
        before = latest.get((step.stage, step.ladder))
        if before is not None and step.offset < before.offset:
            told = {"found": step.offset, "before": before.offset, "step": before.key}
            yield Problem((*place, "offset"), "unordered", told)
        latest[step.stage, step.ladder] = step


def _unreachable(strategy: Strategy) -> Iterator[Problem]:
    for number, stage in enumerate(strategy.stages):
        if stage.entry.tree == tree.Flag(value=False):
            yield Problem(("stages", number, "entry"), "never_true")
    for number, later in enumerate(strategy.stages[1:]):
        if later.entry.tree == tree.Flag(value=True) and later.exit.tree == tree.Flag(value=False):
            yield Problem(("stages", number), "nobody_stays", {"stage": later.key})
    for step in strategy.steps:
        place = (*place_of(strategy, step.key), "condition")
        if step.condition.tree == tree.Flag(value=False):
            yield Problem(place, "never_true")
        if _stays_out(step):
            yield Problem(place, "other_stage", {"stage": step.stage})


def _stays_out(step: Step) -> bool:
    if not step.stage:
        return False
    rule = step.condition.tree
    parts = rule.parts if isinstance(rule, tree.And) else (rule,)
    wanted = tree.FactRef("stage")
    return any(
        isinstance(part, tree.Compare)
        and part.op == "="
        and part.left == wanted
        and isinstance(part.right, tree.Text)
        and part.right.value != step.stage
        for part in parts
    )


def _doubtful_rules(strategy: Strategy) -> Iterator[Problem]:
    for number, stage in enumerate(strategy.stages):
        for name, rule in (("entry", stage.entry), ("exit", stage.exit)):
            for remark in rule.warnings:
                yield Problem(("stages", number, name), "rule", rule=remark)
    for step in strategy.steps:
        for remark in step.condition.warnings:
            yield Problem((*place_of(strategy, step.key), "condition"), "rule", rule=remark)


def _overlaps(strategy: Strategy) -> Iterator[Problem]:
    """Two messages of one day to the same people: the conditions of neither shut the other out."""
    notices = [step for step in strategy.steps if isinstance(step.action, Notice)]
    for first, second in combinations(notices, 2):
        is_same_day = first.ladder == second.ladder and first.offset == second.offset
        meet = first.stage == second.stage or not (first.stage and second.stage)
        if is_same_day and meet and not exclude_each_other(first.condition.tree, second.condition.tree):
            yield Problem(place_of(strategy, second.key), "overlap", {"step": first.key})


def _dead_ends(strategy: Strategy) -> Iterator[Problem]:
    """After the last message somebody has to look: otherwise the case rests for ever in the last stage."""
    timed = [step for step in strategy.steps if step.anchor in ("due_on", "arrears_since")]
    latest = max((step.offset for step in timed), default=None)
    last = [step for step in timed if step.offset == latest]
    if last and all(isinstance(step.action, Notice) for step in last):
        yield Problem(place_of(strategy, last[-1].key), "dead_end")
    for number, stage in enumerate(strategy.stages):
        if not stage.steps and not strategy.always:
            yield Problem(("stages", number), "empty_stage")
