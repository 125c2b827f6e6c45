"""``python -m tests.docs.rewrite docs/tutorial.md ...``: put what is printed now in place of what pages show.

Blocks that leave something out with ``...`` are kept; where they are wrong, they are named.
"""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
from pathlib import Path

from tests.docs.pages import read
from tests.docs.trying import carry_out, matches


def rewrite(path: Path) -> None:
    """Bring one page up to date."""
    page, text = read(path), path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        found = list(carry_out(page))
    for block, printed in reversed(found):
        if matches(block.text, printed):
            continue
        if "..." in block.text:
            sys.stderr.write(f"{page.name}:{block.line}: by hand, because it leaves something out:\n{printed}\n")
            continue
        # A folder's date and time are those that the commands of the page name.
        stamped = re.sub(r"-\d{8}-\d{6}\b", "-20261121-101500", printed.strip("\n"))
        lines = "".join(f"{line.rstrip()}\n" for line in stamped.splitlines())
        text = text[: block.span[0]] + lines + text[block.span[1] :]
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(Path(name).resolve())
