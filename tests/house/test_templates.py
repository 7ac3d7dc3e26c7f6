"""Templates compile, load nothing from elsewhere and carry no script or style of their own."""

import re

from tests.house import templates

OWN_ORIGIN_ONLY = re.compile(r"""(?:src|href|action|data-\w+|xlink:href)\s*=\s*["'](?:https?:)?//""", re.I)
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)|<style\b|\son\w+\s*=\s*[\"']|\sstyle\s*=\s*[\"']",
    re.I,
)


def test_every_template_compiles() -> None:
    assert not templates.broken()


def test_no_page_loads_anything_from_another_origin() -> None:
    foreign = [str(path) for path in templates.files() if OWN_ORIGIN_ONLY.search(path.read_text("utf-8"))]
    assert not foreign


def test_no_page_carries_script_or_style_inside() -> None:
    # A letter or an e-mail has no style sheet to link to; pages do.
    pages = [path for path in templates.files() if path.suffix == ".html" and "mail" not in str(path)]
    found = [f"{path}: {hit[0]}" for path in pages if (hit := INLINE.search(path.read_text("utf-8")))]
    assert not found, "\n".join(found)
