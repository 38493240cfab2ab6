"""What runs in the processes of a world: the shop's web server, its workers, the gateway of short messages, WeCom. Loaded before they are forked."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import yutang
from tests.faults.clock import ahead, move_modules
from tests.faults.load import words_of
from tests.faults.making import PEOPLE, mobile_of

_LEFT_OUT = ("yutang.config.", "yutang.cli.main", "yutang.demo.")
SMS_KEY, SMS_SECRET = "key", "secret"
#: Members of staff of the corp, and how often they look at what they are asked to send. Count; seconds.
_STAFF, _STAFF_LOOK = 4, 0.1


def _load_everything() -> None:
    for found in pkgutil.walk_packages(yutang.__path__, "yutang."):
        if ".migrations" not in found.name and not found.name.startswith(_LEFT_OUT):
            importlib.import_module(found.name)


_load_everything()

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.utils import timezone  # noqa: E402

from yutang.channels.actions import Message, plan_touch  # noqa: E402
from yutang.channels.bodies import BODIES, Body, BodySource  # noqa: E402
from yutang.config.wsgi import application  # noqa: E402
from yutang.connectors.sms.simulator import SmsSimulator  # noqa: E402
from yutang.connectors.wecom.simulator.acts_mass import confirm_everything  # noqa: E402
from yutang.connectors.wecom.simulator.clock import SimulatorClock  # noqa: E402
from yutang.connectors.wecom.simulator.keeping import kept_world, save_world  # noqa: E402
from yutang.connectors.wecom.simulator.seeding import Cast, seed_cast  # noqa: E402
from yutang.connectors.wecom.simulator.seeding import Customer as Friend  # noqa: E402
from yutang.connectors.wecom.simulator.server import Simulator  # noqa: E402
from yutang.connectors.wecom.simulator.world import World as CorpWorld  # noqa: E402
from yutang.customers.actions import merge_customers, undo_merge  # noqa: E402
from yutang.customers.models import Merge  # noqa: E402
from yutang.foundation.access import Actor  # noqa: E402
from yutang.foundation.jobs import run_worker  # noqa: E402
from yutang.kit.errors import DomainError  # noqa: E402
from yutang.payments.actions import pay_in_sandbox  # noqa: E402

_SYSTEM = Actor.system()


def _bodies(*, reference: str, channel: str, customer_ids: Any, group_keys: Any, now: Any) -> Mapping[Any, Body]:
    said = Body(text=words_of(reference.partition(":")[2]), subject="您好", template="SMS_1", values={"name": "茶"})
    return dict.fromkeys((*customer_ids, *group_keys), said)


BODIES.register(BodySource("said", _bodies))
move_modules()


def web(port: int) -> None:
    """Serve the shop, and beside it what no program may ask: to pay at the cashier, to plan messages, to merge people."""
    ThreadedWSGIServer.allow_reuse_address = True
    server = ThreadedWSGIServer(("127.0.0.1", port), _Quiet)
    server.set_app(_with_deeds)
    server.daemon_threads = True
    server.serve_forever(poll_interval=0.02)


def work(name: str, lease_seconds: float, queues: str) -> None:
    """Do background work with leases of that length."""
    run_worker(name=name, lease=timedelta(seconds=lease_seconds), poll_seconds=0.05, queues=queues.split(","))


def gateway(port: int, taken: str) -> None:
    """Take short messages; each that was taken is written down before it is answered."""
    simulator = SmsSimulator(key_id=SMS_KEY, secret=SMS_SECRET, most_a_minute=1_000_000)
    simulator.sent = _WrittenDown(Path(taken))
    with simulator.running(port=port):
        sys.stdin.read()


def wecom(port: int, kept: str) -> None:
    """Be WeCom: what is answered was written down before, so that it knows it when it was killed; staff send what they are asked to."""
    path = Path(kept)
    world = kept_world(path) or _corp()
    world.clock = _MovedClock()
    simulator = Simulator(world=world, port=port)
    keeping = threading.Lock()
    answer = simulator.gateway.reply

    def keep() -> None:
        with keeping:
            save_world(world, path)

    def answer_what_is_kept(**asked: Any) -> Any:
        reply = answer(**asked)
        keep()
        return reply

    def send_what_waits() -> None:
        while True:
            time.sleep(_STAFF_LOOK)
            with world.lock:
                sent = confirm_everything(world)
            if any(sent.values()):
                keep()

    simulator.gateway.reply = answer_what_is_kept  # type: ignore[method-assign]
    keep()
    threading.Thread(target=send_what_waits, daemon=True).start()
    simulator.start()
    sys.stdin.read()


def _corp() -> CorpWorld:
    """Return a corp of a few members of staff whose friends are the customers of the shop."""
    world = CorpWorld(seed=6)
    staff = tuple((f"guide{n}", f"导购{n}") for n in range(_STAFF))
    friends = tuple(Friend(f"顾客{n}", mobile_of(n), staff[n % _STAFF][0]) for n in range(PEOPLE))
    seed_cast(world, Cast(staff, friends))
    return world


class _MovedClock(SimulatorClock):
    def _now(self) -> float:
        return time.time() + ahead().total_seconds()


class _WrittenDown(list[Any]):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def append(self, message: Any) -> None:
        super().append(message)
        os.write(self._file, f"{message.key} {message.phone}\n".encode())


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def _with_deeds(environ: Any, start_response: Any) -> Any:
    """Answer what stands under `_deeds`, and let the shop answer everything else."""
    path = environ["PATH_INFO"]
    if not path.startswith("/_deeds/"):
        return application(environ, start_response)
    asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    try:
        status, told = "200 OK", _DEEDS[path.rpartition("/")[2]](asked)
    except DomainError as refusal:
        status, told = "409 Conflict", {"code": refusal.code}
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]


def _pay(asked: Mapping[str, Any]) -> dict[str, Any]:
    from yutang.groupbuy.finding import payment_key
    from yutang.groupbuy.models import Seat
    from yutang.payments.models import Payment

    seat = Seat.objects.get(token=asked["token"])
    number = Payment.objects.values_list("number", flat=True).get(key=payment_key(seat.pk))
    return {"payment": pay_in_sandbox(actor=_SYSTEM, number=number, now=timezone.now())}


def _tell(asked: Mapping[str, Any]) -> dict[str, Any]:
    message = Message(
        key=asked["key"], channel=asked["channel"], intent="transactional", customer_id=asked["customer_id"],
        content=f"said:{asked['key']}",
    )  # fmt: skip
    return {"touch": plan_touch(actor=_SYSTEM, message=message, now=timezone.now()).touch_id}


def _merge(asked: Mapping[str, Any]) -> dict[str, Any]:
    first, second = asked["people"]
    return {"merged": merge_customers(actor=_SYSTEM, first_id=first, second_id=second, now=timezone.now())}


def _part(asked: Mapping[str, Any]) -> dict[str, Any]:
    found = Merge.objects.filter(undone_at=None, winner__merged_into=None).order_by("?").first()
    if found is not None:
        undo_merge(actor=_SYSTEM, merge_id=found.pk, now=timezone.now())
    return {"parted": found is not None}


_DEEDS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "pay": _pay,
    "tell": _tell,
    "merge": _merge,
    "part": _part,
}
