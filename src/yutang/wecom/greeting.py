"""The welcome lane: who came through a code is greeted within 20 seconds, from what lies here; too late, nothing is sent.

A welcome code holds once, so that a second try after a crash cannot greet twice: WeCom answers that it was done. Somebody who is
there half first brings two codes within a moment; the second is for the case that the first did not greet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yutang.connectors.wecom.callbacks.events import ArchiveConsented, CustomerEvent, Event, Newcomer
from yutang.connectors.wecom.callbacks.receiving import WELCOME_WITHIN, reopened
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import Remedy, WeComError, WelcomeAlreadySent, WelcomeTooLate
from yutang.connectors.wecom.messages import ATTACHMENTS, Attachment, Message
from yutang.foundation.sealing import unseal
from yutang.foundation.settings_kept import kept_setting
from yutang.wecom import claims
from yutang.wecom.connecting import note_fault
from yutang.wecom.greeting_contents import messages_of
from yutang.wecom.greeting_words import Said, keys_of_words
from yutang.wecom.models import Callback, ContactWay, Greeting, Lane
from yutang.wecom.organisation import WELCOME_CONTENT, WELCOME_WORDS
from yutang.wecom.way_words import Said as WayWords
from yutang.wecom.way_words import words_of_ways

#: Newcomers of one round, and how many are greeted at once.
MOST_A_ROUND = 64
_LANES = 4
#: What became of a further code: nothing, and it is no newcomer of its own.
_SECOND = ""
_SAID = ("welcome_content", "welcome_words")
#: Whoever takes a newcomer has so long; then somebody else tries again.
LEASE = timedelta(seconds=5)


@dataclass(frozen=True)
class _Told:
    """A callback, what it tells, its code and what is said; `is_second` where the newcomer was greeted by another code."""

    row: Callback
    event: Event
    code: str
    said: Said
    is_second: bool = False


@dataclass(frozen=True)
class _Outcome:
    row: Callback
    greeting: str
    said: Said
    error: WeComError | None = None

    @property
    def waits(self) -> bool:
        """Whether it is tried again, as long as the code holds."""
        return self.error is not None and self.error.remedy is not Remedy.CHANGE_REQUEST


def greet_round(client: WeCom, *, clock: Callable[[], datetime]) -> int:
    """Greet who waits longest, several at a time, and return how many callbacks went on to the other lane.

    Args:
        client: whom to ask.
        clock: tells the time, aware UTC, by which codes are too old.
    """
    now = clock()
    late = claims.waiting(Lane.WELCOME).filter(welcome_until__lt=now)
    gone = late.update(lane=Lane.OTHER, greeting=Greeting.LATE, next_at=now, lease_token="")
    lease = claims.claim(Lane.WELCOME, most=MOST_A_ROUND, length=LEASE, now=now)
    if not lease.rows:
        return gone
    words = _by_newcomer(_messages(lease.rows, now=now), now=now)
    with ThreadPoolExecutor(min(_LANES, len(words))) as pool:
        # Nothing in these threads asks the store.
        outcomes = [one for some in pool.map(lambda told: _greet_once(client, told), words) for one in some]
    return gone + _written_down(outcomes, lease, now=clock())


def _by_newcomer(told: Sequence[_Told], *, now: datetime) -> list[list[_Told]]:
    """Return what is told with the codes of each newcomer together, first come first; no code for whom one just greeted."""
    since = now - WELCOME_WITHIN
    greeted = Callback.objects.filter(received_at__gte=since, greeting=Greeting.SENT).order_by("-received_at", "-pk")
    done = {_pair(_event_of(row)) for row in greeted[: 2 * MOST_A_ROUND]} if told else set()
    found: dict[tuple[str, str], list[_Told]] = {}
    for one in sorted(told, key=lambda one: one.row.pk):
        known = found.setdefault(_pair(one.event), [])
        known.append(replace(one, is_second=_pair(one.event) in done))
    return list(found.values())


def _event_of(row: Callback) -> Event:
    return reopened(text=unseal(row.sealed_text)["text"])


def _pair(event: Event) -> tuple[str, str]:
    """Return who came to whom."""
    return (event.userid, event.external_userid) if isinstance(event, CustomerEvent) else ("", "")


def _messages(rows: Sequence[Callback], *, now: datetime) -> list[_Told]:
    """Return each newcomer with their code and what they are told: what their contact way says now, else the usual."""
    events = [_event_of(one) for one in rows]
    states = {event.state for event in events if isinstance(event, Newcomer) and event.state}
    ways = ContactWay.objects.filter(state_text__in=states).order_by()
    own = {state: (content, words) for state, content, words in ways.values_list("state_text", *_SAID)}
    said = words_of_ways(states=states, now=now)
    own |= {state: (one.content, one.words) for state, one in said.items()}
    usual = (str(kept_setting(WELCOME_CONTENT)), str(kept_setting(WELCOME_WORDS)))
    contents = messages_of({content for content, _words in (usual, *own.values()) if content}, now=now)
    found = []
    for row, event in zip(rows, events, strict=True):
        code = event.welcome_code if isinstance(event, (Newcomer, ArchiveConsented)) else ""
        state = event.state if isinstance(event, Newcomer) else ""
        told = _said([own.get(state, ("", "")), usual], contents)
        found.append(_Told(row, event, code, _with(told, _also(event, said))))
    return found


def _also(event: Event, said: Mapping[str, WayWords]) -> Attachment | None:
    """Return what goes along with the words for somebody who came; None where nothing does."""
    also = said[event.state].also if isinstance(event, Newcomer) and event.state in said else None
    return also(event.external_userid) if also is not None and isinstance(event, Newcomer) else None


def _with(told: Said, also: Attachment | None) -> Said:
    """Return what is told with something that goes along, where there is room for it."""
    message = told.message
    if also is None or len(message.attachments) >= ATTACHMENTS:
        return told
    return told._replace(message=replace(message, attachments=(*message.attachments, also)))


def _said(wanted: Sequence[tuple[str, str]], contents: Mapping[str, Message]) -> Said:
    """Return the first that can be said: a content, or words."""
    for content, words in wanted:
        if content in contents:
            return Said(content, contents[content])
        if words.strip():
            return Said("", Message(text=words))
    return Said("", Message())


def _greet_once(client: WeCom, told: Sequence[_Told]) -> list[_Outcome]:
    """Greet one newcomer by the first of their codes that holds; a further one waits as long as that one does."""
    outcomes: list[_Outcome] = []
    for one in told:
        before = outcomes[-1] if outcomes else None
        if one.is_second:
            outcomes.append(_Outcome(one.row, _SECOND, one.said))
        elif before is None or before.greeting == Greeting.LATE:
            outcomes.append(_greet(client, one.row, one.code, one.said))
        elif before.waits:
            outcomes.append(replace(before, row=one.row))
        else:
            outcomes.append(_Outcome(one.row, _SECOND, one.said))
    return outcomes


def _greet(client: WeCom, row: Callback, code: str, said: Said) -> _Outcome:
    if not code or said.message == Message():
        return _Outcome(row, Greeting.SILENT, said)
    try:
        client.welcomes.send(welcome_code=code, message=said.message)
    except WelcomeAlreadySent as error:
        # By an earlier try of ours whose answer was lost or that nobody lived to write down, or by somebody else.
        return _Outcome(row, Greeting.SENT if error.may_be_own or row.attempts > 1 else Greeting.ALREADY, said)
    except WelcomeTooLate:
        return _Outcome(row, Greeting.LATE, said)
    except WeComError as error:
        return _Outcome(row, Greeting.FAILED, said, error)
    return _Outcome(row, Greeting.SENT, said)


def _written_down(outcomes: Sequence[_Outcome], lease: claims.Lease, *, now: datetime) -> int:
    """Let who was greeted go on to the other lane; who was not waits for another try while there is time."""
    settled = []
    words = keys_of_words(one.said.wording for one in outcomes if one.greeting == Greeting.SENT)
    for one in outcomes:
        error = one.error
        if error is not None and one.waits:
            note_fault(error, now=now)
            # The lease ends by itself; the newcomer is tried again as long as the code holds.
            one.row.next_at, one.row.error = now + timedelta(seconds=1), error.code
        else:
            one.row.lane, one.row.next_at, one.row.greeting = Lane.OTHER, now, one.greeting
            one.row.error = error.code if error else ""
            is_sent = one.greeting == Greeting.SENT
            one.row.greeted_at = now if is_sent else None
            one.row.greeted_with_id = words[one.said.wording] if is_sent else None
            settled.append(one.row)
        one.row.lease_token = ""
    written = ("lane", "next_at", "greeting", "error", "greeted_at", "greeted_with", "lease_token")
    claims.write_back(lease, [one.row for one in outcomes], written)
    return len(settled)
