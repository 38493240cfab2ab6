"""Make `.venv` from the lock file; does nothing when the lock has not changed. Needs only Python 3.11 and a package index."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"


def main() -> None:
    """Bring the environment up to date."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything has chosen the Python.
        sys.exit(f"Yutang needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    stamp = VENV / "made-from"
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode() + str(VENV).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("making .venv from requirements.lock", flush=True)
    venv.EnvBuilder(clear=True, with_pip=True).create(VENV)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    subprocess.run([*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK)], check=True)
    subprocess.run([*pip, "--no-deps", "--no-index", "--no-build-isolation", "--editable", str(ROOT)], check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
