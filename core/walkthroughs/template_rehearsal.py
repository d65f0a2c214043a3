"""Templates looked at before anybody prints them: every name declared, and printed once with the longest values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import core.documents
import core.walkthroughs
from core.definitions.files import shown
from core.definitions.library import Library
from core.definitions.remembered import Remembered
from core.documents.engine import Template
from core.documents.faults import TemplateFault
from core.documents.template_check import TemplateProblem, check_compiled, uncompiled
from core.domain.bundle import Bundle
from core.errors import DefinitionError, Mark
from core.walkthroughs.longest import longest, with_extra

_EXTRA = re.compile(r"\bextra\.([a-z]\w*)")
Filters = Mapping[str, Callable[..., Any]]


def template_problems(library: Library, filters: Filters, data_dir: Path, before: Library | None = None
                      ) -> Iterator[DefinitionError]:
    """What is wrong with the templates of every procedure at every estate, each once; what `data_dir` remembers is right. With
    `before`, an earlier library: of what has been changed since."""
    checked = Remembered(data_dir, "templates", core.documents, core.walkthroughs)
    seen: set[tuple[str, str]] = set()
    changed = None if before is None else set(library.changed(before))
    compiled: dict[str, Template | TemplateProblem] = {}
    for estate in library.estates.values():
        for procedure, kind in ((name, kind) for name in library.procedures(estate.name) for kind in library.kinds(estate.name, name)):
            if changed is not None and (estate.name, procedure) not in changed:
                continue
            bundle = library.bundle(estate.name, procedure, dict(kind))
            for rule in bundle.documents:
                sha256 = bundle.templates.get(rule.template)
                if sha256 is None or (sha256, bundle.pin) in seen:
                    continue
                seen.add((sha256, bundle.pin))
                place = Mark(shown(library.templates()[sha256]))
                context = longest(bundle, estate, rule, _parent(library, estate.name, procedure))
                said = json.dumps(context, sort_keys=True, ensure_ascii=False, default=lambda value: type(value).__name__)
                key = checked.key(sha256, said)
                if checked.knows(key):
                    continue
                if sha256 not in compiled:
                    compiled[sha256] = _compiled(library.template(sha256), filters)
                problems = _errors(compiled[sha256], context)
                if not problems:
                    checked.add(key)
                yield from (_mistake(problem, place) for problem in problems)
    checked.save()


def problems_of(library: Library, filters: Filters, estate: str, procedure: str, name: str, template: bytes) -> list[DefinitionError]:
    """What would be wrong with `template` in the place of the template called `name`, for every document that it prints and every
    kind of unit, each once; nothing is kept. KeyError when no document of the procedure uses such a template."""
    known = library.estate(estate)
    found: dict[str, DefinitionError] = {}
    used, compiled = False, _compiled(template, filters)
    for kind in library.kinds(estate, procedure):
        bundle = library.bundle(estate, procedure, dict(kind))
        for rule in bundle.documents:
            if rule.template == name:
                used = True
                context = longest(bundle, known, rule, _parent(library, estate, procedure))
                found |= {one.what: one for one in (_mistake(problem, Mark(name)) for problem in _errors(compiled, context))}
    if not used:
        raise KeyError(name)
    return list(found.values())


def _parent(library: Library, estate: str, procedure: str) -> Bundle | None:
    """Of which procedure this one's cases are sub-cases."""
    others = (library.bundle(estate, name) for name in library.procedures(estate))
    return next((other for other in others if any(kind.of == procedure for kind in other.procedure.children)), None)


def _compiled(template: bytes, filters: Filters) -> Template | TemplateProblem:
    try:
        return Template.compile(template, filters=filters)
    except TemplateFault as fault:
        return uncompiled(fault)


def _errors(template: Template | TemplateProblem, context: dict[str, Any]) -> list[TemplateProblem]:
    if isinstance(template, TemplateProblem):
        return [template]
    problems = _of(template, context)
    extra = sorted({name for problem in problems for name in _EXTRA.findall(problem.what)})
    return _of(template, with_extra(context, extra)) if extra else problems


def _of(template: Template, context: dict[str, Any]) -> list[TemplateProblem]:
    return [problem for problem in check_compiled(template, context, context) if problem.level == "error"]


def _mistake(problem: TemplateProblem, place: Mark) -> DefinitionError:
    part = f"{problem.part} 第 {problem.paragraph} 段" if problem.paragraph else problem.part
    words = f"「{problem.words}」" if problem.words else ""
    what = f"{part}{words}:{problem.what}".lstrip(":")
    return DefinitionError(what, place, remedy=problem.remedy, number=problem.number)
