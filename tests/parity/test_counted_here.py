"""What is counted in this process from the sales that an engine gives is the same with both engines."""

from __future__ import annotations

from dataclasses import astuple
from datetime import timedelta

import numpy as np
import pytest

from tests.parity.planted import AS_OF
from yutang.insight.grading import graded_as_of
from yutang.insight.rfm import RfmRules
from yutang.insight.valuing import Summary, purchase_summary
from yutang.lake.engines.base import Engine

pytestmark = pytest.mark.spark


def _by_customer(found: Summary) -> list[np.ndarray]:
    return [np.asarray(each)[np.argsort(found.customer_id)] for each in astuple(found)]


def test_purchase_histories(planted: tuple[Engine, Engine]) -> None:
    until = AS_OF - timedelta(days=60)

    here, on_cluster = (
        _by_customer(purchase_summary(engine, calibration_end=until, as_of=AS_OF, currency="CNY")) for engine in planted
    )

    assert len(here[0]) > 10
    for one, other in zip(here, on_cluster, strict=True):
        np.testing.assert_allclose(one, other)


def test_grades(planted: tuple[Engine, Engine]) -> None:
    here, on_cluster = (
        graded_as_of(engine, as_of=AS_OF, currency="CNY", rules=RfmRules()).sort_by("customer_id") for engine in planted
    )

    assert here.num_rows > 10
    assert here.equals(on_cluster)
