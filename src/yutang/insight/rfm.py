"""By what customers are graded: quintiles or fixed thresholds, among whom, and the groups of cells that have a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal, get_args

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.foundation.queries import organisation_setting
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor, to_minor
from yutang.kit.text import N_

Method = Literal["quintiles", "thresholds"]
Within = Literal["chain", "region", "store", "platform"]
METHODS: tuple[Method, ...] = get_args(Method)
WITHIN: tuple[Within, ...] = get_args(Within)
#: Grades from the lowest to the highest.
GRADES = (1, 2, 3, 4, 5)
#: Thresholds between five grades.
_THRESHOLDS = 4
#: Least threshold that makes sense, and a bound that no shop reaches: days, orders, minor units.
_LEAST = {"recency_days": 0, "orders": 2, "spend_minor": 1}
_MOST = {"recency_days": 36_500, "orders": 1_000_000, "spend_minor": 10**15}
_LETTERS = {"recency_days": "R", "orders": "F", "spend_minor": "M"}


class GradingIsUnknown(DomainError):
    """There is no such method of grading, or no such groups to grade in."""

    code: ClassVar[str] = "grading_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Customers cannot be graded by “%(asked)s”; there are: %(known)s.")


class ThresholdsAreWrong(DomainError):
    """Thresholds are not four rising whole numbers."""

    code: ClassVar[str] = "thresholds_are_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "“%(asked)s” are no thresholds of %(grade)s: write four whole numbers between %(least)s and %(most)s, each larger than "
        "the one before, for example %(example)s."
    )


@dataclass(frozen=True)
class RfmRules:
    """By what customers are graded from 1 to 5.

    Attributes:
        method: ``quintiles`` of the group, or fixed ``thresholds``.
        within: the quintiles are those of the whole ``chain``, or of the customers of one ``region``, ``store`` or shop
            ``platform``, by the last sale.
        recency_days: thresholds of recency: at most so many days since the last sale is grade 5, 4, 3, 2. Days.
        orders: thresholds of frequency: from so many sales on grade 2, 3, 4, 5. Count.
        spend_minor: thresholds of money: from so much on grade 2, 3, 4, 5. Minor units of the main currency.
    """

    method: Method = "quintiles"
    within: Within = "chain"
    recency_days: tuple[int, ...] = (30, 90, 180, 365)
    orders: tuple[int, ...] = (2, 3, 5, 10)
    spend_minor: tuple[int, ...] = (10_000, 30_000, 80_000, 200_000)

    def as_json(self) -> dict[str, Any]:
        """Return the rules as they are kept."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class CellGroup:
    """Cells of recency and frequency that belong together: a rectangle of the grid.

    Attributes:
        title: marked with `N_`.
        rs: grades of recency.
        fs: grades of frequency.
    """

    code: str
    title: str
    rs: tuple[int, ...]
    fs: tuple[int, ...]


#: Every cell belongs to one of them; the best first.
CELL_GROUPS: tuple[CellGroup, ...] = (
    CellGroup("core", N_("Core customers"), (4, 5), (4, 5)),
    CellGroup("promising", N_("Promising"), (4, 5), (1, 2, 3)),
    CellGroup("cooling", N_("Cooling down"), (3,), GRADES),
    CellGroup("win_back", N_("To be won back"), (1, 2), (4, 5)),
    CellGroup("quiet", N_("Gone quiet"), (1, 2), (1, 2, 3)),
)


def cell_group_of(*, r: int, f: int) -> CellGroup:
    """Return the group of a cell; grades from 1 to 5."""
    return next(group for group in CELL_GROUPS if r in group.rs and f in group.fs)


def rfm_rules() -> RfmRules:
    """Return by what the organisation grades its customers."""
    return rules_from(organisation_setting(RFM_SETTING.key))


def rules_from(given: Mapping[str, Any]) -> RfmRules:
    """Return rules from JSON; what is not said is as usual.

    Raises:
        GradingIsUnknown: a word or a method is unknown.
        ThresholdsAreWrong: thresholds are not four rising whole numbers in their bounds.
    """
    usual = RfmRules().as_json()
    _require_known(sorted(set(given) - set(usual)), sorted(usual))
    said = {**usual, **given}
    _require_known([said["method"]] if said["method"] not in METHODS else [], METHODS)
    _require_known([said["within"]] if said["within"] not in WITHIN else [], WITHIN)
    limits = {name: _limits(name, said[name], usual=usual[name]) for name in _LETTERS}
    return RfmRules(method=said["method"], within=said["within"], **limits)


def spend_limits(given: Sequence[Any], *, currency: str) -> list[int]:
    """Return thresholds of money in minor units, from whole units of the currency as people write them.

    Raises:
        ThresholdsAreWrong: they are not four rising whole numbers.
    """
    usual = [int(from_minor(each, currency=currency)) for each in RfmRules().spend_minor]
    most = int(from_minor(_MOST["spend_minor"], currency=currency))
    whole = _limits("spend_minor", given, usual=usual, most=most)
    return [to_minor(Decimal(n), currency=currency) for n in whole]


def _require_known(unknown: Sequence[Any], known: Sequence[str]) -> None:
    if unknown:
        raise GradingIsUnknown(asked=", ".join(map(str, unknown)), known=", ".join(known))


def _limits(name: str, given: Any, *, usual: Sequence[int], most: int | None = None) -> tuple[int, ...]:
    """Return four thresholds that rise, so that every grade can be had."""
    least, most = _LEAST[name], most or _MOST[name]
    numbers = given if isinstance(given, list | tuple) else []
    whole = [n for n in numbers if isinstance(n, int) and not isinstance(n, bool) and least <= n <= most]
    if len(numbers) != _THRESHOLDS or list(numbers) != whole or sorted(set(whole)) != whole:
        raise ThresholdsAreWrong(
            asked=", ".join(map(str, numbers)) or str(given),
            grade=_LETTERS[name],
            least=least,
            most=most,
            example=", ".join(map(str, usual)),
        )
    return tuple(whole)


def _accepts(value: Any) -> bool:
    try:
        return isinstance(value, dict) and bool(rules_from(value))
    except DomainError:
        return False


RFM_SETTING = SETTINGS.register(
    OrganisationSetting(
        key="insight.rfm_rules",
        title=N_("By what customers are graded: quintiles or thresholds, and among whom"),
        default=RfmRules().as_json(),
        accepts=_accepts,
    )
)
