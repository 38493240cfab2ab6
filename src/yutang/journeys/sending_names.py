"""Playbooks by the keys under which their messages stand, for whoever names one below: the emergency stop."""

from __future__ import annotations

import re

from yutang.channels.elsewhere import SENDERS, Senders
from yutang.journeys.models import Playbook

_PREFIX = "playbook"
_KEY = re.compile(rf"{_PREFIX}:([1-9][0-9]{{0,17}})")


def _is_known(key: str) -> bool:
    found = _KEY.fullmatch(key)
    return found is not None and Playbook.objects.filter(pk=int(found[1])).exists()


SENDERS.register(Senders(_PREFIX, _is_known))
