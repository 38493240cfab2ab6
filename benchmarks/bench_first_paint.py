"""Measure what a browser waits for and moves: one JSON object on standard output.

    python benchmarks/bench_first_paint.py

Fills the demo shop in a temporary folder (or finds a filled one under --home), starts the console as `yutang up` does, and
opens every room in a Chromium, at 1440 and 390 pixels: first contentful paint, compressed bytes, layout shift, and errors of
the console. Each opening is that of a browser with an empty cache. Rooms with charts fetch the chart library too and are told
apart.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.serving import demo_shop, environment_of

#: Budget of a page without charts: milliseconds and bytes.
_PAINT_MS, _BYTES = 1_000, 350_000
_SHIFT = 0.02
PLAIN = (
    "/content/",
    "/content/new/",
    "/content/scripts/",
    "/codes/",
    "/codes/new/",
    "/coupons/",
    "/groups/",
    "/groups/list/",
    "/groups/owners/",
    "/coupons/given/",
    "/coupons/new/",
    "/coupons/redeem/",
    "/visits/",
    "/visits/hours/",
    "/visits/funnel/",
    "/balances/",
    "/balances/plans/",
    "/requests/",
    "/guard/decisions/",
    "/guard/people/",
    "/guard/rules/",
    "/guard/lists/",
    "/referral/",
    "/referral/new/",
    "/economics/",
    "/today/",
    "/today/results/",
    "/customers/",
    "/segments/",
    "/segments/new/",
    "/playbooks/",
    "/experiments/",
    "/experiments/size/",
    "/imports/",
    "/imports/new/",
    "/tags/",
    "/review/",
    "/jobs/",
    "/staff/",
    "/staff/roles/",
    "/staff/new/",
    "/stores/",
    "/stores/new/",
    "/settings/",
    "/audit/",
    "/profile/",
    "/wecom/",
    "/wecom/staff/",
    "/wecom/groups/",
    "/wecom/codes/",
    "/wecom/lost/",
    "/business/where/",
    "/business/map/",
    "/business/traffic/",
    "/business/funnel/",
    "/business/funnel/people/",
    "/business/people/",
)
CHARTS = ("/business/", "/business/why/", "/business/cohorts/", "/value/", "/value/rfm/")
#: What a page tells of itself once it is quiet.
MEASURES = """new Promise((done) => {
  let shift = 0;
  const shifts = new PerformanceObserver((list) => { for (const one of list.getEntries()) shift += one.value; });
  shifts.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const parts = performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"));
    const bytes = parts.reduce((sum, one) => sum + one.encodedBodySize, 0);
    done({ paint: paint ? paint.startTime : null, bytes, shift, charts: document.querySelectorAll("[data-chart]").length });
  }, 300);
})"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", help="folder of a filled installation; made up where it is empty or not given")
    parser.add_argument("--times", type=int, default=3, help="how often each page is opened")
    options = parser.parse_args()
    folder = Path(options.home or tempfile.mkdtemp(prefix="bench-paint-"))
    try:
        print(json.dumps(_measured(folder, options.times)))
    finally:
        if not options.home:
            shutil.rmtree(folder, ignore_errors=True)


def _measured(home: Path, times: int) -> dict[str, Any]:
    with demo_shop(home) as port:
        asked = [sys.executable, "-m", "yutang.cli.main", "user", "password", "owner", "--password-stdin"]
        told = {"input": "pond-pond-pond-88", "text": True, "stdout": subprocess.DEVNULL}
        subprocess.run(asked, env=environment_of(home), check=True, **told)
        return _visited(f"http://127.0.0.1:{port}", times)


def _visited(address: str, times: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    machine = Path("/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(machine) if machine.exists() else None, args=["--no-sandbox"]
        )
        pages: dict[str, Any] = {}
        for width in (1440, 390):
            state = _logged_in(browser, address, width)
            for path in (*PLAIN, *CHARTS):
                pages[f"{path} {width}"] = _page(browser, state, address + path, width, times)
        browser.close()
    plain = {name: one for name, one in pages.items() if not one["charts"]}
    return {
        "pages": pages,
        "plain_paint_ms_max": max(one["paint_ms"] for one in plain.values()),
        "plain_bytes_max": max(one["bytes"] for one in plain.values()),
        "over_budget": sorted(
            name
            for name, one in pages.items()
            if one["shift"] > _SHIFT
            or one["errors"]
            or (not one["charts"] and (one["paint_ms"] > _PAINT_MS or one["bytes"] > _BYTES))
        ),
    }


def _logged_in(browser: Any, address: str, width: int) -> Any:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/login/")
    page.fill("#id_username", "owner")
    page.fill("#id_password", "pond-pond-pond-88")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    state = context.storage_state()
    context.close()
    return state


def _page(browser: Any, state: Any, address: str, width: int, times: int) -> dict[str, Any]:
    """Return the median of several openings, each in a browser that has fetched nothing yet."""
    found: list[dict[str, Any]] = []
    errors: list[str] = []
    for _time in range(times):
        context = browser.new_context(viewport={"width": width, "height": 900}, storage_state=state)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found.append(page.evaluate(MEASURES))
        context.close()
    return {
        "paint_ms": round(statistics.median(one["paint"] or 0 for one in found)),
        "bytes": max(one["bytes"] for one in found),
        "shift": round(max(one["shift"] for one in found), 4),
        "charts": found[0]["charts"],
        "errors": sorted(set(errors)),
    }


if __name__ == "__main__":
    main()
