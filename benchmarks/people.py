"""People who work in the console, for `bench_users`: log in by the door, go from room to room, read, think, send forms."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote, urlencode

PASSWORD = "xiao-yu-tang-88"
#: So long an answer may take before it counts as none. Seconds.
_LONGEST = 30.0
#: A file is brought in so often, and the seconds before it begins.
_FILE_EVERY, _FILE_FIRST = 30.0, 5.0
#: So long a browser keeps scripts and style sheets before it asks whether they changed. Seconds.
_FILE_KEPT = 60.0

#: role → (share of the people, rooms with how often each is gone to, how their log-in names begin)
ROLES: dict[str, tuple[float, dict[str, int], str]] = {
    "store_manager": (
        0.5,
        {"today": 8, "work a task": 4, "customers": 4, "search": 3, "360": 5, "dashboard": 2, "segments": 1},
        "m",
    ),
    "operator": (
        0.24,
        {
            "customers": 2, "search": 4, "360": 5, "today": 3, "work a task": 2, "imports": 2, "review": 1,
            "segment preview": 4, "segments": 2, "tags": 1,
        },
        "operator",
    ),
    "analyst": (
        0.12,
        {"dashboard": 4, "why": 3, "cohorts": 2, "traffic": 1, "value": 2, "rfm": 2, "segments": 2, "segment preview": 2},
        "analyst",
    ),
    "owner": (0.08, {"dashboard": 5, "why": 2, "value": 1, "customers": 2, "staff": 1, "settings": 1, "audit": 1}, "boss"),
    "auditor": (0.06, {"audit": 4, "imports": 2, "dashboard": 2}, "auditor"),
}  # fmt: skip

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_TASK = re.compile(r"/today/(\d+)/done/")
_FILE = re.compile(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"')
_PERSON = re.compile(r"/customers/(\d+)/")


@dataclass(frozen=True)
class Asked:
    """One answer.

    Attributes:
        room: what was asked for.
        milliseconds: until the whole answer was there.
        status: of the answer; 0 where there was none.
        fault: why it counts as failed; empty where it does not.
        is_work: whether it is no page: a log-in or an upload, heavy by purpose, or a script, which costs nearly nothing.
    """

    room: str
    milliseconds: float
    status: int
    fault: str
    is_work: bool = False


class Person:
    """Somebody with a browser of their own, as far as cookies, connections that stay and tokens go."""

    def __init__(
        self, port: int, role: str, number: int, *, seed: int, think: tuple[float, float], customers: int
    ) -> None:
        _share, self.rooms, first = ROLES[role]
        self.port, self.username = port, f"{first}{number}"
        self.chance = random.Random(f"{seed} {self.username}")
        self.think, self.customers = think, customers
        self.asked: list[Asked] = []
        self.cookies: dict[str, str] = {"django_language": "zh-hans"}
        self.tasks: list[str] = []
        self.seen: list[str] = []
        self.token, self.location = "", ""
        #: File → when it was fetched, and of which state.
        self._files: dict[str, tuple[float, str]] = {}

    def work(self, stopping: threading.Event, after: float) -> None:
        """Come in after so many seconds, and work until it is over."""
        if stopping.wait(after) or not self.log_in():
            return
        names, weights = list(self.rooms), list(self.rooms.values())
        while not stopping.wait(self.chance.uniform(*self.think)):
            room = self.chance.choices(names, weights)[0]
            _WAYS[room](self)

    def log_in(self) -> bool:
        """Come in by the door, and return whether that was granted."""
        self.get("log-in page", "/login/")
        form = {"username": self.username, "password": PASSWORD, "csrfmiddlewaretoken": self.token}
        answer = self._ask("log in", "POST", "/login/", urlencode(form), wanted={302}, is_work=True)
        return answer is not None

    def get(self, room: str, path: str) -> str:
        """Return a page of the console; empty where it failed."""
        page = self._ask(room, "GET", path) or ""
        found = _TOKEN.search(page)
        self.token = found.group(1) if found else self.token
        self.seen = _PERSON.findall(page)[:50] or self.seen
        for file in _FILE.findall(page):
            self._fetch(file)
        return page

    def _fetch(self, path: str) -> None:
        """Fetch a script or style sheet as a browser does: once whole, and whether it changed when its minute is over."""
        at, state = self._files.get(path, (-_FILE_KEPT, ""))
        if time.monotonic() - at < _FILE_KEPT:
            return
        more = {"If-Modified-Since": state} if state else {}
        if self._ask("(files)", "GET", path, more=more, wanted={200, 304}, is_work=True) is not None:
            self._files[path] = (time.monotonic(), self._state or state)

    def post(
        self, room: str, path: str, form: dict[str, str], *, wanted: frozenset[int] = frozenset({200, 302})
    ) -> str:
        """Send a form as the page's script does and return the answer."""
        body = urlencode({**form, "csrfmiddlewaretoken": self.token}, doseq=True)
        return self._ask(room, "POST", path, body, wanted=wanted) or ""

    def _ask(
        self,
        room: str,
        method: str,
        path: str,
        body: str | bytes | None = None,
        *,
        kind: str = "application/x-www-form-urlencoded",
        more: Mapping[str, str] | None = None,
        wanted: frozenset[int] | set[int] = frozenset({200}),
        is_work: bool = False,
    ) -> str | None:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(more or {})}
        if body is not None:
            headers |= {"Content-Type": kind, "Referer": f"http://127.0.0.1:{self.port}{path}"}
        begun = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_LONGEST)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.asked.append(Asked(room, (time.perf_counter() - begun) * 1_000, 0, type(error).__name__, is_work))
            return None
        finally:
            connection.close()
        took = (time.perf_counter() - begun) * 1_000
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        fault = "" if answer.status in wanted else f"instead of {sorted(wanted)} at {path[:60]}"
        self.asked.append(Asked(room, took, answer.status, fault, is_work))
        self.location, self._state = answer.headers.get("Location", ""), answer.headers.get("Last-Modified", "")
        return None if fault else page


def _today(one: Person) -> None:
    one.tasks = list(dict.fromkeys(_TASK.findall(one.get("today", "/today/"))))


def _work_a_task(one: Person) -> None:
    if not one.tasks:
        _today(one)
    if one.tasks:
        task = one.tasks.pop(one.chance.randrange(len(one.tasks)))
        # Somebody of the same store may have been faster: that is said, and no fault.
        one.post(
            "work a task", f"/today/{task}/snooze/", {"days": "3", "back": "/today/"}, wanted=frozenset({302, 404, 409})
        )


def _search(one: Person) -> None:
    text = one.chance.choice(("王", "李娜", "张", "199", "子涵", f"+86199{one.chance.randrange(1, one.customers):08d}"))
    one.get("search", f"/customers/?q={quote(text)}")


def _somebody(one: Person) -> None:
    if not one.seen:
        one.get("customers", "/customers/")
    if one.seen:
        one.get("360", f"/customers/{one.chance.choice(one.seen)}/")


def _dashboard(one: Person) -> None:
    one.get("dashboard", f"/business/?days={one.chance.choice((7, 30, 90, 365))}")


def _why(one: Person) -> None:
    by, formula = one.chance.choice(("store", "channel", "all")), one.chance.choice(("buyers", "new_returning"))
    one.get("why", f"/business/why/?by={by}&formula={formula}&days={one.chance.choice((30, 90))}")


def _preview(one: Person) -> None:
    one.get("segment builder", "/segments/new/")
    rule = {"n.join": "all", "n.child": "0", "n.0.fact": "field:orders", "n.0.is": "at_least"}
    one.post("segment preview", "/segments/preview/", {**rule, "n.0.value": str(one.chance.randrange(1, 9))})


def _page(room: str, *paths: str) -> Callable[[Person], None]:
    def go(one: Person) -> None:
        one.get(room, one.chance.choice(paths))

    return go


_WAYS: dict[str, Callable[[Person], None]] = {
    "today": _today,
    "work a task": _work_a_task,
    "search": _search,
    "360": _somebody,
    "dashboard": _dashboard,
    "why": _why,
    "segment preview": _preview,
    "customers": _page("customers", "/customers/", "/customers/?sort=last_order", "/customers/?stage=loyal"),
    "segments": _page("segments", "/segments/"),
    "tags": _page("tags", "/tags/"),
    "imports": _page("imports", "/imports/", "/imports/120/", "/imports/120/rows/"),
    "review": _page("review", "/review/"),
    "cohorts": _page("cohorts", "/business/cohorts/?by=month", "/business/cohorts/?by=store&months=12"),
    "traffic": _page("traffic", "/business/traffic/"),
    "value": _page("value", "/value/"),
    "rfm": _page("rfm", "/value/rfm/"),
    "staff": _page("staff", "/staff/"),
    "settings": _page("settings", "/settings/"),
    "audit": _page("audit", "/audit/"),
}


def bring_files(operator: Person, stopping: threading.Event, rows: int) -> None:
    """Bring in a file every half minute, so that the worker has imports, lake and scores to do."""
    if stopping.wait(_FILE_FIRST) or not operator.log_in():
        return
    number = 0
    while True:
        operator.get("imports", "/imports/new/")
        _bring(operator, number, rows)
        number += 1
        if stopping.wait(_FILE_EVERY):
            return


def _bring(operator: Person, number: int, rows: int) -> None:
    parts = (
        f'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{operator.token}\r\n'
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="day-{number}.csv"\r\n\r\n{_orders(number, rows)}\r\n--x--\r\n'
    )
    kind = "multipart/form-data; boundary=x"
    sent = operator._ask("bring a file", "POST", "/imports/new/", parts.encode(), kind=kind, wanted={302}, is_work=True)
    if sent is not None:
        place = operator.location
        operator.get("imports", place)
        operator.post("imports", f"{place}start/", {})


def _orders(number: int, rows: int) -> str:
    day = date.today() - timedelta(days=1)  # noqa: DTZ011 - any day near now does.
    head = "订单号,下单时间,买家姓名,手机号,商品编码,商品名称,数量,单价,实付金额,门店编码\n"
    lines = (
        f"U{number:03d}{row:06d},{day} 10:{row % 60:02d}:00,李静,199{row * 37 % 100_000:08d},"
        f"P{row % 300},上衣,1,129,129,S{row % 200 + 1:03d}\n"
        for row in range(rows)
    )
    return head + "".join(lines)
