"""Links that win customers (获客助手): metered and paid by WeCom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.errors import NothingGiven
from yutang.connectors.wecom.reading import Text, at_most, at_most_bytes, given, named, pages, read, read_all, seconds

_ROOM = "externalcontact/customer_acquisition"
_LIST = Api(f"{_ROOM}/list_link")
_GET = Api(f"{_ROOM}/get")
_CREATE = Api(f"{_ROOM}/create_link", once=True)
_UPDATE = Api(f"{_ROOM}/update_link")
_DELETE = Api(f"{_ROOM}/delete_link")
_CUSTOMERS = Api(f"{_ROOM}/customer")
_STATISTIC = Api(f"{_ROOM}/statistic")
_QUOTA = Api("externalcontact/customer_acquisition_quota", "GET")


@dataclass(frozen=True)
class LinkPlan:
    """What a link is to be.

    Attributes:
        name: for staff; at most 30 characters.
        users: who is added; with those of the departments at most 500.
        departments: whose members are added.
        skip_verify: whether newcomers are accepted by themselves.
    """

    name: str
    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    skip_verify: bool = True

    def as_body(self) -> dict[str, Any]:
        """Return the plan as the API takes it."""
        if not self.users and not self.departments:
            raise NothingGiven(what="range")
        at_most(30, what="link_name", of=self.name)
        at_most(500, what="range.user_list", of=self.users)
        return {
            "link_name": self.name,
            "range": given(user_list=list(self.users) or None, department_list=list(self.departments) or None),
            "skip_verify": self.skip_verify,
        }


@dataclass(frozen=True)
class AcquisitionLink:
    """A link as WeCom has it."""

    link_id: str
    name: Annotated[Text, named("link_name")] = ""
    url: Text = ""
    created_at: Annotated[datetime | None, named("create_time")] = None
    skip_verify: bool = True
    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()


@dataclass(frozen=True)
class LinkCustomer:
    """Somebody who came by a link. `chat_status`: 0 wrote nothing, 1 wrote, 2 not known."""

    external_userid: str
    userid: str
    chat_status: int = 0
    state: Text = ""


@dataclass(frozen=True)
class LinkFigures:
    """Who clicked and who was won within the days. Counts of people."""

    clicked: Annotated[int, named("click_link_customer_cnt")] = 0
    won: Annotated[int, named("new_customer_cnt")] = 0


@dataclass(frozen=True)
class LinkQuota:
    """How many customers were bought, and how many are left."""

    total: int
    balance: int


class AcquisitionLinks:
    """Acquisition links."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def ids(self) -> Iterator[str]:
        """Yield the ids of all links."""
        for page in pages(self._caller, _LIST, {"limit": 100}):
            yield from (str(one) for one in page.get("link_id_list") or ())

    def get(self, *, link_id: str) -> AcquisitionLink:
        """Return a link."""
        answer = self._caller.call(_GET, body={"link_id": link_id})
        reach = answer.get("range") or {}
        found = {
            "link_id": link_id,
            **(answer.get("link") or {}),
            "users": reach.get("user_list") or (),
            "departments": reach.get("department_list") or (),
        }
        return read(AcquisitionLink, found, api=_GET.path)

    def create(self, *, plan: LinkPlan) -> AcquisitionLink:
        """Make a link."""
        answer = self._caller.call(_CREATE, body=plan.as_body())
        return read(AcquisitionLink, answer.get("link"), api=_CREATE.path)

    def update(self, *, link_id: str, plan: LinkPlan) -> None:
        """Overwrite a link."""
        self._caller.call(_UPDATE, body={"link_id": link_id, **plan.as_body()})

    def delete(self, *, link_id: str) -> None:
        """Delete a link."""
        self._caller.call(_DELETE, body={"link_id": link_id})

    def customers(self, *, link_id: str) -> Iterator[LinkCustomer]:
        """Yield who came by a link."""
        for page in pages(self._caller, _CUSTOMERS, {"link_id": link_id, "limit": 1000}):
            yield from read_all(LinkCustomer, page.get("customer_list"), api=_CUSTOMERS.path)

    def figures(self, *, link_id: str, first_day: datetime, last_day: datetime) -> LinkFigures:
        """Return clicks and customers of at most 30 days."""
        body = {"link_id": link_id, "start_time": seconds(first_day), "end_time": seconds(last_day)}
        return read(LinkFigures, self._caller.call(_STATISTIC, body=body), api=_STATISTIC.path)

    def quota(self) -> LinkQuota:
        """Return what is left of what was bought."""
        return read(LinkQuota, self._caller.call(_QUOTA), api=_QUOTA.path)


def with_channel(*, url: str, state: str) -> str:
    """Return the address of a link that brings a state back.

    Raises:
        OverLimit: the state is longer than 64 bytes; WeCom would cut it.
    """
    at_most_bytes(64, what="customer_channel", of=state)
    return f"{url}{'&' if '?' in url else '?'}customer_channel={quote(state, safe='')}"
