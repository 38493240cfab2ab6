"""What follows when somebody came by a code: the guard is asked, tags are given, groups get their codes, names their remark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yutang.codes.coming import ripe, touch, unwelcomed
from yutang.codes.events import Joined
from yutang.codes.groups import groups_for, living_groups
from yutang.codes.guards import HELD_BACK, note_newcomer, verdict_on
from yutang.codes.models import Group, Newcomer
from yutang.connectors.wecom.api.customers import Remark
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import Remedy, WeComError
from yutang.customers.actions import give_tag
from yutang.customers.actions.tags import NoSuchTag, TagIsGivenByRule
from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.foundation.sealing import unseal
from yutang.wecom.actions import ask_for_join_ways

#: Newcomers of one transaction.
MOST_AT_ONCE = 500
#: Who stays for so long counts as kept for the economics.
KEPT_DAYS = 7
_REMARK_CHARACTERS = 20


@transaction.atomic
def welcome_newcomers(*, now: datetime) -> int:
    """Let everything follow from newcomers that were written down, and return how many there were; some of them where it is many."""
    bulk.one_at_a_time("codes")
    rows = list(unwelcomed().select_related("code", "spot").order_by("pk")[:MOST_AT_ONCE])
    if not rows:
        return 0
    for one in rows:
        one.verdict = verdict_on(newcomer=one, now=now)[:8]
        one.noted, one.is_remarked = "joined", not one.code.remark or one.verdict in HELD_BACK
        one.cost_minor = one.code.unit_cost_minor
        note_newcomer(newcomer=one, kind="joined", now=now)
    Newcomer.objects.bulk_update(rows, ["verdict", "noted", "is_remarked", "cost_minor"], batch_size=MOST_AT_ONCE)
    welcome = [one for one in rows if one.verdict not in HELD_BACK]
    _give_tags(welcome, now=now)
    _have_groups_ready(welcome, now=now)
    outbox.record_all([_told(one) for one in rows], now=now)
    touch((one.added_date for one in rows), now=now)
    return len(rows)


@transaction.atomic
def welcome_after_all(*, newcomer_id: int, now: datetime) -> bool:
    """Let everything follow for a newcomer whom the guard held back and a person let through; return whether that changed something."""
    held = Newcomer.objects.filter(pk=newcomer_id, verdict__in=HELD_BACK, customer__isnull=False)
    row = held.select_related("code", "spot").first()
    if row is None or not held.update(verdict="allow", is_remarked=not row.code.remark):
        return False
    _give_tags([row], now=now)
    _have_groups_ready([row], now=now)
    touch([row.added_date], now=now)
    return True


@transaction.atomic
def note_who_stayed(*, now: datetime) -> int:
    """Tell the economics who stayed for seven days and who left before, and return how many those were."""
    bulk.one_at_a_time("codes")
    stayed = list(ripe(now=now, days=KEPT_DAYS).select_related("code").order_by("pk")[:MOST_AT_ONCE])
    left = list(
        Newcomer.objects.filter(noted__in=("joined", "kept"), left_at__isnull=False)
        .select_related("code")
        .order_by("pk")[:MOST_AT_ONCE]
    )
    for rows, kind in ((stayed, "kept"), (left, "left")):
        for one in rows:
            note_newcomer(newcomer=one, kind=kind, now=now)
        Newcomer.objects.filter(pk__in=[one.pk for one in rows]).update(noted=kind)
    return len(stayed) + len(left)


@dataclass(frozen=True)
class Remarked:
    """One remark that WeCom is to keep."""

    newcomer_id: int
    userid: str
    external_userid: str
    text: str


def remarks_to_make() -> list[Remarked]:
    """Return the remarks that staff are to see behind names; whom staff have named already keep their name."""
    rows = Newcomer.objects.filter(is_remarked=False, noted="joined", left_at=None, friendship__isnull=False)
    found = []
    for one in rows.select_related("code", "friendship__contact", "account").order_by("pk")[:MOST_AT_ONCE]:
        assert one.friendship is not None
        card = unseal(one.friendship.contact.sealed_card)
        note = unseal(one.friendship.sealed_note) if one.friendship.sealed_note else {}
        text = remark_of(str(card.get("name") or ""), str(note.get("remark") or ""), one.code.remark)
        found.append(Remarked(one.pk, one.account.userid, str(card["external_userid"]), text))
    return found


def remark_of(name: str, noted: str, ending: str) -> str:
    """Return the remark for somebody, at most 20 characters; empty where staff have named them otherwise already."""
    if not ending or (noted and noted != name):
        return ""
    return f"{name[: _REMARK_CHARACTERS - len(ending) - 1]}-{ending}"


def make_remark(client: WeCom, one: Remarked) -> bool:
    """Let WeCom keep a remark, and return whether it did; the same again does no harm.

    Raises:
        WeComError: it helps to try later.
    """
    is_made = False
    if one.text:
        try:
            client.customers.note(
                userid=one.userid, external_userid=one.external_userid, remark=Remark(remark=one.text)
            )
            is_made = True
        except WeComError as error:
            # Somebody is no friend any more: nothing is to be remarked.
            if error.remedy is not Remedy.CHANGE_REQUEST:
                raise
    Newcomer.objects.filter(pk=one.newcomer_id).update(is_remarked=True)
    return is_made


def _give_tags(rows: Sequence[Newcomer], *, now: datetime) -> None:
    people: dict[int, list[int]] = {}
    for one in rows:
        if one.customer_id is not None:
            people.setdefault(one.code_id, []).append(one.customer_id)
    codes = {one.code_id: one.code for one in rows}
    for code_id, customers in people.items():
        for tag_id in codes[code_id].tags.order_by("pk").values_list("pk", flat=True):
            try:
                give_tag(actor=Actor.system(), tag_id=tag_id, customer_ids=customers, now=now)
            except (NoSuchTag, TagIsGivenByRule):
                # It got a rule since: the rule says who has it.
                continue


def _have_groups_ready(rows: Sequence[Newcomer], *, now: datetime) -> None:
    """Let WeCom make the code of the group into which each is led, before they ask for it."""
    wanting = {(one.code_id, one.store_id): one for one in rows if one.code.group != Group.NONE}
    if not wanting:
        return
    everywhere = living_groups()
    fitting = [groups_for(one.code, store_id=one.store_id, all_groups=everywhere) for one in wanting.values()]
    ask_for_join_ways(actor=Actor.system(), chat_ids={some[0].chat_id for some in fitting if some}, now=now)


def _told(one: Newcomer) -> Joined:
    return Joined(one.pk, one.code_id, one.customer_id or 0, one.store_id or 0, one.was_known)
