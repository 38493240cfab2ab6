"""Addresses for customers' phones, and for platforms that push."""

from __future__ import annotations

from django.urls import path

from yutang.pages import appeals, booking, cashier, codes, groups, mine, notice, pushes, referral, views, wechat

urlpatterns = [
    path("l/<str:token>", views.follow_link, name="link"),
    path("r/mine/<str:token>", referral.progress, name="referral-progress"),
    path("r/group/<str:token>", referral.group, name="referral-group"),
    path("r/<str:token>", referral.invitation, name="referral-invitation"),
    path("stop/<str:token>", views.stop_messages, name="stop-messages"),
    path("g/mine/", groups.mine, name="group-mine"),
    path("g/c/<slug:code>/", groups.offer, name="group-offer"),
    path("g/seat/<slug:token>/", groups.seat, name="group-seat"),
    path("g/seat/<slug:token>/visit/", groups.visit, name="group-visit"),
    path("g/<slug:code>/", groups.group, name="group"),
    path("pay/<slug:number>/", cashier.cashier, name="cashier"),
    path("callbacks/wechat-pay/", cashier.wechat_pay, name="push-wechat-pay"),
    path("wechat/", wechat.go, name="wechat"),
    path("wechat/back/", wechat.back, name="wechat-back"),
    path("wechat/leave/", wechat.leave, name="wechat-leave"),
    path("visit/", wechat.booking, name="visit-door"),
    path("visit/<str:token>", booking.visit, name="visit"),
    path("me/", wechat.own_page, name="me-door"),
    path("me/<str:token>", mine.home, name="me"),
    path("me/<str:token>/visits", booking.my_visits, name="me-visits"),
    path("me/<str:token>/balance", mine.balance, name="me-balance"),
    path("me/<str:token>/data", mine.privacy_page, name="me-privacy"),
    path("your-data/", notice.notice, name="privacy-notice"),
    path("appeal/<str:token>", appeals.appeal, name="appeal"),
    path("c/<str:token>", codes.landing, name="code"),
    path("c/<str:token>/group", codes.group, name="code-group"),
    path("callbacks/sms/<str:source>/<str:what>/<str:secret>/", pushes.sms, name="push-sms"),
    path("callbacks/mail/<str:secret>/", pushes.mail, name="push-mail"),
]
