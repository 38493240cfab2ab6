"""The demo shop shows campaigns that have gone out: one that people answered, and one that runs in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW
from tests.console.shop import fill
from tests.delivery.conftest import Corp
from yutang.channels.models import Campaign, MassTask, Reply, Touch
from yutang.channels.queries import MessagesWanted, campaign_progress, messages_passed
from yutang.connectors.wecom.simulator.seeding import Size
from yutang.content.actions import ready_library
from yutang.customers.models import Consent, Identifier
from yutang.demo import reaching
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import rebuild_lake
from yutang.insight.lake_reading import open_engine
from yutang.insight.models import Score

pytestmark = pytest.mark.django_db(transaction=True)
SYSTEM = Actor.system()


@pytest.fixture
def corp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Corp]:
    """A sandbox in which some customers of the shop are friends of four members of staff."""
    made = Corp(Size(staff=4, customers=12, groups=2, owners=1, members=2))
    monkeypatch.setattr("yutang.channels.delivery.books._BOOKS", [made.book])
    monkeypatch.setattr(reaching, "sandbox_page", lambda: made.sandbox.simulator.address)
    yield made
    made.sandbox.simulator.end()


def test_two_stand_there_with_answers_a_no_and_staff_who_have_not_confirmed(
    stores: dict[str, Any], settings: Any, tmp_path: Path, no_kept_files: None, corp: Corp
) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)
    ready_library(actor=SYSTEM, now=NOW)
    people = sorted(Score.objects.filter(orders__gte=1).values_list("customer_id", flat=True))[:12]
    digests = {one: f"friend{one}".encode().ljust(16, b"\0")[:16] for one in people}
    Identifier.objects.bulk_create(Identifier(kind="wecom", digest=d, customer_id=one) for one, d in digests.items())
    corp.befriend(people)
    rebuild_lake(now=NOW)

    went_out = reaching.show_campaigns(now=NOW)

    texts, live = (Campaign.objects.get(name=name) for name in (reaching.TEXTS, reaching.LIVE))
    answered = campaign_progress(access=SYSTEM, campaign_id=texts.pk, now=NOW)
    assert answered.way["delivered"] == went_out["texts"] > 3
    assert (answered.replies, answered.opt_outs) == (3, 1)
    assert Reply.objects.filter(answered_at=None, is_opt_out=False).count() == 2
    assert Consent.objects.filter(granted=False, channel="sms").exists()
    tasks = MassTask.objects.filter(campaign=live.key)
    assert went_out["wecom"] == sum(one.size for one in tasks) > 0
    confirmed = [one for one in corp.tasks() if one.sent_at]
    assert len(confirmed) == len(tasks) - 2 > 0
    assert len(messages_passed(access=SYSTEM, wanted=MessagesWanted()).rows) > 3
    assert reaching.is_shown()
    in_the_lake = open_engine().execute("SELECT count(*) AS n FROM channels_touch")["n"][0].as_py()
    assert in_the_lake == Touch.objects.filter(customer__isnull=False).count() > 0
