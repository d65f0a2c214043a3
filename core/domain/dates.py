"""Dates as Chinese papers and English pages write them."""

from __future__ import annotations

from datetime import date, datetime, time

_MONTHS = ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December")


def show_date(day: date, locale: str = "zh_CN") -> str:
    """`2026年3月1日`; in English `1 March 2026`."""
    if locale.startswith("en"):
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def show_time(moment: time | datetime) -> str:
    """24 hours: `09:05`."""
    return f"{moment.hour:02d}:{moment.minute:02d}"


def show_moment(moment: datetime, locale: str = "zh_CN") -> str:
    """Date and time in the time zone that `moment` carries: `2026年3月1日 09:05`."""
    return f"{show_date(moment.date(), locale)} {show_time(moment)}"
