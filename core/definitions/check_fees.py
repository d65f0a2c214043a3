"""Checks of fees: no amount that may be missing or negative when somebody stands at the counter."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from core.definitions.answers import Answers, choices_of
from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.readings import FEES, fee_inputs
from core.domain.bundle import Bundle
from core.domain.fees import Fee, FeeVersion, Waive
from core.domain.forms import FIELD_TYPES, Field

_NUMBERS = ("integer", "decimal", "money")
_TYPES = {"quantity": _NUMBERS, "of": _NUMBERS, "from": ("date", "datetime"), "by": ("choice", "text", "yes_no", "integer")}
_WORDS = {"quantity": "数 (a number)", "of": "数 (a number)", "from": "日期 (a date)", "by": "一个选项 (one choice)"}
_ROLE = ("角色", "role")


def check_fees(findings: Findings, bundle: Bundle) -> None:
    """Inputs of fees are of the right type, always there when the fee applies, never negative, and within the tiers."""
    fields = Answers(bundle).fields
    for fee, key, reading in fee_inputs(bundle):
        field = fields.get(reading.text)
        if field is None or key == "rows":
            continue  # of the unit, a setting, a fact …, or told as unknown
        if field.type in FIELD_TYPES and key in _TYPES and field.type not in _TYPES[key]:
            findings.add(FEES, reading.path, f"`{reading.text}` 要是{_WORDS[key]}", 1212)
            continue
        if key in ("quantity", "of", "amount_of"):
            _check_quantity(findings, reading.path, reading.text, field)
        others = fee.start.names if fee.start and key == "from" else ()
        if not any(_is_there(fields.get(name)) for name in others or (reading.text,)) and not fee.when:
            findings.add(
                FEES, reading.path, f"`{reading.text}` 可以不填，金额就算不出来 (it may be left empty: no amount)", 1237,
                "字段写 required: true 或 default，或给费用写 when (require it, give a default, or say `when`)")
    for at, fee in enumerate(bundle.fees):
        for path, said, whole in _terms(at, fee):
            _check_tiers(findings, (*path, "tiers"), whole, fields)
            if said.amounts and (field := fields.get(whole.by or "")):
                _check_table(findings, (*path, "amounts"), said.amounts, field, optional=fee.when is not None)


def _terms(at: int, fee: Fee) -> Iterator[tuple[PathTuple, Fee | FeeVersion, Fee]]:
    """The fee and each of its versions: where it stands, what it says, and how the fee is then as a whole."""
    yield ("fees", at), fee, fee
    for number, (version, (_, whole)) in enumerate(zip(fee.versions, fee.dated, strict=True)):
        yield ("fees", at, "versions", number), version, whole


def check_waiver(findings: Findings, at: int, waive: Waive, roles: Collection[str]) -> None:
    """The roles of a waiver exist, and somebody can consent who is not the one who asks."""
    path: PathTuple = ("fees", at, "waive")
    if not waive.by:
        return
    short = not isinstance(findings.assembly.node(FEES, path).value, dict)
    findings.all_known(FEES, path if short else (*path, "by"), _ROLE, waive.by, roles)
    findings.all_known(FEES, (*path, "approval"), _ROLE, waive.approval, roles)
    if waive.most is not None and not Decimal(waive.most):
        findings.add(FEES, (*path, "most"), "最多减免 0 元，等于不可减免 (a limit of 0 waives nothing)", 1212)


def _is_there(field: Field | None) -> bool:
    """Whether a value is there whenever its form was filed; what is no field of a form is known elsewhere."""
    return field is None or field.required or bool(field.required_when) or field.default is not None


def _check_quantity(findings: Findings, path: PathTuple, name: str, field: Field) -> None:
    least = field.min if isinstance(field.min, Decimal) else None
    if field.type in _NUMBERS and (least is None or least < 0):
        findings.add(FEES, path, f"`{name}` 可能是负数，金额会成为负数 (the amount could be negative)", 1237,
                     "请给字段写 min: 0 或 1 (say `min`)")


def _check_tiers(findings: Findings, path: PathTuple, fee: Fee, fields: dict[str, Field]) -> None:
    """A number above the last tier has no price: the last tier is open, or the field cannot be greater."""
    if not fee.tiers or fee.tiers[-1].up_to is None:
        return
    field = fields.get(fee.measure or "")
    greatest = field.max if field is not None and isinstance(field.max, Decimal) else None
    if greatest is None or greatest > Decimal(fee.tiers[-1].up_to):
        findings.add(FEES, path, f"`{fee.measure}` 超过 {fee.tiers[-1].up_to} 时没有单价 (no rate above the last tier)", 1237,
                     "最后一档不写 up_to，或给字段写 max (leave `up_to` out of the last tier, or give the field a `max`)")


def _check_table(findings: Findings, path: PathTuple, amounts: Mapping[str, str], field: Field, *, optional: bool) -> None:
    values = choices_of(field)
    if values is None:
        return
    findings.known_keys(FEES, path, ("选项", "choice"), amounts, values)
    missing = [value for value in values if value not in amounts]
    if missing and not optional:
        findings.add(FEES, path, f"没有写 {'、'.join(missing)} 的金额 (no amount for {', '.join(missing)})", 1237,
                     "请补上，或给费用写 when (add them, or say `when`)")
