"""22.12: names of columns, whatever is in them, are text on evidently's page: nothing of them runs or is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.long
NAMES = [
    "</script><script>document.title='ran'</script>", "<!--<script>", "]]></script><!--", "-->", "\\u003c/script>",
    "\"><img src=x onerror=\"document.title='ran'\">", "<img src='http://127.0.0.1:9/seen.png'>", "'-alert(1)-'",
    "<a href='javascript:document.title=1'>x</a>", "<a href=\"https://evil.example\">Log in</a>", "${alert(1)}",
    "<style>@import 'http://127.0.0.1:9/x.css'</style>", "<iframe src='http://127.0.0.1:9/'></iframe>", "{{7*7}}",
    "<svg onload=alert(1)>", "&lt;script>alert(1)&lt;/script>", "[x](javascript:alert(1))", "a\nb", "__proto__",
    "a'b\"c", "\u2028",
]  # fmt: skip


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw = np.random.default_rng(0)
    before, after = (pd.DataFrame(draw.normal(move, size=(300, len(NAMES))), columns=NAMES) for move in (0, 1))
    folder = tmp_path_factory.mktemp("page")
    before.to_parquet(folder / "before.parquet")
    after.to_parquet(folder / "after.parquet")
    drift = {"verdict": "drift", "reason": NAMES[0], "columns": [{"column": name, "drifted": True} for name in NAMES]}
    (folder / "drift.json").write_text(json.dumps(drift))
    paths = [str(folder / name) for name in ("before.parquet", "after.parquet", "drift.json", "evidently.html")]
    command = [sys.executable, "-m", "twinflow.monitoring.evidently_page"]
    subprocess.run(command, input=json.dumps(paths) + "\n", text=True, check=True, timeout=250)
    return folder / "evidently.html"


def opened(browser: Browser, path: Path) -> dict[str, Any]:
    """What came of the page: its title, dialogs, errors, requests, and what its names became."""
    found: dict[str, Any] = {"requests": [], "dialogs": [], "errors": []}
    page = browser.new_page()
    page.on("request", lambda request: found["requests"].append(request.url))
    page.on("pageerror", lambda error: found["errors"].append(str(error)))
    page.on("dialog", lambda dialog: (found["dialogs"].append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.get_by_text(f"{len(NAMES)} of {len(NAMES)} columns here moved").first.wait_for(timeout=60_000)
    found["plots"], found["made"], found["text"] = 0, 0, ""
    made = "img[src=x], img[src*=seen], iframe, a[href*=evil], a[href^=java]"
    following = page.get_by_role("button", name="next page")
    while True:
        buttons = page.locator("table tbody tr button")
        for place in range(buttons.count()):  # each column's plot
            buttons.nth(place).click(timeout=5000)
            page.wait_for_timeout(100)
        page.wait_for_timeout(500)
        found["plots"] += page.locator(".js-plotly-plot").count()
        found["made"] += page.locator(made).count()
        found["text"] += page.locator("body").inner_text()
        if following.is_disabled():
            break
        following.click()
    found["title"] = page.title()
    page.close()
    return found


def test_22_12_no_name_of_a_column_runs_or_loads_anything(chromium: Browser, page_file: Path) -> None:
    found = opened(chromium, page_file)
    outside = [
        each for each in found["requests"] if each != page_file.as_uri() and not each.startswith(("data:", "blob:"))
    ]
    assert (found["title"], found["dialogs"], found["errors"], found["made"], outside) == ("", [], [], 0, [])
    assert "‹script›document.title='ran'" in found["text"]
    assert found["plots"] > 0
