"""The environment of the peers, and what machine this is."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from benchmarks.compare.contest import ROOT

_PEERS = Path(__file__).with_name("peers.txt")
#: Programs whose version is told where they are there.
_PROGRAMS = (
    "duckdb", "pyarrow", "numpy", "django", "polars", "pandas", "chdb", "lifetimes", "pymc-marketing",
    "django-import-export", "splink", "pyspark",
)  # fmt: skip


def peers_python() -> Path:
    """Return the interpreter of the peers' environment; make the environment where it is not there or its list has changed."""
    home = ROOT / ".venv-peers"
    python, mark = home / "bin" / "python", home / "peers.digest"
    digest = hashlib.sha256(_PEERS.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text() != digest:
        if home.is_symlink():
            # To make it anew would empty what it leads to.
            sys.exit(f"{home} is a link: take it away, and the peers are installed there anew")
        print("making .venv-peers: several minutes and 3 GB", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python), "-r", str(_PEERS)]
        subprocess.run(install, check=True, stdout=sys.stderr)
        mark.write_text(digest)
    return python


def machine() -> dict[str, str | int | float]:
    """Return what the figures were measured on: processor, cores, memory (GiB), system."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the programs that are in this environment."""
    found = {"python": sys.version.split()[0]}
    for name in _PROGRAMS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
