"""Addresses of the doors."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("yutang.console.urls"))]
