"""One door to what belongs to stores and people: reads take an access, and what access is called is written down."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import yutang
from yutang.api.models import TokenKind
from yutang.channels.models import GrievanceKind
from yutang.codes.models import Kind as CodeKind
from yutang.communities.models import DeedKind, ProbeKind
from yutang.console.audit_codes import CODES
from yutang.console.audit_details import FACTS
from yutang.console.audit_words import AUDIT_ACTIONS, AUDIT_ROOMS, SUBJECTS
from yutang.console.rooms.audit import NEEDED
from yutang.console.words import PERMISSION_GROUPS
from yutang.content.models import MediumKind
from yutang.customers.models import ConsentChannel, ConsentPurpose, ReviewStatus
from yutang.foundation.access import CHAIN_PERMISSIONS, PERMISSIONS, ROLE_PERMISSIONS, ROLE_TITLES, Actor
from yutang.foundation.actions.staff import LANGUAGES, THEMES
from yutang.foundation.audit import audit
from yutang.privacy.models import RequestKind
from yutang.risk.models import Effect, Subject
from yutang.webhooks.models import OffBecause
from yutang.worklist.models import ProposalStatus

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "yutang"
#: Reads that tell nothing of a person or a store, or that only the room's own work calls; each with the reason.
WITHOUT_ACCESS = {
    "customers.tag_choices": "names of tags, no people",
    "customers.is_found_by_pieces": "whether a text has several pieces",
    "customers.birthdays_between": "keys and days, for the proposals that the system makes",
    "customers.open_review_pairs": "keys, for the proposals that the system makes",
    "orders.customers_by_order_number": "keys only; whoever shows people asks for them by access",
    "orders.has_orders": "whether there is anything at all",
    "worklist.living_proposals": "keys, for the refresh that the system does",
    "worklist.proposed_customers": "keys, for the refresh that the system does",
    "worklist.may_take_over": "a verdict on a card that the caller may read",
    "worklist.chances": "figures of the whole house by kind",
    "worklist.resting_customers": "keys, for the proposals that the system makes",
    "worklist.touches": "keys and days, for the results that the system counts",
    "worklist.unwilling_customers": "keys, for the proposals that the system makes",
    "insight.window_read": "reads a window",
    "insight.cell_group_of": "a word",
    "insight.rfm_rules": "a setting",
    "insight.latest_check": "how good the models are",
    "insight.trust_in": "reads a check",
    "insight.period_before": "days",
    "insight.period_a_year_before": "days",
    "insight.latest_run": "when scores were made",
    "insight.customers_in_stage": "narrows keys that were found by access",
    "insight.current_fit": "parameters of a model",
    "insight.latest_value_run": "when values were made",
    "segments.checked_rule": "reads a rule",
    "segments.preset_named": "a rule that comes with the product",
    "segments.presets": "rules that come with the product",
    "segments.words_of": "speaks a rule",
    "channels.changed_policy": "values to be tried",
    "channels.link_target": "the link itself is the access",
    "channels.stop_choices": "the link itself is the access",
    "channels.confirm_from": "a setting",
    "channels.postbox_page": "an address of this machine",
    "channels.postbox_ways": "which channels go to it",
    "channels.current_policy": "settings",
    "channels.experiment_key": "a word",
    "channels.policy_values": "what settings mean",
    "channels.reached_by": "keys, for the playbooks that the system runs",
    "channels.read_sendings": "reads a list that the caller holds",
    "channels.replayed": "plays a list that the caller holds",
    "channels.version_of": "a number",
    "journeys.as_json": "writes a definition that the caller holds",
    "journeys.checked_definition": "reads a definition that the caller holds",
    "journeys.definition_read": "reads a definition that the caller holds",
    "journeys.ready_named": "comes with the product",
    "journeys.ready_playbooks": "comes with the product",
    "journeys.revision_of": "tells drafts apart that the caller holds",
    "journeys.rules_in": "rules of a definition that the caller holds",
    "journeys.schema": "the language of definitions",
    "journeys.unreached": "looks at a definition that the caller holds",
    "experiments.compared_table": "reads a table that the caller holds",
    "experiments.people_needed": "arithmetic",
    "experiments.read_table": "reads a file that the caller holds",
    "risk.appeal_page": "the link itself is the access",
    "risk.appeal_token": "a mark of a decision that the caller may read",
    "risk.another_look": "told to whoever holds the key of the ask, of that ask alone",
    "risk.barred_people": "keys and reasons, for coupons that are given to many",
    "codes.has_public_address": "whether an address is set",
    "coupons.kind_choices": "names of what can be given, no people",
    "coupons.kind_names": "names of what can be given, no people",
    "groupbuy.offer_at_link": "the address is the access: what everybody may see of an offer",
    "groupbuy.open_groups_of": "groups that are offered to whoever comes, names shortened to a character",
    "groupbuy.group_at_link": "the address is the access; names shortened to a character",
    "groupbuy.seat_at_link": "the token itself is the access",
    "groupbuy.mark_of_seat": "a keyed hash of a number",
    "groupbuy.seat_that_shared": "the mark in the address is the access, and names nobody",
    "groupbuy.seats_at_links": "the tokens themselves are the access",
    "payments.payment_at_cashier": "the number itself is the access",
    "payments.payments_of_keys": "for the room above that asked for them under its own keys",
    "payments.paid_at_of": "for the room above that asked for it under its own key",
    "payments.has_way_to_pay": "a setting",
    "payments.is_sandbox": "a setting",
    "coupons.latest_living": "codes for whoever sends what the contact policy let through",
    "insight.is_place_of": "reads the form of a place in a list, no people",
    "economics.is_paused": "a verdict on a programme, for whoever runs it",
    "economics.rest_of": "a sentence about a programme that the caller has read",
    "economics.is_stated": "whether something was stated of a programme",
    "economics.stated_keys": "names of programmes, for the room that runs them",
    "economics.standing_of": "a verdict on a programme, for whoever runs it",
    "economics.newcomers_of_programmes": "keys, for counts that leave them out",
    "referral.card_of": "the link itself is the access",
    "referral.invitation_state": "the link itself is the access",
    "referral.invite_of_ask": "a link, for whoever holds the link of the guard's decision",
    "referral.progress_of": "the link itself is the access",
    "visits.next_visits": "the next visit for whoever sends what the contact policy let through",
    "visits.links_for": "links for whoever sends what the contact policy let through",
    "membership.plans": "what may be topped up, no people",
    "wecom.connection": "a client of WeCom, for whoever sends",
    "wecom.official_account": "a client of WeChat, for whoever asks a visitor who they are",
    "wecom.owners_of": "ids of WeCom, for whoever sends what the contact policy let through",
    "wecom.groups_of_keys": "ids and instants, for the contact policy",
    "channels.words_of_reply": "words, for the playbooks that the system runs",
    "wecom.friends_of": "ids of WeCom, for whoever sends what the contact policy let through",
    "wecom.befriended_of": "keys, for the contact policy, which names the people asked about",
    "wecom.everybody_befriended": "keys, for the contact policy, which narrows them to the people asked about",
    "wecom.senders_of": "userids of the staff, for the contact policy",
    "wecom.group_of": "ids of WeCom, for whoever sends what the contact policy let through",
    "journeys.misplaced": "reads a definition that the caller holds",
    "journeys.warnings_of": "reads a definition that the caller holds",
    "journeys.without_template": "reads a definition that the caller holds",
    "journeys.experiment_key": "a key",
    "journeys.occurrences": "kinds of events",
    "wecom.known_groups": "groups and counts, for the playbooks that the system runs",
    "wecom.members_of": "keys, for the playbooks that the system runs",
    "wecom.join_codes": "addresses, for the playbooks that the system runs",
    "wecom.facts_of_friendships": "codes, for the playbooks that the system runs",
    "wecom.friendships_added": "keys and times, for the playbooks that the system runs",
    "wecom.facts_of_joining": "codes, for the playbooks that the system runs",
    "wecom.words_of_callbacks": "words, for the playbooks that the system runs",
    "channels.standings_since": "how groups stand, for the look of the night",
    "channels.standing_of_every_group": "how groups stand, for the playbooks that the system runs",
    "wecom.has_connection": "whether WeCom is connected",
    "wecom.has_real_connection": "whether a real corp is connected",
    "wecom.sandbox_page": "an address of this machine",
    "ingest.import_counts": "numbers of imports",
    "ingest.target_choices": "what can be imported",
    "ingest.status_title": "a word",
    "ingest.as_json": "writes a view that was read by access",
}
#: Rooms whose rows belong to people or stores.
PERSONAL = (
    "customers",
    "orders",
    "visits",
    "worklist",
    "insight",
    "segments",
    "channels",
    "codes",
    "content",
    "communities",
    "coupons",
    "risk",
    "economics",
    "referral",
    "groupbuy",
    "payments",
    "membership",
    "privacy",
    "experiments",
    "journeys",
    "ingest",
    "wecom",
)
_AUDITS = re.compile(r"audit|note", re.IGNORECASE)
_ACTION = re.compile(r"[a-z]+\.[a-z_]+")
#: Written as ``worklist.{status}``.
_BY_STATUS = {"worklist.done", "worklist.not_useful"}


def reads() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every read that a room offers to others."""
    for room in pkgutil.iter_modules(yutang.__path__):
        if room.name not in PERSONAL:
            continue
        names = [one.name for one in pkgutil.iter_modules([str(SOURCE / room.name)])]
        if "queries" not in names:
            continue
        module = importlib.import_module(f"yutang.{room.name}.queries")
        offered = getattr(module, "__all__", None)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__.startswith(f"yutang.{room.name}.{'queries' if offered is None else ''}")
            if own and not name.startswith("_") and (offered is None or name in offered):
                yield f"{room.name}.{name}", function


def actions_written() -> set[str]:
    """Return every action that some call writes into the audit trail."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _AUDITS.search(_name_of(node.func)):
                given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "action")]
                found |= {text for one in given for text in _texts(one) if _ACTION.fullmatch(text)}
            if isinstance(node, ast.Assign) and _name_of(node.targets[0]) == "action":
                found |= {text for text in _texts(node.value) if _ACTION.fullmatch(text)}
    return found


def _name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def test_every_read_of_people_and_stores_takes_an_access() -> None:
    free = {name for name, function in reads() if "access" not in inspect.signature(function).parameters}

    # What was let go must still be there, so that the list does not outlive its reasons.
    assert free == set(WITHOUT_ACCESS) & {name for name, _function in reads()}
    assert set(WITHOUT_ACCESS) <= {name for name, _function in reads()}


def test_reads_are_found() -> None:
    assert {"customers.customer_card", "worklist.today_for", "insight.dashboard"} <= {name for name, _ in reads()}


def test_access_has_no_default() -> None:
    given = [
        name
        for name, function in reads()
        if (access := inspect.signature(function).parameters.get("access")) is not None
        and access.default is not inspect.Parameter.empty
    ]

    assert given == []


def test_the_document_tells_who_may_do_what() -> None:
    text = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    roles = lines[0][1:]
    told = {role: {line[0] for line in lines[2:] if line[1 + at] == "yes"} for at, role in enumerate(roles)}

    assert told == {role: set(held) for role, held in ROLE_PERMISSIONS.items()}
    assert {line[0] for line in lines[2:]} == PERMISSIONS


def test_every_permission_and_role_has_its_words() -> None:
    named = [code for _group, rows in PERMISSION_GROUPS for code, _label in rows]

    assert sorted(named) == sorted(PERMISSIONS)
    assert set(ROLE_TITLES) == set(ROLE_PERMISSIONS)
    assert CHAIN_PERMISSIONS <= PERMISSIONS


def test_every_action_of_the_audit_trail_has_its_words_and_no_other() -> None:
    written = actions_written() | _BY_STATUS

    assert written - set(AUDIT_ACTIONS) == set()
    assert set(AUDIT_ACTIONS) - written == set()
    assert [action for action in AUDIT_ACTIONS if not action.startswith((*AUDIT_ROOMS, "chain."))] == []


def test_every_kind_of_subject_has_its_words() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))

    assert set(re.findall(r'subject_type="([a-z_]+)"', source)) - set(SUBJECTS) == set()
    assert {page for _title, page in SUBJECTS.values() if page} == set(NEEDED)


#: Helpers of the rooms that pass facts on to `audit`, and functions that return them.
_PASSES_ON = re.compile(r"(_note\w*|_audit\w*|note|audit)$")
_TELLS = {"_told", "_place_of", "detail"}


def _facts_written() -> dict[str, str]:
    """Return the names of facts that modules write into the audit trail, with a module that writes each."""
    found: dict[str, str] = {}
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "foundation.audit import audit" not in text:
            continue
        tree = ast.parse(text)
        calls = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and _PASSES_ON.match(node.func.id)
        ]
        handed = [
            part for call in calls for part in (*call.args, *(k.value for k in call.keywords if k.arg == "detail"))
        ]
        named = {part.id for part in handed if isinstance(part, ast.Name)}
        told = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
            and {t.id for t in getattr(node, "targets", [getattr(node, "target", None)]) if isinstance(t, ast.Name)}
            & named
        ]
        told += [
            node.value
            for each in ast.walk(tree)
            if isinstance(each, ast.FunctionDef) and each.name in _TELLS
            for node in ast.walk(each)
            if isinstance(node, ast.Return) and node.value is not None
        ]
        for part in (*handed, *told):
            if isinstance(part, ast.Dict):
                keys = {str(key.value) for key in part.keys if isinstance(key, ast.Constant)}
                # Of what was changed the facts themselves are shown, before and after.
                changed = {"before", "after"}
                found |= dict.fromkeys(keys - changed if changed <= keys else keys, path.name)
    return found


def test_every_fact_of_the_audit_trail_has_its_words() -> None:
    written = _facts_written()

    assert {"merge_id", "is_away", "amount_minor", "capacity", "permissions", "starts"} <= set(written)
    assert {name: where for name, where in written.items() if name not in FACTS} == {}


def test_an_entry_with_a_fact_without_words_fails(db: None, owner: Actor) -> None:
    now = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)

    with pytest.raises(AssertionError, match="shoe_size"):
        audit(actor=owner, action="staff.renamed", detail={"shoe_size": 43}, now=now)
    with pytest.raises(AssertionError, match="shoe_size"):
        audit(actor=owner, action="store.changed", detail={"before": {}, "after": {"shoe_size": 43}}, now=now)


@pytest.mark.parametrize(
    ("place", "choices"),
    [
        (("api", "kind"), TokenKind),
        (("channels", "kind"), GrievanceKind),
        (("codes", "kind"), CodeKind),
        (("communities", "deed"), DeedKind),
        (("communities", "kind"), ProbeKind),
        (("content", "kind"), MediumKind),
        (("customers", "channel"), ConsentChannel),
        (("customers", "purpose"), ConsentPurpose),
        (("guard", "effect"), Effect),
        (("guard", "subject"), Subject),
        (("privacy", "kind"), RequestKind),
        (("webhooks", "reason"), OffBecause),
    ],
)
def test_every_code_in_the_audit_trail_has_its_words(place: tuple[str, str], choices: Any) -> None:
    assert set(CODES[place]) == set(choices.values)


def test_other_codes_in_the_audit_trail_have_their_words() -> None:
    decided = set(ReviewStatus.values) - {ReviewStatus.OPEN}
    closed = {ProposalStatus.DONE, ProposalStatus.NOT_USEFUL, ProposalStatus.SNOOZED}

    assert set(CODES["customers", "decision"]) == decided
    assert set(CODES["worklist", "undone"]) == closed
    assert set(CODES["staff", "language"]) == set(LANGUAGES)
    assert set(CODES["staff", "theme"]) == set(THEMES)
