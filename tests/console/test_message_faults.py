"""A mail that came back says why in words, with the code for whoever asks the provider."""

from __future__ import annotations

import pytest

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
