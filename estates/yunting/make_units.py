"""Makes `units.xlsx` of both estates: the homes of the first batch that is handed over, and invented owners.

Run by hand: `python estates/yunting/make_units.py`. The same script makes the same files. Nobody in them exists: identity
numbers carry county codes that were never given out, phones an unused block, firms no register.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import xlsxwriter
from stdnum.cn import ric, uscc

UNITS = ("code", "building", "entrance", "floor", "room", "area", "building_type", "layout", "use", "status")
OWNERS = ("code", "name", "kind", "id_type", "id_number", "phone", "address", "representative", "representative_id", "share", "since")
# 98 and 99 are county codes that GB/T 2260 never gave to a place.
NOWHERE = ("110198", "310198", "320199", "330199", "440398", "510199", "420198", "370299")
FAMILY = "沈陆顾姚俞褚柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐"
GIVEN = ("文澜", "清和", "若谷", "亦安", "景行", "知微", "思齐", "望舒", "怀瑾", "云起", "书瑶", "念慈", "承志", "启明", "乐山", "静姝")
STREETS = ("枫林路", "荷港路", "云庭路", "西湾大道", "听松街")


@dataclass(frozen=True)
class Plan:
    """An estate: its seed, and of each building the type, the floors that are handed over, how many entrances, areas, layouts."""

    seed: int
    developer: str
    buildings: tuple[tuple[str, str, tuple[int, ...], int], ...]
    areas: tuple[float, float]
    firms: dict[str, str]
    foreigners: dict[str, str]
    couples: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    show: tuple[str, ...] = ()


PLANS = {
    "maple_grove": Plan(
        20260401, "示例市枫林地产有限公司",
        (("1", "walk_up", (1, 2, 3), 1), ("2", "walk_up", (2, 3), 1), ("3", "walk_up", (4, 5), 2), ("5", "walk_up", (1, 2, 3), 1),
         ("6", "walk_up", (1, 2), 1), ("7", "walk_up", (2, 3, 6), 1), ("8", "walk_up", (2, 3), 1), ("9", "elevator", (7, 8, 9), 1),
         ("10", "elevator", (4, 5, 6), 1), ("12", "elevator", (9, 10), 2)),
        (96.40, 82.60), {"1-1-101": "听松商贸"}, {"9-1-801": "BERG LENA"}, ("5-1-302", "12-2-902"), (), ("10-1-401", "9-1-701")),
    "lotus_wharf": Plan(
        20260402, "示例市荷港置业有限公司",
        (("1", "elevator", (1, 2, 3), 1), ("2", "elevator", (2, 3), 1), ("3", "elevator", (4, 5), 2), ("5", "elevator", (1, 2, 3), 1),
         ("6", "elevator", (1, 2), 1), ("7", "elevator", (2, 3, 6), 1), ("8", "elevator", (2, 3), 1), ("9", "elevator", (7, 8, 9), 1),
         ("10", "elevator", (4, 5, 6), 1), ("12", "elevator", (9, 10), 2)),
        (118.80, 89.50), {"1-1-101": "白鹭设计", "1-1-102": "远帆贸易"}, {"9-1-801": "BERG LENA"}, ("5-1-302", "12-2-902"),
        ("1-1-101", "1-1-102"), ("10-1-401",)),
}


class People:
    """Invents people and firms with valid check digits; no number is given twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._phones = iter(random.sample(range(1000, 9000), 400))
        self._used: set[str] = set()

    def name(self) -> str:
        return self._random.choice(FAMILY) + self._random.choice(GIVEN)

    def phone(self) -> str:
        return f"1990000{next(self._phones):04d}"

    def address(self) -> str:
        return f"示例市西湾区{self._random.choice(STREETS)} {self._random.randrange(1, 300)} 号"

    def resident_id(self) -> str:
        while True:
            born = date(1955, 1, 1) + timedelta(days=self._random.randrange(17_000))
            body = f"{self._random.choice(NOWHERE)}{born:%Y%m%d}{self._random.randrange(1, 1000):03d}"
            number = body + ric.calc_check_digit(f"{body}0")  # it wants a whole number and ignores the last character
            if number not in self._used:
                self._used.add(number)
                return number

    def company_code(self) -> str:
        body = f"91{self._random.choice(NOWHERE)}MA" + "".join(self._random.choices("0123456789ACDEFGHJKLMNPQRTUWXY", k=7))
        return body + uscc.calc_check_digit(body)


def units(plan: Plan) -> Iterator[tuple[str | int, ...]]:
    """The rows of the sheet `units`: two rooms on each floor of an entrance."""
    for building, building_type, floors, entrances in plan.buildings:
        for entrance in range(1, entrances + 1):
            for floor in floors:
                for side, area in enumerate(plan.areas, 1):
                    room = f"{floor}{side:02d}"
                    code = f"{building}-{entrance}-{room}"
                    # Blocks of one design still differ by a few decimetres.
                    size = f"{area + int(building) * 0.15 + entrance * 0.05:.2f}"
                    yield (code, building, str(entrance), floor, room, size, building_type, ("三室两厅", "两室两厅")[side - 1],
                           "shop" if code in plan.shops else "home", "show" if code in plan.show else "sold")


def owners(plan: Plan, codes: list[str]) -> Iterator[tuple[str, ...]]:
    """The rows of the sheet `owners`: people, couples, firms, a foreigner; what is not sold belongs to the developer."""
    people, since = People(Random(plan.seed)), "2025-12-20"
    developer, head = people.company_code(), people.name()
    for code in codes:
        if code in plan.show:
            yield (code, plan.developer, "company", "company_code", developer, "0000-8700-6000", "示例市西湾区西湾大道 1 号",
                   head, "", "", since)
        elif code in plan.firms:
            yield (code, f"示例市{plan.firms[code]}有限公司", "company", "company_code", people.company_code(), people.phone(),
                   people.address(), people.name(), people.resident_id(), "", since)
        elif code in plan.foreigners:
            yield (code, plan.foreigners[code], "person", "passport", "XB0000801", people.phone(), people.address(), "", "", "", since)
        else:
            address = people.address()
            for share in ("1/2", "1/2") if code in plan.couples else ("",):
                yield (code, people.name(), "person", "resident_id", people.resident_id(), people.phone(), address, "", "", share, since)


def write(path: Path, plan: Plan) -> tuple[int, int]:
    """Writes the workbook; the number of units and of owners."""
    rows = list(units(plan))
    holders = list(owners(plan, [str(row[0]) for row in rows]))
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False})
    book.set_properties({"title": "房屋与业主（示例，人物均为虚构）", "created": datetime(2026, 3, 1)})
    head = book.add_format({"bold": True, "bg_color": "#D9E2EC", "border": 1})
    for name, columns, table in (("units", UNITS, rows), ("owners", OWNERS, holders)):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(columns) - 1, 14)
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column, head)
        for line, row in enumerate(table, 1):
            for at, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(line, at, cell)
                else:
                    sheet.write_string(line, at, cell)
    book.close()
    return len(rows), len(holders)


if __name__ == "__main__":
    for estate, plan in PLANS.items():
        target = Path(__file__).parent / estate / "units.xlsx"
        print(f"{target}: {write(target, plan)}")
