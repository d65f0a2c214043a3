"""Makes `units.xlsx` of 云台华府: 62 units that the walkthroughs of all procedures can use, and invented owners.

Run by hand: `python estates/cuiwei/cloud_terrace/make_units.py`. The same script makes the same file. People are invented as
at 玉兰花园, whose script this one borrows: county codes that were never given out, phones of an unused block.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import astuple, fields, replace
from datetime import datetime
from pathlib import Path
from random import Random

import xlsxwriter

from estates.cuiwei.jade_garden.make_units import Owner, People, Unit

TITLE = "云台华府 房屋与业主(示例,人物均为虚构)"
# Building, type, entrances, floors taken over; two units on each floor of an entrance.
BLOCKS: tuple[tuple[str, str, tuple[int, ...], tuple[int, ...]], ...] = (
    ("1", "elevator", (1,), (1, 2, 3)),
    ("2", "elevator", (1,), (2, 3)),
    ("3", "elevator", (2,), (4, 5, 6, 7)),
    ("5", "elevator", (1,), (2, 3, 4)),
    ("6", "walk_up", (1,), (1, 2, 3)),
    ("7", "walk_up", (1,), (1, 2, 3)),
    ("8", "walk_up", (1,), (2, 3)),
    ("9", "elevator", (1,), (8, 9)),
    ("10", "elevator", (1,), (5, 6, 7)),
    ("12", "elevator", (2,), (9, 10, 11)),
)
LAYOUTS = {
    "walk_up": (("复式四室三卫", 186.40), ("复式三室两卫", 163.75)),
    "elevator": (("三室两厅两卫", 128.50), ("两室两厅一卫", 92.30)),
}
SHOPS = 6
# Who owns the units that the walkthroughs use; all others belong to somebody invented.
FIRMS = {"1-1-101": "远山文化", "15-1-103": "白鹭物流"}
FOREIGN = {"9-1-801": ("DUBOIS CLAIRE", "XC0000801")}
NAMED = {"3-2-501": "许文博", "6-1-302": "孙若琳"}
COUPLES = {"5-1-302", "10-1-601"}
UNSOLD = {"1-1-301", "7-1-101"}
DEVELOPER = "示例市云台置业有限公司"


def units() -> Iterator[Unit]:
    """All units in the order of blocks, entrances, floors and rooms; then the shops."""
    for building, kind, entrances, floors in BLOCKS:
        for entrance in entrances:
            for floor in floors:
                for side, (layout, area) in enumerate(LAYOUTS[kind], 1):
                    room = f"{floor}{side:02d}"
                    size = f"{area + int(building) * 0.13:.2f}"
                    yield Unit(f"{building}-{entrance}-{room}", building, str(entrance), floor, room, size, kind, layout, "home", "sold")
    for side in range(1, SHOPS + 1):
        yield Unit(f"15-1-1{side:02d}", "15", "1", 1, f"1{side:02d}", f"{74 + side * 4.2:.2f}", "walk_up", "首层商铺", "shop", "sold")


def owned(plan: list[Unit], people: People) -> Iterator[tuple[Unit, list[Owner]]]:
    """Each unit with its status, and who owns it."""
    code, head = people.company_code(), people.name()
    for unit in plan:
        if unit.code in UNSOLD:
            yield replace(unit, status="vacant"), [Owner(unit.code, DEVELOPER, "company", "company_code", code, "0000-8800-6300",
                                                         "示例市临江区云台路 3 号", head)]
        else:
            yield unit, owners(unit.code, people)


def owners(code: str, people: People) -> list[Owner]:
    if code in FIRMS:
        return [Owner(code, f"示例市{FIRMS[code]}有限公司", "company", "company_code", people.company_code(), people.phone(),
                      people.address(), people.name(), people.resident_id())]
    if code in FOREIGN:
        name, number = FOREIGN[code]
        return [Owner(code, name, "person", "passport", number, people.phone(), people.address())]
    names = [NAMED.get(code) or people.name(), *([people.name()] if code in COUPLES else [])]
    address = people.address()
    return [Owner(code, name, "person", "resident_id", people.resident_id(), people.phone(), address,
                  share="1/2" if len(names) > 1 else "") for name in names]


def write(path: Path) -> tuple[int, int]:
    """Writes the workbook; the number of units and of owners."""
    pairs = list(owned(list(units()), People(Random(20260303))))
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False})
    book.set_properties({"title": TITLE, "created": datetime(2026, 3, 1)})
    head = book.add_format({"bold": True, "bg_color": "#D9E2EC", "border": 1})
    tables = (("units", Unit, [unit for unit, _ in pairs]), ("owners", Owner, [owner for _, found in pairs for owner in found]))
    for name, kind, table in tables:
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(fields(kind)) - 1, 14)
        rows = [tuple(field.name for field in fields(kind)), *(astuple(row) for row in table)]
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(line, column, cell)
                else:
                    sheet.write_string(line, column, cell, *([head] if line == 0 else []))
    book.close()
    return len(pairs), len(tables[1][2])


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("units.xlsx")
    made, people_made = write(target)
    print(f"{target}: {made} units, {people_made} owners")
