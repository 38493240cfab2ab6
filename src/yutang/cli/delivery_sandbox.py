"""`yutang delivery sandbox`: phones and mailboxes that do not exist, for the demo shop's short messages and e-mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from yutang.cli.output import DONE, Answer, Json, command, now
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.connectors.postbox.box import Home
    from yutang.connectors.sms.simulator import SentMessage

#: Where the page and the gateway, and the mail server, listen unless something else does.
PORT, MAIL_PORT = 8791, 8792


class SandboxNeedsDemoShop(DomainError):
    """The shop has real people, or real ways to reach them."""

    code = "sandbox_needs_demo_shop"
    http_status = 409
    message = N_(
        "Phones and mailboxes that do not exist are for the demo shop alone: here they would say of real people that they were reached."
    )


def add_to(group: typer.Typer) -> None:
    """Add the command of this file to a group."""
    group.command(
        help=_("Start phones and mailboxes that do not exist, for SMS and e-mail of the demo shop, until Ctrl-C.")
    )(sandbox)


@command
def sandbox(
    shop_url: Annotated[
        str, typer.Option("--shop-url", help=_("Where receipts and answers go: the console's address."))
    ],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help=_("Port of the page and the gateway."))] = PORT,
    mail_port: Annotated[
        int, typer.Option("--mail-port", min=1, max=65535, help=_("Port of the mail server."))
    ] = MAIL_PORT,
    as_json: Json = False,
) -> Answer:
    """Start the postbox in the foreground; it goes on where it ended."""
    from django.conf import settings

    from yutang.connectors.postbox.box import Postbox
    from yutang.connectors.postbox.keeping import Keeper, restore_postbox
    from yutang.connectors.postbox.server import PostboxServer
    from yutang.wecom.queries import has_real_connection

    home = Path(settings.YUTANG_HOME)
    if not (home / "demo" / "chain.json").exists() or has_real_connection():
        raise SandboxNeedsDemoShop
    told = settings.YUTANG_SMS
    box = Postbox(key_id=told["key_id"], secret=told["secret"], home=_home(shop_url), words=_words)
    kept = home / "postbox.json"
    restore_postbox(box, kept)
    server = PostboxServer(box=box, port=port, mail_port=mail_port, stylesheet=_stylesheet())
    keeper = Keeper(box, kept).start()

    def serve() -> int:
        try:
            server.serve()
        finally:
            keeper.end()
        return DONE

    shown = {"address": server.address, "mail_port": mail_port, "shop_url": shop_url}
    return Answer(shown, lambda console: _welcome(console, server.address), then=serve)


def _home(shop_url: str) -> Home:
    """Return where the shop takes what comes back, at its address on this machine."""
    from yutang.channels.queries import push_addresses
    from yutang.connectors.postbox.box import Home
    from yutang.foundation.access import Actor

    paths = {name: urlsplit(one).path for name, one in push_addresses(access=Actor.system()).items()}
    texts = paths["aliyun receipts"].replace("/aliyun/receipts/", "/{gateway}/{what}/")
    return Home(shop_url.rstrip("/"), texts, paths["mail"])


def _words(messages: Sequence[SentMessage]) -> Mapping[str, str]:
    """Return the words of short messages; in a thread of the postbox, which leaves no connection behind."""
    from django.db import DatabaseError, connection

    from yutang.channels.queries import words_on_phones
    from yutang.foundation.access import Actor

    try:
        return words_on_phones(access=Actor.system(), values={one.key: one.values for one in messages}, now=now())
    except DatabaseError:
        # The shop is being moved or restored: the messages are shown without their words.
        return {}
    finally:
        connection.close()


def _stylesheet() -> Path | None:
    from django.contrib.staticfiles import finders

    style = finders.find("console/console.css")
    return Path(style) if isinstance(style, str) else None


def _welcome(console: Console, address: str) -> None:
    console.print(_("Phones and mailboxes that do not exist are up. Nothing reaches a real person."), style="bold")
    label = _("Page")
    console.print(f"{label}: {address}", markup=False, soft_wrap=True)
    console.print(_("Ctrl-C ends it."))
