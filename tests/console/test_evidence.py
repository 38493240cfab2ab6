"""Evidence of consents in the reader's language: what the product writes itself, wherever and in whichever language it did."""

from __future__ import annotations

import pytest
from django.utils.translation import gettext, override

from yutang.console.evidence import _SENTENCES, evidence_words


@pytest.mark.parametrize(
    ("kept", "chinese"),
    [
        ("reply 5 to a short message", "回复短信（回复 5）"),
        ("reply 12 to an e-mail", "回复邮件（回复 12）"),
        ("stop link of message 7", "点开消息 7 中的退订链接"),
        ("called spam by the mailbox of message 7", "消息 7 被其邮箱标记为垃圾邮件"),
        ("在本人页面上操作，链接只有本人持有", "在本人页面上操作，链接只有本人持有"),
    ],
)
def test_is_told_in_chinese(kept: str, chinese: str) -> None:
    assert evidence_words(kept) == chinese


@pytest.mark.parametrize("written_in", ["zh-hans", "en"])
def test_every_sentence_is_told_in_the_readers_language_whichever_it_was_written_in(written_in: str) -> None:
    told = {"number": "7", "words": "我同意\n“保存”我的号码"}
    with override(written_in):
        kept = [gettext(one) % told for one in _SENTENCES]

    with override("en"):
        english = [evidence_words(one) for one in kept]
    chinese = [evidence_words(one) for one in kept]

    assert english == [one % told for one in _SENTENCES]
    assert chinese == [gettext(one) % told for one in _SENTENCES]
    assert not set(english) & set(chinese)


@pytest.mark.parametrize("kept", ["", "纸质表单 12", "reply to a short message", "form 7", "stop link of message"])
def test_what_people_wrote_stands_as_it_is(kept: str) -> None:
    assert evidence_words(kept) == kept
