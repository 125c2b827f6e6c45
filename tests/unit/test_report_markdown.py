"""Markdown, read by two readers as different as they come: text stays text, tables stay tables."""

from __future__ import annotations

import markdown as python_markdown
import pytest
from lxml import html as parser
from lxml.html import HtmlElement
from markdown_it import MarkdownIt

from dischargesim.report.blocks import Code, Items, Section
from dischargesim.report.formats.markdown import escaped, markdown
from tests.reports import HOSTILE, hostile_report, plain_report, shown

EXTENSIONS = ["tables", "fenced_code", "attr_list", "def_list", "footnotes", "admonition", "sane_lists"]
MARKUP = "script | //img | //a | //b | //i | //em | //del | //blockquote | //dl"


def mkdocs(text: str) -> HtmlElement:
    return parser.document_fromstring(
        f"<html><body>{python_markdown.markdown(text, extensions=EXTENSIONS)}</body></html>"
    )


def github(text: str) -> HtmlElement:
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return parser.document_fromstring(f"<html><body>{reader.render(text)}</body></html>")


READERS = pytest.mark.parametrize("read", [mkdocs, github])


@READERS
def test_a_report_reads_as_it_is_meant(read: object) -> None:
    assert callable(read)
    document = read(markdown(plain_report()))
    assert [node.text for node in document.xpath("//h1 | //h2")] == [
        "Discharge at Anytown: ten more beds",
        "The answer",
        "The options",
        "Day by day",
        "How to make this again",
    ]
    first = document.xpath("//table")[0]
    assert [cell.text for cell in first.xpath(".//th")] == [
        "Measure",
        "Baseline (people a day)",
        "Change (people a day)",
        "Cost (£ a year)",
        "Any size",
    ]
    assert [cell.text for cell in first.xpath(".//tbody/tr[1]/td")] == [
        "Measure 0",
        "1,234.6",
        "\u22122.3",
        "\u22121,250,000",
        "\u2013",
    ]
    assert document.xpath("//pre/code")[0].text.strip() == "dischargesim run system=small\n  run.days=90"
    assert len(document.xpath("//table")) == sum(1 for _ in plain_report().tables())


@READERS
def test_hostile_texts_come_out_as_text(read: object) -> None:
    assert callable(read)
    document = read(markdown(hostile_report()))
    assert not document.xpath(f"//{MARKUP}")
    assert not [key for node in document.iter() for key in node.attrib if key not in ("style", "class", "align")]
    texts = [shown(text) for text in HOSTILE]
    assert [item.text_content().strip() for item in document.xpath("//ul[2]/li")] == texts
    rows = document.xpath("//table[1]/tbody/tr")
    assert [cell.text_content() for cell in rows[0].xpath("td")] == texts
    assert [cell.text_content() for cell in rows[1].xpath("td")] == texts[::-1]
    assert len(document.xpath("//h1")) == 1
    assert len(document.xpath("//h2")) == 3
    code = [node.text for node in document.xpath("//pre/code")]
    assert [text.strip("\n") for text in code[:2]] == list(HOSTILE[:2])
    assert code[-1].strip() == "after a list"


@READERS
@pytest.mark.parametrize(
    "text", ["# head", "- point", "+ point", "1. point", "12) point", "> quoted", "---", "===", ": term", "    four"]
)
def test_no_text_begins_anything(read: object, text: str) -> None:
    assert callable(read)
    document = read(f"before\n\n{escaped(text)}\n\nafter")
    assert [node.tag for node in document.xpath("//body/*")] == ["p", "p", "p"]
    assert document.xpath("//p[2]")[0].text_content() == text.strip()


@READERS
@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_is_only_text(read: object, text: str) -> None:
    assert callable(read)
    document = read(markdown(Section("s", text, ())))
    assert [(node.tag, dict(node.attrib), node.text_content()) for node in document.xpath("//body/*")] == [
        ("h2", {}, shown(text))
    ]


@READERS
def test_a_fence_inside_of_code_does_not_end_it(read: object) -> None:
    assert callable(read)
    text = "a\n```\nb <i>\n````\nc\n\n# d"
    document = read(markdown(Section("s", "S", (Items(("one",)), Code(text)))))
    assert [node.text.strip("\n") for node in document.xpath("//pre/code")] == [text]
    assert not document.xpath("//h1")
