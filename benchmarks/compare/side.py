"""One side of a contest, which waits for its turns: ``python -m benchmarks.compare.side CONTEST SIDE FOLDER``.

Runs in the environment of the side; every line on standard input is a turn, every turn one line of JSON on standard output.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import metadata
from pathlib import Path

from benchmarks.compare.questions import CONTESTS

#: Programs whose version is told where they are there.
_PROGRAMS = (
    "duckdb", "pyarrow", "numpy", "django", "polars", "pandas", "chdb", "lifetimes", "pymc-marketing",
    "django-import-export", "splink",
)  # fmt: skip


def main() -> None:
    """Prepare, then answer at every turn."""
    contest, side, folder = CONTESTS[sys.argv[1]], sys.argv[2], Path(sys.argv[3])
    # Whatever a program prints belongs elsewhere.
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    ask, tell = contest.sides[side].prepare(folder)
    for _ in sys.stdin:
        started = time.perf_counter()
        result = ask()
        seconds = time.perf_counter() - started
        peak_mib = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        turn = {"seconds": seconds, "peak_mib": peak_mib, "answer": tell(result), "versions": _versions()}
        del result
        told.write(json.dumps(turn) + "\n")
        told.flush()


def _versions() -> dict[str, str]:
    found = {"python": sys.version.split()[0]}
    for name in _PROGRAMS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main()
