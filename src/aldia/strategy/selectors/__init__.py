"""Reads of the room for screens, scoped by actor."""

from aldia.strategy.complaints import ProblemView, field_name, problem_views
from aldia.strategy.reasons import hold_name
from aldia.strategy.selectors.readiness import Check, readiness
from aldia.strategy.selectors.reports import Preview, PreviewCell, PreviewRow, WhyRow, preview, why
from aldia.strategy.selectors.runs import RunView, latest_run_on, run_report, runs
from aldia.strategy.selectors.segments import (
    SegmentView,
    count_rule,
    policies,
    policy_on,
    policy_versions,
    segments,
)
from aldia.strategy.selectors.strategies import (
    Change,
    StageView,
    StepView,
    StrategyCard,
    StrategyView,
    VersionView,
    changes,
    day_name,
    differences,
    draft_checks,
    strategies,
    strategy,
    timeline,
    version_on,
)

__all__ = [
    "Change",
    "Check",
    "Preview",
    "PreviewCell",
    "PreviewRow",
    "ProblemView",
    "RunView",
    "SegmentView",
    "StageView",
    "StepView",
    "StrategyCard",
    "StrategyView",
    "VersionView",
    "WhyRow",
    "changes",
    "count_rule",
    "day_name",
    "differences",
    "draft_checks",
    "field_name",
    "hold_name",
    "latest_run_on",
    "policies",
    "policy_on",
    "policy_versions",
    "preview",
    "problem_views",
    "readiness",
    "run_report",
    "runs",
    "segments",
    "strategies",
    "strategy",
    "timeline",
    "version_on",
    "why",
]
