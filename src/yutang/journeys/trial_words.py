"""Words about playbooks that several doors say: what steps are called, on what a dry run rests, and at what how many were left."""

from __future__ import annotations

from collections.abc import Mapping

from yutang.kit.text import N_

#: What steps do, where they have no title of their own; in the order in which the editor offers them.
STEP_TITLES: Mapping[str, str] = {
    "message": N_("Send a message"),
    "task": N_("Ask a human"),
    "wait": N_("Wait"),
    "wait_until": N_("Wait until a time"),
    "wait_for": N_("Wait for something to happen"),
    "branch": N_("Branch by a segment"),
    "split": N_("Split by chance"),
    "tag": N_("Give a tag"),
    "untag": N_("Take a tag"),
    "tell": N_("Tell other systems"),
    "post": N_("Post to the group"),
    "coupon": N_("Give a coupon"),
    "join_group": N_("Lead into a group"),
    "end": N_("End here"),
}
#: On what a dry run rests; see `DryRun.basis`.
BASES: Mapping[str, str] = {
    "present": N_("Whoever fits now, as if they came in today."),
    "days": N_("Whose day comes within 30 days."),
    "schedule": N_("The times that come round within 30 days, with who is in the audience now."),
    "past": N_("As if the coming 30 days were like the last 30, and everybody as they were then."),
    "unknown": N_("Nobody can foresee whom this happens to: the 100 newest people, as if it happened to them today."),
}
#: What is asked of who is to come in; see `Left.asked`. A condition of the audience has words of its own.
ASKED: Mapping[str, str] = {
    "trigger": N_("It would happen to them"),
    "again": N_("Not in it now, and not in it too lately"),
    "reach": N_("Some step reaches them on every course"),
}
