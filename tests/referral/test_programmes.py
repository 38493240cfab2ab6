"""Programmes: what they may promise, what their words may say, and what the law asks of commission."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from tests.conftest import NOW
from tests.referral.conftest import SYSTEM, come, invited, programme, terms
from yutang.console.sentences import spoken
from yutang.coupons.models import Kind
from yutang.economics import queries as economics
from yutang.economics.refusals import ProgrammeLosesByItself, StatementIsWrong
from yutang.foundation import actions as ground
from yutang.foundation.access import Actor, NotAllowed
from yutang.referral import actions, queries
from yutang.referral.models import Programme, Reward
from yutang.referral.organisation import COMMISSION_ALLOWED
from yutang.referral.refusals import CommissionIsForbidden, PromisesStand, ReferralIsWrong, WordsAreRisky

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("coupons")]
COMMISSION: dict[str, Any] = {
    "inviter_coupon": "", "commission_percent": 5, "commission_most_fen": 1_000, "return_days": 7, "tax_note": "按劳务报酬代扣代缴",
}  # fmt: skip


def allow_commission() -> None:
    ground.change_setting(actor=SYSTEM, key=COMMISSION_ALLOWED, value=True, now=NOW)


class TestCreate:
    def test_states_its_economics(self) -> None:
        made = programme()

        view = economics.programme_view(access=SYSTEM, programme=f"referral:{made}")
        assert (view.title, view.unit_cost_fen, view.budget_fen, view.worth_fen) == ("老带新", 3_500, 500_000, 9_000)
        assert queries.programme_view(access=SYSTEM, programme_id=made).terms == terms()

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"name": ""}, "name"),
            ({"deed": "shared"}, "deed"),
            ({"title": "长" * 41}, "title"),
            ({"words": ""}, "words"),
            ({"friend_coupon": "", "inviter_coupon": ""}, "friend_coupon"),
            ({"friend_coupon": "nothing"}, "friend_coupon"),
            ({"return_days": 61}, "return_days"),
            ({"valid_days": 0}, "valid_days"),
            ({"most_friends": 0}, "most_friends"),
            ({"worth_fen": 0}, "worth_fen"),
        ],
    )
    def test_refuses_what_cannot_be(self, parts: dict[str, Any], field: str) -> None:
        with pytest.raises(ReferralIsWrong) as refused:
            programme(**parts)

        assert refused.value.data["part"] == field

    def test_refuses_a_name_twice_and_whoever_may_not(self) -> None:
        programme()

        with pytest.raises(ReferralIsWrong):
            programme()
        with pytest.raises(NotAllowed):
            actions.create_programme(
                actor=Actor(staff_id=None, role="store_manager", store_ids=frozenset(), label=""),
                terms=terms(),
                now=NOW,
            )

    def test_refuses_to_give_more_than_a_newcomer_is_worth(self) -> None:
        with pytest.raises(ProgrammeLosesByItself):
            programme(worth_fen=3_000)

        assert not Programme.objects.exists()

    @pytest.mark.parametrize(
        "words", ["分享到朋友圈就送一张券", "转发三个群，立即领取", "集赞20个免费领", "全网最低价，快来"]
    )
    def test_refuses_words_that_wechat_or_the_law_forbids(self, words: str) -> None:
        with pytest.raises(WordsAreRisky) as refused:
            programme(words=words)

        assert refused.value.data["written"] in words
        assert refused.value.data["reason"]["template"]


class TestBudget:
    def test_says_what_is_spent_promised_and_how_many_more_it_is_enough_for(self) -> None:
        made = programme(budget_fen=35_000)
        token = invited(made)
        before = queries.budget_of(access=SYSTEM, programme_id=made, budget_fen=35_000)
        come(token)

        after = queries.budget_of(access=SYSTEM, programme_id=made, budget_fen=35_000)

        assert before is not None
        assert after is not None
        assert (before.spent_fen, before.promised_fen, before.friends) == (0, 0, 10)
        # The friend has their coupon; whoever invited gets theirs once the friend has bought.
        assert (after.spent_fen, after.promised_fen, after.friends) == (2_000, 1_500, 9)

    def test_of_a_friend_who_is_too_late_nothing_is_promised_any_more(self) -> None:
        made = programme(budget_fen=35_000, valid_days=5)
        come(invited(made))

        actions.lapse_late(actor=SYSTEM, now=NOW + timedelta(days=6))

        found = queries.budget_of(access=SYSTEM, programme_id=made, budget_fen=35_000)
        assert found is not None
        assert (found.spent_fen, found.promised_fen, found.friends) == (2_000, 0, 9)

    def test_ends_with_the_coupons_where_these_end_before_the_money(self) -> None:
        made = programme(friend_coupon="welcome20", inviter_coupon="welcome20", budget_fen=5_000_000)
        Kind.objects.filter(code="welcome20").update(pieces=7)
        before = queries.budget_of(access=SYSTEM, programme_id=made, budget_fen=5_000_000)
        come(invited(made))

        after = queries.budget_of(access=SYSTEM, programme_id=made, budget_fen=5_000_000)

        assert before is not None
        assert after is not None
        # Each friend takes two: one is given, one promised, five are left.
        assert (before.friends, after.friends) == (3, 2)

    def test_the_look_ahead_counts_what_it_is_enough_for_and_refuses_what_is_not_enough_for_one(self) -> None:
        found = actions.foresee(actor=SYSTEM, terms=terms(budget_fen=10_000), now=NOW)
        with pytest.raises(StatementIsWrong):
            actions.foresee(actor=SYSTEM, terms=terms(budget_fen=3_499), now=NOW)

        assert (found.friends, found.ends_after) == (2, 3)


class TestCommission:
    @pytest.mark.parametrize(
        ("parts", "condition"),
        [
            ({"deed": "added"}, "by_head"),
            ({"return_days": 6}, "return_window"),
            ({"commission_levels": 2}, "levels"),
            ({"joining_fee_fen": 9_900}, "fee_to_join"),
            ({"needs_purchase": True}, "fee_to_join"),
            ({"commission_percent": 21}, "bounds"),
            ({"commission_most_fen": 0}, "bounds"),
            ({"tax_note": " "}, "tax"),
        ],
    )
    def test_is_refused_with_the_article(self, parts: dict[str, Any], condition: str) -> None:
        allow_commission()

        with pytest.raises(CommissionIsForbidden) as refused:
            programme(**{**COMMISSION, **parts})

        assert refused.value.data["condition"] == condition
        article = refused.value.data["why"]["values"]["article"]["template"]
        assert article
        assert "decision" not in article

    def test_is_refused_with_every_condition_that_is_missing(self) -> None:
        with pytest.raises(CommissionIsForbidden) as refused:
            programme(**{**COMMISSION, "deed": "added", "tax_note": ""})

        assert refused.value.data["conditions"] == ["not_allowed", "by_head", "tax"]
        with override("zh-hans"):
            said = spoken(refused.value.sentence)
        assert "“允许老带新佣金”" in said
        assert "《禁止传销条例》第七条" in said
        assert "《个人所得税法》第九条" in said

    def test_is_off_by_default(self) -> None:
        with pytest.raises(CommissionIsForbidden) as refused:
            programme(**COMMISSION)

        assert refused.value.data["condition"] == "not_allowed"
        with override("zh-hans"):
            said = spoken(refused.value.sentence)
        assert "“允许老带新佣金”" in said
        assert "《禁止传销条例》第七条" in said

    def test_is_kept_where_every_condition_is_met(self) -> None:
        allow_commission()

        made = programme(**COMMISSION)

        assert queries.programme_view(access=SYSTEM, programme_id=made).terms.commission_percent == 5

    @pytest.mark.parametrize(
        "columns",
        [
            {"commission_levels": 2},
            {"joining_fee_fen": 1},
            {"commission_percent": 5, "deed": "added", "commission_most_fen": 100},
            {"commission_percent": 5, "return_days": 3, "commission_most_fen": 100},
            {"commission_percent": 30, "commission_most_fen": 100},
        ],
    )
    def test_the_database_knows_the_law_too(self, columns: dict[str, Any]) -> None:
        made = programme()

        with pytest.raises(IntegrityError), transaction.atomic():
            Programme.objects.filter(pk=made).update(**columns)

    def test_the_database_knows_one_level(self) -> None:
        made = programme()
        invitation = come(invited(made))

        with pytest.raises(IntegrityError), transaction.atomic():
            Reward.objects.filter(invitation=invitation).update(level=2)


class TestChange:
    def test_changes_words_and_budget(self) -> None:
        made = programme()

        actions.change_programme(
            actor=SYSTEM, programme_id=made, terms=terms(title="新客券", budget_fen=800_000), now=NOW
        )

        view = queries.programme_view(access=SYSTEM, programme_id=made)
        assert (view.terms.title, view.terms.budget_fen) == ("新客券", 800_000)

    def test_what_was_promised_stays(self) -> None:
        made = programme()
        come(invited(made))

        with pytest.raises(PromisesStand):
            actions.change_programme(actor=SYSTEM, programme_id=made, terms=terms(friend_coupon=""), now=NOW)
        actions.change_programme(actor=SYSTEM, programme_id=made, terms=terms(most_friends=20), now=NOW)
