"""What a template may see: declared names only, converted when they are read.

A plain dict makes `{{ f.items }}` print a method. Here a mapping becomes a `Group`, a sequence `Rows`; an
attribute of a group is a field and nothing else, so `items`, `keys` and `copy` are ordinary field names.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docxtpl.listing import Listing
from docxtpl.richtext import RichText, RichTextParagraph

from core.documents.faults import RenderFault
from core.documents.images import Image


@dataclass(frozen=True)
class Subdocument:
    """A whole Word file put in place of a paragraph by `{{p name }}`; takes the slow, plain docxtpl way."""

    data: bytes


class Blank(str):
    """A row that pads a table: any field of it is this empty text again."""

    __slots__ = ()


BLANK = Blank()

# Classes that are handed to a template as they are.
LEAVES = frozenset(
    {
        str,
        int,
        float,
        bool,
        type(None),
        decimal.Decimal,
        dt.date,
        dt.datetime,
        dt.time,
        Image,
        RichText,
        RichTextParagraph,
        Listing,
        Subdocument,
        Blank,
    }
)


class Group:
    """A mapping whose only attributes are its keys. Equal by what is in it, as two forms are."""

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields

    def __bool__(self) -> bool:
        return bool(self.fields)

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Group):
            other = other.fields
        return isinstance(other, Mapping) and self.fields.keys() == other.keys() and all(
            shown(value) == shown(other[name]) for name, value in self.fields.items())

    __hash__ = None  # type: ignore[assignment]


class Rows:
    """A sequence: iterable, sliceable, countable. Equal to any other sequence of equal values."""

    __slots__ = ("values",)

    def __init__(self, values: list[Any] | tuple[Any, ...]) -> None:
        self.values = values

    def __iter__(self) -> Iterator[Any]:
        return map(shown, self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, value: object) -> bool:
        return any(value == one for one in self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rows | list | tuple):
            return False
        return len(self) == len(other) and all(one == shown(another) for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, place: Any) -> Any:
        found = self.values[place]
        return Rows(found) if isinstance(place, slice) else shown(found)


def shown(value: Any) -> Any:
    """`value` as a template sees it, nothing below it touched; RenderFault for objects of other kinds."""
    kind = value.__class__
    if kind in LEAVES:
        return value
    if kind is dict:
        return Group(value)
    if kind is list or kind is tuple:
        return Rows(value)
    return _unusual(value)


def _unusual(value: Any) -> Any:
    if isinstance(value, str):
        # Markup and string enums become plain text: nothing from outside may count as already escaped.
        return str.__str__(value)
    if isinstance(value, Group | Rows):
        return value
    if isinstance(value, Mapping):
        return Group(value)
    if isinstance(value, list | tuple | set | frozenset):
        return Rows(sorted(value, key=str) if isinstance(value, set | frozenset) else tuple(value))
    if isinstance(value, int | float | decimal.Decimal | dt.date | dt.time):
        return value
    raise RenderFault(f"模板不能使用 {type(value).__name__} 类的值(plain data only)", number=3202)


def names(context: Mapping[str, Any]) -> dict[str, Any]:
    """The top level of a context, ready for Jinja."""
    return {name: shown(value) for name, value in context.items()}
