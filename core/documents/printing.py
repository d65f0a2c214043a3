"""How a value is put on paper: exact text, pictures, rich text, each by the place it stands in."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from docxtpl.listing import Listing
from docxtpl.richtext import RichText, RichTextParagraph
from jinja2 import StrictUndefined, Undefined
from jinja2.runtime import LoopContext
from markupsafe import Markup

from core.documents.context import Blank, Group, Rows, Subdocument
from core.documents.exact import attribute, escaped, marked
from core.documents.faults import RenderFault
from core.documents.images import Image

MAX_TEXT = 1_000_000

# Where the picture of the moment goes: each thread renders one part at a time.
press = threading.local()


class NeedsPlainWay(BaseException):
    """A sub-document came to be printed, which only docxtpl itself can place."""


class Missing(StrictUndefined):
    """A name that the context does not have: printing, testing or reading it is an error."""

    __slots__ = ()


def plain(value: Any) -> str:
    """The text of one value, not yet escaped: None and missing optional rows are empty, yes/no is 是/否."""
    kind = value.__class__
    if kind is str:
        return value
    if kind is int:
        return str(value)
    if value is None or kind is Blank:
        return ""
    if kind is bool:
        return "是" if value else "否"
    if kind is Decimal:
        return format(value, "f")
    if kind is Rows:
        return "、".join(map(plain, value))
    if kind is list or kind is tuple:  # written down in the template itself
        return plain(Rows(value))
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Undefined | int | float | Decimal | dt.date | dt.time):
        return str(value)
    raise RenderFault(f"{named(value)}不能直接打印，请写出其中的字段", number=3202)


def named(value: Any) -> str:
    """What a value is, for somebody who knows Word and not Python."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "这样的值")


_KINDS: tuple[tuple[Any, str], ...] = (
    (Group | dict, "一组字段"),
    (Rows | list | tuple, "多行"),
    (bool, "是否"),
    (int | float | Decimal, "数字"),
    (str, "文字"),
    (dt.date | dt.time, "日期"),
    (Image, "图片"),
    (RichText | RichTextParagraph | Listing, "带格式的文字"),
    (Subdocument, "子文档"),
    (LoopContext, "循环变量"),
    (type(None), "空值"),
)


def printed(value: Any) -> str:
    """What `{{ value }}` puts inside a `<w:t>`."""
    kind = value.__class__
    if kind is str:
        # one C call settles most Chinese names, numbers and words
        return value if value.isalnum() else escaped(value)
    if kind is int:
        return str(value)
    if kind is Markup:
        return value
    if kind is Image:
        return f'</w:t></w:r><w:r>{press.sheet.place(value)}</w:r><w:r><w:t xml:space="preserve">'
    if kind is RichText or kind is Listing or kind is RichTextParagraph:
        press.sheet.brought_xml = True
        return marked(value.xml)
    if kind is Subdocument:
        return press.sheet.include(value)
    return escaped(plain(value))


def printed_run(value: Any) -> Markup:
    """What `{{r value}}` puts between runs."""
    if value is None or value == "":
        return Markup("")
    if value.__class__ is Image:
        return Markup(f"<w:r>{press.sheet.place(value)}</w:r>")
    if value.__class__ is RichText or value.__class__ is Markup:
        return Markup(printed(value))
    return Markup(f'<w:r><w:t xml:space="preserve">{printed(value)}</w:t></w:r>')


def printed_block(value: Any) -> Markup:
    """What `{{p value}}` puts between paragraphs."""
    if value.__class__ in (RichTextParagraph, Subdocument, Markup):
        return Markup(printed(value))
    return Markup(f"<w:p>{printed_run(value)}</w:p>") if value not in (None, "") else Markup("")


def printed_attribute(value: Any) -> Markup:
    """What an expression gives inside an XML attribute or a property: text only."""
    return Markup(attribute(plain(value)))


def joined(pieces: Any) -> str:
    """`a ~ b`: text, bounded."""
    pieces = list(pieces)
    if any(hasattr(piece, "__html__") for piece in pieces if not isinstance(piece, Undefined)):
        return Markup(bounded("".join(map(printed, pieces))))
    return bounded("".join(map(plain, pieces)))


def bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise RenderFault("文字过长", number=3205)
    return text


# Names that no template can spell, put around expressions by where they stand.
PLACES: dict[str, Callable[..., Any]] = {
    "@run": printed_run,
    "@block": printed_block,
    "@attribute": printed_attribute,
}
