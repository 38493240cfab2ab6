"""Settings of the tests: those of the product, in a home of their own that is gone afterwards."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "YUTANG_TEST_HOME" not in os.environ:
    # Processes of pytest-xdist and child processes of tests inherit it.
    os.environ["YUTANG_TEST_HOME"] = tempfile.mkdtemp(prefix="yutang-tests-")
    atexit.register(shutil.rmtree, os.environ["YUTANG_TEST_HOME"], ignore_errors=True)
# Each process of pytest-xdist has a home of its own: two of them give their imports the same numbers and folders.
_home = Path(os.environ["YUTANG_TEST_HOME"], os.environ.get("PYTEST_XDIST_WORKER", "alone"))
_home.mkdir(parents=True, exist_ok=True, mode=0o700)
os.environ["YUTANG_HOME"] = str(_home)
# Each core has a process of tests already.
os.environ.setdefault("YUTANG_QUERY_THREADS", "1")

# Whatever the shell names: a test that wants a cluster starts one.
os.environ["YUTANG_ENGINE"] = "duckdb"

from yutang.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Keys are made only after a look into the store, which most tests of sealing have not.
if not (_home / "keys.json").exists():
    from yutang.foundation.keyring import Keyring

    (_home / "keys.json").touch(mode=0o600)
    (_home / "keys.json").write_text(Keyring.made().as_json())
