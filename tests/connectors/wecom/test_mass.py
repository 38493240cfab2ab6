"""Mass messages: chunks, message ids, confirmations, results and refusals add up person by person."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.connectors.wecom.conftest import Sandbox
from yutang.connectors.wecom.api.mass import (
    CUSTOMERS,
    GROUPS,
    Chunk,
    MassMessages,
    SendStatus,
    SentTwice,
    TaskStatus,
    customer_chunks,
    group_chunks,
)
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import (
    AlreadySo,
    NobodyToSendTo,
    NotFound,
    OverLimit,
    ParameterRefused,
    RemindedOftenEnough,
    StillDispatching,
)
from yutang.connectors.wecom.messages import Image, Message
from yutang.connectors.wecom.simulator.world import Tie

HELLO = Message("您好，这周的穿搭分享来了")


def one_of(wecom: WeCom, userid: str = "staff001") -> Chunk:
    (chunk,) = customer_chunks((userid, one) for one in wecom.customers.of_staff(userid=userid))
    return chunk


def sent(sandbox: Sandbox, wecom: WeCom, chunk: Chunk) -> Counter[SendStatus]:
    """Send one message and return how many came to each end."""
    made = wecom.mass.create(chunk=chunk, message=HELLO)
    sandbox.order("member/confirm", msgid=made.msgid, userid=chunk.sender)
    sandbox.order("clock", advance=3)
    return Counter(one.status for one in wecom.mass.results(msgid=made.msgid, userid=chunk.sender))


class TestChunks:
    def test_are_cut_by_sender_and_size(self) -> None:
        pairs = [("a", f"wm{n}") for n in range(CUSTOMERS + 1)] + [("b", "wmB")]

        assert [(one.sender, len(one.targets)) for one in customer_chunks(pairs)] == [
            ("a", CUSTOMERS),
            ("a", 1),
            ("b", 1),
        ]
        assert [len(one.targets) for one in group_chunks(("a", f"wr{n}") for n in range(GROUPS * 2 + 1))] == [
            GROUPS,
            GROUPS,
            1,
        ]

    def test_name_nobody_twice(self) -> None:
        with pytest.raises(SentTwice):
            customer_chunks([("a", "wm1"), ("b", "wm1")])

    def test_that_are_too_large_are_refused(self, wecom: WeCom) -> None:
        with pytest.raises(OverLimit):
            wecom.mass.create(
                chunk=Chunk("staff001", "single", tuple(f"wm{n}" for n in range(CUSTOMERS + 1))), message=HELLO
            )


@pytest.mark.slow
def test_25000_customers_of_40_staff_and_4400_groups_add_up(open_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = open_sandbox(staff=40, customers=25_000, groups=4_400, owners=2, members=1)
    wecom, dice = sandbox.client(), random.Random(3)
    relations = {
        one.person.external_userid: one.following.userid
        for one in wecom.customers.relations(userids=wecom.customers.staff())
    }
    groups = {one.chat_id: sandbox.world.chats[one.chat_id].owner for one in wecom.groups.list()}
    lost, deleted, full = (set(part) for part in (dice.sample(sorted(relations), 300)[n::3] for n in range(3)))
    for one in lost:
        sandbox.world.relations[relations[one]][one].tie = Tie.LEFT_BY_CUSTOMER
    for one in deleted:
        sandbox.world.relations[relations[one]][one].tie = Tie.DELETED_BY_STAFF
    for one in full:
        sandbox.world.received[one] = [sandbox.world.now()] * 31
    refuses = {"staff007", "staff031"}

    chunks = [
        *customer_chunks((userid, one) for one, userid in relations.items()),
        *group_chunks((owner, one) for one, owner in groups.items()),
    ]
    made = list(wecom.mass.create_all(chunks=chunks, message=HELLO))
    for task in [task for _, task in made]:
        for userid in sandbox.world.tasks[task.msgid].targets:
            if userid not in refuses:
                sandbox.order("member/confirm", msgid=task.msgid, userid=userid)
    sandbox.order("clock", advance=3)
    ends: dict[str, str] = {}
    for chunk, task in made:
        told = dict.fromkeys(task.refused, "refused")
        (sender,) = wecom.mass.senders(msgid=task.msgid)
        assert (sender.userid, sender.status) == (
            chunk.sender,
            TaskStatus.UNSENT if chunk.sender in refuses else TaskStatus.SENT,
        )
        told |= {one.target: one.status.name for one in wecom.mass.results(msgid=task.msgid, userid=chunk.sender)}
        assert told.keys() == set(chunk.targets)
        assert not ends.keys() & told.keys()
        ends |= told

    assert len(chunks) == len({task.msgid for _, task in made}) == 40 + 4
    assert ends.keys() == relations.keys() | groups.keys()
    for one, userid in relations.items():
        wanted = (
            "refused"
            if one in deleted
            else "UNSENT"
            if userid in refuses
            else "NOT_A_FRIEND"
            if one in lost
            else "CAP_REACHED"
            if one in full
            else "SENT"
        )
        assert ends[one] == wanted
    assert all(ends[one] == "SENT" for one in groups)
    received = {one for one, times in sandbox.world.received.items() if times and one not in full}
    assert received == {one for one, end in ends.items() if end == "SENT"}
    assert {len(sandbox.world.received[one]) for one in received} == {1}


class TestTasks:
    def test_wait_for_staff(self, sandbox: Sandbox, wecom: WeCom) -> None:
        chunk = one_of(wecom)
        made = wecom.mass.create(chunk=chunk, message=HELLO)

        with pytest.raises(StillDispatching) as raised:
            list(wecom.mass.senders(msgid=made.msgid))
        assert raised.value.may_help_later
        sandbox.order("clock", advance=3)
        (sender,) = wecom.mass.senders(msgid=made.msgid)
        assert (sender.status, sender.sent_at) == (TaskStatus.UNSENT, None)
        assert {one.status for one in wecom.mass.results(msgid=made.msgid, userid="staff001")} == {SendStatus.UNSENT}

        sandbox.order("member/confirm", msgid=made.msgid, userid="staff001")
        (sender,) = wecom.mass.senders(msgid=made.msgid)
        assert sender.status is TaskStatus.SENT
        assert sender.sent_at is not None
        assert {one.status for one in wecom.mass.results(msgid=made.msgid, userid="staff001")} == {SendStatus.SENT}

    def test_of_groups_tell_only_of_groups_that_were_picked(self, sandbox: Sandbox, wecom: WeCom) -> None:
        chats = [one.chat_id for one in wecom.groups.list(owners=["staff001"])]
        made = wecom.mass.create(chunk=Chunk("staff001", "group", tuple(chats)), message=HELLO)
        sandbox.order("clock", advance=3)
        assert list(wecom.mass.results(msgid=made.msgid, userid="staff001")) == []

        sandbox.order("member/confirm", msgid=made.msgid, userid="staff001", only=chats[:1])

        assert [one.target for one in wecom.mass.results(msgid=made.msgid, userid="staff001")] == chats[:1]

    def test_let_the_sender_choose_where_that_is_allowed(self, sandbox: Sandbox, wecom: WeCom) -> None:
        chunk = one_of(wecom)
        made = wecom.mass.create(chunk=chunk, message=HELLO, may_choose=True)
        sandbox.order("member/confirm", msgid=made.msgid, userid="staff001", only=list(chunk.targets[:2]))
        sandbox.order("clock", advance=3)

        found = Counter(one.status for one in wecom.mass.results(msgid=made.msgid, userid="staff001"))

        assert found == {SendStatus.SENT: 2, SendStatus.UNSENT: 4}

    def test_that_were_cancelled_go_nowhere(self, sandbox: Sandbox, wecom: WeCom) -> None:
        made = wecom.mass.create(chunk=one_of(wecom), message=HELLO)
        wecom.mass.cancel(msgid=made.msgid)

        for call in (wecom.mass.cancel, wecom.mass.remind):
            with pytest.raises(AlreadySo):
                call(msgid=made.msgid)
        assert sandbox.order("member/confirm_all")["sent"] == 0

    def test_are_reminded_of_three_times_a_day(self, sandbox: Sandbox, wecom: WeCom) -> None:
        made = wecom.mass.create(chunk=one_of(wecom), message=HELLO)
        for _ in range(3):
            wecom.mass.remind(msgid=made.msgid)

        with pytest.raises(RemindedOftenEnough):
            wecom.mass.remind(msgid=made.msgid)
        sandbox.order("clock", advance=86_400)
        wecom.mass.remind(msgid=made.msgid)

    def test_are_listed_page_by_page(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("rules", most_per_page=2)
        made = {wecom.mass.create(chunk=one_of(wecom), message=HELLO).msgid for _ in range(5)}
        now = datetime.fromtimestamp(sandbox.world.now(), UTC)

        listed = list(
            wecom.mass.listed(chat_type="single", since=now - timedelta(days=1), until=now + timedelta(days=1))
        )

        assert {one.msgid for one in listed} == made
        assert {one.creator for one in listed} == {""}
        assert (
            list(wecom.mass.listed(chat_type="group", since=now - timedelta(days=1), until=now + timedelta(days=1)))
            == []
        )
        with pytest.raises(OverLimit):
            list(wecom.mass.listed(chat_type="single", since=now - timedelta(days=40), until=now))

    def test_to_nobody_and_with_media_that_are_gone_are_refused(self, sandbox: Sandbox, wecom: WeCom) -> None:
        with pytest.raises(NobodyToSendTo):
            wecom.mass.create(chunk=Chunk("staff002", "single", one_of(wecom).targets), message=HELLO)
        with pytest.raises(ParameterRefused):
            wecom.mass.create(chunk=one_of(wecom), message=Message("好", (Image("mediaNone"),)))
        with pytest.raises(NotFound):
            list(wecom.mass.senders(msgid="msgNone"))


class TestCaps:
    @pytest.mark.parametrize(("cap", "most"), [("daily_1", 1), ("weekly_7", 7)])
    def test_are_kept_and_end_with_their_window(self, sandbox: Sandbox, wecom: WeCom, cap: str, most: int) -> None:
        # A Monday morning in China.
        sandbox.order("clock", at=datetime(2026, 3, 9, 1, tzinfo=UTC).timestamp())
        sandbox.order("rules", mass_cap=cap)
        chunk = one_of(wecom)

        for _ in range(most):
            assert sent(sandbox, wecom, chunk) == {SendStatus.SENT: 6}
        assert sent(sandbox, wecom, chunk) == {SendStatus.CAP_REACHED: 6}
        sandbox.order("clock", advance=86_400 if cap == "daily_1" else 7 * 86_400)
        assert sent(sandbox, wecom, chunk) == {SendStatus.SENT: 6}

    def test_by_month_are_its_days(self, sandbox: Sandbox, wecom: WeCom) -> None:
        customer = one_of(wecom).targets[0]
        sandbox.order("clock", at=datetime(2027, 2, 10, tzinfo=UTC).timestamp())
        sandbox.world.received[customer] = [datetime(2027, 2, 1, tzinfo=UTC).timestamp()] * 27
        chunk = Chunk("staff001", "single", (customer,))

        assert sent(sandbox, wecom, chunk) == {SendStatus.SENT: 1}
        assert sent(sandbox, wecom, chunk) == {SendStatus.CAP_REACHED: 1}
        sandbox.order("clock", at=datetime(2027, 2, 28, 16, tzinfo=UTC).timestamp())
        assert sent(sandbox, wecom, chunk) == {SendStatus.SENT: 1}

    def test_count_what_staff_send_by_themselves(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("rules", mass_cap="daily_1")
        chunk = one_of(wecom)
        own = sandbox.order("member/send", userid="staff001", targets=list(chunk.targets[:2]), words="在吗")
        now = datetime.fromtimestamp(sandbox.world.now(), UTC)

        assert sent(sandbox, wecom, chunk) == {SendStatus.CAP_REACHED: 2, SendStatus.SENT: 4}
        listed = list(wecom.mass.listed(chat_type="single", since=now - timedelta(1), until=now + timedelta(1)))
        assert [(one.creator, one.create_type) for one in listed] == [("staff001", 1), ("", 0)]
        assert own["sent"] == 2

    def test_of_groups_are_counted_apart(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("rules", mass_cap="daily_1")
        chats = tuple(one.chat_id for one in wecom.groups.list(owners=["staff001"]))

        assert sent(sandbox, wecom, Chunk("staff001", "group", chats)) == {SendStatus.SENT: 2}
        assert sent(sandbox, wecom, Chunk("staff001", "group", chats)) == {SendStatus.CAP_REACHED: 2}
        assert sent(sandbox, wecom, one_of(wecom)) == {SendStatus.SENT: 6}


def test_each_task_is_told_of_before_the_next_is_made(sandbox: Sandbox, wecom: WeCom) -> None:
    chunks = [one_of(wecom, userid) for userid in ("staff001", "staff002", "staff003")]
    making = MassMessages(wecom.caller).create_all(chunks=chunks, message=HELLO)

    next(making)

    assert sandbox.calls("externalcontact/add_msg_template") == 1
