"""What a browser says of itself, in words that its owner knows: "Chrome · Windows"."""

from __future__ import annotations

from django.utils.translation import gettext as _

from yutang.kit.text import N_

#: The first that is found holds: many browsers name others too.
_BROWSERS = (
    ("wxwork/", N_("WeCom")),
    ("MicroMessenger/", N_("WeChat")),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("QQBrowser/", N_("QQ Browser")),
    ("HuaweiBrowser/", N_("Huawei Browser")),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_words(agent: str) -> str:
    """Return browser and system in a few words."""
    found = [next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(_(name) for name in found if name) or _("Unknown browser")
