"""What is to be simulated: size, span, formats, how untidy life is, how people buy."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import ClassVar, Final

from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.simulator.phones import MOST_PEOPLE

#: Where orders are placed; the position is the platform's code in the arrays.
PLATFORMS: Final = ("till", "youzan", "wechat_shop", "taobao", "jd", "pdd", "douyin")
TILL, YOUZAN, WECHAT_SHOP, TAOBAO, JD, PDD, DOUYIN = range(len(PLATFORMS))

#: What the people with numbers of their own can buy at the default habits, with room to spare.
MOST_LINES: Final = 2 * MOST_PEOPLE


class SizeOutOfRange(DomainError):
    """More people, stores, days or lines than can be made, or fewer than make sense."""

    code = "size_out_of_range"
    message = N_("%(what)s must lie between %(least)s and %(most)s, not %(asked)s.")


class UnknownFormat(DomainError):
    """A format that no writer knows."""

    code = "unknown_format"
    message = N_("There is no format %(asked)s; there are: %(known)s.")


class LinesNeedTaobao(DomainError):
    """Lines are counted in the Taobao order report, which is not among the formats."""

    code = "lines_need_taobao"
    message = N_("The number of lines counts rows of the Taobao order report: ask for that format too.")


@dataclass(frozen=True)
class Untidiness:
    """Shares of what makes real data hard. All ratios in ``[0, 1]``."""

    shared_phone: float = 0.06  # of pairs of people: both buy with one phone
    recycled_phone: float = 0.02  # of pairs: the first gives a number up, the second gets it 90 days later
    changed_phone: float = 0.04  # of people: take a new number one day
    two_accounts: float = 0.07  # of people: two accounts on a platform
    common_chat_name: float = 0.10  # of people: a WeChat name that others bear too
    two_cards: float = 0.02  # of members: two member numbers at the till
    masked_phone: float = 0.08  # of orders that show a phone: the platform masks it
    virtual_phone: float = 0.12  # of Taobao orders: a virtual number with an extension
    gift: float = 0.02  # of online orders: go to somebody else, a friend of the same neighbourhood
    #: Of gifts: to the same friend each time. Who only ever does that cannot be told from the friend by any file.
    gift_habit: float = 0.0
    title_name: float = 0.05  # of receivers: 陈女士 instead of the name
    store_phone: float = 0.01  # of till receipts of members: the store's own number was typed
    walk_in: float = 0.25  # anonymous till receipts for one of a member
    dirty: float = 0.002  # of orders: a row that cannot be read as it stands


@dataclass(frozen=True)
class Habits:
    """How people buy: BG/NBD in season-adjusted days, and what merchants report of hooks.

    Source:
        Fader, Hardie & Lee (2005), "Counting your customers the easy way", section 3, for the process.
    """

    rate_shape: float = 0.85  # r
    rate_scale_days: float = 62.0  # alpha
    dropout_a: float = 0.8
    dropout_b: float = 3.6
    hook_lead: float = 0.10  # of people: invited by a hook at 99 yuan
    hook_conversion: float = 0.58
    dear_lead: float = 0.03  # of people: invited by an offer at 1,500 yuan
    dear_conversion: float = 0.055
    top_up: float = 0.30  # of hook buyers: prepay 5,000, 8,000 or 10,000 yuan
    unpaid: float = 0.05  # unpaid attempts for one online order
    full_refund: float = 0.035
    part_refund: float = 0.02
    companion: float = 0.3  # of later orders: begin with the garment that goes with the first one of the order before


@dataclass(frozen=True)
class Cause:
    """A change planted on purpose, so that an explanation of sales can be held against it.

    Attributes:
        kind: ``traffic``, ``entry_rate``, ``conversion`` (till sales of a store), ``order_value`` (prices), ``newcomers``.
        subject: store code, ``all``, or platform for `newcomers`.
        first_date: first day.
        end_date: day after the last.
        factor: what the factor of the formula is multiplied by.
    """

    kind: str
    subject: str
    first_date: date
    end_date: date
    factor: float

    KINDS: ClassVar = ("traffic", "entry_rate", "conversion", "order_value", "newcomers")


@dataclass(frozen=True)
class Plan:
    """One simulation; equal plans make equal bytes (with the same NumPy).

    Attributes:
        seed: any integer >= 0.
        customers: people, leads that never buy included; the least number where `lines` asks for more.
        stores: stores of the chain.
        from_date: first day of the files.
        to_date: day after the last day; also the moment of export.
        platforms: where orders are placed.
        lines: exact number of rows of the Taobao order report, or None.
        causes: what is planted; None plants three by the seed.
    """

    seed: int
    customers: int
    stores: int
    from_date: date
    to_date: date
    platforms: tuple[str, ...] = PLATFORMS
    lines: int | None = None
    causes: tuple[Cause, ...] | None = None
    untidiness: Untidiness = field(default_factory=Untidiness)
    habits: Habits = field(default_factory=Habits)

    def __post_init__(self) -> None:
        _check("customers", self.customers, least=1, most=MOST_PEOPLE)
        _check("stores", self.stores, least=1, most=1000)
        _check("days", self.days, least=28, most=3660)
        _check("seed", self.seed, least=0, most=2**31)
        if unknown := sorted(set(self.platforms) - set(PLATFORMS)):
            raise UnknownFormat(asked=unknown[0], known=", ".join(PLATFORMS))
        if self.lines is not None:
            _check("lines", self.lines, least=1, most=MOST_LINES)
            if "taobao" not in self.platforms:
                raise LinesNeedTaobao

    @property
    def days(self) -> int:
        """Days of the span."""
        return (self.to_date - self.from_date).days

    def tidy(self) -> Plan:
        """Return the plan without any untidiness: everybody has one phone, one account, and no row is dirty."""
        return replace(self, untidiness=Untidiness(*([0.0] * len(fields(Untidiness)))))


def _check(what: str, asked: int, *, least: int, most: int) -> None:
    if not least <= asked <= most:
        raise SizeOutOfRange(what=what, asked=asked, least=least, most=most)
