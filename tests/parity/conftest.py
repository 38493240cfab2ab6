"""One Spark cluster for a run of tests: a master and two workers, and one application on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts.spark_cluster import cluster, what_is_missing

from tests.parity.planted import planted_rows
from tests.support.lakes import write_lake
from yutang.lake.engines.base import Dialect, Engine
from yutang.lake.engines.duckdb import DUCKDB

#: Spark for very many very small questions: nothing is compiled, cut or planned anew, which would take longer than the answers.
_SETTINGS = """
spark.sql.shuffle.partitions 2
spark.default.parallelism 2
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.sources.parallelPartitionDiscovery.threshold 1000
spark.driver.memory 1g
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialect]:
    """Spark on a cluster of this machine; the test is skipped where there can be none."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("Spark is asked by one process alone: pytest tests/parity")
    if what_is_missing():
        pytest.skip(what_is_missing())
    from yutang.lake.engines.spark import leave, spark_at

    folder = tmp_path_factory.mktemp("spark")
    (folder / "spark-defaults.conf").write_text(_SETTINGS)
    with pytest.MonkeyPatch.context() as patched, cluster(folder) as address:
        patched.setenv("SPARK_CONF_DIR", str(folder))
        # Both workers, so that rows come together from two of them.
        patched.setenv("YUTANG_QUERY_THREADS", "2")
        yield spark_at(address)
        leave(address)


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory, spark: Dialect) -> Iterator[tuple[Engine, Engine]]:
    """DuckDB and Spark over one lake with rows in every table."""
    snapshot = write_lake(Path(tmp_path_factory.mktemp("lake")), planted_rows(1))
    with Engine(dialect=DUCKDB, snapshot=snapshot) as plain, Engine(dialect=spark, snapshot=snapshot) as on_cluster:
        yield plain, on_cluster
