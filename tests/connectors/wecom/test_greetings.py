"""Greetings: once, within twenty seconds, whatever becomes of callbacks and answers."""

from __future__ import annotations

import random

import pytest

from tests.connectors.wecom.conftest import Listen, Sandbox, at_once, settle, way_of
from yutang.connectors.wecom.callbacks.events import (
    CustomerAdded,
    Newcomer,
)
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import WelcomeAlreadySent, WelcomeBeingSent, WelcomeTooLate
from yutang.connectors.wecom.messages import Message

HELLO = Message("欢迎您")


class TestGreetings:
    def code(self, sandbox: Sandbox, wecom: WeCom) -> str:
        sandbox.order("rules", half_first=False)
        return str(sandbox.order("scan", config_id=way_of(wecom), unionid="oNew")["accepted_code"])

    def test_hold_once(self, sandbox: Sandbox, wecom: WeCom) -> None:
        code = self.code(sandbox, wecom)
        wecom.welcomes.send(welcome_code=code, message=HELLO)

        with pytest.raises(WelcomeAlreadySent):
            wecom.welcomes.send(welcome_code=code, message=HELLO)
        (kept,) = sandbox.show("welcomes")["codes"]
        assert kept["used_with"]["text"] == {"content": "欢迎您"}

    def test_hold_for_twenty_seconds(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("clock", stop=True)
        code = self.code(sandbox, wecom)
        sandbox.order("clock", advance=20.5)

        with pytest.raises(WelcomeTooLate):
            wecom.welcomes.send(welcome_code=code, message=HELLO)

    def test_end_with_the_first_word(self, sandbox: Sandbox, wecom: WeCom) -> None:
        code = self.code(sandbox, wecom)
        (kept,) = sandbox.show("welcomes")["codes"]
        sandbox.order("talk", userid=kept["userid"], external_userid=kept["external_userid"])

        with pytest.raises(WelcomeAlreadySent):
            wecom.welcomes.send(welcome_code=code, message=HELLO)

    def test_whose_answer_was_lost_went_out_once(self, sandbox: Sandbox, wecom: WeCom) -> None:
        code = self.code(sandbox, wecom)
        sandbox.fault(kind="drop_after", api="externalcontact/send_welcome_msg")

        with pytest.raises(WelcomeAlreadySent):
            wecom.welcomes.send(welcome_code=code, message=HELLO)
        assert sum(one["used_with"] is not None for one in sandbox.show("welcomes")["codes"]) == 1

    def test_while_another_is_being_sent_are_tried_again(self, sandbox: Sandbox, wecom: WeCom) -> None:
        code = self.code(sandbox, wecom)
        sandbox.fault(kind="code", api="externalcontact/send_welcome_msg", errcode=41096, times=2)
        wecom.welcomes.send(welcome_code=code, message=HELLO)

        assert WelcomeBeingSent.remedy.value == "back_off"

    def test_that_two_send_at_once_go_out_once(self, sandbox: Sandbox, wecom: WeCom) -> None:
        code = self.code(sandbox, wecom)
        sandbox.fault(kind="slow", api="externalcontact/send_welcome_msg", seconds=0.1, times=None)
        patient = WeCom(settings=sandbox.settings())
        raised = at_once(lambda: patient.welcomes.send(welcome_code=code, message=HELLO), threads=2)

        assert [type(one) for one in raised] == [WelcomeAlreadySent]
        assert sandbox.calls("externalcontact/send_welcome_msg", 0) == 1
        assert sandbox.calls("externalcontact/send_welcome_msg", 41096) >= 1

    def test_of_a_half_relation_need_no_second_one(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen()
        half = sandbox.order("scan", config_id=way_of(wecom), unionid="oNew", accept=False)
        wecom.welcomes.send(welcome_code=half["welcome_code"], message=HELLO)
        sandbox.order("member/accept", userid="staff001", external_userid=half["external_userid"])

        _, added = settle(sandbox, inbox)

        assert isinstance(added, CustomerAdded)
        assert added.welcome_code == ""

    def test_of_200_scans_are_on_time_with_duplicates_in_another_order_and_after_a_restart(
        self, sandbox: Sandbox, wecom: WeCom, listen: Listen
    ) -> None:
        sandbox.order("rules", half_first=False)
        sandbox.order("clock", stop=True)
        inbox = listen(duplicate=0.3, reorder=8, lanes=4)
        config_id, dice = way_of(wecom, "staff001", "staff002", "staff003"), random.Random(5)
        greeted: set[str] = set()
        client, people = wecom, []

        for number in range(200):
            people.append(sandbox.order("scan", config_id=config_id, unionid=f"oW{number}")["external_userid"])
            # Fifty a second.
            sandbox.order("clock", advance=0.02)
            if number % 50 == 49:
                settle(sandbox, inbox)
                client = sandbox.client() if number == 99 else client
                fresh = [one for one in inbox.arrived if one.welcome_until and one.digest not in greeted]
                for one in fresh + dice.sample(fresh, 5):
                    assert isinstance(one.event, Newcomer)
                    if one.digest not in greeted:
                        greeted.add(one.digest)
                        client.welcomes.send(welcome_code=one.event.welcome_code, message=HELLO)

        codes = sandbox.show("welcomes")["codes"]
        assert {one["external_userid"] for one in codes if one["used_with"]} == set(people)
        assert all(one["used_with"]["at"] - one["made_at"] <= 20 for one in codes)
        assert len(greeted) == 200
        assert (
            sandbox.calls("externalcontact/send_welcome_msg", 0)
            == sandbox.calls("externalcontact/send_welcome_msg")
            == 200
        )
        assert sandbox.calls("gettoken") <= 2
        assert sandbox.show("calls")["limits_met"] == {}
