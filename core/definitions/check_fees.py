"""Checks of fees: no amount that may be missing or negative when somebody stands at the counter."""

from __future__ import annotations

from decimal import Decimal

from core.definitions.answers import Answers, choices_of
from core.definitions.findings import Findings
from core.definitions.readings import FEES, fee_inputs
from core.domain.bundle import Bundle
from core.domain.fees import Fee
from core.domain.forms import FIELD_TYPES, Field

_NUMBERS = ("integer", "decimal", "money")
_TYPES = {"quantity": _NUMBERS, "from": ("date", "datetime"), "by": ("choice", "text", "yes_no", "integer")}
_WORDS = {"quantity": "数 (a number)", "from": "日期 (a date)", "by": "一个选项 (one choice)"}


def check_fees(findings: Findings, bundle: Bundle) -> None:
    """Inputs of fees are of the right type, always there when the fee applies, and never negative."""
    fields = Answers(bundle).fields
    for fee, key, reading in fee_inputs(bundle):
        field = fields.get(reading.text)
        if field is None or key == "rows":
            continue  # of the unit, a setting, a fact …, or told as unknown
        if field.type in FIELD_TYPES and key in _TYPES and field.type not in _TYPES[key]:
            findings.add(FEES, reading.path, f"`{reading.text}` 要是{_WORDS[key]}", 1212)
            continue
        if key in ("quantity", "amount_of"):
            _check_quantity(findings, reading.path, reading.text, field)
        elif key == "by":
            _check_table(findings, reading.path, fee, field)
        if not (field.required or field.required_when or field.default is not None or fee.when):
            findings.add(
                FEES, reading.path, f"`{reading.text}` 可以不填，金额就算不出来 (it may be left empty: no amount)", 1237,
                "字段写 required: true 或 default，或给费用写 when (require it, give a default, or say `when`)")


def _check_quantity(findings: Findings, path: tuple[str | int, ...], name: str, field: Field) -> None:
    least = field.min if isinstance(field.min, Decimal) else None
    if field.type in _NUMBERS and (least is None or least < 0):
        findings.add(FEES, path, f"`{name}` 可能是负数，金额会成为负数 (the amount could be negative)", 1237,
                     "请给字段写 min: 0 或 1 (say `min`)")


def _check_table(findings: Findings, path: tuple[str | int, ...], fee: Fee, field: Field) -> None:
    values = choices_of(field)
    if values is None or not fee.amounts:
        return
    findings.known_keys(FEES, (*path[:-1], "amounts"), ("选项", "choice"), fee.amounts, values)
    missing = [value for value in values if value not in fee.amounts]
    if missing and not fee.when:
        findings.add(FEES, (*path[:-1], "amounts"), f"没有写 {'、'.join(missing)} 的金额 (no amount for {', '.join(missing)})", 1237,
                     "请补上，或给费用写 when (add them, or say `when`)")
