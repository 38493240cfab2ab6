"""The forms of the playbook editor: fields of each kind of step and trigger, and the parts of a definition that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from yutang.channels.policy import GROUP_CHANNEL, INTENTS, PERSON_CHANNELS
from yutang.channels.queries import CHANNEL_TITLES, INTENT_TITLES
from yutang.console.content_choices import content_choices
from yutang.console.rooms import playbooks_words as words
from yutang.console.sentences import spoken
from yutang.console.words import stage_label
from yutang.coupons.queries import kind_choices
from yutang.journeys import queries
from yutang.journeys.queries import occurrences
from yutang.kit.text import N_
from yutang.segments import queries as segments
from yutang.segments.presets import presets

Field = dict[str, Any]
Step = dict[str, Any]
#: What a choice of rules says for one that stays as it is.
KEEP = "keep"
#: Ways of a fork that a form offers beyond those that there are.
_MORE_WAYS = 1
_MOST_WAYS = 8
_CONTENT_HELP = N_("Approved ones of this intent that go by this way. Save another intent or way to see others.")
_NUMBERS = frozenset({"days", "hours", "minutes", "at_most_days", "useful_days", "least_minor", "most_minor", "day"})


class Choices:
    """What the selects of the editor offer."""

    def __init__(self, request: Any, steps: Sequence[Step], *, but: str = "", subject: str = "person") -> None:
        self._request, self._access, self._subject = request, request.actor, subject
        self.targets = [("next", _("the next step")), ("end", _("the end"))]
        self.targets += [(one["id"], step_name(one)) for one in steps if one["id"] != but]

    def contents(self, step: Step) -> list[tuple[str, str]]:
        """Return contents that fit the channel and the intent of a step, and what is chosen."""
        channel = GROUP_CHANNEL if step["do"] == "post" else step.get("channel", "wecom")
        return self._contents(str(step.get("content", "")), channel, step.get("intent", "value"))

    def useful(self, step: Step) -> list[tuple[str, str]]:
        """Return useful contents that can go by the channel of a step in place of it, and what is chosen."""
        chosen = (step.get("instead") or {}).get("content", "")
        return self._contents(str(chosen), step.get("channel", "wecom"), "value")

    def _contents(self, chosen: str, channel: str, intent: str) -> list[tuple[str, str]]:
        none = ("", _("none: the words above"))
        found = content_choices(self._request, chosen=chosen, channels=[channel], intents=[intent])
        return [none, *found]

    def rules(self, present: Any = None) -> list[tuple[str, str]]:
        """Return segments and presets, and what stands there now where that is another rule; of groups their own rules."""
        found = [(KEEP, _("as it is"))] if present else []
        if self._subject == "group":
            return found + [(code, words.group_rule(rule)) for code, rule in _GROUP_RULES.items()]
        if self._access.can("segments.view"):
            named = segments.segment_names(access=self._access).items()
            found += [(f"segment:{key}", name) for key, name in named]
            found += [(f"preset:{one.code}", spoken(one.title)) for one in presets() if not one.cell]
        return found


#: Rules of groups that the forms offer; others are written as JSON.
_GROUP_RULES: Mapping[str, dict[str, Any]] = {
    **{f"group:members:{n}": {"all": [{"fact": "members", "at_least": n}]} for n in (5, 10, 20, 30)},
    "group:week": {"all": [{"fact": "age_days", "at_most": 7}]},
    **{
        f"group:standing:{code}": {"all": [{"fact": "standing", "is_one_of": [code]}]}
        for code in ("alive", "fatigued", "dead")
    },
}


def step_name(step: Step) -> str:
    """Return what a step of a draft is called."""
    kind = step["do"]
    return step.get("title") or _(queries.STEP_TITLES[kind])


def new_step(do: str, taken: Sequence[str], *, subject: str = "person") -> Step:
    """Return a step of a kind that says as little as it may."""
    step_id = next(f"{do}_{n}" for n in range(1, 200) if f"{do}_{n}" not in taken)
    more: Mapping[str, dict[str, Any]] = {
        "message": {"channel": "wecom", "intent": "value", "words": _("Write here what the person reads.")},
        "post": {"intent": "value", "words": _("Write here what the group reads.")},
        "task": {"words": _("Write here what is to be done.")},
        "wait": {"days": 1},
        "wait_until": {"time": "10:00"},
        "wait_for": {"happening": "order", "at_most_days": 7},
        "branch": {"ways": [{"rule": dict(_GROUP_RULES["group:members:10"]), "then": "next"}]}
        if subject == "group"
        else {"ways": [{"rule": _stage("loyal"), "then": "next"}]},
        "split": {"ways": [{"percent": 50, "then": "next"}, {"percent": 50, "then": "next"}]},
        "tag": {"group": _("Playbooks"), "tag": _("Told")},
        "untag": {"group": _("Playbooks"), "tag": _("Told")},
        "tell": {"note": "note"},
        "coupon": {"coupon": next((code for code, _name in kind_choices()), "coupon")},
    }
    return {"id": step_id, "do": do, **more.get(do, {})}


def _stage(code: str) -> dict[str, Any]:
    return {"version": 1, "rule": {"field": "stage", "is": "in", "value": [code]}}


def fields_of(step: Step, choices: Choices) -> list[Field]:
    """Return the fields of the form of a step, with what they hold now."""
    fields = [_field("title", _("Title"), step, help=_("What you call it; empty: what it does."))]
    fields += _OWN.get(step["do"], lambda _step: [])(step)
    for one in fields:
        if one["name"] == "content":
            one["choices"] = choices.contents(step)
        if one["name"] == "instead_content":
            one["choices"] = choices.useful(step)
    if step["do"] not in {"branch", "split", "end"}:
        label = _("When it happened") if step["do"] == "wait_for" else _("Then")
        fields.append(_field("then", label, step, choices=choices.targets, default="next"))
    if step["do"] in {"message", "post", "join_group"}:
        fields.append(_field("if_refused", _("When it is refused"), step, choices=choices.targets, default="next"))
    if step["do"] in {"wait_for", "branch"}:
        fields.append(_field("otherwise", _("Otherwise"), step, choices=choices.targets, default="next"))
    return fields


def _field(name: str, label: str, holder: Mapping[str, Any], *, default: Any = "", **more: Any) -> Field:
    value = holder.get(name, default)
    if isinstance(value, (list, tuple)):
        value = "，".join(str(one) for one in value)
    return {"name": name, "label": label, "value": "" if value is None else value, **more}


def _message_fields(step: Step) -> list[Field]:
    channels = [(code, _(CHANNEL_TITLES[code])) for code in PERSON_CHANNELS]
    intents = [(code, _(INTENT_TITLES[code])) for code in INTENTS]
    instead = step.get("instead") or {}
    return [
        _field("channel", _("Channel"), step, choices=channels),
        _field("intent", _("Intent"), step, choices=intents, help=_("The contact policy holds the message to it.")),
        _field("words", _("Words"), step, rows=4),
        _field("content", _("Or a content of the library"), step, help=_(_CONTENT_HELP)),
        _field("subject", _("Subject of an e-mail"), step),
        {
            "name": "instead",
            "label": _("Something useful where a promotion may not go out yet"),
            "value": instead.get("words", ""),
            "rows": 3,
        },
        {
            "name": "instead_content",
            "label": _("Or a useful content of the library in its place"),
            "value": instead.get("content", ""),
            "help": _("Approved ones that are of use and go by this way; either words or a content."),
        },
        _field("useful_days", _("Days after which it is of no use"), step, number=True),
    ]


def _wait_fields(step: Step) -> list[Field]:
    titles = {"days": _("Days"), "hours": _("Hours"), "minutes": _("Minutes")}
    return [_field(name, label, step, number=True, default=0) for name, label in titles.items()]


def _until_fields(step: Step) -> list[Field]:
    days = [("", _("any day")), *((code, _(title)) for code, title in words.WEEKDAY_TITLES.items())]
    return [_field("time", _("Time"), step, help="10:00"), _field("weekday", _("On"), step, choices=days)]


def _for_fields(step: Step) -> list[Field]:
    happenings = [(code, _(title)) for code, title in words.HAPPENINGS.items()]
    return [
        _field("happening", _("What it waits for"), step, choices=happenings),
        _field("event", _("Event"), step, choices=[("", "—"), *events()]),
        _field("words", _("Words that the person writes"), step, help=_("Several with commas between them.")),
        _field("at_most_days", _("Days at most"), step, number=True),
    ]


def _coupon_field(step: Step) -> Field:
    """Return the choice of a kind of coupon; one that is closed or gone stays to be seen."""
    kinds = list(kind_choices())
    if step["coupon"] not in dict(kinds):
        kinds.insert(0, (step["coupon"], step["coupon"]))
    told = _("In the words after it, {{ coupon_code }} and {{ coupon_until }} stand for the code and its last day.")
    return _field("coupon", _("Coupon"), step, choices=kinds, help=told)


def events() -> list[tuple[str, str]]:
    """Return the events that happen to people."""
    return [(one.kind, _(one.title)) for one in occurrences()]


_OWN: Mapping[str, Any] = {
    "message": _message_fields,
    "post": lambda step: [
        _field("intent", _("Intent"), step, choices=[(code, _(INTENT_TITLES[code])) for code in INTENTS]),
        _field("words", _("Words"), step, rows=4),
        _field("content", _("Or a content of the library"), step, help=_(_CONTENT_HELP)),
        _field("useful_days", _("Days after which it is of no use"), step, number=True),
    ],
    "task": lambda step: [_field("words", _("What is to be done"), step, rows=3)],
    "wait": _wait_fields,
    "wait_until": _until_fields,
    "wait_for": _for_fields,
    "tag": lambda step: [_field("group", _("Group of tags"), step), _field("tag", _("Tag"), step)],
    "untag": lambda step: [_field("group", _("Group of tags"), step), _field("tag", _("Tag"), step)],
    "tell": lambda step: [_field("note", _("What is told"), step, help=_("A short code that the other system knows."))],
    "coupon": lambda step: [_coupon_field(step)],
    "join_group": lambda step: [
        _field(
            "group",
            _("Customer group"),
            step,
            help=_("What its name begins with; empty: a group of the person's store."),
        ),
        _field("channel", _("Channel"), step, choices=[(code, _(CHANNEL_TITLES[code])) for code in PERSON_CHANNELS]),
        _field("intent", _("Intent"), step, default="value", choices=[(c, _(INTENT_TITLES[c])) for c in INTENTS]),
        _field("words", _("Words"), step, rows=3, help=_("The link into the group stands behind them.")),
    ],
}


def ways_of(step: Step, choices: Choices, said: words.Words) -> list[dict[str, Any]]:
    """Return the ways of a branch or a split as rows of its form, with an empty one behind."""
    if step["do"] not in {"branch", "split"}:
        return []
    rows: list[dict[str, Any]] = []
    for way in step["ways"]:
        rule = way.get("rule")
        rows.append(
            {**way, "rules": choices.rules(rule), "rule_words": said.rule(rule) if rule else "", "chosen": KEEP}
        )
    if len(rows) < _MOST_WAYS:
        rows += [{"then": "next", "rules": choices.rules(), "chosen": ""}] * _MORE_WAYS
    return rows


def step_from(form: QueryDict, before: Step) -> Step:
    """Return the step that a form describes; what cannot be is refused when the definition is read."""
    step: Step = {"id": before["id"], "do": before["do"]}
    for name in ("title", "channel", "intent", "words", "content", "subject", "time", "weekday", "happening", "event"):
        _take(step, form, name)
    for name in ("group", "tag", "note", "coupon", "then", "if_refused", "otherwise"):
        _take(step, form, name)
    for name in _NUMBERS:
        _take_number(step, form, name)
    if before["do"] == "wait_for":
        step["words"] = listed_words(form.get("words", ""))
    given = {"words": form.get("instead", "").strip(), "content": form.get("instead_content", "").strip()}
    if any(given.values()):
        step["instead"] = {name: value for name, value in given.items() if value}
    if before["do"] in {"branch", "split"}:
        step["ways"] = _ways_from(form, before)
    return step


def _take(step: Step, form: QueryDict, name: str) -> None:
    value = form.get(name, "").strip()
    if value:
        step[name] = value


def _take_number(step: Step, form: QueryDict, name: str) -> None:
    value = form.get(name, "").strip()
    if value:
        step[name] = int(value) if value.isascii() and value.lstrip("-").isdigit() and len(value) < 16 else value


def listed_words(text: str) -> list[str]:
    """Return words that stand with commas between them."""
    for comma in "，、;；":
        text = text.replace(comma, ",")
    return [one.strip() for one in text.split(",") if one.strip()]


def _ways_from(form: QueryDict, before: Step) -> list[dict[str, Any]]:
    ways = []
    for place in range(_MOST_WAYS):
        old = before["ways"][place] if place < len(before["ways"]) else {}
        way: dict[str, Any] = {"then": form.get(f"way-{place}-then", "next")}
        title = form.get(f"way-{place}-title", "").strip()
        if title:
            way["title"] = title
        if before["do"] == "split":
            _take_number_as(way, form.get(f"way-{place}-percent", "").strip())
            if "percent" not in way:
                continue
        else:
            rule = rule_chosen(form.get(f"way-{place}-rule", ""), old.get("rule"))
            if rule is None:
                continue
            way["rule"] = rule
        ways.append(way)
    return ways


def _take_number_as(way: dict[str, Any], written: str) -> None:
    if written:
        way["percent"] = int(written) if written.isascii() and written.isdigit() and len(written) < 6 else written


def rule_chosen(chosen: str, before: Any) -> Any:
    """Return the rule that a select names; None where none is chosen."""
    kind, _colon, key = chosen.partition(":")
    if chosen in _GROUP_RULES:
        return dict(_GROUP_RULES[chosen])
    if chosen == KEEP:
        return before
    if kind == "segment" and key.isdecimal() and len(key) < 17:
        return {"version": 1, "rule": {"segment": int(key)}}
    preset = segments.preset_named(key) if kind == "preset" else None
    return dict(preset.rule) if preset is not None else None


def trigger_fields(trigger: Mapping[str, Any], choices: Choices) -> list[Field]:
    """Return the fields of a trigger of its kind, with what they hold now."""
    fields: Mapping[str, Any] = {
        "event": lambda: [_field("event", _("Event"), trigger, choices=events()), *_where_fields(trigger)],
        "segment": lambda: [_field("segment_id", _("Segment"), trigger, choices=_segments(choices))],
        "fits": lambda: [
            {"name": "rule", "label": _("Rule"), "value": KEEP, "choices": choices.rules(trigger.get("rule"))},
            _present(trigger),
        ],
        "stage": lambda: [
            {
                "name": "to",
                "label": _("Stage"),
                "value": (trigger.get("to") or ["at_risk"])[0],
                "choices": [(code, stage_label(code)) for code in words.STAGES],
            },
            _present(trigger),
        ],
        "date": lambda: [
            _field("of", _("Day"), trigger, choices=[(code, _(title)) for code, title in words.DATES.items()]),
            _field("days", _("Days after it"), trigger, number=True, default=0, help=_("Below 0: before it.")),
        ],
        "order": lambda: _order_fields(trigger),
        "word": lambda: [
            _field("words", _("Words that the person writes"), trigger, help=_("Several with commas between them."))
        ],
        "schedule": lambda: _schedule_fields(trigger),
        "newcomer": lambda: _where_fields(trigger),
        "group_found": lambda: [
            _field("made_within_days", _("Made within so many days"), trigger, number=True, default=7)
        ],
        "group_standing": lambda: [
            {
                "name": "to",
                "label": _("How it stands then"),
                "value": (trigger.get("to") or ["fatigued"])[0],
                "choices": [(code, _(title)) for code, title in words.GROUP_STANDINGS.items()],
            }
        ],
    }
    return fields.get(str(trigger["kind"]), list)()  # type: ignore[no-any-return]


#: Facts that a form asks for; events that do not have them are refused with those that they have.
_WHERE = ("way", "state", "staff", "store")


def _where_fields(trigger: Mapping[str, Any]) -> list[Field]:
    """Return the fields of the facts by which friends are told apart; nothing of events that know no such facts."""
    if trigger["kind"] == "event" and not str(trigger.get("event", "")).startswith("wecom.Friends"):
        return []
    where = trigger.get("where") or {}
    titles = {
        "way": _("Only by the channel code"),
        "state": _("Only with the state of WeCom"),
        "staff": _("Only of the member of staff (log-in name)"),
        "store": _("Only of the store (code)"),
    }
    return [{"name": f"where-{name}", "label": titles[name], "value": where.get(name, "")} for name in _WHERE]


def _where_from(form: QueryDict, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that a form asks for, with those that no form shows."""
    others = {name: value for name, value in (before.get("where") or {}).items() if name not in _WHERE}
    given = {name: form.get(f"where-{name}", "").strip() for name in _WHERE}
    return {**others, **{name: value for name, value in given.items() if value}}


def _segments(choices: Choices) -> list[tuple[Any, str]]:
    return [(int(code[8:]), name) for code, name in choices.rules() if code.startswith("segment:")]


def _present(trigger: Mapping[str, Any]) -> Field:
    return {
        "name": "include_present",
        "label": _("Whoever is there at the start comes in too"),
        "value": trigger.get("include_present", False),
        "is_flag": True,
    }


def _order_fields(trigger: Mapping[str, Any]) -> list[Field]:
    states = [(code, _(title)) for code, title in words.ORDER_STATES.items()]
    return [
        _field("state", _("State"), trigger, choices=states),
        _field("least_minor", _("Amount from, in fen"), trigger, number=True, default=0),
        _field("most_minor", _("Amount up to, in fen"), trigger, number=True),
        {"name": "first", "label": _("Only the first order"), "value": trigger.get("first", False), "is_flag": True},
    ]


def _schedule_fields(trigger: Mapping[str, Any]) -> list[Field]:
    return [
        _field("every", _("How often"), trigger, choices=[(code, _(title)) for code, title in words.PERIODS.items()]),
        _field("time", _("Time"), trigger, help="10:00"),
        _field("weekday", _("Weekday"), trigger, choices=[(c, _(t)) for c, t in words.WEEKDAY_TITLES.items()]),
        _field("day", _("Day of the month"), trigger, number=True, default=1),
    ]


def trigger_from(form: QueryDict, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the trigger that a form describes; another kind than before begins with what it needs."""
    kind = form.get("kind", "hand")
    if kind != before["kind"]:
        return {"kind": kind, **_BEGINNINGS.get(kind, {})}
    trigger: dict[str, Any] = {"kind": kind}
    own = {"event": ("event",), "date": ("of",), "order": ("state",), "schedule": ("every", "time", "weekday")}
    for name in own.get(kind, ()):
        _take(trigger, form, name)
    for name in {"date": ("days",), "order": ("least_minor", "most_minor"), "schedule": ("day",)}.get(kind, ()):
        _take_number(trigger, form, name)
    if kind == "segment":
        _take_number(trigger, form, "segment_id")
    if kind == "fits":
        trigger["rule"] = rule_chosen(form.get("rule", KEEP), before.get("rule")) or before.get("rule")
    if kind == "stage":
        trigger["to"] = [form.get("to", "at_risk")]
    if kind == "word":
        trigger["words"] = listed_words(form.get("words", ""))
    if kind == "newcomer" or (kind == "event" and before.get("event") == trigger.get("event")):
        trigger |= {"where": where} if (where := _where_from(form, before)) else {}
    if kind == "group_found":
        _take_number(trigger, form, "made_within_days")
    if kind == "group_standing":
        trigger["to"] = [form.get("to", "fatigued")]
    if kind in {"fits", "stage"} and form.get("include_present") == "yes":
        trigger["include_present"] = True
    if kind == "order" and form.get("first") == "yes":
        trigger["first"] = True
    return trigger


_BEGINNINGS: Mapping[str, dict[str, Any]] = {
    "event": {"event": "customers.ConsentChanged"},
    "segment": {"segment_id": 1},
    "fits": {"rule": {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 2}}},
    "stage": {"to": ["at_risk"]},
    "date": {"of": "birthday"},
    "order": {"state": "completed"},
    "word": {"words": ["您好"]},
    "schedule": {"every": "week", "time": "10:00"},
    "group_standing": {"to": ["fatigued"]},
}
