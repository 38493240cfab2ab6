"""Changes of the second factor: set up, confirmed, taken off, asked for at the log-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.db.models import F

from yutang.foundation.access import Actor
from yutang.foundation.actions.staff import other_staff, require_password
from yutang.foundation.audit import audit
from yutang.foundation.models import RecoveryCode, SecondFactor, Staff
from yutang.foundation.people import needs_second_factor
from yutang.foundation.sealing import digest16, seal, unseal
from yutang.foundation.second_factor import (
    address_for_app,
    matching_step,
    new_recovery_codes,
    new_secret,
    plain_code,
)
from yutang.foundation.sessions import end_all_sessions
from yutang.foundation.settings_kept import kept_setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: After so many wrong codes in a row the next one is not looked at for a while.
MOST_FAILURES = 5
RESTS_FOR = timedelta(minutes=15)
_ISSUER = "Yutang"


class CodeIsWrong(DomainError):
    """The code is not the one of this half minute, was used before, or is no recovery code that is left."""

    code: ClassVar[str] = "code_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("This code does not hold. Wait for the next one in your app, or take a recovery code.")


class CodesRest(DomainError):
    """Too many wrong codes came one after the other."""

    code: ClassVar[str] = "codes_rest"
    http_status: ClassVar[int] = 429
    message: ClassVar[str] = N_("Too many wrong codes: none is looked at for 15 minutes.")


class SecondFactorIsOn(DomainError):
    """There is a second factor already."""

    code: ClassVar[str] = "second_factor_is_on"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Your second factor is set up already.")


class SecondFactorIsOff(DomainError):
    """There is no second factor."""

    code: ClassVar[str] = "second_factor_is_off"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("No second factor is set up.")


class SecondFactorIsRequired(DomainError):
    """The role must have one."""

    code: ClassVar[str] = "second_factor_is_required"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Your role must log in with a second factor, so it cannot be taken off.")


@dataclass(frozen=True)
class SecondFactorDraft:
    """What an app needs: the secret in base 32, and the address that a QR code holds."""

    secret: str
    address: str


@transaction.atomic
def begin_second_factor(*, actor: Actor, now: datetime) -> SecondFactorDraft:
    """Return a secret for the actor's app; until it is confirmed the same one again, and it counts for nothing.

    Raises:
        SecondFactorIsOn: there is one already.
    """
    staff = Staff.objects.get(pk=actor.own_id)
    row = SecondFactor.objects.filter(staff=staff).first()
    if row is not None and row.confirmed_at is not None:
        raise SecondFactorIsOn
    if row is None:
        row = SecondFactor.objects.create(staff=staff, sealed_secret=seal({"secret": new_secret()}), made_at=now)
    secret = _secret_of(row)
    issuer = kept_setting("foundation.organisation_name") or _ISSUER
    return SecondFactorDraft(secret, address_for_app(secret=secret, username=staff.username, issuer=issuer))


@transaction.atomic
def confirm_second_factor(*, actor: Actor, code: str, session_key: str, now: datetime) -> tuple[str, ...]:
    """Let the second factor count from now on, end the actor's other sessions, and return the recovery codes.

    The codes are shown this once: only their keyed hashes are kept.

    Raises:
        SecondFactorIsOff: none was begun.
        SecondFactorIsOn: it counts already.
        CodeIsWrong: the code is not that of the app.
    """
    row = SecondFactor.objects.filter(staff_id=actor.own_id).first()
    if row is None:
        raise SecondFactorIsOff
    if row.confirmed_at is not None:
        raise SecondFactorIsOn
    step = matching_step(secret=_secret_of(row), code=plain_code(code), now=now)
    if step is None:
        raise CodeIsWrong
    SecondFactor.objects.filter(pk=row.pk).update(confirmed_at=now, last_step=step, failures=0, rests_until=None)
    codes = _give_codes(row.staff_id)
    end_all_sessions(row.staff_id, but=session_key, now=now)
    _note(actor, "staff.second_factor_on", row.staff_id, now)
    return codes


@transaction.atomic
def remove_second_factor(*, actor: Actor, password: str, now: datetime) -> None:
    """Take the actor's second factor off.

    Raises:
        PasswordIsWrong: the present password is another.
        SecondFactorIsRequired: the role must have one.
        SecondFactorIsOff: there is none.
    """
    staff = require_password(actor, password)
    if needs_second_factor(access=actor):
        raise SecondFactorIsRequired
    _take_off(staff.pk)
    _note(actor, "staff.second_factor_off", staff.pk, now)


@transaction.atomic
def renew_recovery_codes(*, actor: Actor, password: str, now: datetime) -> tuple[str, ...]:
    """Return new recovery codes in place of all older ones.

    Raises:
        PasswordIsWrong: the present password is another.
        SecondFactorIsOff: there is no second factor.
    """
    staff = require_password(actor, password)
    if not SecondFactor.objects.filter(staff=staff, confirmed_at__isnull=False).exists():
        raise SecondFactorIsOff
    codes = _give_codes(staff.pk)
    _note(actor, "staff.recovery_codes_renewed", staff.pk, now)
    return codes


@transaction.atomic
def reset_second_factor(*, actor: Actor, username: str, now: datetime) -> None:
    """Take off the second factor of somebody who lost the phone, and end their sessions.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the person may do or see more than the actor.
        NotOnOneself: it is the actor.
        SecondFactorIsOff: there is none.
    """
    staff = other_staff(actor, username)
    _take_off(staff.pk)
    end_all_sessions(staff.pk, now=now)
    _note(actor, "staff.second_factor_reset", staff.pk, now)


def check_code(*, actor: Actor, code: str, now: datetime) -> None:
    """Take a code of the app, or a recovery code, of somebody who gave the right password; each is taken once.

    Not one transaction: a wrong try counts although it is refused.

    Raises:
        CodeIsWrong: it does not hold.
        CodesRest: too many wrong ones came before.
        SecondFactorIsOff: there is no second factor.
    """
    row = SecondFactor.objects.filter(staff_id=actor.own_id, confirmed_at__isnull=False).first()
    if row is None:
        raise SecondFactorIsOff
    _claim_try(actor, row, now)
    plain = plain_code(code)
    step = matching_step(secret=_secret_of(row), code=plain, now=now)
    mine = SecondFactor.objects.filter(pk=row.pk)
    if step is not None:
        taken = bool(mine.filter(last_step__lt=step).update(last_step=step))
    else:
        taken = _use_recovery_code(actor, row.staff_id, plain, now)
    if not taken:
        raise CodeIsWrong
    mine.update(failures=0, rests_until=None)


def _claim_try(actor: Actor, row: SecondFactor, now: datetime) -> None:
    """Count the try before it is looked at, so that many at once are not more than one after the other."""
    mine = SecondFactor.objects.filter(pk=row.pk)
    mine.filter(rests_until__lte=now).update(failures=0, rests_until=None)
    if not mine.filter(failures__lt=MOST_FAILURES).update(failures=F("failures") + 1):
        raise CodesRest
    if mine.filter(failures__gte=MOST_FAILURES, rests_until=None).update(rests_until=now + RESTS_FOR):
        _note(actor, "staff.codes_rest", row.staff_id, now)


def _use_recovery_code(actor: Actor, staff_id: int, plain: str, now: datetime) -> bool:
    rows = RecoveryCode.objects.filter(staff_id=staff_id, digest=_digest(staff_id, plain), used_at=None)
    if not rows.update(used_at=now):
        return False
    _note(actor, "staff.recovery_code_used", staff_id, now)
    return True


def _give_codes(staff_id: int) -> tuple[str, ...]:
    RecoveryCode.objects.filter(staff_id=staff_id).delete()
    codes = new_recovery_codes()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(staff_id=staff_id, digest=_digest(staff_id, plain_code(code))) for code in codes]
    )
    return codes


def _take_off(staff_id: int) -> None:
    if not SecondFactor.objects.filter(staff_id=staff_id, confirmed_at__isnull=False).delete()[0]:
        raise SecondFactorIsOff
    RecoveryCode.objects.filter(staff_id=staff_id).delete()


def _secret_of(row: SecondFactor) -> str:
    secret: str = unseal(row.sealed_secret)["secret"]
    return secret


def _digest(staff_id: int, plain: str) -> bytes:
    return digest16("recovery-code", str(staff_id), plain)


def _note(actor: Actor, action: str, staff_id: int, now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="staff", subject_id=staff_id, now=now)
