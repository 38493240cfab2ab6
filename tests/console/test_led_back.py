"""Addresses of forms that somebody opens without a form lead to their list."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("address", "to"), [("/campaigns/new/", "/campaigns/"), ("/messages/stop/", "/messages/")])
def test_an_address_of_a_form_leads_to_the_list(owner_client: Client, address: str, to: str) -> None:
    answer = owner_client.get(address)

    assert (answer.status_code, answer.headers["Location"]) == (302, to)
