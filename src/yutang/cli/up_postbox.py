"""What `yutang up` tells its processes about the phones and mailboxes of the sandbox, where the operator set up no real ways."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from yutang.cli.delivery_sandbox import MAIL_PORT, PORT
from yutang.cli.ports import LOOPBACK, free_from
from yutang.cli.supervisor import Child

_SIGN, _SENDER = "鱼塘演示", "shop@example.com"


@dataclass(frozen=True)
class Postbox:
    """Where the sandbox is to listen, and what the other processes are told of it.

    Attributes:
        port: of the page and the gateway.
        mail_port: of the mail server.
        environment: settings under which messages go there.
    """

    port: int
    mail_port: int
    environment: Mapping[str, str] = field(repr=False)

    def child(self, home: Path, *, shop_port: int) -> Child:
        """Return its process.

        Args:
            home: of the installation.
            shop_port: of the console.
        """
        command = [sys.executable, "-m", "yutang.cli.main", "delivery", "sandbox"]
        command += ["--shop-url", f"http://{LOOPBACK}:{shop_port}"]
        command += ["--port", str(self.port), "--mail-port", str(self.mail_port)]
        return Child("postbox", command, home / "logs" / "postbox.log", is_needed=False)


def wanted_postbox(*, shop_port: int) -> Postbox | None:
    """Return the postbox for the ways that the operator has not set up; None where both are.

    Args:
        shop_port: of the console.
    """
    has_texts, has_mail = bool(settings.YUTANG_SMS["gateway"]), bool(settings.YUTANG_MAIL["host"])
    if has_texts and has_mail:
        return None
    own = free_from(PORT, without={shop_port})
    mail = free_from(max(MAIL_PORT, own + 1), without={shop_port})
    ways = [way for way, is_set_up in (("sms", has_texts), ("email", has_mail)) if not is_set_up]
    told = {"YUTANG_POSTBOX": f"http://{LOOPBACK}:{own}/", "YUTANG_POSTBOX_WAYS": " ".join(ways)}
    if not settings.YUTANG_PUBLIC_URL:
        # Links of messages, and the page that ends them, lead to this machine, as all of the sandbox does.
        told["YUTANG_PUBLIC_URL"] = f"http://{LOOPBACK}:{shop_port}"
    if not has_texts:
        told |= {
            "YUTANG_SMS_GATEWAY": "aliyun",
            "YUTANG_SMS_KEY_ID": "sandbox",
            "YUTANG_SMS_SECRET": secrets.token_hex(16),
            "YUTANG_SMS_SIGN": _SIGN,
            "YUTANG_SMS_BASE_URL": f"http://{LOOPBACK}:{own}",
        }
    if not has_mail:
        told |= {
            "YUTANG_MAIL_HOST": LOOPBACK,
            "YUTANG_MAIL_PORT": str(mail),
            "YUTANG_MAIL_SECURITY": "none",
            "YUTANG_MAIL_SENDER": _SENDER,
            "YUTANG_MAIL_SENDER_NAME": _SIGN,
        }
    return Postbox(own, mail, told)
