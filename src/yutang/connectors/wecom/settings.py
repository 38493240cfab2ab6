"""What differs between corps and installations, and what sources about WeCom disagree on: values, never code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: How often one customer or group may receive mass messages: once a day on average over the month, 7 a week, or 1 a day.
MassCap = Literal["monthly_days", "weekly_7", "daily_1"]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class AddressIsNotSafe(DomainError):
    """A token in the address would travel in the clear."""

    code = "wecom_address_is_not_safe"
    http_status = 422
    message = N_(
        "The address of WeCom must begin with https://, because a token travels in it; only this machine may be asked by http."
    )


@dataclass(frozen=True)
class Limits:
    """How often one API of one corp is called.

    Attributes:
        per_minute: calls within any 60 seconds.
        per_hour: calls within any 3,600 seconds.
        at_once: calls under way at once: 1 among all processes that share the ledger, so that a limit is never met twice in
            one window; more in each process, all of which may meet it.
    """

    per_minute: int = 10_000
    per_hour: int = 150_000
    at_once: int = 1


def _own_limits() -> dict[str, Limits]:
    """Return the limits of APIs that differ: posts are few, and whoever came is greeted within seconds, whoever else is."""
    return {
        "externalcontact/add_moment_task": Limits(per_minute=10),
        "externalcontact/send_welcome_msg": Limits(at_once=4),
    }


@dataclass(frozen=True)
class Disputed:
    """What public sources disagree on, with the reading that is the safer one.

    The client itself looks at all but `tags_of_corp` and `mass_cap`, which are there for who plans tags and messages.

    Attributes:
        no_mobiles: what is sent to clear the phone numbers of a remark: ``("",)`` or ``()``.
        mass_list_page: most rows of one page of mass tasks: 100, or 500 by other sources.
        tags_of_corp: most corporate tags: 3,000, or 10,000 by the newest page.
        mass_cap: how often one customer or group may receive mass messages.
        group_welcome_bytes: longest text of a group's welcome template: 3,000, or 4,000 by another page.
        no_customers_code: the code that means that somebody has no customers yet; None when it is an error.
    """

    no_mobiles: tuple[str, ...] = ("",)
    mass_list_page: int = 100
    tags_of_corp: int = 3_000
    mass_cap: MassCap = "monthly_days"
    group_welcome_bytes: int = 3_000
    no_customers_code: int | None = 84061


@dataclass(frozen=True)
class WeComSettings:
    """One self-built app of one corp, and how it is called.

    Attributes:
        corp_id: id of the corp.
        secret: secret of the app; never shown or logged.
        agent_id: number of the app, for messages to staff.
        base_url: where the API lives; ends with ``/cgi-bin/``.
        connect_seconds: how long a connection may take.
        read_seconds: how long an answer may take.
        tries: how often a call that may be repeated is made at most.
        patience_seconds: how long a call waits for a free place under the limits before it refuses with the moment of the next one.
        limits: for every API that is not named in `limits_by_api`.
        limits_by_api: by path, such as ``externalcontact/add_moment_task``.
        disputed: what sources disagree on.
    """

    corp_id: str
    secret: str = field(repr=False)
    agent_id: int | None = None
    base_url: str = "https://qyapi.weixin.qq.com/cgi-bin/"
    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    tries: int = 4
    patience_seconds: float = 5.0
    limits: Limits = Limits()
    limits_by_api: Mapping[str, Limits] = field(default_factory=_own_limits)
    disputed: Disputed = Disputed()

    def __post_init__(self) -> None:
        address = urlsplit(self.base_url)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOOPBACK):
            raise AddressIsNotSafe

    def limits_of(self, api: str) -> Limits:
        """Return the limits of one API."""
        return self.limits_by_api.get(api, self.limits)
