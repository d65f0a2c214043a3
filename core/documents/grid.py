"""Tables whose columns come from a loop: the grid is fitted to the cells, the whole width kept."""

from __future__ import annotations

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _span(holder: etree._Element | None, name: str, otherwise: int) -> int:
    element = None if holder is None else holder.find(f"{_W}{name}")
    value = "" if element is None else element.get(f"{_W}val", "")
    return int(value) if value.isdigit() else otherwise


def _columns_of(row: etree._Element) -> int:
    properties = row.find(f"{_W}trPr")
    outside = _span(properties, "gridBefore", 0) + _span(properties, "gridAfter", 0)
    return outside + sum(_span(cell.find(f"{_W}tcPr"), "gridSpan", 1) for cell in row.findall(f"{_W}tc"))


def uneven(tree: etree._Element) -> bool:
    """Whether some table has a row that does not fill its grid (a loop may then have to mend it)."""
    for table in tree.iter(f"{_W}tbl"):
        grid = table.find(f"{_W}tblGrid")
        count = 0 if grid is None else len(grid)
        if any(_columns_of(row) != count for row in table.findall(f"{_W}tr")):
            return True
    return False


def mend(tree: etree._Element) -> None:
    """Gives every table as many grid columns as its widest row, in place."""
    for table in tree.iter(f"{_W}tbl"):
        grid = table.find(f"{_W}tblGrid")
        if grid is None:
            continue
        columns = grid.findall(f"{_W}gridCol")
        # A table without rows keeps its grid: there is nothing to measure.
        wanted = max((_columns_of(row) for row in table.findall(f"{_W}tr")), default=len(columns))
        if wanted > len(columns):
            _widen(grid, columns, wanted)
        elif 0 < wanted < len(columns):
            _narrow(grid, columns, wanted)


def _width(column: etree._Element) -> float:
    return float(column.get(f"{_W}w") or 0)


def _widen(grid: etree._Element, columns: list[etree._Element], wanted: int) -> None:
    width = sum(map(_width, columns))
    for column in columns:
        if column.get(f"{_W}w") is not None:
            column.set(f"{_W}w", str(int(_width(column) * len(columns) / wanted)))
    # where no column has a width, a new one has none either: 0 would be a column that nobody sees
    said = {f"{_W}w": str(int(width / wanted))} if width else {}
    for _ in range(wanted - len(columns)):
        etree.SubElement(grid, f"{_W}gridCol", said)


def _narrow(grid: etree._Element, columns: list[etree._Element], wanted: int) -> None:
    gone = sum(map(_width, columns[wanted:]))
    for column in columns[wanted:]:
        grid.remove(column)
    share = int(gone / wanted)
    for column in columns[:wanted] if gone else ():
        column.set(f"{_W}w", str(int(_width(column) + share)))
