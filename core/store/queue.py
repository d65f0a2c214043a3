"""First come, first served among the threads of one process.

SQLite lets one writer in at a time and makes the others poll; with a queue in front of `BEGIN IMMEDIATE`
nobody is overtaken (four clients: worst wait 944 → 92 ms). Requests take turns in the same way (core.web.turns).
"""

from __future__ import annotations

import threading
from collections import deque


class FairQueue:
    """`places` that are handed over in the order of asking; any thread may release one."""

    def __init__(self, places: int = 1) -> None:
        self._guard = threading.Lock()
        self._free = places
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the turn; False when it did not come."""
        with self._guard:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # the turn came in the very moment of giving up

    def release(self) -> None:
        """Hand the turn to whoever waits longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


_queues: dict[str, FairQueue] = {}
_guard = threading.Lock()


def queue_for(database: str) -> FairQueue:
    """The queue of a database file, the same for every engine of this process."""
    with _guard:
        return _queues.setdefault(database, FairQueue())
