"""All writes of the room: strategies and their versions, runs, segments, policy documents."""

from aldia.engine.strategy import StrategyInvalid
from aldia.strategy.experiment_drafts import ExperimentDraft, ExperimentRefused
from aldia.strategy.reporting import RunReport
from aldia.strategy.selectors.runs import latest_run_on
from aldia.strategy.services.declaring import FactDraft, FactRefused, declare_fact, forget_fact
from aldia.strategy.services.experimenting import keep_challenger, start_experiment, stop_experiment
from aldia.strategy.services.going_live import (
    USUAL_CAP,
    USUAL_DAYS,
    AlreadyLive,
    FirstNight,
    NameDiffers,
    NotReadyYet,
    WentLive,
    first_night,
    go_live,
)
from aldia.strategy.services.intraday import decide_news
from aldia.strategy.services.laboratory import (
    EffortDraft,
    EffortRefused,
    SimulationRefused,
    answer_simulation,
    ask_simulation,
    set_effort,
)
from aldia.strategy.services.publishing import (
    NeedsAnother,
    UnknownStrategy,
    adopt,
    create_strategy,
    ensure_catalogue,
    propose,
    publish,
    save_draft,
    set_condition,
)
from aldia.strategy.services.running import help_run, run
from aldia.strategy.services.scoring import NotLearnt, keep_worth, order_queue
from aldia.strategy.services.segmenting import (
    SegmentRefused,
    UnknownSegment,
    delete_segment,
    keep_segments,
    save_segment,
)
from aldia.strategy.services.switching import UnknownHabit, switch_habit
from aldia.strategy.services.thanking import thank
from aldia.strategy.services.writings import PolicyDraft, write_policy

__all__ = [
    "USUAL_CAP",
    "USUAL_DAYS",
    "AlreadyLive",
    "EffortDraft",
    "EffortRefused",
    "ExperimentDraft",
    "ExperimentRefused",
    "FactDraft",
    "FactRefused",
    "FirstNight",
    "NameDiffers",
    "NeedsAnother",
    "NotLearnt",
    "NotReadyYet",
    "PolicyDraft",
    "RunReport",
    "SegmentRefused",
    "SimulationRefused",
    "StrategyInvalid",
    "UnknownHabit",
    "UnknownSegment",
    "UnknownStrategy",
    "WentLive",
    "adopt",
    "answer_simulation",
    "ask_simulation",
    "create_strategy",
    "decide_news",
    "declare_fact",
    "delete_segment",
    "ensure_catalogue",
    "first_night",
    "forget_fact",
    "go_live",
    "help_run",
    "keep_challenger",
    "keep_segments",
    "keep_worth",
    "latest_run_on",
    "order_queue",
    "propose",
    "publish",
    "run",
    "save_draft",
    "save_segment",
    "set_condition",
    "set_effort",
    "start_experiment",
    "stop_experiment",
    "switch_habit",
    "thank",
    "write_policy",
]
