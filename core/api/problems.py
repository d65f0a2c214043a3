"""What every refusal looks like (RFC 9457); made by `core.errors`, described here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.api.answers import ProblemRow


@dataclass(frozen=True)
class ReasonRow:
    """Why a gate is closed, and where the missing thing is done."""

    kind: str
    message: str
    step: str
    target: str
    source: str


@dataclass(frozen=True)
class Problem:
    """`code` is the stable number (SX-2203). `errors`: wrong values. `reasons`: of a closed gate. `changes`: what
    somebody else did. `incident`: to be told to the administrator."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str = ""
    errors: tuple[ProblemRow, ...] = ()
    reasons: tuple[ReasonRow, ...] = ()
    changes: tuple[Mapping[str, Any], ...] = ()
    incident: str = ""
