"""Changes of the settings of the organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Setting
from yutang.foundation.organisation import SETTINGS
from yutang.foundation.settings_kept import kept_setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class SettingIsInvalid(DomainError):
    """The value cannot be kept under this setting."""

    code: ClassVar[str] = "setting_is_invalid"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The setting %(key)s does not take this value.")


@transaction.atomic
def change_setting(*, actor: Actor, key: str, value: Any, now: datetime) -> None:
    """Keep a setting of the organisation; what it was before is in the audit trail.

    Raises:
        NotAllowed: the actor does not change settings, nor this one by what the setting names.
        SettingIsInvalid: there is no such setting, or it does not take the value.
        DomainError: what the value names cannot be used; says why.
    """
    also = SETTINGS[key].also if key in SETTINGS else ""
    actor.require(also if also and actor.can(also) else "settings.manage")
    if key not in SETTINGS or not SETTINGS[key].accepts(value):
        raise SettingIsInvalid(key=key)
    look = SETTINGS[key].look
    if look is not None:
        look(value, now)
    before = kept_setting(key)
    Setting.objects.update_or_create(key=key, defaults={"value": value})
    _note(actor, key, {"before": before, "value": value}, now)


@transaction.atomic
def reset_setting(*, actor: Actor, key: str, now: datetime) -> None:
    """Let a setting have its default again.

    Raises:
        NotAllowed: the actor does not change settings.
        SettingIsInvalid: there is no such setting.
    """
    actor.require("settings.manage")
    if key not in SETTINGS:
        raise SettingIsInvalid(key=key)
    before = kept_setting(key)
    Setting.objects.filter(pk=key).delete()
    _note(actor, key, {"before": before, "value": SETTINGS[key].default}, now)


def _note(actor: Actor, key: str, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action="setting.changed", subject_type="setting", subject_id=key, detail=detail, now=now)
