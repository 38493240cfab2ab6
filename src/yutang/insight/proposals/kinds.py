"""Kinds of proposals about customers and about their records.

The chances are assumptions to begin with, carefully low; `worklist.chances` moves them by what followed.
"""

from __future__ import annotations

from yutang.kit.text import N_
from yutang.worklist.kinds import KINDS, Outcome, ProposalKind

_NOT_REACHED = Outcome("not_reached", N_("Not reached"))

UNHAPPY = KINDS.register(
    ProposalKind(
        code="unhappy_refunds",
        title=N_("Ask what went wrong"),
        advice=N_("Two refunds in a short time: ask what was wrong, make it good, and sell nothing."),
        ordinal=5,
        due_days=1,
        lapses_after_days=10,
        chance=0.10,
        again_after_days=60,
        outcomes=(
            Outcome("made_good", N_("Made good")),
            Outcome("goods_problem", N_("The goods were wrong")),
            Outcome("service_problem", N_("The service was wrong")),
            Outcome("just_trying", N_("Only tried things on")),
            _NOT_REACHED,
        ),
        is_called=True,
    )
)

FIRST_ORDER = KINDS.register(
    ProposalKind(
        code="first_order_thanks",
        title=N_("Thank for the first order"),
        advice=N_("Call, say thank you, ask whether everything arrived well. Sell nothing."),
        ordinal=10,
        due_days=1,
        lapses_after_days=5,
        chance=0.05,
        outcomes=(
            Outcome("glad", N_("Glad, all is well")),
            Outcome("has_problem", N_("Has a problem")),
            Outcome("added_contact", N_("Added as a contact")),
            _NOT_REACHED,
        ),
        is_called=True,
    )
)

DUE = KINDS.register(
    ProposalKind(
        code="repurchase_due",
        title=N_("Remind: time for the next order"),
        advice=N_("Ask whether the last purchase is used up, and say what fits next. One question, no pressure."),
        ordinal=15,
        due_days=3,
        lapses_after_days=10,
        chance=0.10,
        sells=True,
        outcomes=(
            Outcome("will_order", N_("Will order")),
            Outcome("ordered", N_("Ordered at once")),
            Outcome("not_yet", N_("Not used up yet")),
            Outcome("gone_elsewhere", N_("Buys elsewhere now")),
            _NOT_REACHED,
        ),
        is_called=True,
    )
)

SILENT = KINDS.register(
    ProposalKind(
        code="valuable_silent",
        title=N_("Win a silent customer back"),
        advice=N_("Ask how it goes and whether something was wrong last time. Offer help first, goods later."),
        ordinal=20,
        due_days=3,
        lapses_after_days=14,
        chance=0.05,
        sells=True,
        outcomes=(
            Outcome("will_come", N_("Will come again")),
            Outcome("ordered", N_("Ordered at once")),
            Outcome("unhappy", N_("Was unhappy")),
            Outcome("gone_elsewhere", N_("Buys elsewhere now")),
            _NOT_REACHED,
        ),
        is_called=True,
    )
)

JUMPED = KINDS.register(
    ProposalKind(
        code="value_jumped",
        title=N_("Welcome a customer who grew"),
        advice=N_("Thank in person, find out what they like, and give them one person to turn to."),
        ordinal=25,
        due_days=5,
        lapses_after_days=20,
        chance=0.05,
        again_after_days=180,
        outcomes=(
            Outcome("glad", N_("Glad, all is well")),
            Outcome("added_contact", N_("Added as a contact")),
            Outcome("ordered", N_("Ordered at once")),
            _NOT_REACHED,
        ),
        is_called=True,
    )
)

BIRTHDAY = KINDS.register(
    ProposalKind(
        code="birthday",
        title=N_("Wish a happy birthday"),
        advice=N_("A personal word on the day; a small gift where there is one. No advertising."),
        ordinal=28,
        due_days=3,
        lapses_after_days=3,
        chance=0.03,
        sells=True,
        again_after_days=300,
        outcomes=(
            Outcome("glad", N_("Was pleased")),
            Outcome("will_come", N_("Will come again")),
            _NOT_REACHED,
        ),
        is_called=True,
    )
)

IDENTITY_REVIEW = KINDS.register(
    ProposalKind(
        code="identity_review",
        title=N_("Decide whether two records are one person"),
        advice=N_("Look at what agrees and what contradicts; when in doubt, keep them apart."),
        ordinal=40,
        due_days=7,
        lapses_after_days=365,
        outcomes=(Outcome("decided", N_("Decided")),),
        is_capped=False,
    )
)
