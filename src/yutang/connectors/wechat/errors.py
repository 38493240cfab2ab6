"""What WeChat refuses when it is asked who a visitor is."""

from __future__ import annotations

from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class WeChatError(DomainError):
    """WeChat refused to say who a visitor is.

    Attributes:
        wechat_code: ``errcode`` of WeChat; 0 where it did not answer.
    """

    code: ClassVar[str] = "wechat_refused"
    http_status: ClassVar[int] = 502
    message: ClassVar[str] = N_("WeChat did not say who you are (%(wechat_code)s). Go on with your mobile number.")

    def __init__(self, *, wechat_code: int = 0, **more: Any) -> None:
        self.wechat_code = wechat_code
        super().__init__(wechat_code=wechat_code, **more)


class CodeIsNotValid(WeChatError):
    """The code that came back cannot be exchanged: made up, used before, or too old. A new one helps."""

    code: ClassVar[str] = "wechat_code_is_not_valid"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This way back from WeChat was used already, or is too old. Press the button once more."
    )


class VisitorIsNobody(WeChatError):
    """The page is shown as a snapshot, for which WeChat gives a made-up account of nobody."""

    code: ClassVar[str] = "wechat_visitor_is_nobody"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "WeChat shows this page without telling who you are. Press “Use full service” there, or go on with your mobile number."
    )


class WeChatUnreachable(WeChatError):
    """No answer came that can be read."""

    code: ClassVar[str] = "wechat_unreachable"
    message: ClassVar[str] = N_("WeChat gave no answer. Try again, or go on with your mobile number.")
