"""Contact ways made by WeCom: once, also where the answer was lost, because nobody can delete a code whose id is not known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from yutang.connectors.wecom.api.ways import ContactWay as Wanted
from yutang.connectors.wecom.api.ways import JoinWay as WantedJoin
from yutang.connectors.wecom.api.ways import MadeContactWay
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import NotFound, Remedy, WeComError
from yutang.wecom.models import ContactWay, JoinWay, WayState

#: Stands in `ContactWay.error` while WeCom is asked: whoever finds it there looks first whether the code was made.
_ASKING = "asking"
_EARLIER = timedelta(minutes=10)


def make_way(client: WeCom, *, way_id: int, now: datetime) -> bool:
    """Have a contact way made and keep its id; return whether it is there.

    Raises:
        WeComError: it helps to try later.
    """
    way = ContactWay.objects.prefetch_related("accounts").get(pk=way_id)
    if way.state != WayState.ASKED:
        return way.state == WayState.READY
    try:
        made = _found(client, way) if way.error == _ASKING else None
        if made is None:
            ContactWay.objects.filter(pk=way_id).update(error=_ASKING)
            users = [one.userid for one in way.accounts.order_by("userid")]
            made = client.contact_ways.add(way=wanted(way, userids=users))
    except WeComError as error:
        if error.may_help_later or error.remedy is Remedy.REPEAT_IF_SAFE:
            raise
        ContactWay.objects.filter(pk=way_id).update(state=WayState.FAILED, error=error.code, ended_at=now)
        return False
    ContactWay.objects.filter(pk=way_id).update(
        state=WayState.READY, config_id=made.config_id, qr_code=made.qr_code[:500], error=""
    )
    return True


def delete_way(client: WeCom, *, way_id: int) -> bool:
    """Have a contact way deleted; return whether there was one.

    Raises:
        WeComError: it was not deleted.
    """
    way = ContactWay.objects.get(pk=way_id)
    made = MadeContactWay(way.config_id) if way.config_id else _found(client, way)
    if made is None:
        return False
    try:
        client.contact_ways.delete(config_id=made.config_id)
    except NotFound:
        return False
    return True


def make_join_way(client: WeCom, *, way_id: int) -> bool:
    """Have the code of a group made and keep its address; return whether it is there.

    WeCom lists no join ways: where its answer is lost, the code that it made stays unknown there and another one is made.

    Raises:
        WeComError: it helps to try later.
    """
    way = JoinWay.objects.select_related("group").get(pk=way_id)
    if way.state != WayState.ASKED:
        return way.state == WayState.READY
    try:
        if not way.config_id:
            wanted = WantedJoin(
                chat_ids=(way.group.chat_id,), remark=way.group.name[:30], opens_new_groups=False, state=way.state_text
            )
            way.config_id = client.join_ways.add(way=wanted)
            way.save(update_fields=["config_id"])
        kept = client.join_ways.get(config_id=way.config_id)
    except WeComError as error:
        if error.may_help_later or error.remedy is Remedy.REPEAT_IF_SAFE:
            raise
        JoinWay.objects.filter(pk=way_id).update(state=WayState.FAILED, error=error.code)
        return False
    JoinWay.objects.filter(pk=way_id).update(state=WayState.READY, qr_code=kept.qr_code[:500], error="")
    return True


def wanted(way: ContactWay, *, userids: Sequence[str], is_exclusive: bool = False) -> Wanted:
    """Return a contact way as WeCom is to have it; of the kind for several also with one alone, because a kind never changes."""
    return Wanted(users=tuple(userids), kind=2, remark=way.name, state=way.state_text, is_exclusive=is_exclusive)


def _found(client: WeCom, way: ContactWay) -> MadeContactWay | None:
    """Return the code that an earlier try had made, by what it brings back."""
    for config_id in client.contact_ways.ids(since=way.asked_at - _EARLIER):
        kept = client.contact_ways.get(config_id=config_id)
        if kept.state == way.state_text:
            return MadeContactWay(kept.config_id, kept.qr_code)
    return None
