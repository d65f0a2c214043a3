"""Definitions read again while the server serves: what was changed counts from the next case on, a bad change is refused.

Every process looks for itself, every few seconds, whether a file was changed. The new definitions are checked as a start would
check them, templates too; until they are right the old ones go on to serve. Cases go on with what they started with. New
plugins need a restart: they are programs.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import structlog

from core.cases.definitions import read_library
from core.cases.desk import Office
from core.errors import DefinitionError, DefinitionErrors
from core.walkthroughs.template_rehearsal import template_problems

log = structlog.get_logger("shouxu.definitions")

_WORTH_A_LOOK = (".yaml", ".docx", ".passed_over")


@dataclass(frozen=True)
class State:
    """Since when the definitions serve that serve now, and what is wrong with those on the disk that do not."""

    since: datetime
    refused_at: datetime | None = None
    problems: tuple[DefinitionError, ...] = ()


class Reloader:
    """Keeps an office's definitions those of the disk. `every`: seconds between two looks; 0: only when somebody asks."""

    def __init__(self, office: Office, every: float) -> None:
        self.office = office
        self.every = every
        self.state = State(office.clock.now())
        self._seen = fingerprint(office)
        self._one_at_a_time = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look from now on, in a thread of its own."""
        if self.every > 0:
            self._thread = threading.Thread(target=self._watch, name="definitions", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def look(self) -> bool:
        """Read the definitions again if a file was changed; says whether new ones serve."""
        with self._one_at_a_time:
            seen = fingerprint(self.office)
            if seen == self._seen:
                return False
            self._seen = seen
            return self._renew()

    def reload(self) -> bool:
        """Read the definitions again in any case; says whether they are right and serve."""
        with self._one_at_a_time:
            self._seen = fingerprint(self.office)
            return self._renew()

    def _renew(self) -> bool:
        office, now = self.office, self.office.clock.now()
        before = office.library
        try:
            library = read_library(office.settings, office.plugins, before)
            wrong = list(template_problems(library, office.template_filters, office.settings.data_dir, before))
            if wrong:
                raise DefinitionErrors(wrong)
        except DefinitionErrors as refused:
            self.state = State(self.state.since, now, tuple(refused.problems))
            log.warning("definitions_refused", problems=[str(problem) for problem in refused.problems[:20]])
            return False
        office.take(library)
        self.state = State(now)
        log.info("definitions_renewed", changed=[f"{estate}/{procedure}" for estate, procedure in library.changed(before)[:20]])
        return True

    def _watch(self) -> None:
        while not self._stopping.wait(self.every):
            try:
                self.look()
            except Exception:  # a look that fails is no reason never to look again
                log.exception("definitions_not_read")


def fingerprint(office: Office) -> str:
    """What stands for all files that definitions come from, by place, time and size."""
    folders = {Path(one) for source in office.plugins.sources for one in (source.definitions, source.templates)}
    folders |= {Path(one) for overlay in office.plugins.overlays for one in (overlay.definitions, overlay.templates)}
    said = [line for folder in sorted({*folders, office.settings.estates_dir}) for line in _lines(str(folder))]
    return sha256("\n".join(said).encode()).hexdigest()


def _lines(folder: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=True):
            if entry.name != "__pycache__":
                yield entry.path
                yield from _lines(entry.path)
        elif entry.name.endswith(_WORTH_A_LOOK) and not entry.name.startswith("~$"):
            try:
                said = entry.stat()
            except OSError:
                continue
            yield f"{entry.path}:{said.st_mtime_ns}:{said.st_size}"
