"""Writes docs/cumplimiento.md: each rule of contact that ships with aldia, what becomes of it, and the tests that prove it.

The rules come from the packs, what the product does with each from docs/cumplimiento.yaml (by kind, or by id where it differs),
the tests from their marks `enforces("kind or id")`. A rule without an answer, one that is said to be enforced without a test,
and one that is not without a reason fail the check. `--write` brings the page up to date.
"""

import ast
import sys
from collections import Counter, defaultdict
from typing import Any

import yaml

from tests.house.sources import ROOT, keep_page, name_of, named_by, python_files, tree

PAGE = ROOT / "docs/cumplimiento.md"
ANSWERS = ROOT / "docs/cumplimiento.yaml"
RULES = ROOT / "src/aldia/contact/rules/rules.yaml"
WORDS = {"enforced": "Se cumple sola", "shown": "Se muestra", "not_applicable": "No aplica"}
SHOWN = "shown"  # the mark of the tests that prove that every rule is shown on its screen


def packs() -> list[dict[str, Any]]:
    """Return the shipped packs, in their order."""
    return list(yaml.load_all(RULES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


def answers() -> dict[str, dict[str, str]]:
    """Return what the product does with a kind or a rule: `{is: enforced | shown | not_applicable, why: …}`."""
    told: dict[str, dict[str, str]] = yaml.safe_load(ANSWERS.read_text(encoding="utf-8"))
    return told


def proofs() -> dict[str, list[str]]:
    """Return kind or id -> the tests that say they prove it, read from the source without running it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in python_files("tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for told in named_by(node.decorator_list, "enforces"):
                    found[told].append(f"{name_of(path)}::{node.name}")
    return found


def rows() -> list[tuple[str, dict[str, Any], dict[str, str], list[str]]]:
    """Return (country, rule, answer, tests) of each rule."""
    told, tests = answers(), proofs()
    return [
        (pack["country"], rule, answer, _tests_of(rule, answer, tests))
        for pack in packs()
        for rule in pack["rules"]
        for answer in [told.get(rule["id"]) or told.get(rule["kind"]) or {}]
    ]


def _tests_of(rule: dict[str, Any], answer: dict[str, str], tests: dict[str, list[str]]) -> list[str]:
    if answer.get("is") == "enforced":
        return tests.get(rule["id"]) or tests.get(rule["kind"], [])
    return tests.get(SHOWN, []) if answer.get("is") == "shown" else []


def problems() -> list[str]:
    """Return what the table lacks, in words; empty when every rule has its answer."""
    found = []
    known = {rule["id"] for pack in packs() for rule in pack["rules"]}
    kinds = {rule["kind"] for pack in packs() for rule in pack["rules"]}
    for name in sorted(set(answers()) - known - kinds):
        found.append(f"docs/cumplimiento.yaml: {name} no es una norma ni una clase de norma")
    for name in sorted(set(proofs()) - known - kinds - {SHOWN}):
        found.append(f"enforces({name!r}) en {proofs()[name][0]}: no es una norma ni una clase de norma")
    for _country, rule, answer, tests in rows():
        if answer.get("is") not in WORDS:
            found.append(f"{rule['id']}: falta decir en docs/cumplimiento.yaml qué se hace con ella")
        elif answer["is"] != "not_applicable" and not tests:
            found.append(f"{rule['id']}: se dice «{WORDS[answer['is']]}» y ninguna prueba lleva su marca")
        elif answer["is"] != "enforced" and not answer.get("why"):
            found.append(f"{rule['id']}: falta el porqué")
    return found


def page() -> str:
    """Return the page as it should be."""
    every = rows()
    counted = Counter(answer["is"] for _country, _rule, answer, _tests in every)
    lines = [
        "# Cumplimiento, norma por norma",
        "",
        "Se genera con `./aldia check --fix` a partir de `docs/cumplimiento.yaml`, de las normas que trae aldia y de las marcas `enforces` de",
        "las pruebas; no se edita a mano. No es asesoría legal: cada norma dice cuánta confianza merece su fuente, y un abogado debe confirmarla.",
        "",
        "De "
        + f"**{len(every)}** normas, {counted['enforced']} se cumplen solas, {counted['shown']} se muestran a quien decide y "
        + f"{counted['not_applicable']} no le tocan al producto.",
        "",
    ]
    for kind, summary in _by_kind(every):
        lines.append(f"* `{kind}`: {summary}")
    country = ""
    for here, rule, answer, tests in every:
        if here != country:
            country = here
            lines += [
                "",
                f"## {country}",
                "",
                "| Norma | Dice | Confianza | Qué hace aldia | Pruebas |",
                "| --- | --- | --- | --- | --- |",
            ]
        does = WORDS[answer["is"]] + (f". {answer['why']}" if answer.get("why") else "")
        told = "<br>".join(f"`{test}`" for test in sorted(set(tests))[:3]) or "—"
        says = rule["summary"]["es"].replace("|", "/")
        lines.append(f"| {rule['id']} | {says} | {rule.get('confidence', '')} | {does} | {told} |")
    return "\n".join(lines) + "\n"


def _by_kind(every: list[tuple[str, dict[str, Any], dict[str, str], list[str]]]) -> list[tuple[str, str]]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for _country, rule, answer, _tests in every:
        kinds[rule["kind"]][WORDS[answer["is"]].lower()] += 1
    return [
        (kind, ", ".join(f"{word} {count}" for word, count in told.most_common()))
        for kind, told in kinds.items()
    ]


def main(options: list[str]) -> int:
    """Compare or write the page; return 0 when it is up to date."""
    if found := problems():
        print("\n".join(found))
        return 1
    return keep_page(PAGE, page(), options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
