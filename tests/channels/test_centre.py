"""The message centre: pages by instant and key, what is looked at, reach, stories, places and what is stopped."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.channels.conftest import Made, make_person
from tests.conftest import NOW
from yutang.channels import actions, centre, queries
from yutang.channels.actions import note_quota_use
from yutang.channels.actions.touches import MessageIsWrong
from yutang.channels.bodies import BODIES, Body, BodySource
from yutang.channels.models import Decision, Delivery, MassTask, PolicyVersion, Reply, Touch
from yutang.channels.queries import MessagesWanted, messages_passed
from yutang.console.rooms.messages_named import Names
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry, Staff
from yutang.foundation.sealing import seal
from yutang.journeys.models import Playbook
from yutang.wecom.models import Account, Group

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


@pytest.fixture
def person(db: None) -> Made:
    """Make a person who has had nothing yet, and return the key."""
    return partial(make_person, value_days_ago=())


def touched(customer_id: int | None, number: int, **more: Any) -> Touch:
    at = more.pop("at", NOW - timedelta(minutes=number))
    told = {"channel": "wecom", "intent": "value", "state": "sent", "content": "content:1:1", **more}
    return Touch.objects.create(
        key=f"t{number}", customer_id=customer_id, wanted_at=at, at=at, business_date=at.date(), changed_at=at, **told
    )


def wrote_back(customer_id: int | None, number: int, *, at: datetime, is_opt_out: bool = False) -> Reply:
    return Reply.objects.create(
        digest=f"r{number}".encode(),
        channel="sms",
        customer_id=customer_id,
        sealed_text=seal({"text": f"话{number}"}),
        is_opt_out=is_opt_out,
        sent_at=at,
        received_at=at,
    )


def walked(access: Actor = SYSTEM, *, limit: int = 3, **narrowed: Any) -> list[str]:
    """Return what all pages together show, as ``o7`` and ``i3``."""
    found, after = [], None
    for _page in range(100):
        page = messages_passed(access=access, wanted=MessagesWanted(**narrowed), after=after, limit=limit)
        found += [f"{'i' if one.is_inbound else 'o'}{one.id}" for one in page.rows]
        after = page.following
        if after is None:
            return found
    raise AssertionError("the pages have no end")


class TestPages:
    def test_show_everything_once_where_many_have_one_instant(self, person: Made) -> None:
        who = person()
        same = [touched(who, number, at=NOW) for number in range(7)]
        reply = wrote_back(who, 1, at=NOW)
        older = touched(who, 90)
        late = wrote_back(who, 2, at=NOW - timedelta(hours=3))

        shown = walked()

        # Of one instant what came in stands first, as its key would have it.
        assert shown == [f"i{reply.pk}", *(f"o{one.pk}" for one in reversed(same)), f"o{older.pk}", f"i{late.pk}"]

    def test_of_what_is_to_come_show_the_soonest_first_and_no_replies(
        self, person: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(centre, "MOST_LOOKED_AT", 3)
        who = person()
        for number in (1, 2):
            touched(who, number)
        wrote_back(who, 1, at=NOW + timedelta(minutes=1))
        same = [touched(who, 10 + n, at=NOW + timedelta(days=1), state="planned") for n in range(5)]
        next_week = touched(who, 20, at=NOW + timedelta(days=7), state="planned", channel="sms")

        assert walked(coming_after=NOW) == [*(f"o{one.pk}" for one in same), f"o{next_week.pk}"]
        first = messages_passed(access=SYSTEM, wanted=MessagesWanted(coming_after=NOW, channel="sms"))
        assert (first.rows, first.looked_back_to) == ((), same[2].at)
        assert walked(coming_after=NOW, channel="sms") == [f"o{next_week.pk}"]

    def test_of_something_rare_say_how_far_back_they_looked(
        self, person: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(centre, "MOST_LOOKED_AT", 5)
        who = person()
        rows = [touched(who, number, channel="sms" if number == 17 else "wecom") for number in range(20)]
        reply = wrote_back(who, 1, at=NOW - timedelta(minutes=9, seconds=30))

        first = messages_passed(access=SYSTEM, wanted=MessagesWanted(channel="sms"))

        # The reply lies behind what was looked at, so that it is not shown before what may lie between.
        assert first.rows == ()
        assert first.looked_back_to == rows[4].at
        assert walked(channel="sms") == [f"i{reply.pk}", f"o{rows[17].pk}"]

    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize("is_coming", [False, True])
    def test_of_many_messages_of_few_instants_show_each_once_in_order(
        self, person: Made, monkeypatch: pytest.MonkeyPatch, seed: int, is_coming: bool
    ) -> None:
        dice = random.Random(seed)
        monkeypatch.setattr(centre, "MOST_LOOKED_AT", dice.randint(2, 9))
        who, sign, state = person(), (1 if is_coming else -1), "planned" if is_coming else "sent"
        rows = [
            touched(
                who,
                number,
                at=NOW + sign * timedelta(hours=dice.randint(1, 4)),
                state=state,
                channel=dice.choice(("sms", "wecom")),
            )
            for number in range(30)
        ]
        ordered = sorted(rows, key=lambda one: (one.at, one.pk), reverse=not is_coming)
        narrowed = {"coming_after": NOW} if is_coming else {}

        for channel in ("", "sms"):
            expected = [f"o{one.pk}" for one in ordered if channel in {"", one.channel}]
            assert walked(channel=channel, **narrowed) == expected

    @pytest.mark.parametrize("is_coming", [False, True])
    def test_are_read_from_where_they_begin(
        self, person: Made, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any, is_coming: bool
    ) -> None:
        # Of two bounds on one side SQLite enters the index by either and reads all that lies between.
        monkeypatch.setattr(centre, "MOST_LOOKED_AT", 2)
        who, at = person(), NOW + timedelta(days=1 if is_coming else -1)
        for number in range(6):
            touched(who, number, at=at + timedelta(hours=number), channel="sms" if number % 2 else "wecom")
        span = {"since": NOW - timedelta(days=9), "until": NOW + timedelta(days=9)}

        with django_assert_max_num_queries(100) as asked:
            walked(channel="sms", coming_after=NOW if is_coming else None, **span)

        conditions = [one["sql"].partition("WHERE")[2] for one in asked.captured_queries if "touch" in one["sql"]]
        assert conditions
        for condition in conditions:
            assert condition.count('"channels_touch"."at" <') <= 1, condition
            assert condition.count('"channels_touch"."at" >') <= 1, condition

    @pytest.mark.parametrize(
        ("narrowed", "wanted"),
        [
            ({"channel": "email"}, {3}),
            ({"state": "planned"}, {4}),
            ({"state": "refused"}, {5}),
            ({"state": "failed"}, {6}),
            ({"state": "not_a_friend"}, {7}),
            ({"state": "delivered"}, {1}),
            ({"state": "sent"}, {2, 3}),
            ({"intent": "promotion"}, {2}),
            ({"campaign": "spring"}, {2, 5}),
            ({"campaign": "spring", "state": "refused"}, {5}),
            ({"sender": "zhangsan"}, {1}),
            ({"since": NOW - timedelta(minutes=3, seconds=30), "until": NOW - timedelta(minutes=1)}, {2, 3}),
        ],
    )
    def test_are_narrowed(self, person: Made, narrowed: dict[str, Any], wanted: set[int]) -> None:
        who = person()
        rows = {
            1: touched(who, 1),
            2: touched(who, 2, intent="promotion", campaign="spring"),
            3: touched(who, 3, channel="email"),
            4: touched(who, 4, state="planned"),
            5: touched(who, 5, state="refused", campaign="spring"),
            6: touched(who, 6, state="failed"),
            7: touched(who, 7, state="failed"),
        }
        task = MassTask.objects.create(
            channel="wecom", sender="zhangsan", size=1, words_digest="x", handed_at=NOW, until=NOW, next_at=NOW
        )
        for number, state, mine in ((1, "delivered", task), (6, "failed", None), (7, "not_a_friend", None)):
            Delivery.objects.create(touch=rows[number], state=state, state_at=NOW, out_id=str(number), task=mine)

        for more in ({}, {"customer_id": who}):
            assert walked(direction="out", **narrowed, **more) == [f"o{rows[one].pk}" for one in sorted(wanted)]

    def test_of_replies_are_narrowed_by_what_became_of_them(self, person: Made) -> None:
        who = person()
        opted = wrote_back(who, 1, at=NOW, is_opt_out=True)
        waits = wrote_back(None, 2, at=NOW)
        done = wrote_back(who, 3, at=NOW)
        actions.note_answered(actor=SYSTEM, reply_id=done.pk, now=NOW)

        found = {state: walked(state=state) for state in ("opted_out", "unanswered", "answered")}

        assert found == {"opted_out": [f"i{opted.pk}"], "unanswered": [f"i{waits.pk}"], "answered": [f"i{done.pk}"]}
        assert walked(campaign="spring") == walked(direction="out") == []


class TestReach:
    def test_a_manager_sees_their_people_and_groups_alone(
        self, person: Made, stores: dict[str, Any], manager: Actor, manager_staff: Staff
    ) -> None:
        mine, other = person(store=stores["xuhui"]), person(store=stores["tianhe"])
        account = Account.objects.create(userid="li", staff=manager_staff, seen_at=NOW)
        group = Group.objects.create(chat_id="wr-own", name="妈妈群", owner=account)
        Group.objects.create(chat_id="wr-foreign", name="别店群")
        own = touched(mine, 1)
        post = touched(None, 2, group_key="wr-own", channel="group")
        foreign = touched(other, 3)
        touched(None, 4, group_key="wr-foreign", channel="group")
        reply = wrote_back(mine, 1, at=NOW - timedelta(days=1))
        wrote_back(other, 2, at=NOW)
        wrote_back(None, 3, at=NOW)

        assert walked(manager) == [f"o{own.pk}", f"o{post.pk}", f"i{reply.pk}"]
        assert walked(manager, store_ids=[stores["tianhe"].pk]) == []
        assert len(walked(SYSTEM, store_ids=[stores["tianhe"].pk])) == 2
        with pytest.raises(queries.NoSuchMessage):
            queries.message_story(access=manager, message_id=foreign.pk)
        assert queries.group_story(access=manager, group_key="wr-foreign").messages == ()
        assert [one.id for one in queries.group_story(access=manager, group_key=group.chat_id).messages] == [post.pk]

    def test_a_reply_out_of_reach_is_not_answered(self, person: Made, stores: dict[str, Any], manager: Actor) -> None:
        foreign = wrote_back(person(store=stores["tianhe"]), 1, at=NOW)
        own = wrote_back(person(store=stores["xuhui"]), 2, at=NOW)

        with pytest.raises(actions.NoSuchReply):
            actions.note_answered(actor=manager, reply_id=foreign.pk, now=NOW)
        assert actions.note_answered(actor=manager, reply_id=own.pk, now=NOW)
        assert not actions.note_answered(actor=manager, reply_id=own.pk, now=NOW)

        assert [one.id for one in queries.replies_to_answer(access=SYSTEM, now=NOW)] == [foreign.pk]
        assert queries.replies_to_answer(access=manager, now=NOW) == ()
        assert queries.replies_to_answer(access=SYSTEM, now=NOW + timedelta(days=15)) == ()
        assert AuditEntry.objects.filter(action="channels.note_answered").count() == 1


class TestStories:
    def test_tell_why_a_message_was_refused(self, person: Made) -> None:
        who = person()
        refused = touched(who, 1, state="refused")
        policy = PolicyVersion.objects.create(digest="x", values=queries.current_policy().as_json(), first_used_at=NOW)
        told = {"customer_id": who, "channel": "wecom", "intent": "value", "policy": policy, "decided_at": NOW}
        Decision.objects.create(touch_key=refused.key, stage="claim", outcome="refuse", reason="complaint_open", **told)
        Decision.objects.create(touch_key="never", stage="plan", outcome="refuse", reason="consent_missing", **told)

        reply = wrote_back(who, 1, at=NOW - timedelta(days=1))
        Reply.objects.filter(pk=reply.pk).update(id=refused.pk)

        row, came = messages_passed(access=SYSTEM, wanted=MessagesWanted()).rows
        story = queries.person_story(access=SYSTEM, customer_id=who)

        assert row.reason is not None
        assert "complaint" in str(row.reason)
        # A reply of the same number has nothing to do with it.
        assert came.reason is None
        assert story.reasons[refused.key] == (row.reason, NOW)
        # What was planned and refused later is a message, what was never planned is a refusal.
        assert [one.touch_key for one in story.refusals] == ["never"]


class TestStop:
    def test_whoever_sends_may_stop_and_it_is_told_since_when_and_by_whom(self, operator: Actor) -> None:
        actions.stop_sending(actor=operator, channel="sms", now=NOW)
        actions.stop_sending(actor=operator, channel="all", now=NOW + timedelta(minutes=1))
        Playbook.objects.create(pk=7, name="首单", draft={}, salt=b"1" * 16, created_at=NOW, changed_at=NOW)
        actions.stop_sending(actor=SYSTEM, campaign="playbook:7", now=NOW + timedelta(minutes=2))

        everything, sms, spring = queries.what_is_stopped(access=operator)

        assert everything.is_everything
        assert (sms.channel, sms.at, sms.who) == ("sms", NOW, "赵运营")
        assert (spring.campaign, spring.who) == ("playbook:7", "")
        actions.let_go_on(actor=operator, channel="sms", now=NOW + timedelta(hours=1))
        actions.stop_sending(actor=operator, channel="sms", now=NOW + timedelta(hours=2))
        assert queries.what_is_stopped(access=operator)[1].at == NOW + timedelta(hours=2)

    def test_a_manager_of_a_store_stops_nothing(self, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            actions.stop_sending(actor=manager, channel="all", now=NOW)


class TestPlaces:
    def test_who_has_none_left_is_counted_and_named_within_reach(
        self, person: Made, stores: dict[str, Any], manager: Actor
    ) -> None:
        mine, other = person(store=stores["xuhui"]), person(store=stores["tianhe"])
        for who in (mine, other):
            note_quota_use(actor=SYSTEM, customer_id=who, used=1, now=NOW)

        people, groups = queries.places_used(access=SYSTEM, now=NOW)
        own = queries.places_used(access=manager, now=NOW)[0]

        assert (people.receivers, people.without, people.most) == (2, 2, 1)
        assert (groups.receivers, own.without) == (0, 1)
        # WeCom's day begins at midnight in Shanghai.
        assert people.ends_at == datetime.fromisoformat("2026-03-12T00:00+08:00")
        named = queries.receivers_without_places(access=manager, channel="wecom", now=NOW)
        assert [one.customer_id for one in named] == [mine]


class TestNames:
    def test_a_message_of_a_playbook_is_called_by_its_name(self) -> None:
        names = Names({}, {}, {}, {"c-1": "春茶"}, {7: "入会关怀"}, {})

        assert names.title("playbook:3:tip", "playbook:7") == "入会关怀"
        assert names.title("campaign:1:1", "c-1") == "春茶"


@pytest.fixture
def spoken_contents() -> Iterator[None]:
    """Contents `told:<name>` with the number of the customer in them; the time of `told:over` is over."""

    def bodies(*, reference: str, customer_ids: Sequence[int], **_other: Any) -> dict[int | str, Body]:
        if reference == "told:over":
            raise MessageIsWrong(what="content")
        return {one: Body(f"您好，{one} 号顾客") for one in customer_ids}

    BODIES.register(BodySource("told", bodies))
    yield
    BODIES._entries.pop("told")


class TestWhatWaits:
    def test_for_somebody_is_theirs_and_for_a_manager_their_staff(
        self, stores: dict[str, Any], manager: Actor, manager_staff: Staff
    ) -> None:
        clerk = Staff.objects.create(username="clerk", display_name="小周", role="store_manager", joined_at=NOW)
        clerk.stores.set([stores["xuhui"]])
        stranger = Staff.objects.create(username="far", display_name="远", role="store_manager", joined_at=NOW)
        stranger.stores.set([stores["tianhe"]])
        for staff, userid in ((manager_staff, "li"), (clerk, "zhou"), (stranger, "yuan")):
            Account.objects.create(userid=userid, staff=staff, seen_at=NOW)
            for number in range(2):
                MassTask.objects.create(
                    msgid=f"{userid}{number}", channel=("wecom", "group")[number], sender=userid, size=10 + number, words_digest="x",
                    state="open", handed_at=NOW - timedelta(hours=number), until=NOW + timedelta(hours=9 - number),
                    next_at=NOW, confirmed_at=NOW if number and userid == "li" else None,
                )  # fmt: skip

        mine = queries.tasks_to_confirm(access=manager, now=NOW)
        (waits,) = queries.unconfirmed_staff(access=manager)

        assert [(one.sender, one.size) for one in mine] == [("li", 10)]
        assert (waits.account.name, waits.tasks, waits.of_groups, waits.messages) == ("小周", 2, 1, 21)
        assert (waits.since, waits.until) == (NOW - timedelta(hours=1), NOW + timedelta(hours=8))
        assert queries.tasks_to_confirm(access=SYSTEM, now=NOW) == ()

    def test_says_what_the_receiver_reads_with_personal_values(
        self, person: Made, stores: dict[str, Any], manager: Actor, manager_staff: Staff, spoken_contents: None
    ) -> None:
        Account.objects.create(userid="li", staff=manager_staff, seen_at=NOW)
        for number, content in enumerate(("told:1", "told:over", "none:1")):
            someone = person(store=stores["xuhui"])
            task = MassTask.objects.create(
                msgid=content, channel="wecom", sender="li", size=1, words_digest="x", content=content,
                state="open", handed_at=NOW, until=NOW + timedelta(hours=number + 1), next_at=NOW,
            )  # fmt: skip
            touch = Touch.objects.create(
                key=content, customer_id=someone, channel="wecom", intent="service", content=content, state="sent",
                wanted_at=NOW, at=NOW, business_date=NOW.date(), changed_at=NOW,
            )  # fmt: skip
            Delivery.objects.create(touch=touch, state="notified", state_at=NOW, out_id=content, task=task)

        told = queries.tasks_to_confirm(access=manager, now=NOW)

        first = Touch.objects.get(key="told:1").customer_id
        assert [one.words for one in told] == [f"您好，{first} 号顾客", "", ""]
