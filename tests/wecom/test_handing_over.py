"""Friends handed over in WeCom: asked for once each, followed to the end, refusals kept for each customer."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.wecom.conftest import Shop
from yutang.connectors.wecom.errors import OutcomeUnknown, WeComError
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.actions import NotOnOneself, create_staff
from yutang.foundation.models import AuditEntry, Job, Staff
from yutang.wecom import actions, queries
from yutang.wecom.handing import ask_wecom, has_open_handovers, look_at_results
from yutang.wecom.models import Account, Friendship, Handover
from yutang.wecom.personal_data import forget_people

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


@pytest.fixture
def pair(shop: Shop) -> tuple[Account, Account]:
    """Two who have friends, and who they are here; the taker looks after those of the giver."""
    shop.sync()
    giver, taker = Account.objects.order_by("userid")[:2]
    for one in (giver, taker):
        name = f"staff-{one.pk}"
        create_staff(
            actor=SYSTEM, username=name, display_name=name, role="operator", password="Xq7!pond-lake-92", now=shop.now()
        )
        one.staff = Staff.objects.get(username=name)
        one.save(update_fields=["staff"])
    Customer.objects.filter(pk__in=customers_of(giver)).update(owner_id=taker.staff_id)
    return giver, taker


def customers_of(account: Account) -> list[int]:
    rows = Friendship.objects.filter(account=account, standing="friends").order_by("pk")
    return [key for key in rows.values_list("contact__customer_id", flat=True) if key is not None]


def hand_over(shop: Shop, pair: tuple[Account, Account]) -> int:
    giver, taker = pair
    assert giver.staff_id is not None
    assert taker.staff_id is not None
    return actions.hand_over_friends(
        actor=SYSTEM, from_staff_id=giver.staff_id, to_staff_id=taker.staff_id, now=shop.now()
    )


def standing(account: Account, taker: Account | None = None) -> Any:
    assert account.staff_id is not None
    return queries.handovers_of(access=SYSTEM, staff_id=account.staff_id, taker_id=taker.staff_id if taker else None)


def externals(shop: Shop, userid: str) -> list[str]:
    return [one.external_userid for one in shop.world.customers_of(userid)]


class TestInService:
    def test_waits_a_day_and_is_done(self, shop: Shop, pair: tuple[Account, Account]) -> None:
        giver, taker = pair
        friends = len(customers_of(giver))

        assert standing(giver, taker).going == hand_over(shop, pair) == friends > 0
        begun = ask_wecom(shop.client, now=shop.now())
        waiting = standing(giver)
        shop.later(3600)
        early = look_at_results(shop.client, now=shop.now())
        shop.later(24 * 3600)
        ended = look_at_results(shop.client, now=shop.now())

        assert (begun, early, ended) == (friends, 0, friends)
        assert waiting.counts == {"waiting": friends}
        told = standing(giver)
        assert told.counts == {"done": friends}
        assert {one.taker_id for one in told.latest} == {taker.staff_id}
        assert not has_open_handovers()
        assert externals(shop, giver.userid) == []

    def test_a_customer_who_refuses_stays_and_can_be_asked_again(
        self, shop: Shop, pair: tuple[Account, Account]
    ) -> None:
        giver, taker = pair
        friends = hand_over(shop, pair)
        ask_wecom(shop.client, now=shop.now())
        stays = externals(shop, giver.userid)[0]
        shop.order("handover/refuse", taker=taker.userid, external_userid=stays)
        shop.later(25 * 3600)
        look_at_results(shop.client, now=shop.now())

        told = standing(giver, taker)

        assert told.counts == {"refused": 1, "done": friends - 1}
        assert (told.friends, told.going) == (1, 1)
        assert hand_over(shop, pair) == 1

    def test_what_wecom_does_not_begin_is_kept_with_its_code(self, shop: Shop, pair: tuple[Account, Account]) -> None:
        friends = hand_over(shop, pair)
        shop.order("rules", customers_of_staff=1)

        begun = ask_wecom(shop.client, now=shop.now())

        assert begun == 0
        assert {(one.state, one.errcode) for one in standing(pair[0]).latest} == {("failed", 40099)}
        assert standing(pair[0], pair[1]).going == friends

    def test_nobody_is_asked_for_twice_at_once(self, shop: Shop, pair: tuple[Account, Account]) -> None:
        hand_over(shop, pair)

        with pytest.raises(actions.NobodyToHandOver):
            hand_over(shop, pair)

        assert AuditEntry.objects.filter(action="wecom.hand_over_friends").count() == 1
        assert Job.objects.filter(task_path__endswith="move_handovers").count() == 1

    def test_friends_whom_somebody_else_looks_after_stay(self, shop: Shop, pair: tuple[Account, Account]) -> None:
        giver, _taker = pair
        mine, others, nobodys = customers_of(giver)[:3]
        Customer.objects.exclude(pk__in=[mine]).update(owner_id=giver.staff_id)
        Customer.objects.filter(pk=nobodys).update(owner_id=None)

        hand_over(shop, pair)

        going = {one.customer_id for one in standing(giver).latest}
        assert {mine, nobodys} <= going
        assert others not in going

    def test_one_who_was_handed_over_is_not_offered_before_the_next_look(
        self, shop: Shop, pair: tuple[Account, Account]
    ) -> None:
        giver, taker = pair
        hand_over(shop, pair)
        ask_wecom(shop.client, now=shop.now())
        shop.later(25 * 3600)
        look_at_results(shop.client, now=shop.now())

        assert standing(giver, taker).going == 0


class TestAfterLeaving:
    @pytest.mark.parametrize("looked", [False, True])
    def test_friends_of_who_left_go_over(self, shop: Shop, pair: tuple[Account, Account], looked: bool) -> None:
        giver, _taker = pair
        shop.order("member/leave", userid=giver.userid)
        shop.settle()
        if looked:
            shop.sync()
        giver.refresh_from_db()
        assert giver.left_at is not None

        friends = hand_over(shop, pair)
        begun = ask_wecom(shop.client, now=shop.now())
        shop.later(25 * 3600)
        ended = look_at_results(shop.client, now=shop.now())

        assert begun == ended == friends > 0
        assert standing(giver).counts == {"done": friends}
        assert {one.is_of_left for one in Handover.objects.all()} == {True}


class TestWhatIsRefused:
    def test_who_is_nobody_in_wecom(self, shop: Shop, pair: tuple[Account, Account]) -> None:
        giver, taker = pair
        stranger = Staff.objects.exclude(pk__in=[giver.staff_id, taker.staff_id]).first()
        if stranger is None:
            create_staff(
                actor=SYSTEM, username="stranger", display_name="生人", role="operator", password="Xq7!pond-lake-92",
                now=shop.now(),
            )  # fmt: skip
            stranger = Staff.objects.get(username="stranger")
        assert giver.staff_id is not None

        for pair_of, refusal in (
            ((stranger.pk, giver.staff_id), actions.NoAccountInWeCom),
            ((giver.staff_id, stranger.pk), actions.CannotServeInWeCom),
            ((giver.staff_id, giver.staff_id), NotOnOneself),
        ):
            with pytest.raises(refusal):
                actions.hand_over_friends(
                    actor=SYSTEM, from_staff_id=pair_of[0], to_staff_id=pair_of[1], now=shop.now()
                )
        assert not Handover.objects.exists()

    def test_who_has_no_customers_cannot_take_over(self, shop: Shop, pair: tuple[Account, Account]) -> None:
        Account.objects.filter(pk=pair[1].pk).update(is_serving=False)

        with pytest.raises(actions.CannotServeInWeCom):
            hand_over(shop, pair)


class TestWhenItIsCutOff:
    def test_an_answer_that_was_lost_is_found_among_the_results(
        self, shop: Shop, pair: tuple[Account, Account], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        friends = hand_over(shop, pair)
        start = shop.client.handovers.start

        def lost(**asked: Any) -> None:
            start(**asked)
            raise OutcomeUnknown(api="externalcontact/transfer_customer")

        with monkeypatch.context() as cut, pytest.raises(WeComError):
            cut.setattr(shop.client.handovers, "start", lost)
            ask_wecom(shop.client, now=shop.now())
        assert standing(pair[0]).counts == {"handing": friends}
        again = ask_wecom(shop.client, now=shop.now())
        shop.later(700)
        look_at_results(shop.client, now=shop.now())

        assert again == 0
        assert standing(pair[0]).counts == {"waiting": friends}
        assert len(shop.world.handovers) == friends

    def test_what_never_arrived_is_asked_for_again(
        self, shop: Shop, pair: tuple[Account, Account], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        friends = hand_over(shop, pair)

        def lost(**asked: Any) -> None:
            raise OutcomeUnknown(api="externalcontact/transfer_customer")

        with monkeypatch.context() as cut, pytest.raises(WeComError):
            cut.setattr(shop.client.handovers, "start", lost)
            ask_wecom(shop.client, now=shop.now())
        shop.later(700)
        look_at_results(shop.client, now=shop.now())

        assert ask_wecom(shop.client, now=shop.now()) == friends
        assert Counter(one.status for one in shop.world.handovers) == {2: friends}

    def test_whoever_was_forgotten_meanwhile_is_not_asked_for(
        self, shop: Shop, pair: tuple[Account, Account], now: datetime
    ) -> None:
        friends = hand_over(shop, pair)
        gone = customers_of(pair[0])[0]
        forget_people(actor=SYSTEM, customer_ids=[gone], now=shop.now())

        begun = ask_wecom(shop.client, now=shop.now())

        assert begun == friends - 1
        assert standing(pair[0]).counts == {"waiting": friends - 1, "failed": 1}
