"""What opens beside the case: written once for the person without JavaScript and for htmx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.urls import reverse
from django.utils.html import format_html

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from aldia.web.desk.views.case_sheet import CaseSheet

register = template.Library()


@register.simple_tag
def beside(name: str, sheet: CaseSheet, *more: str) -> SafeString:
    """Write the attributes of a link whose page opens in the panel of the case. The address is worked out once for both."""
    address = reverse(name, args=[sheet.case_id, *more]) + sheet.suffix
    return format_html('href="{0}" hx-get="{0}" hx-target="#panel-lugar"', address)
