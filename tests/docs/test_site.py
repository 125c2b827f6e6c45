"""The site is built without a warning, asks nobody else for anything, and can be read and searched as files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.browsers import open_browser
from tests.docs.pages import DOCS, ROOT

_AWAY = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"}
    built = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


class Loads(HTMLParser):
    """What a page loads by itself, and its pictures without a text."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.unnamed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed") and given.get("src"):
            self.loads.append(str(given["src"]))
        # A link that a reader may follow is an `a`; these are fetched at once.
        if tag == "link" and given.get("rel") not in ("canonical", "next", "prev"):
            self.loads.append(str(given.get("href")))
        if tag == "img" and not given.get("alt"):
            self.unnamed.append(str(given.get("src")))


def test_every_page_is_built_and_loads_only_its_own_files(site: Path) -> None:
    built = sorted(site.rglob("*.html"))
    assert len(built) > len(list(DOCS.rglob("*.md")))
    for path in built:
        page = Loads()
        page.feed(path.read_text(encoding="utf-8"))
        assert [name for name in page.loads if _AWAY.match(name)] == [], path
        assert page.unnamed == [], path
        for name in page.loads:
            # The page that stands for what is not found is served from anywhere, and names files from the top.
            local = site / name.lstrip("/") if path.name == "404.html" else path.parent / name
            assert local.with_name(local.name.partition("?")[0]).exists(), (path, name)
    for path in site.rglob("*.css"):
        assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8")) == [], path


def test_site_is_read_and_searched_as_files(site: Path) -> None:
    with open_browser() as chrome:
        page = chrome.new_page(viewport={"width": 375, "height": 800})
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        # What a server shows for a page that is not there names its files from the top, and nobody opens it as a file.
        for path in sorted(set(site.rglob("*.html")) - {site / "404.html"}):
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= 375, path
        page.goto((site / "background" / "model.html").as_uri())
        widths = page.evaluate("[...document.querySelectorAll('.picture img')].map((one) => one.naturalWidth)")
        assert len(widths) == 4 and min(widths) > 100
        page.set_viewport_size({"width": 1300, "height": 900})
        page.goto((site / "index.html").as_uri())
        page.click("input.md-search__input")
        page.wait_for_function("typeof __index === 'object'")
        page.type("input.md-search__input", "reablement", delay=30)
        page.wait_for_selector(".md-search-result__link", timeout=20_000)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
    assert said == []
