"""Days as people say them, in any form: «hoy», «vie», «fin de mes» or 27/11."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from aldia.web.desk.forms.payments import read_day
from aldia.web.ui import formats

if TYPE_CHECKING:
    from datetime import date

    from aldia.web.desk.doors import StaffRequest


class DayField(forms.CharField):
    """A day said in words; cleaned, the date, or None when it may be left empty. Its form is `Spoken`."""

    request: StaffRequest

    def clean(self, value: Any) -> date | None:
        """Return the day. Raises ValidationError, saying what would be a date."""
        text = super().clean(value)
        return read_day(text, self.request) if text else None


class Spoken(forms.Form):
    """A form that reads the days it asks for as its reader's language says them."""

    def __init__(self, *args: Any, request: StaffRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.request = request


def day_text(on: date | None, request: StaffRequest) -> str:
    """Return a day as a field shows it and reads it back: `27 nov 2026`; nothing for none."""
    return formats.day(on, request.clock.as_of, commit=True, weekday=False) if on else ""
