"""Reads of the room for screens, scoped by actor."""

from aldia.strategy.complaints import ProblemView, field_name, problem_views, remark_text
from aldia.strategy.habits import Change as HabitChange
from aldia.strategy.habits import Habit, habits
from aldia.strategy.lab.answers import TooThin
from aldia.strategy.lab.back_test import BackTest, back_test
from aldia.strategy.lab.dry_run import DryRun, dry_run
from aldia.strategy.lab.effort import USUAL_MINUTES, Effort, effort_of
from aldia.strategy.lab.opening import DRAFT, NotInLab
from aldia.strategy.lab.simulating import simulation
from aldia.strategy.own_facts import Writing
from aldia.strategy.reasons import hold_name
from aldia.strategy.selectors.acts import ActRow, acts_by_strategy, acts_of, portfolios_by_strategy
from aldia.strategy.selectors.consents import Lacking, cases_without_consent
from aldia.strategy.selectors.experiment_plans import Forecast, forecast
from aldia.strategy.selectors.experiments import ExperimentView, experiment, experiments
from aldia.strategy.selectors.next_best import score_in_use, worth_reasons
from aldia.strategy.selectors.policies import (
    plan_changes,
    plan_choices,
    plan_parts,
    policies,
    policy_on,
    policy_versions,
)
from aldia.strategy.selectors.readiness import Check, readiness
from aldia.strategy.selectors.reports import Preview, PreviewCell, PreviewRow, WhyRow, preview, why
from aldia.strategy.selectors.runs import RunView, latest_run_on, run_report, runs
from aldia.strategy.selectors.segments import (
    Overlap,
    SegmentPage,
    SegmentView,
    Trial,
    segment_cases,
    segment_members,
    segment_names,
    segment_page,
    segments,
    try_rule,
)
from aldia.strategy.selectors.simulations import SimulationView, simulations
from aldia.strategy.selectors.strategies import (
    TWO_PERSONS,
    Change,
    DraftStep,
    StageView,
    StepView,
    StrategyCard,
    StrategyView,
    VersionView,
    catalogue,
    changes,
    day_name,
    differences,
    draft_checks,
    draft_step,
    strategies,
    strategy,
    timeline,
    version_of_case,
    version_on,
)
from aldia.strategy.selectors.vocabulary import (
    ColumnView,
    FactView,
    Reading,
    free_columns,
    likely_type,
    own_vocabulary,
    reading_of,
    rule_facts,
    vocabulary,
)

__all__ = [
    "DRAFT",
    "TWO_PERSONS",
    "USUAL_MINUTES",
    "ActRow",
    "BackTest",
    "Change",
    "Check",
    "ColumnView",
    "DraftStep",
    "DryRun",
    "Effort",
    "ExperimentView",
    "FactView",
    "Forecast",
    "Habit",
    "HabitChange",
    "Lacking",
    "NotInLab",
    "Overlap",
    "Preview",
    "PreviewCell",
    "PreviewRow",
    "ProblemView",
    "Reading",
    "RunView",
    "SegmentPage",
    "SegmentView",
    "SimulationView",
    "StageView",
    "StepView",
    "StrategyCard",
    "StrategyView",
    "TooThin",
    "Trial",
    "VersionView",
    "WhyRow",
    "Writing",
    "acts_by_strategy",
    "acts_of",
    "back_test",
    "cases_without_consent",
    "catalogue",
    "changes",
    "day_name",
    "differences",
    "draft_checks",
    "draft_step",
    "dry_run",
    "effort_of",
    "experiment",
    "experiments",
    "field_name",
    "forecast",
    "free_columns",
    "habits",
    "hold_name",
    "latest_run_on",
    "likely_type",
    "own_vocabulary",
    "plan_changes",
    "plan_choices",
    "plan_parts",
    "policies",
    "policy_on",
    "policy_versions",
    "portfolios_by_strategy",
    "preview",
    "problem_views",
    "readiness",
    "reading_of",
    "remark_text",
    "rule_facts",
    "run_report",
    "runs",
    "score_in_use",
    "segment_cases",
    "segment_members",
    "segment_names",
    "segment_page",
    "segments",
    "simulation",
    "simulations",
    "strategies",
    "strategy",
    "timeline",
    "try_rule",
    "version_of_case",
    "version_on",
    "vocabulary",
    "why",
    "worth_reasons",
]
