"""Corporate tags (企业标签): groups of them, and marks on the customers of each member of staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.errors import NothingGiven
from yutang.connectors.wecom.reading import at_least_one, at_most, given, named, read, read_all

_LIST = Api("externalcontact/get_corp_tag_list")
# A name that exists takes the new tags in, so that doing it twice leaves one of each.
_ADD = Api("externalcontact/add_corp_tag")
_EDIT = Api("externalcontact/edit_corp_tag")
_DELETE = Api("externalcontact/del_corp_tag")
_MARK = Api("externalcontact/mark_tag")

#: Longest name of a tag or a group of tags, in characters.
NAME_CHARACTERS = 30


@dataclass(frozen=True)
class CorpTag:
    """A tag; of two the one with the larger order comes first."""

    id: str
    name: str
    order: int = 0
    created_at: Annotated[datetime | None, named("create_time")] = None
    deleted: bool = False


@dataclass(frozen=True)
class TagGroup:
    """A group of tags; there are no empty ones."""

    id: Annotated[str, named("group_id")]
    name: Annotated[str, named("group_name")]
    tags: Annotated[tuple[CorpTag, ...], named("tag")] = ()
    order: int = 0
    created_at: Annotated[datetime | None, named("create_time")] = None
    deleted: bool = False


@dataclass(frozen=True)
class NewTag:
    """A tag to be made."""

    name: str
    order: int = 0


class Tags:
    """Corporate tags."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def groups(self, *, tag_ids: Sequence[str] = (), group_ids: Sequence[str] = ()) -> tuple[TagGroup, ...]:
        """Return all tags by group, or only what is asked for, deleted ones included then; group ids win over tag ids."""
        body = {"tag_id": list(tag_ids), "group_id": list(group_ids)}
        return read_all(TagGroup, self._caller.call(_LIST, body=body).get("tag_group"), api=_LIST.path)

    def add(
        self,
        *,
        tags: Sequence[NewTag],
        group_id: str | None = None,
        group_name: str | None = None,
        order: int | None = None,
    ) -> TagGroup:
        """Make tags in a group that is there or is made; equal names become one tag."""
        at_least_one(what="tag", of=tags)
        if (group_id is None) == (group_name is None):
            raise NothingGiven(what="group_id, group_name")
        for name in (group_name or "", *(tag.name for tag in tags)):
            at_most(NAME_CHARACTERS, what="name", of=name)
        body = given(
            group_id=group_id,
            group_name=group_name,
            order=order,
            tag=[{"name": tag.name, "order": tag.order} for tag in tags],
        )
        return read(TagGroup, self._caller.call(_ADD, body=body).get("tag_group"), api=_ADD.path)

    def rename(self, *, tag_or_group_id: str, name: str | None = None, order: int | None = None) -> None:
        """Give a tag or a group another name or order."""
        at_most(NAME_CHARACTERS, what="name", of=name or "")
        self._caller.call(_EDIT, body=given(id=tag_or_group_id, name=name, order=order))

    def delete(self, *, tag_ids: Sequence[str] = (), group_ids: Sequence[str] = ()) -> None:
        """Delete tags and groups; a group goes with its last tag."""
        at_least_one(what="tag_id, group_id", of=(*tag_ids, *group_ids))
        self._caller.call(_DELETE, body={"tag_id": list(tag_ids), "group_id": list(group_ids)})

    def mark(self, *, userid: str, external_userid: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Put tags on the customer of one member of staff and take others off; other members have marks of their own."""
        at_least_one(what="add_tag, remove_tag", of=(*add, *remove))
        body = given(
            userid=userid, external_userid=external_userid, add_tag=list(add) or None, remove_tag=list(remove) or None
        )
        with self._caller.alone_with(userid, external_userid):
            self._caller.call(_MARK, body=body)
