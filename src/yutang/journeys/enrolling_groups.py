"""Letting groups of customers into playbooks: each occasion once, a share of whole groups held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from yutang.foundation import bulk
from yutang.journeys.definition import Definition
from yutang.journeys.enrolling import COLUMNS, Entries, enrolment_row, entry_of, shared_values
from yutang.journeys.groups import GroupBook
from yutang.journeys.holdout import draw_held_out_groups
from yutang.journeys.models import Enrolment, Playbook
from yutang.wecom.queries import members_of


def let_groups_in(
    *, playbook: Playbook, definition: Definition, asked: Sequence[tuple[str, str]], book: GroupBook, now: datetime
) -> Entries:
    """Let groups in, in the caller's transaction, as far as audience and re-entry allow.

    Args:
        playbook: a running one that is about groups.
        definition: of its current version.
        asked: (key of the group, occasion); the same occasion lets the same group in once, for ever.
        book: which groups there are.
        now: aware UTC.
    """
    if not asked:
        return Entries()
    first = {key: occasion for key, occasion in reversed(asked) if key in book.facts}
    keys = sorted(first)
    if definition.audience is not None:
        keys = [key for key, fits in zip(keys, book.fits(definition.audience, keys), strict=True) if fits]
    bulk.one_at_a_time("journeys.enrol")
    keys = _free(playbook.pk, definition, keys, first, now)
    if keys:
        held = draw_held_out_groups(
            playbook=playbook, members=members_of(chat_ids=keys), percent=definition.holdout_percent, now=now
        )
        shared = shared_values(playbook, definition, now)
        rows = [
            enrolment_row(row_id, playbook.pk, None, first[key], 0, is_held=key in held, shared=shared, group_key=key)
            for row_id, key in zip(bulk.next_ids(Enrolment, len(keys)), keys, strict=True)
        ]
        bulk.insert_rows("journeys_enrolment", COLUMNS, rows)
        return Entries(len(keys) - len(held), len(held), len(asked) - len(keys))
    return Entries(refused=len(asked))


def free_groups(
    *, playbook_id: int, definition: Definition, keys: Sequence[str], entries: Mapping[str, datetime]
) -> list[str]:
    """Return the groups that may come in at an instant each: not in it now, and not too soon again."""
    taken, _known = _taken(playbook_id, definition, keys, entries)
    return [key for key in keys if key not in taken]


def _free(
    playbook_id: int, definition: Definition, keys: Sequence[str], occasions: dict[str, str], now: datetime
) -> list[str]:
    """Return the groups that may come in: not in it now, not too soon again, never twice for the same occasion."""
    taken, known = _taken(playbook_id, definition, keys, dict.fromkeys(keys, now))
    return [key for key in keys if key not in taken and entry_of(playbook_id, key, occasions[key]) not in known]


def _taken(
    playbook_id: int, definition: Definition, keys: Sequence[str], at: Mapping[str, datetime]
) -> tuple[set[str], set[str]]:
    """Return the groups that are in it now or come too soon again, and what let groups in before."""
    rows = Enrolment.objects.filter(playbook_id=playbook_id, group_key__in=list(keys)).order_by()
    again = definition.reentry.days
    taken, known = set(), set()
    for key, entry, entered_at, ended_at in rows.values_list("group_key", "entry", "entered_at", "ended_at"):
        known.add(entry)
        if again is None or ended_at is None or entered_at > at[key] - timedelta(days=again):
            taken.add(key)
    return taken, known
