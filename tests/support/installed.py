"""A home that `yutang` has set up, with every migration and with keys: made once for all processes of a run, and copied by each test."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path


def installed_home(place: Path) -> Path:
    """Copy a home with an empty SQLite store and keys of its own to a place where nothing is, and return it."""
    return Path(shutil.copytree(_made_once(), place))


def environment_of(home: Path) -> dict[str, str]:
    """Return the environment of a program that is told nothing but its home."""
    told = {"YUTANG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, **told, "PYTHONPATH": os.pathsep.join(sys.path)}


def _made_once() -> Path:
    folder = Path(os.environ["YUTANG_TEST_HOME"])
    home, draft = folder / "installed", folder / "installed.draft"
    with (folder / "installed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            shutil.rmtree(draft, ignore_errors=True)
            command = [sys.executable, "-m", "yutang.cli.main", "keys", "status"]
            made = subprocess.run(command, env=environment_of(draft), capture_output=True, text=True, check=False)
            assert made.returncode == 0, made.stderr
            draft.rename(home)
    return home
