"""The kind of proposal that tells whom it concerns that a programme paused by itself."""

from __future__ import annotations

from yutang.economics.queries import REASONS, rest_of
from yutang.economics.views import PauseView, ProgrammeView
from yutang.foundation.queries import staff_members
from yutang.kit.text import N_, Sentence
from yutang.worklist.actions import Draft
from yutang.worklist.kinds import KINDS, Outcome, ProposalKind

PAUSED_PROGRAMME = KINDS.register(
    ProposalKind(
        code="paused_programme",
        title=N_("Decide about a paused programme"),
        advice=N_(
            "Look at who came and who stayed. Change what it gives or whom it reaches before you let it go on; or leave it paused."
        ),
        ordinal=5,
        due_days=1,
        lapses_after_days=30,
        outcomes=(
            Outcome("changed", N_("Changed and resumed")),
            Outcome("left_paused", N_("Stays paused")),
            Outcome("ended", N_("Ended for good")),
        ),
        is_capped=False,
    )
)
#: Whom a pause concerns.
_ROLES = ("owner", "operator")


def pause_drafts(programme: ProgrammeView, pause: PauseView) -> list[Draft]:
    """Return a draft for each owner and operator, and one for nobody in particular where there are none."""
    concerned: list[int | None] = [each.id for each in staff_members() if each.is_active and each.role in _ROLES]
    return [
        Draft(
            kind=PAUSED_PROGRAMME.code,
            dedupe_key=f"{PAUSED_PROGRAMME.code}:{pause.id}:{staff_id or 0}",
            reason=_why_told(programme, pause),
            rank=pause.saved_fen,
            staff_id=staff_id,
            subject={"room": "economics", "id": programme.id},
        )
        for staff_id in concerned or [None]
    ]


def _why_told(programme: ProgrammeView, pause: PauseView) -> Sentence:
    told = {
        "programme": programme.title,
        "why": Sentence(REASONS[pause.reason]).as_json(),
        "newcomers": pause.numbers.newcomers,
        "left": pause.numbers.left,
        "currency": "CNY",
    }
    if pause.saved_fen:
        return Sentence(
            N_(
                "“%(programme)s” paused by itself: %(why)s. "
                "%(newcomers)s came, %(left)s are gone; going on would have lost about %(amount_minor)s."
            ),
            {**told, "amount_minor": pause.saved_fen},
        )
    rest = rest_of(programme, pause)
    if rest is None:
        return Sentence(N_("“%(programme)s” paused by itself: %(why)s. %(newcomers)s came, %(left)s are gone."), told)
    return Sentence(
        N_("“%(programme)s” paused by itself: %(why)s. %(newcomers)s came, %(left)s are gone. %(rest)s"),
        {**told, "rest": rest.as_json()},
    )
