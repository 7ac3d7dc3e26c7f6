"""Writes of the room: preview a file, merge or discard it, undo it, take contacts, and turn the link with another system."""

from aldia.intake.models import EINVOICES
from aldia.intake.services.activities import ActivitiesRefused, load_activities, take_activities
from aldia.intake.services.checked import check_only
from aldia.intake.services.contacts import load_contacts
from aldia.intake.services.einvoices import EinvoicesRefused
from aldia.intake.services.links import (
    LinkDraft,
    LinkNotKept,
    NoLink,
    Turn,
    set_link,
    sync,
    try_link,
)
from aldia.intake.services.loading import discard, load, merge, preview
from aldia.intake.services.places import FullRefreshRefused, Places, places_of
from aldia.intake.services.progress import Slate, Step
from aldia.intake.services.rates import RatesRefused, load_rates
from aldia.intake.services.repairing import ANSWERS, UnableToRepair, check_repairs, fill_group, write_cells
from aldia.intake.services.rows import load_rows
from aldia.intake.services.statements import (
    BankRequest,
    BankResult,
    NotABankFile,
    match_again,
    take_bank_file,
)
from aldia.intake.services.undoing import UnableToUndo, undo

__all__ = [
    "ANSWERS",
    "EINVOICES",
    "ActivitiesRefused",
    "BankRequest",
    "BankResult",
    "EinvoicesRefused",
    "FullRefreshRefused",
    "LinkDraft",
    "LinkNotKept",
    "NoLink",
    "NotABankFile",
    "Places",
    "RatesRefused",
    "Slate",
    "Step",
    "Turn",
    "UnableToRepair",
    "UnableToUndo",
    "check_only",
    "check_repairs",
    "discard",
    "fill_group",
    "load",
    "load_activities",
    "load_contacts",
    "load_rates",
    "load_rows",
    "match_again",
    "merge",
    "places_of",
    "preview",
    "set_link",
    "sync",
    "take_activities",
    "take_bank_file",
    "try_link",
    "undo",
    "write_cells",
]
