"""The kinds of proposals that are the room's own: see to a group, and make the next one."""

from __future__ import annotations

from yutang.kit.text import N_
from yutang.worklist.kinds import KINDS, Outcome, ProposalKind

#: What a proposal about a group names as its place of work.
SUBJECT = "communities"

TEND_GROUP = KINDS.register(
    ProposalKind(
        code="tend_group",
        title=N_("See to a group"),
        advice=N_("Open the group, see why, and do what is proposed there or what you know to be better."),
        ordinal=14,
        due_days=3,
        lapses_after_days=11,
        outcomes=(
            Outcome("done", N_("Done as proposed")),
            Outcome("other_way", N_("Done otherwise")),
            Outcome("no_use", N_("Nothing helps any more")),
        ),
        is_capped=False,
    )
)
OPEN_GROUP = KINDS.register(
    ProposalKind(
        code="open_group",
        title=N_("Make the next group"),
        advice=N_(
            "Make a customer group of this name in WeCom. It is recognised by its name and takes over what the full one is for."
        ),
        ordinal=8,
        due_days=1,
        lapses_after_days=30,
        outcomes=(Outcome("made", N_("Made")), Outcome("not_now", N_("Not needed now"))),
        is_capped=False,
    )
)
LIMIT_REASON = N_(
    "A channel code fills groups up to %(n)s people, and “%(full)s” has as many with the places that are kept. "
    "The next one is called “%(name)s”."
)
OPEN_REASON = N_("The group “%(full)s” is full. The next one is called “%(name)s”.")
