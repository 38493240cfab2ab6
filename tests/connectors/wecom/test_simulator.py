"""The simulator itself: its page, its orders, its process; and that client and simulator speak of the same API."""

from __future__ import annotations

import http.client
import importlib
import json
import math
import pkgutil
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import yutang.connectors
import yutang.connectors.wecom.api as client_api
from tests.connectors.wecom.conftest import Listen, Sandbox, settle
from yutang.connectors.sandbox.markup import tag, text
from yutang.connectors.wecom.api.mass import customer_chunks
from yutang.connectors.wecom.calling import Api
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import TYPES, RateLimited
from yutang.connectors.wecom.messages import Message
from yutang.connectors.wecom.settings import WeComSettings
from yutang.connectors.wecom.simulator.asked import ANSWERS
from yutang.connectors.wecom.simulator.plans import PLANS

ROOMS = ("/", "/customer", "/staff", "/owner")


def apis() -> Iterator[Api]:
    for module in pkgutil.iter_modules(client_api.__path__):
        for value in vars(importlib.import_module(f"{client_api.__name__}.{module.name}")).values():
            if isinstance(value, Api):
                yield value


def asked(sandbox: Sandbox, method: str, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    address = sandbox.simulator.address.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(address)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body.encode(), named)
    response = connection.getresponse()
    content = response.read().decode()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, content


class TestTheApi:
    def test_every_call_of_the_client_is_answered_by_the_same_method_and_the_other_way_round(self) -> None:
        assert {(one.path, one.method) for one in apis()} == {(one.path, one.method) for one in ANSWERS.values()}

    def test_tokens_are_looked_at_first_then_permission_then_what_was_asked(self, sandbox: Sandbox) -> None:
        sandbox.order("rules", allows_contacts=False)
        path = "/cgi-bin/externalcontact/add_msg_template"
        _, _, told = asked(
            sandbox,
            "GET",
            f"/cgi-bin/gettoken?{urlencode({'corpid': sandbox.world.corp_id, 'corpsecret': sandbox.secret})}",
        )
        token = json.loads(told)["access_token"]

        found = [
            json.loads(asked(sandbox, "POST", f"{path}{query}", "{}")[2])
            for query in ("", "?access_token=x", f"?access_token={token}")
        ]
        sandbox.order("rules", allows_contacts=True)
        found.append(json.loads(asked(sandbox, "POST", f"{path}?access_token={token}", "{}")[2]))

        assert [one["errcode"] for one in found] == [41001, 40014, 48002, 40058]
        assert [one["fail_list"] for one in found] == [[], [], [], []]
        assert len({one["errmsg"] for one in found}) == 4
        assert all("hint: [" in one["errmsg"] for one in found)

    def test_a_token_is_the_same_as_long_as_it_lives(self, sandbox: Sandbox) -> None:
        address = f"/cgi-bin/gettoken?{urlencode({'corpid': sandbox.world.corp_id, 'corpsecret': sandbox.secret})}"
        tokens = [json.loads(asked(sandbox, "GET", address)[2]) for _ in range(2)]
        sandbox.order("clock", advance=7_201)
        tokens.append(json.loads(asked(sandbox, "GET", address)[2]))

        assert tokens[0]["access_token"] == tokens[1]["access_token"] != tokens[2]["access_token"]
        assert len(tokens[0]["access_token"]) <= 512
        assert tokens[2]["expires_in"] == 7_200

    def test_every_code_that_it_answers_with_has_a_type_in_the_client(self) -> None:
        import yutang.connectors.wecom.simulator as package

        codes = set()
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            source = Path(importlib.import_module(module.name).__file__ or "").read_text(encoding="utf-8")
            codes |= {int(one) for one in re.findall(r"(?:Refused\(|errcode=)(\d{5,6})\b", source)}

        unnamed = {40066, 41056, 43001, 43002, 45009, 47001, 610014, 610018}
        assert len(codes) > 30
        assert codes - set(TYPES) - unnamed == set()


class TestOrders:
    @pytest.mark.parametrize(
        ("path", "told", "status"),
        [
            ("nothing", {}, 404),
            ("rules", {"unknown": 1}, 400),
            ("rules", {"per_minute": "many"}, 400),
            ("clock", {"advance": -1}, 400),
            ("clock", {"advance": 1e300}, 400),
            ("clock", {"advance": math.nan}, 400),
            ("clock", {"at": math.inf}, 400),
            ("clock", {"at": "noon"}, 400),
            ("faults", {"faults": [{"kind": "unknown"}]}, 400),
            ("scan", {"config_id": "none", "unionid": "o"}, 409),
            ("member/confirm", {"msgid": "none", "userid": "staff001"}, 409),
            ("member/confirm", {"wrong": 1}, 400),
            ("corp", {"staff": 3}, 409),
            ("group/join", {"chat_id": "none", "member": "none"}, 409),
            ("callbacks", {"url": "http://127.0.0.1:9/", "token": "t", "aes_key": "short"}, 400),
        ],
    )
    def test_that_cannot_be_carried_out_say_so(
        self, sandbox: Sandbox, path: str, told: dict[str, Any], status: int
    ) -> None:
        found, _, answer = asked(sandbox, "POST", f"/_sim/{path}", json.dumps(told))

        assert found == status
        assert json.loads(answer)["error"]

    @pytest.mark.parametrize("seconds", ["nan", "inf", "1e300", "-5", "soon"])
    def test_a_clock_that_cannot_go_there_says_so_on_the_page(self, sandbox: Sandbox, seconds: str) -> None:
        before = sandbox.show("clock")["now"]

        asked(sandbox, "POST", "/do/clock", f"advance={seconds}")

        assert "2199" in asked(sandbox, "GET", "/")[2]
        assert sandbox.show("clock")["now"] - before < 60

    def test_an_empty_corp_is_filled(self) -> None:
        from yutang.connectors.wecom.simulator.server import Simulator

        simulator = Simulator().start()
        try:
            told = simulator.control.order("corp", {"staff": 3, "customers": 9, "groups": 2, "owners": 1, "members": 4})
        finally:
            simulator.end()

        assert (told["customers"], told["groups"], len(told["staff"])) == (9, 2, 3)

    def test_from_a_page_of_elsewhere_are_refused(self, sandbox: Sandbox) -> None:
        before = sandbox.show("clock")["now"]

        statuses = [
            asked(sandbox, "POST", "/_sim/clock", '{"advance": 9999}', Origin="http://evil.example.com")[0],
            asked(sandbox, "POST", "/_sim/clock", '{"advance": 9999}', Origin="null")[0],
            asked(sandbox, "POST", "/do/clock", "advance=9999", Origin="http://evil.example.com")[0],
            asked(sandbox, "GET", "/", Host="evil.example.com")[0],
        ]

        assert statuses == [403, 403, 403, 421]
        assert sandbox.show("clock")["now"] - before < 60

    def test_equal_seeds_give_equal_worlds(self, sandbox: Sandbox, open_sandbox: Any) -> None:
        other = open_sandbox(staff=4, customers=24, groups=4, owners=2, members=5)

        assert other.show("truth")["people"] == sandbox.show("truth")["people"]
        assert other.secret == sandbox.secret


class TestPlans:
    """What a person lets go wrong on the page, by name."""

    def play(self, sandbox: Sandbox, order: str, **told: str) -> str:
        assert asked(sandbox, "POST", f"/do/{order}", urlencode({**told, "back": "/"}))[0] == 303
        return asked(sandbox, "GET", "/", Accept_Language="en-GB")[2]

    def test_each_is_shown_as_under_way_and_all_go_together(self, sandbox: Sandbox) -> None:
        for name, plan in PLANS.items():
            page = self.play(sandbox, "plan", name=name)
            assert page.count("under way") == int(plan.does is None)
            assert "under way" not in self.play(sandbox, "plan/clear")

    def test_that_there_are_not_are_refused(self, sandbox: Sandbox) -> None:
        assert "Not possible" in self.play(sandbox, "plan", name="flood")

    @pytest.mark.parametrize("name", ["45033", "42001", "lost"])
    def test_are_borne_by_the_client(self, sandbox: Sandbox, wecom: WeCom, name: str) -> None:
        everybody = set(wecom.customers.staff())
        sandbox.order("plan", name=name)

        assert set(wecom.customers.staff()) == everybody

        failed = {"45033": 45033, "42001": 42001}.get(name, 0)
        assert sandbox.calls("externalcontact/get_follow_user_list", failed) >= 1
        assert sandbox.calls("externalcontact/get_follow_user_list") > 2

    def test_that_close_an_api_close_it_for_the_client_too(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("plan", name="45009")

        for _ in range(3):
            with pytest.raises(RateLimited):
                wecom.customers.staff()

        assert sandbox.calls("externalcontact/get_follow_user_list", 45009) == 1

    def test_change_how_callbacks_travel(self, sandbox: Sandbox, listen: Listen) -> None:
        inbox = listen()
        sandbox.order("plan", name="duplicate")
        sandbox.order("scan", config_id=sandbox.show("state")["contact_ways"][0], unionid="oTwice", name="客")
        told = len(settle(sandbox, inbox))

        assert len(inbox.arrived) == 2 * told > 0
        sandbox.order("plan/clear")
        sandbox.order("tag/create", group_name="来源", names=["新"])
        settle(sandbox, inbox)
        assert len(inbox.arrived) == 2 * told + 1


class TestThePage:
    @pytest.mark.parametrize("path", ROOMS)
    @pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
    def test_speaks_both_languages_and_runs_nothing_of_elsewhere(
        self, sandbox: Sandbox, path: str, language: str
    ) -> None:
        status, headers, page = asked(sandbox, "GET", path, Accept_Language=language)

        assert status == 200
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert not re.search(r"<script|style=|javascript:|\son\w+=|https?://", page)
        assert ("这是沙盒" in page) == (language == "zh-CN")
        assert ("This is a sandbox" in page) == (language == "en-GB")

    def test_the_language_can_be_changed_and_leads_nowhere_else(self, sandbox: Sandbox) -> None:
        status, headers, _ = asked(sandbox, "GET", "/language?to=en&back=/staff%3Fwho=staff001")
        _, elsewhere, _ = asked(sandbox, "GET", "/language?to=en&back=https://evil.example.com/")

        assert (status, headers["location"], elsewhere["location"]) == (303, "/staff?who=staff001", "/")
        assert headers["set-cookie"].startswith("django_language=en;")

    def test_everything_is_escaped(self, sandbox: Sandbox) -> None:
        asked(
            sandbox,
            "POST",
            "/do/scan",
            urlencode(
                {
                    "config_id": sandbox.show("state")["contact_ways"][0],
                    "unionid": "oX",
                    "name": "<script>alert(1)</script>",
                }
            ),
        )
        external = sandbox.world.by_unionid["oX"]

        page = asked(sandbox, "GET", f"/customer?who={external}")[2]

        assert "&lt;script&gt;alert(1)" in page
        assert "<script>" not in page
        assert text('"<&') == "&quot;&lt;&amp;"
        assert tag("input", name='"><b>', disabled=True, value=None) == '<input name="&quot;&gt;&lt;b&gt;" disabled>'

    def test_who_is_played_is_chosen_however_many_came_later(self, sandbox: Sandbox) -> None:
        config_id = sandbox.show("state")["contact_ways"][0]
        for number in range(32):
            asked(
                sandbox,
                "POST",
                "/do/scan",
                urlencode({"config_id": config_id, "unionid": f"oN{number}", "name": f"新客{number}"}),
            )
        external = sandbox.world.by_unionid["oN0"]

        page = asked(sandbox, "GET", f"/customer?who={external}")[2]

        assert f'<option value="{external}" selected>新客0</option>' in page

    def test_a_whole_round_can_be_played(self, sandbox: Sandbox, wecom: WeCom) -> None:
        config_id = sandbox.show("state")["contact_ways"][0]
        scanned = asked(
            sandbox,
            "POST",
            "/do/scan",
            urlencode({"config_id": config_id, "unionid": "oPlay", "name": "陈小美", "back": "/customer"}),
        )
        external = sandbox.world.by_unionid["oPlay"]
        (userid,) = [one for one, found in sandbox.world.relations.items() if external in found]
        (chunk,) = customer_chunks([(userid, external)])
        wecom.mass.create(chunk=chunk, message=Message("周三上新，来看看"))
        waits = asked(sandbox, "GET", f"/staff?who={userid}")[2]
        assert "周三上新" in waits
        assert f"{sandbox.world.staff[userid].name} (1)</option>" in waits
        assert "周三上新" not in asked(sandbox, "GET", f"/customer?who={external}")[2]
        (msgid,) = sandbox.world.tasks

        asked(sandbox, "POST", "/do/member/confirm", urlencode({"msgid": msgid, "userid": userid}))

        assert (scanned[0], scanned[1]["location"]) == (303, f"/customer?who={external}")
        assert 'role="status"' in asked(sandbox, "GET", "/staff")[2]
        assert 'role="status"' not in asked(sandbox, "GET", "/staff")[2]
        assert "<h1>" in asked(sandbox, "GET", "/staff")[2]
        assert "周三上新" in asked(sandbox, "GET", f"/customer?who={external}")[2]
        again = asked(
            sandbox, "POST", "/do/member/confirm", urlencode({"msgid": msgid, "userid": userid, "back": "/staff"})
        )
        assert again[0] == 303
        assert 'role="alert"' in asked(sandbox, "GET", "/staff")[2]
        assert 'role="alert"' not in asked(sandbox, "GET", "/staff")[2]

    def test_links_in_messages_lead_to_pages_of_the_web_and_nowhere_else(self, sandbox: Sandbox) -> None:
        asked(sandbox, "POST", "/do/scan", urlencode(
            {"config_id": sandbox.show("state")["contact_ways"][0], "unionid": "oLink", "name": "陈小美"}
        ))  # fmt: skip
        external = sandbox.world.by_unionid["oLink"]
        code = next(one for one in sandbox.world.codes.values() if one.external_userid == external)
        group, bad = "http://127.0.0.1:8000/c/ab/group?p=1&q=2", "javascript:alert(1)"
        code.used_with = {
            "at": sandbox.world.now(),
            "text": {"content": f'看看 https://example.com/a?b=1&c=2。或 {bad} "><b>'},
            "attachments": [
                {"msgtype": "link", "link": {"title": "进群<b>", "url": group}},
                {"msgtype": "link", "link": {"title": "不去", "url": bad}},
                {"msgtype": "link", "link": {"title": "也不去", "url": f'{group}" onclick="alert(1)'}},
            ],
        }

        page = asked(sandbox, "GET", f"/customer?who={external}")[2]

        links = re.findall(r'<a href="([^"]*)" target="_blank" rel="noopener noreferrer">([^<]*)</a>', page)
        address = "https://example.com/a?b=1&amp;c=2"
        assert links == [(address, address), (group.replace("&", "&amp;"), "进群&lt;b&gt;")]
        assert not re.search(r'href="javascript:|<[^>]* onclick=|<b>', page)

    def test_the_code_of_a_group_is_scanned_by_who_was_played_last_and_any_other_by_somebody_new(
        self, sandbox: Sandbox
    ) -> None:
        contact_way, join_way = (sandbox.show("state")[kind][0] for kind in ("contact_ways", "join_ways"))
        asked(sandbox, "POST", "/do/scan", urlencode({"config_id": contact_way, "unionid": "oG", "name": "陈小美"}))
        external = sandbox.world.by_unionid["oG"]
        asked(sandbox, "GET", f"/customer?who={external}")
        played = f'<option value="{external}" selected>陈小美</option>'

        assert played not in asked(sandbox, "GET", f"/customer?way={contact_way}")[2]
        page = asked(sandbox, "GET", f"/customer?way={join_way}")[2]

        assert played in page
        assert f'<option value="{join_way}" selected>' in page
        # Who says that they are somebody else still scans this code.
        assert f'<input type="hidden" name="way" value="{join_way}">' in page
        form = {"config_id": join_way, "unionid": "oG", "back": f"/customer?who={external}"}
        asked(sandbox, "POST", "/do/scan", urlencode(form))
        assert [one for one in sandbox.world.chats.values() if external in one.members]

    @pytest.mark.parametrize("path", ["/do/rules", "/do/token/expire", "/nothing", "/do/"])
    def test_gives_no_other_orders(self, sandbox: Sandbox, path: str) -> None:
        assert asked(sandbox, "POST", path)[0] == 404


class TestTheProcess:
    def test_starts_answers_and_ends(self, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_HOME", str(tmp_path))
        command = [
            sys.executable,
            "-m",
            "yutang.cli.main",
            "wecom",
            "simulate",
            "--port",
            "0",
            "--customers",
            "12",
            "--json",
        ]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert child.stdout is not None
            told = json.loads(child.stdout.readline())
            settings = WeComSettings(corp_id=told["corp_id"], secret=told["secret"], base_url=told["base_url"])
            staff = WeCom(settings=settings).customers.staff()
            page, style = (urllib.request.urlopen(f"{told['address']}{path}").read() for path in ("staff", "style.css"))
            named = re.findall(rb'href="/([\w.]+\.(?:css|svg))"', page) + re.findall(rb'url\("(\w+\.svg)"\)', style)
            assert {urllib.request.urlopen(f"{told['address']}{one.decode()}").status for one in named} == {200}
            assert b"--accent" in style
            assert len(named) == 4
        finally:
            child.send_signal(signal.SIGINT)
            _, errors = child.communicate(timeout=120)

        assert len(staff) == 6
        assert len(told["callback_key"]) == 43
        assert child.returncode == 0
        assert "Traceback" not in errors


def test_connectors_know_no_django() -> None:
    names = [one.name for one in pkgutil.walk_packages(yutang.connectors.__path__, f"{yutang.connectors.__name__}.")]
    code = f"import sys\nfor name in {names!r}: __import__(name)\nsys.exit(any(one.split('.')[0] == 'django' for one in sys.modules))"

    assert len(names) > 30
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
