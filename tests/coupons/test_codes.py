"""Codes: no slip of the finger makes another code, and lists of other shops are read as they come."""

from __future__ import annotations

import random

from yutang.coupons.code_lists import codes_in
from yutang.coupons.codes import ALPHABET, LENGTH, compared, in_blocks, is_mistyped, made_codes


class TestMadeCodes:
    def test_are_different_and_right(self) -> None:
        codes = made_codes(2_000)

        assert len(set(codes)) == 2_000
        assert {len(code) for code in codes} == {LENGTH}
        assert not any(is_mistyped(code) for code in codes)

    def test_no_wrong_character_and_no_two_changed_places_go_unnoticed(self) -> None:
        chance = random.Random(7)
        for code in made_codes(200):
            at = chance.randrange(LENGTH)
            other = chance.choice([one for one in ALPHABET if one != code[at]])
            assert is_mistyped(code[:at] + other + code[at + 1 :])
            here, there = sorted(chance.sample(range(LENGTH), 2))
            if code[here] != code[there]:
                changed = list(code)
                changed[here], changed[there] = changed[there], changed[here]
                assert is_mistyped("".join(changed))

    def test_are_compared_as_people_type_them(self) -> None:
        code = made_codes(1)[0]

        for written in (
            code.lower(),
            in_blocks(code),
            f" {in_blocks(code).replace('-', ' ')} ",
            in_blocks(code).replace("-", "－"),
        ):
            assert compared(written) == code
        wide = "".join(chr(ord(one) + 0xFEE0) for one in code)
        assert compared(wide) == code


class TestLists:
    def test_heads_and_other_columns_are_passed_over(self) -> None:
        assert codes_in('券码,面额\nAB-0001,20\n"AB-0002",20\n'.encode("gb18030")) == ["", "AB-0001", "AB-0002"]
        assert codes_in(b"\xef\xbb\xbfAB-0001\r\nAB-0002\r\n") == ["AB-0001", "AB-0002"]
