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


#: What the process of the tests was told, or told itself, of its own home: `yutang up` would empty the folder of its metrics.
_OF_THIS_PROCESS = {
    "DATABASE_URL", "DJANGO_SETTINGS_MODULE", "YUTANG_KEYS", "YUTANG_SECRET_KEY", "PROMETHEUS_MULTIPROC_DIR"
}  # fmt: skip


def environment_of(home: Path, **own: str) -> dict[str, str]:
    """Return the environment of a program that is told nothing but its home, on SQLite, and what its test tells it."""
    told = {"YUTANG_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    return {**{name: value for name, value in os.environ.items() if name not in _OF_THIS_PROCESS}, **told, **own}


def django_of(home: Path) -> dict[str, str]:
    """Return the environment of a script that loads Django by itself."""
    return environment_of(home, DJANGO_SETTINGS_MODULE="yutang.config.settings")


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
