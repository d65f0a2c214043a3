"""Templates with tags put at words that stand in them, as `placements` of `documents.yaml` say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from core.definitions.assembly import Assembly
from core.definitions.files import Template
from core.definitions.findings import Findings
from core.definitions.readings import DOCUMENTS
from core.domain.documents import Documents, Placement
from core.errors import DefinitionError, TemplateRefused

Put = Callable[[bytes, Sequence[Placement]], bytes]
"""Puts the tags into the bytes of a Word file; TemplateRefused where that cannot be. The floor of documents knows how."""


def nowhere(template: bytes, placements: Sequence[Placement]) -> bytes:
    """For whoever reads definitions and prints nothing."""
    raise TemplateRefused(f"这里不能在文字处放入 {placements[0].put}")


class PlacedTemplates:
    """The templates of a library that have tags put into them, each made once."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self._made: dict[tuple[str, tuple[Placement, ...]], str] = {}
        self._bytes: dict[str, tuple[Template, bytes]] = {}

    def of(self, assembly: Assembly) -> dict[str, str]:
        """File name → SHA-256 of each template of the assembly that tags are put into; TemplateRefused."""
        return {name: self._sha256(assembly, name, wanted) for name, wanted in by_template(assembly).items()}

    def data(self, digest: str) -> bytes | None:
        """The bytes of that hash, or None where nothing was put into such a template."""
        found = self._bytes.get(digest)
        return found[1] if found else None

    def sources(self) -> dict[str, Path]:
        """Hash → file that each was made from."""
        return {digest: template.path for digest, (template, _) in self._bytes.items()}

    def made_from(self, digest: str) -> str | None:
        """The hash of the file that the template of that hash was made from."""
        found = self._bytes.get(digest)
        return found[0].sha256 if found else None

    def prepared(self, assembly: Assembly) -> list[DefinitionError]:
        """Make the templates of the assembly; the mistakes, where a placement does not name a template that is there and words
        that stand in it once."""
        findings, documents = Findings(assembly), _documents(assembly)
        findings.once(DOCUMENTS, ("placements",), (one.name for one in documents.placements))
        sound: dict[str, list[Placement]] = {}
        for at, one in enumerate(documents.placements):
            here, templates = ("placements", at), assembly.templates
            findings.known(DOCUMENTS, (*here, "template"), ("模板", "template"), one.template, templates)
            if one.template in templates:
                before = sound.setdefault(one.template, [])
                try:  # with those before it: one that is put instead of words takes them away
                    self._put(templates[one.template].path.read_bytes(), [*before, one])
                    before.append(one)
                except TemplateRefused as error:
                    said = f"{one.template}: {error.what} (no place for `{one.put}`)"
                    findings.add(DOCUMENTS, (*here, "at"), said, error.number, error.remedy)
        if not findings.problems:
            self.of(assembly)
        return findings.problems

    def _sha256(self, assembly: Assembly, name: str, wanted: tuple[Placement, ...]) -> str:
        template = assembly.templates[name]
        key = template.sha256, wanted
        if key not in self._made:
            data = self._put(template.path.read_bytes(), wanted)
            made = self._made[key] = sha256(data).hexdigest()
            self._bytes[made] = template, data
        return self._made[key]


def by_template(assembly: Assembly) -> Mapping[str, tuple[Placement, ...]]:
    """File name of a template → what is put into it."""
    found: dict[str, tuple[Placement, ...]] = {}
    for one in _documents(assembly).placements:
        found[one.template] = (*found.get(one.template, ()), one)
    return found


def _documents(assembly: Assembly) -> Documents:
    return assembly.model(DOCUMENTS, Documents) or Documents()
