"""Addresses for customers' phones, and for platforms that push."""

from __future__ import annotations

from django.urls import path

from yutang.pages import appeals, pushes, views

urlpatterns = [
    path("l/<str:token>", views.follow_link, name="link"),
    path("stop/<str:token>", views.stop_messages, name="stop-messages"),
    path("appeal/<str:token>", appeals.appeal, name="appeal"),
    path("callbacks/sms/<str:source>/<str:what>/<str:secret>/", pushes.sms, name="push-sms"),
    path("callbacks/mail/<str:secret>/", pushes.mail, name="push-mail"),
]
