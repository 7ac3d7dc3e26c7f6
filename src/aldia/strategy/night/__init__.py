"""What the strategies read and decide, as frames. Nothing is written here."""

from aldia.strategy.night.deciding import Decided, decide_partition
from aldia.strategy.night.gathering import case_facts
from aldia.strategy.night.in_use import InUse, NightPlan, night_plan

__all__ = ["Decided", "InUse", "NightPlan", "case_facts", "decide_partition", "night_plan"]
