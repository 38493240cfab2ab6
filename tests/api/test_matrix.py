"""Every operation x every role x own and foreign store, made from the description: a new operation without a rule fails."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone
from ninja import Schema

from tests.api.conftest import Program
from tests.api.matrix_things import MEMBERS, code, community, coupon, of_nobody, proposal, stopped, visit
from tests.api.test_writing import made, open_case
from tests.importing import NOW, import_text
from yutang.api.answers import Given
from yutang.api.examples import EXAMPLES
from yutang.api.operations import door
from yutang.foundation.access import PERMISSIONS, ROLE_PERMISSIONS
from yutang.foundation.models import Staff
from yutang.wecom.models import Account

ROLES = tuple(ROLE_PERMISSIONS)
_CAMPAIGN = {
    "name": "春茶", "channel": "wecom", "intent": "value", "audience": {"everybody": True}, "words": {"text": "您好"},
}  # fmt: skip


def in_days(days: int) -> str:
    """Return the last full hour, so many days from now."""
    return (timezone.localtime().replace(minute=0, second=0, microsecond=0) + timedelta(days=days)).isoformat()


#: Bodies of writing operations; a new one needs its own here.
BODIES: dict[str, Any] = {
    "record_consent": {
        "purpose": "service", "channel": "any", "granted": True, "wording_version": "v", "evidence": "e",
    },
    "complete_proposal": {"outcome": "glad"},
    "snooze_proposal": {"until": "2026-12-31"},
    "dismiss_proposal": {"outcome": "other"},
    "decide_review": {"decision": "kept_apart"},
    "bring_orders": {"rows": [{"order_number": "X1", "ordered_at": "2026-03-01", "total_amount": 1}]},
    "bring_customers": {"rows": [{"customer_member_no": "X1"}]},
    "record_events": {"source": "web", "events": [{"id": "x1", "kind": "viewed", "happened_at": "2026-03-01T00:00:00Z", "member_no": "X1"}]},
    "create_webhook": {"name": "ERP", "url": "https://erp.example.com/", "events": ["ingest.ImportUndone"]},
    "change_webhook": {"name": "ERP", "url": "https://erp.example.com/", "events": ["ingest.ImportUndone"]},
    "switch_webhook": {"on": True},
    "create_code": {"name": "海报", "kind": "poster", "shifts": [{"account_id": 1}]},
    "change_code": {"name": "海报", "kind": "poster", "shifts": [{"account_id": 1}]},
    "switch_code": {"is_on": False},
    "add_code_spots": {"spots": [{"name": "四月", "store_id": None}]},
    "add_code_cost": {"amount_minor": 100, "business_date": "2026-03-01"},
    "give_coupon": {"kind": "welcome20", "customer_id": 1},
    "look_up_coupon": {"code": "NOBODY"},
    "redeem_coupon": {"code": "NOBODY"},
    "take_back_coupon": {"reason": "顾客退货"},
    "resume_programme": {"reason": "改为到店核销后再送"},
    "make_referral_links": {"customer_id": 1},
    "start_group_of_buyers": {"offer": "nobody", "size": 2, "customer_id": 1},
    "join_group_of_buyers": {"group": "nobody", "customer_id": 1},
    "leave_group_of_buyers": {"token": "nobody"},
    "book_visit": {"customer_id": 1, "store_code": "SH01", "starts_at": in_days(2)},
    "check_in_visit": {"code": "NOBODY"},
    "ask_guard": {"kind": "seat", "key": "x1", "customer_id": None, "store_id": None},
    "note_guard_outcome": {"key": "nobody", "outcome": "kept"},
    "appeal_guard_decision": {"words": "是我本人"},
    "place_in_groups": {"newcomers": [{"customer_id": 2**62}]},
    "record_group_counts": {"source": "archive", "counts": [{"group_key": "nobody", "day": "2026-03-01", "kind": "messages", "people": 1}]},
    "note_group_probe": {"kind": "roll_call", "at": in_days(-1), "minutes": 60, "takers": 1},
    "note_group_deed": {"deed": "rest"},
    "note_group_invitation": {"customer_id": MEMBERS[0], "inviter_id": MEMBERS[1]},
    "note_hook": {"customer_id": 1, "source": "groupbuy:1", "hook_minor": 9900},
    "top_up_balance": {"principal_minor": 500000},
    "spend_balance": {"amount_minor": 100},
    "create_content": {"title": "一", "intent": "value", "channels": ["wecom"], "body": "针织平放不挂。"},
    "draft_campaign": _CAMPAIGN,
    "change_campaign": _CAMPAIGN,
    "start_campaign": {},
    "write_content": {"title": "一", "intent": "value", "channels": ["wecom"], "body": "针织平放不挂。"},
    "create_playbook": {"ready": "birthday"},
    "write_draft": {"definition": {"format": 1, "trigger": {"kind": "hand"}, "steps": [{"id": "w", "do": "wait", "days": 1}]}},
    "enrol": {"customer_ids": [], "occasion": "o"},
}  # fmt: skip
#: Permissions that an operation asks for besides its rule.
ALSO = {
    "list_members": {"customers.view"},
    "list_funnel_people": {"customers.view"},
    "list_reviews": {"customers.view"},
    "get_review": {"customers.view"},
    "give_tag": {"customers.view"},
    "take_tag": {"customers.view"},
    "record_consent": {"customers.view"},
    "decide_review": {"customers.view"},
    "complete_proposal": {"worklist.view"},
    "snooze_proposal": {"worklist.view"},
    "dismiss_proposal": {"worklist.view"},
    "bring_orders": {"imports.view"},
    "bring_customers": {"imports.view"},
    "undo_import": {"imports.view"},
    "create_playbook": {"journeys.view"},
    "write_draft": {"journeys.view"},
    "start_playbook": {"journeys.view"},
    "pause_playbook": {"journeys.view"},
    "resume_playbook": {"journeys.view"},
    "enrol": {"customers.view"},
    "create_webhook": {"imports.view"},
    "change_webhook": {"imports.view"},
    "create_code": {"codes.view"},
    "change_code": {"codes.view"},
    "switch_code": {"codes.view"},
    "add_code_spots": {"codes.view"},
    "show_code_link": {"customers.view"},
    "give_coupon": {"coupons.view"},
    "take_back_coupon": {"coupons.view"},
    "resume_programme": {"economics.view"},
    "start_group_of_buyers": {"customers.view"},
    "join_group_of_buyers": {"customers.view"},
    "cancel_visit": {"visits.view"},
    "create_content": {"content.view"},
    "write_content": {"content.view"},
    "ask_for_content": {"content.view"},
    "note_group_invitation": {"communities.view"},
}
#: Kinds of things that belong to a store: a key of another store is not there.
OF_A_STORE = frozenset(
    {
        "customer_id",
        "code_id",
        "spot_id",
        "coupon_id",
        "community_id",
        "booking_id",
        "decision_id",
        "order_id",
        "proposal_id",
        "case_id",
    }
)
#: Operations that only whole chains may ask for.
OF_THE_CHAIN = frozenset(
    {"create_code", "change_code", "switch_code", "add_code_spots", "add_code_cost"}
    | {"bring_orders", "bring_customers", "create_content", "write_content", "ask_for_content"}
    | {
        "place_in_groups",
        "draft_campaign",
        "change_campaign",
        "ask_for_campaign_preview",
        "start_campaign",
        "pause_campaign",
        "stop_campaign",
    }
)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (method, path, description) of every operation that answers."""
    for path, methods in door.get_openapi_schema()["paths"].items():
        for method, details in methods.items():
            yield method.upper(), path.removeprefix("/api/v1"), details


OPERATIONS = {details["operationId"]: (method, path, details) for method, path, details in operations()}

#: Operations on a thing that belongs to a store.
NAMING_SOMETHING = [
    name for name, (_, path, _) in OPERATIONS.items() if any("{" + place + "}" in path for place in OF_A_STORE)
]


@pytest.fixture
def keys(stores: Any, no_kept_files: None, tmp_path: Any) -> dict[str, dict[str, int]]:
    """Keys of things of the own and of a foreign store."""
    text = "订单号,下单时间,会员号,实付金额,门店编码\nA1,2026-03-01 10:00,M1,10,SH01\nA2,2026-03-01 10:00,M2,10,SH02\n"
    imported = import_text(tmp_path, text)
    from yutang.orders.models import Order

    own_order, foreign_order = Order.objects.get(number="A1"), Order.objects.get(number="A2")
    own, foreign = made(stores["xuhui"]).pk, made(stores["pudong"]).pk
    Account.objects.create(pk=1, userid="matrix", seen_at=timezone.now())
    return {
        "own": {
            "customer_id": own,
            **code(stores["xuhui"]),
            "coupon_id": coupon(own),
            "community_id": community(stores["xuhui"]),
            "decision_id": stopped(own),
            "booking_id": visit(own, stores["xuhui"].pk),
            "order_id": own_order.pk,
            "proposal_id": proposal("a", stores["xuhui"]),
            "case_id": open_case(stores["xuhui"]).pk,
            **of_nobody(imported.id),
        },
        "foreign": {
            "customer_id": foreign,
            **code(stores["pudong"]),
            "coupon_id": coupon(foreign),
            "community_id": community(stores["pudong"]),
            "decision_id": stopped(foreign),
            "booking_id": visit(foreign, stores["pudong"].pk),
            "order_id": foreign_order.pk,
            "proposal_id": proposal("b", stores["pudong"]),
            "case_id": open_case(stores["pudong"]).pk,
            **of_nobody(imported.id),
        },
    }


def staff_of(role: str, store: Any) -> Staff:
    staff = Staff(username=f"x-{role}", display_name=role, role=role, joined_at=NOW)
    staff.set_unusable_password()
    staff.save()
    staff.stores.set([store])
    return staff


class TestRules:
    def test_every_operation_has_one(self) -> None:
        without = [name for name, (_, _, details) in OPERATIONS.items() if "x-permission" not in details]
        unknown = {details["x-permission"] for _, _, details in OPERATIONS.values()} - PERMISSIONS - {""}

        assert (without, unknown) == ([], set())

    def test_every_operation_that_takes_a_body_is_tried(self) -> None:
        taking = {name for name, (_, _, details) in OPERATIONS.items() if "requestBody" in details}

        assert taking <= set(BODIES)


class TestDescription:
    def test_shows_an_example_of_everything_but_pages(self) -> None:
        schemas = door.get_openapi_schema()["components"]["schemas"]
        without = {
            name
            for name, schema in schemas.items()
            if "items" not in schema.get("properties", {}) and "example" not in schema and not name.endswith("Asked")
        }

        assert without <= {"Cell", "Choice"}

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_examples_are_what_they_are_examples_of(self, name: str) -> None:
        shape = next(one for one in _shapes(Schema) if one.__name__ == name)

        shown = shape.model_validate(EXAMPLES[name]).model_dump(mode="json", exclude_unset=True)

        assert shown == EXAMPLES[name]
        assert issubclass(shape, Given) or set(shown) == set(shape.model_fields)


def _shapes(base: type[Schema]) -> Iterator[type[Schema]]:
    for one in base.__subclasses__():
        yield one
        yield from _shapes(one)


Undone = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def undone(keys: dict[str, dict[str, int]], tmp_path: Path) -> Undone:
    """Undo what an operation did: in the store, in the kept files of imports, and in the count of calls."""
    kept, calls = (Path(settings.YUTANG_HOME) / name for name in ("imports", "api_calls"))
    shutil.copytree(kept, tmp_path / "kept")

    @contextmanager
    def trying() -> Iterator[None]:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        shutil.rmtree(kept)
        shutil.copytree(tmp_path / "kept", kept)
        calls.unlink(missing_ok=True)

    return trying


@pytest.mark.django_db
class TestEveryOperation:
    """Things are made once, and every operation finds them as they were: what one did is undone before the next."""

    @pytest.mark.once
    def test_lets_strangers_and_sessions_stay_outside(
        self, client: Client, owner_staff: Any, keys: dict[str, dict[str, int]]
    ) -> None:
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")

        let_in = [
            (name, caller is client, answer.status_code)
            for name, (method, path, _) in OPERATIONS.items()
            for caller in (Client(), client)
            if (
                answer := caller.generic(
                    method, "/api/v1" + path.format(**keys["own"]), headers={"Idempotency-Key": "k"}
                )
            ).status_code
            != 401
        ]

        assert let_in == []

    def test_lets_in_who_holds_its_permission_and_nobody_else(
        self, program_of: Callable[..., Program], stores: Any, keys: dict[str, dict[str, int]], undone: Undone
    ) -> None:
        programs = {role: program_of(staff_of(role, stores["xuhui"])) for role in ROLES}
        scoped = {role: one.get("/me").json()["store_ids"] is not None for role, one in programs.items()}
        assert len(set(scoped.values())) == 2

        wrong = []
        for name, (method, path, details) in OPERATIONS.items():
            wanted = {details["x-permission"], *ALSO.get(name, ())} - {""}
            with undone():
                for role in ROLES:
                    answer = programs[role].call(method, path.format(**keys["own"]), BODIES.get(name))
                    may = wanted <= ROLE_PERMISSIONS[role] and not (scoped[role] and name in OF_THE_CHAIN)
                    # A writing call of an earlier role may have closed the thing.
                    if may and answer.status_code not in {200, 201, 202, 404, 409}:
                        wrong.append((role, name, answer.status_code, answer.content[:200]))
                    if not may and answer.status_code != 403:
                        wrong.append((role, name, answer.status_code, answer.content[:200]))

        assert not wrong, told(wrong)

    def test_hides_what_belongs_to_another_store(
        self, service_of: Callable[..., Program], stores: Any, keys: dict[str, dict[str, int]], undone: Undone
    ) -> None:
        program, wrong = service_of(store_codes=["SH01"]), []
        for name in NAMING_SOMETHING:
            method, path, _ = OPERATIONS[name]
            with undone():
                foreign = program.call(method, path.format(**keys["foreign"]), BODIES.get(name))
                own = program.call(method, path.format(**keys["own"]), BODIES.get(name))
            if foreign.status_code != 404 or own.status_code not in {200, 201}:
                wrong.append((name, foreign.status_code, own.status_code, foreign.content[:200], own.content[:200]))

        assert not wrong, told(wrong)
        assert len(NAMING_SOMETHING) > 10

    def test_lists_nothing_of_another_store(
        self, service_of: Callable[..., Program], stores: Any, keys: dict[str, dict[str, int]], undone: Undone
    ) -> None:
        program, foreign = service_of(store_codes=["SH01"]), stores["pudong"].pk
        for name, (method, path, _) in OPERATIONS.items():
            if method != "GET" or "{" in path:
                continue
            with undone():
                listed = program.get(path).json()
            items = listed.get("items", [])
            assert [one for one in items if one.get("store_id") == foreign] == [], name
            if name == "stores":
                assert [one["code"] for one in items] == ["SH01"]
            if name in {"list_customers", "list_orders", "list_today", "list_reviews"}:
                assert items, name


def told(breaches: list[Any]) -> str:
    return "\n".join(str(one) for one in breaches)
