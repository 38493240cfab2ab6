"""Judging: one key one answer, windows that roll, reasons, lists, and what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.risk.conftest import SYSTEM, ask, people, sell
from yutang.customers.queries import NoSuchCustomer
from yutang.risk.actions import judge, put_on_list, take_off_list
from yutang.risk.asks import Ask, Verdict
from yutang.risk.models import Decision, Trace
from yutang.risk.refusals import AskIsWrong, AskKeyIsTaken

pytestmark = pytest.mark.django_db


class TestJudge:
    def test_lets_somebody_through_who_just_asks(self) -> None:
        (person,) = people(1)

        found = ask(person, device="a-phone", address="203.0.113.7", payer="pay-1", value_fen=2_000)

        assert (found.verdict, found.reasons, found.wait_seconds) == (Verdict.ALLOW, (), 0)
        row = Decision.objects.get(pk=found.decision_id)
        assert (row.value_fen, row.customer_id, row.facts["person_hour"]) == (2_000, person, 1)

    def test_gives_the_same_answer_under_the_same_key_and_writes_it_once(self) -> None:
        (person,) = people(1)
        first = ask(person, key="k1")

        again = ask(person, key="k1", at=NOW + timedelta(minutes=5))

        assert again == first
        assert Decision.objects.count() == Trace.objects.count() == 1

    def test_refuses_a_key_that_stands_for_something_else(self) -> None:
        person, other = people(2)
        ask(person, key="k1", programme="groupbuy:1")

        with pytest.raises(AskKeyIsTaken):
            ask(person, key="k1", programme="groupbuy:2")
        with pytest.raises(AskKeyIsTaken):
            ask(other, key="k1", programme="groupbuy:1")

    def test_refuses_a_crowd_of_strangers_on_one_device_and_says_so(self) -> None:
        crowd = people(8)

        verdicts = [ask(one, device="farm", payer="one-account").verdict for one in crowd]
        last = ask(crowd[7], kind="redemption", device="farm", payer="one-account")

        assert verdicts[0] is Verdict.ALLOW
        assert verdicts[7] is Verdict.REFUSE
        assert "device_people" in {one.code for one in last.reasons}

    def test_lets_a_family_through_that_has_bought(self) -> None:
        family = people(6, days=400)
        for one in family[:3]:
            sell(one, 3)

        verdicts = {
            ask(one, device=f"phone-{at}", payer="mother", place="杭州市西湖区文三路18号3栋2单元501室").verdict
            for at, one in enumerate(family)
        }

        assert verdicts == {Verdict.ALLOW}

    def test_refuses_who_invites_themselves(self) -> None:
        first, second = people(2)
        ask(first, device="phone", payer="wallet")

        found = ask(second, device="phone", payer="wallet", inviter_id=first)

        assert found.verdict in {Verdict.REVIEW, Verdict.REFUSE}
        assert found.reasons[0].code == "self_device"

    def test_counts_only_what_the_window_holds(self) -> None:
        crowd = people(9)
        for one in crowd[:8]:
            ask(one, device="farm", payer="p", at=NOW - timedelta(days=31))

        assert ask(crowd[8], device="farm").verdict is Verdict.ALLOW

    def test_slows_down_who_asks_too_often_and_looks_anew_after_the_wait(self) -> None:
        (person,) = people(1)
        for at in range(11):
            ask(person, key=f"k{at}", at=NOW + timedelta(seconds=at))

        slowed = ask(person, key="last", at=NOW + timedelta(seconds=20))
        soon = ask(person, key="last", at=NOW + timedelta(seconds=30))
        later = ask(person, key="last", at=NOW + timedelta(hours=2))

        assert (slowed.verdict, slowed.wait_seconds, slowed.reasons[0].code) == (Verdict.SLOW, 300, "person_hour")
        assert (soon.verdict, soon.wait_seconds) == (Verdict.SLOW, 290)
        assert later.verdict is Verdict.ALLOW
        assert later.decision_id == slowed.decision_id

    def test_follows_a_merge(self) -> None:
        from yutang.customers.models import Customer

        winner, loser = people(2)
        Customer.objects.filter(pk=loser).update(merged_into=winner)

        found = ask(loser)

        assert Decision.objects.get(pk=found.decision_id).customer_id == winner

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"kind": "gift"}, "kind"),
            ({"key": "k" * 141}, "key"),
            ({"programme": "p" * 65}, "programme"),
            ({"device": "d" * 301}, "device"),
            ({"value_fen": -1}, "value_fen"),
        ],
    )
    def test_refuses_asks_that_cannot_be(self, parts: dict[str, object], field: str) -> None:
        (person,) = people(1)

        with pytest.raises(AskIsWrong) as refusal:
            judge(actor=SYSTEM, ask=Ask(**{"kind": "join", "key": "k", "person_id": person, **parts}), now=NOW)  # type: ignore[arg-type]

        assert refusal.value.data["field"] == field

    def test_refuses_who_is_not_there(self) -> None:
        with pytest.raises(NoSuchCustomer):
            ask(10**9)

    def test_takes_whoever_is_not_known_yet(self) -> None:
        assert ask(None, key="anonymous", device="phone").verdict is Verdict.ALLOW

    def test_asks_a_bounded_number_of_questions(self, django_assert_max_num_queries: object) -> None:
        crowd = people(30)
        for one in crowd:
            ask(one, device="till", address="203.0.113.7", payer="p", inviter_id=crowd[0], place="文三路1号2-301")

        with django_assert_max_num_queries(20):  # type: ignore[operator]
            ask(
                crowd[3],
                key="new",
                device="till",
                address="203.0.113.7",
                payer="p",
                inviter_id=crowd[0],
                place="文三路1号2-301",
            )


class TestLists:
    def test_block_and_allow_come_before_the_rules(self) -> None:
        crowd = people(9)
        put_on_list(
            actor=SYSTEM, effect="block", subject="payer", value="bad-account", reason="盗刷", until=None, now=NOW
        )
        put_on_list(
            actor=SYSTEM, effect="allow", subject="person", value=str(crowd[8]), reason="店员家属", until=None, now=NOW
        )
        for one in crowd[:8]:
            ask(one, device="farm", payer="w")

        blocked = ask(crowd[0], key="b", payer="bad-account")
        allowed = ask(crowd[8], device="farm", payer="w")

        assert (blocked.verdict, blocked.reasons[0].code) == (Verdict.REFUSE, "block_list")
        assert allowed.verdict is Verdict.ALLOW

    def test_an_entry_ends_on_its_day_or_by_hand(self) -> None:
        (person,) = people(1)
        until = NOW + timedelta(days=1)
        entry = put_on_list(
            actor=SYSTEM, effect="block", subject="address", value="203.0.113.7", reason="攻击", until=until, now=NOW
        )

        assert ask(person, key="a", address="203.0.113.7").verdict is Verdict.REFUSE
        assert ask(person, key="b", address="203.0.113.7", at=until).verdict is Verdict.ALLOW

        take_off_list(actor=SYSTEM, entry_id=entry, now=NOW)
        assert ask(person, key="c", address="203.0.113.7").verdict is Verdict.ALLOW

    def test_keeps_no_clear_value(self) -> None:
        (person,) = people(1)
        ask(
            person,
            device="IMEI-860012345678901",
            payer="6222020000000000",
            address="203.0.113.7",
            place="文三路1号2-301",
        )

        kept = str(Trace.objects.values().first()) + str(Decision.objects.values().first())

        assert not any(clear in kept for clear in ("860012345678901", "6222020000000000", "203.0.113.7", "文三路"))
