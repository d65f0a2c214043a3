"""The filters that every template has; plugins add their own by name (`capitals`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from jinja2 import Undefined

from core.documents.context import BLANK, Blank, Rows
from core.documents.faults import RenderFault
from core.documents.printing import MAX_TEXT, plain
from core.documents.row_filters import ROW_FILTERS, field, reverse, rows_of

MAX_NUMBER = 10**30


def known(value: Any) -> Any:
    """The value itself; UndefinedError with its name where there is none."""
    if isinstance(value, Undefined):
        str(value)  # StrictUndefined raises
    return value


def _decimal(value: Any) -> Decimal:
    try:
        number = Decimal(str(known(value)).replace(",", ""))
    except InvalidOperation:
        raise RenderFault(f"「{value}」不是数字", number=3205) from None
    if not number.is_finite() or abs(number) > MAX_NUMBER:
        raise RenderFault(f"「{value}」不是可用的数字", number=3205)
    return number


def money(value: Any) -> str:
    """`1234.5` → `1,234.50`, half up to 分; empty stays empty."""
    if value is None or value == "":
        return ""
    return f"{_decimal(value).quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"


def _moment(value: Any) -> dt.date | dt.datetime:
    if isinstance(value, dt.date):
        return value
    try:
        text = str(known(value))
        return dt.date.fromisoformat(text) if len(text) <= 10 else dt.datetime.fromisoformat(text)
    except ValueError:
        raise RenderFault(f"「{value}」不是日期", number=3205) from None


def date(value: Any) -> str:
    """`2026-03-01` → `2026年3月1日`; empty stays empty."""
    if value is None or value == "":
        return ""
    day = _moment(value)
    return f"{day.year}年{day.month}月{day.day}日"


def datetime(value: Any) -> str:
    """`2026-03-01T09:05` → `2026年3月1日 09:05`, in the zone it was given in; empty stays empty."""
    if value is None or value == "":
        return ""
    moment = _moment(value)
    return date(moment) + (f" {moment:%H:%M}" if isinstance(moment, dt.datetime) else "")


def default(value: Any, otherwise: Any = "", boolean: bool = False) -> Any:
    """`otherwise` for what is missing or empty."""
    return (
        otherwise
        if isinstance(value, Undefined | Blank) or value is None or value == "" or (boolean and not value)
        else value
    )


def optional(value: Any) -> Any:
    """Nothing for what is missing."""
    return "" if isinstance(value, Undefined) or value is None else value


def join(value: Any, between: str = "、", attribute: str | None = None) -> str:
    """The values, or one field of each row, with `between` between them."""
    if isinstance(known(value), str):
        raise RenderFault("join 只用于多行", number=3205)
    pieces = [plain(field(row, attribute)) for row in rows_of(value, "join")]
    between = plain(between)
    # Counted before it is made: two long texts multiply.
    if sum(map(len, pieces)) + len(between) * len(pieces) > MAX_TEXT:
        raise RenderFault("文字过长", number=3205)
    return between.join(pieces)


def rounded(value: Any, places: int = 0) -> Decimal:
    """Half up to `places` decimals."""
    return _decimal(value).quantize(Decimal(1).scaleb(-min(max(places, 0), 12)), ROUND_HALF_UP)


def at_least(value: Any, count: int) -> Rows:
    """The rows, followed by blank ones up to `count`, for paper tables of fixed height."""
    rows = list(rows_of(value or None, "at_least"))
    return Rows(rows + [BLANK] * (min(count, 1000) - len(rows)))


def total(value: Any, attribute: str | None = None) -> Decimal:
    """The sum of numbers, or of one field of each row; empty counts as nothing."""
    found = [field(row, attribute) for row in rows_of(value, "sum")]
    return sum((_decimal(number) for number in found if number not in (None, "")), Decimal(0))


def tick(value: Any, wanted: Any = None) -> str:
    """☑ or ☐: whether `value` is true; with `wanted`, whether it is that choice or holds it."""
    known(value)
    if wanted is not None:
        value = wanted in value if isinstance(value, Rows | list | tuple) else value == wanted
    return "☑" if value else "☐"


def replace(value: Any, old: str, new: str, count: int = -1) -> str:
    """The text with `old` replaced by `new`, the first `count` times or each time."""
    text, old, new = plain(known(value)), plain(old), plain(new)
    # Counted before it is made: a short word may stand a million times.
    if len(text) + text.count(old) * max(len(new) - len(old), 0) > MAX_TEXT:
        raise RenderFault("文字过长", number=3205)
    return text.replace(old, new, count if count is not None else -1)


def _length(value: Any) -> int:
    return len(known(value)) if isinstance(value, str) else len(rows_of(value, "length"))


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money,
    "date": date,
    "datetime": datetime,
    "default": default,
    "d": default,
    "optional": optional,
    "join": join,
    "length": _length,
    "count": _length,
    "replace": replace,
    "wordcount": lambda value: len(plain(known(value)).split()),
    "round": rounded,
    "at_least": at_least,
    "sum": total,
    "tick": tick,
    "upper": lambda value: plain(value).upper(),
    "lower": lambda value: plain(value).lower(),
    "title": lambda value: plain(value).title(),
    "capitalize": lambda value: plain(value).capitalize(),
    "trim": lambda value: plain(value).strip(),
    "first": lambda value: next(iter(rows_of(value, "first")), None),
    "last": lambda value: next(iter(reverse(rows_of(value, "last"))), None),
    "int": lambda value: int(_decimal(value)),
    "abs": lambda value: abs(_decimal(value)),
    "float": lambda value: float(_decimal(value)),
    "string": plain,
    # everything is escaped when it is printed, once
    "escape": lambda value: value,
    "e": lambda value: value,
    **ROW_FILTERS,
}
