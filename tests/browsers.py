"""The browser of the tests that need one: any of those that draw the pictures of a report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from choreographer.browsers.chromium import Chromium
from playwright.sync_api import Browser, sync_playwright

NEEDED = "DISCHARGESIM_NEEDS_BROWSER"
_QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def browser_path() -> str:
    """Path of a browser; without one the test fails where one is needed, and is left out elsewhere."""
    path = Chromium.find_browser(skip_local=False)
    if path is None:
        if os.environ.get("CI") or os.environ.get(NEEDED):
            pytest.fail("this test needs Chrome, Chromium or Edge")
        pytest.skip("needs Chrome, Chromium or Edge")
    return path


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The browser without a window; without its sandbox, which the superuser of a container cannot have."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox", *_QUIET])
        try:
            yield browser
        finally:
            browser.close()
