"""Checks of `was`: a former name of a step, field or fee, by which a case that is brought to newer definitions finds what it holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.readings import FEES, PROCEDURE
from core.domain.bundle import Bundle
from core.domain.forms import Field

STILL_THERE = 1225
"""A former name that something bears still, or that two claim."""


class _Renamed(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def was(self) -> tuple[str, ...]: ...


def check_former(findings: Findings, bundle: Bundle) -> None:
    """No former name is one that is borne now, or one that two claim: what was filed under it would belong to nobody."""
    _check(findings, PROCEDURE, ("steps",), bundle.procedure.steps)
    _check(findings, FEES, ("fees",), bundle.fees)
    for form in bundle.forms:
        _check_fields(findings, f"forms/{form.form}.yaml", ("fields",), form.fields)


def _check_fields(findings: Findings, file: str, path: PathTuple, fields: tuple[Field, ...]) -> None:
    _check(findings, file, path, fields)
    for at, field in enumerate(fields):
        for inside in ("columns", "fields"):
            if inner := getattr(field, inside):
                _check_fields(findings, file, (*path, at, inside), inner)


def _check(findings: Findings, file: str, path: PathTuple, items: Iterable[_Renamed]) -> None:
    items = list(items)
    borne, claimed = {item.name for item in items}, set[str]()
    for at, item in enumerate(items):
        for name in item.was:
            place = (*path, at, "was")
            if name in borne:
                findings.add(file, place, f"`{name}` 现在还有，不能是“{item.name}”的旧名 (`{name}` still exists)", STILL_THERE,
                             "删去 was，或改掉仍叫这个名字的那一项 (drop `was`, or rename what bears the name)")
            elif name in claimed:
                findings.add(file, place, f"`{name}` 已写成另一项的旧名 (`{name}` was another one's name already)", STILL_THERE)
            claimed.add(name)
