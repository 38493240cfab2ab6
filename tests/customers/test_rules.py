"""Names, numbers and accounts: what can be compared and what is a key."""

from __future__ import annotations

import pytest

from yutang.customers.rules import (
    NO_NAME,
    SeenName,
    evidence_of,
    home_of,
    is_usable_account,
    is_usable_phone,
    mask_fits,
    name_pieces,
    parcel_of_account,
    seen_name,
)


class TestSeenName:
    @pytest.mark.parametrize(
        ("written", "clear"),
        [(" 张 三 ", "张三"), ("Ｒｏｂ Allen", "roballen"), ("欧阳娜娜", "欧阳娜娜"), ("Foxx", "foxx")],
    )
    def test_compares_names_without_width_space_and_case(self, written: str, clear: str) -> None:
        assert seen_name(written) == SeenName(clear=clear)

    @pytest.mark.parametrize(
        ("written", "masked"),
        [
            ("张*", "张*"),
            ("张**", "张*"),
            ("*三", "*三"),
            ("张先生", "张*"),
            ("王某某", "王*"),
            ("李", "李*"),
            ("张xx", "张*"),
        ],
    )
    def test_takes_a_title_or_one_character_as_a_mask(self, written: str, masked: str) -> None:
        assert seen_name(written) == SeenName(masked=masked)

    @pytest.mark.parametrize("written", [None, "", "  ", "***", "匿名", "女士", "13800138000"])
    def test_knows_that_nothing_is_said(self, written: str | None) -> None:
        assert seen_name(written) == NO_NAME

    @pytest.mark.parametrize(
        ("masked", "clear", "fits"),
        [("张*", "张三丰", True), ("张*", "李四", False), ("*三", "张三", True), ("张*", "", True)],
    )
    def test_a_mask_fits_what_it_could_hide(self, masked: str, clear: str, fits: bool) -> None:
        assert mask_fits(masked, clear) is fits


class TestKeys:
    @pytest.mark.parametrize("text", ["+8613800138000", "+14155550100"])
    def test_a_whole_number_is_a_key(self, text: str) -> None:
        assert is_usable_phone(text)

    @pytest.mark.parametrize(
        "text", [None, "", "138****8000", "13800138000", "##abc", "+86138001380001234", "+8613800138000-1234"]
    )
    def test_anything_else_is_not(self, text: str | None) -> None:
        assert not is_usable_phone(text)

    @pytest.mark.parametrize("text", [None, "", "t***8", "##xyz", "$$xyz"])
    def test_a_masked_or_encrypted_account_is_not_a_key(self, text: str | None) -> None:
        assert not is_usable_account(text)

    def test_a_name_is_found_by_characters_and_pairs(self) -> None:
        assert name_pieces("王小明") == {"王", "小", "明", "王小", "小明"}


class TestParcelOfAccount:
    @pytest.mark.parametrize("name", [None, "", "张三", "张女士", "匿名", "***"])
    @pytest.mark.parametrize("phone", [None, "+8619900000001"])
    def test_says_what_the_whole_rule_says(self, name: str | None, phone: str | None) -> None:
        whole = evidence_of(name=None, phone=None, receiver_name=name, receiver_phone=phone, has_account=True)

        assert parcel_of_account(name, phone)._replace(shown="") == whole._replace(shown="")


class TestHome:
    def test_is_one_however_its_parts_are_written(self) -> None:
        assert home_of("浙江省", "杭州市", None, "梧桐巷 1号") == home_of(None, None, None, "浙江省 杭州市 梧桐巷1号")

    @pytest.mark.parametrize("address", [None, "", "****", "梧桐巷*号"])
    def test_is_unknown_where_some_of_it_is_hidden(self, address: str | None) -> None:
        assert home_of("浙江省", "杭州市", None, address) == ""


class TestEvidence:
    def test_the_receiver_is_the_person_where_nobody_else_is_named(self) -> None:
        told = evidence_of(
            name=None, phone=None, receiver_name="张三", receiver_phone="+8619900000001", has_account=True
        )

        assert (told.name.clear, told.phone) == ("张三", "+8619900000001")

    def test_a_receiver_of_another_name_is_a_contact(self) -> None:
        told = evidence_of(
            name="张三", phone=None, receiver_name="李四", receiver_phone="+8619900000002", has_account=True
        )

        assert (told.name.clear, told.phone, told.contact) == ("张三", "", ("李四", "+8619900000002"))

    def test_a_receiver_with_another_number_than_the_buyer_is_a_contact(self) -> None:
        told = evidence_of(
            name=None, phone="+8619900000001", receiver_name="李四", receiver_phone="+8619900000002", has_account=True
        )

        assert (told.name, told.phone, told.contact) == (NO_NAME, "+8619900000001", ("李四", "+8619900000002"))

    def test_a_receiver_with_the_buyers_number_names_the_buyer(self) -> None:
        told = evidence_of(
            name=None, phone="+8619900000001", receiver_name="张三", receiver_phone="+8619900000001", has_account=True
        )

        assert (told.name.clear, told.contact) == ("张三", None)

    @pytest.mark.parametrize(
        ("shown", "phone"), [("199****0002", "+8619900000002"), ("199****0001", ""), ("12345", "")]
    )
    def test_a_receiver_is_the_buyer_only_where_the_buyers_masked_number_fits(self, shown: str, phone: str) -> None:
        told = evidence_of(
            name=None,
            phone=None,
            phone_masked=shown,
            receiver_name="李四",
            receiver_phone="+8619900000002",
            has_account=False,
        )

        assert (told.phone, told.contact is None) == (phone, bool(phone))

    def test_a_title_at_the_buyers_number_is_the_buyers(self) -> None:
        told = evidence_of(
            name=None,
            phone="+8619900000001",
            receiver_name="陈女士",
            receiver_phone="+8619900000001",
            has_account=False,
        )

        assert told.name == SeenName(masked="陈*")

    def test_a_receiver_without_a_name_proves_nothing_about_an_account(self) -> None:
        told = evidence_of(
            name=None, phone=None, receiver_name="张*", receiver_phone="+8619900000001", has_account=True
        )

        assert told.phone == ""
