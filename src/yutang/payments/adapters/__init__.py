"""Ways to pay behind one protocol: WeChat Pay, and a cashier to try everything on."""

from __future__ import annotations

from yutang.foundation import bulk
from yutang.payments.adapters.protocol import Adapter, Notice, Way
from yutang.payments.adapters.sandbox import Sandbox
from yutang.payments.adapters.wechat_pay import WeChatPayAdapter, account_of_settings
from yutang.payments.organisation import SANDBOX_IS_OPEN
from yutang.payments.refusals import NoticeIsRefused, NoWayToPay

__all__ = ["Adapter", "Notice", "Way", "adapter_named", "adapter_of_new_payments", "has_way_to_pay"]


def adapter_of_new_payments() -> str:
    """Return the name of the adapter by which new payments are taken.

    Raises:
        NoWayToPay: none is set up.
    """
    if account_of_settings() is not None:
        return WeChatPayAdapter.name
    if _sandbox_is_open():
        return Sandbox.name
    raise NoWayToPay


def has_way_to_pay() -> bool:
    """Return whether one could pay."""
    return account_of_settings() is not None or _sandbox_is_open()


def _sandbox_is_open() -> bool:
    """Return whether the cashier for trying out is open; asked for each payment, so without the weight of the ORM."""
    kept = bulk.fetch("SELECT value FROM foundation_setting WHERE key = %s", (SANDBOX_IS_OPEN,))
    # Both databases give a value of JSON as its text.
    return bool(kept) and str(kept[0][0]).lower() == "true"


def adapter_named(name: str) -> Adapter:
    """Return an adapter, for payments that it took.

    Raises:
        NoticeIsRefused: it is not set up.
    """
    if name == Sandbox.name:
        return Sandbox()
    account = account_of_settings()
    if name != WeChatPayAdapter.name or account is None:
        raise NoticeIsRefused
    return WeChatPayAdapter(account)
