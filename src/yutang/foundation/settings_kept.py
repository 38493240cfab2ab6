"""The values of the settings of the organisation, for the room's own files that stand below its queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry, Setting
from yutang.foundation.organisation import SETTINGS, OrganisationSetting


@dataclass(frozen=True)
class SettingView:
    """A setting with the value that holds, and whether somebody changed it."""

    setting: OrganisationSetting
    value: Any
    is_changed: bool


@dataclass(frozen=True)
class SettingChange:
    """One change of a setting: when, by whom (empty for the system), and what it was before and after."""

    key: str
    at: datetime
    who: str
    before: Any
    after: Any


def kept_setting(key: str) -> Any:
    """Return the value of a declared setting; its default when it was never changed."""
    declared = SETTINGS[key]
    row = Setting.objects.filter(pk=key).first()
    return declared.default if row is None else row.value


def kept_settings(*, room: str) -> dict[str, Any]:
    """Return the values of all settings that a room declares, by key, in one question."""
    kept = dict(Setting.objects.filter(pk__startswith=f"{room}.").order_by().values_list("pk", "value"))
    return {one.key: kept.get(one.key, one.default) for one in SETTINGS if one.room == room}


def kept_values(keys: Sequence[str]) -> dict[str, Any]:
    """Return the values of some declared settings by key, in one question."""
    kept = dict(Setting.objects.filter(pk__in=list(keys)).order_by().values_list("pk", "value"))
    return {key: kept.get(key, SETTINGS[key].default) for key in keys}


def setting_changes(*, keys: Sequence[str], limit: int = 200) -> tuple[SettingChange, ...]:
    """Return the latest changes of some settings, latest first, for the rooms whose settings they are."""
    rows = AuditEntry.objects.filter(action="setting.changed", subject_type="setting", subject_id__in=list(keys))
    return tuple(
        SettingChange(
            key=row.subject_id,
            at=row.at,
            who=row.actor.display_name if row.actor else "",
            before=row.detail.get("before"),
            after=row.detail.get("value"),
        )
        for row in rows.select_related("actor").order_by("-id")[:limit]
    )


def setting_views(*, access: Actor) -> tuple[SettingView, ...]:
    """Return every declared setting, by room, in the order in which the room declared them."""
    access.require("settings.manage")
    kept = dict(Setting.objects.order_by().values_list("pk", "value"))
    declared = sorted(SETTINGS, key=lambda one: one.room)
    return tuple(SettingView(one, kept.get(one.key, one.default), one.key in kept) for one in declared)
