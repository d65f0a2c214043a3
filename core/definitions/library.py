"""Every definition of the house, loaded at once or not at all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import core.definitions
import core.domain
import core.rules
from core.definitions.assembly import Assembly, Stack, assemble, resolve, stacks_of
from core.definitions.check_neighbours import check_neighbours
from core.definitions.check_procedure import Surroundings, check_procedure
from core.definitions.choices import MOST, Attributes, Kind, kind_of, kinds_of
from core.definitions.estates import EstateDefinition, load_estates
from core.definitions.files import Layer, Survey, same, shown, survey
from core.definitions.placements import PlacedTemplates, Put, by_template, nowhere
from core.definitions.reader import PathTuple
from core.definitions.readings import DOCUMENTS
from core.definitions.remembered import Remembered
from core.definitions.trees import remembering
from core.domain.bundle import Bundle
from core.domain.documents import Placement
from core.domain.estates import BASE_ROLES
from core.domain.forms import FIELD_TYPES
from core.domain.sources import Overlay, ProcedureSource
from core.errors import DefinitionError, DefinitionErrors, Mark, NotFound
from core.loader import Plugins

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

UNUSED = 1234
"""What is declared and used nowhere."""

__all__ = ["EstateDefinition", "Library", "ProcedureSource"]


MOST_ASSEMBLED = 256
"""How many procedures of estates are kept merged; others are merged anew from what was read when somebody asks."""


@dataclass(eq=False)
class Entry:
    """A procedure as one estate has it, as it was read: its layers, lowest first, and what stands in them.

    `base`: the same without company and estate, whose files are shared; None when this is it, and then `shared` is what it
    was merged to. `named`: what its choices go by. `checked`: the surroundings in which it was found right.
    """

    procedure: str
    layers: tuple[Layer, ...]
    surveys: tuple[Survey, ...]
    base: Assembly | None = None
    shared: Assembly | None = None
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    checked: set[Surroundings] = field(default_factory=set)

    def assembled(self, kind: Kind = ()) -> Assembly:
        """Merged for one kind of unit."""
        if self.shared is not None and self.shared.kind == kind:
            return self.shared
        return assemble(self.procedure, self.layers, self.surveys, kind, self.base)

    def resolved(self, sound: dict[Stack, dict[str, tuple[str, ...]]]) -> list[DefinitionError]:
        """Merge and validate every file, for every kind of unit that it goes by; notes what the choices go by.

        `sound`: the files that were found right already, each with what it goes by; new ones are added.
        """
        problems: list[DefinitionError] = []
        stacks = stacks_of(self.surveys)
        own = [name for name in stacks if not stacks[name].above]
        for relative, stack in stacks.items():
            if stack not in sound:
                usual = resolve(self.procedure, relative, stack, (), own)
                parts = [usual, *(resolve(self.procedure, relative, stack, kind, own) for kind in kinds_of(usual.named)[1:MOST])]
                found = [problem for part in parts for problem in part.problems]
                problems += found
                if found:
                    continue
                sound[stack] = usual.named
            for attribute, values in sound[stack].items():
                self.named[attribute] = tuple(dict.fromkeys((*self.named.get(attribute, ()), *values)))
        return problems

    def words(self) -> Iterator[str | bytes]:
        """Everything that was read, as it is written, in order; not where it stands, which may change."""
        for number, one in enumerate(self.surveys):
            yield f"layer {number}"
            for relative, source in sorted(one.definitions.items()):
                yield relative
                yield source.data
            for name, template in sorted(one.templates.items()):
                yield name
                yield template.sha256

    def same_as(self, other: Entry) -> bool:
        """Whether both were read from the same files."""
        return len(self.surveys) == len(other.surveys) and all(map(same, self.surveys, other.surveys))


class Library:
    """The definitions of all procedures as every estate has them, and the templates by hash.

    What was read stays as it was read until another library takes its place; an estate's own files are kept as they are
    written and merged when somebody asks for them, so that many estates cost little more than their own words.
    """

    def __init__(self, sources: Mapping[str, ProcedureSource], estates: dict[str, EstateDefinition], put: Put = nowhere) -> None:
        self._placed = PlacedTemplates(put)
        self.sources = dict(sources)
        self.estates = estates
        self._surveys: dict[Layer, Survey] = {}
        self._sound: dict[Stack, dict[str, tuple[str, ...]]] = {}
        self._bases: dict[str, Entry] = {}
        self._entries: dict[tuple[str, str], Entry] = {}
        self._assembled: OrderedDict[tuple[Entry, Kind], Assembly] = OrderedDict()
        self._bundles: OrderedDict[tuple[str, str, Kind], Bundle] = OrderedDict()
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
        only: Collection[str] = (),
        before: Library | None = None,
        checked: bool = True,
        data_dir: Path | None = None,
        put: Put = nowhere,
    ) -> Library:
        """Read everything; DefinitionErrors with all problems at once.

        `field_types`: names that plugins add to the built-in ones; `overlays`: layers that plugins put over
        another plugin's procedure; `absent`: procedures that exist but are out of service, so that naming
        them is no mistake. `only`: the estates that are wanted, without looking at others. `before`: an earlier library; what
        has not been changed since is neither read nor checked again. `checked=False`: every file is right by itself, whether
        the files fit each other is not looked at. `data_dir`: where it is remembered what was found right. `put`: how tags get
        into a template at its words.
        """
        by_name = {source.name: source for source in sources}
        with remembering(data_dir):
            estates, problems = load_estates(estates_dir, {*by_name, *absent}, only)
            library = cls(by_name, estates, put)
            library._read(overlays, before, problems)
            if checked:
                library._check(frozenset({*FIELD_TYPES, *field_types}), data_dir, problems)
                library._place(problems)
                library._compare(absent, problems)
        if problems:
            raise DefinitionErrors(_once(problems))
        return library

    def _read(self, overlays: Sequence[Overlay], before: Library | None, problems: list[DefinitionError]) -> None:
        """Survey every layer, and resolve each file that was not found right before."""
        if before is not None:
            self._sound = dict(before._sound)
        for name, source in self.sources.items():
            layers = (Layer(source.definitions, source.templates),
                      *(Layer(o.definitions, o.templates) for o in overlays if o.procedure == name))
            base = self._bases[name] = self._base(name, layers, before, problems)
            if base.shared is None or base.shared.problems:
                continue  # every estate would repeat the same mistakes
            for estate in self._offering(name):
                own = estate.layers.get(name, ())
                known = before._entries.get((estate.name, name)) if before else None
                entry = self._resolved(self._entry(name, (*layers, *own), base.shared, before), known, problems) if own else base
                self._entries[estate.name, name] = entry
                for one in entry.surveys:
                    self._templates |= {template.sha256: template.path for template in one.templates.values()}

    def _base(self, name: str, layers: Sequence[Layer], before: Library | None, problems: list[DefinitionError]) -> Entry:
        """The procedure as plugins say it, merged; the one from before when nothing has been changed since."""
        entry, known = self._entry(name, layers, None, before), before._bases.get(name) if before else None
        if known is not None and entry.same_as(known):
            return known
        entry.shared = entry.assembled()
        stacks = stacks_of(entry.surveys)
        self._sound |= {stacks[relative]: {} for relative, part in entry.shared.parts.items() if not part.problems and not part.named}
        problems += entry.shared.problems
        return self._resolved(entry, known, problems)

    def _entry(self, name: str, layers: Sequence[Layer], base: Assembly | None, before: Library | None) -> Entry:
        return Entry(name, tuple(layers), tuple(self._survey(layer, before) for layer in layers), base)

    def _resolved(self, entry: Entry, known: Entry | None, problems: list[DefinitionError]) -> Entry:
        """The entry with every file found right, and what was found of the same files before."""
        found = [problem for one in entry.surveys for problem in one.problems] + entry.resolved(self._sound)
        problems += found
        if known is not None and not found and entry.same_as(known):
            entry.checked = known.checked
        return entry

    def _survey(self, layer: Layer, before: Library | None) -> Survey:
        if layer not in self._surveys:
            self._surveys[layer] = survey(layer, before._surveys.get(layer) if before else None)
        return self._surveys[layer]

    def _check(self, field_types: frozenset[str], data_dir: Path | None, problems: list[DefinitionError]) -> None:
        """Whether the files of each procedure fit each other, at every estate and for every kind of unit."""
        if problems:
            return  # what cannot be merged cannot be looked at as a whole
        bare = frozenset(BASE_ROLES)
        remembered = Remembered(data_dir, "definitions", core.definitions, core.domain, core.rules)
        for name, base in self._bases.items():
            offering = [(estate, self._entries[estate.name, name]) for estate in self._offering(name)]
            wanted = [(entry, Surroundings(field_types, bare | {role.name for role in estate.estate.roles},
                                           tuple(estate.estate.settings.items()))) for estate, entry in offering]
            for entry, around in wanted or [(base, Surroundings(field_types, bare))]:
                if around in entry.checked:
                    continue
                key = remembered.key(*entry.words(), repr(around.sorted()))
                found = [] if remembered.knows(key) else _agreed([_checked(one, around) for one in self._kinds_of(entry, problems)])
                problems += found
                if not problems:
                    entry.checked.add(around)
                    remembered.add(key)
        remembered.save()

    def _place(self, problems: list[DefinitionError]) -> None:
        """Put tags into templates now: a file that is changed on the disk later counts when the definitions are read again."""
        if problems:
            return
        for entry in dict.fromkeys((*self._bases.values(), *self._entries.values())):
            if any(b"placements" in one.definitions[DOCUMENTS].data for one in entry.surveys if DOCUMENTS in one.definitions):
                problems += [problem for assembly in self._kinds_of(entry, problems) for problem in self._placed.prepared(assembly)]

    def _kinds_of(self, entry: Entry, problems: list[DefinitionError]) -> list[Assembly]:
        """The entry for each kind of unit that its choices name."""
        kinds = kinds_of(entry.named)
        if len(kinds) <= MOST:
            return [self._assembly_of(entry, kind) for kind in kinds]
        problems.append(DefinitionError(
            f"按房屋取值的组合有 {len(kinds)} 种，最多 {MOST} 种 (too many combinations of values by unit)",
            Mark(shown(entry.layers[-1].definitions)), number=1224, remedy="少按几个属性取值 (choose by fewer attributes)"))
        return []

    def _assembly_of(self, entry: Entry, kind: Kind = ()) -> Assembly:
        return _kept(self._assembled, (entry, kind), lambda: entry.assembled(kind))

    def _compare(self, absent: Collection[str], problems: list[DefinitionError]) -> None:
        """What procedures say of each other, as every estate has them; those that no estate offers, among all."""
        if problems:
            return
        seen: set[frozenset[Entry]] = set()
        offered: set[str] = set()
        for estate in self.estates.values():
            entries = {name: self._entries[estate.name, name] for name in self.procedures(estate.name)}
            offered |= {name for name in self.sources if estate.offers(name)}
            key = frozenset(entries.values())
            if key not in seen:
                seen.add(key)
                there = {name: self._assembly_of(entry) for name, entry in entries.items()}
                unread = {name for name in (*self.sources, *absent) if estate.offers(name) and name not in there}
                problems += _compared(there, unread, there)
        alone = [name for name in self.sources if name not in offered]
        bases = {name: self._assembly_of(entry) for name, entry in self._bases.items()} if alone else {}
        problems += _compared(bases, absent, alone) if alone else []

    def _offering(self, procedure: str) -> list[EstateDefinition]:
        return [estate for estate in self.estates.values() if estate.offers(procedure)]

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

    def bundle(self, estate: str, procedure: str, unit: Attributes = MappingProxyType({})) -> Bundle:
        """The merged definitions of a procedure at an estate, for what is known of a unit (by attribute); NotFound when it is
        not offered there."""
        entry = self._entry_of(estate, procedure)
        kind = kind_of(entry.named, unit) if entry.named else ()
        version = self.sources[procedure].version if procedure in self.sources else ""

        def made() -> Bundle:
            assembly = self._assembly_of(entry, kind)
            return assembly.bundle(estate, version, self._placed.of(assembly))

        return _kept(self._bundles, (estate, procedure, kind), made)

    def goes_by(self, estate: str, procedure: str) -> tuple[str, ...]:
        """The attributes of units by which the procedure differs within the estate."""
        return tuple(self._entry_of(estate, procedure).named)

    def kinds(self, estate: str, procedure: str) -> tuple[Kind, ...]:
        """The kinds of unit for which the procedure differs at the estate, the usual one (nothing named) first."""
        return tuple(kinds_of(self._entry_of(estate, procedure).named))

    def procedures(self, estate: str) -> tuple[str, ...]:
        """Names of the procedures offered at `estate`, in the order of estate.yaml, else by name."""
        named = self.estate(estate).estate.procedures or sorted(self.sources)
        return tuple(name for name in named if (estate, name) in self._entries)

    def template(self, sha256: str) -> bytes:
        """The bytes of a template that stands in a folder now, with the tags that are put into it; NotFound when none has this
        hash."""
        try:
            return self._placed.data(sha256) or self._templates[sha256].read_bytes()
        except (KeyError, OSError):
            raise NotFound(f"没有模板 {sha256[:12]} (no such template)") from None

    def templates(self) -> dict[str, Path]:
        """Hash → file of every template in use; one that tags are put into stands there with both of its hashes."""
        return self._templates | self._placed.sources()

    def as_written(self, sha256: str) -> str:
        """The hash of the file itself where tags were put into it to make a template of `sha256`."""
        return self._placed.made_from(sha256) or sha256

    def placements(self, estate: str, procedure: str, template: str, kind: Kind = ()) -> tuple[Placement, ...]:
        """What is put into the template of that name."""
        return by_template(self.assembly(estate, procedure, kind)).get(template, ())

    def walkthroughs(self, procedure: str, estate: str) -> list[Path]:
        """The described cases of a procedure at an estate, by file name; the highest layer wins."""
        found = {name: path for one in self._entry_of(estate, procedure).surveys for name, path in one.walkthroughs.items()}
        return [found[name] for name in sorted(found)]

    def mark(self, estate: str, procedure: str, file: str, *path: str | int) -> Mark:
        """Where a value of a merged file was said: `mark("jade", "move_in", "fee_schedule.yaml", "fees",
        0)`."""
        where: PathTuple = path
        return self.assembly(estate, procedure).mark(file, where)

    def assembly(self, estate: str, procedure: str, kind: Kind = ()) -> Assembly:
        """The procedure as the estate has it, with the place of every value; NotFound when it is not offered there."""
        return self._assembly_of(self._entry_of(estate, procedure), kind)

    def changed(self, before: Library) -> list[tuple[str, str]]:
        """(estate, procedure) of everything that is not as it was."""
        return [key for key, entry in self._entries.items()
                if (known := before._entries.get(key)) is None or not (entry is known or entry.same_as(known))]

    def _entry_of(self, estate: str, procedure: str) -> Entry:
        try:
            return self._entries[estate, procedure]
        except KeyError:
            raise NotFound(f"项目 `{estate}` 不办理 `{procedure}` (not offered here)") from None


def _kept(shelf: OrderedDict[K, V], key: K, make: Callable[[], V]) -> V:
    """What stands on the shelf under `key`, made when it is not there; what was not asked for longest is put away."""
    try:
        shelf.move_to_end(key)
        return shelf[key]
    except KeyError:
        pass
    found = shelf[key] = make()
    while len(shelf) > MOST_ASSEMBLED:
        with suppress(KeyError):  # another thread puts away as well
            shelf.popitem(last=False)
    return found


def _checked(assembly: Assembly, around: Surroundings) -> list[DefinitionError]:
    return assembly.problems or check_procedure(assembly, around)


def _agreed(found: Sequence[list[DefinitionError]]) -> list[DefinitionError]:
    """The mistakes of all kinds of unit; what one of them uses is not unused."""
    unused = [{(str(one.mark), one.what) for one in problems if one.number == UNUSED} for problems in found]
    everywhere = set[tuple[str, str]].intersection(*unused) if unused else set[tuple[str, str]]()
    return [one for problems in found for one in problems if one.number != UNUSED or (str(one.mark), one.what) in everywhere]


def _compared(assemblies: Mapping[str, Assembly], absent: Collection[str], judged: Collection[str]) -> list[DefinitionError]:
    sound = {name: assembly for name, assembly in assemblies.items() if not assembly.problems}
    return check_neighbours(sound, {*absent, *assemblies} - set(sound), judged)


def _once(problems: list[DefinitionError]) -> list[DefinitionError]:
    """Each mistake once: an estate repeats what its base already said at the same place."""
    return list({(str(problem.mark), problem.what): problem for problem in problems}.values())
