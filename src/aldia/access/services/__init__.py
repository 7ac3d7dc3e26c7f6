"""All writes of the room: organisations, the day each lives, its people, and what they are told."""

from aldia.access.outsiders import OutsideTeam, UnableToAdd, set_outside_team
from aldia.access.services.days import (
    ClockGoesForward,
    NotInSandbox,
    ask_for_day,
    leave_sandbox,
    move_clock,
    take_asked_day,
)
from aldia.access.services.entering import enter_first, link_for
from aldia.access.services.news import (
    News,
    notify,
    read_notifications,
    set_digest,
    switch_digests,
    take_digests,
)
from aldia.access.services.organisations import (
    add_holiday,
    change_settings,
    create_organisation,
    remove_holiday,
    set_paused,
)
from aldia.access.services.people import (
    add_member,
    add_team,
    delete_view,
    save_view,
    set_absence,
    set_common_password,
    set_member,
    set_preferences,
)

__all__ = [
    "ClockGoesForward",
    "News",
    "NotInSandbox",
    "OutsideTeam",
    "UnableToAdd",
    "add_holiday",
    "add_member",
    "add_team",
    "ask_for_day",
    "change_settings",
    "create_organisation",
    "delete_view",
    "enter_first",
    "leave_sandbox",
    "link_for",
    "move_clock",
    "notify",
    "read_notifications",
    "remove_holiday",
    "save_view",
    "set_absence",
    "set_common_password",
    "set_digest",
    "set_member",
    "set_outside_team",
    "set_paused",
    "set_preferences",
    "switch_digests",
    "take_asked_day",
    "take_digests",
]
