"""Charts as pictures: PNG for documents, SVG for slides; drawn by a browser that is on the machine.

All charts are drawn in one start of the browser, which is asked for nothing from the network. Where no browser is,
`NoBrowser` says in one line what would help; a report can be made without pictures.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from xml.etree.ElementTree import canonicalize
from xml.sax.saxutils import escape

from dischargesim.report.blocks import Chart
from dischargesim.report.formats.drawing import figure_data
from dischargesim.report.formats.text import one_line

if TYPE_CHECKING:
    from kaleido import Kaleido

Kind = Literal["png", "svg"]
Pictures = dict[Kind, dict[str, bytes]]
"""Kind, then name of the chart, then the file."""

WIDTH = 680
"""Width of a picture in the units in which letters are measured: that of the text of an A4 page."""
HEIGHT = 420
"""Height of a picture whose figure names none."""
_SCALE = {"png": 2.0, "svg": 1.0}
_TABS = 2
_TO_CLOSE = 12.0
_IDS = r"((?:\bid=\"|url\((?:&quot;|[\"'])?#|href=\"#)[^\")&]*?)"


class NoPictures(Exception):
    """Charts that could not be made into pictures; the text says why, in one line."""


class NoBrowser(NoPictures):
    """There is no browser that could draw."""


def pictures(charts: Iterable[Chart], kinds: Sequence[Kind] = ("png", "svg"), *, timeout: float = 180.0) -> Pictures:
    """Draw charts.

    It may be called where an event loop runs already, and by the superuser of a container.

    Parameters
    ----------
    charts : iterable of Chart
    kinds : sequence of {"png", "svg"}
    timeout : float
        Seconds for all of them.

    Returns
    -------
    dict
        Kind, then name of the chart, then the file: PNG at twice the size of `WIDTH`, for print.

    Raises
    ------
    NoBrowser
        If there is none, or it does not start.
    NoPictures
        If a chart could not be drawn, or not in time.
    """
    work = _Work(list(charts), tuple(kinds), timeout, {kind: {} for kind in kinds})
    if work.charts and kinds:
        # A loop of its own in a thread of its own: the caller's may be running, and could not wait for this.
        thread = threading.Thread(target=work.run, name="pictures", daemon=True)
        thread.start()
        try:
            thread.join(timeout + _TO_CLOSE)
        except BaseException:
            # Somebody stopped the wait, and will not come back for the browser.
            work.end_browser()
            raise
        if thread.is_alive():
            work.end_browser()
            raise NoPictures(_late(timeout))
    if work.problem is not None:
        raise work.problem
    return work.done


def _late(timeout: float) -> str:
    return f"no pictures: the browser did not draw the charts within {timeout:g} seconds"


@dataclass
class _Work:
    """What is drawn in the other thread, and what came of it."""

    charts: list[Chart]
    kinds: tuple[Kind, ...]
    timeout: float
    done: Pictures
    problem: NoPictures | None = None
    browser: Kaleido | None = None

    def run(self) -> None:
        """Draw, and keep what went wrong for the thread that waits."""
        from choreographer.errors import BrowserClosedError, BrowserFailedError, ChromeNotFoundError

        try:
            asyncio.run(asyncio.wait_for(self._draw(), self.timeout))
        except ChromeNotFoundError:
            self.problem = NoBrowser(_not_found())
        except (BrowserFailedError, BrowserClosedError, OSError):
            self.problem = NoBrowser(self._did_not_start())
        except TimeoutError:
            self.problem = NoPictures(_late(self.timeout))
        except Exception as error:
            self.problem = NoPictures(f"no pictures: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
        finally:
            if self.problem is not None:
                self.end_browser()

    async def _draw(self) -> None:
        from kaleido import Kaleido

        tabs = min(_TABS, os.cpu_count() or 1, len(self.charts) * len(self.kinds))
        self.browser = Kaleido(n=tabs, timeout=self.timeout, mathjax=False)
        # Between two charts kaleido loads its page anew, with all of plotly.js, which takes longer than to draw. A
        # chart leaves nothing behind in the page: a tab that is done goes straight back to those that are ready.
        self.browser._return_kaleido_tab = self.browser.tabs_ready.put
        wanted = [(kind, chart) for chart in self.charts for kind in self.kinds]
        async with self.browser as browser:
            files = await asyncio.gather(*(_one(browser, kind, chart) for kind, chart in wanted))
        for (kind, chart), file in zip(wanted, files, strict=True):
            self.done[kind][chart.name] = file

    def _did_not_start(self) -> str:
        path = getattr(getattr(self.browser, "_browser_impl", None), "path", None)
        return f"no pictures: the browser {path} did not start; {_HELP}"

    def end_browser(self) -> None:
        """End the browser if it is still there."""
        process: Any = getattr(self.browser, "subprocess", None)
        if process is None or process.poll() is not None:
            return
        with suppress(OSError):
            if os.name == "posix":
                # It leads a group of its own, to which its helpers belong.
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()


_HELP = "name another Chrome, Chromium or Edge in the environment variable BROWSER_PATH"


def _not_found() -> str:
    named = os.environ.get("BROWSER_PATH")
    if named:
        return (
            f"no pictures: BROWSER_PATH names no browser: {named}; it has to be the program of Chrome, Chromium or Edge"
        )
    return (
        "no pictures: they need Chrome, Chromium or Edge, and none was found; install one, name its program in the "
        "environment variable BROWSER_PATH, or run plotly_get_chrome"
    )


async def _one(browser: Kaleido, kind: Kind, chart: Chart) -> bytes:
    height = chart.figure.layout.height or HEIGHT
    options = {"format": kind, "width": WIDTH, "height": height, "scale": _SCALE[kind]}
    file: bytes = await browser.calc_fig(figure_data(chart.figure), opts=options)
    return _drawing(file, chart) if kind == "svg" else file


def _drawing(svg: bytes, chart: Chart) -> bytes:
    """A drawing with words for those who do not see it, and with ids from the name of the chart and not by chance.

    So two of them can stand in one page, and the same chart gives the same bytes.
    """
    text = svg.decode("utf-8")
    found = re.search(r'id="(?:top)?defs-([0-9a-f]+)"', text)
    if found:
        text = re.sub(_IDS + found[1], lambda match: f"{match[1]}-{chart.name}-", text)
    words = f"<title>{escape(one_line(chart.title))}</title><desc>{escape(one_line(chart.summary))}</desc>"
    text = text.replace("<svg ", '<svg role="img" ', 1).replace(">", f">{words}", 1).replace(' style=""', "")
    # Plotly.js writes the attributes of an element in an order that depends on how often it was drawn.
    return canonicalize(text).encode("utf-8")
