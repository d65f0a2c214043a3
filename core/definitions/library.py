"""Every definition of the house, loaded at once or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from core.definitions.assembly import Assembly, assemble
from core.definitions.check_neighbours import check_neighbours
from core.definitions.check_procedure import Surroundings, check_procedure
from core.definitions.estates import EstateDefinition, load_estates, overridden
from core.definitions.files import Layer
from core.definitions.reader import PathTuple
from core.domain.bundle import Bundle
from core.domain.estates import BASE_ROLES
from core.domain.forms import FIELD_TYPES
from core.domain.sources import Overlay, ProcedureSource
from core.errors import DefinitionError, DefinitionErrors, Mark, NotFound
from core.loader import Plugins

__all__ = ["EstateDefinition", "Library", "ProcedureSource"]


class Library:
    """The definitions of all procedures as every estate has them, and the templates by hash."""

    def __init__(self, sources: Mapping[str, ProcedureSource], estates: dict[str, EstateDefinition]) -> None:
        self.sources = dict(sources)
        self.estates = estates
        self._assemblies: dict[tuple[str, str], Assembly] = {}
        self._bases: dict[str, Assembly] = {}
        self._bundles: dict[tuple[str, str], Bundle] = {}
        self._templates: dict[str, Path] = {}

    @classmethod
    def load(
        cls,
        sources: Iterable[ProcedureSource],
        estates_dir: Path | None,
        *,
        field_types: Collection[str] = (),
        overlays: Sequence[Overlay] = (),
        absent: Collection[str] = (),
    ) -> Library:
        """Read everything; DefinitionErrors with all problems at once.

        `field_types`: names that plugins add to the built-in ones; `overlays`: layers that plugins put over
        another plugin's procedure; `absent`: procedures that exist but are out of service, so that naming
        them is no mistake.
        """
        by_name = {source.name: source for source in sources}
        estates, problems = load_estates(estates_dir, {*by_name, *absent})
        library = cls(by_name, estates)
        library._read(frozenset({*FIELD_TYPES, *field_types}), overlays, problems)
        library._compare(absent, problems)
        if problems:
            raise DefinitionErrors(_once(problems))
        return library

    def _read(self, field_types: frozenset[str], overlays: Sequence[Overlay], problems: list[DefinitionError]) -> None:
        for name, source in self.sources.items():
            layers = [
                Layer(source.definitions, source.templates),
                *(Layer(o.definitions, o.templates) for o in overlays if o.procedure == name),
            ]
            base = self._bases[name] = assemble(name, layers)
            seen: set[Surroundings] = set()
            bare = frozenset(BASE_ROLES)
            if not self._offering(name):
                problems += _checked(base, Surroundings(field_types, bare))
            if base.problems:
                problems += base.problems
                continue  # every estate would repeat the same mistakes
            for estate in self._offering(name):
                own = overridden(estate, name)
                assembly = assemble(name, [*layers, *own]) if own else base
                around = Surroundings(
                    field_types,
                    bare | {role.name for role in estate.estate.roles},
                    tuple(estate.estate.settings.items()),
                )
                if own or around not in seen:
                    problems += _checked(assembly, around)
                    seen |= set() if own else {around}
                self._keep(estate.name, name, assembly)

    def _compare(self, absent: Collection[str], problems: list[DefinitionError]) -> None:
        """What procedures say of each other, as every estate has them; those that no estate offers, among all."""
        seen: set[frozenset[int]] = set()
        offered: set[str] = set()
        for estate in self.estates.values():
            there = {name: self._assemblies[estate.name, name] for name in self.procedures(estate.name)}
            offered |= {name for name in self.sources if estate.offers(name)}
            key = frozenset(id(assembly) for assembly in there.values())
            if key not in seen:
                seen.add(key)
                unread = {name for name in (*self.sources, *absent) if estate.offers(name) and name not in there}
                problems += _compared(there, unread, there)
        alone = [name for name in self.sources if name not in offered]
        problems += _compared(self._bases, absent, alone) if alone else []

    def _offering(self, procedure: str) -> list[EstateDefinition]:
        return [estate for estate in self.estates.values() if estate.offers(procedure)]

    def _keep(self, estate: str, procedure: str, assembly: Assembly) -> None:
        self._assemblies[estate, procedure] = assembly
        self._templates |= {template.sha256: template.path for template in assembly.templates.values()}

    @classmethod
    def of(cls, plugins: Plugins, estates_dir: Path | None) -> Library:
        """The library of the loaded plugins; DefinitionErrors with all problems at once."""
        return cls.load(
            plugins.sources,
            estates_dir,
            field_types=[kind.name for kind in plugins.field_types],
            overlays=plugins.overlays,
            absent=plugins.out_of_service,
        )

    def estate(self, name: str) -> EstateDefinition:
        """The estate called `name`; NotFound when there is none."""
        try:
            return self.estates[name]
        except KeyError:
            raise NotFound(f"没有项目 `{name}` (no such estate)") from None

    def bundle(self, estate: str, procedure: str) -> Bundle:
        """The merged definitions of a procedure at an estate; NotFound when it is not offered there."""
        key = (estate, procedure)
        if key not in self._bundles:
            version = self.sources[procedure].version if procedure in self.sources else ""
            self._bundles[key] = self._assembly(estate, procedure).bundle(estate, version)
        return self._bundles[key]

    def procedures(self, estate: str) -> tuple[str, ...]:
        """Names of the procedures offered at `estate`, in the order of estate.yaml, else by name."""
        named = self.estate(estate).estate.procedures or sorted(self.sources)
        return tuple(name for name in named if (estate, name) in self._assemblies)

    def template(self, sha256: str) -> bytes:
        """The bytes of a template that stands in a folder now; NotFound when none has this hash."""
        try:
            return self._templates[sha256].read_bytes()
        except (KeyError, OSError):
            raise NotFound(f"没有模板 {sha256[:12]} (no such template)") from None

    def templates(self) -> dict[str, Path]:
        """Hash → file of every template in use."""
        return dict(self._templates)

    def walkthroughs(self, procedure: str, estate: str) -> list[Path]:
        """The described cases of a procedure at an estate, by file name; the highest layer wins."""
        found = self._assembly(estate, procedure).walkthroughs
        return [found[name] for name in sorted(found)]

    def mark(self, estate: str, procedure: str, file: str, *path: str | int) -> Mark:
        """Where a value of a merged file was said: `mark("jade", "move_in", "fee_schedule.yaml", "fees",
        0)`."""
        where: PathTuple = path
        return self._assembly(estate, procedure).mark(file, where)

    def _assembly(self, estate: str, procedure: str) -> Assembly:
        try:
            return self._assemblies[estate, procedure]
        except KeyError:
            raise NotFound(f"项目 `{estate}` 不办理 `{procedure}` (not offered here)") from None


def _checked(assembly: Assembly, around: Surroundings) -> list[DefinitionError]:
    if assembly.problems:
        return assembly.problems
    return check_procedure(assembly, around)


def _compared(assemblies: Mapping[str, Assembly], absent: Collection[str], judged: Collection[str]) -> list[DefinitionError]:
    sound = {name: assembly for name, assembly in assemblies.items() if not assembly.problems}
    return check_neighbours(sound, {*absent, *assemblies} - set(sound), judged)


def _once(problems: list[DefinitionError]) -> list[DefinitionError]:
    """Each mistake once: an estate repeats what its base already said at the same place."""
    return list({(str(problem.mark), problem.what): problem for problem in problems}.values())
