"""Contents in versions: who may do what when, four eyes, and what the check of words stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.content.conftest import TEXT
from yutang.content import actions, queries
from yutang.content.attachments import AttachmentIsWrong
from yutang.content.grammar import VariableIsUnknown
from yutang.content.models import Version
from yutang.content.queries import ContentFilters, revision
from yutang.content.writing import ContentIsWrong, last_date_of
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.actions import change_setting
from yutang.foundation.models import AuditEntry, Staff
from yutang.foundation.queries import actor_for
from yutang.kit.text import Sentence

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(now: datetime) -> Actor:
    """Another who may approve."""
    staff = Staff.objects.create(
        username="hegui", display_name="钱合规", role="compliance", joined_at=now, password="x"
    )
    return actor_for(staff)


@pytest.fixture
def asker(now: datetime) -> Actor:
    """Another who may write and approve."""
    staff = Staff.objects.create(
        username="yunying2", display_name="钱运营", role="operator", joined_at=now, password="x"
    )
    return actor_for(staff)


def states(content_id: int) -> list[tuple[int, str]]:
    return list(Version.objects.filter(content=content_id).order_by("number").values_list("number", "state"))


class TestWriting:
    def test_goes_on_with_the_draft_and_begins_a_version_after_a_decision(
        self, owner: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        content_id = write()
        actions.write_version(actor=owner, content_id=content_id, written=replace(TEXT, body="一"), now=now)
        actions.ask_for_approval(actor=owner, content_id=content_id, now=now)
        actions.approve(actor=owner, content_id=content_id, now=now)

        number = actions.write_version(actor=owner, content_id=content_id, written=replace(TEXT, body="二"), now=now)

        assert number == 2
        assert states(content_id) == [(1, "approved"), (2, "draft")]
        assert Version.objects.get(content=content_id, number=1).body == "一"

    def test_who_wrote_on_what_is_no_more_is_refused(
        self, owner: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        content_id = write()
        read = revision(access=owner, content_id=content_id)
        first, second = replace(TEXT, body="一"), replace(TEXT, body="二")
        actions.write_version(actor=owner, content_id=content_id, written=first, revision=read, now=now)

        with pytest.raises(actions.ContentWasChanged):
            actions.write_version(actor=owner, content_id=content_id, written=second, revision=read, now=now)

        assert Version.objects.get(content=content_id).body == "一"
        read = revision(access=owner, content_id=content_id)
        actions.write_version(actor=owner, content_id=content_id, written=second, revision=read, now=now)
        assert Version.objects.get(content=content_id).body == "二"

    def test_a_last_day_that_is_over_is_refused(self, owner: Actor, write: Callable[..., int], now: datetime) -> None:
        content_id = write()

        for day in (now.date() - timedelta(days=1), date(2020, 1, 1)):
            with pytest.raises(actions.LastDayIsOver):
                write(last_date=day)
            with pytest.raises(actions.LastDayIsOver):
                actions.write_version(actor=owner, content_id=content_id, written=replace(TEXT, last_date=day), now=now)

    def test_what_waits_does_not_change(self, owner: Actor, write: Callable[..., int], now: datetime) -> None:
        content_id = write()
        actions.ask_for_approval(actor=owner, content_id=content_id, now=now)

        with pytest.raises(actions.ContentWaits):
            actions.write_version(actor=owner, content_id=content_id, written=TEXT, now=now)

        actions.take_back(actor=owner, content_id=content_id, now=now)
        actions.write_version(actor=owner, content_id=content_id, written=TEXT, now=now)
        assert states(content_id) == [(1, "draft")]

    def test_no_promotion_passes_as_something_else_after_the_approval(
        self, owner: Actor, approved: Callable[..., int], now: datetime
    ) -> None:
        content_id = approved(intent="promotion")

        with pytest.raises(actions.IntentIsSettled):
            actions.write_version(actor=owner, content_id=content_id, written=TEXT, now=now)

        assert states(content_id) == [(1, "approved")]

    @pytest.mark.parametrize(
        ("parts", "part"),
        [
            ({"title": " "}, "title"),
            ({"title": "长" * 81}, "title"),
            ({"title": "a\nb"}, "title"),
            ({"kind": "video"}, "kind"),
            ({"intent": "spam"}, "intent"),
            ({"language": "fr"}, "language"),
            ({"channels": ()}, "channels"),
            ({"channels": ("phone",)}, "channels"),
            ({"body": " "}, "body"),
            ({"body": "好" * 1_334}, "body"),
            ({"last_date": date(1999, 1, 1)}, "last_date"),
            (
                {
                    "kind": "link",
                    "channels": ("sms",),
                    "attachments": ({"kind": "link", "title": "x", "url": "https://a.example.com"},),
                },
                "channels",
            ),
        ],
    )
    def test_refuses_what_cannot_be_said_and_names_the_part(
        self, write: Callable[..., int], parts: dict[str, Any], part: str
    ) -> None:
        with pytest.raises(ContentIsWrong) as refusal:
            write(**parts)

        assert refusal.value.data["part"] == part

    @pytest.mark.parametrize(
        ("kind", "attachments"),
        [
            ("text", ({"kind": "image", "media": "0" * 64},)),
            ("picture", ()),
            ("link", ({"kind": "link", "title": "x", "url": "http://example.com"},)),
            ("link", ({"kind": "link", "title": "好" * 43, "url": "https://example.com"},)),
            ("link", ({"kind": "link", "title": "x", "url": "https://example.com", "onclick": "x"},)),
            ("card", ({"kind": "miniprogram", "title": "x", "appid": "wx1", "page": "p"},)),
            ("file", ({"kind": "file", "media": "../keys.json"},)),
        ],
    )
    def test_refuses_attachments_that_wecom_would_refuse(
        self, write: Callable[..., int], kind: str, attachments: Any
    ) -> None:
        with pytest.raises(AttachmentIsWrong):
            write(kind=kind, attachments=attachments)

    @pytest.mark.parametrize(
        ("kind", "attachments", "field", "what"),
        [
            ("card", ({"kind": "miniprogram", "title": "x", "appid": "wx1", "page": "p"},), "media", "cover"),
            (
                "card",
                ({"kind": "miniprogram", "appid": "wx1", "page": "p", "media": "0" * 64},),
                "title",
                "title of the card",
            ),
            (
                "card",
                ({"kind": "miniprogram", "title": "x", "appid": "wx1", "page": "p", "media": "0" * 64},),
                "media",
                "JPEG",
            ),
            ("link", ({"kind": "link", "url": "https://example.com"},), "title", "title of the link"),
            ("link", ({"kind": "link", "title": "x"},), "url", "address"),
            ("link", ({"kind": "link", "title": "x", "url": "http://example.com"},), "url", "https://"),
            ("link", ({"kind": "link", "title": "好" * 43, "url": "https://example.com"},), "title", "129 bytes"),
            ("picture", (), "media", "at least one picture"),
            ("picture", ({"kind": "image", "media": "0" * 64},), "media", "JPEG"),
            ("file", (), "media", "Choose a file"),
        ],
    )
    def test_says_in_words_what_an_attachment_lacks_and_where(
        self, write: Callable[..., int], kind: str, attachments: Any, field: str, what: str
    ) -> None:
        with pytest.raises(AttachmentIsWrong) as refusal:
            write(kind=kind, attachments=attachments)

        assert refusal.value.data["field"] == field
        assert what in str(Sentence.from_json(refusal.value.data["what"]))

    def test_refuses_variables_that_there_are_not(self, write: Callable[..., int]) -> None:
        with pytest.raises(VariableIsUnknown):
            write(body="{{phone|您}}")

    def test_keeps_the_last_day_to_its_end_in_the_zone_of_the_organisation(self, write: Callable[..., int]) -> None:
        version = Version.objects.get(content=write(last_date=date(2026, 3, 31)))

        assert version.expires_at == datetime.fromisoformat("2026-04-01T00:00:00+08:00")
        assert last_date_of(version.expires_at) == date(2026, 3, 31)


class TestApproval:
    def test_is_given_by_somebody_else_where_somebody_else_may(
        self, owner: Actor, second: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        content_id = write()
        actions.ask_for_approval(actor=owner, content_id=content_id, now=now)

        with pytest.raises(actions.FourEyes) as refusal:
            actions.approve(actor=owner, content_id=content_id, now=now)

        assert refusal.value.data["others"] == "钱合规"
        assert queries.waits_for_others(access=owner, content_id=content_id) == ("钱合规",)
        actions.approve(actor=second, content_id=content_id, now=now)
        assert states(content_id) == [(1, "approved")]

    def test_is_given_by_the_writer_where_nobody_else_may(
        self, owner: Actor, manager: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        content_id = write()
        actions.ask_for_approval(actor=owner, content_id=content_id, now=now)
        gone = {"role": "operator", "joined_at": now}
        Staff.objects.create(username="gone", display_name="已离职", is_active=False, password="x", **gone)
        Staff.objects.create(username="uninvited", display_name="未邀请", **gone)

        actions.approve(actor=owner, content_id=content_id, now=now)

        assert states(content_id) == [(1, "approved")]

    def test_who_asked_for_what_another_wrote_does_not_approve_it_either(
        self, owner: Actor, second: Actor, operator: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        content_id = write()
        actions.ask_for_approval(actor=operator, content_id=content_id, now=now)

        with pytest.raises(actions.FourEyes):
            actions.approve(actor=operator, content_id=content_id, now=now)

    def test_who_asked_decides_where_nobody_but_the_writer_could(
        self, owner: Actor, asker: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        Staff.objects.create(username="uninvited", display_name="未邀请", role="operator", joined_at=now)
        content_id = write()
        actions.ask_for_approval(actor=asker, content_id=content_id, now=now)

        with pytest.raises(actions.FourEyes) as refusal:
            actions.approve(actor=owner, content_id=content_id, now=now)

        assert refusal.value.data["others"] == "钱运营"
        assert queries.waits_for_others(access=asker, content_id=content_id) == ()
        actions.approve(actor=asker, content_id=content_id, now=now)
        assert states(content_id) == [(1, "approved")]

    def test_who_wrote_and_who_asked_are_not_sent_to_each_other_where_a_third_can(
        self, owner: Actor, asker: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        third = {"role": "compliance", "joined_at": now, "password": "x"}
        Staff.objects.create(username="third", display_name="孙三", **third)
        content_id = write()
        actions.ask_for_approval(actor=asker, content_id=content_id, now=now)

        for either in (owner, asker):
            assert queries.waits_for_others(access=either, content_id=content_id) == ("孙三",)

    def test_the_writer_decides_where_who_asked_cannot_come_back(
        self, owner: Actor, asker: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        content_id = write()
        actions.ask_for_approval(actor=asker, content_id=content_id, now=now)
        Staff.objects.filter(pk=asker.staff_id).update(is_active=False)

        actions.approve(actor=owner, content_id=content_id, now=now)

        assert states(content_id) == [(1, "approved")]

    def test_needs_the_permission(self, manager: Actor, write: Callable[..., int], now: datetime) -> None:
        content_id = write()

        for act in (actions.ask_for_approval, actions.approve, actions.end_content):
            with pytest.raises(NotAllowed):
                act(actor=manager, content_id=content_id, now=now)

    def test_is_stopped_by_words_that_law_forbids(self, owner: Actor, write: Callable[..., int], now: datetime) -> None:
        content_id = write(body="全网最低价")

        with pytest.raises(actions.FindingsStopIt) as refusal:
            actions.ask_for_approval(actor=owner, content_id=content_id, now=now)

        assert refusal.value.data["words"] == "全网最低"

    def test_is_stopped_by_a_list_that_grew_meanwhile_and_by_a_subject(
        self, owner: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        content_id = write()
        actions.ask_for_approval(actor=owner, content_id=content_id, now=now)
        change_setting(actor=owner, key="content.own_words", value={"针织": "block"}, now=now)

        with pytest.raises(actions.FindingsStopIt):
            actions.approve(actor=owner, content_id=content_id, now=now)

        assert states(content_id) == [(1, "asked")]
        with pytest.raises(actions.FindingsStopIt):
            actions.ask_for_approval(actor=owner, content_id=write(body="好", subject="销量第一"), now=now)

    def test_of_a_promotion_by_sms_needs_a_way_out(
        self, owner: Actor, write: Callable[..., int], now: datetime
    ) -> None:
        content_id = write(intent="promotion", channels=("sms",), body="周五会员日")

        with pytest.raises(actions.FindingsStopIt):
            actions.ask_for_approval(actor=owner, content_id=content_id, now=now)

    def test_happens_once_and_leaves_a_trail(self, owner: Actor, approved: Callable[..., int], now: datetime) -> None:
        content_id = approved()

        with pytest.raises(actions.ContentIsNotOpen):
            actions.approve(actor=owner, content_id=content_id, now=now)

        trail = AuditEntry.objects.filter(subject_type="content", subject_id=str(content_id)).order_by("id")
        assert [one.action for one in trail] == ["content.create", "content.ask", "content.approve"]

    def test_comes_too_late_after_the_last_day(self, owner: Actor, write: Callable[..., int], now: datetime) -> None:
        content_id = write(last_date=date(2026, 3, 12))
        actions.ask_for_approval(actor=owner, content_id=content_id, now=now)

        with pytest.raises(actions.ContentIsNotOpen):
            actions.approve(actor=owner, content_id=content_id, now=now + timedelta(days=2))

    def test_is_refused_with_a_reason_only(self, owner: Actor, write: Callable[..., int], now: datetime) -> None:
        content_id = write()
        actions.ask_for_approval(actor=owner, content_id=content_id, now=now)
        for reason in ("", "  ", "长" * 301):
            with pytest.raises(actions.ReasonIsMissing):
                actions.refuse(actor=owner, content_id=content_id, reason=reason, now=now)

        actions.refuse(actor=owner, content_id=content_id, reason="太长", now=now)

        (version,) = queries.versions_of(access=owner, content_id=content_id, now=now)
        assert (version.state, version.reason, version.decided_by) == ("refused", "太长", "王老板")


class TestLibrary:
    def test_shows_what_holds_and_says_that_more_is_being_written(
        self, owner: Actor, approved: Callable[..., int], now: datetime
    ) -> None:
        content_id = approved(last_date=date(2026, 3, 31))
        actions.write_version(actor=owner, content_id=content_id, written=replace(TEXT, body="二"), now=now)

        before = queries.content(access=owner, content_id=content_id, now=now)
        after = queries.content(access=owner, content_id=content_id, now=now + timedelta(days=30))

        assert (before.version.number, before.version.state, before.is_being_written) == (1, "approved", True)
        assert (after.version.number, after.version.state, after.is_being_written) == (2, "draft", False)

    def test_is_narrowed_by_what_is_shown(
        self, owner: Actor, write: Callable[..., int], approved: Callable[..., int], now: datetime
    ) -> None:
        draft = write(title="草稿", channels=("sms",), body="寄出了", intent="service")
        over = approved(title="过期", last_date=date(2026, 3, 11))
        holds = approved(title="有效", language="en", category="Care")
        later = now + timedelta(days=1)

        def found(**filters: str) -> list[int]:
            page = queries.library(access=owner, filters=ContentFilters(**filters), now=later)
            return [row.id for row in page.rows]

        assert found() == [holds, over, draft]
        assert found(state="expired") == [over]
        assert found(state="draft") == [draft]
        assert found(channel="sms") == [draft]
        assert found(language="en") == [holds]
        assert found(text="针织 店里") == [holds, over]
        assert found(text="寄出 没有") == []
        assert found(intent="service", kind="text") == [draft]
        counts = queries.state_counts(access=owner, filters=ContentFilters(), now=later)
        assert counts == {"draft": 1, "asked": 0, "approved": 1, "refused": 0, "expired": 1}

    @pytest.mark.parametrize("first", ["zh-hans", "en"])
    def test_the_language_of_the_reader_comes_first_on_every_page(
        self, owner: Actor, write: Callable[..., int], now: datetime, first: str
    ) -> None:
        made = [
            write(title=f"{language} {n}", body=("好", "good")[language == "en"], language=language)
            for n, language in enumerate(["zh-hans", "en", "en", "zh-hans", "en"])
        ]

        after: int | None = None
        pages = []
        while after is not None or not pages:
            page = queries.library(
                access=owner, filters=ContentFilters(), first=first, after_key=after, limit=2, now=now
            )
            pages.append([row.id for row in page.rows])
            after = page.next_key

        english, chinese = [made[4], made[2], made[1]], [made[3], made[0]]
        wanted = [*chinese, *english] if first == "zh-hans" else [*english, *chinese]
        assert [one for page in pages for one in page] == wanted
        assert [len(page) for page in pages] == [2, 2, 1]

    def test_goes_on_page_by_page(self, owner: Actor, write: Callable[..., int], now: datetime) -> None:
        made = [write(title=f"第{n}条") for n in range(5)]
        seen, after = [], None
        while True:
            page = queries.library(access=owner, filters=ContentFilters(), after_key=after, limit=2, now=now)
            seen += [row.id for row in page.rows]
            after = page.next_key
            if after is None:
                break

        assert seen == made[::-1]

    def test_ending_stops_every_version(self, owner: Actor, approved: Callable[..., int], now: datetime) -> None:
        content_id = approved()
        later = now + timedelta(hours=1)

        assert actions.end_content(actor=owner, content_id=content_id, now=later) == 1

        assert queries.content(access=owner, content_id=content_id, now=later).version.state == "expired"
        with pytest.raises(actions.ContentIsNotOpen):
            actions.end_content(actor=owner, content_id=content_id, now=later)
