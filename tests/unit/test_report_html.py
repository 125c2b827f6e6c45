"""The page: one file, no network, one plotly.js, everything named, and text that is only text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from lxml import html as parser
from lxml.html import HtmlElement
from plotly.offline import get_plotlyjs

from dischargesim.report.blocks import Report
from dischargesim.report.formats.drawing import figure_json, script
from dischargesim.report.formats.html import html_page
from tests.reports import HOSTILE, hostile_report, line_chart, plain_report, shown, table_only

REPORTS = (plain_report, hostile_report)
SIDES = ("src", "href", "srcset", "action", "data", "poster", "background", "formaction", "xlink:href")


@cache
def page(made: object) -> HtmlElement:
    assert callable(made)
    return parser.document_fromstring(html_page(made()).decode("utf-8"))


@pytest.mark.parametrize("made", REPORTS)
def test_nothing_comes_from_elsewhere(made: object) -> None:
    document = page(made)
    leads = [(node.tag, key, node.get(key)) for node in document.iter() for key in SIDES if node.get(key) is not None]
    assert leads
    assert all(tag == "a" and key == "href" and value.startswith("#") for tag, key, value in leads)
    assert not document.xpath("//link | //img | //iframe | //object | //embed | //base | //form")
    style = "".join(document.xpath("//style/text()"))
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("made", REPORTS)
def test_one_plotly_and_only_scripts_that_the_policy_names(made: object) -> None:
    document = page(made)
    scripts = [node.text for node in document.xpath("//script[not(@type)]")]
    assert len(scripts) == 2
    assert scripts[0].strip() == get_plotlyjs().strip()
    rules = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    for source in scripts:
        digest = base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")
        assert f"'sha256-{digest}'" in rules
    assert rules.startswith("default-src 'none'; ")
    assert "unsafe-inline" not in rules.split("script-src")[1].split(";")[0]
    assert not [key for node in document.iter() for key in node.attrib if key.startswith("on")]


@pytest.mark.parametrize("made", REPORTS)
def test_names_are_unlike_and_lead_somewhere(made: object) -> None:
    document = page(made)
    names = document.xpath("//@id")
    assert len(names) == len(set(names))
    leads = [lead[1:] for lead in document.xpath("//a/@href")]
    leads += [name for key in ("aria-labelledby", "aria-describedby") for name in document.xpath(f"//@{key}")]
    assert leads
    assert set(leads) <= set(names)


@pytest.mark.parametrize("made", REPORTS)
def test_every_figure_is_named_and_has_its_numbers(made: object) -> None:
    assert callable(made)
    report: Report = made()
    document = page(made)
    figures = document.xpath("//figure")
    assert len(figures) == sum(1 for _ in report.charts())
    for figure, chart in zip(figures, report.charts(), strict=True):
        assert figure.xpath("figcaption/h3")[0].text_content() == shown(chart.title)
        assert figure.xpath("figcaption/p")[0].text_content() == shown(chart.summary)
        assert figure.xpath("div[@role='img']/@aria-label") == [f"Chart: {shown(chart.title)}"]
        assert len(figure.xpath("details//table/tbody/tr")) == len(chart.data.rows)
        data = json.loads(document.get_element_by_id(f"{chart.name}-chart-figure").text)
        assert len(data["data"]) == len(chart.figure.data)


def test_headings_come_in_order_and_parts_of_the_page_are_marked() -> None:
    document = page(plain_report)
    levels = [int(node.tag[1]) for node in document.xpath("//h1 | //h2 | //h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for part in ("header", "nav", "main"):
        assert len(document.xpath(f"//{part}")) == 1
    assert document.get("lang") == "en-GB"
    first = document.xpath("//body/*")[0]
    assert (first.tag, first.get("href")) == ("a", "#report-main")
    assert document.xpath("//nav//a/@href") == ["#answer", "#options", "#days", "#again"]
    assert [node.get("class") for node in document.xpath("//section[1]/*[@class]")][:2] == ["answer", "caution"]
    assert document.xpath("//*[@class='caution']")[0].text_content().startswith("Caution")


def test_tables_have_heads_numbers_to_the_right_and_words_for_what_is_missing() -> None:
    table = page(plain_report).get_element_by_id("headline")
    heads = table.xpath("thead/tr/th")
    assert [head.text_content() for head in heads][1:4] == [
        "Baseline (people a day)",
        "Change (people a day)",
        "Cost (£ a year)",
    ]
    assert {head.get("scope") for head in heads} == {"col"}
    assert {head.get("scope") for head in table.xpath("tbody/tr/th")} == {"row"}
    rows = [[cell.text_content() for cell in row] for row in table.xpath("tbody/tr")]
    assert rows[0] == ["Measure 0", "1,234.6", "\u22122.3", "\u22121,250,000", "\u2013no figure"]
    assert rows[2] == ["Measure 2", "1,236.6", "+2.3", "1,250,000", "no limit"]
    assert [cell.get("class") for cell in table.xpath("tbody/tr[1]/*")] == [None, "n", "n", "n", None]


def test_hostile_texts_come_out_as_text() -> None:
    document = page(hostile_report)
    items = [item.text_content() for item in document.xpath("//section[@id='first']/ul/li")]
    assert items == [shown(text) for text in HOSTILE]
    cells = [cell.text_content() for cell in document.xpath("//table[@id='hostile']/tbody/tr[1]/*")]
    assert cells == [shown(text) for text in HOSTILE]
    assert document.xpath("//title")[0].text == shown(HOSTILE[0] + HOSTILE[3] + HOSTILE[12])
    assert document.xpath("//pre/code")[0].text == HOSTILE[0]


def test_figures_are_ascii_in_order_and_hold_no_link() -> None:
    figure = line_chart('<a href="https://example.org">x</a></script><!-- \u2028')
    text = figure_json(figure)
    assert text == figure_json(figure)
    assert text.isascii()
    assert not re.search("[<>&]", text)
    data = json.loads(text)
    assert data["data"][0]["name"].startswith('&lt;a href="https://example.org">x&lt;/a></script>')
    assert [trace["uid"] for trace in data["data"]] == ["trace0", "trace1"]
    assert figure.data[0].uid is None
    one, other = (go.Figure(layout=dict.fromkeys(names, 90)) for names in (("width", "height"), ("height", "width")))
    assert figure_json(one) == figure_json(other)


def test_a_page_without_charts_has_no_script() -> None:
    text = html_page(table_only()).decode("utf-8")
    assert "<script" not in text
    assert "script-src 'none'" in text


def test_a_script_that_would_end_too_soon_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot stand in a page"):
        script("let a = '</SCRIPT>'")
