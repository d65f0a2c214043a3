"""The names that a register may read, with their kinds and words; `core.registers` supplies the values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from core.domain.base import Text
from core.domain.bundle import Bundle
from core.domain.forms import Field
from core.domain.procedures import Step
from core.domain.registers import Rows
from core.rules.types import DOUBLE, TEXT, TEXTS, WHOLE, YES_NO, RuleType

Kind = Literal["text", "whole", "decimal", "money", "date", "moment", "yes_no", "texts", "percent"]
"""What a value is: money is whole 分, dates and moments are the estate's, percent is of totals only."""

NUMBERS: tuple[Kind, ...] = ("whole", "decimal", "money")
RULE_TYPES: Mapping[Kind, RuleType] = {
    "text": TEXT, "whole": WHOLE, "money": WHOLE, "decimal": DOUBLE, "date": TEXT, "moment": TEXT, "yes_no": YES_NO,
    "texts": TEXTS, "percent": DOUBLE}
Words = Mapping[str, Text]


def _t(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


@dataclass(frozen=True)
class Known:
    """What is known of a name: kind, what it is called, words for its stored values, whether it is kept sealed."""

    kind: Kind
    title: Text
    words: Words = field(default_factory=dict)
    sealed: bool = False
    field: Field | None = None


def _all(prefix: str, table: Mapping[str, tuple[Kind, str, str]]) -> dict[str, Known]:
    return {f"{prefix}.{name}": Known(kind, _t(zh, en)) for name, (kind, zh, en) in table.items()}


# ---------------------------------------------------------------- words for stored values

CASE_STATES: Words = {"open": _t("办理中", "Open"), "suspended": _t("已暂停", "Suspended"),
                      "withdrawn": _t("已撤回", "Withdrawn"), "completed": _t("已办结", "Completed")}
NOT_GRANTED = _t("未办成", "Not granted")
STEP_STATES: Words = {"open": _t("办理中", "Open"), "done": _t("已办", "Done"), "skipped": _t("不适用", "Not needed")}
DEADLINE_STATES: Words = {"kept": _t("按时", "Kept"), "missed": _t("超时", "Missed"), "waiting": _t("未到期", "Running"),
                          "paused": _t("暂停计时", "Resting"), "void": _t("不计", "Not counted")}
PAPER_STATES: Words = {"issued": _t("有效", "Valid"), "superseded": _t("已被替换", "Replaced"), "void": _t("作废", "Void")}
LINE_KINDS: Words = {"payment": _t("收款", "Payment"), "cancellation": _t("作废收据", "Cancelled"), "refund": _t("退款", "Refund"),
                     "deduction": _t("扣除", "Deduction"), "waiver": _t("减免", "Waiver")}
SUBJECTS: Words = {"unit": _t("房屋", "Unit"), "place": _t("公共部位", "Common area"), "person": _t("个人", "Person"),
                   "estate": _t("项目", "Estate")}
BUILDING_TYPES: Words = {"walk_up": _t("多层", "Walk-up"), "elevator": _t("电梯房", "Elevator")}
UNIT_STATES: Words = {"vacant": _t("空置", "Vacant"), "sold": _t("已售", "Sold"), "occupied": _t("已入住", "Occupied"),
                      "show": _t("样板间", "Show unit"), "offset": _t("工程抵款", "Offset"), "lent": _t("借用", "Lent")}

# ---------------------------------------------------------------- names of every register

OF_DATE: Mapping[str, Known] = {
    "on": Known("date", _t("日期", "Date")), "month": Known("text", _t("月份", "Month")),
    "quarter": Known("text", _t("季度", "Quarter")), "year": Known("text", _t("年份", "Year"))}
OF_CASE: Mapping[str, Known] = {
    **_all("case", {
        "number": ("text", "办件编号", "Case"), "opened_on": ("date", "受理日期", "Opened"),
        "opened_at": ("moment", "受理时间", "Opened at"), "opened_by": ("text", "受理人", "Opened by"),
        "ended_on": ("date", "办结日期", "Ended"), "ended_at": ("moment", "办结时间", "Ended at"),
        "open": ("yes_no", "在办", "Open"), "well": ("yes_no", "办成", "Granted"), "days": ("whole", "历时（天）", "Days"),
        "place": ("text", "地点", "Place"), "kind": ("text", "子件种类", "Kind"), "procedure": ("text", "手续", "Procedure"),
        "handler": ("text", "经办人", "Handler")}),
    "case.state": Known("text", _t("办件状态", "State"), CASE_STATES),
    "case.subject": Known("text", _t("对象", "About"), SUBJECTS),
    **_all("parent", {"number": ("text", "所属办件", "Parent case"), "state": ("text", "所属办件状态", "State of the parent"),
                      "opened_on": ("date", "所属办件受理日期", "Parent opened")}),
    **_all("origin", {"number": ("text", "来源办件", "Follows")})}
OF_UNIT: Mapping[str, Known] = {
    **_all("unit", {
        "code": ("text", "房号", "Unit"), "building": ("text", "楼栋", "Building"), "entrance": ("text", "单元", "Entrance"),
        "floor": ("whole", "楼层", "Floor"), "room": ("text", "房间", "Room"), "area": ("decimal", "面积（㎡）", "Area (m²)"),
        "layout": ("text", "户型", "Layout"), "use": ("text", "用途", "Use")}),
    "unit.building_type": Known("text", _t("房屋类型", "Building type"), BUILDING_TYPES),
    "unit.status": Known("text", _t("房屋状态", "Status of the unit"), UNIT_STATES)}
MONEY: Mapping[str, tuple[Kind, str, str]] = {
    "charged_fen": ("money", "应收", "Charged"), "paid_fen": ("money", "实收", "Paid"), "due_fen": ("money", "未收", "Due"),
    "refunded_fen": ("money", "已退", "Refunded"), "deducted_fen": ("money", "扣除", "Deducted"),
    "waived_fen": ("money", "减免", "Waived"), "held_fen": ("money", "押金结存", "Held")}
OF_LEDGER = _all("ledger", {"charged_fen": MONEY["charged_fen"], "paid_fen": MONEY["paid_fen"], "due_fen": MONEY["due_fen"],
                            "deposit_fen": MONEY["held_fen"]})
OF_STEP: Mapping[str, tuple[Kind, str, str]] = {
    "done": ("yes_no", "已办", "done"), "skipped": ("yes_no", "不适用", "skipped"), "open": ("yes_no", "在办", "open"),
    "outcome": ("text", "结果", "outcome"), "round": ("whole", "轮次", "round"), "opened_on": ("date", "开始日期", "opened"),
    "opened_at": ("moment", "开始时间", "opened at"), "done_on": ("date", "完成日期", "done on"),
    "done_at": ("moment", "完成时间", "done at"), "done_by": ("text", "办理人", "done by"),
    "minutes": ("whole", "用时（分钟）", "minutes"), "missed": ("yes_no", "超时", "overdue"),
    "overridden": ("yes_no", "特批", "passed by exception"), "valid_until": ("date", "有效期至", "valid until"),
    "valid": ("yes_no", "在有效期内", "valid"), "expired": ("yes_no", "已过期", "expired"), "rung": ("text", "级别", "rung")}
OF_PARTY_SEALED: Mapping[str, tuple[str, str]] = {
    "id_number": ("证件号码", "identity number"), "phone": ("电话", "phone"), "address": ("地址", "address")}

# ---------------------------------------------------------------- names of a kind of row

OF_ROW: Mapping[str, Mapping[str, Known]] = {
    "cases": {}, "children": {},
    "units": _all("case", {"exists": ("yes_no", "已办", "Has a case")}),
    "steps": {
        **_all("step", OF_STEP),
        **_all("step", {"item": ("text", "项", "Item"), "due_at": ("moment", "时限", "Due"), "due_on": ("date", "时限日期", "Due on")}),
        "step.name": Known("text", _t("步骤", "Step")), "step.state": Known("text", _t("状态", "State"), STEP_STATES),
        **_all("item", {"name": ("text", "姓名", "Name")})},
    "deadlines": {
        **_all("deadline", {
            "step": ("text", "步骤", "Step"), "item": ("text", "项", "Item"), "round": ("whole", "轮次", "Round"),
            "name": ("text", "时限号", "Which"), "due_at": ("moment", "时限", "Due"), "due_on": ("date", "时限日期", "Due on"),
            "done_at": ("moment", "完成时间", "Done at"), "kept": ("yes_no", "按时", "Kept"), "missed": ("yes_no", "超时", "Missed"),
            "settled": ("yes_no", "已到结论", "Settled"), "late_minutes": ("whole", "超时（分钟）", "Late (minutes)")}),
        "deadline.state": Known("text", _t("时限结果", "Result"), DEADLINE_STATES)},
    "documents": {
        **_all("document", {
            "name": ("text", "文书", "Paper"), "title": ("text", "文书名称", "Title"), "number": ("text", "编号", "Number"),
            "code": ("text", "表号", "Form code"), "series": ("text", "编号册", "Series"), "step": ("text", "步骤", "Step"),
            "item": ("text", "项", "Item"), "issued_on": ("date", "出具日期", "Issued"), "issued_at": ("moment", "出具时间", "Issued at"),
            "by": ("text", "出具人", "Issued by"), "signed": ("yes_no", "已签齐", "Signed"), "copies": ("whole", "联数", "Copies"),
            "voided_on": ("date", "作废日期", "Voided"), "voided_by": ("text", "作废人", "Voided by"),
            "void_reason": ("text", "作废原因", "Why void")}),
        "document.state": Known("text", _t("状态", "State"), PAPER_STATES),
        **_all("step", OF_STEP), **_all("item", {"name": ("text", "姓名", "Name")})},
    "charges": _all("charge", {
        "fee": ("text", "费用", "Fee"), "title": ("text", "费用名称", "Title"), "stage": ("text", "收费阶段", "Stage"),
        "round": ("whole", "轮次", "Round"), "on": ("date", "应收日期", "Charged on"), "by": ("text", "经手人", "By"),
        "refundable": ("yes_no", "可退", "Refundable"), "pieces": ("whole", "数量", "Pieces"),
        "unit_price": ("decimal", "单价（元）", "Unit price"), **MONEY}),
    "lines": {
        **_all("line", {
            "day": ("date", "记账日期", "Booked on"), "at": ("moment", "时间", "At"), "by": ("text", "收款人", "Cashier"),
            "amount_fen": ("money", "金额", "Amount"), "money_fen": ("money", "收（退）款", "Money moved"),
            "reason": ("text", "原因", "Reason"), "receipt": ("text", "收据号", "Receipt"), "payer": ("text", "交款人", "Payer")}),
        "line.kind": Known("text", _t("类别", "Kind"), LINE_KINDS), "line.method": Known("text", _t("方式", "Method")),
        **_all("charge", {"fee": ("text", "费用", "Fee"), "title": ("text", "费用名称", "Title"),
                          "stage": ("text", "收费阶段", "Stage"), "refundable": ("yes_no", "可退", "Refundable")})},
    "rows": _all("row", {"number": ("whole", "行号", "Line")})}

DATES: Mapping[str, tuple[str, ...]] = {
    "cases": ("case.opened_on", "case.ended_on"), "children": ("case.opened_on", "case.ended_on"), "units": (),
    "steps": ("step.opened_on", "step.done_on", "case.opened_on", "case.ended_on"),
    "deadlines": ("deadline.due_on", "case.opened_on"),
    "documents": ("document.issued_on", "document.voided_on", "case.opened_on", "case.ended_on"),
    "charges": ("charge.on", "case.opened_on", "case.ended_on"), "lines": ("line.day",),
    "rows": ("case.opened_on", "case.ended_on")}
"""The dates by which a row may count to a period; the first unless `on` says another."""

_FIELD_KINDS: Mapping[str, Kind] = {"integer": "whole", "money": "money", "decimal": "decimal", "yes_no": "yes_no",
                                    "choices": "texts", "date": "date", "datetime": "moment"}
_NO_VALUE = ("table", "group", "file", "photo", "ink")


def field_known(bundle: Bundle, one: Field, prefix: Text | None = None) -> Known | None:
    """What a field is to a register; None for tables, groups, files and ink, which are no value of a list."""
    if one.type in _NO_VALUE:
        return None
    prices = next((prices.items for prices in bundle.price_lists if prices.name == one.choices_from), ())
    words = {choice.value: choice.title for choice in one.choices} | {item.name: item.title for item in prices}
    return Known(_FIELD_KINDS.get(one.type, "text"), one.title if prefix is None else _joined(prefix, one.title), words,
                 one.is_sensitive, one)


def _joined(one: Text, other: Text) -> Text:
    return Text(zh=f"{one.zh} · {other.zh}", en=f"{one.in_('en')} · {other.in_('en')}")


class RegisterNames:
    """The names that registers of one procedure may read; what is the same for all of them is put together once."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def of(self, rows: Rows) -> dict[str, Known]:
        """Every name that a row of `rows` knows."""
        known: dict[str, Known] = {**OF_UNIT, **OF_LEDGER, **OF_CASE, **(OF_DATE if DATES[rows.of] else {}), **self._of_cases}
        if rows.of == "children":
            return known
        if rows.procedures == "own":
            known |= self._of_parts
        known.update(OF_ROW[rows.of])
        return known | _words(self._bundle, rows) | _own_form(self._bundle, rows)

    @cached_property
    def _of_cases(self) -> dict[str, Known]:
        """What the procedure calls the states and kinds of its cases, and their parties."""
        kinds = {child.name: child.title for child in self._bundle.procedure.children}
        return {"case.state": Known("text", OF_CASE["case.state"].title, _ends(self._bundle)),
                "case.kind": Known("text", OF_CASE["case.kind"].title, kinds), **_parties(self._bundle)}

    @cached_property
    def _of_parts(self) -> dict[str, Known]:
        """Its steps with their forms, fees, documents and sub-cases."""
        known: dict[str, Known] = {}
        for step in self._bundle.procedure.steps:
            known |= _step(self._bundle, step)
        for fee in self._bundle.fees:
            known |= {f"fees.{fee.name}.{name}": Known(kind, _joined(fee.title, _t(zh, en)))
                      for name, (kind, zh, en) in MONEY.items()}
        return known | _documents(self._bundle) | _children(self._bundle)


def _ends(bundle: Bundle) -> Words:
    """States of a case: an end is called like the outcome that leads to it, the plain one as everywhere."""
    plain = dict.fromkeys(bundle.procedure.ends[:1], CASE_STATES["completed"])
    titles: dict[str, list[Text]] = {}
    for outcome in (outcome for step in bundle.procedure.steps for outcome in step.outcomes if outcome.end):
        titles.setdefault(outcome.end or "", []).append(outcome.title)
    # where several outcomes lead to one end, the case does not say which of them it was
    chosen = {end: found[0] if all(one == found[0] for one in found) else NOT_GRANTED for end, found in titles.items()}
    return {**plain, **chosen, **CASE_STATES}


def _parties(bundle: Bundle) -> dict[str, Known]:
    known: dict[str, Known] = {}
    for party in bundle.procedure.parties:
        known[f"parties.{party.name}.name"] = Known("text", party.title)
        known[f"parties.{party.name}.count"] = Known("whole", _joined(party.title, _t("人数", "how many")))
        known |= {f"parties.{party.name}.{name}": Known("text", _joined(party.title, _t(zh, en)), sealed=True)
                  for name, (zh, en) in OF_PARTY_SEALED.items()}
    return known


def _step(bundle: Bundle, step: Step) -> dict[str, Known]:
    """A step that comes once in a case; the items of others are rows of their own (`of: steps`)."""
    if step.each or (step.repeat and step.repeat.per_role):
        return {}
    known = {f"{step.name}.{name}": Known(kind, _joined(step.title, _t(zh, en))) for name, (kind, zh, en) in OF_STEP.items()}
    outcomes = {outcome.name: outcome.title for outcome in step.outcomes}
    known[f"{step.name}.outcome"] = Known("text", _joined(step.title, _t("结果", "outcome")), outcomes)
    known[f"{step.name}.rung"] = Known("text", _joined(step.title, _t("级别", "rung")), _rungs(step))
    return known | form_names(bundle, step, step.name)


def _rungs(step: Step) -> Words:
    return {rung.name: rung.title for rung in step.ladder.rungs} if step.ladder else {}


def form_names(bundle: Bundle, step: Step, prefix: str) -> dict[str, Known]:
    """The fields of a step's form under `prefix`; of a group as `group.field`."""
    form = next((form for form in bundle.forms if form.name == step.form), None)
    known: dict[str, Known] = {}
    for one in form.fields if form else ():
        if one.type == "group":
            inside = ((f"{prefix}.{one.name}.{inner.name}", field_known(bundle, inner, one.title)) for inner in one.fields)
            known |= {name: found for name, found in inside if found}
        elif (found := field_known(bundle, one)) is not None:
            known[f"{prefix}.{one.name}"] = found
    return known


def _documents(bundle: Bundle) -> dict[str, Known]:
    table: Mapping[str, tuple[Kind, str, str]] = {
        "count": ("whole", "有效份数", "valid"), "void": ("whole", "作废份数", "void"), "number": ("text", "编号", "number"),
        "numbers": ("text", "全部编号", "numbers"), "issued_on": ("date", "出具日期", "issued")}
    return {f"documents.{rule.name}.{name}": Known(kind, _joined(rule.title, _t(zh, en)))
            for rule in bundle.documents for name, (kind, zh, en) in table.items()}


def _children(bundle: Bundle) -> dict[str, Known]:
    return {f"children.{child.name}.{name}": Known("whole", _joined(child.title, _t(zh, en)))
            for child in bundle.procedure.children for name, zh, en in (("count", "件数", "count"), ("open", "在办", "open"))}


def _words(bundle: Bundle, rows: Rows) -> dict[str, Known]:
    """What the rows' own names are called in this procedure: steps, papers, fees."""
    steps = {step.name: step.title for step in bundle.procedure.steps}
    papers = {rule.name: rule.title for rule in bundle.documents}
    fees = {fee.name: fee.title for fee in bundle.fees}
    series = {one.name: one.title for one in bundle.series}
    outcomes = {one.name: one.title for step in bundle.procedure.steps for one in step.outcomes}
    rungs = {name: title for step in bundle.procedure.steps for name, title in _rungs(step).items()}
    said: dict[str, Words] = {"step.name": steps, "deadline.step": steps, "document.step": steps, "document.name": papers,
                              "document.series": series, "charge.fee": fees, "step.outcome": outcomes, "step.rung": rungs}
    own = OF_ROW[rows.of]
    return {name: Known(own[name].kind, own[name].title, words) for name, words in said.items() if name in own}


def _own_form(bundle: Bundle, rows: Rows) -> dict[str, Known]:
    """`form.FIELD` of a register of one step or of its papers, `row.COLUMN` of a register of a table's lines."""
    if rows.of in ("steps", "documents"):
        step = one_step(bundle, rows)
        return form_names(bundle, step, "form") if step else {}
    table = table_of(bundle, rows.table) if rows.table else None
    columns = ((f"row.{column.name}", field_known(bundle, column)) for column in (table.columns if table else ()))
    return {name: found for name, found in columns if found and not found.sealed}


def one_step(bundle: Bundle, rows: Rows) -> Step | None:
    """The one step whose rounds `rows` are, or on which all their papers are issued; None where there are several."""
    if rows.procedures == "all" or not rows.only:
        return None
    if rows.of == "steps":
        found = [step for step in bundle.procedure.steps if step.name in rows.only]
    else:
        found = [step for step in bundle.procedure.steps if set(step.documents) & set(rows.only)]
        if not all(any(name in step.documents for step in found) for name in rows.only):
            return None
    return found[0] if len(found) == 1 else None


def table_of(bundle: Bundle, name: str) -> Field | None:
    """The table field called `STEP.FIELD`; None when there is none."""
    step_name, _, field_name = name.partition(".")
    step = next((step for step in bundle.procedure.steps if step.name == step_name), None)
    form = next((form for form in bundle.forms if step and form.name == step.form), None)
    return next((one for one in (form.fields if form else ()) if one.name == field_name and one.type == "table"), None)


def tables(bundle: Bundle) -> list[str]:
    """Every table field by its name `STEP.FIELD`."""
    forms = {form.name: form for form in bundle.forms}
    return [f"{step.name}.{one.name}" for step in bundle.procedure.steps if step.form in forms
            for one in forms[step.form or ""].fields if one.type == "table"]


def listed(bundle: Bundle, rows: Rows) -> Collection[str]:
    """What `only` may name."""
    if rows.of in ("steps", "deadlines"):
        return [step.name for step in bundle.procedure.steps]
    if rows.of == "documents":
        return [rule.name for rule in bundle.documents]
    if rows.of == "children":
        return [child.name for child in bundle.procedure.children]
    return [fee.name for fee in bundle.fees]
