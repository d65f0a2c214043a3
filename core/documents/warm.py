"""LibreOffices that stay open between files: a PDF takes a tenth of a second instead of more than one.

Each runs as a cold one does: own profile, empty environment, the same cage without network, killed with its whole group.
Whatever goes wrong with one (it hangs, dies, is refused, is used up) ends it; its files are made anew in the cold way.
"""

from __future__ import annotations

import os
import queue
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import structlog

from core.documents import soffice as office

log = structlog.get_logger("shouxu.pdf")
_PROGRAM = Path(__file__).with_name("warm_office.py")
_SLOTS = 16
_START_SECONDS = 30.0
_PAUSE_SECONDS = 60.0


class WarmOffices:
    """`count` open LibreOffices of this process, started when first needed. Threads may share them.

    `environment` makes the environment for a work folder; after `recycle` files one is ended and another started.
    """

    def __init__(
        self,
        soffice: Path,
        work: Path,
        environment: Callable[[Path], dict[str, str]],
        count: int,
        *,
        confine: bool = True,
        recycle: int = 200,
    ) -> None:
        made = [_WarmOffice(soffice, work, environment, confine, recycle) for _ in range(count)]
        self._free: queue.LifoQueue[_WarmOffice] = queue.LifoQueue()  # the one that is warm already goes first
        for one in made:
            self._free.put(one)
        weakref.finalize(self, _end_all, made)

    def convert(self, files: Mapping[str, bytes], deadline: float, good: Callable[[str, bytes], bool]) -> dict[str, bytes]:
        """The PDFs that could be made; those that are missing want the cold way. Raises office.Busy, office.Timeout.

        `good` says of each PDF whether it shows its file: one that does not is left out, and its office is not trusted
        any more.
        """
        try:
            one = self._free.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise office.Busy from None
        try:
            return one.convert(files, deadline, good)
        finally:
            self._free.put(one)


class _WarmOffice:
    def __init__(
        self,
        soffice: Path,
        work: Path,
        environment: Callable[[Path], dict[str, str]],
        confine: bool,
        recycle: int,
    ) -> None:
        self._soffice, self._parent, self._environment = soffice, work, environment
        self._confine, self._recycle = confine, recycle
        self._running: _Running | None = None
        self._start_again_at = 0.0

    def convert(self, files: Mapping[str, bytes], deadline: float, good: Callable[[str, bytes], bool]) -> dict[str, bytes]:
        done: dict[str, bytes] = {}
        for name, docx in files.items():
            running = self._ready(deadline)
            if running is None:
                return done
            try:
                pdf = running.convert(docx, deadline)
            except office.Timeout:
                self.end(hung=True)
                raise
            except _Gone:
                self.end()
                return done
            if pdf is None or not good(name, pdf):
                self.end()
                continue
            done[name] = pdf
            if running.used >= self._recycle:
                self.end()
        return done

    def end(self, *, hung: bool = False) -> None:
        """End it, if it is this process's own; one that hung leaves a profile behind that is not used again."""
        running, self._running = self._running, None
        if running is not None and running.process_id == os.getpid():
            running.end(hung=hung)

    def _ready(self, deadline: float) -> _Running | None:
        if self._running is not None and self._running.process_id != os.getpid():
            self._running = None  # it belongs to the process that this one was forked from
        if self._running is None and time.monotonic() >= self._start_again_at:
            try:
                self._running = self._started(deadline)
            except (OSError, _Gone, office.Timeout, office.Busy) as error:
                self._start_again_at = time.monotonic() + _PAUSE_SECONDS
                log.warning("no_warm_office", why=str(error) or type(error).__name__)
        return self._running

    def _started(self, deadline: float) -> _Running:
        python = uno_python()
        if python is None:
            raise _Gone("python3-uno is not installed")
        # half of the time is left to the cold way
        most = min(_START_SECONDS, (deadline - time.monotonic()) / 2)
        held = ExitStack()
        try:
            work = self._slot(held)
            return _Running(held, python, self._soffice, work, self._environment(work), time.monotonic() + most, self._confine)
        except BaseException:
            held.close()
            raise

    def _slot(self, held: ExitStack) -> Path:
        """A work folder that no other process uses; it is held until the office ends."""
        for number in range(_SLOTS):
            work = self._parent / f"warm-{number}"
            work.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                held.enter_context(office.exclusive(work, time.monotonic()))
            except office.Busy:
                continue
            return work
        raise _Gone("every work folder is in use")


class _Gone(Exception):
    """The office is not there (any more)."""


class _Running:
    """One open office and the pipe to it."""

    def __init__(
        self,
        held: ExitStack,
        python: Path,
        soffice: Path,
        work: Path,
        environment: dict[str, str],
        deadline: float,
        confine: bool,
    ) -> None:
        self.process_id, self.used = os.getpid(), 0
        self._held, self._work = held, work
        program = work / _PROGRAM.name
        shutil.copyfile(_PROGRAM, program)
        profile = office.make_profile(work)
        pipe = f"shouxu{secrets.token_hex(8)}"
        command = [str(python), "-I", str(program), str(soffice), profile.as_uri(), pipe]
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        born: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()

        def serve() -> None:
            # The cage dies with the *thread* that started it, and a worker's thread may end long before.
            try:
                process = office.start(command, work, environment, confine=confine, programs=[soffice], piped=True)
            except OSError as error:
                born.put(error)
                return
            born.put(process)
            _listen(process, self._said)

        threading.Thread(target=serve, name="warm-office", daemon=True).start()
        process = born.get()
        if isinstance(process, OSError):
            raise process
        self._process = process
        try:
            self._hear("ready", deadline)
        except BaseException:
            office.end(self._process, work)
            office.drop_profile(work)
            raise

    def convert(self, docx: bytes, deadline: float) -> bytes | None:
        """The PDF, or None when LibreOffice refused the file; raises _Gone, office.Timeout."""
        drafts = Path(tempfile.mkdtemp(prefix="call-", dir=self._work))
        try:
            source, target = drafts / "file.docx", drafts / "file.pdf"
            source.write_bytes(docx)
            self.used += 1
            try:
                assert self._process.stdin is not None
                self._process.stdin.write(f"{source.as_uri()}\t{target.as_uri()}\n".encode())
                self._process.stdin.flush()
            except OSError as error:
                raise _Gone(str(error)) from None
            answer = self._hear("", deadline)
            return target.read_bytes() if answer == "ok" and target.is_file() else None
        finally:
            shutil.rmtree(drafts, ignore_errors=True)

    def end(self, *, hung: bool) -> None:
        office.end(self._process, self._work)
        if hung:
            office.drop_profile(self._work)
        self._held.close()

    def _hear(self, wanted: str, deadline: float) -> str:
        try:
            line = self._said.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise office.Timeout from None
        if not line or (wanted and line != wanted):
            raise _Gone("LibreOffice ended")
        return line


def _listen(process: subprocess.Popen[bytes], said: queue.SimpleQueue[str]) -> None:
    """Pass on what it says, and nothing more at its end."""
    assert process.stdout is not None
    for line in process.stdout:
        said.put(line.decode("ascii", "replace").strip())
    said.put("")


def _end_all(offices: list[_WarmOffice]) -> None:
    for one in offices:
        one.end()


@cache
def uno_python() -> Path | None:
    """The system's Python that can talk to LibreOffice (Debian: python3-uno), or None."""
    for path in ("/usr/bin/python3", "/usr/lib/libreoffice/program/python", "/opt/libreoffice/program/python"):
        if Path(path).is_file():
            probe = subprocess.run([path, "-I", "-c", "import uno"], capture_output=True, check=False, timeout=20)
            if probe.returncode == 0:
                return Path(path)
    return None
