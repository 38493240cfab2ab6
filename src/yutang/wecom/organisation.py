"""Settings of the room: what newcomers are told, and how many deletions are an alarm."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from yutang.connectors.wecom.messages import TEXT_BYTES
from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_
from yutang.wecom.greeting_contents import check_content

WELCOME_WORDS = "wecom.welcome_words"
WELCOME_CONTENT = "wecom.welcome_content"
ALARM_DELETIONS = "wecom.alarm_deletions"
ALARM_LEAVINGS = "wecom.alarm_leavings"
ALARM_HOURS = "wecom.alarm_hours"
TAGS_BOTH_WAYS = "wecom.tags_both_ways"
_CONTENT = re.compile(r"(?:content:[0-9]{1,18}:[0-9]{1,9})?")


def fits_a_message(value: Any) -> bool:
    """Return whether a text is short enough for a welcome message."""
    return isinstance(value, str) and len(value.encode()) <= TEXT_BYTES


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


SETTINGS.register(
    OrganisationSetting(
        key=WELCOME_WORDS,
        title=N_("Welcome message for newcomers whose code has no words of its own"),
        default="",
        accepts=fits_a_message,
        help=N_("4,000 bytes at most, about 1,300 Chinese characters. Empty: WeCom's own setting greets, or nobody."),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=WELCOME_CONTENT,
        title=N_("Content of the library for newcomers whose code has neither words nor a content of its own"),
        default="",
        accepts=lambda value: isinstance(value, str) and _CONTENT.fullmatch(value) is not None,
        look=lambda value, now: check_content(value, now=now),
        help=N_(
            "An approved content for WeCom that serves or is of use: a picture, a link or a card goes with its words. "
            "Where it cannot be said, the words above are."
        ),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=TAGS_BOTH_WAYS,
        title=N_("Tags of WeCom and tags here follow each other"),
        default=True,
        accepts=lambda value: isinstance(value, bool),
        help=N_("Tags of WeCom become tags here; what is given or taken here goes to WeCom within 15 minutes."),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=ALARM_DELETIONS,
        title=N_("So many customers deleted by one member of staff are an alarm"),
        default=20,
        accepts=_whole(2, 100_000),
        help=N_("From 2 to 100,000. Customers who had left before do not count."),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=ALARM_LEAVINGS,
        title=N_("So many customers who delete one member of staff are an alarm"),
        default=20,
        accepts=_whole(2, 100_000),
        help=N_("From 2 to 100,000. Look at what they were sent last."),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=ALARM_HOURS,
        title=N_("Hours within which these deletions lie"),
        default=24,
        accepts=_whole(1, 720),
        help=N_("From 1 to 720."),
    )
)
