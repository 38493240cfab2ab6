"""What the numbers of groups mean: how many members pay attention, how sure that is, and what deeds brought."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

COMMUNITIES = (
    Metric(
        "groups_needing",
        N_("Need you today"),
        N_(
            "Groups about which something is to be done that a person does best, one by one. What one standard post does for many "
            "groups stands below, and what was put off or done within ten days is not among them."
        ),
        formula=N_("Count of customer groups"),
        source="night",
    ),
    Metric(
        "groups_alive",
        N_("Alive groups"),
        N_("Groups in which at least half of the members pay attention; the mark is a setting."),
        formula=N_("Count of customer groups"),
        source="night",
    ),
    Metric(
        "groups_asleep",
        N_("Dying or dead"),
        N_(
            "Dead: surely fewer than a third of the members pay attention. Dying: more likely so than not, or in two "
            "weeks if it goes on like this."
        ),
        formula=N_("Count of customer groups"),
        source="night",
    ),
    Metric(
        "groups_attentive",
        N_("Members who pay attention"),
        N_("Members of all groups who would react if there was something for them, as the model estimates it."),
        formula=N_("Sum over groups of members × share ÷ members"),
        source="night",
    ),
    Metric(
        "groups_share",
        N_("Share that pays attention"),
        N_(
            "Estimated from messages, reactions, clicks, orders, leavers and probes, as far as they are told: silence "
            "counts only where "
            "somebody tells of the group at all. The band holds the truth in nine cases of ten."
        ),
        formula=N_("Bayes: belief of the day before × what was seen"),
        source="night",
    ),
    Metric(
        "groups_trend",
        N_("Over four weeks"),
        N_("By how many points of a hundred the share changed over four weeks."),
        formula=N_("Share today − share 28 days ago"),
        source="night",
    ),
    Metric(
        "groups_wall",
        N_("Every group, a dot each"),
        N_(
            "A dot is a group; they stand owner by owner, the forming and alive ones of each first. Wheel or two "
            "fingers zoom, a click opens the group."
        ),
        formula=N_("A dot a group"),
        source="night",
    ),
    Metric(
        "groups_course",
        N_("Over the last weeks"),
        N_("Groups by how alive they were at the end of each day."),
        formula=N_("Count of customer groups"),
        source="night",
    ),
    Metric(
        "groups_effect",
        N_("What came of it"),
        N_(
            "Change of the share within two weeks, against up to eight groups of about the same share and size about "
            "which nothing was done."
        ),
        formula=N_("Own change − mean change of similar groups"),
        source="night",
    ),
    Metric(
        "groups_tree",
        N_("Who brought whom"),
        N_("As codes, referrals and people told it. A diamond seeds a group of its own; grey ones left."),
        formula=N_("A branch an invitation"),
        source="now",
    ),
    Metric(
        "groups_alike",
        N_("How alike"),
        N_("Chance that two members, of whom it is known, carry the same tag of a group of tags."),
        formula=N_("Pairs with the same tag ÷ all pairs"),
        source="now",
    ),
)
