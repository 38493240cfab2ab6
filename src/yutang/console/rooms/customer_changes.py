"""What staff change about one customer: a look in the clear, tags, consent, a merge undone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.customer import identifier, identifiers, unmask_reason
from yutang.customers import actions, queries
from yutang.kit.text import N_

#: Group of tags that are named without one.
_OWN_GROUP = N_("Own tags")


@never_cache
@room("customers.unmask")
@require_POST
def unmask(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show the identifiers in the clear for this one answer; who looked and why is in the audit log."""
    reason = unmask_reason(request)
    clear = actions.unmask_customer(actor=request.actor, customer_id=customer_id, reason=reason, now=request.now)
    masked = {(one["label"], one["scope"]): one["contested"] for one in identifiers(request, customer_id)}
    shown = called(clear.phones)
    shown += [identifier(kind, scope, value, contested=False) for kind, scope, value in clear.accounts]
    shown += [
        {**identifier("email", "", address, contested=False), "url": f"mailto:{quote(address, safe='@')}"}
        for address in clear.emails
    ]
    for one in shown:
        one["contested"] = masked.get((one["label"], one["scope"]), False)
    facts = [
        (_("Full name"), clear.name),
        (_("Other names"), " · ".join(clear.other_names)),
        (_("Birthday"), formats.day(clear.birthday) if clear.birthday else ""),
        (_("Address"), clear.address),
        (_("Sends gifts to"), " · ".join(f"{name} {phone}" for name, phone in clear.contacts)),
    ]
    context = {
        "person": {"id": customer_id},
        "identifiers": shown,
        "clear_facts": [(label, value) for label, value in facts if value],
        "unmasked": True,
    }
    template = "console/customers/identifiers.html" if request.htmx else "console/customers/clear.html"
    return render(request, template, context)


def called(phones: Iterable[str]) -> list[dict[str, Any]]:
    """Return numbers as they are shown in the clear: whoever was shown one wants to call it, on the phone by a tap."""
    return [{**identifier("phone", "", one, contested=False), "url": f"tel:{quote(one, safe='+')}"} for one in phones]


@room("customers.tag")
@require_POST
def tag(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Give a tag that exists, or a new one."""
    # Who is out of reach is not there, also where nothing would be given to them.
    queries.tags_of(access=request.actor, customer_id=customer_id)
    chosen, name = number_asked(request.POST.get("tag", "")), request.POST.get("name", "").strip()
    if name:
        group = request.POST.get("group", "").strip() or _(_OWN_GROUP)
        actions.give_named_tag(actor=request.actor, group=group, name=name, customer_id=customer_id, now=request.now)
    elif chosen is not None:
        actions.give_tag(actor=request.actor, tag_id=chosen, customer_ids=[customer_id], now=request.now)
    else:
        messages.warning(request, _("Choose a tag or name a new one."))
        return redirect("customers-one", customer_id)
    messages.success(request, _("The tag was given."))
    return redirect("customers-one", customer_id)


@room("customers.tag")
@require_POST
def untag(request: StaffRequest, customer_id: int, tag_id: int) -> HttpResponse:
    """Take a tag away."""
    queries.tags_of(access=request.actor, customer_id=customer_id)
    actions.take_tag(actor=request.actor, tag_id=tag_id, customer_ids=[customer_id], now=request.now)
    messages.success(request, _("The tag was taken away."))
    return redirect("customers-one", customer_id)


@room("customers.tag")
@require_POST
def consent(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Write down that a person agreed, or no longer agrees."""
    given = request.POST.get("granted") == "yes"
    write = actions.record_consent if given else actions.withdraw_consent
    write(
        actor=request.actor,
        customer_id=customer_id,
        purpose=request.POST.get("purpose", ""),
        channel=request.POST.get("channel", ""),
        wording_version=request.POST.get("wording_version", ""),
        evidence=request.POST.get("evidence", ""),
        occurred_at=request.now,
        now=request.now,
    )
    messages.success(request, _("The consent is on record.") if given else _("The withdrawal is on record."))
    return redirect("customers-one", customer_id)


@room("customers.merge")
@require_POST
def unmerge(request: StaffRequest, customer_id: int, merge_id: int) -> HttpResponse:
    """Take a merge apart."""
    # The address is that of one person: what is no merge of theirs is not there.
    if merge_id not in {one.id for one in queries.merge_history_of(access=request.actor, customer_id=customer_id)}:
        raise actions.NoSuchMerge(merge_id=merge_id)
    actions.undo_merge(actor=request.actor, merge_id=merge_id, now=request.now)
    messages.success(request, _("The merge was undone: they are two people again."))
    return redirect("customers-one", customer_id)
