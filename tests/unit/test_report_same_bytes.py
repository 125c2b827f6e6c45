"""The same report gives the same bytes in every format, whatever the process, the hash seed, the clock and the zone."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from dischargesim.report.formats.excel import workbook
from dischargesim.report.formats.figures import piece
from dischargesim.report.formats.html import html_page
from dischargesim.report.formats.markdown import markdown
from dischargesim.report.formats.word import word_document
from tests.reports import hostile_report, plain_report

TOP = Path(__file__).parents[2]


def sums() -> str:
    """Of each format of two reports."""
    found = []
    for report in (plain_report(), hostile_report()):
        formats = (
            html_page(report),
            word_document(report, None),
            workbook(report),
            markdown(report).encode("utf-8"),
            *(piece(chart) for chart in report.charts()),
        )
        found += [hashlib.sha256(data).hexdigest() for data in formats]
    return " ".join(found)


def test_every_format_is_the_same_twice_and_in_other_processes() -> None:
    here = sums()
    assert sums() == here
    for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/New_York")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(TOP)}
        code = "from tests.unit.test_report_same_bytes import sums; import sys; sys.stdout.write(sums())"
        done = subprocess.run([sys.executable, "-c", code], cwd=TOP, env=environment, capture_output=True, text=True)
        assert done.stdout == here, done.stderr
