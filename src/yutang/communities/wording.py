"""Why a group is said to be so, in words: sentences that are stored and read in each person's language."""

from __future__ import annotations

from dataclasses import dataclass

from yutang.communities.methods.judging import DEAD, DYING, FORMING, Found, Marks, why_forming
from yutang.kit.text import N_, Sentence

_FORMING = {
    "young": N_("It is %(age)s days old; before %(young)s days nothing is decided."),
    "few": N_("It has %(members)s members; with fewer than %(few)s one cannot tell."),
    "unknown": N_("Too little is known: nobody told what its members do, and it was not asked for a sign of life."),
}


@dataclass(frozen=True)
class Seen:
    """What was seen of a group of late, for the reasons.

    Attributes:
        silent_days: days since anybody was seen writing, reacting, clicking or ordering; None where somebody was within four weeks.
        is_heard: whether any system tells of what its members do.
        joined, left: who came and went within two weeks. Count.
        posts: posts of two weeks. Count.
        packets: (taken, laid out, minutes) of the latest probe by red packets within four weeks; taken is -1 where only is known
            that some were left, and as many as laid out where none was; None without one.
        answered: (answered, members) of the latest poll or roll call within four weeks; None without one.
    """

    silent_days: int | None = None
    is_heard: bool = False
    joined: int = 0
    left: int = 0
    posts: int = 0
    packets: tuple[int, int, int] | None = None
    answered: tuple[int, int] | None = None


def reasons(*, life: str, found: Found, seen: Seen, marks: Marks) -> list[Sentence]:
    """Return why a group is said to be so, the weightiest first."""
    told: list[Sentence] = []
    if life == FORMING:
        values = {
            "age": found.age_days or 0,
            "young": marks.young_days,
            "members": found.members,
            "few": marks.few_members,
        }
        told.append(Sentence(_FORMING[why_forming(found, marks)], values))
    told.append(
        Sentence(
            N_("About %(share)s of 100 members pay attention, by nine chances in ten between %(low)s and %(high)s."),
            {"share": _hundredths(found.share), "low": _hundredths(found.low), "high": _hundredths(found.high)},
        )
    )
    told += _probes(seen)
    if life in {DYING, DEAD}:
        told.append(
            Sentence(
                N_("The chance that fewer than %(dead)s of 100 do is %(chance)s percent."),
                {"dead": _hundredths(marks.dead), "chance": _hundredths(found.chance_dead)},
            )
        )
    if found.before is not None and abs(found.share - found.before) >= 0.08:
        template = N_("Four weeks ago it was %(before)s of 100: it rose.")
        if found.share < found.before:
            template = N_("Four weeks ago it was %(before)s of 100: it fell.")
        told.append(Sentence(template, {"before": _hundredths(found.before)}))
    if seen.silent_days is not None and seen.is_heard:
        told.append(
            Sentence(N_("Nobody was seen writing, reacting or ordering for %(days)s days."), {"days": seen.silent_days})
        )
    if seen.left >= 3 and seen.left > seen.joined:
        told.append(
            Sentence(N_("%(left)s left within two weeks, %(joined)s came."), {"left": seen.left, "joined": seen.joined})
        )
    if seen.posts >= 4:
        told.append(Sentence(N_("It had %(posts)s posts within two weeks."), {"posts": seen.posts}))
    return told


def _probes(seen: Seen) -> list[Sentence]:
    told = []
    if seen.packets is not None:
        taken, packets, minutes = seen.packets
        values = {"taken": taken, "packets": packets, "minutes": minutes}
        if taken < 0:
            told.append(Sentence(N_("Of %(packets)s red packets some were left after %(minutes)s minutes."), values))
        elif taken >= packets:
            told.append(Sentence(N_("All %(packets)s red packets were taken within %(minutes)s minutes."), values))
        else:
            told.append(
                Sentence(N_("Of %(packets)s red packets %(taken)s were taken within %(minutes)s minutes."), values)
            )
    if seen.answered is not None:
        answered, members = seen.answered
        told.append(
            Sentence(
                N_("%(answered)s of %(members)s answered when they were asked."),
                {"answered": answered, "members": members},
            )
        )
    return told


def _hundredths(share: float) -> int:
    return round(100 * share)
