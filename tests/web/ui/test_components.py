"""Tags and components render what a screen reader, a printer and a colour-blind person can use."""

import re
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from aldia.web.ui import charts
from aldia.web.ui.formats import Regional
from aldia.web.ui.icons import UnknownIcon
from aldia.web.ui.templatetags import aldia as tags

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 10, 12, tzinfo=ZoneInfo("America/Argentina/Buenos_Aires"))
ANDINA = Regional("es_AR", "America/Argentina/Buenos_Aires", TODAY, NOW, "ARS")

pytestmark = pytest.mark.usefixtures("dist")


def render(source: str, **values: object) -> str:
    from django_cotton.compiler_regex import CottonCompiler

    compiled = CottonCompiler().process("{% load aldia %}" + source)
    context = Context({"shell": SimpleNamespace(regional=ANDINA), **values})
    with translation.override("es"):
        return re.sub(r"\s+", " ", Template(compiled).render(context))


def test_money_carries_its_machine_value() -> None:
    html = render('{% money minor "ARS" %}', minor=48_625_000)
    assert html == '<data class="ald-money" value="48625000">$\xa0486.250,00</data>'.replace("\xa0", " ")


def test_no_amount_is_a_dash_not_a_zero() -> None:
    assert render('{% money minor "ARS" %}', minor=None) == "–"


def test_short_money_keeps_the_whole_value_at_hand() -> None:
    html = render('{% money_short 9680000000 "ARS" %}')
    assert 'title="$ 96.800.000,00"' in html
    assert "$ 96,8 M" in html


@pytest.mark.parametrize(("step", "filled"), [(1, 1), (3, 3), (5, 5), (9, 5)])
def test_the_ageing_badge_fills_as_many_bars_as_its_bucket_and_says_it_in_words(
    step: int, filled: int
) -> None:
    html = render("{% ageing days=26 step=step %}", step=step)
    assert html.count("is-on") == filled
    assert html.count("<rect") == 5
    assert "26 días" in html


def test_up_to_date_is_a_tick_and_a_word_without_bars() -> None:
    html = render("{% ageing step=0 %}")
    assert "Al día" in html
    assert "#check" in html
    assert "<rect" not in html


def test_one_day_is_singular() -> None:
    assert "1 día<" in render("{% ageing days=1 step=1 %}")


def test_a_stage_without_step_is_paused_and_grey() -> None:
    assert render('{% stage "En pausa" %}') == '<span class="ald-stage">En pausa</span>'


def test_an_unknown_icon_is_an_error_that_names_the_list() -> None:
    with pytest.raises(UnknownIcon, match="phone"):
        tags.icon("telefono")


def test_a_date_is_machine_readable() -> None:
    html = render("{% day on %}", on=date(2026, 11, 27))
    assert html == '<time class="ald-date" datetime="2026-11-27">vie 27 nov</time>'


def test_the_query_tag_changes_only_what_it_names() -> None:
    request = RequestFactory().get("/clientes/?mora=8-30&pagina=4&orden=x")
    html = render('{% query pagina=None mora="31-60" %}', request=request)
    assert html == "/clientes/?orden=x&amp;mora=31-60"


def test_text_from_a_customer_is_escaped_everywhere() -> None:
    evil = "<script>alert(1)</script>"
    for source in (
        "{% tag name %}", "{% stage name step=1 %}", '<c-item href="/" title="{{ name }}" text="{{ name }}" />',
        '<c-event title="{{ name }}" quote="{{ name }}" />', '<c-contact icon="phone" :name="name" :to="name" />',
        '<c-field label="x" name="y" :value="name" />', '<c-palette-item :name="name" href="/" />',
    ):  # fmt: skip
        assert "<script" not in render(source, name=evil), source


def test_a_field_with_an_error_points_at_its_repair() -> None:
    html = render('<c-field label="¿Cuándo paga?" name="cuando" value="20/11" error="Ya pasó. ¿Vie 27?" />')
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="cuando-nota"' in html
    assert 'id="cuando-nota"' in html
    assert '<label for="cuando">' in html


def test_the_error_summary_counts_and_links_to_the_fields() -> None:
    html = render('<c-errors :items="items" />', items=[("cuando", "La fecha ya pasó"), ("importe", "Falta")])
    assert "Falta corregir 2 datos." in html
    assert '<a href="#cuando">La fecha ya pasó</a>' in html
    assert 'role="alert"' in html


def test_a_button_that_cannot_be_used_says_why() -> None:
    html = render('<c-button disabled reason="Hoy no, ya hubo 1">SMS</c-button>')
    assert " disabled" in html
    assert "Hoy no, ya hubo 1" in html


def test_a_key_on_a_button_is_declared_and_shown() -> None:
    html = render('<c-button kind="primary" key="P">Promesa</c-button>')
    assert 'data-key="p"' in html
    assert ">P</kbd>" in html


def test_a_closed_channel_keeps_its_row_with_the_reason() -> None:
    html = render('<c-contact icon="sms" name="SMS" to="351" when="Hoy no, ya hubo 1" href="/sms/" />')
    assert "ald-contact--no" in html
    assert "<a " not in html
    assert "#clock" in html


def test_a_chart_brings_its_data_and_its_table() -> None:
    told = charts.Chart(
        ["5 oct", "</script>"],
        [charts.Series("Cobrado", [1.5, None], "bar"), charts.Series("Vencido", [2, 3])],
    )
    html = render(
        '<c-chart id="g" :chart="told" label="Cobrado"><c-slot name="table">TABLA</c-slot></c-chart>',
        told=told,
    )
    assert 'type="application/json"' in html
    assert html.count("</script>") == 1
    assert "TABLA" in html
    assert 'aria-label="Cobrado"' in html


def test_a_chart_says_what_is_expected_and_where_today_is() -> None:
    paid = charts.Series("Cobrado", [1.0, 2.0, None], "bar")
    promised = charts.Series("Prometido", [None, None, 3.0], "bar", colour=2, is_expected=True)
    told = charts.drawn(charts.Chart(["a", "b", "c"], [paid, promised], today=1))
    assert (told["names"], told["today"]) == (["a", "b", "c"], 1)
    assert [(one["kind"], one["colour"], one["expected"]) for one in told["series"]] == [
        ("bar", 1, False),
        ("bar", 2, True),
    ]


def test_a_forecast_has_its_band() -> None:
    [line] = charts.drawn(
        charts.Chart(["a", "b"], [charts.Series("Previsto", [10.0, None], spread=[2.0, None])])
    )["series"]
    assert (line["low"], line["high"], line["values"]) == ([8.0, None], [12.0, None], [10.0, None])


def test_the_proportional_bar_draws_every_bucket_that_exists() -> None:
    buckets = [
        {"label": "Al día", "step": 0, "minor": 999, "share": 0.999},
        {"label": "91+", "step": 5, "minor": 1, "share": 0.001},
    ]
    html = render('<c-ageing-bar :buckets="buckets" currency="ARS" />', buckets=buckets)
    assert "ald-grow-100" in html
    assert "ald-grow-1" in html


def test_no_template_of_the_face_carries_inline_style_or_script() -> None:
    folder = Path(tags.__file__).parents[1] / "templates"
    data_block = re.compile(r'<script[^>]*type="application/json"')
    for file in folder.rglob("*.html"):
        text = data_block.sub("", file.read_text(encoding="utf-8"))
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<script", text), file.name
