"""What a first visit weighs, read from the built assets."""

import gzip
import json
import re
from pathlib import Path

from django.contrib.staticfiles import finders

from tests.house.sources import PRODUCT

STAFF_BUDGET = 150_000
STAFF_SCRIPT_BUDGET = 60_000
PORTAL_STYLE_BUDGET = 15_000
PAGE_ALLOWANCE = 15_000  # the page's own HTML, compressed


def compressed(path: Path) -> int:
    return path.stat().st_size if path.suffix == ".woff2" else len(gzip.compress(path.read_bytes(), 9))


def first_visit(dist: Path) -> dict[str, int]:
    manifest = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
    main = manifest["frontend/main.js"]
    names = [main["file"], *main["css"], *main.get("assets", []), manifest["icons.svg"]["file"]]
    htmx = [finders.find(f"django_htmx/{name}") for name in ("htmx-2.min.js", "django-htmx.js")]
    files = {dist / name for name in names} | {Path(path) for path in htmx} | set(dist.glob("assets/*.woff2"))
    return {file.name: compressed(file) for file in files}


def test_a_staff_page_stays_under_its_budget_on_the_first_visit(dist: Path) -> None:
    weights = first_visit(dist)
    assert sum(weights.values()) + PAGE_ALLOWANCE <= STAFF_BUDGET, weights


def test_every_class_that_a_template_names_is_in_a_stylesheet(dist: Path) -> None:
    styles = "".join(path.read_text(encoding="utf-8") for path in dist.glob("assets/*.css"))
    templates = [page.read_text(encoding="utf-8") for page in (PRODUCT / "web").rglob("templates/**/*.html")]
    named = {
        name
        for page in templates
        for each in re.findall(r'class="([^"{]*)"', page)
        for name in each.split()
        if name.startswith("ald-")
    }
    assert len(named) > 100
    assert sorted(name for name in named if f".{name}" not in styles) == []


def test_scripts_that_load_with_every_page_are_small(dist: Path) -> None:
    scripts = {name: weight for name, weight in first_visit(dist).items() if name.endswith(".js")}
    assert scripts
    assert sum(scripts.values()) <= STAFF_SCRIPT_BUDGET, scripts


def test_what_few_pages_need_loads_only_there(dist: Path) -> None:
    manifest = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
    few = {"frontend/charts.js", "frontend/alpine.js", "frontend/visits.js"}
    assert set(manifest["frontend/main.js"]["dynamicImports"]) == few
    assert "imports" not in manifest["frontend/main.js"]


def test_the_portal_is_one_small_stylesheet_without_font_or_script(dist: Path) -> None:
    manifest = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
    style = dist / manifest["frontend/portal.scss"]["file"]
    text = style.read_text(encoding="utf-8")
    assert style.suffix == ".css"
    assert compressed(style) <= PORTAL_STYLE_BUDGET
    assert "url(" not in text
    assert "#c6362c" not in text.lower(), "nothing in the portal is red"


def test_one_font_file_is_shipped(dist: Path) -> None:
    assert len(list(dist.glob("assets/*.woff2"))) == 1


def test_every_text_asset_has_its_compressed_twin(dist: Path) -> None:
    texts = [file for file in dist.glob("assets/*") if file.suffix in {".js", ".css", ".svg"}]
    assert texts
    assert [file.name for file in texts if not file.with_name(file.name + ".gz").exists()] == []


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((Path(__file__).resolve().parents[3] / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
