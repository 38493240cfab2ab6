"""Messages whose words stand in the playbook itself: how they become what a receiver reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext

from yutang.channels.bodies import BODIES, Body, BodySource
from yutang.journeys.definition import JoinGroupStep, MessageStep, PostStep
from yutang.journeys.models import Invitation, Version
from yutang.journeys.reading import definition_of
from yutang.kit.text import N_

#: What stands before the colon of the content of such a message: ``playbook:<version>:<step>``; with ``:instead`` behind it, the
#: words in place of a promotion.
SOURCE = "playbook"
_INSTEAD = "instead"
#: What an invitation says where the step has no words of its own.
_INVITED = N_("You are invited into our small group. Open the link and scan the code:")


def reference_of(*, version_id: int, step: MessageStep | PostStep | JoinGroupStep, instead: bool = False) -> str:
    """Return the content of a step's message, as a touch keeps it."""
    said = step.instead if instead and isinstance(step, MessageStep) else step
    content = "" if said is None or isinstance(said, JoinGroupStep) else said.content
    if content:
        return content
    return f"{SOURCE}:{version_id}:{step.id}" + (f":{_INSTEAD}" if instead else "")


def bodies_of_steps(
    *, reference: str, channel: str, customer_ids: Sequence[int], group_keys: Sequence[str], now: datetime
) -> Mapping[int | str, Body]:
    """Return the same words for everybody, and to invitations each person's link; nothing where the step is not there."""
    _source, version_id, step_id, *rest = (*reference.split(":"), "", "")
    version = Version.objects.filter(pk=int(version_id)).first() if version_id.isdecimal() else None
    if version is None:
        return {}
    steps = {one.id: one for one in definition_of(version).steps}
    step = steps.get(step_id)
    if isinstance(step, JoinGroupStep):
        return _invitations(version.pk, step, customer_ids)
    if isinstance(step, PostStep):
        return dict.fromkeys(group_keys, Body(text=step.words)) if step.words else {}
    if not isinstance(step, MessageStep):
        return {}
    said = step.instead if _INSTEAD in rest else step
    if said is None or not said.words:
        return {}
    body = Body(text=said.words, subject=step.subject)
    return dict.fromkeys((*customer_ids, *group_keys), body)


def _invitations(version_id: int, step: JoinGroupStep, customer_ids: Sequence[int]) -> dict[int | str, Body]:
    """Return the invitation of each person, with the link of the group into which they are led."""
    rows = Invitation.objects.filter(version_id=version_id, step=step.id, customer_id__in=list(customer_ids))
    urls = dict(rows.order_by("pk").values_list("customer_id", "url"))
    words = step.words.strip() or gettext(_INVITED)
    return {person: Body(text=f"{words}\n{url}") for person, url in urls.items()}


BODIES.register(BodySource(SOURCE, bodies_of_steps))
