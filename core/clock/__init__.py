"""Time: clocks to read, an estate's calendar to count on, dates as people write them."""

from core.clock.calendar import Calendar, DayOff, is_published
from core.clock.clocks import Clock, FixedClock, SystemClock
from core.domain.dates import show_date, show_moment, show_time

__all__ = [
    "Calendar", "Clock", "DayOff", "FixedClock", "SystemClock", "is_published", "show_date", "show_moment",
    "show_time",
]
