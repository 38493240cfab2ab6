"""Addresses of the console."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path

from yutang.console.rooms import account, components, jobs

urlpatterns: list[URLPattern | URLResolver] = [
    path("", account.home, name="home"),
    path("login/", account.LogIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("preferences/language/", account.change_language, name="language"),
    path("preferences/theme/", account.change_theme, name="theme"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:job_id>/retry/", jobs.retry, name="jobs-retry"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="jobs-cancel"),
    path("_components", components.components, name="components"),
]
