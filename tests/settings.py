"""Settings of the tests: those of the product, in a home of their own that is gone afterwards."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

if "YUTANG_TEST_HOME" not in os.environ:
    # Processes of pytest-xdist and child processes of tests inherit it.
    os.environ["YUTANG_TEST_HOME"] = tempfile.mkdtemp(prefix="yutang-tests-")
    atexit.register(shutil.rmtree, os.environ["YUTANG_TEST_HOME"], ignore_errors=True)
os.environ["YUTANG_HOME"] = os.environ["YUTANG_TEST_HOME"]

from yutang.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
