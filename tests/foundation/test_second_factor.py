"""Codes by time as the standard has them, and how many tries they allow."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yutang.foundation import second_factor
from yutang.foundation.access import Actor
from yutang.foundation.actions.second_factor import CodeIsWrong, CodesRest, begin_second_factor, check_code
from yutang.foundation.actions.second_factor import confirm_second_factor as confirm
from yutang.foundation.models import RecoveryCode, SecondFactor
from yutang.foundation.sealed_records import SEALED

#: The secret of RFC 6238, appendix B, for SHA-1.
SECRET = base64.b32encode(b"12345678901234567890").decode()


class TestSteps:
    @pytest.mark.parametrize(
        ("seconds", "code"),
        [
            (59, "287082"),
            (1111111109, "081804"),
            (1111111111, "050471"),
            (1234567890, "005924"),
            (2000000000, "279037"),
            (20000000000, "353130"),
        ],
    )
    def test_are_those_of_the_standard(self, seconds: int, code: str) -> None:
        # RFC 6238, appendix B, last six of its eight digits.
        now = datetime.fromtimestamp(seconds, UTC)

        assert second_factor.matching_step(secret=SECRET, code=code, now=now) == seconds // 30

    @pytest.mark.parametrize(("late", "holds"), [(-60, False), (-59, True), (0, True), (30, True), (31, False)])
    def test_hold_one_step_either_way(self, late: int, holds: bool) -> None:
        now = datetime.fromtimestamp(1111111109 + late, UTC)

        assert (second_factor.matching_step(secret=SECRET, code="081804", now=now) is not None) is holds

    @given(st.text(max_size=8))
    def test_of_anything_else_are_none(self, code: str) -> None:
        now = datetime.fromtimestamp(59, UTC)
        known = {"287082", "755224", "359152"}

        assert code in known or second_factor.matching_step(secret=SECRET, code=code, now=now) is None

    def test_recovery_codes_are_read_however_they_are_written(self) -> None:
        codes = second_factor.new_recovery_codes()

        assert len(set(codes)) == 10
        assert {second_factor.plain_code(f" {code.upper().replace('-', ' - ')} ") for code in codes} == {
            code.replace("-", "") for code in codes
        }


@pytest.mark.django_db
class TestTries:
    @pytest.fixture
    def secret(self, owner: Actor, now: datetime) -> str:
        secret = begin_second_factor(actor=owner, now=now).secret
        code = second_factor.pyotp.TOTP(secret).at(now)
        confirm(actor=owner, code=code, session_key="", now=now)
        return secret

    def test_that_go_wrong_are_forgotten_by_one_that_is_right(self, owner: Actor, secret: str, now: datetime) -> None:
        for minute in range(1, 9):
            then = now + timedelta(minutes=minute)
            for _ in range(4):
                with pytest.raises(CodeIsWrong):
                    check_code(actor=owner, code="abcdef", now=then)
            check_code(actor=owner, code=second_factor.pyotp.TOTP(secret).at(then), now=then)

        assert SecondFactor.objects.get().failures == 0

    def test_begin_anew_after_the_rest(self, owner: Actor, secret: str, now: datetime) -> None:
        for _ in range(5):
            with pytest.raises(CodeIsWrong):
                check_code(actor=owner, code="abcdef", now=now)
        for minutes in (0, 14):
            with pytest.raises(CodesRest):
                check_code(actor=owner, code="abcdef", now=now + timedelta(minutes=minutes))

        with pytest.raises(CodeIsWrong):
            check_code(actor=owner, code="abcdef", now=now + timedelta(minutes=15))

    def test_of_an_older_code_than_the_last_are_wrong(self, owner: Actor, secret: str, now: datetime) -> None:
        then = now + timedelta(minutes=5)
        check_code(actor=owner, code=second_factor.pyotp.TOTP(secret).at(then), now=then)

        with pytest.raises(CodeIsWrong):
            earlier = then - timedelta(seconds=30)
            check_code(actor=owner, code=second_factor.pyotp.TOTP(secret).at(earlier), now=then)

    def test_until_it_is_confirmed_the_secret_stays_and_counts_for_nothing(self, owner: Actor, now: datetime) -> None:
        first, second = (begin_second_factor(actor=owner, now=now).secret for _ in range(2))

        assert first == second
        assert SecondFactor.objects.get().confirmed_at is None
        assert not RecoveryCode.objects.exists()

    def test_the_secret_is_resealed_with_the_other_records(self, secret: str) -> None:
        assert SEALED["foundation.second_factors"].counts() == {1: 1}
