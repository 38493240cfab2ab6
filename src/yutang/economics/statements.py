"""What a programme states of itself, held to what can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from yutang.economics.methods.verdicts import Organic
from yutang.economics.refusals import StatementIsWrong
from yutang.kit.text import N_, Sentence

LARGEST_FEN = 10**12
#: What the parts of a statement are called.
FIELD_TITLES: Mapping[str, str] = {
    "programme": N_("Programme"),
    "title": N_("Name"),
    "unit_cost_fen": N_("Cost of a newcomer"),
    "margin_percent": N_("Margin"),
    "budget_fen": N_("Budget"),
    "worth_fen": N_("Worth of a kept newcomer"),
}


@dataclass(frozen=True)
class Statement:
    """What is stated of a programme.

    Attributes:
        programme: key, such as ``referral:3``: small letters, a colon, and letters, digits, ``-`` or ``_``. At most 64 characters.
        title: what people call it. 1 to 120 characters.
        unit_cost_fen: what a newcomer is foreseen to cost, above 0. Fen.
        budget_fen: what may be spent in all, at least the cost of one newcomer. Fen.
        margin_percent: what stays of sales. 0 to 100.
        worth_fen: what a newcomer who stays is worth, at the margin; None: as the figures of the shop say. Fen.
        organic: what became of newcomers who came by themselves; None: as the figures of the shop say.
        brings_newcomers: whether it is to bring people; False: it has no worth, is watched for nothing and pauses never, and only
            what it costs and brings is shown.
        came_before: who had come by it before anything was stated; read with the first statement. Count.
    """

    programme: str
    title: str
    unit_cost_fen: int
    budget_fen: int
    margin_percent: int = 50
    worth_fen: int | None = None
    organic: Organic | None = None
    brings_newcomers: bool = True
    came_before: int = 0


def checked(statement: Statement) -> Statement:
    """Return a statement as it is kept.

    Raises:
        StatementIsWrong: a part cannot be this.
    """
    stated = replace(statement, title=statement.title.strip())
    room, colon, name = stated.programme.partition(":")
    is_key = bool(colon) and room.isascii() and room.isalpha() and room.islower() and name.isascii() and bool(name)
    is_key = is_key and name.replace("-", "").replace("_", "").isalnum() and len(stated.programme) <= 64
    amount = N_("an amount above 0")
    _require(stated, "programme", is_key, N_("a word, a colon and a number or name, such as referral:3"))
    _require(stated, "title", 0 < len(stated.title) <= 120, N_("1 to 120 characters"))
    _require(stated, "unit_cost_fen", 0 < stated.unit_cost_fen <= LARGEST_FEN, amount)
    _require(stated, "budget_fen", 0 < stated.budget_fen <= LARGEST_FEN, amount)
    enough = stated.budget_fen >= stated.unit_cost_fen
    _require(stated, "budget_fen", enough, N_("at least what one newcomer costs"))
    _require(stated, "margin_percent", 0 <= stated.margin_percent <= 100, N_("a whole number from 0 to 100"))
    _require(stated, "worth_fen", stated.worth_fen is None or 0 < stated.worth_fen <= LARGEST_FEN, amount)
    return stated


def _require(statement: Statement, field: str, is_right: bool, expected: str) -> None:
    if not is_right:
        raise StatementIsWrong(
            part=field,
            field=Sentence(FIELD_TITLES[field]).as_json(),
            written=str(getattr(statement, field))[:80],
            expected=Sentence(expected).as_json(),
        )
