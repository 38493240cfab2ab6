"""Addresses that other platforms call by themselves."""

from __future__ import annotations

from django.urls import path

from yutang.api import wecom_callbacks

urlpatterns = [path("wecom/", wecom_callbacks.wecom, name="callbacks-wecom")]
