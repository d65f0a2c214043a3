"""Why a charge is what it is: how it was counted, kept with it, and where the rule is written; the same for page, paper and API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import select

from core.cases.casefile import CaseFile
from core.definitions.assembly import Assembly
from core.definitions.files import shown
from core.definitions.reader import PathTuple
from core.domain.fees import Fee
from core.errors import Mark, NotFound
from core.store.models import Charge, Definition

FEES = "fee_schedule.yaml"
_DECIDING = ("amount", "amount_of", "rate", "tiers", "amounts", "rows", "months", "until", "prorate", "from")
"""Keys that decide the sum, the price first."""
_LAYERS: Mapping[str, tuple[str, str]] = {
    "plugin": ("手续标准", "Procedure"), "company": ("公司标准", "Company"), "estate": ("项目标准", "Estate")}
_TITLE = {"zh": "标准出处", "en": "Written in"}


class Explaining:
    """The explanations of the charges of one case."""

    def __init__(self, file: CaseFile) -> None:
        self.file = file

    def __call__(self, charge: Charge) -> dict[str, Any]:
        """The explanation kept with the charge, and at its end where the rule is written.

        `written`: by layer (plugin, company, estate) the file, the line and the keys, the price first; empty when the case goes
        by definitions of before, then `pinned_on` is the day on which they were pinned.
        """
        kept = dict(charge.explanation)
        fee = next((fee for fee in self.file.bundle.fees if fee.name == charge.fee), None)
        if fee is None:  # a plugin's own charge says why by itself
            return kept
        written = self._written(fee, kept.get("since")) if self.present else []
        pinned = self.pinned_on if not self.present else None
        line = {"name": "written", "title": _TITLE, "value": _said(written, pinned)}
        return {**kept, "written": written, "pinned_on": pinned, "lines": [*kept.get("lines", ()), line]}

    @cached_property
    def present(self) -> Assembly | None:
        """The present definitions, when the case goes by them."""
        case, library = self.file.case, self.file.desk.office.library
        try:
            for kind in library.kinds(case.estate, case.procedure):
                if library.bundle(case.estate, case.procedure, dict(kind)).pin == case.pin:
                    return library.assembly(case.estate, case.procedure, kind)
        except NotFound:  # the estate does not offer the procedure any more
            pass
        return None

    @cached_property
    def pinned_on(self) -> str | None:
        """The day on which the definitions of the case were pinned."""
        stored = self.file.desk.session.scalar(select(Definition.stored_at).where(Definition.pin == self.file.case.pin))
        return self.file.desk.office.calendar(self.file.case.estate).local_date(stored).isoformat() if stored else None

    def _written(self, fee: Fee, since: str | None) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for key, mark in _marks(self.present, self.file.bundle.fees.index(fee), fee, since) if self.present else ():
            place = found.setdefault(mark.file, {"layer": self._layer(mark.file), "file": mark.file, "line": mark.line, "keys": []})
            place["keys"].append(key)
        return list(found.values())

    def _layer(self, file: str) -> str:
        folder = self.file.desk.office.library.estate(self.file.case.estate).folder
        for layer, home in (("estate", folder), ("company", folder.parent)):
            if file.startswith(f"{shown(home)}/"):
                return layer
        return "plugin"


def _marks(assembly: Assembly, at: int, fee: Fee, since: str | None) -> list[tuple[str, Mark]]:
    """Each deciding key that the fee has, and where it is said: in a version that was in force, else in the fee itself."""
    top: PathTuple = ("fees", at)
    versions = [(*top, "versions", number) for number, one in enumerate(fee.versions) if since and one.since.isoformat() <= since]
    whole = next((one for day, one in fee.dated if day.isoformat() == since), fee) if since else fee
    found: list[tuple[str, Mark]] = []
    for key in _DECIDING:
        if getattr(whole, "start" if key == "from" else key) in (None, (), {}, "none"):
            continue
        places = [path for path in (*reversed(versions), top) if key in assembly.node(FEES, path).value]
        if places:
            found.append((key, assembly.node(FEES, (*places[0], key)).key_mark))
    return found


def _said(written: list[dict[str, Any]], pinned_on: str | None) -> dict[str, str]:
    if not written:
        day = pinned_on or ""
        return {"zh": f"按 {day} 固定的标准（标准此后已有改动）", "en": f"As pinned on {day}; changed since"}
    several = len(written) > 1

    def places(language: int) -> str:
        marks = "（{}）" if language == 0 else " ({})"
        return ("；" if language == 0 else "; ").join(
            f"{_LAYERS[one['layer']][language]} {one['file']}:{one['line']}" + (marks.format(", ".join(one["keys"])) if several else "")
            for one in written)

    return {"zh": places(0), "en": places(1)}
