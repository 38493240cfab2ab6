"""Welcome messages: to a newcomer within 20 seconds, and templates that groups greet with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.errors import NothingGiven
from yutang.connectors.wecom.messages import Attachment, Message, attached
from yutang.connectors.wecom.reading import at_most_bytes

# A second try with the same code cannot greet twice: the code holds once.
_SEND = Api("externalcontact/send_welcome_msg")
_ADD = Api("externalcontact/group_welcome_template/add", once=True)
_EDIT = Api("externalcontact/group_welcome_template/edit")
_GET = Api("externalcontact/group_welcome_template/get")
_DELETE = Api("externalcontact/group_welcome_template/del")


@dataclass(frozen=True)
class GroupWelcome:
    """What a group greets newcomers with; of attachments WeCom takes one.

    Attributes:
        text: may hold ``%NICKNAME%``, which WeCom replaces.
        attachment: picture, link, mini programme, file or video.
        notify: whether owners are told of it.
    """

    text: str = ""
    attachment: Attachment | None = None
    notify: bool = True


class Welcomes:
    """Welcome messages."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def send(self, *, welcome_code: str, message: Message) -> None:
        """Greet a newcomer.

        Raises:
            WelcomeTooLate: the 20 seconds are over.
            WelcomeAlreadySent: somebody greeted already, perhaps an earlier try of this call (`may_be_own`).
        """
        self._caller.call(_SEND, body={"welcome_code": welcome_code, **message.as_body()})

    def add_for_groups(self, *, welcome: GroupWelcome) -> str:
        """Make a template for groups and return its id."""
        answer = self._caller.call(_ADD, body={**self._body(welcome), "notify": int(welcome.notify)})
        return str(answer["template_id"])

    def edit_for_groups(self, *, template_id: str, welcome: GroupWelcome) -> None:
        """Overwrite a template for groups."""
        self._caller.call(_EDIT, body={"template_id": template_id, **self._body(welcome)})

    def for_groups(self, *, template_id: str) -> dict[str, Any]:
        """Return a template for groups as WeCom has it: text, and one of image, link, miniprogram, file, video."""
        answer = self._caller.call(_GET, body={"template_id": template_id})
        return {name: value for name, value in answer.items() if name not in {"errcode", "errmsg"}}

    def delete_for_groups(self, *, template_id: str) -> None:
        """Delete a template for groups."""
        self._caller.call(_DELETE, body={"template_id": template_id})

    def _body(self, welcome: GroupWelcome) -> dict[str, Any]:
        if not welcome.text and welcome.attachment is None:
            raise NothingGiven(what="text")
        at_most_bytes(self._caller.settings.disputed.group_welcome_bytes, what="text.content", of=welcome.text)
        body: dict[str, Any] = {"text": {"content": welcome.text}} if welcome.text else {}
        if welcome.attachment is not None:
            part = attached(welcome.attachment)
            body[part["msgtype"]] = part[part["msgtype"]]
        return body
