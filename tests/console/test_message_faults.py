"""What went wrong with a message is said in words, with the code for whoever asks the provider."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from yutang.connectors.sms import aliyun, simulator, tencent
from yutang.connectors.wecom import errors
from yutang.console.rooms.messages_faults import fault_words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "没有这个邮箱"),
        ("5.2.2", "邮箱已满"),
        ("5.1.9", "地址有误"),
        ("5.7.26", "按规则拒收"),
        ("4.4.7", "未能及时送达"),
        ("5.0.0", "邮件被退回（5.0.0）"),
        ("5.1.10", "不收邮件"),
    ],
)
def test_says_why_in_words_with_the_code(status: str, words: str) -> None:
    told = fault_words(f"bounced:{status}")

    assert words in told
    assert status in told


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("MK:0001", "号码不存在"),
        ("MK:0024", "联系不上"),
        ("UNDELIV", "联系不上"),
        ("DB:0142", "运营商"),
        ("isv.BUSINESS_LIMIT_CONTROL", "短信过多"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", "用语"),
        ("isv.CUSTOMER_REFUSED", "拒收"),
        ("MOBILE_NOT_ON_SERVICE", "联系不上"),
        ("FailedOperation.PhoneNumberInBlacklist", "拒收"),
        ("FailedOperation.MarketingSendTimeConstraint", "8"),
        ("503", "稍后会重试"),
        ("200", "可能已发出"),
        ("InternalError.Timeout", "可能已发出"),
        ("InternalError.OtherError", "稍后会重试"),
    ],
)
def test_says_codes_of_gateways_and_operators_in_words(code: str, words: str) -> None:
    told = fault_words(code)

    assert words in told
    assert code in told
    with override("en"):
        assert code in fault_words(code)
        assert "Code of the platform" not in fault_words(code)


def test_every_code_that_a_gateway_is_known_to_answer_has_words() -> None:
    known = [code for code, _error in (*aliyun._ERRORS, *tencent._ERRORS) if code not in _OPEN_ENDS]
    known += [*simulator._OF_TENCENT, *simulator._OF_TENCENT.values()]

    wordless = [code for code in known if "平台返回码" in fault_words(code)]

    assert wordless == []


def test_every_refusal_of_wecom_has_words_without_the_code_of_the_product() -> None:
    known = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.WeComError)]
    asked = [one.code for one in known if one.code not in _OF_OTHER_CALLS]

    told = {code: fault_words(f"{code}:41048") for code in asked}

    assert [code for code, words in told.items() if code in words or "平台返回码" in words] == []
    assert "41048" in told["wecom_refused"]


#: Beginnings under which anything may stand.
_OPEN_ENDS = {"isv.", "FailedOperation", "InvalidParameterValue", "SignatureNonceUsed"}
#: What no call for a message to many answers.
_OF_OTHER_CALLS = {
    "wecom_already_so",
    "wecom_reminded_often_enough",
    "wecom_still_dispatching",
    "wecom_welcome_already_sent",
    "wecom_welcome_being_sent",
    "wecom_welcome_too_late",
    "wecom_written_at_once",
}
