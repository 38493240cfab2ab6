"""What the law asks of commission for bringing customers: each condition with its article. Not legal advice; the merchant's lawyer decides.

Benefits in kind for a friend's own purchase are a sales promotion. Money is another matter: by number of people, for an entrance fee,
or from the sales of those below, it is pyramid selling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yutang.kit.text import N_, Sentence
from yutang.referral.refusals import CommissionIsForbidden

if TYPE_CHECKING:
    from yutang.referral.terms import Terms

#: Goods bought at a distance may be returned for so long. Days.
LEAST_RETURN_DAYS = 7
MOST_PERCENT = 20


@dataclass(frozen=True)
class Condition:
    """One condition: what is wrong where it is not met, and by which article."""

    code: str
    why: str
    article: str


NOT_ALLOWED = Condition(
    "not_allowed",
    N_("the setting “Commission for referral is allowed” is off, and benefits are coupons"),
    N_(
        "Regulation on the Prohibition of Pyramid Selling, art. 7: pay by head, for an entrance fee or over several "
        "levels is pyramid selling"
    ),
)
BY_HEAD = Condition(
    "by_head",
    N_("it must follow from what the friend buys, not from how many people somebody brings"),
    N_("Regulation on the Prohibition of Pyramid Selling, art. 7 (1)"),
)
FEE_TO_JOIN = Condition(
    "fee_to_join",
    N_("nobody may pay, or have to buy something, to take part"),
    N_("Regulation on the Prohibition of Pyramid Selling, art. 7 (2)"),
)
LEVELS = Condition(
    "levels",
    N_("only whoever invited the friend may earn, nobody above"),
    N_("Regulation on the Prohibition of Pyramid Selling, art. 7 (3)"),
)
RETURN_WINDOW = Condition(
    "return_window",
    N_("it may be paid only when the order cannot be given back any more, after 7 days at least"),
    N_("Law on the Protection of Consumer Rights, art. 25"),
)
BOUNDS = Condition(
    "bounds",
    N_("it needs a bound: 1 to 20 percent, and a most in yuan for one order"),
    N_("a bound of this software; the law names none"),
)
TAX = Condition(
    "tax",
    N_("say how income tax is withheld: who pays it out has to withhold it"),
    N_("Individual Income Tax Law, art. 9"),
)

_ONE = N_("%(why)s (%(article)s)")
_MORE = N_("%(why)s (%(article)s); %(rest)s")


def require_lawful(terms: Terms, *, is_allowed: bool) -> None:
    """Refuse a programme with commission that does not meet every condition of the law.

    Raises:
        CommissionIsForbidden: with each condition that is not met, and its article.
    """
    unmet = list(_unmet(terms, is_allowed))
    if not unmet:
        return
    why = Sentence(_ONE, _told(unmet[-1]))
    for condition in reversed(unmet[:-1]):
        why = Sentence(_MORE, {**_told(condition), "rest": why.as_json()})
    raise CommissionIsForbidden(condition=unmet[0].code, conditions=[one.code for one in unmet], why=why.as_json())


def _told(one: Condition) -> dict[str, object]:
    return {"why": Sentence(one.why).as_json(), "article": Sentence(one.article).as_json()}


def _unmet(terms: Terms, is_allowed: bool) -> Iterator[Condition]:
    if terms.commission_levels != 1:
        yield LEVELS
    if terms.joining_fee_fen != 0 or terms.needs_purchase:
        yield FEE_TO_JOIN
    if not terms.commission_percent:
        return
    if not is_allowed:
        yield NOT_ALLOWED
    if terms.deed != "bought":
        yield BY_HEAD
    if terms.return_days < LEAST_RETURN_DAYS:
        yield RETURN_WINDOW
    if not 0 < terms.commission_percent <= MOST_PERCENT or terms.commission_most_fen <= 0:
        yield BOUNDS
    if not terms.tax_note.strip():
        yield TAX
