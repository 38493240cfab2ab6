"""A mixed load of a shop: programs that write by the API and try again until they are answered, and what must be there afterwards."""

from __future__ import annotations

import http.client
import json
import queue
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: Programs that ask at the same time.
_PROGRAMS = 4
_TIMEOUT = 5.0
#: Refusals of a key that is at work just now, and of a shop that cannot work, end by themselves.
_AGAIN_CODES = frozenset({"key_is_taken"})


@dataclass
class Wish:
    """Something that a program wants to be done once."""

    kind: str
    path: str
    body: dict[str, Any]
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    method: str = "POST"
    then: Callable[[dict[str, Any]], None] | None = None


@dataclass(frozen=True)
class Answered:
    """How a wish ended."""

    wish: Wish
    status: int
    told: dict[str, Any]


class Load:
    """Programs that ask a shop, at one address after another, until they are told to end; use as a context manager.

    Args:
        ports: of the shop's web servers.
        token: of the programs.
        people: keys of customers.
        seed: of what is wished.
    """

    def __init__(self, *, ports: list[int], token: str, people: list[int], seed: int) -> None:
        self.answered: list[Answered] = []
        self.tries = 0
        self.is_resting = threading.Event()
        self._ports, self._token, self._people = ports, token, people
        self._dice = random.Random(seed)
        self._waiting: queue.Queue[Wish] = queue.Queue()
        self._seats: list[str] = []
        self._groups: list[str] = []
        self._orders = 0
        self._is_over = False
        self._at_work = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask, args=(n,), daemon=True) for n in range(_PROGRAMS)]

    def __enter__(self) -> Load:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        for one in self._threads:
            one.join(timeout=30)

    def settle(self, *, seconds: float) -> bool:
        """Wish nothing new, and return whether everything that was wished is answered within so long.

        Raises:
            RuntimeError: a program has ended by a fault of its own.
        """
        self.is_resting.set()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not all(one.is_alive() for one in self._threads):
                raise RuntimeError("a program has ended by a fault of its own, which it has told")
            with self._lock:
                if not self._at_work and self._waiting.empty():
                    return True
            time.sleep(0.05)
        return False

    def go_on(self) -> None:
        """Wish again."""
        self.is_resting.clear()

    def _ask(self, number: int) -> None:
        while not self._is_over:
            with self._lock:
                wish = self._next()
                self._at_work += wish is not None
            if wish is None:
                time.sleep(0.02)
                continue
            self._until_answered(wish, number)
            with self._lock:
                self._at_work -= 1

    def _next(self) -> Wish | None:
        if self.is_resting.is_set():
            return self._waiting.get_nowait() if not self._waiting.empty() else None
        if not self._waiting.empty() and self._dice.random() < 0.7:
            return self._waiting.get_nowait()
        return self._wished()

    def _until_answered(self, wish: Wish, number: int) -> None:
        turn = number
        while not self._is_over:
            self.tries += 1
            try:
                status, told = self._call(self._ports[turn % len(self._ports)], wish)
            except (OSError, http.client.HTTPException, ValueError):
                turn += 1
                time.sleep(0.03)
                continue
            if status >= 500 or told.get("code") in _AGAIN_CODES or status == 429:
                turn += 1
                time.sleep(0.05)
                continue
            with self._lock:
                self.answered.append(Answered(wish, status, told))
                if status < 300 and wish.then:
                    wish.then(told)
            return

    def _call(self, port: int, wish: Wish) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": wish.key,
            "Content-Type": "application/json",
            "Connection": "close",
        }
        try:
            connection.request(wish.method, wish.path, json.dumps(wish.body), headers)
            answer = connection.getresponse()
            if not (told := answer.read()):
                # Killed among its headers: what came of them looks like an answer without a word.
                raise http.client.IncompleteRead(told)
            return answer.status, dict(json.loads(told))
        finally:
            connection.close()

    def _wished(self) -> Wish:
        kinds = (
            (20, self._top_up), (20, self._spend), (14, self._start), (20, self._join), (6, self._leave), (12, self._coupon),
            (6, self._orders_in), (14, self._events), (14, self._message), (3, self._merge), (3, self._part), (8, self._visit),
        )  # fmt: skip
        (kind,) = self._dice.choices([one for _weight, one in kinds], weights=[weight for weight, _one in kinds])
        return kind()

    def _someone(self) -> int:
        return self._dice.choice(self._people)

    def _top_up(self) -> Wish:
        body = {"principal_minor": self._dice.randint(1, 50) * 100, "method": "cash"}
        return Wish("top_up", f"/api/v1/balances/{self._someone()}/top-up", body)

    def _spend(self) -> Wish:
        return Wish("spend", f"/api/v1/balances/{self._someone()}/spend", {"amount_minor": self._dice.randint(1, 4000)})

    def _start(self) -> Wish:
        body = {"offer": "hook", "size": self._dice.choice([2, 3]), "customer_id": self._someone()}
        return Wish("seat", "/api/v1/group-buying/start", body, then=self._seated)

    def _join(self) -> Wish:
        if not self._groups:
            return self._start()
        body = {"group": self._dice.choice(self._groups[-6:]), "customer_id": self._someone()}
        return Wish("seat", "/api/v1/group-buying/join", body, then=self._seated)

    def _seated(self, told: dict[str, Any]) -> None:
        self._seats.append(told["token"])
        self._groups.append(told["group"]["code"])
        if self._dice.random() < 0.8:
            self._waiting.put(Wish("pay", "/_deeds/pay", {"token": told["token"]}))

    def _leave(self) -> Wish:
        if not self._seats:
            return self._start()
        return Wish("leave", "/api/v1/group-buying/leave", {"token": self._dice.choice(self._seats[-20:])})

    def _coupon(self) -> Wish:
        return Wish("coupon", "/api/v1/coupons", {"kind": "welcome20", "customer_id": self._someone()})

    def _visit(self) -> Wish:
        body = {"customer_id": self._someone(), "store_code": "SH01", "starts_at": "", "source": ""}
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400 * self._dice.randint(2, 9)))
        body["starts_at"] = f"{day}T{self._dice.choice([10, 11, 14, 15, 16, 17])}:00:00+08:00"
        return Wish("visit", "/api/v1/visits", body)

    def _orders_in(self) -> Wish:
        rows = []
        for _ in range(self._dice.randint(1, 12)):
            self._orders += 1
            rows.append(
                {
                    "order_number": f"F{self._orders:08d}",
                    "ordered_at": f"2026-0{self._dice.randint(1, 6)}-11T10:00:00+08:00",
                    "status": "paid",
                    "customer_phone": f"138{self._dice.randint(0, 400):08d}",
                    "lines": [
                        {
                            "product_code": f"P{n}",
                            "product_name": f"衣服{n}",
                            "quantity": 1,
                            "unit_price": f"{self._dice.randint(1, 900)}.50",
                        }
                        for n in range(self._dice.randint(1, 3))
                    ],
                }
            )
        return Wish("orders", "/api/v1/orders/bulk", {"shop_name": "online", "rows": rows})

    def _events(self) -> Wish:
        events = [
            {
                "id": uuid.uuid4().hex,
                "kind": "viewed",
                "happened_at": "2026-03-10T20:15:00+08:00",
                "phone": f"138{self._dice.randint(0, 400):08d}",
            }
            for _ in range(self._dice.randint(1, 8))
        ]
        return Wish("events", "/api/v1/events", {"source": "web_shop", "events": events})

    def _message(self) -> Wish:
        channel = self._dice.choice(["sms", "wecom"])
        wish = Wish("message", "/_deeds/tell", {"customer_id": self._someone(), "channel": channel})
        wish.body["key"] = wish.key
        return wish

    def _merge(self) -> Wish:
        return Wish("merge", "/_deeds/merge", {"people": self._dice.sample(self._people, 2)})

    def _part(self) -> Wish:
        return Wish("part", "/_deeds/part", {})


def lost_or_doubled(
    answered: list[Answered], *, taken: Counter[str], sent: Counter[str], now: datetime
) -> dict[str, int]:
    """Return what the store and the platform lack of what was answered, or have twice, by what it is: only zeros where all is well.

    Args:
        answered: how every wish ended.
        taken: by its key, how often the gateway took each message.
        sent: by its words, how often staff sent each message in WeCom.
        now: what is planned for later waits with reason, as for the platform's quota of the next day. Aware UTC.
    """
    from yutang.api.models import Behaviour
    from yutang.coupons.models import Coupon
    from yutang.groupbuy.models import Seat
    from yutang.membership.models import Movement
    from yutang.orders.models import Order, OrderLine
    from yutang.visits.models import Booking

    done: dict[str, list[Answered]] = {}
    for one in answered:
        if one.status < 300:
            done.setdefault(one.wish.kind, []).append(one)

    def many(kind: str) -> int:
        return len(done.get(kind, ()))

    orders = Counter(row["order_number"] for one in done.get("orders", ()) for row in one.wish.body["rows"])
    lines = sum(len(row["lines"]) for one in done.get("orders", ()) for row in one.wish.body["rows"])
    worth = sum(
        int(line["unit_price"].replace(".", ""))
        for one in done.get("orders", ())
        for row in one.wish.body["rows"]
        for line in row["lines"]
    )
    events = {each["id"] for one in done.get("events", ()) for each in one.wish.body["events"]}
    topped = sum(one.wish.body["principal_minor"] for one in done.get("top_up", ()))
    spent = sum(one.wish.body["amount_minor"] for one in done.get("spend", ()))
    ledger = Movement.objects.values_list("kind", "key", "till_minor", "sales_minor")
    rows = [row for row in ledger if row[1].startswith("api:")]
    kept = Order.objects.filter(number__startswith="F")
    messages = {one.wish.key for one in done.get("message", ())}
    return {
        "top-ups": len({key for kind, key, *_ in rows if kind == "top_up"}) - many("top_up"),
        "topped up fen": sum(till for kind, _key, till, _sales in rows if kind == "top_up") - topped,
        "purchases": len({key for kind, key, *_ in rows if kind == "spending"}) - many("spend"),
        "spent fen": -sum(sales for kind, _key, _till, sales in rows if kind == "spending") - spent,
        "seats": Seat.objects.count() - many("seat"),
        "coupons": Coupon.objects.count() - many("coupon"),
        "bookings": Booking.objects.count() - many("visit"),
        "orders": kept.count() - len(orders),
        "order lines": OrderLine.objects.filter(order__in=kept).count() - lines,
        "fen of orders": sum(kept.values_list("total_minor", flat=True)) - worth,
        "events": Behaviour.objects.filter(source="web_shop").count() - len(events),
        **_of_messages(messages, taken=taken, sent=sent, now=now),
        "unexpected answers": sum(one.status in {400, 401, 403, 404, 422} and not _may_refuse(one) for one in answered),
    }


def _of_messages(messages: set[str], *, taken: Counter[str], sent: Counter[str], now: datetime) -> dict[str, int]:
    """Return what differs between what was planned and what both platforms know; see `lost_or_doubled`."""
    from yutang.channels.models import Delivery, Touch

    planned = Touch.objects.filter(key__in=messages)
    deliveries = Delivery.objects.filter(touch__in=planned)
    out_of = dict(deliveries.filter(touch__channel="sms").values_list("out_id", "state"))
    in_wecom = deliveries.filter(touch__channel="wecom", state="delivered").values_list("touch__key", flat=True)
    delivered, asked_for = {words_of(key) for key in in_wecom}, {words_of(key) for key in messages}
    went_out = {out for out, state in out_of.items() if state in {"created", "delivered"}}
    return {
        "messages planned": len(messages - set(planned.values_list("key", flat=True))),
        "messages taken twice": sum(count > 1 for count in taken.values()),
        "messages taken that nobody sent": len(taken.keys() - out_of.keys()),
        "messages delivered that nobody took": len(went_out - taken.keys()),
        "messages sent twice in WeCom": sum(count > 1 for count in sent.values()),
        "messages sent in WeCom that nobody planned": len(sent.keys() - asked_for),
        "messages delivered that nobody sent in WeCom": len(delivered - sent.keys()),
        "messages sent in WeCom that are not known as delivered": len(sent.keys() - delivered),
        "messages that wait for ever": planned.filter(state="planned", at__lte=now).count(),
    }


def words_of(key: str) -> str:
    """Return the words of a message: each has its own, by which it is known again at the platform."""
    return f"您好 {key}"


def _may_refuse(one: Answered) -> bool:
    """Return whether the shop may say no to a wish: a balance that is too low, a group that is full, somebody who was merged."""
    return one.wish.kind not in {"orders", "events", "message"}
