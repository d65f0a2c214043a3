"""Checks of price lists and of fees over the rows of a table: the list, the table and its columns must be there."""

from __future__ import annotations

from decimal import Decimal

from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.domain.bundle import Bundle
from core.domain.fees import Rows
from core.domain.forms import Field, Form

FEES = "fee_schedule.yaml"
_LIST = ("价目表", "price list")
_COUNTED = ("integer", "decimal")


def check_price_lists(findings: Findings, bundle: Bundle) -> None:
    """Lists and their items have one name each; `choices_from`, `rows` and `amount_of` point at something that fits."""
    lists = [one.name for one in bundle.price_lists]
    findings.once(FEES, ("price_lists",), lists)
    for at, one in enumerate(bundle.price_lists):
        findings.once(FEES, ("price_lists", at, "items"), [item.name for item in one.items])
    for form in bundle.forms:
        _check_choices(findings, form, lists)
    for at, fee in enumerate(bundle.fees):
        if fee.rows is not None:
            _check_rows(findings, bundle, ("fees", at, "rows"), fee.rows)
        elif fee.amount_of is not None:
            _fits(findings, _field(bundle, fee.amount_of), ("fees", at, "amount_of"), ("money",))


def _check_choices(findings: Findings, form: Form, lists: list[str]) -> None:
    for at, field in enumerate(form.fields):
        here: PathTuple = ("fields", at)
        places: list[tuple[PathTuple, Field]] = [(here, field)]
        for inside in ("columns", "fields"):
            places += [((*here, inside, number), one) for number, one in enumerate(getattr(field, inside))]
        for place, one in places:
            if one.choices_from:
                findings.known(f"forms/{form.form}.yaml", (*place, "choices_from"), _LIST, one.choices_from, lists)


def _check_rows(findings: Findings, bundle: Bundle, path: PathTuple, rows: Rows) -> None:
    if rows.price_list is not None:
        findings.known(FEES, (*path, "price_list"), _LIST, rows.price_list, [one.name for one in bundle.price_lists])
    name = rows.of.rpartition(".")[2]
    # what a later step corrects is priced as it was corrected: its table needs the same columns
    corrected = [f"{step.name}.{name}" for step in bundle.procedure.steps if step.corrects == rows.of]
    for dotted in (rows.of, *corrected):
        _check_table(findings, dotted, _field(bundle, dotted), path, rows)


def _check_table(findings: Findings, dotted: str, table: Field | None, path: PathTuple, rows: Rows) -> None:
    if table is None:  # that the name is unknown is told where every name of a fee is looked up
        return
    if table.type != "table":
        findings.add(FEES, (*path, "of"), f"`{dotted}` 不是表格 (not a table)", 1212)
        return
    columns = {column.name: column for column in table.columns}
    for word, types in (("item", ("choice", "text")), ("price", ("money",)), ("quantity", _COUNTED)):
        if (name := getattr(rows, word)) is None:
            continue
        findings.known(FEES, (*path, word), ("列", "column"), name, columns)
        if (column := columns.get(name)) is not None:
            _fits(findings, column, (*path, word), types)
            _always_there(findings, column, (*path, word), number=word != "item")
    item = columns.get(rows.item)
    if rows.price_list is not None and item is not None and item.choices_from != rows.price_list:
        findings.add(FEES, (*path, "item"), f"`{dotted}` 的列 `{rows.item}` 要写 choices_from: {rows.price_list}，"
                     "选项才与价目表一致 (the column needs this `choices_from`)", 1212)


def _always_there(findings: Findings, column: Field, path: PathTuple, *, number: bool) -> None:
    """A row without its item, price or quantity could not be priced; a negative one would give money away."""
    if not column.required:
        findings.add(FEES, path, f"列 `{column.name}` 可以不填，这一行就算不出来 (it may be left empty: no amount)", 1237,
                     "请写 required: true (require it)")
    if number and (not isinstance(column.min, Decimal) or column.min < 0):
        findings.add(FEES, path, f"列 `{column.name}` 可能是负数 (it could be negative)", 1237, "请写 min: 0 (say `min`)")


def _fits(findings: Findings, field: Field | None, path: PathTuple, types: tuple[str, ...]) -> None:
    if field is not None and field.type not in types:
        findings.add(FEES, path, f"`{field.name}` 的类型是 {field.type}，这里要 {'、'.join(types)} "
                     f"(a field of type {' or '.join(types)} is needed)", 1212)


def _field(bundle: Bundle, dotted: str) -> Field | None:
    """The field behind `STEP.FIELD` or `STEP.GROUP.FIELD`."""
    step, _, name = dotted.partition(".")
    named = next((one.form for one in bundle.procedure.steps if one.name == step), None)
    form = next((one for one in bundle.forms if one.form == named), None)
    fields = form.fields if form else ()
    found = None
    for word in name.split("."):
        found = next((field for field in fields if field.name == word), None)
        fields = found.fields if found else ()
    return found
