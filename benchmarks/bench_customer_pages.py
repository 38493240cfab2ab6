"""Measure what customers wait for on their phones: one JSON object on standard output.

    python benchmarks/bench_customer_pages.py --home FOLDER

Opens every kind of page for customers of the demo shop at 390 pixels in a Chromium with an empty cache: first contentful paint,
compressed bytes, layout shift, and errors of the console. Goals: 1 second, 60 kB. FOLDER is the home of a demo shop that has run
for some minutes, so that groups, visits and invitations are there; where it is not given, one is made, which takes that long.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.bench_first_paint import _page
from benchmarks.serving import demo_shop, environment_of

_PAINT_MS, _BYTES, _SHIFT = 1_000, 60_000, 0.02
#: The demo shop shows its groups and visits when the first scores are there. Seconds.
_PATIENCE = 900
#: Asked of the installation itself: addresses by what they are.
_ADDRESSES = """
import json, os
from datetime import UTC, datetime, timedelta
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")
django.setup()
from yutang.codes.models import Spot
from yutang.foundation.signed_links import sign
from yutang.groupbuy.models import Campaign, Group, Seat
from yutang.payments.models import Payment
from yutang.referral.links import INVITE, PROGRESS, token_of
from yutang.referral.models import Inviter
from yutang.visits.models import Booking
until = datetime.now(UTC) + timedelta(days=1)
booked = Booking.objects.filter(state="booked", customer__isnull=False).first()
if booked is None or not Inviter.objects.exists() or not Spot.objects.exists():
    raise SystemExit(3)
own = sign("mine", customer_id=booked.customer_id, until=until)
inviter = Inviter.objects.order_by("pk").first().pk
open_group = Group.objects.filter(state="open").order_by("-pk").first() or Group.objects.order_by("-pk").first()
print(json.dumps({
    "offer": f"/g/c/{Campaign.objects.order_by('pk').first().code}/",
    "group": f"/g/{open_group.code}/",
    "seat": f"/g/seat/{Seat.objects.filter(state='paid').order_by('pk').first().token}/",
    "seats": "/g/mine/",
    "cashier": f"/pay/{Payment.objects.order_by('-pk').first().number}/",
    "booking": f"/visit/{sign('booking', customer_id=booked.customer_id, until=until)}",
    "own": f"/me/{own}", "balance": f"/me/{own}/balance", "data": f"/me/{own}/data",
    "invitation": f"/r/{token_of(inviter_id=inviter, purpose=INVITE)}",
    "progress": f"/r/mine/{token_of(inviter_id=inviter, purpose=PROGRESS)}",
    "code": f"/c/{Spot.objects.order_by('pk').first().token}",
}))
"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", help="home of a demo shop; made up where it is not given")
    parser.add_argument("--times", type=int, default=3, help="how often each page is opened")
    options = parser.parse_args()
    folder = Path(options.home or tempfile.mkdtemp(prefix="bench-pages-"))
    try:
        print(json.dumps(_measured(folder, options.times)))
    finally:
        if not options.home:
            shutil.rmtree(folder, ignore_errors=True)


def _measured(home: Path, times: int) -> dict[str, Any]:
    with demo_shop(home) as port:
        address = f"http://127.0.0.1:{port}"
        paths = _paths(environment_of(home))
        # The first page of a process loads what all others need.
        urllib.request.urlopen(f"{address}/g/mine/", timeout=60).close()
        return _opened(address, paths, times)


def _paths(environment: dict[str, str]) -> dict[str, str]:
    for _try in range(_PATIENCE // 5):
        told = subprocess.run(
            [sys.executable, "-c", _ADDRESSES], env=environment, capture_output=True, text=True, check=False
        )
        if told.returncode == 0:
            paths: dict[str, str] = json.loads(told.stdout.strip().splitlines()[-1])
            return paths
        if told.returncode != 3:
            raise SystemExit(told.stderr)
        time.sleep(5)
    raise SystemExit("the demo shop has no visits, invitations or codes yet")


def _opened(address: str, paths: dict[str, str], times: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    machine = Path("/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(machine) if machine.exists() else None, args=["--no-sandbox"]
        )
        pages = {name: _page(browser, None, address + path, 390, times) for name, path in paths.items()}
        browser.close()
    return {
        "pages": pages,
        "paint_ms_max": max(one["paint_ms"] for one in pages.values()),
        "bytes_max": max(one["bytes"] for one in pages.values()),
        "over_budget": sorted(
            name
            for name, one in pages.items()
            if one["paint_ms"] > _PAINT_MS or one["bytes"] > _BYTES or one["shift"] > _SHIFT or one["errors"]
        ),
    }


if __name__ == "__main__":
    main()
