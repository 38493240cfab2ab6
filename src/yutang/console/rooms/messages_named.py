"""What the message centre calls receivers, contents, campaigns and senders: read together for all rows of a page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.channels import queries as channels
from yutang.console.access import StaffRequest
from yutang.console.sentences import spoken_name
from yutang.content import queries as contents
from yutang.customers import queries as people
from yutang.journeys import queries as journeys
from yutang.wecom import queries as wecom

_CONTENT = re.compile(r"content:(\d{1,18}):(\d{1,9})")
_PLAYBOOK = re.compile(r"playbook:(\d{1,18})")


@dataclass(frozen=True)
class Named:
    """A thing by its name, and the page on which it is shown; empty where there is none, or the reader may not open it."""

    name: str
    url: str = ""


@dataclass(frozen=True)
class Names:
    """Names of everything that the rows of a page speak of."""

    people: Mapping[int, str]
    groups: Mapping[str, tuple[int, str]]
    contents: Mapping[int, str]
    campaigns: Mapping[str, str]
    playbooks: Mapping[int, str]
    senders: Mapping[str, str]
    #: Whether the reader may open what passed with one person.
    opens_people: bool = True

    def receiver(self, customer_id: int | None, group_key: str) -> Named:
        """Return who gets or wrote a message, with the way to what passed between."""
        if customer_id is not None:
            name = self.people.get(customer_id, _("Customer %(id)s") % {"id": customer_id})
            return Named(name, reverse("messages-person", args=[customer_id]) if self.opens_people else "")
        if group_key in self.groups:
            key, name = self.groups[group_key]
            return Named(name or _("Group without a name"), reverse("messages-group", args=[key]))
        return Named(_("A group that is not known here") if group_key else _("A number that nobody here has"))

    def content(self, reference: str) -> Named:
        """Return what a message says, by its title."""
        found = _CONTENT.fullmatch(reference)
        if found and int(found[1]) in self.contents:
            return Named(self.contents[int(found[1])], reverse("content-one", args=[int(found[1])]))
        return Named(_("Words of the campaign") if reference.startswith("campaign:") else "")

    def title(self, reference: str, campaign: str) -> str:
        """Return what a message is called: the title of its content, or the campaign or playbook whose own words it brings."""
        if reference.startswith("campaign:") and campaign in self.campaigns:
            return self.campaigns[campaign]
        if reference.startswith("playbook:") and campaign:
            return self.campaign(campaign).name
        return self.content(reference).name or _("A message")

    def campaign(self, key: str) -> Named:
        """Return what wanted a message: a campaign or a playbook."""
        found = _PLAYBOOK.fullmatch(key)
        if found and int(found[1]) in self.playbooks:
            return Named(self.playbooks[int(found[1])], reverse("playbooks-one", args=[int(found[1])]))
        if key.startswith("move:"):
            return Named(_("Members asked over into another group"))
        return Named(self.campaigns.get(key, _("A playbook") if found else key))

    def sender(self, userid: str) -> str:
        """Return who of the staff was asked to send."""
        return self.senders.get(userid, userid)


def names_for(
    request: StaffRequest,
    *,
    customer_ids: Iterable[int | None] = (),
    group_keys: Iterable[str] = (),
    references: Iterable[str] = (),
    campaigns: Iterable[str] = (),
) -> Names:
    """Return the names of what the rows of a page speak of, as far as the reader may see them."""
    actor, asked = request.actor, set(campaigns)
    numbers = {int(found[1]) for one in references if (found := _CONTENT.fullmatch(one))}
    shown = contents.contents(access=actor, content_ids=numbers, now=request.now) if numbers and _can(request) else {}
    return Names(
        people=_people(request, {one for one in customer_ids if one is not None}),
        groups=wecom.groups_named(access=actor, chat_ids={one for one in group_keys if one}),
        contents={key: view.version.written.title for key, view in shown.items()},
        campaigns=channels.campaign_names(access=actor, keys=asked),
        playbooks=playbooks_named(request) if any(map(_PLAYBOOK.fullmatch, asked)) else {},
        senders={one.userid: one.name for one in wecom.staff_accounts(access=actor)},
        opens_people=request.actor.can("customers.view"),
    )


def playbooks_named(request: StaffRequest) -> dict[int, str]:
    """Return the names of playbooks, where the reader may see them."""
    return journeys.playbook_names(access=request.actor) if request.actor.can("journeys.view") else {}


def _can(request: StaffRequest) -> bool:
    return request.actor.can("content.view")


def _people(request: StaffRequest, ids: Collection[int]) -> dict[int, str]:
    if not ids or not request.actor.can("customers.view"):
        return {}
    rows = people.customer_rows(access=request.actor, ids=sorted(ids))
    return {key: spoken_name(row.name) for key, row in rows.items()}
