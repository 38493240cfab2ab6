"""`yutang tags`: groups and tags, by hand or by rule, and how many people carry each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.customers.views import TagGroupView, TagUse

app = typer.Typer(no_args_is_help=True, help=_("Tags: list them, make and change them, by hand or by rule."))

When = Annotated[
    list[str] | None,
    typer.Option(
        "--when",
        help=_(
            "A condition of the rule, several times for several: stage=at_risk,asleep, spend>=1000, orders<=3, days_since_last_order>=90."
        ),
    ),
]
Days = Annotated[int | None, typer.Option("--days", help=_("Days after which a tag given by hand ends."))]

#: What is written before and between: field and comparison of a rule.
_SIGNS = ((">=", "at_least"), ("<=", "at_most"))
#: No amount of a rule is larger, in yuan.
_LARGEST = 10**12
_FIELDS = {"spend": "spend_minor", "orders": "orders", "days_since_last_order": "days_since_last_order"}


class ConditionIsUnreadable(DomainError):
    """What stands behind `--when` is no condition."""

    code = "condition_is_unreadable"
    http_status = 422
    message = N_(
        "“%(written)s” is no condition. Write stage=new,loyal, or spend, orders or days_since_last_order with >= or <= and a number. "
        "Stages: %(stages)s."
    )


class TagIsUnknown(DomainError):
    """There is no tag of that number."""

    code = "no_such_tag"
    http_status = 404
    message = N_("There is no tag %(tag_id)s; `yutang tags list` shows all.")


class NothingToChange(DomainError):
    """The command names no change."""

    code = "nothing_to_change"
    http_status = 422
    message = N_("Say what to change: --name, --when, --days or --by-hand.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="tags")


@app.command(name="list", help=_("Show groups and tags, how each is given, and how many people carry it."))
@command
def list_(as_json: Json = False) -> Answer:
    """Show the tags."""
    groups = _groups()
    data = {"groups": [asdict(group) for group in groups]}
    return Answer(data, lambda console: _show(console, groups))


@app.command(help=_("Make a tag; its group is made too where there is none of that name."))
@command
def create(
    group: Annotated[str, typer.Argument(help=_("Name of the group."))],
    name: Annotated[str, typer.Argument(help=_("Name of the tag."))],
    when: When = None,
    days: Days = None,
    as_json: Json = False,
) -> Answer:
    """Make a tag."""
    from yutang.customers import actions
    from yutang.foundation.access import Actor

    tag_id = actions.create_tag_in(
        actor=Actor.system(), group=group, name=name, rule=_rule(when), expires_after_days=days, now=now()
    )
    return _told(tag_id, _("Tag %(id)s was made."))


@app.command(help=_("Change a tag: its name, its rule (--when), its days, or give it by hand from now on (--by-hand)."))
@command
def change(
    tag_id: Annotated[int, typer.Argument(help=_("Number of the tag."))],
    name: Annotated[str | None, typer.Option("--name", help=_("Another name."))] = None,
    when: When = None,
    days: Days = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help=_("Without a rule and without an end, unless --days says one."))
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Change a tag."""
    from yutang.customers import actions
    from yutang.foundation.access import Actor

    if name is None and not when and days is None and not by_hand:
        raise NothingToChange
    _group, tag = _tag(tag_id)
    rule = _rule(when)
    keeps_way = rule is None and days is None and not by_hand
    # Days alone do not turn a rule into something else: asked for on a tag by rule they are refused.
    kept_rule = tag.rule if rule is None and not by_hand else rule
    actions.change_tag(
        actor=Actor.system(),
        tag_id=tag_id,
        name=tag.name if name is None else name,
        rule=kept_rule,
        expires_after_days=tag.expires_after_days if keeps_way else days,
        now=now(),
    )
    return _told(tag_id, _("Tag %(id)s was changed."))


@app.command(name="rename-group", help=_("Give a group of tags another name."))
@command
def rename_group(
    group_id: Annotated[int, typer.Argument(help=_("Number of the group."))],
    name: Annotated[str, typer.Argument(help=_("Another name."))],
    as_json: Json = False,
) -> Answer:
    """Rename a group."""
    from yutang.customers import actions
    from yutang.foundation.access import Actor

    actions.rename_tag_group(actor=Actor.system(), group_id=group_id, name=name, now=now())
    return Answer({"group_id": group_id, "name": name.strip()}, _("The group was renamed."))


def _groups() -> tuple[TagGroupView, ...]:
    from yutang.customers.queries import tag_groups
    from yutang.foundation.access import Actor

    return tag_groups(access=Actor.system())


def _tag(tag_id: int) -> tuple[TagGroupView, TagUse]:
    for group in _groups():
        for tag in group.tags:
            if tag.id == tag_id:
                return group, tag
    raise TagIsUnknown(tag_id=tag_id)


def _told(tag_id: int, sentence: str) -> Answer:
    group, tag = _tag(tag_id)
    return Answer({"group": group.name, **asdict(tag)}, sentence % {"id": tag_id})


def _rule(when: list[str] | None) -> dict[str, Any] | None:
    """Return the rule that the conditions make; None where there is none."""
    return {"all": [_condition(each) for each in when]} if when else None


def _condition(written: str) -> dict[str, Any]:
    from yutang.insight.methods.stages import STAGES

    field, _sign, stages = written.partition("=")
    codes = [code.strip() for code in stages.split(",")]
    if field.strip() == "stage" and set(codes) <= set(STAGES):
        return {"field": "stage", "is": "in", "value": codes}
    for sign, comparison in _SIGNS:
        field, found, number = (part.strip() for part in written.partition(sign))
        if found and field in _FIELDS and _reads(field)(number) is not None:
            return {"field": _FIELDS[field], "is": comparison, "value": _reads(field)(number)}
    raise ConditionIsUnreadable(written=written, stages=", ".join(STAGES))


def _reads(field: str) -> Callable[[str], int | None]:
    return _minor if field == "spend" else _count


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _minor(text: str) -> int | None:
    """Return an amount of yuan in fen; None where it is none."""
    from yutang.kit.money import typed_minor

    return typed_minor(text, most=_LARGEST)


def _show(console: Console, groups: tuple[TagGroupView, ...]) -> None:
    from rich.markup import escape

    from yutang.customers.tag_rules import rule_words

    if not groups:
        console.print(_("There is no tag yet."))
        return
    table = Table(_("No."), _("Group"), _("Tag"), _("How it is given"), _("Ends"), _("People"))
    for group in groups:
        if not group.tags:
            table.add_row("", escape(f"{group.name} (#{group.id})"), "-", "", "", "")
        for tag in group.tags:
            conditions = rule_words(tag.rule, stage_name=str) if tag.rule else ()
            way = "; ".join(say(each) for each in conditions) or _("By hand or by import")
            days = tag.expires_after_days
            ends = _("after %(n)d days") % {"n": days} if days else "-"
            table.add_row(
                str(tag.id), escape(f"{group.name} (#{group.id})"), escape(tag.name), way, ends, f"{tag.people:,}"
            )
    console.print(table)
