"""WeChat's authorising page, on which one chooses whom of the sandbox one plays. Without scripts, and links instead of forms.

Links, because a policy of the page that names its forms would stop them from leading back to the shop.
"""

from __future__ import annotations

from yutang.connectors.sandbox.frame import Reader, reader_of
from yutang.connectors.sandbox.markup import Html, Words, tag
from yutang.connectors.sandbox.serving import Reply
from yutang.connectors.wechat.simulator import AUTHORIZE, CHOSEN, Authorising, NotAuthorised, Player
from yutang.connectors.wecom.simulator.world import World
from yutang.kit.text import N_

PATHS = frozenset({AUTHORIZE, CHOSEN})
#: WeCom has customers of its own besides those of WeChat; people of the house are none.
_OF_WECHAT = 1
_MOST_PLAYERS = 60


def players_of(world: World) -> list[Player]:
    """Return who of the sandbox uses WeChat, the newest first: whoever scanned a code last is found at once."""
    with world.lock:
        people = [one for one in world.people.values() if one.kind == _OF_WECHAT]
    return [Player(one.openid, one.unionid, one.name) for one in reversed(people)][:_MOST_PLAYERS]


def led_on(authorising: Authorising, path: str, query: dict[str, str], *, languages: str, cookies: str) -> Reply:
    """Return the page to choose on, or lead back who has chosen."""
    try:
        if path == CHOSEN:
            return Reply(b"", "text/plain", 302, (("Location", authorising.led_back(query)),))
        choices = authorising.choices(query)
    except NotAuthorised as refusal:
        return Reply(f"refused: {refusal}".encode(), "text/plain; charset=utf-8", 400)
    page = _page(choices, reader_of(languages=languages, cookies=cookies))
    return Reply(page.encode(), "text/html; charset=utf-8")


def _page(choices: list[tuple[str, str]], reader: Reader) -> str:
    say = reader.say
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", say(N_("Whose WeChat is this?"))),
        *(tag("link", rel="stylesheet", href=one) for one in ("/style.css", "/page.css")),
    )
    main = tag(
        "main",
        tag(
            "div",
            tag("p", say(N_("This is a sandbox. The real WeChat knows whose phone it is, and asks nothing here."))),
            class_="notice notice-warn",
            role="note",
        ),
        tag("h1", say(N_("Whose WeChat is this?"))),
        tag("ul", *(_row(name, address, say) for name, address in choices), class_="wechat-players"),
        class_="page stack-l",
        id="page",
    )
    lang = "zh-Hans" if reader.language == "zh-hans" else "en"
    return f"<!doctype html>{tag('html', head, tag('body', main), lang=lang, data_theme=reader.theme)}"


def _row(name: str, address: str, say: Words) -> Html:
    return tag("li", tag("a", name or say(N_("Somebody new")), href=address, class_="btn"))
