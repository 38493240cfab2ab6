"""Addresses of the console."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path

from yutang.console.rooms import account, components

urlpatterns: list[URLPattern | URLResolver] = [
    path("", account.home, name="home"),
    path("login/", account.LogIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("preferences/language/", account.change_language, name="language"),
    path("preferences/theme/", account.change_theme, name="theme"),
    path("_components", components.components, name="components"),
]
