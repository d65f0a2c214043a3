"""A template from outside, tried in a child process before anything of it is opened here.

The child (`trial_child`) gates, compiles and renders it with the longest values, under limits of time and memory, without
files, processes and sockets. What it found comes back as plain JSON; a child that dies or is late is a TemplateFault.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import structlog

import core
from core.documents.faults import TemplateFault
from core.documents.images import Image
from core.documents.placing import Placement
from core.documents.template_check import TemplateProblem
from core.errors import TrialBusy

log = structlog.get_logger("shouxu.documents")
Filters = Mapping[str, Callable[..., Any]]

AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
"""Children at one time in this process: half the machine stays with those who wait at the counter."""
PATIENCE = 3.0
"""Seconds that the next one waits for its turn."""
_START = "import sys; sys.path[:] = sys.argv[1:]; from core.documents.trial_child import main; main()"


@dataclass(frozen=True)
class Limits:
    """What one trial may take: seconds on the wall and of the processor, bytes beyond those of an idle child."""

    seconds: float = 10
    memory: int = 512 * 2**20


@dataclass(frozen=True)
class Verdict:
    """What a trial found: the errors with each context, in their order; a copy of the file with a comment at each of them (only
    when asked for and there are any); the filters that the child could not have, so that they are still to be tried."""

    problems: tuple[tuple[TemplateProblem, ...], ...]
    annotated: bytes | None
    missing_filters: frozenset[str]


_turns = threading.BoundedSemaphore(AT_ONCE)


def tried(
    template: bytes,
    contexts: Sequence[Mapping[str, Any]],
    *,
    filters: Filters | None = None,
    free: Mapping[str, str] | None = None,
    placements: Sequence[Placement] = (),
    annotate: bool = False,
    limits: Limits = Limits(),
) -> Verdict:
    """The template judged against each of `contexts` (plain data and Images), as `template_check.judged` does, with `placements`
    put into it.

    TemplateFault 3130 when it took too long, 3131 when the child died (memory, mostly), 3133 when it reached for something outside;
    TrialBusy (503) when others are being tried.
    """
    order = {
        "template": base64.b64encode(template).decode(),
        "contexts": contexts,
        "filters": {name: _address(function) for name, function in (filters or {}).items()},
        "free": dict(free or {}),
        "placements": [{"at": one.at, "put": one.put, "where": one.where, "which": one.which} for one in placements],
        "annotate": annotate,
        "limits": asdict(limits),
    }
    with _turn():
        return _verdict(_answer(json.dumps(order, default=_plain, ensure_ascii=False).encode(), limits))


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise TrialBusy()
    try:
        yield
    finally:
        _turns.release()


def _address(function: Callable[..., Any]) -> str:
    """`module:name` of a function that a new process finds there; empty for all others."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    return f"{module}:{name}" if name.isidentifier() and getattr(sys.modules.get(module), name, None) is function else ""


def _plain(value: Any) -> Any:
    if isinstance(value, Image):
        return {"$image": [base64.b64encode(value.data).decode(), value.width_mm, value.height_mm, value.alt]}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    raise TypeError(f"{type(value).__name__} cannot be sent to a trial")


# ---------------------------------------------------------------- the child


def _answer(order: bytes, limits: Limits) -> Any:
    """What the child says; whatever happens, nothing of it is alive afterwards."""
    paths = [str(Path(core.__file__).parent.parent), *filter(None, sys.path)]
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START, *dict.fromkeys(paths)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=os.path.abspath(os.sep),
        env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
        start_new_session=True,
    )
    try:
        said, wrong = child.communicate(order, timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        raise _late(limits) from None
    finally:
        _end(child)
    if child.returncode == 0:
        return json.loads(said)
    log.warning("template_trial_died", status=child.returncode, said=wrong[-2000:].decode("utf-8", "replace"))
    if os.name != "nt" and child.returncode == -signal.SIGXCPU:
        raise _late(limits)
    raise TemplateFault(
        f"试印这个模板的进程中途停止，多半是内存超过 {limits.memory // 2**20} MB",
        number=3131,
        remedy="请减少模板里的段落、表格和循环，图片请缩小后再放入；改好后重新检查",
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    if os.name != "nt":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    if child.poll() is None:
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            with suppress(OSError):
                pipe.close()


def _late(limits: Limits) -> TemplateFault:
    return TemplateFault(
        f"试印这个模板超过 {limits.seconds:g} 秒，已停止",
        number=3130,
        remedy="请检查循环是否套了循环、标记是否成对；改好后重新检查",
    )


def _verdict(said: Any) -> Verdict:
    if said["touched"]:
        raise TemplateFault(
            f"模板试图使用文件、网络或其他程序({said['touched']})", number=3133, remedy="这样的模板不能使用，请查明它的来源"
        )
    if said["exhausted"]:
        raise TemplateFault(
            "试印这个模板所需的内存超过上限", number=3131, remedy="请减少模板里的段落、表格和循环，图片请缩小后再放入；改好后重新检查"
        )
    annotated = base64.b64decode(said["annotated"]) if said["annotated"] else None
    problems = tuple(tuple(TemplateProblem(**row) for row in rows) for rows in said["problems"])
    return Verdict(problems, annotated, frozenset(said["missing_filters"]))
