"""What a page needs to draw charts: plotly.js itself, the lines that draw, and each figure as JSON.

Nothing of it comes from the network, and the same figures give the same text in every process.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dischargesim.report.formats.text import plain

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# Plotly reads some HTML in the texts of a figure; a link there would be one that nobody asked for.
_LINK = re.compile(r"<(?=/?a\b)", re.IGNORECASE)
_LETTERS = "Arial, Helvetica, sans-serif"
_ABOVE = 30
_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


@cache
def plotly_js() -> str:
    """The source of plotly.js that the installed plotly brings, ready to stand in a page."""
    text = files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")
    # A browser that reads a page makes one line feed of every line end; the hash is of what it then sees.
    return text.replace("\r\n", "\n").strip()


@cache
def packaged(name: str) -> str:
    """A text file of this folder, such as ``page.css``."""
    return files("dischargesim.report.formats").joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n").strip()


def script(source: str) -> str:
    """A script element.

    Raises
    ------
    ValueError
        If the source would end the element before its time.
    """
    if re.search(r"</script|<!--", source, re.IGNORECASE):
        raise ValueError("a script that cannot stand in a page: it holds </script or <!--")
    return f"<script>{source}</script>"


def allowed(source: str) -> str:
    """What a Content-Security-Policy calls a script: its hash."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode('utf-8')).digest()).decode('ascii')}'"


def figure_data(figure: Figure) -> dict[str, Any]:
    """A figure as plain data: no character that a page cannot hold, no link, nothing that differs by chance.

    It gets the letters of the page, and no room for a title above it, where it names neither.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        Is not changed.

    Returns
    -------
    dict
    """
    from plotly.utils import PlotlyJSONEncoder

    data: dict[str, Any] = json.loads(json.dumps(figure.to_dict(), cls=PlotlyJSONEncoder), object_hook=_texts)
    # Left to itself, plotly.js names each trace by chance.
    for number, trace in enumerate(data["data"]):
        trace["uid"] = f"trace{number}"
    layout = data.setdefault("layout", {})
    template = layout.get("template", {}).get("layout", {})
    if "family" not in layout.get("font", {}) and "family" not in template.get("font", {}):
        layout["font"] = {**layout.get("font", {}), "family": _LETTERS}
    if "t" not in layout.get("margin", {}) and "t" not in template.get("margin", {}):
        layout["margin"] = {**layout.get("margin", {}), "t": _ABOVE}
    return data


def _texts(part: dict[str, Any]) -> dict[str, Any]:
    """A part of a figure, its texts made harmless; parts within it have been through here."""
    return {key: _text(value) for key, value in part.items()}


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return _LINK.sub("&lt;", plain(value))
    return [_text(each) for each in value] if isinstance(value, list) else value


def figure_json(figure: Figure) -> str:
    """A figure, as `figure_data` gives it, as JSON that can stand in a script element: ASCII, keys in order.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure

    Returns
    -------
    str
    """
    text = json.dumps(figure_data(figure), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    for character, escape in _IN_SCRIPT.items():
        text = text.replace(character, escape)
    return text


def figure_element(name: str, figure: Figure) -> str:
    """The data of a chart as an element that the script of the page reads; it does nothing by itself."""
    return f'<script type="application/json" id="{name}-chart-figure">{figure_json(figure)}</script>'
