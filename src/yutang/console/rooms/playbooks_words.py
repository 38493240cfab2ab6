"""Playbooks in words: triggers, steps, ways, what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.channels.queries import CHANNEL_TITLES, INTENT_TITLES, REASON_TITLES
from yutang.console import formats
from yutang.console.sentences import spoken
from yutang.console.words import stage_label
from yutang.coupons.queries import kind_names
from yutang.journeys.queries import ASKED, STEP_TITLES, Definition, Left, definition_read, occurrences
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.segments import queries as segments

STATES = {
    "draft": (N_("Draft"), "plain"),
    "running": (N_("Running"), "accent"),
    "paused": (N_("Paused"), "warn"),
    "stopped": (N_("Stopped"), "down"),
}
STEP_ICONS = {
    "message": "chat",
    "task": "tasks",
    "wait": "clock",
    "wait_until": "clock",
    "wait_for": "clock",
    "branch": "filter",
    "split": "sliders",
    "tag": "tag",
    "untag": "tag",
    "tell": "plug",
    "post": "people",
    "coupon": "star",
    "join_group": "people",
    "end": "check",
}
TRIGGER_TITLES = {
    "event": N_("Something happens to a person"),
    "segment": N_("Somebody comes into a segment"),
    "fits": N_("Somebody comes to fit a rule"),
    "stage": N_("Somebody comes into a stage"),
    "date": N_("A day of the person"),
    "order": N_("An order comes to a state"),
    "word": N_("Somebody writes a word"),
    "schedule": N_("A time comes round"),
    "newcomer": N_("Somebody becomes a friend in WeCom"),
    "group_found": N_("A new group is found"),
    "group_standing": N_("A group comes to stand otherwise"),
    "hand": N_("By hand"),
}
#: What a playbook may be about.
SUBJECTS = {"person": N_("Single people"), "group": N_("Whole groups of customers")}
_BOTH_STEPS = ("task", "wait", "wait_until", "branch", "end")
_BOTH_TRIGGERS = ("schedule", "hand")
_GROUP_TRIGGERS = ("group_found", "group_standing")
GROUP_STANDINGS = {"alive": N_("alive"), "fatigued": N_("tired"), "dead": N_("dead")}
DATES = {
    "birthday": N_("birthday"),
    "first_order": N_("first order"),
    "last_order": N_("last order"),
    "first_seen": N_("first seen"),
    "next_order": N_("next order expected"),
}
ORDER_STATES = {
    "placed": N_("placed"),
    "paid": N_("paid"),
    "shipped": N_("shipped"),
    "completed": N_("completed"),
    "refunded": N_("refunded"),
}
WEEKDAY_TITLES = {
    "monday": N_("Monday"),
    "tuesday": N_("Tuesday"),
    "wednesday": N_("Wednesday"),
    "thursday": N_("Thursday"),
    "friday": N_("Friday"),
    "saturday": N_("Saturday"),
    "sunday": N_("Sunday"),
}
PERIODS = {"day": N_("every day"), "week": N_("every week"), "month": N_("every month")}
STAGES = ("prospect", "new", "growing", "loyal", "at_risk", "asleep", "lost")
HAPPENINGS = {"order": N_("an order"), "event": N_("an event"), "word": N_("a word that the person writes")}
OUTCOMES = {
    "planned": N_("Planned"),
    "replaced": N_("Something useful instead"),
    "refused": N_("Refused"),
    "tagged": N_("Tagged"),
    "asked": N_("On today's list"),
    "told": N_("Told"),
    "done": N_("Done"),
    "unable": N_("Could not be done"),
    "waited": N_("Waited"),
    "heard": N_("It happened"),
    "way": N_("Way"),
    "left": N_("Left"),
    "ended": N_("Ended"),
    "moved": N_("Brought over"),
}
ENDINGS = {
    "end": N_("Went through to the end"),
    "goal": N_("Reached the goal"),
    "exit": N_("A reason to leave held"),
    "refused": N_("The contact policy refused"),
    "stopped": N_("The playbook was stopped"),
    "merged": N_("The same person was in it twice"),
    "held": N_("Held out"),
    "gone": N_("The group is no longer there"),
}


#: Why a step could not be done, or waits.
_REASONS = {
    "no_place": N_("nobody had a free place"),
    "no_such_room": N_("its room does not exist yet"),
    "no_group": N_("no group fits"),
    "no_room": N_("every group is full"),
    "no_code": N_("the code of the group was not made"),
    "is_member": N_("is in it already"),
    "unknown_group": N_("the contact policy does not know the group yet"),
}


class Words:
    """Speaks playbooks in the reader's language; the names of segments, tags and stores are read once."""

    def __init__(self, access: Any, *, subject: str = "person") -> None:
        self._subject = subject
        self._names = segments.names_for(access=access) if access.can("segments.view") else {}

    def rule(self, rule: Mapping[str, Any]) -> str:
        """Return a rule of segments, or of groups, in words; the bare word where the reader may not see segments."""
        if self._subject == "group":
            return group_rule(rule)
        if not self._names:
            return _("a rule of segments")
        try:
            return spoken(segments.words_of(rule=rule, names=self._names))
        except segments.RuleIsWrong as fault:
            return spoken(fault.sentence)

    def left(self, one: Left) -> str:
        """Return what was asked when so many were left."""
        return _(ASKED[one.asked]) if one.rule is None else self.rule(one.rule)

    def trigger(self, definition: Definition) -> str:
        """Return when somebody comes in."""
        one: Any = definition.trigger
        told: Mapping[str, Callable[[], str]] = {
            "event": lambda: (
                _("When it happens: %(what)s") % {"what": _event_title(one.event)} + _where_words(one.where)
            ),
            "newcomer": lambda: (
                _("When somebody becomes a friend in WeCom; without WeCom, when they are first seen")
                + _where_words(one.where)
            ),
            "group_found": lambda: (
                ngettext(
                    "When a group is found that was made within %(n)s day",
                    "When a group is found that was made within %(n)s days",
                    one.made_within_days,
                )
                % {"n": one.made_within_days}
            ),
            "group_standing": lambda: (
                _("When a group is %(standings)s")
                % {"standings": formats.listed([_(GROUP_STANDINGS[x]) for x in one.to])}
            ),
            "segment": lambda: _("When somebody comes into the segment “%(name)s”") % {"name": self._segment(one)},
            "fits": lambda: _("When somebody comes to fit: %(rule)s") % {"rule": self.rule(one.rule)},
            "stage": lambda: (
                _("When somebody comes into the stage: %(stages)s")
                % {"stages": formats.listed([stage_label(stage) for stage in one.to])}
            ),
            "date": lambda: _day_words(one.days, _(DATES[one.of])),
            "order": lambda: self._order(one),
            "word": lambda: _("When somebody writes: %(words)s") % {"words": formats.listed(list(one.words))},
            "schedule": lambda: _schedule_words(one),
            "hand": lambda: _("Whoever is put in by hand or by another program"),
        }
        return told[one.kind]()

    def _segment(self, one: Any) -> str:
        return self._names.get("segments", {}).get(one.segment_id, str(one.segment_id))

    def _order(self, one: Any) -> str:
        state = _(ORDER_STATES[one.state])
        first = _("the first order") if one.first else _("an order")
        told = _("When %(order)s is %(state)s") % {"order": first, "state": state}
        if one.least_minor or one.most_minor is not None:
            least = formats.money(one.least_minor)
            most = "…" if one.most_minor is None else formats.money(one.most_minor)
            told += _(", amount %(least)s to %(most)s") % {"least": least, "most": most}
        return told

    def step(self, step: Any) -> str:
        """Return what a step does, in a line."""
        told: Mapping[str, Callable[[], str]] = {
            "message": lambda: (
                _("%(intent)s by %(channel)s")
                % {"channel": _(CHANNEL_TITLES[step.channel]), "intent": _(INTENT_TITLES[step.intent])}
            ),
            "post": lambda: _(INTENT_TITLES[step.intent]),
            "task": lambda: str(step.words),
            "wait": lambda: _length_words(step),
            "wait_until": lambda: _("until %(day)s%(time)s") % {"day": _weekday(step), "time": step.time},
            "wait_for": lambda: (
                _("for %(what)s, %(days)s days at most") % {"what": _waited_for(step), "days": step.at_most_days}
            ),
            "branch": lambda: formats.listed([way.title or self.rule(way.rule) for way in step.ways]),
            "split": lambda: formats.listed([f"{way.title or way.then} {way.percent}%" for way in step.ways]),
            "tag": lambda: f"{step.group} / {step.tag}",
            "untag": lambda: f"{step.group} / {step.tag}",
            "tell": lambda: str(step.note),
            "coupon": lambda: kind_names().get(step.coupon, step.coupon),
            "join_group": lambda: (
                _("a group whose name begins with “%(name)s”") % {"name": step.group}
                if step.group
                else _("a group of the person's store")
            ),
            "end": lambda: "",
        }
        return told[step.do]()

    def way(self, definition: Definition, step_id: str, field: str) -> str:
        """Return what is written at a way out of a step; nothing at the only one."""
        step: Any = definition.step(step_id)
        if field == "if_refused":
            return _("refused")
        if field == "otherwise":
            return _("otherwise")
        if field.startswith("ways["):
            way = step.ways[int(field[5 : field.index("]")])]
            return f"{way.title} {way.percent}%".strip() if step.do == "split" else way.title or _("fits")
        return _("when it happens") if step.do == "wait_for" else ""


def step_kinds(subject: str) -> list[tuple[str, str]]:
    """Return the kinds of steps that a playbook about people or groups may have, as the editor offers them."""
    fits = {"post", *_BOTH_STEPS} if subject == "group" else set(STEP_TITLES) - {"post"}
    return [(code, _(title)) for code, title in STEP_TITLES.items() if code in fits]


def trigger_kinds(subject: str) -> list[tuple[str, str]]:
    """Return what may let people or groups in, as the editor offers it."""
    fits = {*_GROUP_TRIGGERS, *_BOTH_TRIGGERS} if subject == "group" else set(TRIGGER_TITLES) - set(_GROUP_TRIGGERS)
    return [(code, _(title)) for code, title in TRIGGER_TITLES.items() if code in fits]


def group_rule(rule: Mapping[str, Any]) -> str:
    """Return a rule of groups in words."""
    return formats.listed([_group_test(one) for one in rule.get("all", ())])


def _group_test(test: Mapping[str, Any]) -> str:
    if test["fact"] == "standing":
        return _("is %(standings)s") % {
            "standings": formats.listed([_(GROUP_STANDINGS.get(x, x)) for x in test["is_one_of"]])
        }
    if test["fact"] == "store":
        return _("belongs to %(stores)s") % {"stores": formats.listed(list(test["is_one_of"]))}
    templates = {
        ("members", "at_least"): N_("%(n)s people and more"),
        ("members", "at_most"): N_("%(n)s people at most"),
        ("age_days", "at_least"): N_("%(n)s days old and older"),
        ("age_days", "at_most"): N_("%(n)s days old at most"),
    }
    ends = [(end, test[end]) for end in ("at_least", "at_most") if test.get(end) is not None]
    return formats.listed([_(templates[test["fact"], end]) % {"n": formats.number(n)} for end, n in ends])


def _where_words(where: Mapping[str, Any]) -> str:
    return _(", only: %(facts)s") % {"facts": formats.listed([str(fact) for fact in where.values()])} if where else ""


def step_title(step: Any) -> str:
    """Return what a step is called: its own title, or that of its kind."""
    return step.title or _(STEP_TITLES[step.do])


def place_title(definition: Definition, step_id: str) -> str:
    """Return a step as the list of steps shows it: its place and what it is called."""
    places = {step.id: f"{n}. {step_title(step)}" for n, step in enumerate(definition.steps, 1)}
    return places.get(step_id, step_id)


def refusal_words(refusal: DomainError, draft: Mapping[str, Any]) -> str:
    """Return a refusal in words; a step that it names by its key is called as the list of steps shows it."""
    definition, told = definition_read(draft), dict(refusal.data)
    for name in ("step", "place"):
        if isinstance(told.get(name), str):
            told[name] = place_title(definition, told[name])
    kind = STEP_TITLES.get(str(told.get("do")))
    told |= {"do": _(kind)} if kind else {}
    return spoken(Sentence(refusal.message, told))


def reason_title(outcome: str, reason: str) -> str:
    """Return why something became of a step, where there is a reason in words."""
    if reason in _REASONS:
        return _(_REASONS[reason])
    return _(REASON_TITLES[reason]) if reason in REASON_TITLES and outcome in {"planned", "refused", "replaced"} else ""


def _event_title(kind: str) -> str:
    return next((_(one.title) for one in occurrences() if one.kind == kind), kind)


def _waited_for(step: Any) -> str:
    if step.words:
        return formats.listed(list(step.words))
    return _event_title(step.event) if step.event else _(HAPPENINGS[step.happening])


def _weekday(step: Any) -> str:
    return "" if step.weekday is None else _(WEEKDAY_TITLES[step.weekday]) + " "


def _day_words(days: int, of: str) -> str:
    if days == 0:
        return _("On the day: %(of)s") % {"of": of}
    if days < 0:
        return ngettext("%(n)s day before: %(of)s", "%(n)s days before: %(of)s", -days) % {"n": -days, "of": of}
    return ngettext("%(n)s day after: %(of)s", "%(n)s days after: %(of)s", days) % {"n": days, "of": of}


def _schedule_words(one: Any) -> str:
    told = {"every": _(PERIODS[one.every]), "time": one.time}
    if one.every == "week":
        return _("%(every)s on %(day)s at %(time)s") % {**told, "day": _(WEEKDAY_TITLES[one.weekday])}
    if one.every == "month":
        return _("%(every)s on day %(day)s at %(time)s") % {**told, "day": one.day}
    return _("%(every)s at %(time)s") % told


def _length_words(step: Any) -> str:
    parts = [
        ngettext("%(n)s day", "%(n)s days", step.days) % {"n": step.days} if step.days else "",
        ngettext("%(n)s hour", "%(n)s hours", step.hours) % {"n": step.hours} if step.hours else "",
        ngettext("%(n)s minute", "%(n)s minutes", step.minutes) % {"n": step.minutes} if step.minutes else "",
    ]
    return formats.listed([part for part in parts if part])
