"""How an e-mail looks: one plain layout, as text and as HTML, with the four doors of the same weight."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.utils.translation import gettext as _

_INK, _INK2, _LINE, _SUNKEN = "#12201D", "#5A6864", "#DFE5E2", "#F4F6F5"


@dataclass(frozen=True)
class Door:
    """One thing the person can do: its words and its address."""

    words: str
    address: str


@dataclass(frozen=True)
class Line:
    """One document of the table, written already."""

    number: str
    due: str
    late: str
    amount: str


def text_of(body: str, lines: Sequence[Line], doors: Sequence[Door], foot: Sequence[str]) -> str:
    """Return the message as plain text."""
    parts = [body]
    if lines:
        parts.append(
            "\n".join(f"{line.number}  ·  {line.due}  ·  {line.late}  ·  {line.amount}" for line in lines)
        )
    if doors:
        parts.append("\n".join(f"{door.words}: {door.address}" for door in doors))
    parts.append("\n".join(foot))
    return "\n\n".join(parts) + "\n"


def html_of(
    title: str, body: str, lines: Sequence[Line], doors: Sequence[Door], foot: Sequence[str], *, language: str
) -> str:
    """Return the message as HTML that needs no image, no font and no script. Every value is escaped here."""
    paragraphs = "".join(
        f'<p style="margin:0 0 14px">{escape(part).replace(chr(10), "<br>")}</p>'
        for part in body.split("\n\n")
    )
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title></head>'
        f'<body style="margin:0;background:{_SUNKEN};color:{_INK};font:16px/24px system-ui,Arial,sans-serif">'
        f'<div style="max-width:560px;margin:0 auto;padding:24px 16px">'
        f'<div style="background:#fff;border:1px solid {_LINE};border-radius:10px;padding:24px">'
        f"{paragraphs}{_table(lines)}{_doors(doors)}</div>{_foot(foot)}</div></body></html>"
    )


def _table(lines: Sequence[Line]) -> str:
    if not lines:
        return ""
    cell = f'style="padding:8px 0;border-top:1px solid {_LINE};vertical-align:top"'
    right = f'style="padding:8px 0;border-top:1px solid {_LINE};text-align:right;white-space:nowrap"'
    rows = "".join(
        f"<tr><td {cell}>{escape(line.number)}<br>"
        f'<small style="color:{_INK2}">{escape(line.due)} · {escape(line.late)}</small></td>'
        f"<td {right}>{escape(line.amount)}</td></tr>"
        for line in lines
    )
    heads = f'<th align="left" style="font-weight:500;color:{_INK2}">{escape(_("Documento"))}</th>'
    heads += f'<th align="right" style="font-weight:500;color:{_INK2}">{escape(_("Saldo"))}</th>'
    return f'<table style="width:100%;border-collapse:collapse;font-size:14px;line-height:20px"><tr>{heads}</tr>{rows}</table>'


def _doors(doors: Sequence[Door]) -> str:
    style = (
        "display:block;margin:8px 0 0;padding:11px 16px;border:1px solid #7F8C87;border-radius:10px;"
        f"color:{_INK};text-decoration:none;text-align:center;font-weight:500"
    )
    links = "".join(
        f'<a href="{escape(door.address)}" style="{style}">{escape(door.words)}</a>' for door in doors
    )
    return f'<div style="margin-top:20px">{links}</div>' if doors else ""


def _foot(foot: Sequence[str]) -> str:
    return "".join(
        f'<p style="margin:12px 0 0;font-size:12px;line-height:16px;color:{_INK2}">{escape(line)}</p>'
        for line in foot
    )
