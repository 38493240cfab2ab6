"""What tests and the page order the simulator to do, as JSON below ``/_sim/``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from yutang.connectors.wecom.callbacks.envelope import CallbackKeys
from yutang.connectors.wecom.simulator import acts_groups, acts_mass, acts_people, acts_tags, plans
from yutang.connectors.wecom.simulator.acts_people import NotPossible
from yutang.connectors.wecom.simulator.clock import ClockCannotGoThere
from yutang.connectors.wecom.simulator.delivery import Address, AddressDoesNotAnswer, Delivery, Habits
from yutang.connectors.wecom.simulator.faults import Fault
from yutang.connectors.wecom.simulator.gateway import Gateway
from yutang.connectors.wecom.simulator.seeding import Size, seed_world
from yutang.connectors.wecom.simulator.world import App, World
from yutang.kit.text import N_

Ordered = dict[str, Any]


class Control:
    """Carries orders out."""

    def __init__(self, *, world: World, gateway: Gateway, delivery: Delivery) -> None:
        self.world = world
        self.gateway = gateway
        self.delivery = delivery
        self._orders: dict[str, Callable[[Ordered], Any]] = {
            "clock": self._clock,
            "rules": self._rules,
            "faults": self._faults,
            "plan": lambda told: plans.follow(str(told.get("name")), gateway=gateway, delivery=delivery),
            "plan/clear": lambda _: plans.clear(gateway=gateway, delivery=delivery),
            "callbacks": self._callbacks,
            "callbacks/wait": self._wait,
            "corp": self._corp,
            "app": self._app,
            "token/expire": lambda _: gateway.expire_tokens(),
            "scan": self._scan,
            **{path: self._locked(act) for path, act in _ACTS.items()},
        }

    def order(self, path: str, told: Ordered) -> Any:
        """Carry an order out and return what came of it.

        Raises:
            KeyError: there is no such order.
            NotPossible: what was ordered cannot be done.
            ValueError: it was told wrongly.
        """
        return self._orders[path](told) or {}

    def show(self, path: str) -> Any:
        """Return a part of the state.

        Raises:
            KeyError: there is no such part.
        """
        with self.world.lock:
            return _SHOWN[path](self)

    def _locked(self, act: Callable[..., Any]) -> Callable[[Ordered], Any]:
        def run(told: Ordered) -> Any:
            with self.world.lock:
                try:
                    return act(self.world, **told)
                except TypeError as error:
                    raise ValueError(str(error)) from error

        return run

    def _scan(self, told: Ordered) -> Any:
        """Scan a contact way or a join way, whichever the id is of."""
        with self.world.lock:
            way = self.world.ways.get(str(told.get("config_id")))
            if way is not None and way.is_join:
                return acts_groups.join_by_way(
                    self.world, config_id=way.config_id, unionid=told["unionid"], name=told.get("name", "")
                )
        return self._locked(acts_people.scan)(told)

    def _clock(self, told: Ordered) -> Ordered:
        clock = self.world.clock
        if "at" in told or told.get("stop"):
            at = told.get("at")
            clock.stop(None if at is None else _seconds(at))
        if told.get("run"):
            clock.run()
        clock.advance(_seconds(told.get("advance", 0)))
        with self.world.lock:
            acts_people.complete_handovers(self.world)
        return {"now": clock.now(), "is_running": clock.is_running}

    def _rules(self, told: Ordered) -> Ordered:
        with self.world.lock:
            self.world.rules = self.world.rules.changed(told)
            return asdict(self.world.rules)

    def _faults(self, told: Ordered) -> None:
        faults = [Fault.from_json(one) for one in told.get("faults", [])]
        if told.get("clear"):
            self.gateway.faults.clear()
        for fault in faults:
            self.gateway.faults.order(fault)

    def _callbacks(self, told: Ordered) -> None:
        habits = Habits.from_json(told.get("habits", {}))
        if "url" in told:
            keys = CallbackKeys(told["token"], told["aes_key"], self.world.corp_id)
            agent_id = self.world.apps[0].agent_id
            self.delivery.register(Address(told["url"], keys, agent_id), habits)
        elif self.delivery.address is not None:
            self.delivery.register(self.delivery.address, habits)

    def _wait(self, told: Ordered) -> Ordered:
        settled = self.delivery.settled(seconds=float(told.get("seconds", 10)))
        return {"settled": settled, "pending": self.delivery.pending, **self.delivery.counts}

    def _corp(self, told: Ordered) -> Ordered:
        """Add staff, customers and groups to a corp that has none."""
        unknown = set(told) - {one.name for one in fields(Size)}
        if unknown or not all(isinstance(value, int) for value in told.values()):
            raise ValueError(f"a corp is told by whole numbers; not known: {sorted(unknown)}")
        with self.world.lock:
            if self.world.staff:
                raise NotPossible(N_("the corp has staff already"))
            seed_world(self.world, Size(**told))
            return _summary(self)

    def _app(self, told: Ordered) -> Ordered:
        """Add an app, or change the first one: what it sees, whether it is on."""
        with self.world.lock:
            app = self.world.apps[0]
            if told.get("new"):
                app = App(1000002 + len(self.world.apps), self.world.new_id("secret", length=43))
                self.world.apps.append(app)
            app.sees = set(told["sees"]) if told.get("sees") is not None else None
            app.is_on = bool(told.get("is_on", True))
            return {"agent_id": app.agent_id, "secret": app.secret}


def _seconds(told: Any) -> float:
    """Return a number of seconds that was told; what is none leads the clock nowhere."""
    try:
        return float(told)
    except (TypeError, ValueError, OverflowError) as error:
        raise ClockCannotGoThere from error


_ACTS: dict[str, Callable[..., Any]] = {
    "link/click": acts_people.click,
    "customer/delete": acts_people.delete_by_customer,
    "member/accept": acts_people.accept,
    "member/delete": acts_people.delete_by_staff,
    "member/edit": acts_people.edit_by_staff,
    "member/leave": acts_people.leave,
    "staff/hire": acts_people.hire,
    "tag/create": acts_tags.create,
    "tag/rename": acts_tags.rename,
    "tag/delete": acts_tags.delete,
    "tag/shuffle": acts_tags.shuffle,
    "talk": acts_people.talk,
    "handover/refuse": acts_people.refuse_handover,
    "member/confirm": acts_mass.confirm,
    "member/send": acts_mass.send_personally,
    "member/confirm_all": acts_mass.confirm_everything,
    "member/publish": acts_mass.publish,
    "customer/react": acts_mass.react,
    "group/create": lambda world, **told: {"chat_id": acts_groups.create(world, **told).chat_id},
    "group/join": acts_groups.join,
    "group/leave": acts_groups.depart,
    "group/rename": acts_groups.rename,
    "group/notice": acts_groups.announce,
    "group/owner": acts_groups.give_away,
    "group/say": acts_groups.say,
    "group/dismiss": acts_groups.dismiss,
}


def _summary(control: Control) -> Ordered:
    world = control.world
    return {
        "corp_id": world.corp_id,
        "agent_id": world.apps[0].agent_id,
        "secret": world.apps[0].secret,
        "now": world.now(),
        "staff": list(world.staff),
        "customers": len(world.people),
        "groups": sum(chat.dismissed_at is None for chat in world.chats.values()),
        "waiting": len(acts_mass.waiting(world)),
        "contact_ways": [way.config_id for way in world.ways.values() if not way.is_join],
        "join_ways": [way.config_id for way in world.ways.values() if way.is_join],
    }


def _truth(control: Control) -> Ordered:
    """Return everything that a consumer should have found out."""
    world = control.world
    return {
        "relations": [
            {**vars(one), "tie": one.tie.value, "tags": list(one.tags)}
            for relations in world.relations.values()
            for one in relations.values()
        ],
        "groups": [
            {
                "chat_id": chat.chat_id,
                "name": chat.name,
                "owner": chat.owner,
                "notice": chat.notice,
                "members": sorted(chat.members),
                "dismissed_at": chat.dismissed_at,
            }
            for chat in world.chats.values()
        ],
        "people": [vars(one) for one in world.people.values()],
        "tags": [vars(one) for one in world.tags.values()],
    }


def _mass(control: Control) -> Ordered:
    world = control.world
    return {
        "tasks": [acts_mass.shown_task(task) for task in world.tasks.values()],
        "received": {target: len(times) for target, times in world.received.items()},
    }


def _calls(control: Control) -> Ordered:
    gateway = control.gateway
    return {
        "calls": [
            {"path": path, "errcode": errcode, "count": count}
            for (path, errcode), count in sorted(gateway.calls.items())
        ],
        "limits_met": dict(gateway.throttle.met),
        "limits_met_again": dict(gateway.throttle.met_while_closed),
        "refusals": [
            {"path": path, "at": at, "closed_for": round(seconds, 3)} for path, at, seconds in gateway.throttle.refusals
        ],
    }


def _welcomes(control: Control) -> Ordered:
    return {
        "codes": [
            {
                "userid": code.userid,
                "external_userid": code.external_userid,
                "made_at": code.made_at,
                "used_with": code.used_with,
            }
            for code in control.world.codes.values()
        ]
    }


_SHOWN: dict[str, Callable[[Control], Any]] = {
    "state": _summary,
    "truth": _truth,
    "mass": _mass,
    "calls": _calls,
    "latest": lambda control: {"calls": list(control.gateway.latest)},
    "welcomes": _welcomes,
    "notices": lambda control: {"notices": control.world.notices},
    "rules": lambda control: asdict(control.world.rules),
    "clock": lambda control: {"now": control.world.now(), "is_running": control.world.clock.is_running},
    "callbacks": lambda control: {"pending": control.delivery.pending, **control.delivery.counts},
}

__all__ = ["AddressDoesNotAnswer", "Control", "NotPossible"]
