"""A page as one line: how its template is broken into lines says nothing to whoever reads it."""

import re

from django.http import HttpResponse


def flat(page: HttpResponse | str) -> str:
    """Return the text of a page, every run of blanks as one; the space that does not break stays."""
    return re.sub(r"[ \t\n]+", " ", page if isinstance(page, str) else page.content.decode())
