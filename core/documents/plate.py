"""A printing plate: everything that rendering needs of a compiled template, and nothing else.

Plain data and code objects: small in memory, and quick to read back from the disk (`shelf`). What only
explanations, checks and stamps need (sources, members of the Word file) is drawn up anew from the template.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from types import CodeType

from core.documents import archive
from core.documents.blueprint import Blueprint
from core.documents.package import rels_of

# Formats that are compressed already: pressing them again costs time and saves nothing.
_PRESSED = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True, slots=True)
class PlatePart:
    """One part that changes: its code; `hollows`: a condition may empty a cell of it; `mend_grid`: a loop may change its
    columns; `own_prefixes`: elements in it declare prefixes of their own; `variables`: the dotted names it uses; `rels`: its
    relationships as they were."""

    name: str
    code: CodeType
    word: bool
    mend_grid: bool
    hollows: bool
    own_prefixes: bool
    variables: tuple[str, ...]
    rels: bytes | None


@dataclass(frozen=True, slots=True)
class Plate:
    """`still`: the members that never change, deflated; `rels`: those of the parts, until a picture is added.

    `media`, `relation`: beginnings of names that no picture and no relationship of the template has.
    """

    parts: tuple[PlatePart, ...]
    still: archive.Stem
    rels: tuple[archive.Member, ...]
    media: str
    relation: str
    uses_subdocuments: bool

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self.still.body) + 20 * sum(len(part.code.co_code) for part in self.parts) + 20_000


def cut(blueprint: Blueprint) -> Plate:
    """The plate of a blueprint."""
    package, members = blueprint.package, blueprint.package.members
    parts = tuple(
        PlatePart(part.name, part.code, part.word, part.mend_grid, part.hollows, part.own_prefixes,
                  tuple(sorted({use.path for use in part.uses})), members.get(rels_of(part.name)))
        for part in blueprint.parts
    )
    changing = {part.name for part in parts} | {rels_of(part.name) for part in parts}
    return Plate(
        parts,
        archive.laid_out(
            archive.packed(name, data, 0 if name.lower().endswith(_PRESSED) else 9)
            for name, data in members.items()
            if name not in changing
        ),
        tuple(archive.packed(name, members[name]) for name in sorted(changing) if name.endswith(".rels") and name in members),
        _free("word/media/shouxu", [name.lower() for name in members]),
        _free("rIdShouxu", [relation.id for part in parts for relation in package.relations(part.name)]),
        blueprint.uses_subdocuments,
    )


def _free(prefix: str, taken: Sequence[str]) -> str:
    """`prefix`, made longer until no taken name begins with it: a template may be an earlier document."""
    while any(name.startswith(prefix) for name in taken):
        prefix += "_"
    return prefix


def dumped(plate: Plate) -> bytes:
    """The plate as bytes, for this version of Python only."""
    return marshal.dumps(astuple(plate))


def loaded(data: bytes) -> Plate:
    """The plate that `dumped` wrote; ValueError, TypeError or EOFError for anything else. Never for bytes from outside."""
    parts, still, rels, *others = marshal.loads(data)
    return Plate(tuple(PlatePart(*part) for part in parts), archive.Stem(*still),
                 tuple(archive.Member(*member) for member in rels), *others)
