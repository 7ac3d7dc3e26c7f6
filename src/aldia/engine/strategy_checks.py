"""Static checks of a strategy that reads well: what could never work is refused before it is published."""

from collections import Counter
from collections.abc import Collection, Iterator

from aldia.engine.rules import tree
from aldia.engine.strategy import Notice, Problem, StageChange, Step, Strategy


def problems_of(strategy: Strategy, templates: Collection[str] | None = None) -> list[Problem]:
    """Every static problem; an empty list when there is none."""
    return [
        *_repeated(strategy),
        *_stages(strategy),
        *_unknown_templates(strategy, templates),
        *_anchors(strategy),
        *_ladders(strategy),
        *_unreachable(strategy),
    ]


def _place(step: Step) -> str:
    return f"step {step.key} of stage {step.stage}" if step.stage else f"step {step.key} of always"


def _repeated(strategy: Strategy) -> Iterator[Problem]:
    for what, keys in (
        ("stage", [stage.key for stage in strategy.stages]),
        ("step", [step.key for step in strategy.steps]),
    ):
        for key, times in Counter(keys).items():
            if times > 1:
                yield Problem(f"{what} {key}", f"its key appears {times} times", "give each its own key")


def _stages(strategy: Strategy) -> Iterator[Problem]:
    known = {stage.key for stage in strategy.stages}
    for step in strategy.steps:
        if isinstance(step.action, StageChange) and step.action.to not in known:
            hint = f"write one of {', '.join(sorted(known))}"
            yield Problem(_place(step), f"stage {step.action.to!r} does not exist", hint)


def _unknown_templates(strategy: Strategy, templates: Collection[str] | None) -> Iterator[Problem]:
    if templates is None:
        return
    for step in strategy.steps:
        if isinstance(step.action, Notice) and step.action.template not in templates:
            hint = f"write one of {', '.join(sorted(templates))}"
            yield Problem(_place(step), f"template {step.action.template!r} does not exist", hint)
    thanks = (strategy.thanks.receipt, strategy.thanks.promise) if strategy.thanks else ()
    for key in sorted(set(thanks) - set(templates)):
        yield Problem(
            "thanks", f"template {key!r} does not exist", f"write one of {', '.join(sorted(templates))}"
        )


def _anchors(strategy: Strategy) -> Iterator[Problem]:
    for step in strategy.steps:
        if step.grain == "document" and step.anchor != "due_on":
            yield Problem(
                _place(step),
                f"a document has no {step.anchor}",
                "write grain case, or anchor due_on",
            )
        if step.offset < 0 and step.anchor in ("arrears_since", "stage_since", "last_outcome_on"):
            yield Problem(_place(step), f"{step.anchor} cannot be known {-step.offset} days before",
                          "write an offset of 0 or more")  # fmt: skip
        if step.grain == "document" and isinstance(step.action, StageChange):
            yield Problem(_place(step), "a document does not change the stage", "write grain case")


def _ladders(strategy: Strategy) -> Iterator[Problem]:
    units: dict[tuple[str, str, str], str] = {}
    latest: dict[tuple[str, tuple[str, str, str]], Step] = {}
    for step in strategy.steps:
        if units.setdefault(step.ladder, step.unit) != step.unit:
            yield Problem(_place(step), "mixes calendar and business days with the steps before it",
                          f"write unit {units[step.ladder]} for all {step.action.kind} steps on {step.anchor}")  # fmt: skip
        before = latest.get((step.stage, step.ladder))
        if before is not None and step.offset < before.offset:
            yield Problem(_place(step), f"offset {step.offset} comes after {before.offset} of {before.key}",
                          "order the steps by offset")  # fmt: skip
        latest[step.stage, step.ladder] = step


def _unreachable(strategy: Strategy) -> Iterator[Problem]:
    for stage in strategy.stages:
        if stage.entry.tree == tree.Flag(value=False):
            yield Problem(
                f"stage {stage.key}", "its entry is never true", "write a condition, or remove the stage"
            )
    for earlier, later in zip(strategy.stages, strategy.stages[1:], strict=False):
        if later.entry.tree == tree.Flag(value=True) and later.exit.tree == tree.Flag(value=False):
            yield Problem(f"stage {earlier.key}", f"no case stays in it: {later.key} after it takes them all",
                          f"give {later.key} an entry condition")  # fmt: skip
    for step in strategy.steps:
        if step.condition.tree == tree.Flag(value=False):
            yield Problem(
                _place(step), "its condition is never true", "write a condition, or remove the step"
            )
        if _stays_out(step):
            yield Problem(
                _place(step),
                "its condition asks for another stage",
                f"move it, or drop {step.stage!r}",
            )


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
