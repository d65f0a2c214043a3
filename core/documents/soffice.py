"""One confined run of LibreOffice: own profile, empty environment, no network, a deadline, no leftovers.

What bit before: linked images are fetched into the PDF unless links are blocked; two processes on one
profile fail; killing the parent leaves `soffice.bin`; a profile killed half-way may not start again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

_PROFILE_SETTINGS = (
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    ("/org.openoffice.Office.Recovery/AutoSave", "Enabled", "false"),
    ("/org.openoffice.Office.Recovery/RecoveryInfo", "Crashed", "false"),
    ("/org.openoffice.Office.Recovery/CrashReporter", "Enabled", "false"),
    (
        "/org.openoffice.Office.Jobs/Jobs/org.openoffice.Office.Jobs:Job['UpdateCheck']/Arguments",
        "AutoCheckEnabled",
        "false",
    ),
)
_SYSTEM_FOLDERS = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc/alternatives",
    "/etc/libreoffice",
    "/etc/ld.so.cache",
    "/var/lib/libreoffice",
    "/opt",
)
_MARKER = "running.pid"


class Timeout(Exception):
    """The deadline passed; nothing of the run is alive any more."""


class Busy(Exception):
    """Another run kept the work folder for longer than the deadline."""


def find_soffice() -> Path | None:
    """The LibreOffice program of this machine, or None."""
    for name in ("soffice", "libreoffice"):
        found = shutil.which(name)
        if found:
            return Path(found)
    known = (
        "/Applications/LibreOffice.app/Contents/MacOS/soffice",
        r"C:\Program Files\LibreOffice\program\soffice.com",
    )
    return next((Path(path) for path in known if Path(path).is_file()), None)


@cache
def bubblewrap() -> str | None:
    """The `bwrap` program when it exists and may make namespaces here (in many containers it may not)."""
    program = shutil.which("bwrap")
    if program is None:
        return None
    probe = [program, *_cage(()), "/usr/bin/env", "true"]
    try:
        done = subprocess.run(probe, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return program if done.returncode == 0 else None


def run(
    command: Sequence[str], work: Path, environment: dict[str, str], deadline: float, *, confine: bool = True
) -> int:
    """Run `command` until it ends or `deadline` (time.monotonic) passes; its exit status; raises Timeout.

    Whatever happens, the whole process group is dead afterwards. The caller holds `exclusive(work)`.
    """
    process = start(command, work, environment, confine=confine)
    try:
        return process.wait(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise Timeout from None
    finally:
        end(process, work)


def start(
    command: Sequence[str],
    work: Path,
    environment: dict[str, str],
    *,
    confine: bool = True,
    programs: Sequence[Path] = (),
    piped: bool = False,
) -> subprocess.Popen[bytes]:
    """Start `command` as the leader of a group of its own; whoever starts it calls `end`, whatever happens.

    The cage shows system folders, the folders of the command and of further `programs`, and the work folder: no data,
    no keys. `piped`: with pipes to its input and output. The caller holds `exclusive(work)`.
    """
    program = bubblewrap() if confine else None
    shown = [Path(one).resolve().parent for one in (command[0], *programs)]
    line = [program, *_cage((work, *shown)), *command] if program else list(command)
    _end_leftover(work)
    process = subprocess.Popen(
        line,
        cwd=work,
        env=environment,
        stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
        stdout=subprocess.PIPE if piped else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    (work / _MARKER).write_text(str(process.pid), "ascii")
    return process


def end(process: subprocess.Popen[bytes], work: Path) -> None:
    """Kill everything that the command started, and wait until it is gone."""
    _end_group(process.pid)
    if process.poll() is None:
        process.kill()
    process.wait()
    (work / _MARKER).unlink(missing_ok=True)


def bare_environment(home: Path) -> dict[str, str]:
    """The environment of a run: nothing of the server's own, no secret can leak through it."""
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    if os.name == "nt":  # Windows programs do not start without these
        environment |= {
            name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "PATH") if name in os.environ
        }
    return environment


def make_profile(work: Path) -> Path:
    """The user profile inside `work`, made with the hardened settings when it is not there."""
    profile = work / "profile"
    settings = profile / "user" / "registrymodifications.xcu"
    if not settings.exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(_profile_settings(), "utf-8")
    return profile


def drop_profile(work: Path) -> None:
    """Forget a profile that may be damaged; the next run makes a new one."""
    shutil.rmtree(work / "profile", ignore_errors=True)


@contextmanager
def exclusive(work: Path, deadline: float) -> Iterator[None]:
    """Hold the work folder against other threads and processes; raises Busy after `deadline`."""
    with open(work / "lock", "a+b") as handle:
        while not _try_lock(handle):
            if time.monotonic() >= deadline:
                raise Busy
            time.sleep(0.05)
        try:
            yield
        finally:
            _unlock(handle)


def _profile_settings() -> str:
    items = "".join(
        f'<item oor:path="{path}">'
        f'<prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
        for path, name, value in _PROFILE_SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry"'
        ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"{items}</oor:items>\n"
    )


def _cage(own: Sequence[Path]) -> list[str]:
    words = [
        "--die-with-parent",
        "--unshare-net",
        "--unshare-pid",
        "--unshare-ipc",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--tmpfs",
        "/tmp",
    ]
    for folder in _SYSTEM_FOLDERS:
        words += ["--ro-bind-try", folder, folder]
    work, *programs = own or (None,)
    for folder in programs:
        words += ["--ro-bind", str(folder), str(folder)]
    for folder in _font_folders():
        words += ["--ro-bind-try", folder, folder]
    if work is not None:
        words += ["--bind", str(work), str(work), "--chdir", str(work)]
    return words


def _font_folders() -> list[str]:
    from core.documents.fonts import installed

    return [str(folder) for folder in installed().folders if not str(folder).startswith("/usr/")]


# ---------------------------------------------------------------- processes


def _end_group(leader: int) -> None:
    """Kill everything that the run started; a stopped process (SIGSTOP) dies as well."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(leader)], capture_output=True, check=False)
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _end_leftover(work: Path) -> None:
    """End what a server that was killed left running; only when the process still names our work folder."""
    marker = work / _MARKER
    try:
        leader = int(marker.read_text("ascii"))
    except (OSError, ValueError):
        return
    if os.name != "nt" and any(str(work) in line for line in _group_commands(leader)):
        _end_group(leader)
    marker.unlink(missing_ok=True)


def _group_commands(group: int) -> Iterator[str]:
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pgid=,command="],
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
    )
    for line in listing.stdout.splitlines():
        number, _, command = line.strip().partition(" ")
        if number == str(group):
            yield command


# ---------------------------------------------------------------- the lock between processes

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: BinaryIO) -> bool:
        handle.seek(0)
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: BinaryIO) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(handle: BinaryIO) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: BinaryIO) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
