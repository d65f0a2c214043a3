"""Small procedures written inside a test, and an office that offers them: nothing but the language and the engine."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.cases import lifecycle, opening
from core.cases.building import build_office
from core.cases.sweeping import sweep_due
from core.clock import FixedClock
from core.definitions.library import Library
from core.documents.placing import placed
from core.domain.sources import ProcedureSource
from core.loader import Plugins
from core.settings import Settings
from tests.cases_kit import ELM, NINE, House

Files = Mapping[str, str]
"""Text by path inside the procedure's folder; `procedure.yaml` without its first line, which names it."""

COMPANY = "company: acme\ntitle: 示例物业\n"
ESTATE = "estate: elm_court\ntitle: 榆园\ncode: YY\n"


def procedures(folder: Path, said: Mapping[str, str | Files]) -> Library:
    """The library of one estate with these procedures; a bare text is a `procedure.yaml`."""
    estate = folder / "estates" / "acme" / ELM
    estate.mkdir(parents=True)
    (estate.parent / "company.yaml").write_text(COMPANY, encoding="utf-8")
    (estate / "estate.yaml").write_text(ESTATE, encoding="utf-8")
    sources = []
    for name, files in said.items():
        home = folder / "form_definitions" / name
        for path, text in ({"procedure.yaml": files} if isinstance(files, str) else files).items():
            target = home / path
            target.parent.mkdir(parents=True, exist_ok=True)
            head = f"procedure: {name}\ntitle: {name}\n" if path == "procedure.yaml" and not text.startswith("procedure:") else ""
            target.write_text(head + textwrap.dedent(text), encoding="utf-8")
        templates = folder / "document_templates" / name
        templates.mkdir(parents=True, exist_ok=True)
        sources.append(ProcedureSource(name, home, templates, "1"))
    return Library.load(sources, folder / "estates", put=placed)


class Office(House):
    """A house of one estate, `elm_court`, with what a test of the language does in it."""

    def step(self, case: str, key: str, by: str = "elm") -> Any:
        return self.view(case, by).step(key)

    def open(self, procedure: str, code: str | None = "3-2-501", by: str = "elm", **more: Any) -> str:
        with self.at(by) as desk:
            unit = self.unit(code, ELM) if code else None
            return opening.open_case(desk, ELM, procedure, unit, **more).id

    def done(self, case: str, step: str, by: str = "elm") -> None:
        self.act(by, lifecycle.complete, case, step)

    def decide(self, case: str, step: str, outcome: str, reason: str = "", by: str = "elm") -> None:
        self.act(by, lifecycle.decide, case, step, outcome, reason)

    def statuses(self, case: str) -> dict[str, str]:
        return {step.name: step.status for step in self.view(case, "elm").steps}

    def kinds(self, case: str, step: str) -> set[str]:
        """The kinds of reasons why the step is closed or not done."""
        found = self.step(case, step)
        return {reason.kind for reason in (*found.why_not, *found.missing)}

    def go_to(self, moment: str | datetime) -> int:
        """Let time pass until then, and fire what is due."""
        self.clock.set(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)
        return sweep_due(self.office)

    def wait(self, **length: int) -> int:
        return self.go_to(self.clock.now() + timedelta(**length))


def office(folder: Path, database_url: str, said: Mapping[str, str | Files]) -> Office:
    """An office over an empty database that offers these procedures at `elm_court`; it is nine o'clock on a Monday."""
    library = procedures(folder, said)
    settings = Settings.load(data_dir=folder / "data", database_url=database_url, secret="k" * 40, estates_dir=folder / "estates")
    clock = FixedClock(NINE, timedelta(seconds=1))
    found = Office(build_office(settings, clock=clock, durable=False, definitions=(Plugins(), library)), clock)
    found.move_in_staff_and_owners((ELM,))
    return found
