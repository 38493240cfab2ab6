"""The page on which somebody asks for another look: by a signed link, once, and with the answer when there is one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.coupons.conftest import kind
from tests.economics.conftest import deliver
from tests.groupbuy.conftest import SYSTEM, campaign, people
from tests.referral.conftest import invited, programme
from yutang.groupbuy import actions as groupbuy
from yutang.risk import actions
from yutang.risk.appeal_links import LASTS, appeal_token
from yutang.risk.asks import Ask
from yutang.risk.models import Appeal

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(settings: Any, tmp_path: Any) -> int:
    """A decision of the guard that stopped somebody."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()
    for number, person in enumerate(people(9)):
        asked = Ask(kind="seat", key=f"k{number}", person_id=person, device="farm", payer="purse", value_fen=2_900)
        last = actions.judge(actor=SYSTEM, ask=asked, now=timezone.now())
    assert last.is_stopped
    return int(last.decision_id)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_words_are_taken_once_and_the_answer_stands_there(decision: int) -> None:
    client, path = Client(), f"/appeal/{appeal_token(decision_id=decision, now=timezone.now())}"

    assert client.post(path, {"words": " "}).status_code == 422
    for _ in range(2):
        assert client.post(path, {"words": "全家共用一台平板"}).status_code == 200

    assert Appeal.objects.count() == 1
    actions.grant_appeal(actor=SYSTEM, decision_id=decision, answer="已核实", now=timezone.now())
    assert "已核实" in text(client.get(path))


def test_the_link_holds_for_its_decision_until_its_end(decision: int) -> None:
    now = timezone.now()
    token = appeal_token(decision_id=decision, now=now)
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")

    assert Client().get(f"/appeal/{token}").status_code == 200
    for wrong in (changed, f"{decision}-0123456789abcdef", "x"):
        assert Client().get(f"/appeal/{wrong}").status_code == 404
    over = appeal_token(decision_id=decision, now=now - LASTS - timedelta(seconds=1))
    assert Client().get(f"/appeal/{over}").status_code == 410
    assert Client().get(f"/appeal/{appeal_token(decision_id=decision + 999, now=now)}").status_code == 404


@pytest.mark.parametrize("verdict", ["refuse", "review"])
def test_a_friend_is_told_what_the_guard_said_and_how_to_ask_again(verdict: str, settings: Any, tmp_path: Any) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()
    kind()
    kind(name="老客答谢15元", code="thanks15", amount_minor=1_500, per_person=50)
    rules = {"slow_from": 1, "review_from": 1, "refuse_from": 1_000, "wait_seconds": 60, "rules": [
        {"code": "all", "points": 5, "verdict": verdict, "when": [{"fact": "person_hour", "is": ">=", "value": 1}]}
    ]}  # fmt: skip
    version = actions.save_rules(actor=SYSTEM, body=rules, note="", now=timezone.now())
    actions.put_in_force(actor=SYSTEM, version=version, now=timezone.now())
    path, client = f"/r/{invited(programme())}", Client()

    form = {"phone": "13800138001", "agreed": "yes"}
    first, elsewhere = (text(one.post(path, form)) for one in (client, Client()))

    assert ("没有被接受" in first, "需要先人工核实" in first) == (verdict == "refuse", verdict == "review")
    link = re.search(r'href="(/appeal/[^"]+)"', first)
    assert link is not None
    assert "为什么" in first
    assert "这次不能领取" in first if verdict == "refuse" else "正在核实" in first
    assert "短时间内" in first
    assert "短时间内" in text(Client().get(link[1]))
    assert Client().post(link[1], {"words": "我是新顾客"}).status_code == 200
    assert Appeal.objects.get().decision.kind == "referral"
    # Whoever types the number on another phone may be somebody else.
    assert "/appeal/" not in elsewhere
    assert ("没有被接受" in elsewhere) == (verdict == "refuse")
    actions.grant_appeal(
        actor=SYSTEM, decision_id=Appeal.objects.get().decision_id, answer="已核实", now=timezone.now()
    )
    deliver(now=timezone.now())
    assert f'href="{path}"' in text(Client().get(link[1]))
    # It is given on the phone with which it was taken, without typing anything again.
    own, other_number, foreign = (
        text(one.get(at)) for one, at in ((client, path), (client, f"{path}?other=1"), (Client(), path))
    )
    assert "您的优惠券" in own
    assert re.search(r'<p class="ticket-code strong">[^<]+</p>', own)
    for form_only in (other_number, foreign):
        assert 'name="phone"' in form_only
        assert "ticket-code" not in form_only


def test_an_answer_to_what_another_program_asked_leads_to_no_invitation(settings: Any, tmp_path: Any) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()
    for number, person in enumerate(people(9)):
        asked = Ask(
            kind="referral", key=f"till {number}", person_id=person, device="farm", payer="purse", value_fen=2_900
        )
        last = actions.judge(actor=SYSTEM, ask=asked, now=timezone.now())
    assert last.is_stopped
    path = f"/appeal/{appeal_token(decision_id=last.decision_id, now=timezone.now())}"
    assert Client().post(path, {"words": "我是新顾客"}).status_code == 200
    actions.grant_appeal(actor=SYSTEM, decision_id=last.decision_id, answer="已核实", now=timezone.now())

    page = Client().get(path)

    assert page.status_code == 200
    assert "已核实" in text(page)
    assert 'href="/r/' not in text(page)


@pytest.mark.parametrize(("deed", "said"), [("added", "加我们为好友后"), ("bought", "购买后"), ("visited", "到店后")])
def test_an_invitation_promises_what_its_programme_rewards(deed: str, said: str, settings: Any, tmp_path: Any) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()
    kind()
    kind(name="老客答谢15元", code="thanks15", amount_minor=1_500, per_person=50)

    page = text(Client().get(f"/r/{invited(programme(deed=deed))}"))

    assert f"您{said}，您的朋友将得到" in page


def test_who_takes_invitations_too_often_is_told_in_words(settings: Any, tmp_path: Any) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()
    kind()
    kind(name="老客答谢15元", code="thanks15", amount_minor=1_500, per_person=50)
    path, client = f"/r/{invited(programme())}", Client()

    answers = [client.post(path, {"phone": "12345", "agreed": "yes"}) for _ in range(11)]

    assert "请填写 11 位手机号" in text(answers[0])
    assert (answers[-1].status_code, "请稍等一分钟再试" in text(answers[-1])) == (429, True)


def test_whom_the_block_list_keeps_out_of_a_group_is_told_why_and_how_to_ask_again(
    settings: Any, tmp_path: Any
) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()
    offer = campaign(ends_at=timezone.now() + timedelta(days=30))
    seat, client = re.compile(r'href="(/appeal/[^"]+)"'), Client()
    blocked, _shown = groupbuy.known_person(actor=SYSTEM, phone="13800138001", now=timezone.now())
    actions.put_on_list(
        actor=SYSTEM,
        effect="block",
        subject="person",
        value=str(blocked),
        reason="多次退款",
        until=None,
        now=timezone.now(),
    )

    page = client.post(f"/g/c/{offer.code}/", {"phone": "13800138001", "size": 2, "key": "k1"})
    link = seat.search(text(page))

    assert page.status_code == 422
    assert link is not None
    assert "暂时不能参团" in text(page)
    assert "本店此前已登记" in text(page)
    assert Client().post(link[1], {"words": "退款是因为寄错了"}).status_code == 200
    made = Appeal.objects.get()
    assert made.decision.kind == "seat"
    actions.grant_appeal(actor=SYSTEM, decision_id=made.decision_id, answer="已核实", now=timezone.now())
    again = client.post(f"/g/c/{offer.code}/", {"phone": "13800138001", "size": 2, "key": "k2"})
    assert again.status_code == 302, re.findall(r"role=.alert.*", text(again))
