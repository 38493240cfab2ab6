"""What rules may ask of groups: in how many a person is, how alive they are, and who came into or left one."""

from __future__ import annotations

from yutang.kit.text import N_, Sentence
from yutang.lake.fields import FIELDS, HAPPENINGS, Field, Happening

_GROUPS = N_("Groups of customers")
_FACTS, _LIVES = "communities.member_facts", "communities.member_lives"
LIVES = {
    "forming": Sentence(N_("Forming")),
    "alive": Sentence(N_("Alive")),
    "quiet": Sentence(N_("Quiet")),
    "dying": Sentence(N_("Dying")),
    "dead": Sentence(N_("Dead")),
}

FIELDS.register(
    Field("groups", N_("Groups of customers that they are in"), "number", "groups", _GROUPS, _FACTS, unit=N_("groups"))
)
FIELDS.register(
    Field("alive_groups", N_("Of these, alive ones"), "number", "alive_groups", _GROUPS, _FACTS, unit=N_("groups"))
)
FIELDS.register(
    Field("group_life", N_("How alive their groups are"), "members", "life", _GROUPS, _LIVES, choices=LIVES)
)
HAPPENINGS.register(Happening("group_joined", N_("groups joined"), "communities.joined_facts"))
HAPPENINGS.register(Happening("group_left", N_("groups left"), "communities.left_facts"))
