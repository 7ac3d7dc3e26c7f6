"""Keeps the catalogues complete: every Spanish text of the product has its English and its Brazilian Portuguese.

`python -m tests.house.translations` fails on a text that is missing, new, fuzzy or obsolete; `--write` brings the
catalogues in step with the sources (new texts come in empty, for a person to translate).
"""

import re
import sys
from pathlib import Path

import polib

from tests.house.sources import PRODUCT
from tests.waiting import run

LANGUAGES = ("en", "pt_BR")
LOCALES = PRODUCT / "locale"
PLURALS = {"en": "n != 1", "pt_BR": "n > 1"}
HEADER = """# Textos de aldia; los escritos en español están en el código.
msgid ""
msgstr ""
"Project-Id-Version: aldia\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=({plural});\\n"
"""
NAMED = re.compile(r"%\(\w+\)[sd]")
LATE_COUNT = re.compile(r"\{%\s*blocktrans(?:late)?\s(?!\s*count\b)[^%]*\bcount\s+\w+=")


def catalogue(language: str) -> Path:
    """Return the path of a language's catalogue."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def write() -> None:
    """Bring the catalogues in step with the sources, making those that are not there yet."""
    for language in LANGUAGES:
        path = catalogue(language)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(HEADER.format(language=language, plural=PLURALS[language]), encoding="utf-8")
    _extract()


def problems() -> list[str]:
    """Return one line per text that is not well translated in some language."""
    missing = [f"falta {catalogue(language)}" for language in LANGUAGES if not catalogue(language).exists()]
    if missing:
        return missing
    found = _unseen_plurals()
    behind = _extract("--check")
    if behind:
        found.append(f"catálogos atrasados (./aldia check --fix los pone al día): {behind}")
    for language in LANGUAGES:
        for entry in polib.pofile(str(catalogue(language))):
            reason = _reason(entry)
            if reason:
                found.append(f"{language}: {reason}: {entry.msgid!r}")
    return found


def _extract(*options: str) -> str:
    """Run the extractor; return its complaint, or nothing when it has none."""
    words = [
        str(Path(sys.executable).parent / "django-makemessages-rs"),
        "--root",
        ".",
        "--locale-dir",
        "locale",
    ]
    words += [word for language in LANGUAGES for word in ("-l", language)]
    words += [
        "--no-location",
        "--no-wrap",
        "--no-fuzzy-matching",
        "--no-obsolete",
        "--sort-output",
        "--keep-header",
    ]
    done = run([*words, *options], cwd=PRODUCT)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()


def _unseen_plurals() -> list[str]:
    """Return the templates whose plural the extractor passes over: it sees `count` as the first option only."""
    return [
        f"{path.relative_to(PRODUCT)}: escribe «blocktranslate count …» con count primero: {found.group()!r}"
        for path in sorted(PRODUCT.rglob("*.html"))
        for found in LATE_COUNT.finditer(path.read_text(encoding="utf-8"))
    ]


def _reason(entry: polib.POEntry) -> str:
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if entry.obsolete:
        return "ya no se usa"
    if entry.fuzzy:
        return "traducción dudosa"
    if not all(texts):
        return "sin traducir"
    wanted = set(NAMED.findall(entry.msgid)) | set(NAMED.findall(entry.msgid_plural))
    if (
        any(not set(NAMED.findall(text)) <= wanted for text in texts)
        or set(NAMED.findall(texts[-1])) != wanted
    ):
        return "no nombra las mismas variables"
    return ""


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    lines = problems()
    print("\n".join(lines[:40]))
    if len(lines) > 40:
        print(f"… y {len(lines) - 40} más")
    sys.exit(1 if lines else 0)
