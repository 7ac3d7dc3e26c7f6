"""All writes of the room: strategies and their versions, runs, segments, policy documents."""

from aldia.engine.strategy import StrategyInvalid
from aldia.strategy.reporting import RunReport
from aldia.strategy.selectors.runs import latest_run_on
from aldia.strategy.services.publishing import (
    UnknownStrategy,
    create_strategy,
    ensure_catalogue,
    publish,
    save_draft,
)
from aldia.strategy.services.running import run
from aldia.strategy.services.writings import (
    PolicyDraft,
    SegmentRefused,
    UnknownSegment,
    delete_segment,
    save_segment,
    write_policy,
)

__all__ = [
    "PolicyDraft",
    "RunReport",
    "SegmentRefused",
    "StrategyInvalid",
    "UnknownSegment",
    "UnknownStrategy",
    "create_strategy",
    "delete_segment",
    "ensure_catalogue",
    "latest_run_on",
    "publish",
    "run",
    "save_draft",
    "save_segment",
    "write_policy",
]
