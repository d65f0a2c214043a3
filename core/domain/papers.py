"""What people must bring (required documents) and what is looked at (checklists)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field as Key

from core.domain.base import Frozen, Name, Named, Names, Rule, Words, _listed

Evidence = Literal["original_seen", "copy_kept", "original_kept", "photo_kept"]


class RequiredDocument(Named):
    """One paper that somebody must bring.

    `evidence`: what the clerk must tick, all of it; `alternatives`: names of papers of the same set that
    satisfy this one too; `count`: how many pieces; `waive`: roles that may waive it, with a reason.
    """

    evidence: Annotated[
        tuple[Evidence, ...], BeforeValidator(_listed, json_schema_input_type=Evidence | tuple[Evidence, ...])
    ] = ("original_seen",)
    when: Rule | None = None
    count: int = Key(default=1, ge=1, le=99)
    alternatives: Names = ()
    waive: Names = ()
    upload: bool = Key(default=False, description="A scan or photo must be attached.")
    optional: bool = False
    help: Words | None = None


class RequiredDocumentSet(Named):
    """The papers of one step, by name."""

    items: tuple[RequiredDocument, ...]


class ChecklistItem(Named):
    """One thing to look at. Items of the same `group` (a room, a head) stand together."""

    group: Words | None = None
    when: Rule | None = None
    hint: Words | None = None


class Checklist(Named):
    """Items with a result each; failed items stay open until a later round passes them.

    `results`: the scale; `failed`: results that keep an item open;
    `note_on`/`photo_on`: results that need a note or a photo.
    """

    items: tuple[ChecklistItem, ...]
    results: tuple[Name, ...] = ("passed", "failed", "not_applicable")
    failed: Names = ("failed",)
    note_on: Names = ("failed",)
    photo_on: Names = ()


class RequiredDocuments(Frozen):
    """The file `required_documents.yaml`."""

    required_documents: tuple[RequiredDocumentSet, ...] = ()


class Checklists(Frozen):
    """The file `checklists.yaml`."""

    checklists: tuple[Checklist, ...] = ()
