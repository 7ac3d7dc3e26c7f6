"""Compiles every template of the product, so that a wrong tag is seen before a user sees it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template

from tests.house.sources import PRODUCT


def template_names() -> Iterator[str]:
    """Yield each template's name, as `{% include %}` would say it."""
    for folder in sorted(PRODUCT.rglob("templates")):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in {".html", ".txt", ".xml"}:
                yield str(path.relative_to(folder))


def broken() -> list[str]:
    """Return one line for each template that does not compile."""
    found = []
    for name in template_names():
        try:
            get_template(name)
        except (TemplateSyntaxError, TemplateDoesNotExist) as error:
            found.append(f"{name}: {error}")
    return found


def files() -> list[Path]:
    """Return every template file."""
    return sorted(
        path for folder in PRODUCT.rglob("templates") for path in folder.rglob("*") if path.is_file()
    )


if __name__ == "__main__":
    django.setup()
    lines = broken()
    print("\n".join(lines))
    sys.exit(1 if lines else 0)
