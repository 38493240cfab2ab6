"""Addresses of the doors."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("yutang.vitals.urls")),
    path("", include("yutang.pages.urls")),
    path("api/", include("yutang.api.urls")),
    path("callbacks/", include("yutang.api.callback_urls")),
    path("", include("yutang.console.urls")),
]

handler400 = "yutang.console.rooms.errors.bad_request"
handler403 = "yutang.console.rooms.errors.forbidden"
handler404 = "yutang.console.rooms.errors.not_found"
handler500 = "yutang.console.rooms.errors.broken"
