"""Receivers: who may register them, and what is kept of their secrets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.webhooks.conftest import SYSTEM, Clock
from yutang.connectors.addresses import AddressIsPrivate
from yutang.connectors.webhook_receiver import Receiver, is_signed
from yutang.foundation.access import PERMISSIONS, Actor, NotAllowed
from yutang.foundation.models import AuditEntry
from yutang.foundation.queries import MoreThanYouHave
from yutang.foundation.sealed_records import SEALED
from yutang.ingest.events import ImportUndone
from yutang.webhooks import actions, queries
from yutang.webhooks.models import Endpoint

pytestmark = pytest.mark.django_db
URL = "https://erp.example.com/hooks"


def may(*permissions: str, stores: frozenset[int] | None = None) -> Actor:
    return Actor(None, "x", stores, "x", granted=frozenset({"webhooks.manage", *permissions}))


class TestRegistering:
    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"name": " "}, "endpoint_name_is_wrong"),
            ({"name": "x" * 81}, "endpoint_name_is_wrong"),
            ({"url": "https://10.0.0.1/"}, "address_is_refused"),
            ({"url": "http://erp.example.com/"}, "address_is_refused"),
            ({"events": []}, "endpoint_needs_events"),
            ({"events": ["nothing.Happens"]}, "event_is_unknown"),
            ({"store_codes": ["NOWHERE"]}, "no_such_store"),
        ],
    )
    def test_refuses_what_is_wrong(self, clock: Clock, wrong: dict[str, Any], code: str, settings: Any) -> None:
        settings.YUTANG_WEBHOOK_NETWORKS = ()
        given = {"name": "ERP", "url": URL, "events": ["ingest.ImportUndone"], **wrong}

        with pytest.raises(actions.DomainError) as refusal:
            actions.create_endpoint(actor=SYSTEM, **given, now=clock.now)

        assert refusal.value.code == code
        assert not Endpoint.objects.exists()

    def test_nobody_has_more_told_than_they_may_see(self, clock: Clock, stores: dict[str, Any]) -> None:
        given = {"name": "ERP", "url": URL, "now": clock.now}
        with pytest.raises(NotAllowed):
            actions.create_endpoint(
                actor=Actor(None, "x", None, "x", granted=frozenset()), events=["ingest.ImportUndone"], **given
            )
        with pytest.raises(MoreThanYouHave):
            actions.create_endpoint(actor=may(), events=["ingest.ImportUndone"], **given)
        with pytest.raises(MoreThanYouHave):
            actions.create_endpoint(
                actor=may("imports.view"), events=["ingest.ImportUndone"], with_people=True, **given
            )

        here = frozenset({stores["xuhui"].pk})
        made = actions.create_endpoint(actor=may("imports.view", stores=here), events=["ingest.ImportUndone"], **given)

        assert queries.endpoint(access=SYSTEM, endpoint_id=made.id).store_codes == ("SH01",)

    def test_nobody_sees_or_changes_one_that_is_told_more(
        self, clock: Clock, stores: dict[str, Any], register: Callable[..., Any]
    ) -> None:
        made = register(URL, "customers.PeopleMerged", store_codes=["GZ01"])
        near = may("customers.view", stores=frozenset({stores["xuhui"].pk}))
        for stranger in (near, may("imports.view")):
            assert queries.endpoints(access=stranger) == ()
            for act in (actions.delete_endpoint, actions.renew_secret, actions.send_test, actions.replay_dead):
                with pytest.raises(queries.NoSuchEndpoint):
                    act(actor=stranger, endpoint_id=made.id, now=clock.now)

        assert [one.id for one in queries.endpoints(access=may("customers.view"))] == [made.id]

    def test_offers_the_events_that_somebody_may_see(self) -> None:
        few = {one.kind for one in queries.event_choices(access=may("imports.view"))}
        all_of_them = {one.kind for one in queries.event_choices(access=SYSTEM)}

        assert few == {"ingest.ImportFinished", "ingest.ImportUndone"}
        assert {"customers.ConsentChanged", "insight.CustomersScored"} < all_of_them
        assert {one.permission for one in queries.event_choices(access=SYSTEM)} <= PERMISSIONS

    def test_private_addresses_are_refused_unless_opened(self, clock: Clock, settings: Any) -> None:
        settings.YUTANG_WEBHOOK_NETWORKS = ()

        with pytest.raises(AddressIsPrivate):
            actions.create_endpoint(
                actor=SYSTEM, name="x", url="https://127.0.0.1/", events=["ingest.ImportUndone"], now=clock.now
            )

    def test_there_are_only_so_many(
        self, clock: Clock, register: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(actions, "MOST_ENDPOINTS", 1)
        register(URL)

        with pytest.raises(actions.TooManyEndpoints):
            register(URL)


class TestSecrets:
    def test_are_kept_sealed_and_stand_nowhere_else(self, register: Callable[..., Any]) -> None:
        made = register(URL)

        row = Endpoint.objects.get()
        assert made.secret.encode() not in bytes(row.sealed_secret)
        assert made.secret not in str([*Endpoint.objects.values(), *AuditEntry.objects.values()])
        assert SEALED["webhooks.secrets"].counts()
        assert made.secret not in str(queries.endpoint(access=SYSTEM, endpoint_id=made.id))

    def test_a_new_one_takes_over_within_a_day(
        self, register: Callable[..., Any], told: Callable[..., int], deliver: Callable[..., Any],
        receiver: Receiver, clock: Clock,
    ) -> None:  # fmt: skip
        before = register(receiver.url)
        after = actions.renew_secret(actor=SYSTEM, endpoint_id=before.id, now=clock.now)
        told(ImportUndone(1))
        deliver()
        clock.now += timedelta(hours=24)
        told(ImportUndone(2))
        deliver()

        first, second = receiver.received
        assert is_signed(first, secret=before.secret)
        assert is_signed(first, secret=after.secret)
        assert not is_signed(second, secret=before.secret)
        assert is_signed(second, secret=after.secret)


class TestChanging:
    def test_gives_everything_anew(self, register: Callable[..., Any], stores: dict[str, Any], clock: Clock) -> None:
        made = register(URL)

        actions.change_endpoint(
            actor=SYSTEM, endpoint_id=made.id, name="Till", url="https://till.example.com/", events=["customers.PeopleMerged"],
            store_codes=["SH01"], with_people=True, now=clock.now,
        )  # fmt: skip

        view = queries.endpoint(access=SYSTEM, endpoint_id=made.id)
        assert (view.name, view.url, view.events) == ("Till", "https://till.example.com/", ("customers.PeopleMerged",))
        assert (view.store_codes, view.with_people) == (("SH01",), True)

    def test_deletes_with_what_it_was_told(
        self, register: Callable[..., Any], told: Callable[..., int], receiver: Receiver, clock: Clock
    ) -> None:
        made = register(receiver.url)
        told(ImportUndone(1))

        actions.delete_endpoint(actor=SYSTEM, endpoint_id=made.id, now=clock.now)

        assert queries.endpoints(access=SYSTEM) == ()
        assert [one.action for one in AuditEntry.objects.order_by("id")] == [
            "webhooks.create_endpoint",
            "webhooks.delete_endpoint",
        ]
