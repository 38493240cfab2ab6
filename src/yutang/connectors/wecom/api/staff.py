"""Messages of the app to staff: what to confirm, whom to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.reading import at_least_one, at_most, at_most_bytes

# WeCom itself drops what comes twice within the interval, so that this may be repeated.
_SEND = Api("message/send")
_CALLBACK_ADDRESSES = Api("getcallbackip", "GET")
_API_ADDRESSES = Api("get_api_domain_ip", "GET")

_SAME_WITHIN_SECONDS = 1_800


@dataclass(frozen=True)
class StaffNotice:
    """What was sent; `unknown` are those whom the app does not see."""

    msgid: str
    unknown: tuple[str, ...]


class StaffMessages:
    """Messages to staff; each member takes 30 a minute and 1,000 an hour, and WeCom drops the rest silently."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def text(self, *, userids: Sequence[str], words: str) -> StaffNotice:
        """Send a text of at most 2,048 bytes to at most 1,000 members; the same text within half an hour is dropped."""
        at_most_bytes(2_048, what="text.content", of=words)
        return self._send(userids, "text", {"content": words})

    def card(self, *, userids: Sequence[str], title: str, words: str, url: str) -> StaffNotice:
        """Send a card that leads to an address."""
        at_most_bytes(512, what="textcard.description", of=words)
        return self._send(userids, "textcard", {"title": title, "description": words, "url": url})

    def callback_addresses(self) -> tuple[str, ...]:
        """Return the addresses that callbacks come from."""
        return tuple(str(one) for one in self._caller.call(_CALLBACK_ADDRESSES).get("ip_list") or ())

    def api_addresses(self) -> tuple[str, ...]:
        """Return the addresses that the API is served from."""
        return tuple(str(one) for one in self._caller.call(_API_ADDRESSES).get("ip_list") or ())

    def _send(self, userids: Sequence[str], kind: str, content: dict[str, Any]) -> StaffNotice:
        at_least_one(what="touser", of=userids)
        at_most(1_000, what="touser", of=userids)
        body = {
            "touser": "|".join(userids),
            "msgtype": kind,
            "agentid": self._caller.settings.agent_id,
            kind: content,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _SAME_WITHIN_SECONDS,
        }
        answer = self._caller.call(_SEND, body=body)
        unknown = str(answer.get("invaliduser") or "")
        return StaffNotice(str(answer.get("msgid") or ""), tuple(one for one in unknown.split("|") if one))
