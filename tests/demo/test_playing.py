"""The demo shop shows playbooks that have run: people at several steps, some held out, and orders that one of them brought."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW
from tests.console.shop import fill
from yutang.channels.models import Touch
from yutang.content.actions import ready_library
from yutang.demo import playing
from yutang.demo.handlers import show_playbooks
from yutang.foundation.access import Actor
from yutang.foundation.invariants import all_invariants, seen
from yutang.foundation.models import Job
from yutang.ingest.models import Import
from yutang.insight.events import CustomersScored
from yutang.journeys.models import Enrolment, Playbook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, no_kept_files: None) -> None:
    """A small shop with orders and scores."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)
    ready_library(actor=Actor.system(), now=NOW)


def test_two_run_with_people_at_several_steps_and_orders_of_the_treated_are_imported(
    shop: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "_MAIN", 20)
    monkeypatch.setattr(playing, "_LATER", 8)
    monkeypatch.setattr(playing, "_MOVED_PERCENT", 60)

    playing.begin_playbooks(folder=tmp_path, now=NOW)
    began = playing.is_begun()
    first = set(Enrolment.objects.filter(ended_at=None).values_list("step", flat=True))
    playing.go_on_with_playbooks(now=NOW)

    care = Playbook.objects.get(name=playing.CARE)
    assert began
    assert first == {"order"}
    assert not playing.is_begun()
    inside = Enrolment.objects.filter(playbook=care)
    assert list(Playbook.objects.values_list("state", flat=True)) == ["running", "running"]
    assert len(set(inside.filter(ended_at=None).values_list("step", flat=True))) >= 2
    assert inside.filter(ended_because="held").exists()
    sent = Touch.objects.filter(campaign=f"playbook:{care.pk}", state="sent").count()
    assert set(Touch.objects.filter(state="sent").values_list("delivery__state", flat=True)) == {"delivered"}
    assert {seen(one).broken for one in all_invariants() if one.name.startswith("channels.")} == {0}
    contents = set(Touch.objects.filter(campaign=f"playbook:{care.pk}").values_list("content", flat=True))
    assert contents
    assert all(one.startswith("content:") for one in contents)
    assert sent > Touch.objects.filter(campaign=f"playbook:{care.pk}", state="refused").count()
    assert Import.objects.filter(file_name="回购订单.csv", status="waiting").exists()
    assert len((tmp_path / "回购订单.csv").read_text("utf-8").splitlines()) > 2


def test_nothing_is_shown_in_a_house_that_is_no_demo_shop(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_HOME = tmp_path

    show_playbooks(CustomersScored(1, NOW.date()), event_id=1, now=NOW)  # type: ignore[arg-type]

    assert not Job.objects.filter(task_path__endswith="play_demo_shop").exists()
