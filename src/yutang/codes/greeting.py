"""What newcomers are told: the words of the time of day, and the way into a group. Plugged into the welcome lane of WeCom."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, override

from yutang.codes.duty import is_within
from yutang.codes.leading import group_address
from yutang.codes.models import Code, Group, OwnWay, SlotWords, Spot
from yutang.connectors.wecom.messages import Link
from yutang.foundation.organisation import ORGANISATION_NAME
from yutang.foundation.settings_kept import kept_setting
from yutang.kit.text import N_
from yutang.wecom.way_words import WAY_WORDS, Said

#: Newcomers read the first language of the house.
_LANGUAGE = "zh-hans"
_TITLE, _ABOUT = N_("Come into our group"), N_("Tap to see its code, then hold the picture to join.")


class CodeWords:
    """Says what channel codes tell."""

    name = "codes"

    def said(self, *, states: Collection[str], now: datetime) -> dict[str, Said]:
        """Return what each of these contact ways says now, by what it brings back."""
        found: dict[str, tuple[Code, str, tzinfo]] = {}
        spots = Spot.objects.filter(way__state_text__in=states).select_related("code", "store", "way").order_by("pk")
        for spot in spots:
            if spot.way is not None:
                found[spot.way.state_text] = (spot.code, spot.token, zone_of(spot))
        owned = OwnWay.objects.filter(way__state_text__in=states).select_related("code", "way").order_by("pk")
        for own in owned:
            if own.way is not None:
                found[own.way.state_text] = (own.code, "", timezone.get_current_timezone())
        slots = _slots_of({code.pk for code, _token, _zone in found.values()})
        return {
            state: _said(code, slots.get(code.pk, ()), token, now.astimezone(zone))
            for state, (code, token, zone) in found.items()
        }


WAY_WORDS.register(CodeWords())


def zone_of(spot: Spot) -> tzinfo:
    """Return the clock of a place: of its store, else the organisation's."""
    return timezone.get_current_timezone() if spot.store is None else ZoneInfo(spot.store.time_zone)


def words_at(code: Code, slots: Sequence[SlotWords], *, at: datetime) -> tuple[str, str]:
    """Return content and words of a code at a moment by the clock of the place: of the first slot that holds, else its usual ones."""
    for one in slots:
        if is_within(weekdays=one.weekdays, since_minute=one.since_minute, until_minute=one.until_minute, at=at):
            return one.content, one.words
    return code.content, code.words


def _said(code: Code, slots: Sequence[SlotWords], token: str, at: datetime) -> Said:
    content, words = words_at(code, slots, at=at)
    return Said(content, words, _way_into_group(code, token, at))


def _way_into_group(code: Code, token: str, now: datetime) -> Callable[[str], Link] | None:
    """Return what makes somebody's link to the page with their group's code; none without a group, or an address of ours."""
    if code.group == Group.NONE or not token or not settings.YUTANG_PUBLIC_URL:
        return None
    with override(_LANGUAGE):
        title = str(kept_setting(ORGANISATION_NAME))[:20]
        words, about = gettext(_TITLE), gettext(_ABOUT)

    def made_for(external_userid: str) -> Link:
        return Link(
            title=f"{title}：{words}" if title else words,
            url=group_address(token=token, external_userid=external_userid, now=now),
            desc=about,
        )

    return made_for


def _slots_of(code_ids: Collection[int]) -> dict[int, list[SlotWords]]:
    found: dict[int, list[SlotWords]] = {}
    for one in SlotWords.objects.filter(code_id__in=code_ids).order_by("pk"):
        found.setdefault(one.code_id, []).append(one)
    return found
