"""Customers of staff: lists, details, remarks, ids of other worlds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.errors import NotACustomer, NothingGiven
from yutang.connectors.wecom.reading import Text, at_most, given, in_chunks, named, pages, read, read_all

_STAFF = Api("externalcontact/get_follow_user_list", "GET")
_LIST = Api("externalcontact/list", "GET")
_GET = Api("externalcontact/get", "GET")
_BATCH = Api("externalcontact/batch/get_by_user")
_REMARK = Api("externalcontact/remark")
_SERVED = Api("externalcontact/contact_list")
_UNIONID = Api("externalcontact/unionid_to_external_userid")
_OPENGID = Api("externalcontact/opengid_to_chatid")
_OPENID = Api("externalcontact/convert_to_openid")

#: Most members of staff of one batch.
BATCH_STAFF = 100


@dataclass(frozen=True)
class Person:
    """An external contact.

    Attributes:
        kind: 1 uses WeChat, 2 uses WeCom.
        gender: 0 not known, 1 man, 2 woman.
        unionid: only of those who use WeChat, and only where the corp is bound to a developer account.
    """

    external_userid: str
    name: Text = ""
    kind: Annotated[int, named("type")] = 1
    gender: int = 0
    avatar: Text = ""
    unionid: Text = ""
    position: Text = ""
    corp_name: Text = ""
    corp_full_name: Text = ""


@dataclass(frozen=True)
class Label:
    """A tag on a customer by one member of staff; personal ones (kind 2) have no id."""

    group_name: Text
    name: Annotated[Text, named("tag_name")]
    kind: Annotated[int, named("type")]
    id: Annotated[Text, named("tag_id")] = ""


@dataclass(frozen=True)
class Follower:
    """One member of staff of whom a person is a customer.

    Attributes:
        added_by: who did the adding; an external_userid when the customer did.
        add_way: fixed origin by WeCom's numbers; 1 QR code, 16 acquisition link, 201 shared by a colleague, 202 handed over.
        state: what the contact way or link was given to bring back.
    """

    userid: str
    created_at: Annotated[datetime, named("createtime")]
    remark: Text = ""
    description: Text = ""
    labels: Annotated[tuple[Label, ...], named("tags")] = ()
    company: Annotated[Text, named("remark_corp_name")] = ""
    mobiles: Annotated[tuple[str, ...], named("remark_mobiles")] = ()
    added_by: Annotated[Text, named("oper_userid")] = ""
    add_way: int = 0
    state: Text = ""


@dataclass(frozen=True)
class CustomerCard:
    """One person and all who follow them."""

    person: Person
    followers: tuple[Follower, ...]


@dataclass(frozen=True)
class Following:
    """What one member of staff knows of one customer; `tag_ids` are corporate tags only."""

    userid: str
    created_at: Annotated[datetime, named("createtime")]
    remark: Text = ""
    description: Text = ""
    tag_ids: Annotated[tuple[str, ...], named("tag_id")] = ()
    company: Annotated[Text, named("remark_corp_name")] = ""
    mobiles: Annotated[tuple[str, ...], named("remark_mobiles")] = ()
    added_by: Annotated[Text, named("oper_userid")] = ""
    add_way: int = 0
    state: Text = ""


@dataclass(frozen=True)
class Relation:
    """One row of a batch: one member of staff and one customer."""

    person: Annotated[Person, named("external_contact")]
    following: Annotated[Following, named("follow_info")]


@dataclass(frozen=True)
class ServedContact:
    """Somebody whom staff served, customer or not (已服务的外部联系人)."""

    is_customer: bool
    follow_userid: Text = ""
    external_userid: Text = ""
    tmp_openid: Text = ""
    name: Text = ""
    chat_id: Text = ""
    chat_name: Text = ""
    added_at: Annotated[datetime | None, named("add_time")] = None


@dataclass(frozen=True)
class Remark:
    """What a member of staff notes about a customer; None leaves it as it is.

    Attributes:
        remark: at most 20 characters.
        description: at most 150 characters.
        company: at most 20 characters; only of those who use WeChat.
        mobiles: overwrite; an empty tuple clears them.
        picture_media_id: uploaded picture.
    """

    remark: str | None = None
    description: str | None = None
    company: str | None = None
    mobiles: tuple[str, ...] | None = None
    picture_media_id: str | None = None


class Customers:
    """Customers."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def staff(self) -> tuple[str, ...]:
        """Return who may have customers and is visible to the app."""
        return tuple(str(one) for one in self._caller.call(_STAFF).get("follow_user") or ())

    def of_staff(self, *, userid: str) -> tuple[str, ...]:
        """Return the customers of one member of staff, in one piece; empty for who has none."""
        try:
            answer = self._caller.call(_LIST, query={"userid": userid})
        except NotACustomer as error:
            if error.errcode != self._caller.settings.disputed.no_customers_code:
                raise
            return ()
        return tuple(str(one) for one in answer.get("external_userid") or ())

    def get(self, *, external_userid: str) -> CustomerCard:
        """Return one person with everybody who follows them, page by page of 500."""
        person: Person | None = None
        followers: list[Follower] = []
        cursor = ""
        while True:
            query = given(external_userid=external_userid, cursor=cursor or None)
            answer = self._caller.call(_GET, query=query)
            person = person or read(Person, answer.get("external_contact"), api=_GET.path)
            followers += read_all(Follower, answer.get("follow_user"), api=_GET.path)
            last, cursor = cursor, str(answer.get("next_cursor") or "")
            if not cursor or cursor == last:
                return CustomerCard(person, tuple(followers))

    def relations(self, *, userids: Sequence[str]) -> Iterator[Relation]:
        """Yield every customer of the given staff, a row for each of their followers among them; 100 staff a call."""
        for chunk in in_chunks(userids, size=BATCH_STAFF):
            for page in pages(self._caller, _BATCH, {"userid_list": list(chunk), "limit": 100}):
                yield from read_all(Relation, page.get("external_contact_list"), api=_BATCH.path)

    def relations_page(self, *, userids: Sequence[str], cursor: str = "") -> tuple[tuple[Relation, ...], str]:
        """Return one page of the customers of at most 100 staff, and the cursor of the next; empty after the last."""
        at_most(BATCH_STAFF, what="userid_list", of=userids)
        body = {"userid_list": list(userids), "limit": 100, **given(cursor=cursor or None)}
        page = self._caller.call(_BATCH, body=body)
        rows = read_all(Relation, page.get("external_contact_list"), api=_BATCH.path)
        return rows, str(page.get("next_cursor") or "")

    def note(self, *, userid: str, external_userid: str, remark: Remark) -> None:
        """Write what a member of staff notes about a customer."""
        body = _remark_body(remark, self._caller.settings.disputed.no_mobiles)
        if not body:
            raise NothingGiven(what="remark")
        with self._caller.alone_with(userid, external_userid):
            self._caller.call(_REMARK, body={"userid": userid, "external_userid": external_userid, **body})

    def served(self) -> Iterator[ServedContact]:
        """Yield everybody whom staff served, customers or not."""
        for page in pages(self._caller, _SERVED, {"limit": 1000}):
            yield from read_all(ServedContact, page.get("info_list"), api=_SERVED.path)

    def by_unionid(self, *, unionid: str, openid: str) -> str:
        """Return the external_userid of somebody known by unionid; both ids must come from the same programme of the same owner."""
        return str(self._caller.call(_UNIONID, body={"unionid": unionid, "openid": openid})["external_userid"])

    def chat_by_opengid(self, *, opengid: str) -> str:
        """Return the chat_id of a customer group that a mini programme knows by opengid."""
        return str(self._caller.call(_OPENGID, body={"opengid": opengid})["chat_id"])

    def openid_of(self, *, external_userid: str) -> str:
        """Return the openid of a customer who uses WeChat."""
        return str(self._caller.call(_OPENID, body={"external_userid": external_userid})["openid"])


def _remark_body(remark: Remark, no_mobiles: tuple[str, ...]) -> dict[str, Any]:
    at_most(20, what="remark", of=remark.remark or "")
    at_most(150, what="description", of=remark.description or "")
    at_most(20, what="remark_company", of=remark.company or "")
    mobiles = remark.mobiles
    return given(
        remark=remark.remark,
        description=remark.description,
        remark_company=remark.company,
        remark_mobiles=None if mobiles is None else list(mobiles or no_mobiles),
        remark_pic_mediaid=remark.picture_media_id,
    )
