"""Calls made up from the description: none breaks the server, and every answer is one that the description names."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from yutang.api import actions
from yutang.foundation.access import PERMISSIONS, Actor

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: Calls of each operation that fit the description, and as many that do not.
_CALLS = 15
_MADE_UP = settings(
    max_examples=_CALLS,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


#: The operations are dealt to so many tests, each with a shop of its own, so that processes share them.
_PARTS = 6


@pytest.mark.minutes
@pytest.mark.parametrize("part", range(_PARTS))
def test_no_call_that_can_be_made_up_breaks_the_server(part: int, shop: None) -> None:
    made = actions.create_service_token(
        actor=Actor.system(), name="made up", permissions=PERMISSIONS, per_minute=60_000, now=timezone.now()
    )
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operations = list(islice(schema.get_all_operations(), part, None, _PARTS))
    statuses: Counter[int] = Counter()

    for operation in (result.ok() for result in operations):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @_MADE_UP
            @given(
                case=operation.as_strategy(generation_mode=mode),
                key=st.integers(1, 40) | st.none(),
                mode=st.just(mode),
            )
            def call(case: Any, key: int | None, mode: GenerationMode) -> None:
                if key is not None and mode is GenerationMode.POSITIVE:
                    # Keys made up at random lead nowhere; small ones lead to something.
                    case.path_parameters = dict.fromkeys(case.path_parameters or {}, key)
                answer = case.call(headers={**(case.headers or {}), "Authorization": f"Bearer {made.secret}"})
                case.validate_response(answer, checks=_CHECKS)
                statuses[answer.status_code] += 1

            call()

    assert len(operations) > 15
    assert statuses.total() > _CALLS * len(operations)
    assert {200, 404, 422} <= set(statuses), statuses
