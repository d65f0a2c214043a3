"""Everything that `shouxu check` proves: settings, plugins, definitions, walkthroughs, templates, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.cases.definitions import FILTERS, load_definitions, plain
from core.definitions.library import Library
from core.definitions.trees import remembering
from core.errors import DefinitionError, DefinitionErrors, PluginError, ShouxuError
from core.loader import Plugins
from core.settings import Settings
from core.walkthroughs.script import read_script
from core.walkthroughs.template_rehearsal import annotated_copies, faulty_templates, unprinted


@dataclass
class Findings:
    """What was looked at, and every problem found, in the order of files and lines."""

    estates: int = 0
    procedures: int = 0
    templates: int = 0
    walkthroughs: int = 0
    problems: list[ShouxuError] = field(default_factory=list)
    notes: list[ShouxuError] = field(default_factory=list)
    """What is not wrong: a certificate that ends soon, a field that no document prints."""
    annotated: list[Path] = field(default_factory=list)
    """Copies of faulty templates with comments, as far as they were asked for."""

    def as_data(self) -> dict[str, Any]:
        """The findings as plain values."""
        return {"estates": self.estates, "procedures": self.procedures, "templates": self.templates,
                "walkthroughs": self.walkthroughs, "problems": [_row(problem) for problem in self.problems],
                "notes": [_row(note) for note in self.notes], "annotated": [str(path) for path in self.annotated]}

    def __str__(self) -> str:
        seen = (f"{self.procedures} procedures, {self.estates} estates, {self.templates} templates, "
                f"{self.walkthroughs} walkthroughs")
        if not self.problems:
            return f"{seen}: no problems"
        return f"{len(self.problems)} problems" + (f" in {seen}" if self.estates else "")


def examine(settings: Settings, annotate: Path | None = None, *, fields: bool = False) -> Findings:
    """Load everything as a start would, and look further: at plugins out of service, at every walkthrough and template. A copy of
    each faulty template, with comments, goes into the folder `annotate`; `fields`: note those that no document prints."""
    found = Findings()
    try:
        plugins, library = load_definitions(settings)
    except DefinitionErrors as errors:
        found.problems += errors.problems
        return found
    except PluginError as error:
        found.problems.append(error)
        return found
    found.estates, found.procedures = len(library.estates), len(library.sources)
    found.templates = len(set(library.templates().values()))
    found.problems += _of_plugins(plugins, settings)
    _of_seals(plugins, library, settings, found)
    with remembering(settings.data_dir):
        found.problems += _of_walkthroughs(library, found)
    filters = {**FILTERS, **plugins.everywhere().template_filters()}
    faulty = list(faulty_templates(library, filters, settings.data_dir))
    found.problems += [problem for one in faulty for problem in one.mistakes()]
    if annotate is not None:
        found.annotated = annotated_copies(library, faulty, annotate)
    if fields:
        found.notes += unprinted(library, filters)
    return found


def _of_plugins(plugins: Plugins, settings: Settings) -> list[ShouxuError]:
    stopped: list[ShouxuError] = [PluginError(f"插件 `{name}` 停用：{why}", number=1012)
                                  for name, why in plugins.out_of_service.items()]
    return stopped + list(plugins.everywhere().check_config(settings=plain(settings)))


def _of_seals(plugins: Plugins, library: Library, settings: Settings, found: Findings) -> None:
    from core.cases.paperworks import PaperWorks  # what works on PDFs takes longer to import than to ask
    from core.cases.seals import companies_of
    from core.documents.certificates import ENDS_SOON

    try:
        seals = PaperWorks(settings, sealers=plugins.everywhere().sealers()).seals
        for warning in seals.warnings(companies_of(library), datetime.now(UTC)):
            (found.notes if warning.number == ENDS_SOON else found.problems).append(warning)
    except ShouxuError as error:
        found.problems.append(error)


def _of_walkthroughs(library: Library, found: Findings) -> list[DefinitionError]:
    problems: dict[str, DefinitionError] = {}
    seen: set[Path] = set()
    for estate in library.estates:
        for procedure in library.procedures(estate):
            for path in sorted(set(library.walkthroughs(procedure, estate)) - seen):
                seen.add(path)
                for problem in problems_of(lambda path=path: read_script(path)):
                    problems[str(problem)] = problem
    found.walkthroughs = len(seen)
    return list(problems.values())


def problems_of(act: Callable[[], Any]) -> Iterable[DefinitionError]:
    """The mistakes that `act` meets; none when it succeeds."""
    try:
        act()
    except DefinitionErrors as errors:
        return errors.problems
    return ()


def _row(problem: ShouxuError) -> dict[str, Any]:
    mark = problem.mark if isinstance(problem, DefinitionError) else None
    place = {"file": mark.file, "line": mark.line, "column": mark.column} if mark else {}
    return {**place, "code": problem.code, "message": problem.what, "remedy": problem.remedy}
