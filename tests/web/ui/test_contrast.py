"""Every pair of the palette keeps the contrast that the look promises: 4.5 for text, 3.0 for marks and borders."""

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "frontend/styles/_tokens.scss"
GROUNDS = ("surface", "canvas", "sunken")
TEXT = ("ink", "ink2", "ink3", "accent")
SOFT = ("warn", "bad", "info")
MARKS = (
    "line-strong",
    "warn",
    "bad",
    "info",
    "a0",
    "a1",
    "a2",
    "a3",
    "a4",
    "a5",
    "accent",
    "c2",
    "c3",
    "c4",
    "c5",
)


def tokens(theme: str) -> dict[str, str]:
    block = re.search(rf"\${theme}: \((.*?)\);", SOURCE.read_text(encoding="utf-8"), re.S)
    assert block, f"no ${theme} map in {SOURCE.name}"
    return dict(re.findall(r"([\w-]+): (#[0-9A-F]{6})", block[1]))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_gives_the_known_extremes() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_reads_on_every_ground(theme: str) -> None:
    palette = tokens(theme)
    pairs = [(ink, ground) for ink in TEXT for ground in (*GROUNDS, "hover")]
    pairs += [(f"{tone}-ink", ground) for tone in SOFT for ground in (*GROUNDS, f"{tone}-soft")]
    pairs += [("accent", "accent-soft"), ("ink", "accent-soft"), ("ink2", "accent-soft")]
    pairs += [("on-accent", "accent"), ("on-accent", "accent-hover"), ("surface", "ink")]
    low = {
        pair: round(ratio, 2)
        for pair in pairs
        if (ratio := contrast(palette[pair[0]], palette[pair[1]])) < 4.5
    }
    assert low == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_and_borders_show_on_every_ground(theme: str) -> None:
    palette = tokens(theme)
    pairs = [(mark, ground) for mark in MARKS for ground in GROUNDS]
    low = {
        pair: round(ratio, 2)
        for pair in pairs
        if (ratio := contrast(palette[pair[0]], palette[pair[1]])) < 3.0
    }
    assert low == {}


@pytest.mark.parametrize(
    ("theme", "name", "expected"),
    [
        ("light", "ink", 16.80),
        ("light", "accent", 6.42),
        ("light", "a1", 3.49),
        ("dark", "accent", 8.61),
        ("dark", "a5", 12.83),
    ],
)
def test_the_figures_of_the_look_are_the_computed_ones(theme: str, name: str, expected: float) -> None:
    palette = tokens(theme)
    assert contrast(palette[name], palette["surface"]) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_ageing_ramp_goes_one_way_so_that_it_works_in_grey(theme: str) -> None:
    palette = tokens(theme)
    steps = [luminance(palette[f"a{step}"]) for step in range(1, 6)]
    assert steps == sorted(steps, reverse=theme == "light")
