"""What is issued: documents with their template, copies, signers and series of numbers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field as Key

from core.domain.base import Frozen, Name, Named, Names, Rule, Words

SigningWay = Literal["tablet", "paper", "either"]


class Copy(Frozen):
    """One copy (联) of a document and where it goes."""

    name: Name
    title: Words
    to: Words | None = None


def _copies(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        marks = "一二三四五六七八九十"
        if not 1 <= value <= len(marks):
            raise ValueError("份数写 1 到 10 (copies: 1 to 10)")
        return [{"name": f"copy_{at}", "title": {"zh": f"第{mark}份", "en": f"Copy {at}"}}
                for at, mark in enumerate(marks[:value], start=1)]
    return value


class Signing(Frozen):
    """Who signs: parties of the case and roles of the staff, in any order or as listed (parties first)."""

    parties: Names = ()
    roles: Names = ()
    order: Literal["any", "listed"] = "any"


class Document(Named):
    """A paper that a step issues.

    `template`: file in document_templates/<procedure>/; `series`: numbered from this series, else by case;
    `seal`: whether the company seal is put on the PDF; `signing`: tablet, paper or either.
    """

    template: str = Key(pattern=r"^[a-z0-9_]+\.docx$")
    code: str = ""
    series: Name | None = None
    copies: Annotated[tuple[Copy, ...], BeforeValidator(_copies, json_schema_input_type=int | tuple[Copy, ...])] = Key(
        default=(Copy.model_validate({"name": "copy_1", "title": {"zh": "第一份", "en": "Copy 1"}}),), min_length=1)
    sign: Signing = Signing()
    signing: SigningWay = "either"
    seal: bool = True
    seal_text: Words | None = None
    when: Rule | None = None
    optional: bool = False
    packet: int = Key(default=50, description="Place in the packet; lower comes first.")


class Series(Named):
    """A gapless run of numbers.

    `pattern`: how a number is written: `{number:05d}`, `{estate}-{year}-{number:04d}`; `book`: sets per book;
    `stock`: numbers must be requisitioned before use; `restart`: whether it starts again each year. Source: S2-b §1.2.
    """

    pattern: str = "{number:05d}"
    first: int = Key(default=1, ge=0)
    book: int | None = Key(default=None, ge=1, le=1000)
    stock: bool = False
    restart: Literal["never", "year"] = "never"


class Placement(Frozen):
    """Something printed at words of a template that has no tag for it: a form that may not be changed.

    `at`: the words that stand there, blanks and width of brackets aside; `put`: what a tag would say between its braces
    (`signatures.owner.ink`); `where`: after the words, before them, or instead of them; `which`: of several such places, from 1.
    """

    name: Name
    template: str = Key(pattern=r"^[a-z0-9_]+\.docx$")
    at: str = Key(min_length=1, max_length=100)
    put: str = Key(min_length=1, max_length=200, pattern=r"^[^{}]+$")
    where: Literal["after", "before", "instead"] = "after"
    which: int | None = Key(default=None, ge=1)


class Documents(Frozen):
    """The file `documents.yaml`."""

    documents: tuple[Document, ...] = ()
    series: tuple[Series, ...] = ()
    placements: tuple[Placement, ...] = ()


class Clause(Frozen):
    """A passage of a document that an estate may reword without touching the template."""

    name: Name
    text: Words
    source: str = ""


class Texts(Frozen):
    """The file `texts.yaml`; a template prints a clause as `{{ texts.NAME }}`."""

    texts: tuple[Clause, ...] = ()
