"""Codes that lead to a member of staff (contact ways, 渠道活码) or into a group (join ways, 进群活码)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.errors import NothingGiven
from yutang.connectors.wecom.reading import Text, at_least_one, at_most, given, named, pages, read, seconds

_ADD = Api("externalcontact/add_contact_way", once=True)
_GET = Api("externalcontact/get_contact_way")
_LIST = Api("externalcontact/list_contact_way")
_UPDATE = Api("externalcontact/update_contact_way")
_DELETE = Api("externalcontact/del_contact_way")
_CLOSE = Api("externalcontact/close_temp_chat")
_ADD_JOIN = Api("externalcontact/groupchat/add_join_way", once=True)
_GET_JOIN = Api("externalcontact/groupchat/get_join_way")
_UPDATE_JOIN = Api("externalcontact/groupchat/update_join_way")
_DELETE_JOIN = Api("externalcontact/groupchat/del_join_way")

#: Where a code is shown: in a mini programme, or as a QR code.
MINI_PROGRAM: Literal[1] = 1
QR_CODE: Literal[2] = 2


@dataclass(frozen=True)
class ContactWay:
    """What a contact way is to be; `update` overwrites all of it.

    Attributes:
        users: who is added; exactly one when `kind` is 1. At most 100 with those of the departments.
        kind: 1 one member, 2 several.
        scene: 1 in a mini programme, 2 QR code.
        parties: departments; only when `kind` is 2.
        remark: for staff; at most 30 characters.
        skip_verify: whether newcomers are accepted by themselves.
        state: comes back with each newcomer; at most 30 characters.
        style: look of the button in a mini programme.
        is_exclusive: whether a customer may add only one of the staff.
    """

    users: tuple[str, ...]
    kind: Literal[1, 2] = 2
    scene: Literal[1, 2] = QR_CODE
    parties: tuple[int, ...] = ()
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    style: int | None = None
    is_exclusive: bool = False

    def as_body(self) -> dict[str, Any]:
        """Return what `update` takes; `add` takes kind and scene besides."""
        if not self.users and not self.parties:
            raise NothingGiven(what="user, party")
        if self.kind == 1:
            at_least_one(what="user", of=self.users)
        at_most(1 if self.kind == 1 else 100, what="user", of=self.users)
        at_most(30, what="remark", of=self.remark)
        at_most(30, what="state", of=self.state)
        return given(
            style=self.style if self.scene == MINI_PROGRAM else None,
            remark=self.remark,
            skip_verify=self.skip_verify,
            state=self.state,
            user=list(self.users),
            party=list(self.parties) if self.kind == 2 else None,
            is_exclusive=self.is_exclusive,
        )


@dataclass(frozen=True)
class MadeContactWay:
    """What WeCom made. Without `config_id` it can never be changed or deleted again: store it before anything else."""

    config_id: str
    qr_code: Text = ""


@dataclass(frozen=True)
class KeptContactWay:
    """A contact way as WeCom has it."""

    config_id: str
    kind: Annotated[int, named("type")]
    scene: int
    users: Annotated[tuple[str, ...], named("user")] = ()
    parties: Annotated[tuple[int, ...], named("party")] = ()
    remark: Text = ""
    skip_verify: bool = True
    state: Text = ""
    qr_code: Text = ""
    is_exclusive: bool = False


class ContactWays:
    """Contact ways."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def add(self, *, way: ContactWay) -> MadeContactWay:
        """Make a contact way."""
        body = {"type": way.kind, "scene": way.scene, **way.as_body()}
        return read(MadeContactWay, self._caller.call(_ADD, body=body), api=_ADD.path)

    def get(self, *, config_id: str) -> KeptContactWay:
        """Return a contact way."""
        answer = self._caller.call(_GET, body={"config_id": config_id})
        return read(KeptContactWay, answer.get("contact_way"), api=_GET.path)

    def ids(self, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[str]:
        """Yield the ids of contact ways by when they were made; the last 90 days by default. Temporary ones are left out."""
        times = given(start_time=since and seconds(since), end_time=until and seconds(until))
        for page in pages(self._caller, _LIST, {**times, "limit": 1000}):
            yield from (str(one["config_id"]) for one in page.get("contact_way") or ())

    def update(self, *, config_id: str, way: ContactWay) -> None:
        """Overwrite a contact way; kind and scene stay."""
        self._caller.call(_UPDATE, body={"config_id": config_id, **way.as_body()})

    def delete(self, *, config_id: str) -> None:
        """Delete a contact way."""
        self._caller.call(_DELETE, body={"config_id": config_id})

    def close_temporary_chat(self, *, userid: str, external_userid: str) -> None:
        """End a temporary chat."""
        self._caller.call(_CLOSE, body={"userid": userid, "external_userid": external_userid})


@dataclass(frozen=True)
class JoinWay:
    """What a join way is to be; `update` overwrites all of it.

    Attributes:
        chat_ids: groups that are filled one after the other; at most five.
        scene: 1 in a mini programme, 2 QR code.
        remark: for staff; at most 30 characters.
        opens_new_groups: whether a new group is opened when all are full.
        base_name: what names of new groups begin with; at most 40 characters.
        base_number: number of the first new group.
        state: comes back with each member; at most 30 characters.
    """

    chat_ids: tuple[str, ...]
    scene: Literal[1, 2] = QR_CODE
    remark: str = ""
    opens_new_groups: bool = True
    base_name: str = ""
    base_number: int | None = None
    state: str = ""

    def as_body(self) -> dict[str, Any]:
        """Return what the API takes."""
        at_least_one(what="chat_id_list", of=self.chat_ids)
        at_most(5, what="chat_id_list", of=self.chat_ids)
        # WeCom would cut a longer remark without a word.
        at_most(30, what="remark", of=self.remark)
        at_most(40, what="room_base_name", of=self.base_name)
        at_most(30, what="state", of=self.state)
        return given(
            scene=self.scene,
            remark=self.remark,
            auto_create_room=int(self.opens_new_groups),
            room_base_name=self.base_name or None,
            room_base_id=self.base_number,
            chat_id_list=list(self.chat_ids),
            state=self.state,
        )


@dataclass(frozen=True)
class KeptJoinWay:
    """A join way as WeCom has it."""

    config_id: str
    scene: int
    chat_ids: Annotated[tuple[str, ...], named("chat_id_list")] = ()
    remark: Text = ""
    auto_create_room: int = 1
    base_name: Annotated[Text, named("room_base_name")] = ""
    base_number: Annotated[int | None, named("room_base_id")] = None
    state: Text = ""
    qr_code: Text = ""


class JoinWays:
    """Join ways; an app reaches only those that it made."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def add(self, *, way: JoinWay) -> str:
        """Make a join way and return its id; the QR code takes a `get`."""
        return str(self._caller.call(_ADD_JOIN, body=way.as_body())["config_id"])

    def get(self, *, config_id: str) -> KeptJoinWay:
        """Return a join way."""
        answer = self._caller.call(_GET_JOIN, body={"config_id": config_id})
        return read(KeptJoinWay, answer.get("join_way"), api=_GET_JOIN.path)

    def update(self, *, config_id: str, way: JoinWay) -> None:
        """Overwrite a join way."""
        self._caller.call(_UPDATE_JOIN, body={"config_id": config_id, **way.as_body()})

    def delete(self, *, config_id: str) -> None:
        """Delete a join way."""
        self._caller.call(_DELETE_JOIN, body={"config_id": config_id})
