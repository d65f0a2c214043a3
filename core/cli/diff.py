"""`shouxu diff`: what an estate changed, each value beside the one it replaces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from core.cli.commands import Command, json_option

if TYPE_CHECKING:
    from core.definitions.differing import Difference, Said
    from core.definitions.library import Library

CHANGES = {"changed": ("改", "yellow"), "added": ("增", "green"), "removed": ("删", "red"), "moved": ("移", "cyan"),
           "same": ("同", "dim"), "replaced": ("换", "yellow")}
LAYERS = {"plugin": "标准", "overlay": "插件", "company": "公司", "estate": "项目", "": ""}
SIGNS = "  ".join(f"{sign} {said}" for sign, said in (("改", "值不同"), ("增", "新增"), ("删", "去掉"), ("移", "换了位置"),
                                                     ("换", "换了文件"), ("同", "写了，但与标准相同")))


@click.command(cls=Command, example="shouxu diff jade_garden")
@click.argument("estate")
@click.argument("other", required=False)
@click.option("--procedure", metavar="NAME", help="Of this procedure only.")
@json_option
def diff(estate: str, other: str | None, procedure: str | None, as_json: bool) -> None:
    """Show what an estate changed, beside what it was.

    Every value that the company or the estate says otherwise than the procedure itself: where, the value below with file and
    line, its own value with file and line, and the source of the rule. With OTHER: how that estate differs from ESTATE.
    What differs by building, type, use, layout or kind of owner is shown for each. Nothing is changed.
    """
    from core.cases.definitions import load_definitions
    from core.cli.installation import bare_settings
    from core.cli.terminal import show_json
    from core.definitions.difference_words import words
    from core.definitions.differing import differences

    plugins, library = load_definitions(bare_settings())
    found = [one for one in differences(library, plugins.overlays, estate, other) if procedure in (None, one.procedure)]
    if as_json:
        show_json({"estate": estate, "other": other, "differences": [one.as_data() | {"words": words(one)} for one in found]})
    else:
        _show(library, estate, other, found)


def _show(library: Library, estate: str, other: str | None, found: Sequence[Difference]) -> None:
    from core.cli.terminal import console, say

    title = library.estate(estate).estate.title.zh
    heads = ("标准", title) if other is None else (title, library.estate(other).estate.title.zh)
    if not found:
        say(f"{title}（{estate}）没有改动，全部沿用标准。" if other is None else f"{heads[0]}与{heads[1]}没有不同。", "green")
        return
    for name, rows in groupby(found, key=lambda one: one.procedure):
        say(_heading(library, name), "bold")
        for file, inner in groupby(rows, key=lambda one: one.file):
            inner = list(inner)
            say(f"  {_file_heading(file)}", "bold cyan")
            for place in _places(inner):
                say(f"  {place}", "dim")
            console().print(_table(heads, inner))
            console().print()
    many = len({one.procedure for one in found if one.procedure})
    said = f"共 {len(found)} 处" + (f"，涉及 {many} 项手续" if many else "")
    say(f"{said}。  {SIGNS}", "dim")


def _heading(library: Library, procedure: str) -> str:
    if procedure not in library.sources:
        return "项目本身"
    estate = next((name for name in library.estates if procedure in library.procedures(name)), "")
    title = library.bundle(estate, procedure).procedure.title.zh if estate else ""
    return f"{title} {procedure}".strip()


def _file_heading(file: str) -> str:
    from core.definitions.difference_words import file_words

    said = file_words(file)
    return said if file.partition("/")[2] else f"{said}  {file}"


def _places(rows: Sequence[Difference]) -> list[str]:
    """The files that the lines named in the table are of."""
    found = {f"{LAYERS[said.layer]}  {said.mark.file}": None for one in rows for said in (one.base, one.own) if said is not None}
    return sorted(found, key=lambda place: [*LAYERS.values()].index(place.partition("  ")[0]))


def _table(heads: tuple[str, str], rows: Sequence[Difference]) -> Any:
    from rich.table import Table
    from rich.text import Text

    from core.definitions.difference_words import units, words_inside

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 2), expand=False)
    for head, wide in (("", 2), ("改动", 24), (heads[0], 20), (heads[1], 20)):
        table.add_column(head, overflow="fold", min_width=wide)
    before = ""
    for one in rows:
        sign, style = CHANGES[one.change]
        where = Text(words_inside(one) or "整个文件")
        if one.by:
            where.append(f"\n{units(one)}", style="cyan")
        if one.source and one.source != before:
            where.append(f"\n{one.source}", style="dim")
        before = one.source
        table.add_row(Text(sign, style=style), where, _cell(one, one.base), _cell(one, one.own, style))
    return table


def _cell(one: Difference, said: Said | None, style: str = "") -> Any:
    from rich.text import Text

    from core.definitions.difference_words import value_words

    cell = Text(value_words(said, one.change), style=style)
    if said is not None:
        whole = one.change == "replaced" or not said.mark.file.endswith((".yaml", ".yml"))
        cell.append(f"  {LAYERS[said.layer]}" + ("" if whole else f":{said.mark.line}"), style="not bold dim")
    return cell
