"""Values of facts in words: as people type them, as they are stored, as they are shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from core.cases.desk import Desk
from core.clock import show_date
from core.domain.facts import Fact
from core.domain.money import GREATEST_FEN, fen, show
from core.domain.text import printable
from core.domain.timing import Length
from core.errors import FieldProblem, InvalidInput, MoneyRefused

MOST_TEXT = 200
CONFIRMED, IMPORT, API, HOOK = "confirmed", "import", "api", "hook"
"""Origins of what the outside says; `case:<id>` is what a case says."""


def plain_name(said: str) -> str:
    """The fact's own name: `unit.arrears_fen` is `arrears_fen`."""
    return said.rpartition(".")[2]


def fits(fact: Fact, value: Any) -> bool:
    """Whether a JSON value is of the fact's type."""
    if fact.type == "date":
        return isinstance(value, str) and day_of(value) is not None
    wanted = {"integer": int, "yes_no": bool, "text": str}[fact.type]
    return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))


def day_of(text: str) -> date | None:
    """The date of `2026-03-01`; None for anything else."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def checked(desk: Desk, fact: Fact, value: Any, field: str = "value") -> Any:
    """`value` as it is stored; InvalidInput at `field`, which says what is wanted."""
    plain: Any = as_stored(value)
    if not fits(fact, plain):
        raise InvalidInput([FieldProblem(field, wanted(desk, fact))])
    if fact.type == "integer" and not 0 <= plain <= GREATEST_FEN:
        least = desk.tr("应为不小于 0 的数；没有时填 0", "must not be less than 0; 0 when there is none")
        raise InvalidInput([FieldProblem(field, least)])
    if fact.type == "text":
        plain = printable(plain.strip(), field)
        if not 0 < len(plain) <= MOST_TEXT:
            raise InvalidInput([FieldProblem(field, desk.tr(f"请填写 1 至 {MOST_TEXT} 个字", f"Write 1 to {MOST_TEXT} letters"))])
    return plain


def as_stored(value: Any) -> Any:
    """A date as ISO text; everything else as it is."""
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def from_text(desk: Desk, fact: Fact, text: str, field: str = "value") -> Any:
    """What somebody typed for a fact, in the words of pages and spreadsheets, as it is stored: money in 元, `是` or `否`, a date
    like 2026-03-01. InvalidInput at `field`."""
    said = text.strip()
    value: Any = said
    if fact.type == "yes_no":
        value = {"是": True, "yes": True, "true": True, "否": False, "no": False, "false": False}.get(said.lower())
    elif fact.type == "integer" and is_money(fact):
        value = _fen(said)
    elif fact.type == "integer":
        value = _whole(said)
    return checked(desk, fact, value, field)


def is_money(fact: Fact) -> bool:
    """Whether the fact is money in 分."""
    return fact.type == "integer" and fact.name.endswith("_fen")


def _fen(said: str) -> int | None:
    """Money in 元 with at most two places as 分; None for anything else."""
    plain = said.replace(",", "").replace("，", "").replace(" ", "")
    places = len(plain.partition(".")[2])
    if not plain.isascii() or not plain.lstrip("-").replace(".", "", 1).isdigit() or places > 2:
        return None
    try:
        return fen(plain)
    except MoneyRefused:
        return None


def _whole(said: str) -> int | None:
    digits = said.removeprefix("-")
    return int(said) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def wanted(desk: Desk, fact: Fact) -> str:
    """What a value of the fact looks like, for the message at a field."""
    if is_money(fact):
        return desk.tr("请填写金额（元），最多两位小数，如 3276.00", "An amount in CNY with at most two places, like 3276.00")
    return {"integer": desk.tr("请填写整数，如 0", "A whole number, like 0"), "yes_no": desk.tr("请填写是或否", "yes or no"),
            "text": desk.tr("请填写文字", "Text"), "date": desk.tr("请填写日期，如 2026-03-01", "A date like 2026-03-01")}[fact.type]


def shown(fact: Fact, value: Any, locale: str = "zh_CN") -> str:
    """A value for people: `3,276.00 元`, `是`, `2026年3月1日`; empty while unknown."""
    english = locale.startswith("en")
    if value is None:
        return ""
    if fact.type == "yes_no":
        return ("Yes" if value else "No") if english else ("是" if value else "否")
    if fact.type == "date":
        day = day_of(value) if isinstance(value, str) else value
        return show_date(day, locale) if day else ""
    if is_money(fact):
        return f"CNY {show(value)}" if english else f"{show(value)} 元"
    return str(value)


def age_said(length: Length | None, locale: str) -> str:
    """How old a fact may be, in words: `当天`, `不超过 7 天`."""
    english = locale.startswith("en")
    if length is None or length.same_day or length.days == 0:
        return "of today" if english else "当天"
    words = {"minutes": ("分钟", "minutes"), "hours": ("小时", "hours"), "days": ("天", "days"),
             "working_days": ("个工作日", "working days"), "months": ("个月", "months")}
    unit = length.units[0]
    count, (zh, en) = getattr(length, unit), words[unit]
    return f"not older than {count} {en}" if english else f"不超过 {count} {zh}"


def origin_said(desk: Desk, origin: str) -> str:
    """Where a fact comes from, in words."""
    if origin.startswith("case:"):
        return desk.tr("本系统办件", "cases of Shouxu")
    words = {IMPORT: ("表格导入", "spreadsheet"), API: ("接口写入", "API"), CONFIRMED: ("人工确认", "confirmed by hand"),
             HOOK: ("插件", "plugin")}
    return desk.tr(*words[origin]) if origin in words else origin
