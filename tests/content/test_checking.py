"""The check of words: what it finds, what it lets be, and how often it cries wolf over what people really write."""

from __future__ import annotations

import csv
import gzip
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from yutang.content.checking import (
    GROUP_TITLES,
    REASONS,
    Finding,
    OwnWords,
    _list,
    findings_in,
    source_words,
    without_opt_out,
)
from yutang.content.writing import Written, found_in


def groups(text: str, severity: str = "") -> set[str]:
    return {one.group for one in findings_in(text) if severity in {"", one.severity}}


class TestWords:
    @pytest.mark.parametrize(
        ("text", "group"),
        [
            ("国家级品质", "absolute"),
            ("全网销量第一", "absolute"),
            ("最优惠的价格", "absolute"),
            ("Ｂｅｓｔ　ｐｒｉｃｅ".replace("　", " "), "absolute"),
            ("本品可治疗湿疹", "medical"),
            ("保本理财，稳赚不赔", "promise"),
            ("七天见效", "promise"),
            ("分享到朋友圈领红包", "share"),
            ("转发给三个群即可领取", "share"),
            ("集赞换礼", "share"),
            ("集88个赞送毛巾", "share"),
            ("邀请3位好友免费领", "share"),
            ("不转不是中国人", "share"),
            ("转发有礼", "share"),
            ("转发有奖", "share"),
            ("分享有奖", "share"),
            ("分享有礼", "share"),
            ("转发朋友圈截图送小样", "share"),
            ("转发朋友圈送小样", "share"),
            ("发朋友圈截图领券", "share"),
            ("分享给好友得优惠券", "share"),
            ("分享到朋友圈，立减20元", "share"),
            ("把这条消息转给三位好友，送一张券", "share"),
            ("点赞送礼", "share"),
            ("集满38个赞送围巾", "share"),
            ("关注领券", "share"),
            ("Send this to five friends to unlock your coupon", "share"),
            ("Like and share to win", "share"),
            ("治愈失眠", "medical"),
            ("治疗颈椎病", "medical"),
            ("A miracle cure", "medical"),
            ("天猫销量第 1", "absolute"),
            ("最 低 价", "absolute"),
            ("最.低.价", "absolute"),
            ("全網最低價", "absolute"),
            ("全国最低价", "absolute"),
            ("轉發有禮", "share"),
            ("转 发 有 礼", "share"),
            ("分 享 领 红 包", "share"),
            ("全网 最低", "absolute"),
            ("集赞三十个", "share"),
            ("发展下线有提成", "pyramid"),
            ("国家领导人都在用", "state"),
            ("Share this with five groups to get a free towel", "share"),
            ("Guaranteed returns of 8 %", "promise"),
            ("This cream cures eczema", "medical"),
        ],
    )
    def test_finds_what_is_forbidden(self, text: str, group: str) -> None:
        assert group in groups(text, "block")

    @pytest.mark.parametrize(
        "text",
        [
            "最近有空来店里坐坐",
            "最后祝您生活愉快",
            "每人最多领两张",
            "最晚周五发货",
            "换季时最容易忽略的三件小事",
            "第一次手洗请用冷水",
            "第一时间回复您",
            "这是我第一件羊绒衫",
            "您最好先量一下胸围",
            "分享三个穿搭小经验",
            "谢谢您的分享，我们会改",
            "关注脚感的朋友可以试试",
            "唯一码在吊牌背面",
            "All the best, and do your best",
            "Best regards",
            "Share your thoughts with us",
            "朋友到店后，您和朋友各得一份礼",
            "分享一下您的穿搭心得",
            "欢迎分享",
            "感谢转发",
            "点赞之交",
            "第 1 天",
            "第 1 次到店",
            "治愈系穿搭",
            "她的笑容很治愈",
            "我发朋友圈的新款您看到了吗",
            "谢谢您把我们的店分享给朋友",
            "谢谢点赞，周五送货",
            "最近 低价位的也有",
            "分享给您三个领口的搭配",
            "关注领口的细节",
            "分享海报，好友下单你得红包",
            "分享给好友，好友到店后您得一份礼",
            "昨天发朋友圈，有三位问尺码",
            "收集大家的建议，赞同的请回复",
            "全国第 1 次上架",
            "分享有礼貌的小故事",
            "生 日快乐",
            "Send this to your tailor to get it right",
            "We like to share what we learn",
            "我们喜欢分享，也送货上门",
            "您分享的朋友圈我看到了，送您一句谢谢",
            "最 近",
            "週五到店，送您一杯茶",
            "把这件衣服转给朋友也可以",
        ],
    )
    def test_lets_be_what_is_harmless(self, text: str) -> None:
        assert findings_in(text) == ()

    def test_says_where_why_and_what_instead(self) -> None:
        (found,) = findings_in("第一行\n这是最便宜的衬衫")

        assert (found.line, found.column, found.written) == (2, 3, "最便宜")
        assert found.suggestion == "实惠"
        assert "第九条" in source_words(found.source, language="zh-hans")
        assert "art. 9" in source_words(found.source, language="en")

    def test_of_what_overlaps_only_the_gravest_is_told(self) -> None:
        found = findings_in("全网销量第一名")

        assert [(one.group, one.severity) for one in found] == [("absolute", "block")]

    def test_the_list_explains_itself(self) -> None:
        rules = _list()["rules"]

        assert {rule["group"] for rule in rules} <= set(GROUP_TITLES) & set(REASONS)
        assert all(rule["source"] in _list()["sources"] for rule in rules)
        assert all(rule["severity"] in {"block", "warn"} for rule in rules)

    def test_every_word_of_the_list_is_found(self) -> None:
        missed = [word for rule in _list()["rules"] for word in rule["words"] if rule["group"] not in groups(word)]

        assert missed == []


class TestOwnWords:
    def test_are_found_and_graded(self) -> None:
        own = OwnWords(risky=(("羊驼毛", "block"), ("Sale", "warn")))

        found = findings_in("羊驼毛大衣 SALE wholesale", own=own)

        assert [(one.written, one.severity) for one in found] == [("羊驼毛", "block"), ("SALE", "warn")]

    def test_let_a_brand_stand(self) -> None:
        assert "absolute" in groups("第一品牌百货欢迎您")
        assert findings_in("第一品牌百货欢迎您", own=OwnWords(allowed=("第一品牌百货",))) == ()

    def test_do_not_let_the_same_word_stand_elsewhere(self) -> None:
        found = findings_in("第一品牌百货，我们是第一品牌", own=OwnWords(allowed=("第一品牌百货",)))

        assert [one.start for one in found] == [10]


class TestPersonal:
    @pytest.mark.parametrize(
        ("text", "reason", "severity"),
        [
            ("身份证 11010519491231002X", "id_card", "block"),
            ("卡号 6222 0212 3456 7890 128", "bank_card", "block"),
            ("打 13800138000 找我", "mobile", "warn"),
            ("+86 138 0013 8000", "mobile", "warn"),
            ("写信到 a.b@example.com", "email", "warn"),
            ("住在 3号楼2单元 501室", "home", "warn"),
        ],
    )
    def test_is_found_by_its_form(self, text: str, reason: str, severity: str) -> None:
        text = text if reason != "bank_card" else f"卡号 {luhn('622202123456789012')}"

        assert [(one.reason, one.severity) for one in findings_in(text)] == [(reason, severity)]

    @pytest.mark.parametrize(
        "text", ["110105194912310021", "订单号 20260311138001380001", "价格 1380013800.0 元", "6222021234567890129"]
    )
    def test_numbers_that_only_look_so_are_none(self, text: str) -> None:
        assert {one.reason for one in findings_in(text)} <= {"mobile"} - {"id_card", "bank_card"}


class TestLinks:
    @pytest.mark.parametrize(
        ("text", "reason", "severity", "instead"),
        [
            ("看 http://example.com/a 这里", "not_https", "block", "https://example.com/a"),
            ("https://bank@example.com/", "link_user", "block", ""),
            ("https://192.0.2.7/x", "link_number", "block", ""),
            ("https://t.cn/abc", "link_short", "warn", ""),
            ("看 www.example.com", "link_bare", "warn", "https://www.example.com"),
        ],
    )
    def test_that_lead_astray_are_found(self, text: str, reason: str, severity: str, instead: str) -> None:
        (found,) = findings_in(text)

        assert (found.reason, found.severity, found.suggestion) == (reason, severity, instead)

    def test_a_plain_link_is_let_be(self) -> None:
        assert findings_in("https://example.com/care，看这里") == ()


class TestFixedLinks:
    def test_are_told_in_a_short_message_and_nowhere_else(self) -> None:
        told = Written(
            title="护理",
            kind="text",
            intent="service",
            channels=("sms",),
            body="看护理要点：https://shop.example.com/care 。",
        )

        (found,) = found_in(told, own=OwnWords())

        assert (found.written, found.severity) == ("https://shop.example.com/care", "warn")
        assert found.reason in REASONS
        assert found_in(replace(told, channels=("email",)), own=OwnWords()) == ()


class TestOptOut:
    @pytest.mark.parametrize("text", ["周五会员日，拒收请回复R", "回T退订", "Reply STOP to end", "回复TD退订"])
    def test_is_there(self, text: str) -> None:
        assert without_opt_out(text, intent="promotion", language="zh-hans") == ()

    def test_lacks_in_a_promotion_and_stops_it(self) -> None:
        (found,) = without_opt_out("周五会员日", intent="promotion", language="zh-hans")

        assert (found.severity, found.suggestion, found.column) == ("block", "拒收请回复R", 6)

    def test_only_warns_where_nothing_is_sold_and_is_silent_for_services(self) -> None:
        assert without_opt_out("护理知识", intent="value", language="en")[0].severity == "warn"
        assert without_opt_out("已发货", intent="transactional", language="en") == ()


def luhn(digits: str) -> str:
    """Return the number with its check digit, reckoned apart from the product."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return digits + str(-total % 10)


#: Said of the words themselves, so that each false alarm below is judged by what stands around the word.
_HARMLESS = re.compile(r"最(?:近|后|终|初|多|少|早|晚)|第一(?:次|天|时间|个|本|件)")


@pytest.mark.reference_data
class TestRealText:
    """What people write is no advertisement: what the check finds in it shows how often it cries wolf."""

    def test_harmless_uses_of_the_hardest_words_are_let_be(self, reference_data: Path) -> None:
        texts = [text for text in reviews(reference_data)[::4] if _HARMLESS.search(text)]
        harmless = [
            sentence for text in texts for sentence in re.split(r"[，。！？,.!? ]", text) if _HARMLESS.search(sentence)
        ]

        wrong = [(one.written, text) for text in harmless for one in _found_in_harmless(text)]

        assert len(harmless) > 500
        assert len(wrong) <= len(harmless) * 0.01, wrong[:20]

    def test_few_reviews_are_stopped(self, reference_data: Path) -> None:
        texts = reviews(reference_data)[::8]

        stopped = [text for text in texts if any(one.severity == "block" for one in findings_in(text))]

        assert len(texts) > 5_000
        assert len(stopped) <= len(texts) * 0.01, stopped[:10]

    def test_not_many_are_warned_about(self, reference_data: Path) -> None:
        texts = reviews(reference_data)[::16]

        warned = [text for text in texts if any(one.severity == "warn" for one in findings_in(text))]

        assert len(warned) <= len(texts) * 0.06

    def test_names_of_real_products_are_hardly_ever_stopped(self, reference_data: Path) -> None:
        names = product_names(reference_data)

        stopped = [name for name in names if any(one.severity == "block" for one in findings_in(name))]

        assert len(names) > 1_000
        assert len(stopped) <= len(names) * 0.002, stopped


def _found_in_harmless(text: str) -> list[Finding]:
    """Return what was found exactly at a harmless use."""
    spans = [found.span() for found in _HARMLESS.finditer(text)]
    return [one for one in findings_in(text) if any(start < one.end and one.start < end for start, end in spans)]


def reviews(folder: Path) -> list[str]:
    with gzip.open(next((folder / "shop_reviews").glob("*.gz")), "rt", encoding="utf-8") as lines:
        return [row["review"] for row in csv.DictReader(lines)]


def product_names(folder: Path) -> list[str]:
    path = next(iter(sorted((folder / "online_retail").iterdir())))
    raw = path.read_bytes()
    text = gzip.decompress(raw).decode("utf-8", "replace") if path.suffix == ".gz" else raw.decode("utf-8", "replace")
    return sorted({row["Description"] for row in csv.DictReader(io.StringIO(text)) if row["Description"]})
