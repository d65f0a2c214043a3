"""A priced fee and everything that says why it is so much: the one explanation of page, paper and API.

It is made for every fee of every case, so words stand as plain pairs and lines are written as they are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from core.domain.base import Text
from core.domain.money import show

Both = dict[str, str]
"""Words as they are kept with a charge: `{"zh": …, "en": …}`."""
Data = dict[str, Any]


class Said(NamedTuple):
    """Words in both languages, as a pair."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> Said:
        return cls(text.zh, text.en or text.zh)

    @property
    def data(self) -> Both:
        return {"zh": self.zh, "en": self.en}


class Line(NamedTuple):
    """One line of an explanation: what it is, and its value in both languages."""

    name: str
    title: Said
    value: Said


_TITLES: dict[str, Both] = {
    "rule": {"zh": "计算", "en": "Rule"}, "period": {"zh": "计费期间", "en": "Period"}, "begun": {"zh": "不足整月", "en": "Month begun"},
    "start": {"zh": "起计日", "en": "Runs from"}, "version": {"zh": "执行标准", "en": "Version"},
    "date": {"zh": "计价日期", "en": "Priced on"}, "sum": {"zh": "金额", "en": "Sum"}, "source": {"zh": "依据", "en": "Source"},
    "sample": {"zh": "说明", "en": "Note"},
}
_SAMPLE = {"zh": "示例标准，请换成本项目的收费标准", "en": "A sample rate; replace it with your own"}


def _line(name: str, zh: str, en: str) -> Data:
    return {"name": name, "title": _TITLES[name], "value": {"zh": zh, "en": en}}


class PricedRow(NamedTuple):
    """One row of a table, priced: `unit_price` in 元 as written, `quantity` as entered, rounded half-up to `fen`."""

    title: Said
    unit: Said
    unit_price: str
    quantity: str
    fen: int
    sample: bool = False

    @property
    def rule(self) -> Said:
        """`30.00 元/个 × 2 = 60.00 元`."""
        per_zh, per_en = (f"/{self.unit.zh}", f"/{self.unit.en}") if self.unit.zh else ("", "")
        shown = show(self.fen)
        return Said(f"{self.unit_price} 元{per_zh} × {self.quantity} = {shown} 元",
                    f"CNY {self.unit_price}{per_en} × {self.quantity} = CNY {shown}")

    def as_data(self) -> Data:
        """The row as JSON."""
        return {"title": self.title.data, "unit": self.unit.data, "unit_price": self.unit_price,
                "quantity": self.quantity, "fen": self.fen, "sample": self.sample}


class Slice(NamedTuple):
    """One tier as far as the number reaches into it: `above` … `up_to` (empty: without end), how much lies in it, and what that
    comes to in 元, exactly; `line`: the line that says so."""

    above: str
    up_to: str
    rate: str
    quantity: str
    amount: str
    line: Data

    @classmethod
    def of(cls, above: str, up_to: str, rate: str, quantity: str, amount: str, unit: Said) -> Slice:
        """`50 – 100 吨`: `1.20 元 × 50 = 60.00 元`."""
        zh, en = f" {unit.zh}" if unit.zh else "", f" {unit.en}" if unit.en else ""
        title = ({"zh": f"{above} – {up_to}{zh}", "en": f"{above} – {up_to}{en}"} if up_to
                 else {"zh": f"{above}{zh}以上", "en": f"Above {above}{en}"})
        value = {"zh": f"{rate} 元 × {quantity} = {amount} 元", "en": f"CNY {rate} × {quantity} = CNY {amount}"}
        return cls(above, up_to, rate, quantity, amount, {"name": "tier", "title": title, "value": value})

    def as_data(self) -> Data:
        """The slice as JSON."""
        return {"above": self.above, "up_to": self.up_to, "rate": self.rate, "quantity": self.quantity, "amount": self.amount}


@dataclass(slots=True)
class Counted:
    """What a way of pricing comes to, and how: see `Priced`."""

    fen: int
    rule: Said
    unit_price: str = ""
    quantities: dict[str, str] = field(default_factory=dict)
    key: str = ""
    rows: tuple[PricedRow, ...] = ()
    slices: tuple[Slice, ...] = ()
    sample: bool = False


@dataclass(slots=True)
class Priced:
    """A priced fee and what explains it.

    `counted.quantities`: how much of each unit (`{"m2": "98.50", "month": "3"}`, a part of a month as `2 22/31`);
    `unit_price` in 元 as written, empty where there are several; `key`: the row taken from a table of amounts; `rows`, `slices`:
    what a sum over a table or over tiers consists of. `starts`/`ends`: first and last day that the sum pays for; `begun`: how
    much of the first month counts; `priced_on`: the day on which it was priced; `since`: from when the version that counts is
    in force; `chosen_from`: the name of the date that was chosen among several.
    """

    fee: str
    title: Text
    counted: Counted
    refundable: bool
    source: str
    months: int | None
    starts: date | None
    ends: date | None
    begun: str
    priced_on: date | None
    since: date | None
    chosen_from: str

    @property
    def fen(self) -> int:
        return self.counted.fen

    @property
    def rule(self) -> Said:
        return self.counted.rule

    @property
    def unit_price(self) -> str:
        return self.counted.unit_price

    @property
    def quantities(self) -> dict[str, str]:
        return self.counted.quantities

    @property
    def key(self) -> str:
        return self.counted.key

    @property
    def sample(self) -> bool:
        return self.counted.sample

    @property
    def rows(self) -> tuple[PricedRow, ...]:
        return self.counted.rows

    @property
    def slices(self) -> tuple[Slice, ...]:
        return self.counted.slices

    @property
    def lines(self) -> tuple[Line, ...]:
        """The explanation line by line, for pages and papers."""
        return tuple(Line(one["name"], Said(**one["title"]), Said(**one["value"])) for one in self.as_data()["lines"])

    def as_data(self) -> Data:
        """All of it as JSON, to be kept with the charge."""
        counted = self.counted
        starts, ends = self.starts.isoformat() if self.starts else None, self.ends.isoformat() if self.ends else None
        on, since = self.priced_on.isoformat() if self.priced_on else None, self.since.isoformat() if self.since else None
        title = self.title
        zh, en = counted.rule
        rule = {"zh": zh, "en": en}
        return {
            "fee": self.fee, "title": {"zh": title.zh, "en": title.en or title.zh}, "fen": counted.fen, "rule": rule,
            "unit_price": counted.unit_price,
            "quantities": counted.quantities, "refundable": self.refundable, "months": self.months, "key": counted.key,
            "source": self.source, "sample": counted.sample, "starts": starts, "ends": ends, "begun": self.begun, "priced_on": on,
            "since": since, "rows": [row.as_data() for row in counted.rows] if counted.rows else [],
            "slices": [part.as_data() for part in counted.slices] if counted.slices else [],
            "lines": self._lines(rule, starts, ends, on, since),
        }

    def _lines(self, rule: Both, starts: str | None, ends: str | None, on: str | None, since: str | None) -> list[Data]:
        counted = self.counted
        lines: list[Data] = [{"name": "rule", "title": _TITLES["rule"], "value": rule}]
        if counted.slices:
            lines += [part.line for part in counted.slices]
        if counted.rows:
            lines += [{"name": "row", "title": row.title.data, "value": row.rule.data} for row in counted.rows]
        if starts:
            said = f"{starts} – {ends}" if ends else starts
            lines.append(_line("period", said, said))
            if self.chosen_from:
                lines.append(_line("start", f"{starts}（{self.chosen_from}）", f"{starts} ({self.chosen_from})"))
            if self.begun and (first := self.starts):
                lines.append(_line("begun", f"{first.year} 年 {first.month} 月自 {first.day} 日起，计 {self.begun} 个月",
                                   f"The month from {starts} on counts as {self.begun}"))
        if since:
            lines.append(_line("version", f"自 {since} 起执行的标准", f"As it is from {since} on"))
        if on:
            lines.append(_line("date", on, on))
        shown = show(counted.fen)
        lines.append({"name": "sum", "title": _TITLES["sum"], "value": {"zh": f"{shown} 元", "en": f"CNY {shown}"}})
        if self.source:
            lines.append(_line("source", self.source, self.source))
        if counted.sample:
            lines.append({"name": "sample", "title": _TITLES["sample"], "value": _SAMPLE})
        return lines
