"""Every read of the room that others may use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from yutang.channels.models import Touch
from yutang.content.media import bytes_of
from yutang.content.message_cost import ShortCost, lack_template, short_cost
from yutang.content.models import Content, Medium, Script, Version, VersionState
from yutang.content.organisation import own_words
from yutang.content.previews import PREVIEWED, rows_for, shown_to
from yutang.content.standing import who_else_approves
from yutang.content.stored import (
    OPEN_STATES,
    NoSuchContent,
    NoSuchScript,
    NoSuchVersion,
    content_row,
    open_version,
    revision_of,
    script_row,
    version_named,
)
from yutang.content.views import (
    STATES,
    Checked,
    ContentPage,
    ContentView,
    MediumView,
    PreviewRow,
    ScriptView,
    Shown,
    Usage,
    VersionView,
)
from yutang.content.writing import Written, found_in, templates_of, written_of
from yutang.foundation.access import Actor

__all__ = [
    "STATES",
    "ContentFilters",
    "NoSuchContent",
    "NoSuchScript",
    "NoSuchVersion",
    "ShortCost",
    "categories",
    "check",
    "content",
    "contents",
    "lack_template",
    "library",
    "media",
    "medium",
    "preview",
    "preview_of_many",
    "script",
    "scripts",
    "short_cost",
    "state_counts",
    "templates_named",
    "usage",
    "versions_of",
    "waits_for_others",
]

_MOST_ROWS = 200
_MOST_SCRIPTS = 500
#: Of a key and a number together: of no more do both exist.
_DIGITS = 18
#: Messages are counted so far back.
USAGE_DAYS = 90


@dataclass(frozen=True)
class ContentFilters:
    """What the library is narrowed to; an empty field narrows nothing.

    Attributes:
        text: words in the title, the text or the persona; all of them.
        state: one of `STATES`.
        channel: by which it may go.
    """

    text: str = ""
    kind: str = ""
    intent: str = ""
    category: str = ""
    language: str = ""
    channel: str = ""
    state: str = ""


def library(
    *,
    access: Actor,
    filters: ContentFilters,
    first: str = "",
    after_key: int | None = None,
    limit: int = 24,
    now: datetime,
) -> ContentPage:
    """Return a page of the library, the newest contents first.

    Args:
        access: who looks.
        filters: what it is narrowed to.
        first: a language whose contents come before those of the others; empty: all by age.
        after_key: `next_key` of the page before; None for the first.
        limit: contents a page, at most 200.
        now: what is over by then is expired. Aware UTC.
    """
    access.require("content.view")
    limit = min(limit, _MOST_ROWS)
    in_first = Case(When(language=first, then=Value(0)), default=Value(1)) if first else Value(0)
    found = _with_shown(_narrowed(filters, now), now).annotate(rank=in_first)
    if after_key is not None:
        found = found.filter(_after(after_key, first))
    rows = list(found.order_by("rank", "-id")[: limit + 1])
    return ContentPage(_content_views(rows[:limit], now), rows[limit - 1].pk if len(rows) > limit else None)


def state_counts(*, access: Actor, filters: ContentFilters, now: datetime) -> dict[str, int]:
    """Return how many contents there are in each state, by the versions that are shown."""
    access.require("content.view")
    found = _with_shown(_narrowed(filters, now), now)
    shown = Version.objects.filter(pk__in=found.order_by().values("shown"))
    counts = dict.fromkeys(STATES, 0)
    for state in shown.order_by().values_list("state", "expires_at"):
        counts[_state(*state, now)] += 1
    return counts


def contents(*, access: Actor, content_ids: Iterable[int], now: datetime) -> dict[int, ContentView]:
    """Return contents by number, for rooms that show them beside their own facts."""
    access.require("content.view")
    rows = _with_shown(Content.objects.filter(pk__in=list(content_ids)), now)
    return {view.id: view for view in _content_views(list(rows), now)}


def content(*, access: Actor, content_id: int, now: datetime) -> ContentView:
    """Return a content.

    Raises:
        NoSuchContent: there is none of this number.
    """
    access.require("content.view")
    rows = list(_with_shown(Content.objects.filter(pk=content_id), now))
    if not rows:
        raise NoSuchContent(content_id=content_id)
    return _content_views(rows, now)[0]


def versions_of(*, access: Actor, content_id: int, now: datetime) -> tuple[VersionView, ...]:
    """Return all versions of a content, the latest first.

    Raises:
        NoSuchContent: there is none of this number.
    """
    access.require("content.view")
    row = content_row(content_id)
    versions = _with_names(Version.objects.filter(content=row)).order_by("-number")
    return tuple(_version_view(row, version, now) for version in versions)


def revision(*, access: Actor, content_id: int) -> str:
    """Return what tells the latest wording of a content from any other.

    Raises:
        NoSuchContent: there is none of this number.
    """
    access.require("content.view")
    return revision_of(content_row(content_id))


def waits_for_others(*, access: Actor, content_id: int) -> tuple[str, ...]:
    """Return who must approve what waits because the asker wrote it: names; empty where the asker may.

    Raises:
        NoSuchContent: there is none of this number.
    """
    access.require("content.view")
    version = open_version(content_row(content_id))
    return () if version is None else who_else_approves(version, actor=access)


def categories(*, access: Actor) -> tuple[str, ...]:
    """Return the categories that contents have."""
    access.require("content.view")
    return tuple(
        Content.objects.exclude(category="").order_by("category").values_list("category", flat=True).distinct()
    )


def check(*, access: Actor, written: Written) -> Checked:
    """Return what the check of words finds in a content as it is being written."""
    access.require("content.view")
    return Checked(found_in(written, own=own_words()))


def preview(*, access: Actor, written: Written, customer_id: int | None = None, now: datetime) -> tuple[Shown, ...]:
    """Return a content as a person reads it, by channel; personal values masked.

    Args:
        access: who looks.
        written: the content.
        customer_id: whose values stand in it; None: samples.
        now: aware UTC.

    Raises:
        NoSuchCustomer: there is none within reach.
        VariableIsUnreadable: braces that do not close.
        VariableIsUnknown: a variable that there is not.
    """
    access.require("content.view")
    return shown_to(access, written, customer_id, now)


def preview_of_many(
    *, access: Actor, reference: str, customer_ids: Sequence[int], now: datetime
) -> tuple[PreviewRow, ...]:
    """Return what each of many people within reach would read, personal values masked; one query a variable.

    Args:
        access: who looks; people out of reach are left out.
        reference: content and version, ``17:3``.
        customer_ids: at most 1,000.
        now: aware UTC.

    Raises:
        NoSuchVersion: there is no such version.
    """
    access.require("content.view")
    return rows_for(access, version_named(reference), customer_ids[:PREVIEWED], now)


def templates_named(*, access: Actor, references: Iterable[str]) -> dict[str, str]:
    """Return the words of versions as they are written, nobody's values in them, by reference; one question for all.

    Args:
        access: who looks.
        references: contents and versions, ``17:3``; those that there are not are missing.
    """
    access.require("content.view")
    asked = [one.partition(":") for one in references]
    keys = [(int(a), int(b)) for a, _colon, b in asked if a.isdecimal() and b.isdecimal() and len(a + b) <= _DIGITS]
    if not keys:
        return {}
    named = Q(pk__in=[])
    for content_id, number in keys:
        named |= Q(content_id=content_id, number=number)
    rows = Version.objects.filter(named).select_related("content")
    return {f"{row.content_id}:{row.number}": templates_of(row)[0].filled({}) for row in rows}


def usage(*, access: Actor, content_ids: Sequence[int], now: datetime, days: int = USAGE_DAYS) -> dict[int, Usage]:
    """Return what became of the messages that named contents, to people within reach, by content; all versions together.

    Args:
        access: who looks.
        content_ids: which contents.
        now: aware UTC.
        days: how far back. Count, ``>= 1``.
    """
    access.require("content.view")
    named = Version.objects.filter(content_id__in=list(content_ids)).values_list("content_id", "number")
    of_reference = {_reference(content_id, number): content_id for content_id, number in named}
    touches = Touch.objects.filter(content__in=list(of_reference), changed_at__gte=now - timedelta(days=days))
    if access.store_ids is not None:
        touches = touches.filter(customer__store_id__in=access.store_ids)
    states: dict[int, dict[str, int]] = {content_id: {} for content_id in content_ids}
    last: dict[int, datetime] = {}
    for reference, state, count, at in (
        touches.order_by().values_list("content", "state").annotate(Count("pk"), Max("at"))
    ):
        content_id = of_reference[reference]
        states[content_id][state] = states[content_id].get(state, 0) + count
        last[content_id] = max(at, last.get(content_id, at))
    return {content_id: Usage(counts, last.get(content_id)) for content_id, counts in states.items()}


def scripts(*, access: Actor, text: str = "", situation: str = "", language: str = "") -> tuple[ScriptView, ...]:
    """Return scripts in the order of their situations, at most 500.

    Args:
        access: who looks.
        text: words in title or text; all of them. Empty: any.
        situation: only of this one; empty: of all.
        language: only in this one; empty: in all.
    """
    access.require("content.view")
    found = Script.objects.select_related("written_by")
    for name, value in (("situation", situation), ("language", language)):
        found = found.filter(**{name: value}) if value else found
    for word in text.split()[:10]:
        found = found.filter(Q(title__icontains=word) | Q(body__icontains=word))
    return tuple(_script_view(row) for row in found.order_by("situation", "id")[:_MOST_SCRIPTS])


def script(*, access: Actor, script_id: int) -> ScriptView:
    """Return a script.

    Raises:
        NoSuchScript: there is none of this number.
    """
    access.require("content.view")
    return _script_view(script_row(script_id))


def media(*, access: Actor, digests: Iterable[str]) -> dict[str, MediumView]:
    """Return media by digest, those that there are."""
    access.require("content.view")
    rows = Medium.objects.filter(digest__in=list(digests)).select_related("upload")
    return {row.digest: _medium_view(row) for row in rows}


def medium(*, access: Actor, digest: str) -> tuple[MediumView, bytes] | None:
    """Return a medium with its bytes; None where there is none of this hash.

    Raises:
        MediumIsGone: it is known, and its bytes are not there.
    """
    access.require("content.view")
    row = Medium.objects.filter(digest=digest).select_related("upload").first()
    return None if row is None else (_medium_view(row), bytes_of(row.digest))


# Helpers.


def _after(key: int, first: str) -> Q:
    """Return what lies behind a content in the library; where it is gone, what would."""
    before = Q(pk__lt=key)
    if not first:
        return before
    is_of_others = Content.objects.filter(pk=key).exclude(language=first).exists()
    return before & ~Q(language=first) if is_of_others else ~Q(language=first) | before


def _narrowed(filters: ContentFilters, now: datetime) -> QuerySet[Content]:
    found = Content.objects.all()
    for name in ("kind", "intent", "category", "language"):
        value = getattr(filters, name)
        found = found.filter(**{name: value}) if value else found
    for word in filters.text.split()[:10]:
        of_words = Version.objects.filter(body__icontains=word).values("content_id")
        found = found.filter(Q(title__icontains=word) | Q(persona__icontains=word) | Q(pk__in=of_words))
    if filters.channel or filters.state:
        found = _of_shown(found, filters, now)
    return found


def _of_shown(found: QuerySet[Content], filters: ContentFilters, now: datetime) -> QuerySet[Content]:
    """Narrow by what is told of the version that is shown, not of an older one."""
    shown = _with_shown(found, now)
    versions = Version.objects.filter(pk__in=shown.order_by().values("shown"))
    fitting = [
        version.content_id
        for version in versions.only("content_id", "state", "expires_at", "channels")
        if filters.state in {"", _state(version.state, version.expires_at, now)}
        and (not filters.channel or filters.channel in version.channels)
    ]
    return found.filter(pk__in=fitting)


def _with_shown(found: QuerySet[Content], now: datetime) -> QuerySet[Any]:
    """Add the key of the version that is shown: the latest that is approved and holds, else the latest of all."""
    versions = Version.objects.filter(content=OuterRef("pk")).order_by("-number")
    holds = versions.filter(Q(expires_at=None) | Q(expires_at__gt=now), state=VersionState.APPROVED)
    return found.annotate(shown=Coalesce(Subquery(holds.values("pk")[:1]), Subquery(versions.values("pk")[:1])))


def _content_views(rows: Sequence[Any], now: datetime) -> tuple[ContentView, ...]:
    shown = [row.shown for row in rows]
    versions = {version.pk: version for version in _with_names(Version.objects.filter(pk__in=shown))}
    being_written = set(
        Version.objects.filter(content__in=[row.pk for row in rows], state__in=OPEN_STATES)
        .exclude(pk__in=shown)
        .values_list("content_id", flat=True)
    )
    return tuple(
        ContentView(
            id=row.pk,
            version=_version_view(row, versions[row.shown], now),
            is_being_written=row.pk in being_written,
            made_at=row.made_at,
            changed_at=row.changed_at,
        )
        for row in rows
    )


def _with_names(versions: QuerySet[Version]) -> QuerySet[Version]:
    return versions.select_related("written_by", "asked_by", "decided_by")


def _version_view(row: Content, version: Version, now: datetime) -> VersionView:
    return VersionView(
        number=version.number,
        reference=_reference(row.pk, version.number),
        state=_state(version.state, version.expires_at, now),
        written=written_of(row, version),
        written_by=version.written_by.display_name if version.written_by else "",
        written_at=version.written_at,
        asked_by=version.asked_by.display_name if version.asked_by else "",
        asked_at=version.asked_at,
        decided_by=version.decided_by.display_name if version.decided_by else "",
        decided_at=version.decided_at,
        reason=version.reason,
        expires_at=version.expires_at,
    )


def _state(state: str, expires_at: datetime | None, now: datetime) -> str:
    is_over = state == VersionState.APPROVED and expires_at is not None and expires_at <= now
    return "expired" if is_over else state


def _reference(content_id: int, number: int) -> str:
    return f"content:{content_id}:{number}"


def _script_view(row: Script) -> ScriptView:
    return ScriptView(
        id=row.pk,
        situation=row.situation,
        title=row.title,
        body=row.body,
        language=row.language,
        written_by=row.written_by.display_name if row.written_by else "",
        changed_at=row.changed_at,
    )


def _medium_view(row: Medium) -> MediumView:
    upload: Any = getattr(row, "upload", None)
    return MediumView(
        digest=row.digest,
        kind=row.kind,
        media_type=row.media_type,
        name=row.name,
        size=row.size,
        width=row.width,
        height=row.height,
        ends_at=upload.ends_at if upload else None,
    )
