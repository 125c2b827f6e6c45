"""The page in a real browser: drawn, quiet, no wider than the screen, in order for the keyboard, whole on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dischargesim.report.blocks import Report
from dischargesim.report.formats.html import html_page
from tests.browsers import open_browser
from tests.reports import HOSTILE, hostile_report, large_report, plain_report, shown

SETTLED = "html[data-charts=settled]"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 740}
# The width between the margins of A4, in the pixels of a style sheet.
PAPER = {"width": round((210 - 28) / 25.4 * 96), "height": 1000}
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(node => {
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.right > document.documentElement.clientWidth + 1
        && !node.closest('.wide') && !node.closest('.unseen') && !node.closest('svg');
}).map(node => node.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


def opened(
    browser: Browser, report: Report, folder: Path, size: dict[str, int], **options: bool
) -> tuple[Page, list[str]]:
    """The page of a report, everything drawn, and what the console had to say."""
    path = folder / "a planner's report é.html"
    path.write_bytes(html_page(report))
    page = browser.new_context(viewport=size, **options).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    elsewhere = re.compile("^(?!file:|data:)")
    page.on("request", lambda request: said.extend((elsewhere.match(request.url) and [request.url]) or []))
    page.goto(path.as_uri())
    if options.get("java_script_enabled", True):
        page.wait_for_selector(SETTLED)
    return page, said


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("made", [plain_report, hostile_report], ids=["plain", "hostile"])
def test_all_charts_are_drawn_and_nothing_is_wider_than_the_screen(
    browser: Browser, tmp_path: Path, made: object, size: dict[str, int]
) -> None:
    assert callable(made)
    report = made()
    page, said = opened(browser, report, tmp_path, size)
    page.screenshot(path=tmp_path / f"{size['width']}.png", full_page=True)
    assert said == []
    charts = page.query_selector_all(".chart")
    assert len(charts) == sum(1 for _ in report.charts())
    for chart in charts:
        box = chart.query_selector("svg.main-svg").bounding_box()
        assert chart.get_attribute("data-drawn") == "yes"
        assert box["width"] > 200
        assert box["height"] > 200
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"] + 1
    page.eval_on_selector_all("details", "nodes => nodes.forEach(node => node.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.evaluate(TOO_WIDE) == []
    page.context.close()


def test_wide_tables_scroll_by_themselves(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, plain_report(), tmp_path, PHONE)
    wide = page.query_selector(".wide:has(#wide)")
    assert wide.evaluate("node => node.scrollWidth > node.clientWidth")
    wide.evaluate("node => { node.scrollLeft = 1000; }")
    assert wide.evaluate("node => node.scrollLeft") > 0
    last = page.query_selector("#wide thead th:last-child").bounding_box()
    assert last["x"] + last["width"] <= PHONE["width"]
    first = page.query_selector("#wide tbody th").bounding_box()
    assert 0 <= first["x"] < last["x"]
    page.context.close()


def test_a_chart_follows_the_width_of_the_window(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, plain_report(), tmp_path, DESKTOP)
    page.set_viewport_size(PHONE)
    page.locator("#daily-chart svg.main-svg").first.scroll_into_view_if_needed()
    for _ in range(50):
        box = page.query_selector("#daily-chart svg.main-svg").bounding_box()
        if box["width"] <= PHONE["width"]:
            break
        page.wait_for_timeout(100)
    assert box["width"] <= PHONE["width"]
    page.context.close()


def test_hostile_texts_do_nothing_and_are_read(browser: Browser, tmp_path: Path) -> None:
    page, said = opened(browser, hostile_report(), tmp_path, DESKTOP)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    assert page.title() == shown(HOSTILE[0] + HOSTILE[3] + HOSTILE[12])
    # The first three names of a chart went through what treats them, those of the second did not.
    ticks = page.eval_on_selector_all("#drawn-chart .ytick text", "nodes => nodes.map(node => node.textContent)")
    assert set(ticks) == {HOSTILE[0], HOSTILE[1], HOSTILE[9]}
    ticks = page.eval_on_selector_all("#careless-chart .xtick text", "nodes => nodes.map(node => node.textContent)")
    assert set(ticks) == {HOSTILE[0], HOSTILE[9], shown(HOSTILE[12])}
    assert page.query_selector_all("main a, svg a, main script, main img") == []
    assert asked == said == []
    page.context.close()


def test_the_keyboard_begins_with_the_skip_link(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, plain_report(), tmp_path, DESKTOP)
    focus = "['className', 'id', 'textContent'].map(key => document.activeElement[key]).join('|')"
    page.keyboard.press("Tab")
    assert page.evaluate(focus).endswith("Skip to the report")
    assert page.query_selector(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Tab")
    assert page.evaluate(focus).endswith("The answer")
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "report-main" in page.evaluate(focus)
    page.keyboard.press("Tab")
    # Next after the contents is the first thing in the report itself, a table that may have to be scrolled.
    assert page.evaluate("document.activeElement.querySelector('table').id") == "headline"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open") is True
    page.context.close()


def test_a_reader_hears_what_each_chart_says(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, plain_report(), tmp_path, DESKTOP)
    for chart in plain_report().charts():
        drawn = page.get_by_role("img", name=f"Chart: {chart.title}", exact=True)
        assert drawn.count() == 1
        assert page.get_by_role("figure", name=chart.title, exact=True).count() == 1
        described = drawn.get_attribute("aria-describedby")
        assert page.text_content(f"#{described}") == chart.summary
    assert page.get_by_role("navigation", name="Contents").count() == 1
    assert page.get_by_role("region", name="The answer").count() == 1
    page.context.close()


def test_without_scripts_the_numbers_can_be_read(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, plain_report(), tmp_path, DESKTOP, java_script_enabled=False)
    assert page.is_visible("noscript p")
    page.click("#forest summary")
    assert page.is_visible("#forest_data tbody tr:last-child")
    page.context.close()


@pytest.mark.parametrize("made", [plain_report, hostile_report, lambda: large_report(3, 8)])
def test_nothing_is_cut_off_on_paper(browser: Browser, tmp_path: Path, made: object) -> None:
    assert callable(made)
    page, said = opened(browser, made(), tmp_path, DESKTOP)
    data = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    # Drawn for a screen, the same charts have to fit on paper.
    page.emulate_media(media="print")
    wide = page.evaluate(
        """width => {
            document.body.style.width = width + 'px';
            return [...document.querySelectorAll('body *')].filter(node => {
                const box = node.getBoundingClientRect();
                return box.width > 1 && box.right > width + 1 && !node.closest('.svg-container svg > *');
            }).map(node => node.outerHTML.slice(0, 80));
        }""",
        PAPER["width"],
    )
    assert wide == []
    assert said == []
    boxes = re.findall(rb"/MediaBox\s*\[([^]]*)\]", data)
    assert boxes
    assert {tuple(round(float(side)) for side in box.split()) for box in boxes} <= {(0, 0, 595, 842), (0, 0, 596, 842)}
    assert page.is_hidden("nav")
    assert page.is_hidden("details")
    page.context.close()


def test_many_charts_open_fast_and_those_in_sight_come_first(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_bytes(html_page(large_report()))
    page = browser.new_page(viewport=DESKTOP)
    page.goto(path.as_uri(), wait_until="commit")
    page.wait_for_selector("#chart_0-chart[data-drawn=yes]")
    first = page.eval_on_selector_all(".chart", "nodes => nodes.map(node => node.dataset.drawn || 'no')")
    assert first[-1] != "yes"
    page.wait_for_selector(SETTLED)
    last = page.eval_on_selector_all(".chart", "nodes => nodes.map(node => node.dataset.drawn)")
    assert last == ["yes"] * 14
    page.close()


def test_a_page_that_is_printed_at_once_has_all_its_charts(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_bytes(html_page(large_report()))
    page = browser.new_page(viewport=DESKTOP)
    page.goto(path.as_uri(), wait_until="domcontentloaded")
    page.pdf(path=tmp_path / "large.pdf", prefer_css_page_size=True)
    drawn = page.eval_on_selector_all(
        ".chart", "nodes => nodes.map(node => node.querySelectorAll('.main-svg').length > 0)"
    )
    assert drawn == [True] * 14
    page.close()
