"""Who may do what: verbs, and roles as readable lists of verbs."""

from enum import StrEnum
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    COLLECTOR = "COLLECTOR", _("Gestor")
    SUPERVISOR = "SUPERVISOR", _("Supervisor")
    MANAGER = "MANAGER", _("Gerente")
    ADMINISTRATOR = "ADMINISTRATOR", _("Administrador")
    AUDITOR = "AUDITOR", _("Auditor")
    AGENCY = "AGENCY", _("Agencia o estudio")
    CREDITOR = "CREDITOR", _("Acreedor")


OUTSIDE: Final = frozenset({Role.AGENCY.value, Role.CREDITOR.value})
"""Roles of people who do not work here: they have a window of their own, and no door of the desk opens to them."""


class NotAllowed(Exception):
    """Raised when a role does not give a permission; carries it so that the screen can name it."""

    def __init__(self, permission: "Permission") -> None:
        super().__init__(str(permission))
        self.permission = permission


class Permission(StrEnum):
    WORK_CASES = "cases.work"  # see cases, log outcomes, promises, disputes, notes, contact
    SEE_ALL_CASES = "cases.see_all"
    EDIT_CONTACT_POINTS = "parties.edit"
    ASSIGN_CASES = "cases.assign"
    LIMIT_CREDIT = "cases.credit"  # how much a client, or a group of them, may owe
    BULK_ACT = "cases.bulk"
    SEE_TEAM = "team.see"
    REGISTER_RECEIPTS = "payments.register"
    REVERSE_RECEIPTS = "payments.reverse"
    REMIT = "payments.remit"  # hand over what was collected for others
    APPROVE_AGREEMENTS = "outcomes.approve"  # as far as the role's level in the policy goes
    TAKE_CASH = "payments.cash"  # own cash box: open, take money, close
    GRANT_LOANS = "loans.grant"
    CHANGE_LOANS = "loans.change"  # reschedule, refinance, write off
    LOAD_FILES = "intake.load"
    SEE_STRATEGIES = "strategy.see"
    EDIT_STRATEGIES = "strategy.edit"
    RUN_DAY = "ops.run_day"
    SEE_INDICATORS = "kpi.see"
    EXPORT = "kpi.export"
    EDIT_SETTINGS = "settings.edit"
    EDIT_PEOPLE = "people.edit"
    SEE_AUDIT = "audit.see"
    READ_EVERYTHING = "read.everything"
    ANSWER_AS_DEBTOR = "portal.answer"
    WORK_PLACED = "window.agency"  # the cases placed with one agency, and what was done in them
    SEE_OWN_PORTFOLIOS = "window.creditor"  # the portfolios of one creditor, and what was done for it


P = Permission
_COLLECTOR = {P.WORK_CASES, P.EDIT_CONTACT_POINTS, P.SEE_INDICATORS}
_SUPERVISOR = _COLLECTOR | {
    P.SEE_ALL_CASES, P.ASSIGN_CASES, P.BULK_ACT, P.SEE_TEAM, P.REGISTER_RECEIPTS, P.SEE_STRATEGIES, P.EXPORT,
    P.APPROVE_AGREEMENTS, P.LIMIT_CREDIT,
    P.TAKE_CASH, P.GRANT_LOANS,
}  # fmt: skip
_MANAGER = _SUPERVISOR | {
    P.REVERSE_RECEIPTS,
    P.REMIT,
    P.CHANGE_LOANS,
    P.EDIT_STRATEGIES,
    P.RUN_DAY,
    P.LOAD_FILES,
    P.SEE_AUDIT,
}
_ADMINISTRATOR = _MANAGER | {P.EDIT_SETTINGS, P.EDIT_PEOPLE}
_AUDITOR = {
    P.READ_EVERYTHING,
    P.SEE_ALL_CASES,
    P.SEE_TEAM,
    P.SEE_STRATEGIES,
    P.SEE_INDICATORS,
    P.SEE_AUDIT,
    P.EXPORT,
}

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "COLLECTOR": frozenset(_COLLECTOR),
    "SUPERVISOR": frozenset(_SUPERVISOR),
    "MANAGER": frozenset(_MANAGER),
    "ADMINISTRATOR": frozenset(_ADMINISTRATOR),
    "AUDITOR": frozenset(_AUDITOR),
    "AGENCY": frozenset({P.WORK_PLACED}),
    "CREDITOR": frozenset({P.SEE_OWN_PORTFOLIOS}),
}

ROLE_DESCRIPTIONS = {
    "COLLECTOR": _("Trabaja sus casos: llama, escribe, anota resultados y promesas."),
    "SUPERVISOR": _("Reparte el trabajo, ve a todo el equipo y registra cobros."),
    "MANAGER": _("Decide estrategias, importa carteras y mira los indicadores."),
    "ADMINISTRATOR": _("Todo lo anterior, y además personas y ajustes."),
    "AUDITOR": _("Lee todo. No cambia nada."),
    "AGENCY": _("Ve solo los casos que se le entregaron y anota lo que hizo."),
    "CREDITOR": _("Ve solo sus carteras: avance, cobros, rendiciones y reclamos."),
}


def permissions_of(role: str) -> frozenset[Permission]:
    """Return the permissions of a role; an unknown role gives none."""
    return ROLE_PERMISSIONS.get(role, frozenset())
