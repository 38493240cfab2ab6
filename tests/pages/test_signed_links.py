"""Links that need no log-in: for one purpose and one person, not for ever, opaque, and not to be altered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW
from yutang.foundation import sealing
from yutang.foundation.keyring import Keyring, add_sealing_key, keyring, keys_path
from yutang.foundation.sealing import seal
from yutang.foundation.signed_links import is_mark_of, mark_of
from yutang.pages.signed import Signed, SignedLinkIsOver, SignedLinkIsUnknown, read, sign

UNTIL = NOW + timedelta(days=30)


@pytest.fixture
def own_keys(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    """Keys of the test's own, which it may change."""
    monkeypatch.delenv("YUTANG_KEYS", raising=False)
    settings.YUTANG_HOME = tmp_path
    sealing.forget_keys()
    keyring()
    yield
    sealing.forget_keys()


class TestSignedLinks:
    def test_say_what_was_signed_until_their_end(self) -> None:
        token = sign("booking", "groupbuy:12", customer_id=42, until=UNTIL)

        assert read(token, "booking", now=UNTIL - timedelta(seconds=1)) == Signed("booking", "groupbuy:12", 42, UNTIL)
        with pytest.raises(SignedLinkIsOver):
            read(token, "booking", now=UNTIL)

    def test_hold_for_their_purpose_only(self) -> None:
        token = sign("booking", customer_id=42, until=UNTIL)

        with pytest.raises(SignedLinkIsUnknown):
            read(token, "mine", now=NOW)

    def test_of_the_same_words_differ_and_show_nothing_of_the_person(self) -> None:
        tokens = {sign("booking", "x", customer_id=424242, until=UNTIL) for _ in range(50)}

        assert len(tokens) == 50
        assert not any("424242" in token for token in tokens)

    def test_open_nothing_once_a_letter_is_changed_or_parts_are_joined(self) -> None:
        one, other = (sign("mine", customer_id=person, until=UNTIL) for person in (1, 2))
        changed = [one[:n] + ("A" if one[n] != "A" else "B") + one[n + 1 :] for n in range(len(one))]

        for token in (*changed, one[:40] + other[40:], one + other, one[:-2], "", "x" * 80, "鱼" * 80, "../" * 30):
            with pytest.raises(SignedLinkIsUnknown):
                read(token, "mine", now=NOW)

    def test_are_not_made_of_other_sealed_records(self) -> None:
        import base64

        for record in ({"name": "张三", "phones": ["x" * 40]}, {"code": "K7QM2XPD" * 8}):
            token = base64.urlsafe_b64encode(seal(record)).decode().rstrip("=")
            with pytest.raises(SignedLinkIsUnknown):
                read(token, "mine", now=NOW)

    @pytest.mark.parametrize(("purpose", "ref"), [("Booking", ""), ("", ""), ("a b", ""), ("mine", "x" * 201)])
    def test_are_not_made_of_what_cannot_stand_in_one(self, purpose: str, ref: str) -> None:
        with pytest.raises(ValueError, match="cannot be made"):
            sign(purpose, ref, customer_id=1, until=UNTIL)


@pytest.mark.usefixtures("own_keys")
class TestNewKeys:
    def test_let_links_that_are_out_open_until_the_old_key_is_dropped(self) -> None:
        old = sign("mine", customer_id=42, until=UNTIL)
        add_sealing_key()
        sealing.forget_keys()
        new = sign("mine", customer_id=42, until=UNTIL)

        assert read(old, "mine", now=NOW) == read(new, "mine", now=NOW)
        ring = keyring()
        keys_path().write_text(Keyring(ring.current, {ring.current: ring.sealing[ring.current]}, ring.index).as_json())
        sealing.forget_keys()
        assert read(new, "mine", now=NOW).customer_id == 42
        with pytest.raises(SignedLinkIsUnknown):
            read(old, "mine", now=NOW)

    def test_change_no_mark(self) -> None:
        mark = mark_of("referral.invite", "7")
        add_sealing_key()
        sealing.forget_keys()

        assert is_mark_of(mark, "referral.invite", "7")
        for wrong in (mark[:-1], mark.upper() if mark != mark.upper() else "x", "", "鱼" * 18, mark + "0"):
            assert not is_mark_of(wrong, "referral.invite", "7")
        assert not is_mark_of(mark, "referral.invite", "8")
        assert not is_mark_of(mark, "referral.progress", "7")
