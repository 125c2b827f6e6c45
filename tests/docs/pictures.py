"""``python -m tests.docs.pictures path/to/mermaid.min.js``: draw the diagrams of the documentation.

Each ``.mmd`` of docs/background/pictures, in Mermaid's language, becomes an ``.svg`` beside it, which the pages show:
so nobody who reads needs a script, or a network. The file of Mermaid comes out of its npm package (``npm pack
mermaid@11``); Chrome or Chromium does the drawing. The picture keeps the checksum of what it was drawn from, which a
test compares.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "background" / "pictures"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_LOOK = {
    "startOnLoad": False,
    "deterministicIds": True,
    "htmlLabels": False,
    "theme": "base",
    "fontFamily": "Arial, Helvetica, sans-serif",
    "flowchart": {"htmlLabels": False, "useMaxWidth": False, "wrappingWidth": 320},
    "themeVariables": {
        "primaryColor": "#e8eef4",
        "primaryBorderColor": "#12436D",
        "lineColor": "#3D3D3D",
        "edgeLabelBackground": "#ffffff",
        "fontSize": "15px",
    },
}
_PAGE = """<!doctype html><meta charset="utf-8"><body><pre id="out"></pre>
<script>{mermaid}</script>
<script>
const out = document.getElementById("out");
mermaid.initialize({look});
mermaid.render("picture", {source}).then((drawn) => {{ out.textContent = drawn.svg; }})
  .catch((error) => {{ out.textContent = "FAILED " + error; }});
</script>"""


def checksum(source: Path) -> str:
    """What a picture is stamped with: of the diagram, line ends as on every system."""
    return hashlib.sha256(source.read_text(encoding="utf-8").encode()).hexdigest()


def draw(source: Path, mermaid: str, browser: str) -> str:
    """The picture of one diagram."""
    text = source.read_text(encoding="utf-8")
    page = _PAGE.format(mermaid=mermaid, look=json.dumps(_LOOK), source=json.dumps(text))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(page, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"]
        dom = subprocess.run(
            [browser, *options, path.as_uri()], capture_output=True, text=True, check=True, timeout=120
        )
    found = re.search(r'<pre id="out">(.*?)</pre>', dom.stdout, flags=re.DOTALL)
    svg = html.unescape(found.group(1)) if found else ""
    if not svg.startswith("<svg"):
        raise SystemExit(f"{source.name}: {svg or 'nothing was drawn'}")
    return f"<!-- drawn from {source.name}, sha256 {checksum(source)} -->\n{svg}\n"


def main() -> None:
    """Draw all."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None or len(sys.argv) != 2:
        raise SystemExit(__doc__)
    mermaid = Path(sys.argv[1]).read_text(encoding="utf-8")
    for source in sorted(FOLDER.glob("*.mmd")):
        source.with_suffix(".svg").write_text(draw(source, mermaid, browser), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
