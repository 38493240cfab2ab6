"""One side of a contest, which waits for its turns: ``python -m benchmarks.compare.side CONTEST SIDE FOLDER``.

Runs in the environment of the side; every line on standard input is a turn, every turn one line of JSON on standard output.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from benchmarks.compare.environment import versions
from benchmarks.compare.questions import CONTESTS


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
        turn = {"seconds": seconds, "peak_mib": peak_mib, "answer": tell(result), "versions": versions()}
        del result
        told.write(json.dumps(turn) + "\n")
        told.flush()


if __name__ == "__main__":
    main()
