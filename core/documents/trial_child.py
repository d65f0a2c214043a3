"""The child that tries a template: reads its order, gives up everything that it does not need, judges, answers in JSON.

Started by `trial` only. What it needs is imported before it confines itself; after that no file, process or socket can be had:
no descriptor is left for one, and Python's own audit hook refuses and notes every try.
"""

from __future__ import annotations

import base64
import codecs
import json
import math
import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast

import jinja2._identifier
import jinja2.debug  # noqa: F401 - nothing can be imported once confined, so what others import late stands here

from core.documents import annotate, plainway  # noqa: F401
from core.documents.engine import Template
from core.documents.faults import TemplateFault
from core.documents.images import Image
from core.documents.placing import Placement, placed
from core.documents.template_check import TemplateProblem, judged, uncompiled

try:
    import resource
except ImportError:  # Windows has no such limits: there the parent's clock alone ends the child
    resource = None

MOST_PROBLEMS = 200
_ENCODINGS = ("ascii", "cp437", "latin-1", "unicode-escape", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
_REFUSED = ("open", "os.", "socket.", "subprocess.", "shutil.", "ctypes.", "tempfile.", "signal.", "pty.", "fcntl.")
_JINJA_NAME = re.compile("<[^<>]+>")


def main() -> None:
    """One order from standard input, one answer to standard output."""
    order = json.loads(sys.stdin.buffer.read(), object_hook=_restored)
    filters, missing = _filters(order["filters"])
    template = base64.b64decode(order["template"])
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    touched = confined(**order["limits"])
    answer: dict[str, Any] = {"problems": [], "annotated": "", "exhausted": False, "touched": ""}
    try:
        found = _problems(template, order, filters)
        answer["problems"] = [[asdict(problem) for problem in problems[:MOST_PROBLEMS]] for problems in found]
        if order["annotate"] and any(found):
            copy = annotate.annotated(template, dict.fromkeys(problem for problems in found for problem in problems))
            answer["annotated"] = base64.b64encode(copy).decode() if copy else ""
    except MemoryError:
        answer["exhausted"] = True
    except OSError:
        if not touched:
            raise
    answer |= {"missing_filters": sorted(missing), "touched": touched[0] if touched else ""}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


def _problems(template: bytes, order: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]]) -> list[list[TemplateProblem]]:
    try:
        placements = [cast(Placement, SimpleNamespace(**row)) for row in order["placements"]]
        compiled = Template.compile(placed(template, placements), filters=filters)
    except TemplateFault as fault:
        return [[uncompiled(fault)]] * max(len(order["contexts"]), 1)
    return [judged(compiled, context, order["free"]) for context in order["contexts"]]


def _restored(value: dict[str, Any]) -> Any:
    if "$image" in value:
        data, wide, high, alt = value["$image"]
        return Image(base64.b64decode(data), wide, high, alt)
    return Decimal(value["$decimal"]) if "$decimal" in value else value


# ---------------------------------------------------------------- filters


def _filters(addresses: Mapping[str, str]) -> tuple[dict[str, Callable[..., Any]], set[str]]:
    """The filters, and the names of those that were called though they cannot be had here."""
    missing: set[str] = set()
    return {name: _found(address) or _stand_in(name, missing) for name, address in addresses.items()}, missing


def _found(address: str) -> Callable[..., Any] | None:
    module, _, name = address.partition(":")
    if not name:
        return None
    try:
        function = getattr(import_module(module), name)
    except Exception:  # a plugin that is loaded by its path, or that only starts within the server
        return None
    with suppress(Exception):  # what it imports when it is first called
        function("1")
    return function


def _stand_in(name: str, missing: set[str]) -> Callable[..., str]:
    def stand_in(*values: Any, **named: Any) -> str:
        missing.add(name)
        return "永" * 60

    return stand_in


# ---------------------------------------------------------------- confinement


def confined(seconds: float, memory: int) -> list[str]:
    """Gives up files, processes and sockets for good, and limits processor and memory; the list of what was reached for since.

    `seconds` of the processor; `memory`: bytes of address space beyond what the process has now.
    """
    if hasattr(os, "nice"):
        os.nice(10)
    used = _address_space()
    if resource is not None:
        # The soft limit sends a signal that tells why; the hard one kills.
        _limit(resource.RLIMIT_CPU, math.ceil(seconds), math.ceil(seconds) + 1)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_FSIZE, 0)
        _limit(resource.RLIMIT_NPROC, 0)
        _limit(resource.RLIMIT_NOFILE, 3)  # standard input, output and error are open: there is no fourth
        if used:
            _limit(resource.RLIMIT_AS, used + memory)
    touched: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_REFUSED):
            # Python itself looks for the source of a SyntaxError, under the name that Jinja gave to the template
            if not (event == "open" and _JINJA_NAME.fullmatch(str(arguments[0]))):
                touched.append(f"{event} {arguments[:1]!r}"[:120])
            raise PermissionError(f"{event} is refused to templates")

    sys.addaudithook(watch)
    return touched


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    assert resource is not None
    with suppress(ValueError, OSError):  # macOS knows some of the limits by name only
        resource.setrlimit(what, (soft, soft if hard is None else hard))


def _address_space() -> int:
    """Bytes of address space that the process has; 0 where nothing tells."""
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as pages:
        return int(pages.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0
