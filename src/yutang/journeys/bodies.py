"""Messages whose words stand in the playbook itself: how they become what a receiver reads, variables filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext

from yutang.channels.bodies import Body
from yutang.content.coupon_values import CODE, UNTIL, coupon_values
from yutang.content.grammar import template_of
from yutang.content.variables import known_names, values_for
from yutang.journeys.definition import JoinGroupStep, MessageStep, PostStep
from yutang.journeys.models import Invitation, Version
from yutang.journeys.reading import definition_of
from yutang.kit.text import N_

#: What stands before the colon of the content of such a message: ``playbook:<version>:<step>``; with ``:instead`` behind it, the
#: words in place of a promotion.
SOURCE = "playbook"
INSTEAD = "instead"
#: What an invitation says where the step has no words of its own.
_INVITED = N_("You are invited into our small group. Open the link and scan the code:")


def reference_of(*, version_id: int, step: MessageStep | PostStep | JoinGroupStep, instead: bool = False) -> str:
    """Return the content of a step's message, as a touch keeps it."""
    said = step.instead if instead and isinstance(step, MessageStep) else step
    content = "" if said is None or isinstance(said, JoinGroupStep) else said.content
    if content:
        return content
    return f"{SOURCE}:{version_id}:{step.id}" + (f":{INSTEAD}" if instead else "")


def bodies_of_steps(
    *, reference: str, channel: str, customer_ids: Sequence[int], group_keys: Sequence[str], now: datetime
) -> Mapping[int | str, Body]:
    """Return the words of a step by customer and by group; nothing where the version or the step is not there.

    Whoever lacks a value for which the words have no fall-back is left out; a group has no values at all. Coupons are those that
    the playbook itself gave, whatever else the person has. To an invitation belongs each person's link.
    """
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
    said = step.instead if INSTEAD in rest else step
    if said is None or not said.words:
        return {}
    text, subject = (template_of(words, known=known_names()) for words in (said.words, step.subject))
    names = dict.fromkeys([*text.names, *subject.names])
    values: dict[int | str, Mapping[str, str]] = dict(
        values_of(names, version.playbook_id, customer_ids, clear=True, now=now).items()
    )
    values.update((key, {}) for key in group_keys)
    return {
        receiver: Body(text=text.filled(known), subject=subject.filled(known))
        for receiver, known in values.items()
        if not text.lacking(known) and not subject.lacking(known)
    }


def invitation_words(step: JoinGroupStep) -> str:
    """Return what an invitation says before its link."""
    return step.words.strip() or gettext(_INVITED)


def campaign_of(playbook_id: int) -> str:
    """Return the campaign under which a playbook plans its messages and gives its coupons."""
    return f"playbook:{playbook_id}"


def values_of(
    names: Iterable[str], playbook_id: int, customer_ids: Sequence[int], *, clear: bool, now: datetime
) -> dict[int, dict[str, str]]:
    """Return what is known of people, by person and variable; coupons are those that the playbook gave."""
    asked = list(names)
    of_coupons = [name for name in asked if name in {CODE, UNTIL}]
    others = [name for name in asked if name not in of_coupons]
    values = values_for(others, customer_ids=customer_ids, clear=clear, now=now)
    campaign = campaign_of(playbook_id)
    for name in of_coupons:
        found = coupon_values(name, customer_ids=customer_ids, campaign=campaign, clear=clear, now=now)
        for person, value in found.items():
            values[person][name] = value
    return values


def _invitations(version_id: int, step: JoinGroupStep, customer_ids: Sequence[int]) -> dict[int | str, Body]:
    """Return the invitation of each person, with the link of the group into which they are led."""
    words = invitation_words(step)
    rows = Invitation.objects.filter(version_id=version_id, step=step.id, customer_id__in=list(customer_ids))
    urls = dict(rows.order_by("pk").values_list("customer_id", "url"))
    return {person: Body(text=f"{words}\n{url}") for person, url in urls.items()}
