"""Templates looked at before anybody prints them: every name declared, and printed once with the longest values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import core.documents
import core.walkthroughs
from core.definitions.files import shown
from core.definitions.library import Library
from core.definitions.remembered import Remembered
from core.documents.annotate import annotated
from core.documents.engine import Template
from core.documents.faults import TemplateFault
from core.documents.placing import placed
from core.documents.template_check import TemplateProblem, judged, uncompiled
from core.documents.trial import tried
from core.domain.bundle import Bundle
from core.domain.documents import Placement
from core.errors import DefinitionError, Mark
from core.walkthroughs.longest import longest, longest_text

FREE = {"extra": longest_text()}
"""What plugins provide under `extra` is known only when a case is printed."""
Filters = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Faulty:
    """A template of the definitions, by its place, and what is wrong with it at one estate."""

    path: Path
    problems: tuple[TemplateProblem, ...]

    def mistakes(self) -> Iterator[DefinitionError]:
        """The problems as everything that `check` lists."""
        return (mistake(problem, Mark(shown(self.path))) for problem in self.problems)


def template_problems(library: Library, filters: Filters, data_dir: Path, before: Library | None = None
                      ) -> Iterator[DefinitionError]:
    """What is wrong with the templates of every procedure at every estate, each once."""
    for faulty in faulty_templates(library, filters, data_dir, before):
        yield from faulty.mistakes()


def faulty_templates(library: Library, filters: Filters, data_dir: Path, before: Library | None = None) -> Iterator[Faulty]:
    """The templates of every procedure at every estate with which something is wrong; what `data_dir` remembers is right. With
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
                context = longest(bundle, estate, rule, _parent(library, estate.name, procedure))
                key = checked.key(sha256, _said(context))
                if checked.knows(key):
                    continue
                if sha256 not in compiled:
                    compiled[sha256] = _compiled(library.template(sha256), filters)
                problems = _errors(compiled[sha256], context)
                if problems:
                    yield Faulty(library.templates()[sha256], tuple(problems))
                else:
                    checked.add(key)
    checked.save()


@dataclass(frozen=True)
class Rehearsed:
    """What is wrong with a template from outside, and a copy of it with a comment at each fault where one was asked for."""

    problems: tuple[TemplateProblem, ...]
    annotated: bytes | None


def rehearsed(library: Library, filters: Filters, estate: str, procedure: str, name: str, template: bytes, *,
              annotate: bool = False) -> Rehearsed:
    """How `template` would do in the place of the template called `name`, tried in a child process for every document that it
    prints and every kind of unit; nothing is kept. KeyError when no document of the procedure uses such a template; TrialBusy."""
    known = library.estate(estate)
    found: dict[tuple[Placement, ...], dict[str, dict[str, Any]]] = {}
    for kind in library.kinds(estate, procedure):
        bundle = library.bundle(estate, procedure, dict(kind))
        for rule in bundle.documents:
            if rule.template == name:
                context = longest(bundle, known, rule, _parent(library, estate, procedure))
                found.setdefault(library.placements(estate, procedure, name, kind), {})[_said(context)] = context
    if not found:
        raise KeyError(name)
    verdicts = [_tried(template, placements, list(contexts.values()), filters, annotate) for placements, contexts in found.items()]
    return next((one for one in verdicts if one.problems), verdicts[0])


def _tried(template: bytes, placements: tuple[Placement, ...], contexts: list[dict[str, Any]], filters: Filters, annotate: bool
           ) -> Rehearsed:
    try:
        verdict = tried(template, contexts, filters=filters, free=FREE, placements=placements, annotate=annotate)
    except TemplateFault as fault:
        return Rehearsed((uncompiled(fault),), None)
    problems = dict.fromkeys(problem for problems in verdict.problems for problem in problems)
    if verdict.missing_filters and not problems:  # harmless, so the filters that only this process has may meet it here
        compiled = _compiled(placed(template, placements), filters)
        problems = dict.fromkeys(problem for context in contexts for problem in _errors(compiled, context))
    return Rehearsed(tuple(problems), verdict.annotated)


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
    return [template] if isinstance(template, TemplateProblem) else judged(template, context, FREE)


def _said(context: Mapping[str, Any]) -> str:
    return json.dumps(context, sort_keys=True, ensure_ascii=False, default=lambda value: type(value).__name__)


def annotated_copies(library: Library, faulty: Iterable[Faulty], folder: Path) -> list[Path]:
    """Writes a copy of each template with a comment at each of its faults into `folder`, under the path that messages name it by;
    the files written. A template that does not pass the gate is not opened again, so it gets no copy."""
    problems: dict[Path, dict[TemplateProblem, None]] = {}
    for one in faulty:
        problems.setdefault(one.path, {}).update(dict.fromkeys(one.problems))
    written = []
    for path, found in problems.items():
        copy = annotated(path.read_bytes(), found)  # the file itself, without the tags that are put into it
        if copy is not None:
            said = Path(shown(path))
            target = folder / said.relative_to(said.anchor)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(copy)
            written.append(target)
    return written


def unprinted(library: Library, filters: Filters) -> Iterator[DefinitionError]:
    """The fields that a procedure asks for and none of its documents prints, at no estate: to be known, not to be mended."""
    titles: dict[tuple[str, str], str] = {}
    used: dict[str, set[str]] = {}
    read: set[tuple[str, str]] = set()
    for estate in library.estates.values():
        for procedure in library.procedures(estate.name):
            bundle = library.bundle(estate.name, procedure)
            titles |= {(procedure, f"forms.{form.name}.{field.name}"): f"{form.title.zh}·{field.title.zh}"
                       for form in bundle.forms for field in form.fields}
            fresh = {(procedure, sha256) for sha256 in bundle.templates.values()} - read
            read |= fresh
            for _, sha256 in fresh:
                template = _compiled(library.template(sha256), filters)
                if isinstance(template, Template):
                    used.setdefault(procedure, set()).update(*template.variables.values())
    for (procedure, path), title in titles.items():
        prints = re.compile(re.escape(path) + r"(_is|_list)?([.\[]|$)")
        if not any(map(prints.match, used.get(procedure, ()))):
            yield DefinitionError(f"{procedure}: {title} 没有文书打印 (no document prints {path})", number=3121)


def mistake(problem: TemplateProblem, place: Mark) -> DefinitionError:
    """A problem of the template at `place` in both languages, as everything that `check` lists."""
    remedy, english = problem.advice(), replace(problem, words="").told("en")  # the words around are quoted once
    return DefinitionError(f"{problem.told()} ({english})", place, remedy=f"{remedy} ({problem.advice('en')})" if remedy else "",
                           number=problem.number)
