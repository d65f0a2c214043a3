"""Which walkthrough is meant: a file, a procedure, or one of a procedure's by name; and at which estate."""

from __future__ import annotations

from pathlib import Path

from core.definitions.library import Library
from core.definitions.words import known_words, unknown
from core.errors import NotFound
from core.walkthroughs.script import Script, read_script


def chosen(library: Library, what: str, estate: str | None, *, every: bool = False) -> tuple[list[Script], str]:
    """The scripts that `what` names and the estate to play them at; NotFound with the nearest right word.

    `what`: a file, `PROCEDURE` (its standard walkthrough, else the first by name), or `PROCEDURE/NAME`; empty with `every`:
    all that the estate offers.
    """
    if not what and every:
        at = _only(library, list(library.estates), estate, "")
        return [read_script(path) for procedure in library.procedures(at) for path in library.walkthroughs(procedure, at)], at
    if not what:
        raise NotFound("请写明演练脚本或手续，或用 --all (name a walkthrough or a procedure, or say --all)")
    if Path(what).is_file():
        script = read_script(Path(what))
        return [script], _estate(library, script.said.procedure, estate)
    procedure, _, name = what.partition("/")
    if procedure not in library.sources:
        raise NotFound(unknown("手续", "procedure", procedure, library.sources), remedy=known_words(library.sources))
    at = _estate(library, procedure, estate)
    scripts = [read_script(path) for path in library.walkthroughs(procedure, at)]
    if not scripts:
        raise NotFound(f"手续 `{procedure}` 没有演练脚本 (no walkthrough)")
    if name:
        scripts = [_named(scripts, name)]
    elif not every:
        scripts = [next((script for script in scripts if script.said.standard), scripts[0])]
    return scripts, at


def _named(scripts: list[Script], name: str) -> Script:
    names = [script.name for script in scripts]
    if name not in names:
        raise NotFound(unknown("演练脚本", "walkthrough", name, names), remedy=known_words(names))
    return scripts[names.index(name)]


def _estate(library: Library, procedure: str, named: str | None) -> str:
    return _only(library, [name for name in library.estates if procedure in library.procedures(name)], named, procedure)


def _only(library: Library, offering: list[str], named: str | None, procedure: str) -> str:
    """The estate that was named, or the only one of those that offer it."""
    if named:
        if named not in library.estates:
            raise NotFound(unknown("项目", "estate", named, library.estates), remedy=known_words(library.estates))
        if named not in offering:
            raise NotFound(f"项目 `{named}` 不办理 `{procedure}` (not offered here)", remedy=known_words(offering))
        return named
    if len(offering) != 1:
        raise NotFound(f"请用 --estate 指定项目；办理 `{procedure}` 的有 {len(offering)} 个 (name the estate)",
                       remedy=known_words(offering))
    return offering[0]
