"""Makes `units.xlsx` of 玉兰花园: 23 blocks, 60 entrances, 1,158 units (S3-9) and invented owners.

Run by hand: `python estates/cuiwei/jade_garden/make_units.py`. The same script makes the same file. Nobody in it
exists: identity numbers carry county codes that were never given out, phones an unused block, firms no register.

Sheet `units`, a row per unit: code, building, entrance, floor, room, area, building_type, layout, use, status.
Sheet `owners`, a row per owner of a unit: code, name, kind, id_type, id_number, phone, address, representative,
representative_id, share, since. All cells are text, floors apart.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import xlsxwriter
from stdnum.cn import ric, uscc

# (building_type, floors, entrances of each block); two units on each floor of an entrance.
BLOCKS: tuple[tuple[str, int, tuple[int, ...]], ...] = (
    ("walk_up", 6, (4, 3, 3, 3, 3, 4, 3, 3)),
    ("elevator", 11, (3, 3, 3, 3, 3, 3, 3, 2, 2, 2)),
    ("elevator", 18, (2, 2, 1, 1, 1)),
)
LAYOUTS = {
    6: (("三室两厅一卫", 96.38), ("两室两厅一卫", 82.15)),
    11: (("三室两厅两卫", 118.62), ("三室两厅一卫", 103.47)),
    18: (("四室两厅两卫", 142.06), ("三室两厅两卫", 124.80)),
}
# S3-9: show flats, units given in lieu of works, units lent to the builder; the empty ones are our number.
IDLE = (("show", 10), ("offset", 5), ("lent", 2), ("vacant", 31))
DEVELOPER = "示例市玉兰置业有限公司"

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = [
    "晓梅",
    "建国",
    "淑芬",
    "明远",
    "静怡",
    "志强",
    "丽华",
    "子涵",
    "雨桐",
    "浩然",
    "思源",
    "婉清",
    "国栋",
    "秀兰",
    "文博",
    "佳宁",
    "海燕",
    "俊杰",
    "玉珍",
    "立新",
    "雪琴",
    "宏伟",
    "欣怡",
    "永康",
    "慧敏",
    "家豪",
    "若琳",
    "德明",
    "春生",
    "诗涵",
    "凯",
    "敏",
    "磊",
    "静",
    "洋",
    "艳",
    "勇",
    "娜",
    "杰",
    "芳",
    "波",
    "颖",
    "涛",
    "琳",
    "超",
    "岚",
    "毅",
    "宁",
]
TRADES = [
    "云帆科技",
    "远山文化",
    "青禾商贸",
    "海棠设计",
    "明澈咨询",
    "松涛建材",
    "晨曦教育",
    "白鹭物流",
    "和风餐饮",
    "星野广告",
    "长河电子",
    "竹影酒店",
]
# 98 and 99 are county codes that GB/T 2260 never gave to a place.
NOWHERE = ("110198", "310198", "320199", "330199", "440398", "510199", "420198", "370299")


@dataclass(frozen=True)
class Unit:
    code: str
    building: str
    entrance: str
    floor: int
    room: str
    area: str
    building_type: str
    layout: str
    use: str
    status: str


@dataclass(frozen=True)
class Owner:
    code: str
    name: str
    kind: str
    id_type: str
    id_number: str
    phone: str
    address: str
    representative: str = ""
    representative_id: str = ""
    share: str = ""
    since: str = "2025-09-30"


def units() -> Iterator[Unit]:
    """All units in the order of blocks, entrances, floors and rooms; every one without a status yet."""
    building = 0
    for building_type, floors, blocks in BLOCKS:
        for entrances in blocks:
            building += 1
            for entrance in range(1, entrances + 1):
                for floor in range(1, floors + 1):
                    for side, (layout, area) in enumerate(LAYOUTS[floors], 1):
                        room = f"{floor}{side:02d}"
                        # Blocks of one design still differ by a few decimetres.
                        size = f"{area + building * 0.21 + entrance * 0.07:.2f}"
                        yield Unit(
                            f"{building}-{entrance}-{room}",
                            str(building),
                            str(entrance),
                            floor,
                            room,
                            size,
                            building_type,
                            layout,
                            "home",
                            "sold",
                        )


class People:
    """Invents people and firms with valid check digits; no number is given twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._phones = iter(random.sample(range(10_000), 10_000))
        self._used: set[str] = set()

    def name(self) -> str:
        return self._random.choice(FAMILY) + self._random.choice(GIVEN)

    def phone(self) -> str:
        return f"1990000{next(self._phones):04d}"

    def resident_id(self) -> str:
        while True:
            born = date(1952, 1, 1) + timedelta(days=self._random.randrange(18_600))
            body = f"{self._random.choice(NOWHERE)}{born:%Y%m%d}{self._random.randrange(1, 1000):03d}"
            number = body + ric.calc_check_digit(f"{body}0")  # it wants a whole number and ignores the last character
            if number not in self._used:
                self._used.add(number)
                return number

    def company_code(self) -> str:
        body = f"91{self._random.choice(NOWHERE)}MA" + "".join(
            self._random.choices("0123456789ACDEFGHJKLMNPQRTUWXY", k=7)
        )
        return body + uscc.calc_check_digit(body)

    def address(self) -> str:
        street = self._random.choice(("翠微路", "临江大道", "梧桐街", "荷塘路", "书院巷", "望湖路"))
        return f"示例市临江区{street} {self._random.randrange(1, 300)} 号"


def owned(plan: list[Unit], random: Random) -> tuple[list[Unit], list[Owner]]:
    """The units with their status, and who owns them."""
    people = People(random)
    keep = {"1-1-101", "3-2-501", "5-1-302", "7-3-602", "9-1-801", "12-2-1001"}
    idle = dict(
        zip(
            random.sample([unit.code for unit in plan if unit.code not in keep], sum(n for _, n in IDLE)),
            [status for status, count in IDLE for _ in range(count)],
            strict=True,
        )
    )
    firms = {"1-1-101": TRADES[0]} | dict(
        zip(
            random.sample([u.code for u in plan if u.code not in keep | set(idle)], len(TRADES) - 1),
            TRADES[1:],
            strict=True,
        )
    )
    developer_code, developer_head = people.company_code(), people.name()
    result, owners = [], []
    for unit in plan:
        status = idle.get(unit.code, "sold")
        result.append(replace(unit, status=status))
        if status != "sold":
            owners.append(
                Owner(
                    unit.code,
                    DEVELOPER,
                    "company",
                    "company_code",
                    developer_code,
                    "0000-8800-6000",
                    "示例市临江区临江大道 1 号",
                    developer_head,
                )
            )
        elif unit.code in firms:
            owners.append(
                Owner(
                    unit.code,
                    f"示例市{firms[unit.code]}有限公司",
                    "company",
                    "company_code",
                    people.company_code(),
                    people.phone(),
                    people.address(),
                    people.name(),
                    people.resident_id(),
                )
            )
        elif unit.code == "9-1-801":
            owners.append(
                Owner(unit.code, "MILLER ANNA", "person", "passport", "XA0000801", people.phone(), people.address())
            )
        else:
            owners += _residents(unit.code, people, couple=unit.code == "5-1-302" or random.random() < 0.08)
    return result, owners


def _residents(code: str, people: People, *, couple: bool) -> list[Owner]:
    names = [("林婉清" if code == "3-2-501" else people.name())]
    if couple:
        names.append(people.name())
    address = people.address()
    return [
        Owner(
            code,
            name,
            "person",
            "resident_id",
            people.resident_id(),
            people.phone(),
            address,
            share="1/2" if couple else "",
        )
        for name in names
    ]


def write(path: Path) -> tuple[int, int]:
    """Writes the workbook; the number of units and of owners."""
    random = Random(20260301)
    rows, owners = owned(list(units()), random)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False})
    book.set_properties({"title": "玉兰花园 房屋与业主(示例,人物均为虚构)", "created": datetime(2026, 3, 1)})
    head = book.add_format({"bold": True, "bg_color": "#D9E2EC", "border": 1})
    for name, kind, table in (("units", Unit, rows), ("owners", Owner, owners)):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(fields(kind)) - 1, 14)
        for column, field in enumerate(fields(kind)):
            sheet.write_string(0, column, field.name, head)
        for line, row in enumerate(table, 1):
            for column, value in enumerate(astuple(row)):
                if isinstance(value, int):
                    sheet.write_number(line, column, value)
                else:
                    sheet.write_string(line, column, value)
    book.close()
    return len(rows), len(owners)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("units.xlsx")
    made, people_made = write(target)
    print(f"{target}: {made} units, {people_made} owners")
