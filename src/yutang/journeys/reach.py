"""Of whom in a playbook somebody is told who sees some stores only."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from yutang.foundation.access import Actor
from yutang.journeys.models import Enrolment, Passage
from yutang.wecom.queries import known_groups


def enrolments_within(access: Actor, rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Return those of people and groups of stores within reach; all for who sees the whole chain."""
    if access.store_ids is None:
        return rows
    groups = [one.chat_id for one in known_groups() if {store for store, _ in one.stores} & access.store_ids]
    return rows.filter(Q(customer__store_id__in=access.store_ids) | Q(group_key__in=groups))


def passages_within(access: Actor, rows: QuerySet[Passage], *, playbook_id: int) -> QuerySet[Passage]:
    """Return what steps of a playbook did with people and groups within reach."""
    if access.store_ids is None:
        return rows
    reached = enrolments_within(access, Enrolment.objects.filter(playbook_id=playbook_id)).order_by()
    return rows.filter(enrolment__in=reached.values("pk"))
