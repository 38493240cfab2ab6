"""The staff of a contact way moved: WeCom is told the whole way anew, which can be repeated without harm, then it is written down."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from yutang.connectors.wecom.client import WeCom
from yutang.wecom.models import Account, ContactWay, WayState
from yutang.wecom.way_making import wanted


def move_staff(client: WeCom, *, way_id: int, account_ids: Collection[int], is_exclusive: bool) -> bool:
    """Let exactly these members of staff be added by a way from now on; return whether there is such a way.

    Args:
        client: whom to tell.
        way_id: of a way that WeCom has made.
        account_ids: who is added; one at least, a hundred at most.
        is_exclusive: whether a customer may add only one of them, so that who knows one comes back to that one.

    Raises:
        WeComError: it was not told, or it is not known whether it was.
    """
    way = ContactWay.objects.filter(pk=way_id, state=WayState.READY).exclude(config_id="").first()
    if way is None:
        return False
    accounts = list(Account.objects.filter(pk__in=list(account_ids)).order_by("userid"))
    told = wanted(way, userids=[one.userid for one in accounts], is_exclusive=is_exclusive)
    client.contact_ways.update(config_id=way.config_id, way=told)
    with transaction.atomic():
        way.accounts.set(accounts)
    return True
