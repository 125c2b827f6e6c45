"""``python -m tests.verification`` runs every check and writes its figures into docs/verification.md (a minute)."""

from __future__ import annotations

import sys

from tests.verification.page import PAGE, rewritten

if __name__ == "__main__":
    page = rewritten(PAGE.read_text(encoding="utf-8"), sys.stderr.write)
    PAGE.write_text(page, encoding="utf-8", newline="\n")
