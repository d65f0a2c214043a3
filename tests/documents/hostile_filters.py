"""Filters that do what no template can: they show what stands behind the syntax, when that is the last wall."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

GO = "go"
"""What makes them act: before it is confined, a child calls each filter once to let it import what it needs."""


def writes_file(value: str) -> str:
    if value == GO:
        Path(os.sep, "tmp", "shouxu-trial-canary").write_text("written", "ascii")
    return "done"


def reads_file(value: str) -> str:
    return Path("/etc/passwd").read_text("utf-8")[:40] if value == GO else "done"


def starts_process(value: str) -> str:
    return str(subprocess.run(["/bin/true"], check=False).returncode) if value == GO else "done"


def forks(value: str) -> str:
    return str(os.fork()) if value == GO else "done"


def connects(value: str) -> str:
    if value == GO:
        socket.create_connection(("127.0.0.1", 9), 1)
    return "done"


def swallows(value: str) -> str:
    """Reaches out and keeps quiet about it."""
    try:
        return reads_file(value)
    except OSError:
        return "nothing happened"


def hogs_memory(value: str) -> str:
    return str(len(bytearray(600 * 2**20))) if value == GO else "done"


def computes(value: str) -> str:
    while value == GO:
        pass
    return "done"


def waits(value: str) -> str:
    if value == GO:
        time.sleep(60)
    return "done"


def dies(value: str) -> str:
    if value == GO:
        os._exit(7)
    return "done"


def tells_environment(value: str) -> str:
    return " ".join(sorted(os.environ)) if value == GO else "done"
