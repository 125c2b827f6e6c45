"""Charts as pictures and as pieces to embed, drawn by a real browser, and what is said where there is none."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import struct
import time
from pathlib import Path

import docx
import pytest
from lxml import etree

from dischargesim.report.blocks import Report
from dischargesim.report.formats.figures import PLOTLY, write_figures
from dischargesim.report.formats.pictures import WIDTH, NoBrowser, NoPictures, Pictures, pictures
from dischargesim.report.formats.word import word_document
from tests.browsers import browser_path, open_browser
from tests.reports import HOSTILE, hostile_report, plain_report, shown

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def made() -> Pictures:
    browser_path()
    return pictures([*plain_report().charts(), *hostile_report().charts()])


def names() -> list[str]:
    return [chart.name for report in (plain_report(), hostile_report()) for chart in report.charts()]


def test_every_chart_is_a_picture_at_the_size_of_print(made: Pictures) -> None:
    assert list(made["png"]) == list(made["svg"]) == names()
    for data in made["png"].values():
        assert data.startswith(b"\x89PNG")
        assert struct.unpack(">I", data[16:20]) == (2 * WIDTH,)
    height = struct.unpack(">I", made["png"]["daily"][20:24])[0]
    assert height == 2 * plain_report().sections[2].blocks[0].figure.layout.height


def test_drawings_are_the_same_twice_and_can_stand_in_one_page(made: Pictures) -> None:
    ids: list[str] = []
    for name, data in made["svg"].items():
        root = etree.fromstring(data)
        assert root.tag == f"{SVG}svg"
        own = [node.get("id") for node in root.iter() if node.get("id")]
        assert own
        ids += own
        used = re.findall(r"url\([^#)]*#([^\"')&]+)", data.decode("utf-8"))
        assert set(used) <= set(own), name
    assert len(ids) == len(set(ids))
    again = pictures(plain_report().charts(), ("svg",))
    assert list(again) == ["svg"]
    assert all(made["svg"][name] == data for name, data in again["svg"].items())


def test_a_drawing_says_in_words_what_it_shows(made: Pictures) -> None:
    charts = {chart.name: chart for report in (plain_report(), hostile_report()) for chart in report.charts()}
    for name, data in made["svg"].items():
        root = etree.fromstring(data)
        assert [root.get("role"), root[0].tag, root[1].tag] == ["img", f"{SVG}title", f"{SVG}desc"]
        assert [root[0].text, root[1].text] == [shown(charts[name].title), shown(charts[name].summary)]


def test_no_text_of_a_drawing_is_a_link(made: Pictures) -> None:
    for name in ("drawn", "careless"):
        root = etree.fromstring(made["svg"][name])
        assert not list(root.iter(f"{SVG}a", f"{SVG}script", f"{SVG}foreignObject"))
        texts = ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]
        assert "<script>alert(1)</script>" in texts
        assert '<a href="https://example.org">click</a>' in texts
    assert shown(HOSTILE[12]) in "".join(root.itertext())


def test_pictures_can_be_had_where_a_loop_runs() -> None:
    browser_path()

    async def within() -> Pictures:
        return pictures(list(plain_report().charts())[:1], ("png",))

    assert list(asyncio.run(within())["png"]) == ["forest"]


def test_pictures_go_into_the_document(made: Pictures, tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    path.write_bytes(word_document(plain_report(), made["png"]))
    assert len(docx.Document(str(path)).inline_shapes) == 4


@pytest.mark.parametrize("named", ["nothing at all", "a folder", "no program"])
def test_a_planner_is_told_in_a_line_how_to_get_pictures(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "browser"
    if named == "a folder":
        path.mkdir()
    elif named == "no program":
        path.write_text("not a program", encoding="utf-8")
    monkeypatch.setenv("BROWSER_PATH", str(path))
    with pytest.raises(NoBrowser) as caught:
        pictures(plain_report().charts())
    assert str(path) in str(caught.value)
    assert "BROWSER_PATH" in str(caught.value)
    assert "Edge" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_any_browser_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from choreographer.browsers import chromium

    # The places to look in are those of an empty machine; all else is as it is.
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "chromium_based_browsers", {})
    monkeypatch.setattr(chromium, "get_chrome_download_path", lambda *, mkdir: tmp_path / "none")
    monkeypatch.setattr(chromium, "get_old_chrome_download_path", lambda: None)
    with pytest.raises(NoBrowser, match="Chrome, Chromium or Edge, and none was found; install one"):
        pictures(plain_report().charts())


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for a browser that never answers")
def test_a_browser_that_never_answers_is_ended_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script, mark = tmp_path / "never answers", tmp_path / "pid"
    script.write_text(f'#!/bin/sh\necho $$ > "{mark}"\nexec sleep 600\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("BROWSER_PATH", str(script))
    with pytest.raises(NoPictures):
        pictures(plain_report().charts(), timeout=3)
    # The system takes a moment to clear away what was ended.
    for _ in range(100):
        try:
            os.kill(int(mark.read_text(encoding="utf-8")), 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the browser is still there")


def test_no_charts_need_no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    assert pictures([]) == {"png": {}, "svg": {}}
    assert write_figures(Report("R", "", (), ()), tmp_path / "figures", None) == []
    assert not (tmp_path / "figures").exists()


def test_figures_are_files_by_the_name_of_the_chart(made: Pictures, tmp_path: Path) -> None:
    folder = tmp_path / "a planner's façade" / "figures"
    lines = write_figures(plain_report(), folder, made)
    own = [chart.name for chart in plain_report().charts()]
    files = {f"{name}.{kind}" for name in own for kind in ("png", "svg", "html")}
    assert {path.name for path in folder.iterdir()} == files | {PLOTLY}
    assert (folder / "heat.png").read_bytes() == made["png"]["heat"]
    assert lines == [f"{folder}: 4 charts as PNG, SVG and HTML"]
    assert write_figures(plain_report(), tmp_path / "bare", None) == [f"{tmp_path / 'bare'}: 4 charts as HTML"]


def test_pieces_are_drawn_inside_of_another_page(tmp_path: Path) -> None:
    folder = tmp_path / "with space é" / "figures"
    write_figures(plain_report(), folder, None)
    outer = folder.parent / "page.html"
    frames = "".join(f'<iframe src="figures/{chart.name}.html"></iframe>' for chart in plain_report().charts())
    outer.write_text(f"<!DOCTYPE html><title>Outer</title>{frames}", encoding="utf-8")
    with open_browser() as browser:
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(outer.as_uri())
        for frame in page.frames[1:]:
            frame.wait_for_selector("html[data-charts=settled]")
            assert frame.get_attribute(".chart", "data-drawn") == "yes"
            assert frame.eval_on_selector(".chart svg.main-svg", "node => node.getBoundingClientRect().width") > 100
        assert len(page.frames) == 5
        assert said == []
