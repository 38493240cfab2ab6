"""The keys are those of the store: lost, mistaken and broken ones are refused, and none are made beside sealed records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from yutang.customers.models import Customer
from yutang.foundation import sealing
from yutang.foundation.keyring import Keyring, KeysAreBroken, KeysAreMissing, KeysAreOthers, keys_path
from yutang.foundation.models import Setting
from yutang.foundation.sealed_records import ensure_keys, known_fingerprint, opens_a_record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home without keys."""
    monkeypatch.delenv("YUTANG_KEYS", raising=False)
    settings.YUTANG_HOME = tmp_path
    sealing.forget_keys()
    yield tmp_path
    sealing.forget_keys()


@pytest.fixture
def somebody(home: Path, now: datetime) -> Customer:
    """A customer sealed with the first keys of this home."""
    ensure_keys()
    return Customer.objects.create(sealed_profile=sealing.seal({"name": "段秀静"}), first_seen_at=now)


def take_away(path: Path) -> Path:
    """Move the keys elsewhere, as a process sees it that starts afterwards."""
    sealing.forget_keys()
    return path.rename(path.with_name("elsewhere.json"))


class TestEnsureKeys:
    def test_makes_them_once_for_an_empty_store_with_owner_only_rights(self) -> None:
        first = ensure_keys()
        sealing.forget_keys()

        assert ensure_keys() == first
        assert keys_path().stat().st_mode & 0o777 == 0o600
        assert known_fingerprint() == first.fingerprint()
        assert first.index.hex() not in str(known_fingerprint())

    def test_makes_none_while_the_store_holds_sealed_records(self, somebody: Customer) -> None:
        elsewhere = take_away(keys_path())

        with pytest.raises(KeysAreMissing):
            ensure_keys()
        with pytest.raises(KeysAreMissing):
            sealing.seal({"name": "another"})

        assert not keys_path().exists()
        elsewhere.rename(keys_path())
        ensure_keys()
        assert sealing.unseal(somebody.sealed_profile) == {"name": "段秀静"}

    @pytest.mark.parametrize("is_known", [True, False])
    def test_refuses_the_keys_of_another_installation(self, somebody: Customer, is_known: bool) -> None:
        if not is_known:
            Setting.objects.all().delete()
        keys_path().write_text(Keyring.made().as_json())
        sealing.forget_keys()

        with pytest.raises(KeysAreOthers):
            ensure_keys()

    def test_refuses_the_right_sealing_keys_beside_another_index_key(self, somebody: Customer) -> None:
        ring = ensure_keys()
        keys_path().write_text(Keyring(ring.current, ring.sealing, Keyring.made().index).as_json())
        sealing.forget_keys()

        with pytest.raises(KeysAreOthers):
            ensure_keys()

    def test_takes_over_the_keys_of_a_store_that_has_no_fingerprint_yet(self, somebody: Customer) -> None:
        Setting.objects.all().delete()
        sealing.forget_keys()

        assert known_fingerprint() is None
        assert ensure_keys().fingerprint() == known_fingerprint()

    def test_takes_other_keys_for_a_store_that_holds_nothing_sealed(self) -> None:
        ensure_keys()
        take_away(keys_path())

        assert ensure_keys().fingerprint() == known_fingerprint()

    def test_keys_that_are_taken_away_under_a_process_are_not_made_anew(self) -> None:
        ensure_keys()
        sealing.token8("段")
        keys_path().unlink()

        with pytest.raises(KeysAreMissing):
            sealing.seal({})

    def test_takes_them_from_the_environment(self, home: Path, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
        given = Keyring.made()
        monkeypatch.setenv("YUTANG_KEYS", given.as_json())

        assert ensure_keys() == given
        Customer.objects.create(sealed_profile=sealing.seal({"name": "x"}), first_seen_at=now)
        monkeypatch.delenv("YUTANG_KEYS")
        sealing.forget_keys()

        assert not keys_path().exists()
        with pytest.raises(KeysAreMissing):
            ensure_keys()


@pytest.mark.once
class TestBrokenKeys:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "{}",
            '{"current": 1, "sealing": {}, "index": ""}',
            '{"current": 1, "sealing": {"1": "AAAA"}, "index": "AAAA"}',
            '{"current": 1, "sealing": {"1": "?"}, "index": "AAAA"}',
        ],
    )
    @pytest.mark.parametrize("place", ["file", "environment"])
    def test_are_told_in_one_sentence(self, text: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
        if place == "environment" and text:
            monkeypatch.setenv("YUTANG_KEYS", text)
        else:
            keys_path().write_text(text)

        with pytest.raises(KeysAreBroken) as refusal:
            ensure_keys()

        assert str(keys_path()) in str(refusal.value) or "YUTANG_KEYS does not hold" in str(refusal.value)


class TestOpensARecord:
    def test_says_nothing_of_an_empty_store(self) -> None:
        assert opens_a_record() is None

    def test_one_damaged_record_does_not_make_the_keys_wrong(self, somebody: Customer, now: datetime) -> None:
        Customer.objects.create(sealed_profile=b"\x01" + bytes(40), first_seen_at=now)

        assert opens_a_record() is True

    def test_finds_keys_that_open_nothing(self, somebody: Customer) -> None:
        Customer.objects.update(sealed_profile=b"\x01" + bytes(40))

        assert opens_a_record() is False
