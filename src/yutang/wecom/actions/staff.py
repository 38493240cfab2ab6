"""Who a member of the corp is here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.queries import staff_card
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.wecom.models import Account


class NoSuchAccount(DomainError):
    """There is no such member of the corp."""

    code = "no_such_wecom_account"
    http_status = 404
    message = N_("WeCom knows no such member of staff.")


class StaffIsTaken(DomainError):
    """The member of staff is somebody else in WeCom already."""

    code = "wecom_staff_is_taken"
    http_status = 409
    message = N_("This member of staff is “%(userid)s” in WeCom already. Take that back first.")


@transaction.atomic
def link_account(*, actor: Actor, account_id: int, staff_id: int | None, now: datetime) -> None:
    """Say who a member of the corp is here; None: nobody.

    Raises:
        NoSuchAccount: WeCom knows nobody of the key, or it is somebody of a store out of reach.
        NoSuchStaff: there is no such member of staff within reach.
        StaffIsTaken: that one is somebody else in WeCom.
    """
    actor.require("staff.manage")
    account = Account.objects.select_related("staff").filter(pk=account_id).first()
    if account is None or not _is_within_reach(actor, account):
        raise NoSuchAccount(account_id=account_id)
    if staff_id is not None:
        staff_card(access=actor, staff_id=staff_id, now=now)
        other = Account.objects.filter(staff_id=staff_id).exclude(pk=account_id).first()
        if other is not None:
            raise StaffIsTaken(userid=other.userid)
    detail = {"before": account.staff_id, "staff_id": staff_id}
    Account.objects.filter(pk=account_id).update(staff_id=staff_id)
    audit(
        actor=actor,
        action="wecom.link_account",
        subject_type="wecom_account",
        subject_id=account_id,
        detail=detail,
        now=now,
    )


def _is_within_reach(actor: Actor, account: Account) -> bool:
    """Return whether the actor sees who it is; of whom nobody has said that yet, everybody may who manages staff."""
    if actor.store_ids is None or account.staff is None:
        return True
    return account.staff.stores.filter(pk__in=actor.store_ids).exists()
