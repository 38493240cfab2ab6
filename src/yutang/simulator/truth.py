"""The truth beside the files: who is who, whose an order is, who is alive, what was planted."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.behaviour import DEAR_HOOK, HOOK, TOP_UP, Lives
from yutang.simulator.chance import Ints
from yutang.simulator.orders import DAY, Orders
from yutang.simulator.people import NICKNAMES, ORIGINS, People
from yutang.simulator.plan import PLATFORMS, Cause, Plan
from yutang.simulator.scribe import Piece, Scribe, Sheet
from yutang.simulator.writers.desk import Dirt, full_name
from yutang.simulator.writers.members import Cards

PEOPLE_HEADER: Final = (
    "person_id,name,female,birthday,origin,buys,phones,phone_change_date,shares_phone,recycles_phone,accounts,nicknames,chat_name,"
    "member_numbers,email,external_userid,favourite,second"
)
ALIVE_HEADER: Final = "person_id,alive,rate,started_at,end_date"
ORDERS_HEADER: Final = "platform,order_number,person_id,kind,total_minor,refunded_minor,dirt"
_KINDS: Final = ("plain", "hook_99", "hook_1500", "top_up", "unpaid_attempt")
_DIRT: Final = ("", "bad_id", "no_date", "formula", "bad_phone")
_YES: Final = ("0", "1")


class Truth:
    """Writes the truth as it is drawn."""

    def __init__(self, plan: Plan, people: People, folder: Path) -> None:
        self.plan = plan
        self.people = people
        self.folder = folder
        self._scribe = Scribe("utf-8", first_date=plan.from_date)
        self._cards = Cards(people)
        self._people = self._sheet("people.csv", PEOPLE_HEADER)
        self._alive = self._sheet("alive.csv", ALIVE_HEADER)
        self._orders = self._sheet("orders.csv", ORDERS_HEADER)
        self.counted = dict.fromkeys(
            ("people", "buyers", "alive", "hook_leads", "hook_buyers", "dear_leads", "dear_buyers", "top_ups"), 0
        )

    def tell_people(self, lives: Lives, orders: Orders) -> None:
        """Append a block of people, and count what became of the hooks."""
        ids = lives.ids
        origin = self.people.origin(ids)
        self._people.write(self._scribe.join(*self._people_cells(lives, origin), by=","))
        scribe = self._scribe
        end = np.where(lives.ended < 0, 0, lives.ended) // DAY
        cells: list[Piece] = [
            scribe.number(ids),
            scribe.words(_YES, lives.alive.astype(np.int64)),
            pa.array([f"{rate:.6f}".encode() for rate in np.where(lives.buys, lives.rate, 0.0).tolist()], pa.binary()),
            scribe.moment(lives.started),
            scribe.join(scribe.either(lives.ended < 0, "", scribe.day(end)), "\r\n"),
        ]
        self._alive.write(scribe.join(*cells, by=","))
        kinds = orders["kind"]
        facts = {
            "people": len(ids),
            "buyers": lives.buys.sum(),
            "alive": lives.alive.sum(),
            "hook_leads": (origin == 1).sum(),
            "hook_buyers": (kinds == HOOK).sum(),
            "dear_leads": (origin == 2).sum(),
            "dear_buyers": (kinds == DEAR_HOOK).sum(),
            "top_ups": (kinds == TOP_UP).sum(),
        }
        for name, fact in facts.items():
            self.counted[name] += int(fact)

    def tell_orders(self, orders: Orders, numbers: pa.Array, dirt: Dirt) -> None:
        """Append whose the orders of one platform are; anonymous receipts have no person."""
        scribe = self._scribe
        person = orders["person"].astype(np.int64)
        spoilt = dirt.bad_id + 2 * dirt.no_date + 3 * dirt.formula + 4 * dirt.bad_phone
        cells: list[Piece] = [
            scribe.words(PLATFORMS, orders["platform"]),
            numbers.cast(pa.binary()),
            scribe.either(person < 0, "", scribe.number(person)),
            scribe.words(_KINDS, orders["kind"]),
            scribe.number(orders["total"]),
            scribe.number(orders["refunded"]),
            scribe.join(scribe.words(_DIRT, np.asarray(spoilt, dtype=np.int64)), "\r\n"),
        ]
        self._orders.write(scribe.join(*cells, by=","))

    def close(self, causes: tuple[Cause, ...]) -> None:
        """Finish, and write causes.json and parameters.json."""
        for sheet in (self._people, self._alive, self._orders):
            sheet.close()
        self._write_json("causes.json", [asdict(cause) for cause in causes])
        known = {
            "seed": self.plan.seed,
            "from": self.plan.from_date,
            "to": self.plan.to_date,
            "untidiness": asdict(self.plan.untidiness),
            "habits": asdict(self.plan.habits),
            "counted": self.counted,
        }
        self._write_json("parameters.json", known)

    def _people_cells(self, lives: Lives, origin: Ints) -> list[Piece]:
        scribe, people, ids = self._scribe, self.people, lives.ids
        changes = people.changes_phone(ids)
        first = scribe.number(people.first_phone(ids))
        phones = scribe.either(changes, scribe.join(first, ";", scribe.number(people.second_phone(ids))), first)
        nothing = np.zeros(len(ids), dtype=np.int64)
        accounts = [scribe.number(people.account_number(ids, nothing + which)) for which in (0, 1)]
        stem = scribe.words(NICKNAMES, people.nickname_stem(ids))
        nicknames = [scribe.join(stem, account) for account in accounts]
        two = people.has_two_accounts(ids)
        return [
            scribe.number(ids),
            full_name(scribe, people, ids),
            scribe.words(_YES, people.female(ids).astype(np.int64)),
            self._cards.birthday(scribe, ids),
            scribe.words(ORIGINS, origin),
            scribe.words(_YES, lives.buys.astype(np.int64)),
            phones,
            scribe.either(changes, scribe.day(people.change_day(ids)), ""),
            scribe.words(_YES, people.shares_phone(ids).astype(np.int64)),
            scribe.words(_YES, people.recycles_phone(ids).astype(np.int64)),
            scribe.either(two, scribe.join(*accounts, by=";"), accounts[0]),
            scribe.either(two, scribe.join(*nicknames, by=";"), nicknames[0]),
            scribe.join(stem, scribe.number(people.chat_name_number(ids))),
            self._cards.member_numbers(scribe, ids),
            self._cards.email(scribe, ids),
            self._cards.external_userid(scribe, ids),
            scribe.words(PLATFORMS, lives.favourite),
            scribe.join(scribe.words(PLATFORMS, lives.second), "\r\n"),
        ]

    def _write_json(self, name: str, content: object) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=1, default=date.isoformat)
        (self.folder / name).write_text(text + "\n", encoding="utf-8")

    def _sheet(self, name: str, header: str) -> Sheet:
        return Sheet(self.folder / name, encoding="utf-8", header=header)
