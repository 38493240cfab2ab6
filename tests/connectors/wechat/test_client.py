"""Who a visitor is, asked of a WeChat that is played on this machine: the way there, the exchange, and each way in which it fails."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from yutang.connectors.wechat.client import Account, OfficialAccount
from yutang.connectors.wechat.errors import CodeIsNotValid, VisitorIsNobody, WeChatError, WeChatUnreachable
from yutang.connectors.wechat.simulator import LIFETIME, SECRET, Authorising, NotAuthorised, Player, account_at
from yutang.connectors.wecom.simulator.acts_people import person_for
from yutang.connectors.wecom.simulator.server import Simulator
from yutang.connectors.wecom.simulator.world import World

BACK = "http://127.0.0.1:8000/wechat/back/"
STATE = "5f2a"


@pytest.fixture(scope="module")
def wechat() -> Iterator[Simulator]:
    """A sandbox with somebody in it."""
    world = World()
    person_for(world, unionid="oN-zhang-000001", name="张小鱼")
    simulator = Simulator(world=world).start()
    yield simulator
    simulator.end()


def came_back(wechat: Simulator, *, name: str = "张小鱼") -> dict[str, str]:
    """Follow the authorising page as a browser does, and return what stands in the address that it leads back to."""
    account = OfficialAccount(account_at(wechat.address))
    pool = urllib3.PoolManager(retries=False)
    page = pool.request("GET", account.authorize_address(back=BACK, state=STATE)).data.decode()
    link = page.split(f">{name}</a>")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    answer = pool.request("GET", wechat.address.rstrip("/") + link, redirect=False)
    assert answer.status == 302
    assert answer.headers["Location"].startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


class TestTheExchange:
    def test_tells_once_who_came_back(self, wechat: Simulator) -> None:
        account, told = OfficialAccount(account_at(wechat.address)), came_back(wechat)

        user = account.user_behind(told["code"])

        assert told["state"] == STATE
        assert user.unionid == "oN-zhang-000001"
        with pytest.raises(CodeIsNotValid) as again:
            account.user_behind(told["code"])
        assert again.value.wechat_code == 40163

    @pytest.mark.parametrize("code", ["never-given", "", "x" * 200, "a b"])
    def test_refuses_codes_that_were_never_given(self, wechat: Simulator, code: str) -> None:
        with pytest.raises(CodeIsNotValid) as refusal:
            OfficialAccount(account_at(wechat.address)).user_behind(code)

        assert refusal.value.wechat_code == 40029

    def test_refuses_codes_that_are_too_old(self) -> None:
        clock = [1_000.0]
        authorising = Authorising(players=lambda: [Player("oS-1", "oN-1", "张")], clock=lambda: clock[0])
        account = account_at("http://127.0.0.1:1/")
        address = authorising.led_back({"redirect_uri": BACK, "state": STATE, "openid": "oS-1"})
        asked = {"appid": account.app_id, "secret": account.secret, "grant_type": "authorization_code"}

        clock[0] += LIFETIME + 1
        told = authorising.exchanged({**asked, "code": parse_qs(urlsplit(address).query)["code"][0]})

        assert told["errcode"] == 42003

    def test_of_the_snapshot_of_a_page_is_about_nobody(self, wechat: Simulator) -> None:
        code = came_back(wechat)["code"]
        wechat.authorising.snapshots = True
        try:
            with pytest.raises(VisitorIsNobody):
                OfficialAccount(account_at(wechat.address)).user_behind(code)
        finally:
            wechat.authorising.snapshots = False

    def test_says_what_wechat_refused_and_never_the_secret(self, wechat: Simulator) -> None:
        known = account_at(wechat.address)
        wrong = Account(known.app_id, "another-secret", known.authorize_url, known.api_url)
        away = Account(known.app_id, SECRET, known.authorize_url, "http://127.0.0.1:9")

        with pytest.raises(WeChatError) as refusal:
            OfficialAccount(wrong).user_behind("abc")
        with pytest.raises(WeChatUnreachable) as silence:
            OfficialAccount(away).user_behind("abc")

        assert refusal.value.wechat_code == 40125
        assert SECRET not in f"{silence.value!r} {silence.value.__cause__!r} {known!r}"


class TestTheAuthorisingPage:
    def test_leads_nowhere_but_to_this_machine(self) -> None:
        authorising = Authorising(players=list)
        asked = {"appid": account_at("http://127.0.0.1:1").app_id, "response_type": "code", "scope": "snsapi_base"}

        for wrong in (
            {**asked, "redirect_uri": "https://evil.example/"},
            {**asked, "redirect_uri": "javascript:alert(1)"},
            {**asked, "redirect_uri": BACK, "state": "a b"},
            {**asked, "redirect_uri": BACK, "appid": "wx1"},
            {**asked, "redirect_uri": BACK, "scope": "snsapi_all"},
        ):
            with pytest.raises(NotAuthorised):
                authorising.choices(wrong)
        with pytest.raises(NotAuthorised):
            authorising.led_back({"redirect_uri": "https://evil.example/", "state": STATE, "openid": ""})

    def test_speaks_both_languages(self, wechat: Simulator) -> None:
        address = OfficialAccount(account_at(wechat.address)).authorize_address(back=BACK, state=STATE)
        pool = urllib3.PoolManager(retries=False)

        pages = [
            pool.request("GET", address, headers={"Accept-Language": one}).data.decode() for one in ("zh-CN", "en")
        ]

        assert "这是谁的微信？" in pages[0]
        assert "Whose WeChat is this?" in pages[1]
