"""Who comes is greeted once and in time; too late, nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.content.conftest import png
from tests.wecom.conftest import Shop
from yutang.content.greetings import IsNoGreeting
from yutang.content.media import keep
from yutang.content.models import Content, Medium, Version
from yutang.content.uploading import renew
from yutang.foundation.access import Actor
from yutang.foundation.actions.organisation import change_setting
from yutang.foundation.models import Job, Setting
from yutang.kit.errors import DomainError
from yutang.wecom import actions, claims, greeting
from yutang.wecom.greeting import greet_round
from yutang.wecom.models import Account, Callback, ContactWay, Friendship
from yutang.wecom.way_making import make_way

pytestmark = pytest.mark.django_db


@pytest.fixture
def usual_words(db: None) -> None:
    Setting.objects.create(key="wecom.welcome_words", value="您好，欢迎光临")


def scan(shop: Shop, number: int, **more: Any) -> dict[str, Any]:
    told = {"config_id": shop.way(), "unionid": f"oW{number:024d}", "name": f"客{number}", **more}
    return shop.order("scan", **told)


def said(shop: Shop) -> list[str]:
    used = [one["used_with"] for one in shop.sandbox.show("welcomes")["codes"]]
    return [one["text"]["content"] for one in used if one is not None]


@pytest.mark.usefixtures("usual_words")
class TestGreeting:
    def test_is_said_within_the_time(self, shop: Shop) -> None:
        scan(shop, 1)
        shop.settle()

        assert said(shop) == ["您好，欢迎光临"]
        # Two codes come for one newcomer, a half relation first: the second asks WeCom nothing and is no newcomer of its own.
        assert list(Callback.objects.order_by("pk").values_list("greeting", flat=True)) == ["sent", ""]
        assert shop.sandbox.calls("externalcontact/send_welcome_msg") == 1
        row = Friendship.objects.get()
        assert row.welcomed_at is not None
        assert row.last_touch_at == row.welcomed_at
        assert row.welcomed_with is not None
        assert (row.welcomed_with.content, row.welcomed_with.text) == ("", "您好，欢迎光临")

    def test_is_said_once_where_the_second_code_is_looked_at_later(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(greeting, "MOST_A_ROUND", 1)
        scan(shop, 1), scan(shop, 2)
        shop.settle()

        assert said(shop) == ["您好，欢迎光临"] * 2
        assert shop.sandbox.calls("externalcontact/send_welcome_msg") == 2
        assert sorted(Callback.objects.values_list("greeting", flat=True)) == ["", "", "sent", "sent"]

    def test_is_not_said_too_late(self, shop: Shop) -> None:
        scan(shop, 1)
        shop.deliver()
        shop.later(18.5)
        shop.hear()

        assert said(shop) == []
        assert shop.sandbox.calls("externalcontact/send_welcome_msg") == 0
        assert set(Callback.objects.values_list("greeting", flat=True)) == {"late"}
        assert Friendship.objects.get().standing == "friends"

    def test_a_crash_after_sending_greets_nobody_twice(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        scan(shop, 1, accept=False)
        shop.deliver()

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(claims, "write_back", die)
            with pytest.raises(KeyboardInterrupt):
                greet_round(shop.client, clock=shop.now)
        assert greet_round(shop.client, clock=shop.now) == 0
        shop.later(6)
        assert greet_round(shop.client, clock=shop.now) == 1

        assert said(shop) == ["您好，欢迎光临"]
        assert Callback.objects.get().greeting == "sent"

    def test_whose_answer_was_lost_is_known_as_said(self, shop: Shop) -> None:
        scan(shop, 1, accept=False)
        shop.deliver()
        shop.sandbox.fault(kind="drop_after", api="externalcontact/send_welcome_msg")
        shop.hear()

        assert said(shop) == ["您好，欢迎光临"]
        assert shop.sandbox.calls("externalcontact/send_welcome_msg", 41051) == 1
        assert Callback.objects.get().greeting == "sent"
        assert Friendship.objects.get().welcomed_at is not None

    def test_what_wecom_cannot_take_now_is_tried_again(self, shop: Shop) -> None:
        scan(shop, 1, accept=False)
        shop.deliver()
        shop.sandbox.fault(kind="status", status=503, api="externalcontact/send_welcome_msg", times=20)
        greet_round(shop.client, clock=shop.now)
        assert said(shop) == []
        shop.order("faults", clear=True)
        shop.later(1)
        shop.hear()

        assert said(shop) == ["您好，欢迎光临"]


def test_nothing_is_said_without_words(shop: Shop) -> None:
    scan(shop, 1)
    shop.settle()

    assert shop.sandbox.calls("externalcontact/send_welcome_msg") == 0
    assert set(Callback.objects.values_list("greeting", flat=True)) == {"silent", ""}


class TestOwnCodes:
    @pytest.fixture
    def way(self, shop: Shop) -> ContactWay:
        shop.sync()
        keys = list(Account.objects.filter(userid__in=["staff001", "staff002"]).values_list("pk", flat=True))
        way_id = actions.ask_for_contact_way(
            actor=Actor.system(), name="包裹卡", account_ids=keys, welcome_words="谢谢您的惠顾", now=shop.now()
        )
        assert make_way(shop.client, way_id=way_id, now=shop.now())
        return ContactWay.objects.get(pk=way_id)

    def test_have_words_of_their_own_and_know_who_came(self, shop: Shop, way: ContactWay) -> None:
        scan(shop, 1, config_id=way.config_id)
        shop.settle()

        assert said(shop) == ["谢谢您的惠顾"]
        row = Friendship.objects.get(way=way)
        assert row.account.userid in {"staff001", "staff002"}

    def test_are_made_once_where_the_answer_was_lost(self, shop: Shop) -> None:
        shop.sync()
        way_id = actions.ask_for_contact_way(
            actor=Actor.system(),
            name="海报",
            account_ids=[Account.objects.first().pk],
            welcome_words="",
            now=shop.now(),  # type: ignore[union-attr]
        )
        ways = len(shop.world.ways)
        shop.sandbox.fault(kind="drop_after", api="externalcontact/add_contact_way", times=1)
        with pytest.raises(Exception, match="No answer"):
            make_way(shop.client, way_id=way_id, now=shop.now())
        assert len(shop.world.ways) == ways + 1

        assert make_way(shop.client, way_id=way_id, now=shop.now())

        assert len(shop.world.ways) == ways + 1
        row = ContactWay.objects.get(pk=way_id)
        assert shop.world.ways[row.config_id].fields["state"] == row.state_text

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": " "},
            {"name": "x" * 31},
            {"account_ids": []},
            {"account_ids": [9_999]},
            {"welcome_words": "好" * 1_400},
        ],
    )
    def test_are_refused_incomplete(self, shop: Shop, wrong: dict[str, Any]) -> None:
        shop.sync()
        told = {"name": "卡", "account_ids": [Account.objects.first().pk], "welcome_words": "", **wrong}  # type: ignore[union-attr]

        with pytest.raises(actions.WayIsIncomplete):
            actions.ask_for_contact_way(actor=Actor.system(), **told, now=shop.now())


class TestContents:
    """A picture, a link or a card goes with the words; what cannot be said leaves the words."""

    @pytest.fixture
    def link(self, db: None) -> str:
        """An approved content with a link."""
        return approved("link", [{"kind": "link", "title": "保养指南", "url": "https://example.com/care"}])

    def way(self, shop: Shop, content: str, words: str = "谢谢您的惠顾") -> ContactWay:
        shop.sync()
        keys = list(Account.objects.values_list("pk", flat=True)[:2])
        way_id = actions.ask_for_contact_way(
            actor=Actor.system(),
            name="包裹卡",
            account_ids=keys,
            welcome_words=words,
            welcome_content=content,
            now=shop.now(),
        )
        assert make_way(shop.client, way_id=way_id, now=shop.now())
        return ContactWay.objects.get(pk=way_id)

    def used(self, shop: Shop) -> list[dict[str, Any]]:
        return [one["used_with"] for one in shop.sandbox.show("welcomes")["codes"] if one["used_with"] is not None]

    def test_of_a_code_greet_with_their_link(self, shop: Shop, link: str) -> None:
        way = self.way(shop, link)
        scan(shop, 1, config_id=way.config_id)
        shop.settle()

        told = self.used(shop)[0]
        assert told["text"]["content"] == "您好，先看这个"
        assert told["attachments"][0]["link"]["url"] == "https://example.com/care"

    def test_of_the_settings_greet_where_a_code_has_none(self, shop: Shop, link: str) -> None:
        Setting.objects.create(key="wecom.welcome_content", value=link)
        scan(shop, 1)
        shop.settle()

        assert self.used(shop)[0]["attachments"][0]["msgtype"] == "link"

    def test_with_a_picture_wait_for_its_copy_and_say_the_words_meanwhile(self, shop: Shop, picture: str) -> None:
        content = approved("picture", [{"kind": "image", "media": picture}])
        way = self.way(shop, content)
        scan(shop, 1, config_id=way.config_id)
        shop.settle()
        before = self.used(shop)
        # Choosing the content has asked for its copy.
        assert Job.objects.filter(task_path__endswith="renew_media").exists()

        renew(now=shop.now())
        scan(shop, 2, config_id=way.config_id)
        shop.settle()

        assert [(bool(one["attachments"]), one["text"]["content"]) for one in before] == [(False, "谢谢您的惠顾")]
        told = next(one for one in self.used(shop) if one not in before)
        assert told["attachments"][0]["image"]["media_id"]
        assert (
            max(
                one["used_with"]["at"] - one["made_at"]
                for one in shop.sandbox.show("welcomes")["codes"]
                if one["used_with"]
            )
            < 20
        )

    def test_whose_time_is_over_leave_the_words(self, shop: Shop, link: str) -> None:
        way = self.way(shop, link)
        Version.objects.update(expires_at=shop.now())
        scan(shop, 1, config_id=way.config_id)
        shop.settle()

        assert said(shop) == ["谢谢您的惠顾"]

    @pytest.mark.parametrize("content", ["content:99:1", "nothing:1:1", "content"])
    def test_that_nobody_knows_are_refused(self, shop: Shop, content: str) -> None:
        shop.sync()
        keys = [Account.objects.order_by("pk").values_list("pk", flat=True)[0]]
        with pytest.raises(DomainError):
            actions.ask_for_contact_way(
                actor=Actor.system(),
                name="卡",
                account_ids=keys,
                welcome_words="",
                welcome_content=content,
                now=shop.now(),
            )
        assert not ContactWay.objects.exists()

    @pytest.mark.parametrize("intent", ["promotion", "research", "transactional"])
    def test_that_sell_or_ask_are_refused_in_words(self, shop: Shop, intent: str) -> None:
        content = approved("text", [], intent=intent)

        with pytest.raises(IsNoGreeting) as refused:
            self.way(shop, content)
        with pytest.raises(IsNoGreeting):
            change_setting(actor=Actor.system(), key="wecom.welcome_content", value=content, now=shop.now())
        assert refused.value.data["title"] == "欢迎"
        assert not Setting.objects.filter(key="wecom.welcome_content").exists()

    def test_that_sell_leave_the_words_where_they_were_chosen_before(self, shop: Shop, link: str) -> None:
        way = self.way(shop, link)
        Content.objects.update(intent="promotion")
        scan(shop, 1, config_id=way.config_id)
        shop.settle()

        assert said(shop) == ["谢谢您的惠顾"]


def approved(kind: str, attachments: list[dict[str, str]], *, intent: str = "service") -> str:
    """Write an approved content for WeCom, and return its name."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    content = Content.objects.create(
        kind=kind, title="欢迎", intent=intent, language="zh-hans", made_at=now, changed_at=now
    )
    Version.objects.create(
        content=content,
        number=1,
        channels=["wecom"],
        body="您好，先看这个",
        attachments=attachments,
        state="approved",
        written_at=now,
    )
    return f"content:{content.pk}:1"


@pytest.fixture
def picture(db: None) -> str:
    """A picture that the library keeps; its hash."""
    kept = keep(content=png(), name="a.png")
    Medium.objects.create(
        digest=kept.digest,
        kind=kept.kind,
        media_type=kept.media_type,
        name=kept.name,
        size=kept.size,
        added_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return kept.digest


@pytest.mark.usefixtures("usual_words")
def test_200_scans_at_50_a_second_with_duplicates_reorders_and_a_crash(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    import random

    shop = open_shop(staff=10, customers=0, groups=0)
    dice = random.Random(5)
    came = []
    for second in range(4):
        came += [scan(shop, second * 50 + number) for number in range(50)]
        told, shop.told[:] = list(shop.told), []
        mixed = [*told, *dice.sample(told, len(told) // 10)]
        dice.shuffle(mixed)
        for text in mixed:
            shop.take(text)
        if second == 1:
            with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
                patched.setattr(claims, "write_back", _die)
                greet_round(shop.client, clock=shop.now)
        else:
            greet_round(shop.client, clock=shop.now)
        shop.later(1)
    for _ in range(8):
        shop.hear()
        shop.later(1)

    greeted = [one for one in shop.sandbox.show("welcomes")["codes"] if one["used_with"] is not None]
    assert len({one["external_userid"] for one in greeted}) == len(greeted) == len(came) == 200
    assert max(one["used_with"]["at"] - one["made_at"] for one in greeted) < 20
    assert Friendship.objects.filter(standing="friends").exclude(welcomed_at=None).count() == 200
    calls = shop.sandbox.show("calls")
    assert shop.sandbox.calls("gettoken") <= 2
    assert calls["limits_met_again"] == {}


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_lease_is_shorter_than_the_code_holds() -> None:
    from yutang.wecom.greeting import LEASE

    assert timedelta(seconds=18) > 3 * LEASE
