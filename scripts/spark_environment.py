"""Add PySpark to `.venv` from its lock file; does nothing when it is there. It is apart because it is larger than all the rest."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-spark.lock"


def main() -> None:
    """Bring the environment up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--or-go-on", action="store_true", help="where it cannot be had, say so and end well")
    parser.add_argument("--wanted", action="store_true", help="print what pyproject.toml asks for")
    given = parser.parse_args()
    if given.wanted:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        print(*project["optional-dependencies"]["spark"], sep="\n")
        return
    try:
        install()
    except subprocess.CalledProcessError:
        if not given.or_go_on:
            raise
        print("PySpark could not be had: the tests that need it are skipped, and say so", flush=True)


def install() -> None:
    """Install what the lock file names into the environment that runs this."""
    stamp = Path(sys.prefix) / "spark-made-from"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("adding PySpark to the environment from requirements-spark.lock", flush=True)
    # It comes as source: the environment's own setuptools make a wheel of it.
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "--no-build-isolation", "--requirement", str(LOCK)], check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
