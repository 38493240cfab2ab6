"""The welcome lane: who came through a code is greeted within 20 seconds, from what lies here; too late, nothing is sent.

A welcome code holds once, so that a second try after a crash cannot greet twice: WeCom answers that it was done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from yutang.connectors.wecom.callbacks.events import ArchiveConsented, Newcomer
from yutang.connectors.wecom.callbacks.receiving import reopened
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import Remedy, WeComError, WelcomeAlreadySent, WelcomeTooLate
from yutang.connectors.wecom.messages import Message
from yutang.foundation.sealing import unseal
from yutang.foundation.settings_kept import kept_setting
from yutang.wecom import claims
from yutang.wecom.connecting import note_fault
from yutang.wecom.models import Callback, ContactWay, Greeting, Lane
from yutang.wecom.organisation import WELCOME_WORDS

#: Newcomers of one round, and how many are greeted at once.
MOST_A_ROUND = 64
_LANES = 4
#: Whoever takes a newcomer has so long; then somebody else tries again.
LEASE = timedelta(seconds=5)


@dataclass(frozen=True)
class _Outcome:
    row: Callback
    greeting: str
    error: WeComError | None = None


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
    words = _words(lease.rows)
    with ThreadPoolExecutor(min(_LANES, len(lease.rows))) as pool:
        # Nothing in these threads asks the store.
        outcomes = list(pool.map(lambda one: _greet(client, *one), words))
    return gone + _written_down(outcomes, lease, now=clock())


def _words(rows: Sequence[Callback]) -> list[tuple[Callback, str, str]]:
    """Return each newcomer with the code and the words of the contact way through which they came."""
    events = [reopened(text=unseal(one.sealed_text)["text"]) for one in rows]
    states = {event.state for event in events if isinstance(event, Newcomer) and event.state}
    ways = ContactWay.objects.filter(state_text__in=states).order_by()
    by_state = dict(ways.values_list("state_text", "welcome_words"))
    usual = str(kept_setting(WELCOME_WORDS))
    found = []
    for row, event in zip(rows, events, strict=True):
        code = event.welcome_code if isinstance(event, (Newcomer, ArchiveConsented)) else ""
        state = event.state if isinstance(event, Newcomer) else ""
        found.append((row, code, by_state.get(state) or usual))
    return found


def _greet(client: WeCom, row: Callback, code: str, words: str) -> _Outcome:
    if not (code and words.strip()):
        return _Outcome(row, Greeting.SILENT)
    try:
        client.welcomes.send(welcome_code=code, message=Message(text=words))
    except WelcomeAlreadySent as error:
        # By an earlier try of ours whose answer was lost or that nobody lived to write down, or by somebody else.
        return _Outcome(row, Greeting.SENT if error.may_be_own or row.attempts > 1 else Greeting.ALREADY)
    except WelcomeTooLate:
        return _Outcome(row, Greeting.LATE)
    except WeComError as error:
        return _Outcome(row, Greeting.FAILED, error)
    return _Outcome(row, Greeting.SENT)


def _written_down(outcomes: Sequence[_Outcome], lease: claims.Lease, *, now: datetime) -> int:
    """Let who was greeted go on to the other lane; who was not waits for another try while there is time."""
    settled = []
    for one in outcomes:
        error = one.error
        if error is not None and error.remedy is not Remedy.CHANGE_REQUEST:
            note_fault(error, now=now)
            # The lease ends by itself; the newcomer is tried again as long as the code holds.
            one.row.next_at, one.row.error = now + timedelta(seconds=1), error.code
        else:
            one.row.lane, one.row.next_at, one.row.greeting = Lane.OTHER, now, one.greeting
            one.row.error = error.code if error else ""
            one.row.greeted_at = now if one.greeting == Greeting.SENT else None
            settled.append(one.row)
        one.row.lease_token = ""
    claims.write_back(
        lease, [one.row for one in outcomes], ("lane", "next_at", "greeting", "error", "greeted_at", "lease_token")
    )
    return len(settled)
