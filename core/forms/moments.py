"""Field types of time: date, time, date with time; values are ISO 8601 text in the estate's local time."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from core.domain.base import Text
from core.domain.dates import show_date
from core.domain.forms import Field
from core.forms.field_type import Context, FieldType, Wrong
from core.forms.messages import say

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LOOSE_DATE = re.compile(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?", re.ASCII)
_TIME = re.compile(r"([0-9]{1,2})[:：]([0-9]{2})(?::00)?", re.ASCII)


def _parse_date(text: str) -> date | None:
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
        found = _LOOSE_DATE.fullmatch(text)
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _parse_time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    try:
        return time(int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None


class _Moment(FieldType):
    longest = 40

    def validate(self, value: str, field: Field, context: Context) -> list[Text]:
        # ISO texts of one kind sort as the moments do
        if field.min is not None and value < str(field.min):
            return [say("earlier", least=self._limit(field.min, field))]
        if field.max is not None and value > str(field.max):
            return [say("later", most=self._limit(field.max, field))]
        return []

    def _limit(self, limit: Any, field: Field) -> Text:
        return Text(zh=self.show(str(limit), field), en=self.show(str(limit), field, "en"))

    def mask(self, value: Any) -> str:
        return "****"


class DateType(_Moment):
    """A date, as `2026-03-01`; also understood: 2026/3/1, 2026年3月1日."""

    name = "date"
    title = Text(zh="日期", en="Date")
    widget = "date"

    def parse(self, text: str, field: Field) -> str:
        day = _parse_date(text)
        if day is None or day.year < 1900:
            raise Wrong(say("date"))
        return day.isoformat()

    def show(self, value: str, field: Field, locale: str = "zh_CN") -> str:
        day = _parse_date(value)
        return show_date(day, locale) if day else value

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class TimeType(_Moment):
    """A time of day in 24 hours, as `09:30`."""

    name = "time"
    title = Text(zh="时间", en="Time")
    widget = "time"

    def parse(self, text: str, field: Field) -> str:
        moment = _parse_time(text)
        if moment is None:
            raise Wrong(say("time"))
        return moment.isoformat("minutes")

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^([01]?[0-9]|2[0-3]):[0-5][0-9](:00)?$"}


class DateTimeType(_Moment):
    """A date with a time, as `2026-03-01T09:30`, in the estate's local time."""

    name = "datetime"
    title = Text(zh="日期时间", en="Date and time")
    widget = "datetime-local"

    def parse(self, text: str, field: Field) -> str:
        day, _, clock = text.replace("T", " ").partition(" ")
        parsed, moment = _parse_date(day), _parse_time(clock.strip())
        if parsed is None or moment is None or parsed.year < 1900:
            raise Wrong(say("datetime"))
        return datetime.combine(parsed, moment).isoformat(timespec="minutes")

    def show(self, value: str, field: Field, locale: str = "zh_CN") -> str:
        day, _, clock = value.partition("T")
        parsed = _parse_date(day)
        return f"{show_date(parsed, locale)} {clock}".rstrip() if parsed else value

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}
