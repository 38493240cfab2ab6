"""Every change of the ground that others may ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.jobs.running import tell_abandoned
from yutang.foundation.keyring import add_sealing_key
from yutang.foundation.models import Job, JobStatus, Region, Role, Setting, Staff, Store
from yutang.foundation.organisation import SETTINGS
from yutang.foundation.queries import NoSuchJob, NoSuchStaff
from yutang.foundation.sealed_records import ensure_keys, keep_fingerprint
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class UsernameIsTaken(DomainError):
    """Somebody logs in with this name already."""

    code: ClassVar[str] = "username_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The log-in name %(username)s is taken.")


class PasswordIsTooWeak(DomainError):
    """The password would be guessed."""

    code: ClassVar[str] = "password_is_too_weak"
    message: ClassVar[str] = N_(
        "The password is too weak: take at least 10 characters, not a common password and not digits alone."
    )


class NoSuchRole(DomainError):
    """The role does not exist."""

    code: ClassVar[str] = "no_such_role"
    message: ClassVar[str] = N_("There is no role %(role)s. There are: %(roles)s.")


class NoSuchStore(DomainError):
    """The store does not exist."""

    code: ClassVar[str] = "no_such_store"
    message: ClassVar[str] = N_("There is no store with the code %(store_code)s.")


class OwnerMustRemain(DomainError):
    """The account would be left without an owner."""

    code: ClassVar[str] = "owner_must_remain"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This is the only owner of the account. Make somebody else an owner first.")


class NoSuchTimeZone(DomainError):
    """The time zone is not in the IANA list."""

    code: ClassVar[str] = "no_such_time_zone"
    message: ClassVar[str] = N_("There is no time zone %(time_zone)s. Write it like Asia/Shanghai.")


class NoSuchChoice(DomainError):
    """The language or theme does not exist."""

    code: ClassVar[str] = "no_such_choice"
    message: ClassVar[str] = N_("%(choice)s is none of: %(choices)s.")


class SettingIsInvalid(DomainError):
    """The value cannot be kept under this setting."""

    code: ClassVar[str] = "setting_is_invalid"
    message: ClassVar[str] = N_("The setting %(key)s does not take this value.")


class JobCannotBeRetried(DomainError):
    """Only a job that failed or was cancelled is retried."""

    code: ClassVar[str] = "job_cannot_be_retried"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Job %(job_id)s is %(status)s: only a failed or cancelled job can be retried.")


class JobHasEnded(DomainError):
    """A job that ended cannot be cancelled."""

    code: ClassVar[str] = "job_has_ended"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Job %(job_id)s has ended already.")


LANGUAGES = ("zh-hans", "en")
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class StoreEntry:
    """A store to be loaded with its chain."""

    code: str
    name: str
    region: str = ""
    city: str = ""
    time_zone: str = "Asia/Shanghai"
    opened_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True)
class StaffEntry:
    """A member of staff to be loaded with a chain; without a password, so nobody can log in before one is set."""

    username: str
    display_name: str
    role: str
    store_codes: tuple[str, ...] = ()
    joined_at: datetime | None = None


@dataclass(frozen=True)
class Chain:
    """Regions, stores and staff, as the demo shop or an organisation's list gives them."""

    stores: tuple[StoreEntry, ...]
    staff: tuple[StaffEntry, ...] = ()
    regions: tuple[str, ...] = field(default=())


@transaction.atomic
def create_staff(
    *,
    actor: Actor,
    username: str,
    display_name: str,
    role: str,
    password: str | None,
    store_codes: Collection[str] = (),
    now: datetime,
) -> int:
    """Add a member of staff and return their id; without a password they cannot log in yet.

    Raises:
        NotAllowed: the actor does not manage staff.
        UsernameIsTaken: somebody has the name.
        NoSuchRole: the role does not exist.
        NoSuchStore: a store code does not exist.
        PasswordIsTooWeak: the password would be guessed.
    """
    actor.require("staff.manage")
    if role not in Role.values:
        raise NoSuchRole(role=role, roles=", ".join(Role.values))
    stores = list(Store.objects.filter(code__in=store_codes))
    for missing in sorted(set(store_codes) - {store.code for store in stores}):
        raise NoSuchStore(store_code=missing)
    if Staff.objects.filter(username=username).exists():
        raise UsernameIsTaken(username=username)
    staff = Staff(username=username, display_name=display_name, role=role, joined_at=now)
    _give_password(staff, password)
    staff.save(force_insert=True)
    staff.stores.set(stores)
    audit(
        actor=actor, action="staff.created", subject_type="staff", subject_id=staff.pk, detail={"role": role}, now=now
    )
    return staff.pk


@transaction.atomic
def set_password(*, actor: Actor, username: str, password: str, now: datetime) -> None:
    """Give a member of staff a new password; the actor's own needs no permission.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: it is somebody else's and the actor does not manage staff.
        PasswordIsTooWeak: the password would be guessed.
    """
    staff = _staff(username)
    if staff.pk != actor.staff_id:
        actor.require("staff.manage")
    _give_password(staff, password)
    staff.save(update_fields=["password"])
    audit(actor=actor, action="staff.password_set", subject_type="staff", subject_id=staff.pk, now=now)


@transaction.atomic
def deactivate_staff(*, actor: Actor, username: str, now: datetime) -> None:
    """Bar a member of staff from logging in.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: the actor does not manage staff.
        OwnerMustRemain: it is the only active owner.
    """
    actor.require("staff.manage")
    staff = _staff(username)
    others = Staff.objects.filter(role=Role.OWNER, is_active=True).exclude(pk=staff.pk)
    if staff.role == Role.OWNER and staff.is_active and not others.exists():
        raise OwnerMustRemain
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    audit(actor=actor, action="staff.deactivated", subject_type="staff", subject_id=staff.pk, now=now)


@transaction.atomic
def change_appearance(*, actor: Actor, language: str, theme: str, now: datetime) -> None:
    """Keep the language and the theme in which the actor sees the console.

    Raises:
        NoSuchChoice: the language or the theme does not exist.
    """
    for choice, choices in ((language, LANGUAGES), (theme, THEMES)):
        if choice not in choices:
            raise NoSuchChoice(choice=choice, choices=", ".join(choices))
    Staff.objects.filter(pk__in=[actor.staff_id]).update(language=language, theme=theme)
    detail = {"language": language, "theme": theme}
    audit(
        actor=actor,
        action="staff.appearance_changed",
        subject_type="staff",
        subject_id=actor.staff_id,
        detail=detail,
        now=now,
    )


@transaction.atomic
def load_chain(*, actor: Actor, chain: Chain, now: datetime) -> dict[str, int]:
    """Create or update regions, stores and staff by name, code and log-in name, and return how many there are of each.

    Raises:
        NotAllowed: the actor does not manage staff.
        NoSuchTimeZone: a store's time zone does not exist.
        NoSuchRole: a role does not exist.
        NoSuchStore: a member of staff belongs to a store that does not exist.
    """
    actor.require("staff.manage")
    regions = _load_regions([*chain.regions, *(store.region for store in chain.stores if store.region)])
    for entry in chain.stores:
        _require_time_zone(entry.time_zone)
        values = {
            "name": entry.name,
            "region": regions.get(entry.region),
            "city": entry.city,
            "time_zone": entry.time_zone,
            "opened_on": entry.opened_on,
            "closed_on": entry.closed_on,
        }
        Store.objects.update_or_create(code=entry.code, defaults=values)
    stores = {store.code: store for store in Store.objects.all()}
    for person in chain.staff:
        _load_person(person, stores, now)
    counts = {"regions": len(regions), "stores": len(chain.stores), "staff": len(chain.staff)}
    audit(actor=actor, action="chain.loaded", subject_type="chain", detail=counts, now=now)
    return counts


@transaction.atomic
def change_setting(*, actor: Actor, key: str, value: Any, now: datetime) -> None:
    """Keep a setting of the organisation.

    Raises:
        NotAllowed: the actor does not manage staff.
        SettingIsInvalid: there is no such setting, or it does not take the value.
    """
    actor.require("staff.manage")
    if key not in SETTINGS or not SETTINGS[key].accepts(value):
        raise SettingIsInvalid(key=key)
    Setting.objects.update_or_create(key=key, defaults={"value": value})
    audit(
        actor=actor, action="setting.changed", subject_type="setting", subject_id=key, detail={"value": value}, now=now
    )


@transaction.atomic
def cancel_job(*, actor: Actor, job_id: int, now: datetime) -> str:
    """Cancel a job at once while it waits, at its next check while it runs; return its status afterwards.

    Raises:
        NotAllowed: the actor may not manage jobs.
        NoSuchJob: there is none of that id.
        JobHasEnded: it is done, failed or cancelled already.
    """
    actor.require("jobs.manage")
    waiting = Job.objects.filter(pk=job_id, status=JobStatus.WAITING)
    if waiting.update(status=JobStatus.CANCELLED, cancel_requested=True, finished_at=now):
        tell_abandoned(Job.objects.get(pk=job_id), status=JobStatus.CANCELLED, now=now)
    elif not Job.objects.filter(pk=job_id, status=JobStatus.RUNNING).update(cancel_requested=True):
        _job(job_id)
        raise JobHasEnded(job_id=job_id)
    audit(actor=actor, action="job.cancelled", subject_type="job", subject_id=job_id, now=now)
    return _job(job_id).status


@transaction.atomic
def retry_job(*, actor: Actor, job_id: int, now: datetime) -> None:
    """Let a failed or cancelled job wait for a worker again, with all its attempts.

    Raises:
        NotAllowed: the actor may not manage jobs.
        NoSuchJob: there is none of that id.
        JobCannotBeRetried: it waits, runs or is done.
    """
    actor.require("jobs.manage")
    ended = Job.objects.filter(pk=job_id, status__in=(JobStatus.DEAD, JobStatus.CANCELLED))
    again = {
        "status": JobStatus.WAITING,
        "attempts": 0,
        "cancel_requested": False,
        "run_after": now,
        "finished_at": None,
    }
    if not ended.update(**again, reason=None, error_class="", trace=""):
        raise JobCannotBeRetried(job_id=job_id, status=_job(job_id).status)
    audit(actor=actor, action="job.retried", subject_type="job", subject_id=job_id, now=now)


def rotate_keys(*, actor: Actor, now: datetime) -> int:
    """Add a sealing key and make it current; what older keys sealed is resealed by the job that is returned.

    Older records open with the older keys until then, and copies of the store do for ever: no key is thrown away.

    Raises:
        NotAllowed: the actor may not rotate keys.
        KeysAreSetOutside: the keys come from the environment.
        NoMoreKeys: the ids of keys are used up.
    """
    from yutang.foundation.tasks import reseal_records

    actor.require("keys.rotate")
    ensure_keys()
    # The file first: a store that knows no more than the ring holds is in order, the other way round it is not.
    ring = add_sealing_key()
    with transaction.atomic():
        keep_fingerprint(ring)
        audit(actor=actor, action="keys.rotated", subject_type="key", subject_id=ring.current, now=now)
        return jobs.enqueue(reseal_records, {}, now=now)


def _staff(username: str) -> Staff:
    staff = Staff.objects.filter(username=username).first()
    if staff is None:
        raise NoSuchStaff(username=username)
    return staff


def _job(job_id: int) -> Job:
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise NoSuchJob(job_id=job_id)
    return job


def _give_password(staff: Staff, password: str | None) -> None:
    if password is None:
        staff.set_unusable_password()
        return
    try:
        validate_password(password, staff)
    except ValidationError as error:
        raise PasswordIsTooWeak from error
    staff.set_password(password)


def _load_regions(names: Iterable[str]) -> Mapping[str, Region]:
    unique = list(dict.fromkeys(names))
    return {
        name: Region.objects.get_or_create(name=name, defaults={"ordinal": ordinal})[0]
        for ordinal, name in enumerate(unique, 1)
    }


def _load_person(person: StaffEntry, stores: Mapping[str, Store], now: datetime) -> None:
    if person.role not in Role.values:
        raise NoSuchRole(role=person.role, roles=", ".join(Role.values))
    for code in person.store_codes:
        if code not in stores:
            raise NoSuchStore(store_code=code)
    staff = Staff.objects.filter(username=person.username).first()
    if staff is None:
        staff = Staff(username=person.username, joined_at=person.joined_at or now)
        staff.set_unusable_password()
    staff.display_name, staff.role = person.display_name, person.role
    staff.save()
    staff.stores.set([stores[code] for code in person.store_codes])


def _require_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise NoSuchTimeZone(time_zone=name) from error
