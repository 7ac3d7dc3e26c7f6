"""Addresses of the staff desk, screen after screen in the order of the navigation."""

from aldia.web.desk.views import (
    alarms,
    alarms_later,
    audit,
    cases,
    clients,
    clock,
    commitments,
    indicator_rolls,
    indicator_targets,
    indicators,
    intake,
    mailbox,
    mailbox_staff,
    payments,
    people,
    segments,
    settings,
    shell,
    strategies,
    today,
)

app_name = "desk"

urlpatterns = [
    *shell.urls,
    *clock.urls,
    *today.urls,
    *cases.urls,
    *alarms_later.urls,
    *alarms.urls,
    *clients.urls,
    *commitments.urls,
    *payments.urls,
    *segments.urls,
    *strategies.urls,
    *indicator_rolls.urls,
    *indicator_targets.urls,
    *indicators.urls,
    *intake.urls,
    *mailbox.urls,
    *mailbox_staff.urls,
    *people.urls,
    *settings.urls,
    *audit.urls,
]
