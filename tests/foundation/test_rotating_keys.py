"""A new sealing key: what older keys sealed is resealed, wherever it lies, and nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.channels.models import Reply
from yutang.cli.main import build
from yutang.coupons import actions as coupons
from yutang.coupons.actions import Terms
from yutang.customers.actions import merge_customers
from yutang.customers.models import Customer, Merge
from yutang.foundation import actions, sealed_records, sealing
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.jobs import SCHEDULES, JobCancelled, run_inline
from yutang.foundation.keyring import Keyring, KeysAreOthers, KeysAreSetOutside, add_sealing_key, keyring, keys_path
from yutang.foundation.models import AuditEntry, Store
from yutang.foundation.sealed_records import ensure_keys, key_status, reseal_all
from yutang.ingest import journal
from yutang.ingest.models import BeforeImage, Import, QuarantinedRow
from yutang.privacy.actions import ask_about_data
from yutang.risk.models import Appeal, Decision
from yutang.visits.models import Booking
from yutang.webhooks.actions import create_endpoint
from yutang.webhooks.delivering import secrets_of
from yutang.webhooks.models import Endpoint
from yutang.wecom.models import Account, Callback, Connection, Contact, Friendship

pytestmark = pytest.mark.django_db(transaction=True)

SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("YUTANG_KEYS", raising=False)
    settings.YUTANG_HOME = tmp_path
    sealing.forget_keys()
    ensure_keys()
    yield tmp_path
    sealing.forget_keys()


@pytest.fixture
def people(now: datetime) -> list[Customer]:
    return Customer.objects.bulk_create(
        Customer(sealed_profile=sealing.seal({"name": f"客户{i}"}), first_seen_at=now) for i in range(7)
    )


@pytest.fixture
def everything(people: list[Customer], now: datetime) -> None:
    """A record of each kind, sealed with the first key."""
    merge_customers(actor=SYSTEM, first_id=people[0].pk, second_id=people[1].pk, now=now)
    source = Import.objects.create(file_name="a.csv", created_at=now)
    sealed = sealing.seal({"header": ["a"], "cells": ["b"]})
    QuarantinedRow.objects.create(
        source=source, row_number=2, reason_code="x", reason={}, sealed_row=sealed, digest=bytes(16)
    )
    before = {"sealed_profile": sealing.seal({"name": "früher"}), "store_id": None, "first_seen_at": now}
    journal.remember(source.pk, "customers_customer", [(people[2].pk, before)])
    journal.remember(source.pk, "orders_order", [(1, {"number": "01"})])


def quiet(done: int, total: int) -> None:
    """Hear nothing."""


def images() -> list[dict[str, Any]]:
    return list(BeforeImage.objects.order_by("id").values_list("before", flat=True))


def seal_in_wecom(now: datetime) -> None:
    """Seal one record of each kind that the room of WeCom keeps."""
    sealed = sealing.seal({"name": "客户"})
    Connection.objects.create(kind="sandbox", corp_id="ww1", sealed_keys=sealed, set_at=now)
    Callback.objects.create(
        corp_id="ww1",
        digest=b"d",
        lane="other",
        kind="x",
        sealed_text=sealed,
        told_at=now,
        received_at=now,
        next_at=now,
    )
    friend = Contact.objects.create(digest=b"friend", sealed_card=sealed, seen_at=now)
    account = Account.objects.create(userid="u1", seen_at=now)
    Friendship.objects.create(account=account, contact=friend, standing="friends", sealed_note=sealed)


def seal_what_people_ask(person: Customer, now: datetime) -> None:
    """Seal what somebody asked about their data, the words of an appeal, and the code of a visit."""
    sealed = sealing.seal({"text": "请"})
    ask_about_data(actor=SYSTEM, customer_id=person.pk, kind="copy", words="请发给我", now=now)
    stopped = Decision.objects.create(key="d", kind="seat", customer=person, at=now, verdict="refuse")
    Appeal.objects.create(decision=stopped, sealed_words=sealed, made_at=now)
    store = Store.objects.create(code="SH01", name="徐汇店")
    Booking.objects.create(
        key="b", customer=person, store=store, starts_at=now, business_date=now.date(), digest=b"b", sealed_code=sealed,
        made_at=now,
    )  # fmt: skip


def seal_coupons(customer_id: int, now: datetime) -> int:
    """Seal the code of a coupon and one of a pool, and return the coupon."""
    made = Terms(name="立减", code="made", gives="amount", amount_minor=100, valid_days=9)
    pool = Terms(name="别家的券", code="pool", gives="thing", thing="一杯茶", valid_days=9, codes="pool")
    coupons.create_kind(actor=SYSTEM, terms=made, now=now)
    coupons.add_codes(
        actor=SYSTEM, kind_id=coupons.create_kind(actor=SYSTEM, terms=pool, now=now), written=["AB12"], now=now
    )
    return coupons.give_coupon(actor=SYSTEM, kind="made", customer_id=customer_id, key="k", now=now)


class TestRotateKeys:
    def test_reseals_every_kind_of_record_and_changes_no_content(
        self, everything: None, people: list[Customer], owner: Actor, now: datetime
    ) -> None:
        secret = actions.begin_second_factor(actor=owner, now=now).secret
        hook = create_endpoint(
            actor=SYSTEM, name="ERP", url="https://erp.example.com/", events=["ingest.ImportUndone"], now=now
        )
        reply = {"channel": "sms", "is_opt_out": True, "sent_at": now, "received_at": now}
        Reply.objects.create(digest=b"reply", sealed_text=sealing.seal({"text": "退订"}), **reply)
        seal_in_wecom(now)
        seal_what_people_ask(people[0], now)
        coupon = seal_coupons(people[0].pk, now)
        code = coupons.show_code(actor=SYSTEM, coupon_id=coupon, now=now)
        before = images()
        assert {name: set(counts) for name, counts in key_status().records.items()} == {
            "customers.profiles": {1},
            "customers.merges": {1},
            "customers.before_images": {1},
            "ingest.kept_rows": {1},
            "foundation.second_factors": {1},
            "webhooks.secrets": {1},
            "channels.replies": {1},
            "coupons.codes": {1},
            "coupons.pool_codes": {1},
            "wecom.keys": {1},
            "wecom.callbacks": {1},
            "wecom.contacts": {1},
            "wecom.friendships": {1},
            "privacy.words": {1},
            "risk.appeals": {1},
            "visits.codes": {1},
        }

        result = run_inline(actions.rotate_keys(actor=SYSTEM, now=people[0].first_seen_at))

        assert result == {"resealed": 22, "left": 0}
        assert {key for counts in key_status().records.values() for key in counts} == {2}
        assert actions.begin_second_factor(actor=owner, now=now).secret == secret
        assert secrets_of(Endpoint.objects.get(), now=now) == [hook.secret]
        names = [sealing.unseal(c.sealed_profile).get("name") for c in Customer.objects.order_by("id")]
        assert names == [f"客户{i}" for i in range(7)]
        assert sealing.unseal(Merge.objects.get().winner_profile_before or b"") == {"name": "客户0"}
        assert coupons.show_code(actor=SYSTEM, coupon_id=coupon, now=now) == code
        assert sealing.unseal(Reply.objects.get().sealed_text) == {"text": "退订"}
        assert sealing.unseal(QuarantinedRow.objects.get().sealed_row)["cells"] == ["b"]
        after = images()
        assert sealing.unseal(bytes.fromhex(after[0]["sealed_profile"]["hex"])) == {"name": "früher"}
        assert [{**image, "sealed_profile": None} for image in after] == [
            {**image, "sealed_profile": None} for image in before
        ]

    def test_needs_the_permission_and_is_audited(self, manager: Actor, owner: Actor, now: datetime) -> None:
        with pytest.raises(NotAllowed):
            actions.rotate_keys(actor=manager, now=now)
        assert keyring().current == 1

        actions.rotate_keys(actor=owner, now=now)

        assert AuditEntry.objects.get(action="keys.rotated").subject_id == "2"

    def test_keeps_the_older_keys_and_the_index_key(self, now: datetime) -> None:
        before = keyring()

        actions.rotate_keys(actor=SYSTEM, now=now)
        sealing.forget_keys()

        after = ensure_keys()
        assert (after.current, after.sealing[1], after.index) == (2, before.sealing[1], before.index)
        assert keys_path().stat().st_mode & 0o777 == 0o600

    def test_refuses_to_change_keys_of_the_environment(self, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
        monkeypatch.setenv("YUTANG_KEYS", keys_path().read_text())

        with pytest.raises(KeysAreSetOutside):
            actions.rotate_keys(actor=SYSTEM, now=now)

    def test_refuses_afterwards_the_keys_of_before(self, people: list[Customer], now: datetime) -> None:
        older = keys_path().read_text()
        run_inline(actions.rotate_keys(actor=SYSTEM, now=now))
        keys_path().write_text(older)
        sealing.forget_keys()

        with pytest.raises(KeysAreOthers):
            ensure_keys()

    def test_killed_between_file_and_store_leaves_both_in_order(self, people: list[Customer]) -> None:
        add_sealing_key()
        sealing.forget_keys()

        assert ensure_keys().current == 2
        assert sealed_records.known_fingerprint() == keyring().fingerprint()


class TestOtherProcesses:
    def test_seal_with_a_key_that_was_added_meanwhile(self) -> None:
        assert keyring().current == 1
        grown = keyring().grown()
        keys_path().with_name("next").write_text(grown.as_json())
        keys_path().with_name("next").replace(keys_path())

        blob = sealing.seal({"name": "x"})

        assert blob[0] == 2
        assert sealing.unseal(blob) == {"name": "x"}

    def test_open_what_was_sealed_with_a_key_that_was_added_meanwhile(self) -> None:
        grown = keyring().grown()
        keys_path().with_name("next").write_text(grown.as_json())
        keys_path().with_name("next").replace(keys_path())
        blob = sealing.seal({"name": "x"})
        sealing.forget_keys()
        keys_path().write_text(Keyring(1, {1: grown.sealing[1]}, grown.index).as_json())
        assert keyring().current == 1
        keys_path().write_text(grown.as_json())

        assert sealing.unseal(blob) == {"name": "x"}


class TestReseal:
    def test_goes_on_with_what_is_left_after_a_cancellation(self, people: list[Customer]) -> None:
        add_sealing_key()
        told: list[tuple[int, int]] = []

        def cancel(done: int, total: int) -> None:
            told.append((done, total))
            if done == 4:
                raise JobCancelled

        with pytest.raises(JobCancelled):
            reseal_all(most=2, told=cancel)

        assert told[-2:] == [(2, 7), (4, 7)]
        # The batch in which it was cancelled is rolled back whole.
        assert key_status().to_reseal == 5
        assert reseal_all(most=2, told=quiet) == 5
        assert key_status().to_reseal == 0

    def test_a_damaged_record_does_not_stop_the_others(self, people: list[Customer]) -> None:
        Customer.objects.filter(pk=people[0].pk).update(sealed_profile=b"\x01" + bytes(40))
        Customer.objects.filter(pk=people[3].pk).update(sealed_profile=b"\x09" + bytes(40))
        add_sealing_key()

        assert reseal_all(most=2, told=quiet) == 5
        assert key_status().to_reseal == 2

    def test_comes_round_only_where_there_are_older_keys(self) -> None:
        import yutang.foundation.schedules  # noqa: F401

        assert not SCHEDULES["reseal_records"].needed()
        add_sealing_key()
        sealing.forget_keys()
        assert SCHEDULES["reseal_records"].needed()


class TestCommands:
    def answer(self, *arguments: str) -> dict[str, Any]:
        result = CliRunner().invoke(build(), ["keys", *arguments, "--json"])
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    def test_rotate_and_status(self, people: list[Customer]) -> None:
        before = self.answer("status")

        rotated = self.answer("rotate")

        after = self.answer("status")
        assert (before["current"], before["records"]["customers.profiles"]) == (1, {"1": 7})
        assert (rotated["current"], rotated["to_reseal"]) == (2, 0)
        assert (after["keys"], after["records"]["customers.profiles"]) == ([1, 2], {"2": 7})

    def test_say_so_to_a_person(self, people: list[Customer], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_LANG", "en")
        add_sealing_key()

        said = CliRunner().invoke(build(), ["keys", "status"]).stdout

        assert "New records are sealed with key 2." in said
        assert "7 records are not sealed with key 2 yet." in said
