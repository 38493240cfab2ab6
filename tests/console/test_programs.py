"""The room of programs: tokens and webhooks, what is shown once, who may give what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.api.conftest import Program
from yutang.api.actions import create_personal_token, create_service_token, revoke_token
from yutang.api.models import Token
from yutang.api.queries import tokens
from yutang.foundation.access import Actor
from yutang.foundation.models import OwnRole, Staff
from yutang.foundation.queries import MoreThanYouHave, actor_for
from yutang.webhooks.actions import create_endpoint, send_test
from yutang.webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system()


@pytest.fixture
def endpoint(db: None) -> int:
    return create_endpoint(
        actor=SYSTEM,
        name="ERP",
        url="https://erp.example.com/hooks",
        events=["ingest.ImportFinished"],
        now=timezone.now(),
    ).id


class TestTokens:
    def test_are_made_shown_once_and_work(self, owner_client: Client, stores: Any) -> None:
        given = {
            "name": "ERP",
            "kind": "service",
            "permissions": ["customers.view"],
            "stores": ["SH01"],
            "days": "30",
            "per_minute": "100",
        }
        answer = owner_client.post("/programs/tokens/new/", given)

        secret = answer.context["made"].secret
        me = Program(secret).get("/me").json()
        assert secret in answer.content.decode()
        assert answer["Cache-Control"].startswith("max-age=0")
        assert (me["permissions"], me["calls_per_minute"]) == (["customers.view"], 100)
        page = owner_client.get("/programs/").content.decode()
        assert secret not in page
        assert secret[-4:] in page

    def test_act_for_a_member_of_staff(self, owner_client: Client, manager_staff: Any) -> None:
        given = {"name": "till", "kind": "personal", "username": "lidianzhang", "days": "30", "per_minute": "100"}
        secret = owner_client.post("/programs/tokens/new/", given).context["made"].secret

        assert Program(secret).get("/me").json()["label"] == "李店长"

    @pytest.mark.parametrize(
        "wrong", [{"name": ""}, {"days": "x"}, {"days": "4000"}, {"permissions": []}, {"per_minute": "0"}]
    )
    def test_stay_written_where_they_are_refused(self, owner_client: Client, wrong: dict[str, Any]) -> None:
        given = {
            "name": "ERP",
            "kind": "service",
            "permissions": ["customers.view"],
            "days": "30",
            "per_minute": "100",
            **wrong,
        }
        answer = owner_client.post("/programs/tokens/new/", given)

        assert answer.status_code == 422
        assert answer.context["error"]
        assert not Token.objects.exists()

    def test_are_revoked(self, owner_client: Client) -> None:
        made = create_service_token(actor=SYSTEM, name="ERP", permissions=["customers.view"], now=timezone.now())
        owner_client.post(f"/programs/tokens/{made.id}/revoke/")

        assert Program(made.secret).get("/me").status_code == 401
        assert owner_client.get("/programs/").context["rows"] == []
        assert len(owner_client.get("/programs/?state=all").context["rows"]) == 1


class TestNobodyGivesMoreThanTheyHave:
    @pytest.fixture
    def deputy(self, stores: Any) -> Actor:
        """Who manages the staff of one store, and no more."""
        role = OwnRole.objects.create(name="副店长", permissions=["staff.manage", "customers.view"])
        staff = Staff.objects.create(username="fu", display_name="副", role="own", own_role=role)
        staff.stores.set([stores["xuhui"]])
        return actor_for(staff)

    def test_by_a_token_for_somebody_who_may_more(
        self, deputy: Actor, owner_staff: Staff, manager_staff: Staff, stores: Any
    ) -> None:
        for stronger in (owner_staff, manager_staff):
            with pytest.raises(MoreThanYouHave):
                create_personal_token(actor=deputy, name="x", username=stronger.username, now=timezone.now())

        below = OwnRole.objects.create(name="看", permissions=["customers.view"])
        clerk = Staff.objects.create(username="clerk", display_name="x", role="own", own_role=below)
        clerk.stores.set([stores["xuhui"]])
        assert create_personal_token(actor=deputy, name="x", username="clerk", now=timezone.now()).secret

    def test_nor_sees_or_ends_such_a_token(self, deputy: Actor, owner_staff: Staff, stores: Any) -> None:
        now = timezone.now()
        of_owner = create_personal_token(actor=SYSTEM, name="x", username=owner_staff.username, now=now)
        of_chain = create_service_token(actor=SYSTEM, name="x", permissions=["customers.view"], now=now)
        elsewhere = create_service_token(
            actor=SYSTEM, name="x", permissions=["customers.view"], store_codes=["SH01", "GZ01"], now=now
        )
        here = create_service_token(
            actor=SYSTEM, name="x", permissions=["customers.view"], store_codes=["SH01"], now=now
        )

        assert [one.id for one in tokens(access=deputy, now=now)] == [here.id]
        for one in (of_owner, of_chain, elsewhere):
            with pytest.raises(Exception, match="token"):
                revoke_token(actor=deputy, token_id=one.id, now=now)
        revoke_token(actor=deputy, token_id=here.id, now=now)


class TestWebhooks:
    def test_are_made_with_a_secret_shown_once(self, owner_client: Client) -> None:
        given = {
            "name": "ERP",
            "url": "https://erp.example.com/",
            "events": ["ingest.ImportFinished", "customers.PeopleMerged"],
            "with_people": "yes",
        }
        answer = owner_client.post("/programs/webhooks/new/", given)

        secret = answer.context["made"].secret
        assert secret in answer.content.decode()
        row = Endpoint.objects.get()
        assert (set(row.events), row.with_people) == ({"ingest.ImportFinished", "customers.PeopleMerged"}, True)
        assert secret not in owner_client.get(f"/programs/webhooks/{row.pk}/").content.decode()

    def test_stay_written_where_they_are_refused(self, owner_client: Client) -> None:
        answer = owner_client.post(
            "/programs/webhooks/new/", {"name": "ERP", "url": "https://10.0.0.1/", "events": ["ingest.ImportFinished"]}
        )

        assert answer.status_code == 422
        assert "https://10.0.0.1/" in answer.content.decode()
        assert not Endpoint.objects.exists()

    def test_are_changed_switched_and_deleted(self, owner_client: Client, endpoint: int) -> None:
        address = f"/programs/webhooks/{endpoint}/"
        owner_client.post(
            f"{address}edit/", {"name": "Till", "url": "https://till.example.com/", "events": ["ingest.ImportUndone"]}
        )
        changed = Endpoint.objects.get()
        owner_client.post(f"{address}switch/", {"on": "no"})
        off = owner_client.get(address)
        owner_client.post(f"{address}switch/", {"on": "yes"})
        on = owner_client.get(address)
        owner_client.post(f"{address}delete/")

        assert (changed.name, changed.events, changed.with_people) == ("Till", ["ingest.ImportUndone"], False)
        assert (off.context["view"].health, on.context["view"].health) == ("off", "new")
        assert not Endpoint.objects.exists()

    def test_show_what_became_of_messages_and_send_them_again(self, owner_client: Client, endpoint: int) -> None:
        address = f"/programs/webhooks/{endpoint}/"
        for _ in range(3):
            owner_client.post(f"{address}test/")
        first, second, _third = Delivery.objects.order_by("pk")
        Delivery.objects.filter(pk__in=[first.pk, second.pk]).update(status="dead", fault="answer", answer_status=500)
        page = owner_client.get(f"{address}?status=dead")
        one = owner_client.post(f"/programs/deliveries/{first.pk}/replay/?status=dead")
        rest = owner_client.post(f"{address}replay/?status=dead&next=//elsewhere.example")
        part = owner_client.get(address, headers={"HX-Request": "true", "HX-Target": "deliveries"})

        assert [row["one"].id for row in page.context["rows"]] == [second.pk, first.pk]
        assert "500" in page.content.decode()
        assert f'action="/programs/deliveries/{first.pk}/replay/?status=dead"' in page.content.decode()
        assert one["Location"] == rest["Location"] == f"{address}?status=dead"
        assert set(Delivery.objects.values_list("status", flat=True)) == {"waiting"}
        assert "<html" not in part.content.decode()

    def test_that_were_switched_off_are_told_at_the_next_page(self, owner_client: Client, endpoint: int) -> None:
        Endpoint.objects.update(off_at=timezone.now() - timedelta(hours=1), off_because="failing", told_at=None)

        first = owner_client.get("/programs/").content.decode()
        session = owner_client.session
        session["seen"] = 0
        session.save()
        second = owner_client.get("/programs/").content.decode()

        assert "ERP" in first
        assert "ERP" not in second

    def test_pages_are_turned(self, owner_client: Client, endpoint: int) -> None:
        for _ in range(32):
            send_test(actor=SYSTEM, endpoint_id=endpoint, now=timezone.now())

        page = owner_client.get(f"/programs/webhooks/{endpoint}/")
        older = owner_client.get(f"/programs/webhooks/{endpoint}/?before={page.context['next']}")

        assert (len(page.context["rows"]), len(older.context["rows"]), older.context["next"]) == (30, 2, None)

    def test_what_they_were_told_leaves_as_a_table_by_status(self, owner_client: Client, endpoint: int) -> None:
        for _ in range(31):
            send_test(actor=SYSTEM, endpoint_id=endpoint, now=timezone.now())
        dead = Delivery.objects.order_by("pk")[0]
        Delivery.objects.filter(pk=dead.pk).update(status="dead", fault="answer", answer_status=500)

        address = f"/programs/webhooks/{endpoint}/"
        every, gone = (
            b"".join(owner_client.get(address + asked).streaming_content).decode("utf-8-sig").splitlines()
            for asked in ("?as=csv", "?status=dead&as=csv")
        )

        assert len(every) == 1 + 31
        assert len(gone) == 1 + 1
        assert dead.message.token in gone[1]
        assert "500" in gone[1]
        assert "as=csv" in owner_client.get(address).content.decode()
