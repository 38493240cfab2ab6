"""The cashier: where a payment is made, or turned away from; and where providers push what became of one."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from yutang.connectors.wechatpay.errors import WeChatPayError
from yutang.foundation.access import Actor
from yutang.groupbuy.actions import give_up_seat, take_paid_seat
from yutang.journeys.paying_top_ups import top_up_paid
from yutang.kit.errors import DomainError
from yutang.pages.bounds import address_of, is_too_often
from yutang.pages.door import refused, unknown
from yutang.pages.visitor import is_in_wechat, visitor_of
from yutang.pages.wechat import way_to_wechat
from yutang.pages.wording import moment, money, spoken
from yutang.payments import actions, queries
from yutang.payments.refusals import NoSuchPayment
from yutang.wecom.queries import official_account

_MOST_VISITS = 120
_SEATS = "groupbuy-seat"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def cashier(request: HttpRequest, number: str) -> HttpResponse:
    """Show what is to be paid and how; take what the form says."""
    now = datetime.now(UTC)
    if is_too_often(f"cashier:{address_of(request)}", most=_MOST_VISITS):
        return refused(
            request, status=429, text=_("That was often within a short time. Wait a minute, then try again.")
        )
    back = ""
    try:
        payment = queries.payment_at_cashier(number=number)
        back = payment.return_path
        if request.method == "POST":
            return _told(request, payment, now)
        there = _to_wechat_first(request, payment)
        if there:
            return redirect(there)
        answer = render(request, "pages/cashier.html", _shown(request, payment, now))
    except NoSuchPayment:
        return unknown(request)
    except DomainError as refusal:
        return refused(request, status=refusal.http_status, text=spoken(refusal.sentence), back=back)
    answer["X-Robots-Tag"] = "noindex"
    return answer


@login_not_required
@csrf_exempt
@require_POST
def wechat_pay(request: HttpRequest) -> HttpResponse:
    """Take a notice of WeChat Pay: of a payment, or of a refund; one that is not signed changes nothing."""
    try:
        actions.receive_notice(
            actor=Actor.system(),
            adapter="wechat_pay",
            headers=request.headers,
            body=_body(request),
            now=datetime.now(UTC),
        )
    except DomainError as error:
        return JsonResponse({"code": "FAIL", "message": error.code}, status=error.http_status)
    return HttpResponse(status=204)


def _told(request: HttpRequest, payment: queries.PaymentView, now: datetime) -> HttpResponse:
    """Take what the payer says or pressed, and lead on."""
    what, system = request.POST.get("what", ""), Actor.system()
    if what == "pay":
        actions.pay_in_sandbox(actor=system, number=payment.number, now=now)
    elif what == "cancel":
        actions.cancel_in_sandbox(actor=system, number=payment.number, now=now)
    elif what == "look":
        actions.look_after(actor=system, number=payment.number, now=now)
    _follow(queries.payment_at_cashier(number=payment.number), now)
    return redirect(payment.return_path or request.path)


def _follow(payment: queries.PaymentView, now: datetime) -> None:
    """Let what was paid for be there when the payer comes back; the event of the payment does the same."""
    if payment.state == "paid":
        top_up_paid(purpose=payment.purpose, amount_minor=payment.amount_minor, now=now)
    kind, _colon, key = payment.purpose.partition(":")
    if kind != _SEATS:
        return
    if payment.state == "paid":
        take_paid_seat(actor=Actor.system(), seat_id=int(key), now=now)
    elif payment.state == "closed":
        give_up_seat(actor=Actor.system(), seat_id=int(key), now=now)


def _shown(request: HttpRequest, payment: queries.PaymentView, now: datetime) -> dict[str, Any]:
    is_over = payment.ends_at is not None and payment.ends_at <= now
    context: dict[str, Any] = {
        "payment": payment,
        "amount": money(payment.amount_minor, payment.currency),
        "until": moment(payment.ends_at) if payment.ends_at else "",
        "is_open": payment.state == "asked" and not is_over,
        "is_sandbox": payment.adapter == "sandbox",
    }
    if context["is_open"] and not context["is_sandbox"]:
        context |= _way(request, payment, now)
    return context


def _way(request: HttpRequest, payment: queries.PaymentView, now: datetime) -> dict[str, Any]:
    payer, agent = _payer(request), request.headers.get("User-Agent", "")
    # Within WeChat a browser's payment page does not open; its camera reads the code, also from a picture.
    scene = "wechat" if payer else "phone" if "Mobile" in agent and not is_in_wechat(request) else "desk"
    try:
        way = actions.begin(
            actor=Actor.system(), number=payment.number, scene=scene, address=address_of(request), payer=payer, now=now
        )
    except WeChatPayError as refusal:
        return {"fault": spoken(refusal.sentence)}
    if way.kind == "script":
        return {"script": dict(way.script)}
    return {"link": way.value} if way.kind == "address" else {"code": _picture(way.value)}


def _payer(request: HttpRequest) -> str:
    """Return the account that pays within WeChat; empty outside of it, or where nobody told whose it is.

    An openid is that of one official account: of another than the payments are made with it is nobody's.
    """
    visitor = visitor_of(request) if is_in_wechat(request) else None
    own = visitor is not None and visitor.app_id == settings.YUTANG_WECHAT_PAY["app_id"]
    return visitor.openid if own and visitor is not None else ""


def _to_wechat_first(request: HttpRequest, payment: queries.PaymentView) -> str:
    """Return where a payer within WeChat says who they are, once; empty where that is known, not needed, or of no use."""
    is_asked = payment.adapter != "sandbox" and payment.state == "asked" and request.method != "POST"
    if not is_asked or not is_in_wechat(request) or _payer(request) or request.GET.get("wechat") == "no":
        return ""
    account = official_account()
    if account is None or account.app_id != settings.YUTANG_WECHAT_PAY["app_id"]:
        return ""
    return way_to_wechat(request.path)


def _picture(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=6, border=2)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except (RawPostDataException, UnreadablePostError):
        return b""
