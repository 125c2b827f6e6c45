"""Charts in a browser: names from somebody else's file are text there, and every chart is drawn on a telephone too."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from dischargesim.report.blocks import Chart
from tests.browsers import open_browser
from tests.unit import report_results as results
from tests.unit.test_report_sections import report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as found:
        yield found


def page_of(charts: list[Chart], folder: Path) -> Path:
    """A page with all charts, and plotly beside it."""
    from plotly.offline import get_plotlyjs

    (folder / "plotly.js").write_text(get_plotlyjs(), encoding="utf-8")
    figures = ",\n".join(chart.figure.to_json().replace("</", "<\\/") for chart in charts)
    page = folder / "page.html"
    page.write_text(
        '<!DOCTYPE html><html lang="en-GB"><meta charset="utf-8"><title>Charts</title><body style="margin:0">'
        '<script src="plotly.js"></script><script>'
        f"const figures = [{figures}];"
        "window.drawn = Promise.all(figures.map((figure, at) => {const div = document.createElement('div');"
        "div.id = 'chart' + at; document.body.append(div);"
        "return Plotly.newPlot(div, figure.data, figure.layout, {responsive: true, displayModeBar: false});}));"
        "</script></body></html>",
        encoding="utf-8",
    )
    return page


@pytest.mark.parametrize("width", [1000, 375])
def test_hostile_names_are_text(browser: Browser, tmp_path: Path, width: int) -> None:
    charts = list(report(results.hostile()).charts())
    page = browser.new_page(viewport={"width": width, "height": 900})
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.goto(page_of(charts, tmp_path).as_uri())
    page.evaluate("window.drawn")
    assert not told
    assert page.locator("a").count() == 0
    assert page.locator(".main-svg [style*=bold], .main-svg [style*=italic]").count() == 0
    seen = " ".join(page.locator("svg text").all_text_contents())
    for name in ("<b>bold</b> <a", "$x^2$ and %{x} &amp; &lt;i&gt;", "</script><script>alert(1)</script>"):
        assert name in seen, name
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.evaluate(
        "[...document.querySelectorAll('svg.main-svg')].map(svg => [svg.clientWidth, svg.clientHeight])"
    )
    assert len(sizes) >= len(charts) and all(0 < across <= width and down > 0 for across, down in sizes)
    page.screenshot(path=tmp_path / f"charts_{width}.png", full_page=True)
    page.close()


def test_hostile_names_are_text_where_they_are_pointed_at(browser: Browser, tmp_path: Path) -> None:
    charts = [chart for chart in report(results.hostile()).charts() if chart.name == "setting_utilisation"]
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.goto(page_of(charts, tmp_path).as_uri())
    page.evaluate("window.drawn")
    told = [html.unescape(said) for said in charts[0].figure.data[0].customdata]
    assert any("<b>bold</b> <a href='javascript:alert(1)'>link</a>" in said for said in told)
    assert any("$x^2$ and %{x} &amp; &lt;i&gt;" in said for said in told)
    for place, said in enumerate(told):
        # Plotly shows no more than some labels a second, and forgets what it is asked in between.
        page.wait_for_function(
            "([place, said]) => {Plotly.Fx.hover('chart0', [{curveNumber: 0, pointNumber: place}]);"
            "return [...document.querySelectorAll('.hoverlayer text')].some(text => text.textContent.includes(said));}",
            arg=[place, said],
        )
        assert page.locator(".hoverlayer a").count() == 0
    page.close()


@pytest.mark.parametrize("make", [results.grid, results.curve, results.places], ids=lambda make: make.__name__)
def test_every_chart_is_drawn_without_a_complaint(browser: Browser, tmp_path: Path, make: Any) -> None:
    charts = list(report(make()).charts())
    page = browser.new_page(viewport={"width": 375, "height": 800})
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(page_of(charts, tmp_path).as_uri())
    page.evaluate("window.drawn")
    assert not told
    marks = page.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot')].map(div => "
        "div.querySelectorAll('.point path, .points path, .js-line, .js-fill, .hm image, .sankey-link').length)"
    )
    assert len(marks) == len(charts)
    assert all(marks), [chart.name for chart, count in zip(charts, marks, strict=True) if not count]
    page.close()
