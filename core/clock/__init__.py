"""Time: clocks to read, an estate's calendar to count on, lengths of time, dates as people write them."""

from core.clock.calendar import Calendar, DayOff, is_published
from core.clock.clocks import Clock, FixedClock, SystemClock
from core.clock.lengths import (
    day_end,
    day_start,
    earlier,
    is_provisional,
    later,
    opens_at,
    period_end,
    period_start,
)
from core.domain.dates import show_date, show_moment, show_time

__all__ = [
    "Calendar", "Clock", "DayOff", "FixedClock", "SystemClock", "day_end", "day_start", "earlier", "is_provisional",
    "is_published", "later", "opens_at", "period_end", "period_start", "show_date", "show_moment", "show_time",
]
