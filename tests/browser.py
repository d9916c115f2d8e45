"""A real browser for tests: does a page fit, and does it ask the network for anything?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--allow-file-access-from-files",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip

# A frame gives the page a phone's width, which the browser's own window cannot have.
FRAME = """<!DOCTYPE html><html><body style="margin:0">
<iframe id="f" src="{page}" style="width:{width}px;height:2000px;border:0"></iframe>
<script>
document.getElementById("f").addEventListener("load", function () {{
  const inner = this.contentDocument, root = inner.documentElement, out = [];
  for (const part of inner.querySelectorAll("details")) part.open = true;
  for (const one of inner.querySelectorAll("body *")) {{
    const box = one.getBoundingClientRect();
    if (box.width > 0 && box.right > {width} + 1 && !one.closest(".scroll") && !one.closest(".skip") && !one.closest("svg"))
      out.push(one.tagName + "." + one.className);
  }}
  document.body.dataset.width = root.scrollWidth;
  document.body.dataset.out = out.slice(0, 5).join(" ");
  document.body.dataset.loaded = this.contentWindow.performance.getEntriesByType("resource").length;
  document.body.dataset.shown = [...inner.querySelectorAll("figure svg")].filter(s => s.getBoundingClientRect().width > 0).length;
}});
</script></body></html>"""


@pytest.fixture(scope="module")
def browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("INNOMINATE_REQUIRE_BROWSER") == "1":
            pytest.fail("INNOMINATE_REQUIRE_BROWSER=1 but there is no chromium")
        pytest.skip("no chromium")
    return found


def fits(browser: str, page: Path, folder: Path, width: int, shown: int) -> None:
    """Assert that nothing of a page is wider than `width`, that it loads nothing, and shows `shown` charts or more."""
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(page=page.as_uri(), width=width), encoding="utf-8")
    command = [browser, *QUIET, f"--user-data-dir={folder / 'profile'}", "--window-size=1400,2200"]
    run = subprocess.run(
        [*command, "--virtual-time-budget=8000", "--dump-dom", frame.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = dict(re.findall(r'data-(width|out|loaded|shown)="([^"]*)"', run.stdout))
    assert found, run.stderr[-2000:]
    assert found["out"] == ""
    assert int(found["width"]) <= width
    assert found["loaded"] == "0"
    assert int(found["shown"]) >= shown
