"""Text as any format can hold it: what a scenario's author typed comes out as they typed it, and does nothing.

Each writer escapes for its own format; here goes only what no format can carry.
"""

from __future__ import annotations

import re

# What XML 1.0 has no place for, not even escaped: control characters, halves of surrogate pairs, non-characters.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Spaces that do not break stay: they hold a number and its unit together.
_SPACE = re.compile("[ \t\n\x85\u2028\u2029]+")
_INSTEAD = "\N{REPLACEMENT CHARACTER}"


def plain(text: str) -> str:
    """Text without characters that a page, a document or a workbook cannot hold; each becomes a visible mark.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        The same text, line ends as a single line feed.
    """
    return _UNPRINTABLE.sub(_INSTEAD, text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """Text as `plain` gives it, on one line: for titles, cells and points of a list."""
    return _SPACE.sub(" ", plain(text)).strip(" ")
