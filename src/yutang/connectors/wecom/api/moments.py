"""Posts to the moments of customers (客户朋友圈): tasks that staff must confirm, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.errors import NothingGiven
from yutang.connectors.wecom.messages import Image, Link, Video
from yutang.connectors.wecom.reading import Text, at_most, given, named, pages, read, read_all, seconds

_ADD = Api("externalcontact/add_moment_task", once=True)
_RESULT = Api("externalcontact/get_moment_task_result", "GET")
_LIST = Api("externalcontact/get_moment_list")
_TASK = Api("externalcontact/get_moment_task")
_CUSTOMERS = Api("externalcontact/get_moment_customer_list")
_SENT = Api("externalcontact/get_moment_send_result")
_COMMENTS = Api("externalcontact/get_moment_comments")
_CANCEL = Api("externalcontact/cancel_moment_task")


@dataclass(frozen=True)
class Post:
    """What is posted, by whom, and who may see it.

    Attributes:
        text: at most 2,000 characters.
        attachments: at most nine pictures, or one video, or one link; media uploaded for moments.
        senders: userids; empty for all who may.
        departments: whose members are asked to post.
        tag_ids: customers with one of these tags may see it; empty for all customers.
    """

    text: str = ""
    attachments: tuple[Image | Link | Video, ...] = ()
    senders: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tag_ids: tuple[str, ...] = ()

    def as_body(self) -> dict[str, Any]:
        """Return the post as the API takes it."""
        if not self.text and not self.attachments:
            raise NothingGiven(what="text, attachments")
        at_most(2_000, what="text.content", of=self.text)
        kinds = {type(one) for one in self.attachments}
        at_most(1, what="attachments", of=kinds)
        at_most(9 if kinds == {Image} else 1, what="attachments", of=self.attachments)
        senders = given(user_list=list(self.senders) or None, department_list=list(self.departments) or None)
        visible = given(
            sender_list=senders or None,
            external_contact_list={"tag_list": list(self.tag_ids)} if self.tag_ids else None,
        )
        return given(
            text={"content": self.text} if self.text else None,
            attachments=[_attached(one) for one in self.attachments] or None,
            visible_range=visible or None,
        )


def _attached(one: Image | Link | Video) -> dict[str, Any]:
    if isinstance(one, Link):
        parts = given(title=one.title or None, url=one.url, media_id=one.picurl or None)
    else:
        parts = {"media_id": one.media_id}
    return {"msgtype": one.msgtype, one.msgtype: parts}


@dataclass(frozen=True)
class PostingResult:
    """How far the making of a post is.

    Attributes:
        status: 1 begun, 2 under way, 3 done.
        errcode: of the making, 0 when it went well.
        moment_id: id of the post, once it is done.
    """

    status: int
    errcode: int = 0
    moment_id: Text = ""

    @property
    def is_done(self) -> bool:
        """Whether the making has ended."""
        return self.status == 3


@dataclass(frozen=True)
class ListedMoment:
    """A post in the list."""

    moment_id: str
    created_at: Annotated[datetime, named("create_time")]
    creator: Text = ""
    create_type: int = 0


@dataclass(frozen=True)
class Poster:
    """Whether a member of staff posted."""

    userid: str
    is_published: Annotated[bool, named("publish_status")]


@dataclass(frozen=True)
class Reaction:
    """A comment or a like, of a customer or of staff."""

    created_at: Annotated[datetime, named("create_time")]
    external_userid: Text = ""
    userid: Text = ""


class Moments:
    """Posts to the moments of customers."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def create(self, *, post: Post) -> str:
        """Ask for a post and return the id of its making, which holds for 24 hours."""
        return str(self._caller.call(_ADD, body=post.as_body())["jobid"])

    def result(self, *, jobid: str) -> PostingResult:
        """Return how far the making is."""
        answer = self._caller.call(_RESULT, query={"jobid": jobid})
        inner = answer.get("result") or {}
        found = {
            "status": answer.get("status"),
            "errcode": inner.get("errcode", 0),
            "moment_id": inner.get("moment_id"),
        }
        return read(PostingResult, found, api=_RESULT.path)

    def listed(self, *, since: datetime, until: datetime) -> Iterator[ListedMoment]:
        """Yield the posts of at most 30 days."""
        at_most(30, what="start_time, end_time", of=range((until - since).days))
        body = {"start_time": seconds(since), "end_time": seconds(until), "filter_type": 2, "limit": 20}
        for page in pages(self._caller, _LIST, body):
            yield from read_all(ListedMoment, page.get("moment_list"), api=_LIST.path)

    def posters(self, *, moment_id: str) -> Iterator[Poster]:
        """Yield who was asked to post, and who did."""
        for page in pages(self._caller, _TASK, {"moment_id": moment_id, "limit": 1000}):
            yield from read_all(Poster, page.get("task_list"), api=_TASK.path)

    def audience(self, *, moment_id: str, userid: str) -> Iterator[str]:
        """Yield the customers who may see what one member of staff is asked to post."""
        yield from self._customers(_CUSTOMERS, 1000, moment_id, userid)

    def reached(self, *, moment_id: str, userid: str) -> Iterator[str]:
        """Yield the customers whom the post of one member of staff reached."""
        yield from self._customers(_SENT, 5000, moment_id, userid)

    def reactions(self, *, moment_id: str, userid: str) -> tuple[tuple[Reaction, ...], tuple[Reaction, ...]]:
        """Return comments and likes of what one member of staff posted."""
        answer = self._caller.call(_COMMENTS, body={"moment_id": moment_id, "userid": userid})
        comments = read_all(Reaction, answer.get("comment_list"), api=_COMMENTS.path)
        return comments, read_all(Reaction, answer.get("like_list"), api=_COMMENTS.path)

    def cancel(self, *, moment_id: str) -> None:
        """Stop a post that has not been confirmed by everybody."""
        self._caller.call(_CANCEL, body={"moment_id": moment_id})

    def _customers(self, api: Api, limit: int, moment_id: str, userid: str) -> Iterator[str]:
        for page in pages(self._caller, api, {"moment_id": moment_id, "userid": userid, "limit": limit}):
            yield from (str(one["external_userid"]) for one in page.get("customer_list") or ())
