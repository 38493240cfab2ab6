"""What WeChat Pay refuses, and what cannot be believed."""

from __future__ import annotations

from typing import Any, ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class WeChatPayError(DomainError):
    """WeChat Pay refused a call.

    Attributes:
        pay_code: code of WeChat Pay, such as ``PARAM_ERROR``; empty where it did not answer.
        can_be_repeated: whether the same call may succeed later; repeating it changes nothing twice.
    """

    code: ClassVar[str] = "wechat_pay_refused"
    http_status: ClassVar[int] = 502
    message: ClassVar[str] = N_("WeChat Pay refused (%(pay_code)s): %(said)s")

    def __init__(self, *, pay_code: str = "", said: str = "", can_be_repeated: bool = False, **more: Any) -> None:
        self.pay_code, self.can_be_repeated = pay_code, can_be_repeated
        super().__init__(pay_code=pay_code, said=said, **more)


class WeChatPayUnreachable(WeChatPayError):
    """No answer came that can be read; what was asked may have happened."""

    code: ClassVar[str] = "wechat_pay_unreachable"
    message: ClassVar[str] = N_("WeChat Pay gave no answer: %(said)s")

    def __init__(self, *, said: str) -> None:
        super().__init__(said=said, can_be_repeated=True)


class SignatureIsWrong(WeChatPayError):
    """An answer or a notice does not carry WeChat Pay's signature, or an old one."""

    code: ClassVar[str] = "wechat_pay_signature_is_wrong"
    http_status: ClassVar[int] = 401
    message: ClassVar[str] = N_("This was not signed by WeChat Pay: %(said)s")

    def __init__(self, *, said: str) -> None:
        super().__init__(said=said)


class NoticeIsUnreadable(WeChatPayError):
    """A signed notice holds something else than a notice."""

    code: ClassVar[str] = "wechat_pay_notice_is_unreadable"
    http_status: ClassVar[int] = 400
    message: ClassVar[str] = N_("This is no notice of WeChat Pay: %(said)s")

    def __init__(self, *, said: str) -> None:
        super().__init__(said=said)


class KeysAreUnusable(WeChatPayError):
    """The keys of the merchant, or those of WeChat Pay, cannot be used."""

    code: ClassVar[str] = "wechat_pay_keys_are_unusable"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_("The keys of WeChat Pay cannot be used: %(said)s")

    def __init__(self, *, said: str) -> None:
        super().__init__(said=said)
