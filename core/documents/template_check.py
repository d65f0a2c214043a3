"""Whether a template fits its declaration: found out when it enters, not when a customer waits."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.documents.engine import Part, Template
from core.documents.fault_words import english
from core.documents.faults import RenderFault, TemplateFault
from core.documents.names import Use

AUTHOR = "手续"
"""Who signs the comments of an annotated copy."""


@dataclass(frozen=True)
class TemplateProblem:
    """One thing to mend (`error`) or to know (`note`): part, 1-based paragraph or 0, words, what, how.

    3120 unknown name, 3121 declared but never printed, 3122 the longest values do not render, 3123 slow
    sub-documents, 3124 comments of an earlier check; faults of the template keep their own numbers.
    """

    level: Literal["error", "note"]
    number: int
    what: str
    part: str = ""
    paragraph: int = 0
    words: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        return f"SX-{self.number} {self.told()}" + (f"({self.remedy})" if self.remedy else "")

    def told(self, locale: str = "zh_CN") -> str:
        """Where and what, in Chinese or English (`en`)."""
        in_english = locale == "en"
        place = self.part
        if self.paragraph:
            place += f", paragraph {self.paragraph}" if in_english else f" 第 {self.paragraph} 段"
        if self.words:
            place += f" “{self.words}”" if in_english else f"「{self.words}」"
        what = english(self.what) if in_english else self.what
        return f"{place}{': ' if in_english else ':'}{what}" if place else what

    def advice(self, locale: str = "zh_CN") -> str:
        """What to do, in Chinese or English."""
        return english(self.remedy) if locale == "en" else self.remedy


def check_template(
    data: bytes,
    declared: Mapping[str, Any],
    longest: Mapping[str, Any] | None = None,
    *,
    filters: Mapping[str, Callable[..., Any]] | None = None,
) -> list[TemplateProblem]:
    """Every problem of a template, errors first.

    `declared`: the tree of names: a mapping is a group, a list of one tree is rows, anything else a value.
    `longest`: a context of the longest values, to render once with.
    """
    try:
        template = Template.compile(data, filters=filters)
    except TemplateFault as fault:
        return [uncompiled(fault)]
    problems = check_compiled(template, declared, longest)
    problems += _notes(template, declared)
    return sorted(problems, key=lambda problem: problem.level != "error")


def uncompiled(fault: TemplateFault) -> TemplateProblem:
    """The problem of a template that cannot be compiled."""
    return _of_fault(fault, fault.number, fault.remedy)


def check_compiled(template: Template, declared: Mapping[str, Any], longest: Mapping[str, Any] | None = None) -> list[TemplateProblem]:
    """What a compiled template uses that is not declared, and whether the longest values render; without what is only to know of
    names that are not printed."""
    problems = [problem for part in template.parts for problem in _unknown(part, declared)]
    problems += _old_comments(template)
    if longest is not None and not problems:
        problems += _rendered(template, longest)
    return problems


def judged(template: Template, context: Mapping[str, Any], free: Mapping[str, str] | None = None) -> list[TemplateProblem]:
    """The errors of a template with a context of the longest values, which are all that is declared.

    `free`: groups of the context in which every name is known, with the text that each prints (what plugins provide).
    """
    opened = {group: _free(template, group, text) for group, text in (free or {}).items()}
    return [problem for problem in check_compiled(template, {**context, **opened}, {**context, **opened}) if problem.level == "error"]


def _free(template: Template, group: str, text: str) -> dict[str, str]:
    paths = (path.split(".") for paths in template.variables.values() for path in paths)
    return {path[1].rstrip("[]"): text for path in paths if len(path) > 1 and path[0] == group}


def _old_comments(template: Template) -> Iterator[TemplateProblem]:
    for name in template.package.related(template.package.main, "comments"):
        if f'author="{AUTHOR}"'.encode() in template.package.members[name]:
            yield TemplateProblem(
                "error", 3124, "还留有上次检查写的批注，会印在文书上", name, remedy="更正后请在 Word 里删除全部批注(审阅—删除)"
            )


def _of_fault(fault: TemplateFault | RenderFault, number: int, remedy: str = "") -> TemplateProblem:
    return TemplateProblem(
        "error", number, fault.plain, fault.spot.part, fault.spot.paragraph, fault.spot.words, remedy
    )


def _unknown(part: Part, declared: Mapping[str, Any]) -> Iterator[TemplateProblem]:
    seen: set[tuple[str, int]] = set()
    for use in part.uses:
        miss = _missing(use.path, declared)
        if miss is None:
            continue
        spot = part.source.spot(use.line)
        if (use.path, spot.paragraph) in seen:
            continue
        seen.add((use.path, spot.paragraph))
        wrong, near = miss
        yield TemplateProblem(
            "note" if use.guarded else "error",
            3120,
            f"没有声明 {use.path}({wrong} 未知)",
            part.name,
            spot.paragraph,
            spot.words,
            f"是否指 {near}?" if near else "",
        )


def _missing(path: str, declared: Any) -> tuple[str, str] | None:
    """The first word of `path` that is not declared, and the nearest that is; None when all are."""
    here: Any = declared
    for word in path.split("."):
        name = word.rstrip("[]")
        if not isinstance(here, Mapping) or name not in here:
            known = list(here) if isinstance(here, Mapping) else []
            return name, next(iter(difflib.get_close_matches(name, known, 1)), "")
        here = here[name]
        for _ in range(word.count("[]")):
            # Rows are a list of one tree; a value may be a list of values, whose items have no fields.
            here = here[0] if isinstance(here, list | tuple) and here else None
    return None


def _rendered(template: Template, longest: Mapping[str, Any]) -> list[TemplateProblem]:
    try:
        template.render(longest)
    except RenderFault as fault:
        return [_of_fault(fault, 3122)]
    return []


def _notes(template: Template, declared: Mapping[str, Any]) -> Iterator[TemplateProblem]:
    used = {use.path.rstrip("[]") for part in template.parts for use in part.uses}
    for path in _leaves(declared):
        if path.rstrip("[]") not in used:
            yield TemplateProblem("note", 3121, f"声明了 {path}，模板没有打印")
    if template.uses_subdocuments:
        yield TemplateProblem("note", 3123, "模板含 {{p }} 标记：放入子文档时生成较慢")


def _leaves(tree: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(tree, Mapping):
        for name, below in tree.items():
            yield from _leaves(below, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(tree, list | tuple) and tree and isinstance(tree[0], Mapping):
        yield from _leaves(tree[0], f"{prefix}[]")
    else:
        yield prefix


__all__ = ["AUTHOR", "TemplateProblem", "Use", "check_compiled", "check_template", "judged", "uncompiled"]
