"""How a content becomes words: for sending in the clear, for staff masked, for many people in few queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.content.conftest import TEXT, png
from yutang.channels.bodies import BODIES
from yutang.channels.models import Touch
from yutang.content import actions, queries
from yutang.content.bodies import ContentIsNotApproved, ContentIsNotForChannel, MediaAreNotUploaded
from yutang.content.models import Medium, Upload
from yutang.content.queries import NoSuchVersion
from yutang.content.variables import VARIABLES
from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.foundation.models import Staff, Store
from yutang.foundation.sealing import seal
from yutang.insight.models import Score
from yutang.insight.queries import next_things
from yutang.insight.queries.next_things import NextProduct
from yutang.orders.models import Order, OrderLine, Product, Shop

pytestmark = pytest.mark.django_db
ALL = "{{customer_name|A}}/{{store|B}}/{{adviser|C}}/{{last_product|D}}/{{days_since_last_order|E}}/{{next_thing|F}}/{{points|G}}"


def bodies(reference: str, *customer_ids: int, channel: str = "wecom", groups: Any = (), now: datetime) -> Any:
    return BODIES["content"].bodies(
        reference=reference, channel=channel, customer_ids=customer_ids, group_keys=groups, now=now
    )


@pytest.fixture
def zhang(stores: dict[str, Store], now: datetime) -> Customer:
    """A customer of the Xuhui store of whom everything is known."""
    adviser = Staff.objects.create(username="xiaoman", display_name="小满", role="store_manager", joined_at=now)
    person = Customer.objects.create(
        sealed_profile=seal({"name": "张晓雨"}), store=stores["xuhui"], owner=adviser, first_seen_at=now
    )
    buy(person, "亚麻衬衫", "发带", day=date(2026, 2, 1), prices=(15_900, 1_900))
    buy(person, "旧款T恤", day=date(2025, 1, 1), prices=(99_000,))
    buy(person, "退掉的大衣", day=date(2026, 3, 1), prices=(158_000,), status=50)
    Score.objects.create(
        customer=person, orders=2, order_days=2, spend_minor=1, last_order_date=date(2026, 2, 1), stage="loyal"
    )
    return person


@pytest.fixture
def nobody(stores: dict[str, Store], now: datetime) -> Customer:
    """A customer of the Tianhe store of whom nothing is known but a nickname."""
    record = {"accounts": [["nickname", "taobao:x", "tb_wang"]]}
    return Customer.objects.create(sealed_profile=seal(record), store=stores["tianhe"], first_seen_at=now)


def buy(person: Customer, *names: str, day: date, prices: tuple[int, ...], status: int = 40) -> None:
    shop, _made = Shop.objects.get_or_create(platform="own", name="one")
    number = f"{person.pk}-{day}-{names[0]}"
    order = Order.objects.create(
        shop=shop, number=number, customer=person, status=status, business_date=day, currency="CNY", content_digest=b"x",
        placed_at=datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
    )  # fmt: skip
    for place, (name, price) in enumerate(zip(names, prices, strict=True)):
        product, _made = Product.objects.get_or_create(shop=shop, code=name, defaults={"name": name})
        OrderLine.objects.create(
            order=order, line_key=bytes([place]), position=place, product=product, quantity=1, unit_price_minor=price,
            amount_minor=price,
        )  # fmt: skip


@pytest.fixture
def pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a linen shirt people buy trousers; after a hair band a T-shirt, which Zhang has."""
    known = [
        NextProduct("亚麻衬衫", "阔腿裤", 9, 40, 0.2, 3.0, 2.0),
        NextProduct("亚麻衬衫", "旧款T恤", 9, 40, 0.4, 9.0, 8.0),
        NextProduct("发带", "丝巾", 9, 40, 0.1, 2.0, 1.5),
    ]
    monkeypatch.setattr(next_things, "_kept_pairs", lambda today: known)


class TestBodies:
    @pytest.mark.usefixtures("pairs")
    def test_fill_every_variable_in_the_clear(
        self, zhang: Customer, approved: Callable[..., int], now: datetime
    ) -> None:
        content_id = approved(body=ALL)

        told = bodies(f"{content_id}:1", zhang.pk, now=now)

        assert told[zhang.pk].text == "张晓雨/徐汇店/小满/亚麻衬衫/38/阔腿裤/G"

    def test_fall_back_where_nothing_is_known_and_never_take_a_nickname_for_a_name(
        self, nobody: Customer, approved: Callable[..., int], now: datetime
    ) -> None:
        told = bodies(f"{approved(body=ALL)}:1", nobody.pk, now=now)

        assert told[nobody.pk].text == "A/天河店/C/D/E/F/G"

    def test_leave_out_who_lacks_what_has_no_fall_back(
        self, zhang: Customer, nobody: Customer, approved: Callable[..., int], now: datetime
    ) -> None:
        content_id = approved(body="{{customer_name}}，您好", channels=("wecom", "group"))

        assert set(bodies(f"{content_id}:1", zhang.pk, nobody.pk, now=now)) == {zhang.pk}
        assert bodies(f"{content_id}:1", channel="group", groups=("g1",), now=now) == {}

    def test_a_group_reads_the_fall_backs(self, approved: Callable[..., int], now: datetime) -> None:
        content_id = approved(body="{{store|店里}}见", channels=("group",))

        told = bodies(f"{content_id}:1", channel="group", groups=("g1", "g2"), now=now)

        assert {key: body.text for key, body in told.items()} == {"g1": "店里见", "g2": "店里见"}

    def test_who_has_left_looks_after_nobody(
        self, zhang: Customer, approved: Callable[..., int], now: datetime
    ) -> None:
        Staff.objects.filter(username="xiaoman").update(is_active=False)

        assert bodies(f"{approved(body='{{adviser|我们}}')}:1", zhang.pk, now=now)[zhang.pk].text == "我们"

    def test_of_short_messages_carry_the_template_and_its_values_in_order(
        self, zhang: Customer, approved: Callable[..., int], now: datetime
    ) -> None:
        content_id = approved(
            channels=("sms", "email"), intent="service", body="{{store|店里}}，{{customer_name|您}}，{{store|店里}}",
            sms_template="SMS_1", subject="给{{customer_name|您}}",
        )  # fmt: skip

        short = bodies(f"{content_id}:1", zhang.pk, channel="sms", now=now)[zhang.pk]
        mail = bodies(f"{content_id}:1", zhang.pk, channel="email", now=now)[zhang.pk]

        assert (short.template, list(short.values.items())) == (
            "SMS_1",
            [("store", "徐汇店"), ("customer_name", "张晓雨")],
        )
        assert (short.subject, mail.subject, mail.template) == ("", "给张晓雨", "")

    def test_are_refused_before_the_approval_after_the_last_day_and_once_ended(
        self, owner: Actor, zhang: Customer, write: Callable[..., int], approved: Callable[..., int], now: datetime
    ) -> None:
        draft, short, ended = write(), approved(last_date=date(2026, 3, 11)), approved()
        actions.end_content(actor=owner, content_id=ended, now=now)
        bodies(f"{short}:1", zhang.pk, now=now)

        for reference, at in ((f"{draft}:1", now), (f"{short}:1", now + timedelta(days=1)), (f"{ended}:1", now)):
            with pytest.raises(ContentIsNotApproved):
                bodies(reference, zhang.pk, now=at)

    def test_an_older_approved_version_still_goes_while_a_newer_is_written(
        self, owner: Actor, zhang: Customer, approved: Callable[..., int], now: datetime
    ) -> None:
        content_id = approved(body="一")
        actions.write_version(actor=owner, content_id=content_id, written=replace(TEXT, body="二"), now=now)

        assert bodies(f"{content_id}:1", zhang.pk, now=now)[zhang.pk].text == "一"
        with pytest.raises(ContentIsNotApproved):
            bodies(f"{content_id}:2", zhang.pk, now=now)

    @pytest.mark.parametrize(
        "reference", ["", "1", "1:", ":1", "1:2:3", "a:1", "1:99", "９:1", "1" * 30 + ":1", "-1:1"]
    )
    def test_a_reference_that_is_none_is_refused(self, reference: str, now: datetime) -> None:
        with pytest.raises(NoSuchVersion):
            bodies(reference, now=now)

    def test_only_the_channels_that_were_approved(self, approved: Callable[..., int], now: datetime) -> None:
        with pytest.raises(ContentIsNotForChannel):
            bodies(f"{approved()}:1", channel="sms", now=now)

    def test_for_wecom_carry_the_copies_that_hold(
        self, owner: Actor, zhang: Customer, approved: Callable[..., int], now: datetime
    ) -> None:
        digest = actions.add_medium(actor=owner, content=png(), name="a.png", now=now)
        card = {"kind": "miniprogram", "title": "护理", "appid": "wx1", "page": "p", "media": digest}
        picture = approved(
            kind="picture", attachments=({"kind": "image", "media": digest},), channels=("wecom", "email")
        )
        carded = approved(kind="card", attachments=(card,))
        with pytest.raises(MediaAreNotUploaded):
            bodies(f"{picture}:1", zhang.pk, now=now)
        Upload.objects.create(
            medium=Medium.objects.get(), media_id="m1", uploaded_at=now, ends_at=now + timedelta(days=3)
        )

        told = bodies(f"{picture}:1", zhang.pk, now=now)[zhang.pk]

        assert told.attachments == ({"kind": "image", "media_id": "m1"},)
        told = bodies(f"{carded}:1", zhang.pk, now=now)[zhang.pk]
        assert told.attachments[0] == {
            "kind": "miniprogram",
            "title": "护理",
            "appid": "wx1",
            "page": "p",
            "pic_media_id": "m1",
        }
        mail = bodies(f"{picture}:1", zhang.pk, channel="email", now=now)[zhang.pk]
        assert mail.attachments == ({"kind": "image", "media": digest},)
        with pytest.raises(MediaAreNotUploaded):
            bodies(f"{picture}:1", zhang.pk, now=now + timedelta(days=3))


class TestPreviews:
    def test_mask_what_is_personal(self, owner: Actor, zhang: Customer, now: datetime) -> None:
        (shown,) = queries.preview(access=owner, written=replace(TEXT, body=ALL), customer_id=zhang.pk, now=now)

        assert shown.text.startswith("张**/徐汇店/")

    def test_of_people_out_of_reach_there_are_none(self, manager: Actor, nobody: Customer, now: datetime) -> None:
        with pytest.raises(NoSuchCustomer):
            queries.preview(access=manager, written=TEXT, customer_id=nobody.pk, now=now)

    def test_say_who_would_be_left_out(self, owner: Actor, nobody: Customer, now: datetime) -> None:
        written = replace(TEXT, body="{{customer_name}}好", channels=("wecom", "sms", "group"))

        shown = queries.preview(access=owner, written=written, customer_id=nobody.pk, now=now)

        assert [one.lacking for one in shown] == [(VARIABLES["customer_name"].title,)] * 3

    @pytest.mark.parametrize(
        ("sign", "name", "read"),
        [("鱼塘演示", "云织", "【鱼塘演示】"), ("", "云织", "【云织】"), ("", "", "【签名】")],
    )
    def test_of_a_short_message_begin_with_the_signature_that_the_phone_shows(
        self, owner: Actor, settings: Any, now: datetime, sign: str, name: str, read: str
    ) -> None:
        settings.YUTANG_SMS = {**settings.YUTANG_SMS, "sign": sign}
        if name:
            change_setting(actor=Actor.system(), key="foundation.organisation_name", value=name, now=now)

        (shown,) = queries.preview(access=owner, written=replace(TEXT, channels=("sms",)), now=now)

        assert shown.signature == read

    def test_of_a_short_message_count_the_signature(self, owner: Actor, now: datetime) -> None:
        (shown,) = queries.preview(access=owner, written=replace(TEXT, body="好" * 66, channels=("sms",)), now=now)

        assert shown.length.characters == 66 + len(shown.signature)

    def test_of_many_ask_as_many_queries_as_of_one(
        self, owner: Actor, zhang: Customer, nobody: Customer, approved: Callable[..., int], now: datetime
    ) -> None:
        reference = f"{approved(body=ALL)}:1"
        more = [
            Customer.objects.create(
                sealed_profile=seal({"name": "李四"}), store_id=zhang.store_id, first_seen_at=now
            ).pk
            for _ in range(40)
        ]

        def counted(customer_ids: list[int]) -> tuple[int, Any]:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                rows = queries.preview_of_many(access=owner, reference=reference, customer_ids=customer_ids, now=now)
            return len(asked), rows

        one, _rows = counted([zhang.pk])
        many, rows = counted([zhang.pk, nobody.pk, *more])

        assert many == one
        assert len(rows) == 42
        assert rows[0].text.startswith("张**/徐汇店/小满/亚麻衬衫/38/")

    def test_of_many_are_of_people_within_reach(
        self, manager: Actor, zhang: Customer, nobody: Customer, approved: Callable[..., int], now: datetime
    ) -> None:
        rows = queries.preview_of_many(
            access=manager,
            reference=f"{approved(body='{{customer_name}}')}:1",
            customer_ids=[nobody.pk, zhang.pk],
            now=now,
        )

        assert [(row.customer_id, row.text, row.is_left_out) for row in rows] == [(zhang.pk, "张**", False)]


class TestUsage:
    def touch(self, key: str, person: Customer | None, content: str, state: str, at: datetime, **more: Any) -> None:
        Touch.objects.create(
            key=key, customer=person, content=content, state=state, at=at, wanted_at=at, business_date=at.date(),
            changed_at=at, channel="wecom", intent="value", **more,
        )  # fmt: skip

    def test_counts_all_versions_by_state_within_reach_and_days(
        self,
        owner: Actor,
        manager: Actor,
        zhang: Customer,
        nobody: Customer,
        approved: Callable[..., int],
        now: datetime,
    ) -> None:
        content_id, other = approved(), approved(title="其他")
        actions.write_version(actor=owner, content_id=content_id, written=TEXT, now=now)
        self.touch("a", zhang, f"content:{content_id}:1", "sent", now)
        self.touch("b", zhang, f"content:{content_id}:2", "planned", now)
        self.touch("c", nobody, f"content:{content_id}:1", "sent", now)
        self.touch("d", None, f"content:{content_id}:1", "failed", now, group_key="g1")
        self.touch("e", zhang, f"content:{content_id}:1", "sent", now - timedelta(days=91))
        self.touch("f", zhang, f"content:{content_id}1:1", "sent", now)

        whole = queries.usage(access=owner, content_ids=[content_id, other], now=now)
        part = queries.usage(access=manager, content_ids=[content_id], now=now)

        assert whole[content_id].states == {"sent": 2, "planned": 1, "failed": 1}
        assert (whole[content_id].messages, whole[content_id].last_at) == (4, now)
        assert (whole[other].messages, whole[other].last_at) == (0, None)
        assert part[content_id].states == {"sent": 1, "planned": 1}
