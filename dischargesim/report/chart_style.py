"""How charts look, in one place: colours, dashes and shapes, type, axes, and text that stays text.

Colours are those of the Government Analysis Function, at most four series a chart; whatever colour tells apart, a dash,
a shape or a pattern tells apart as well. Names stand above their row and not beside it, so that a chart reads at the
width of a telephone and on paper alike. Numbers are written into a figure as plain lists of six significant figures:
the same results give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE = "#12436D", "#28A197", "#801650", "#F46A25"
DARK_GREY, MID_GREY, LINE_GREY = "#3D3D3D", "#6B7276", "#E3E5E6"
TEXT = "#0B0C0C"
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
FONT_SIZE = 13
BLUES = ((0.0, "#F2F6FA"), (0.35, "#A9C4DD"), (0.7, "#3F75A6"), (1.0, "#12436D"))
"""A scale of a single hue, light for little."""
MOST_SERIES = 4
MOST_BANDS = 2
"""Lines up to which each has its band: more than that, laid over each other, hide what they show."""
LABEL = 50
"""Characters of a name that fit on a line of a telephone."""

_LABEL_LINE, _MARK_HEIGHT, _GAP = 17, 18, 12
_LETTER = 7
_LEGEND_LINE = 21
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"}


class Look(NamedTuple):
    """What tells a series from the others.

    Attributes
    ----------
    colour, dash, symbol, pattern : str
        As plotly names them; `pattern` is the filling of bars.
    """

    colour: str
    dash: str
    symbol: str
    pattern: str


LOOKS = (
    Look(DARK_BLUE, "solid", "circle", ""),
    Look(TURQUOISE, "dash", "square", "/"),
    Look(DARK_PINK, "dot", "diamond", "x"),
    Look(ORANGE, "dashdot", "triangle-up", "."),
)
"""Of the first series, the second, the third and the fourth."""


def literal(text: str) -> str:
    """Text that a chart shows as it stands.

    Parameters
    ----------
    text : str
        As it was typed by whoever wrote the scenario: plotly would take some HTML in it for tags and links, and what
        stands between dollar signs for mathematics.

    Returns
    -------
    str
        On one line, without control characters.
    """
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return "".join(_ENTITIES.get(char, char) for char in line)


def shortened(text: str, width: int = LABEL) -> str:
    """Text of at most so many characters, with an ellipsis where it was cut; not yet `literal`."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def wrapped(text: str, width: int = LABEL, lines: int = 2) -> list[str]:
    """Text on so many lines at most, broken between words where that can be; not yet `literal`."""
    words = " ".join(text.split())
    found: list[str] = []
    while words and len(found) < lines - 1 and len(words) > width:
        cut = words.rfind(" ", 0, width + 1)
        cut = cut if cut > width // 3 else width
        found.append(words[:cut].rstrip())
        words = words[cut:].lstrip()
    return [*found, shortened(words, width)]


def rounded(value: float) -> float | None:
    """A number as figures hold it: six significant figures, None where there is none."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def series(values: Iterable[float]) -> list[float | None]:
    """Numbers as figures hold them."""
    return [rounded(float(value)) for value in values]


def faint(colour: str, share: float = 0.16) -> str:
    """A colour of the palette, thinned for the area of an interval."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


DATES = {"type": "date", "tickformat": "%-d %b<br>%Y", "tickangle": 0, "nticks": 5}
"""An axis of days."""


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with its title, which is taken as `literal`."""
    return {"title": {"text": literal(title)}, **more}


def empty_figure(height: int, legend_lines: int = 0, **layout: Any) -> Figure:
    """A figure in the style of all charts.

    Parameters
    ----------
    height : int
        Of the part where things are drawn, in pixels; axis titles and the legend come on top.
    legend_lines : int
        Series that are named in a legend above, a line each.
    **layout
        Further properties of the layout.
    """
    from plotly.graph_objects import Figure

    top, bottom = 10 + _LEGEND_LINE * legend_lines, 52
    return Figure(
        layout={
            "template": {"layout": _TEMPLATE},
            "height": height + top + bottom,
            "margin": {"l": 10, "r": 18, "t": top, "b": bottom, "autoexpand": True},
            "showlegend": legend_lines > 0,
            **layout,
        }
    )


_AXIS = {
    "gridcolor": LINE_GREY,
    "linecolor": MID_GREY,
    "zerolinecolor": DARK_GREY,
    "zerolinewidth": 1.5,
    "ticks": "outside",
    "tickcolor": MID_GREY,
    "ticklen": 4,
    "separatethousands": True,
    "exponentformat": "none",
    "automargin": True,
    "fixedrange": True,
    "title": {"standoff": 8, "font": {"size": FONT_SIZE}},
}
_TEMPLATE: dict[str, Any] = {
    "font": {"family": FONT, "size": FONT_SIZE, "color": TEXT},
    "paper_bgcolor": "#FFFFFF",
    "plot_bgcolor": "#FFFFFF",
    "colorway": [look.colour for look in LOOKS],
    "separators": ".,",
    "hovermode": "closest",
    "dragmode": False,
    "hoverlabel": {"bgcolor": "#FFFFFF", "bordercolor": DARK_GREY, "font": {"color": TEXT}, "namelength": -1},
    "legend": {
        "orientation": "v",
        "traceorder": "normal",
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "itemclick": False,
        "itemdoubleclick": False,
        "bgcolor": "rgba(0,0,0,0)",
    },
    "xaxis": {**_AXIS, "nticks": 6},
    "yaxis": {**_AXIS, "zeroline": False, "nticks": 7},
}


class Rows:
    """Rows of a chart with their names above them: where each stands, from the top, in pixels.

    Parameters
    ----------
    labels : sequence of str
        Names as they were typed; on two lines where one is too short, and shortened where two are.
    marks : int
        Bars or points in each row, below each other.
    values : sequence of str, optional
        What stands at the right of the rows.
    """

    def __init__(self, labels: Sequence[str], marks: int = 1, values: Sequence[str] = ()) -> None:
        self._beside = _LETTER * max(map(len, values)) + 8 if values else 0
        room = LABEL - self._beside // _LETTER
        self._labels = [wrapped(text, room) for text in labels]
        self._values, self._marks = values, marks
        heights = [_LABEL_LINE * len(lines) + 3 + _MARK_HEIGHT * marks + _GAP for lines in self._labels]
        self._ends = list(accumulate(heights))

    def at(self, mark: int = 0) -> list[float]:
        """Middles of one of the marks, in all rows."""
        return [end - _GAP - _MARK_HEIGHT * (self._marks - mark - 0.5) for end in self._ends]

    def figure(self, x_title: str, legend_lines: int = 0, **layout: Any) -> Figure:
        """An empty figure with the names; `layout` as for `empty_figure`."""
        height = self._ends[-1] if self._ends else 0
        x_axis = axis(x_title, **layout.pop("xaxis", {}))
        found = empty_figure(
            height,
            legend_lines,
            xaxis=x_axis,
            yaxis={"range": [height, 0], "visible": False},
            barmode="overlay",
            annotations=[*self._names(), *self._numbers()],
            **layout,
        )
        found.layout.margin.r += self._beside
        return found

    def _names(self) -> Iterator[dict[str, Any]]:
        for lines, end in zip(self._labels, self._ends, strict=True):
            above = end - _GAP - _MARK_HEIGHT * self._marks - 2
            yield _note("<br>".join(map(literal, lines)), 0, above, xanchor="left", yanchor="bottom")

    def _numbers(self) -> Iterator[dict[str, Any]]:
        for text, end in zip(self._values, self._ends, strict=False):
            middle = end - _GAP - _MARK_HEIGHT * self._marks / 2
            yield _note(literal(text), 1, middle, xanchor="left", xshift=6, yanchor="middle")


def _note(text: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    return {
        "text": text,
        "x": x,
        "xref": "paper",
        "y": y,
        "align": "left",
        "showarrow": False,
        "bgcolor": "rgba(255,255,255,0.85)",
        "borderpad": 0,
        **more,
    }


BAR = _MARK_HEIGHT - 5
"""Height of a bar."""


def error_bars(means: Sequence[float], lowers: Sequence[float], uppers: Sequence[float]) -> dict[str, Any]:
    """Intervals about points or at the ends of bars; none where there is none."""
    ends = [(mean, low, high) for mean, low, high in zip(means, lowers, uppers, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": [rounded(high - mean) if math.isfinite(high) else 0.0 for mean, _, high in ends],
        "arrayminus": [rounded(mean - low) if math.isfinite(low) else 0.0 for mean, low, _ in ends],
        "color": DARK_GREY,
        "thickness": 1.5,
        "width": 4,
    }


def bars(look: Look, x: Iterable[float], y: Sequence[float], said: Sequence[str], **more: Any) -> dict[str, Any]:
    """Horizontal bars as plotly takes them.

    Parameters
    ----------
    look : Look
    x : iterable of float
    y : sequence of float
        As from `Rows.at`.
    said : sequence of str
        What each says when it is pointed at; taken as `literal`.
    **more
        Further properties.
    """
    return {
        "type": "bar",
        "orientation": "h",
        "x": series(x),
        "y": list(y),
        "width": BAR,
        "marker": {
            "color": look.colour,
            "pattern": {
                "shape": look.pattern,
                "fillmode": "overlay",
                "fgcolor": "#FFFFFF",
                "size": 7,
                "solidity": 0.25,
            },
            "line": {"color": look.colour, "width": 1},
        },
        **_said(said),
        **more,
    }


def points(look: Look, x: Iterable[float], y: Sequence[float], said: Sequence[str], **more: Any) -> dict[str, Any]:
    """Points in rows as plotly takes them; as `bars`."""
    marker = {"color": look.colour, "symbol": look.symbol, "size": 10, "line": {"width": 2, "color": look.colour}}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": series(x),
        "y": list(y),
        "marker": marker,
        **_said(said),
        **more,
    }


def line(look: Look, x: Sequence[Any], y: Iterable[float], name: str, hover: str, **more: Any) -> dict[str, Any]:
    """A line as plotly takes it; `hover` is a template of numbers alone, without texts from a scenario."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": series(y),
        "name": literal(shortened(name)),
        "line": {"color": look.colour, "dash": look.dash, "width": 2.5},
        "hovertemplate": f"{hover}<extra></extra>",
        **more,
    }


def band(look: Look, x: Sequence[Any], lower: Sequence[float], upper: Sequence[float]) -> list[dict[str, Any]]:
    """The area of an interval: nothing if there is none anywhere."""
    kept = [at for at, (low, high) in enumerate(zip(lower, upper, strict=True)) if math.isfinite(low + high)]
    if not kept:
        return []
    around = [*kept, *reversed(kept)]
    ends = [*(upper[at] for at in kept), *(lower[at] for at in reversed(kept))]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [x[at] for at in around],
            "y": series(ends),
            "fill": "toself",
            "fillcolor": faint(look.colour),
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]


def _said(said: Sequence[str]) -> dict[str, Any]:
    return {"customdata": [literal(text) for text in said], "hovertemplate": "%{customdata}<extra></extra>"}
