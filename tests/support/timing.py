"""How long a function takes, where seconds are compared with seconds of the same process."""

from __future__ import annotations

import time
from collections.abc import Callable


def least_seconds(run: Callable[[], object], rounds: int) -> float:
    """The least processor time of several rounds [s]."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)
