"""Who is the same person, batch by batch."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pytest

from tests.customers.rows import BIRTHDAY, NOW, phone, picture, record, resolve
from yutang.customers.models import ContestedIdentifier, Customer, Identifier, Merge, NameToken, ReviewCase
from yutang.foundation.models import Setting
from yutang.foundation.sealing import digest16

pytestmark = pytest.mark.django_db


class TestAccounts:
    def test_say_who_a_row_belongs_to(self) -> None:
        first, second, again = resolve({"nickname": "a"}, {"nickname": "b"}, {"nickname": "a"})

        assert first == again != second

    def test_are_apart_in_different_shops(self) -> None:
        (here,) = resolve({"nickname": "a"}, scope="taobao:one")
        (there,) = resolve({"nickname": "a"}, scope="taobao:two")

        assert here != there

    def test_of_one_row_come_together(self) -> None:
        member, contact = resolve({"member_no": "1"}, {"external_userid": "w"})
        (both,) = resolve({"member_no": "1", "external_userid": "w"})

        assert both == min(member, contact)
        assert Merge.objects.get().reason["template"] == "One row names an account of both (%(kind)s)."
        assert Customer.objects.get(id=contact).merged_into_id == member

    def test_of_one_kind_that_meet_on_a_row_are_for_review(self) -> None:
        resolve({"member_no": "1", "unionid": "u"})
        resolve({"member_no": "2", "unionid": "u"})

        assert Customer.objects.filter(merged_into=None).count() == 2
        assert ReviewCase.objects.get().kind == "two_accounts"

    def test_keep_a_changed_nickname_with_the_member(self) -> None:
        before, after, alone = resolve(
            {"member_no": "1", "nickname": "a"}, {"member_no": "1", "nickname": "b"}, {"nickname": "b"}
        )

        assert before == after == alone


class TestNicknames:
    def test_are_free_text_where_they_are_no_accounts(self) -> None:
        assert resolve({"nickname": "风吹麦浪"}, scope="youzan") == [None]
        one, two = resolve(
            {"nickname": "风吹麦浪", "member_no": "1"}, {"nickname": "风吹麦浪", "member_no": "2"}, scope="own"
        )

        assert one != two
        assert record(one)["nicknames"] == ["风吹麦浪"]


class TestNumbers:
    def test_join_people_of_the_same_name_across_shops(self) -> None:
        (here,) = resolve({"nickname": "a", "name": "张三", "phone": phone(1)})
        (there,) = resolve({"nickname": "jd1", "name": "张 三", "phone": phone(1)}, scope="jd")

        assert here == there
        assert Identifier.objects.filter(customer_id=here).count() == 3

    def test_do_not_join_a_family(self) -> None:
        father, mother = resolve({"name": "张三", "phone": phone(1)}, {"name": "李四", "phone": phone(1)})

        assert father != mother
        assert ReviewCase.objects.get().kind == "names_differ"
        assert not Identifier.objects.exists()
        assert set(ContestedIdentifier.objects.values_list("customer_id", flat=True)) == {father, mother}

    def test_of_a_family_still_tell_its_members_apart_by_name(self) -> None:
        father, mother = resolve({"name": "张三", "phone": phone(1)}, {"name": "李四", "phone": phone(1)})

        assert resolve(
            {"name": "李四", "phone": phone(1)}, {"name": "张三", "phone": phone(1)}, {"phone": phone(1)}
        ) == [mother, father, None]

    def test_go_to_their_only_holder_where_a_row_has_nothing_else(self) -> None:
        (known,) = resolve({"nickname": "a", "name": "张三", "phone": phone(1)})

        assert resolve({"phone": phone(1)}) == [known]

    def test_under_a_masked_name_fit_half_a_family(self) -> None:
        resolve({"name": "张三", "phone": phone(1)})

        assert resolve({"phone": phone(1), "name": "张*"}, {"phone": phone(2), "name": "张女士"}) == [None, None]

    def test_under_a_masked_name_are_told_by_the_nickname(self) -> None:
        (known,) = resolve({"name": "张三", "phone": phone(1), "nickname": "风吹麦浪"}, scope="youzan")

        assert resolve({"phone": phone(1), "name": "张女士", "nickname": "风吹麦浪"}, scope="youzan") == [known]
        assert resolve({"phone": phone(1), "name": "张女士", "nickname": "星河入梦"}, scope="youzan") == [None]

    def test_under_a_masked_name_are_told_by_the_address(self) -> None:
        home = {"phone": phone(1), "province": "浙江省", "city": "杭州市", "address": "拾光大道1号 2幢 101室"}
        (known,) = resolve({**home, "name": "张三"}, scope="wechat_shop")

        whole = {**home, "address": "浙江省杭州市拾光大道1号2幢101室", "province": None, "city": None}
        assert resolve({**whole, "name": "张女士"}, scope="wechat_shop") == [known]
        assert resolve({**home, "address": "南栅路7号", "name": "张女士"}, scope="wechat_shop") == [None]
        assert resolve({**home, "name": "李女士"}, scope="wechat_shop") == [None]

    def test_of_somebody_with_a_nickname_do_not_go_to_one_with_another(self) -> None:
        (mother,) = resolve({"phone": phone(1), "nickname": "风吹麦浪"}, scope="youzan")

        assert resolve({"phone": phone(1), "nickname": "星河入梦"}, scope="youzan") == [None]
        (named,) = resolve({"phone": phone(1), "name": "张三"}, scope="own")
        assert named != mother

    def test_of_a_row_that_goes_to_somebody_else_tell_nobody(self) -> None:
        resolve({"name": "张三", "phone": phone(1)})

        assert resolve({"phone": phone(1), "receiver_name": "李四", "receiver_phone": phone(2)}) == [None]

    def test_do_not_join_an_account_whose_name_is_not_known(self) -> None:
        named, nameless = resolve(
            {"receiver_name": "张三", "receiver_phone": phone(1)}, {"nickname": "a", "phone": phone(1)}
        )

        assert named != nameless
        assert not ReviewCase.objects.exists()

    def test_join_it_once_its_name_is_known(self) -> None:
        named, _ = resolve({"receiver_name": "张三", "receiver_phone": phone(1)}, {"nickname": "a", "phone": phone(1)})
        (joined,) = resolve({"nickname": "a", "name": "张三", "phone": phone(1)})

        assert joined == named
        assert resolve({"phone": phone(1)}) == [named]

    def test_join_two_nicknames_of_one_shop(self) -> None:
        one, two = resolve(
            {"nickname": "a", "name": "张三", "phone": phone(1)}, {"nickname": "b", "name": "张三", "phone": phone(1)}
        )

        assert one == two
        assert len(record(one)["accounts"]) == 2

    def test_with_two_member_numbers_of_one_issuer_are_for_review(self) -> None:
        one, two = resolve(
            {"member_no": "1", "name": "张三", "phone": phone(1)}, {"member_no": "2", "name": "张三", "phone": phone(1)}
        )

        assert one != two
        assert ReviewCase.objects.get().kind == "two_accounts"

    def test_seen_with_too_many_people_are_nobodys(self) -> None:
        people = resolve(*[{"nickname": n, "name": n * 2, "phone": phone(1)} for n in "赵钱孙李周"])

        assert len(set(people)) == 5
        assert ReviewCase.objects.filter(kind="phone_on_many").count() == 1
        assert resolve({"name": "赵赵", "phone": phone(1)}) == [None]

    def test_of_the_house_are_never_keys(self) -> None:
        Setting.objects.create(key="customers.store_numbers", value=[phone(1)])

        assert resolve({"phone": phone(1)}, {"phone": "138****8000"}, {"phone": "+8613800138000;1234"}) == [
            None,
            None,
            None,
        ]

    def test_of_a_gift_are_a_contact(self) -> None:
        buyer, gift = resolve(
            {"nickname": "a", "name": "张三", "phone": phone(1)},
            {"nickname": "a", "receiver_name": "李四", "receiver_phone": phone(2)},
        )
        (mother,) = resolve({"name": "李四", "phone": phone(2)}, scope="pdd")

        assert buyer == gift != mother
        assert record(buyer)["contacts"] == [["李四", phone(2)]]

    def test_of_two_people_already_stored_merge_them_with_the_reason(self) -> None:
        older, younger = resolve(
            {"nickname": "a", "name": "张三", "phone": phone(1)}, {"member_no": "7", "name": "张三"}
        )
        (now_one,) = resolve({"member_no": "7", "phone": phone(1), "device": "d"})

        assert now_one == older
        merge = Merge.objects.get()
        assert (merge.winner_id, merge.loser_id) == (older, younger)
        assert merge.moved["customers_identifier.customer_id"]
        assert Identifier.objects.get(digest=digest16("member_no", "taobao:shop", "7")).customer_id == older
        assert record(older)["devices"] == ["d"]

    def test_are_not_joined_again_after_a_person_kept_them_apart(self) -> None:
        one, two = resolve({"nickname": "a", "name": "张三", "phone": phone(1)}, {"member_no": "7", "name": "张三"})
        ReviewCase.objects.create(
            first_id=one, second_id=two, kind="names_differ", reason={}, status="kept_apart", opened_at=NOW
        )

        assert resolve({"member_no": "7", "phone": phone(1)}) == [two]


class TestReceivers:
    parcel: ClassVar = {"nickname": "a", "receiver_name": "张三", "receiver_phone": phone(1)}

    def test_seen_once_may_be_a_gift(self) -> None:
        (buyer,) = resolve({**self.parcel, "seen_at": NOW})
        (receiver,) = resolve({"name": "张三", "phone": phone(1)}, scope="till")

        assert buyer != receiver
        assert record(buyer)["claims"] == [["张三", phone(1), int(NOW.timestamp() * 1_000_000)]]

    def test_seen_twice_is_the_buyer(self) -> None:
        first, second = resolve({**self.parcel, "seen_at": NOW}, {**self.parcel, "seen_at": NOW + timedelta(days=3)})
        (receiver,) = resolve({"name": "张三", "phone": phone(1)}, scope="till")

        assert first == second == receiver
        assert "claims" not in record(first)

    def test_seen_twice_in_two_files_is_the_buyer(self) -> None:
        (receiver,) = resolve({"name": "张三", "phone": phone(1)}, scope="till")
        resolve({**self.parcel, "seen_at": NOW})
        (buyer,) = resolve({**self.parcel, "seen_at": NOW + timedelta(days=3)})

        assert buyer == receiver

    def test_of_one_name_with_two_numbers_is_the_buyer_with_both(self) -> None:
        moved = {**self.parcel, "receiver_phone": phone(2)}
        resolve({**self.parcel, "seen_at": NOW}, {**moved, "seen_at": NOW + timedelta(days=3)})
        (buyer,) = resolve({**self.parcel, "seen_at": NOW})

        assert record(buyer)["name"] == "张三"
        assert sorted(record(buyer)["phones"]) == [phone(1), phone(2)]
        assert "claims" not in record(buyer)

    def test_at_a_virtual_number_counts_for_the_name(self) -> None:
        virtual = {**self.parcel, "receiver_phone": None, "seen_at": NOW}
        (buyer,) = resolve(virtual)
        resolve({**self.parcel, "seen_at": NOW + timedelta(days=3)})

        assert (record(buyer)["name"], record(buyer)["phones"]) == ("张三", [phone(1)])

    def test_of_the_same_order_in_two_files_is_seen_once(self) -> None:
        (receiver,) = resolve({"name": "张三", "phone": phone(1)}, scope="till")
        resolve({**self.parcel, "seen_at": NOW})
        (buyer,) = resolve({**self.parcel, "seen_at": NOW})

        assert buyer != receiver

    def test_at_the_buyers_own_number_do_not_name_the_buyer_at_once(self) -> None:
        wife = {"nickname": "a", "phone": phone(1), "receiver_name": "张三", "receiver_phone": phone(1), "seen_at": NOW}
        (buyer,) = resolve(wife)

        assert "name" not in record(buyer)
        assert record(buyer)["phones"] == [phone(1)]


class TestEmail:
    def test_joins_under_the_same_name_whatever_its_case(self) -> None:
        one, two = resolve(
            {"email": "Zoe@example.com", "name": "Zoe Lin"}, {"email": "zoe@EXAMPLE.com", "name": "zoe lin"}
        )

        assert one == two

    def test_alone_identifies_a_row(self) -> None:
        one, two = resolve({"email": "zoe@example.com"}, {"email": "zoe@example.com"})

        assert one == two is not None


class TestWhatIsLearnt:
    def test_is_kept_in_the_record(self, stores: dict) -> None:
        (person,) = resolve(
            {
                "name": "张三", "phone": phone(1), "gender": "女", "birthday": BIRTHDAY, "province": "浙江省", "city": "杭州市",
                "store_id": stores["xuhui"].id, "seen_at": NOW, "nickname": "a",
            }
        )  # fmt: skip

        assert record(person) == {
            "accounts": [["nickname", "taobao:shop", "a"]],
            "name": "张三",
            "phones": [phone(1)],
            "region": {"province": "浙江省", "city": "杭州市", "at": int(NOW.timestamp() * 1_000_000)},
            "gender": "f",
            "birthday": "1990-01-31",
        }
        stored = Customer.objects.get()
        assert (stored.store_id, stored.first_seen_at) == (stores["xuhui"].id, NOW)
        # Two characters, their pair, and the birthday.
        assert NameToken.objects.count() == 4

    def test_changes_nothing_the_second_time(self) -> None:
        rows = [
            {"nickname": "a", "name": "张三", "phone": phone(1), "city": "杭州市", "seen_at": NOW},
            {"nickname": "b", "name": "李四", "phone": phone(1)},
            {"phone": phone(2)},
            {"member_no": "1", "unionid": "u"},
            {"member_no": "2", "unionid": "u"},
        ]
        first = resolve(*rows)
        before = picture()

        assert resolve(*rows) == first
        assert picture() == before

    def test_of_a_row_without_any_key_is_nothing(self) -> None:
        assert resolve({"name": "张三"}, {"device": "d"}) == [None, None]
        assert not Customer.objects.exists()
