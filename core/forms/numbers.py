"""Field types of numbers: integer, decimal, money."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, ClassVar

from core.domain.base import Text
from core.domain.forms import Field
from core.domain.money import fen, show, yuan
from core.forms.field_type import Context, FieldType, Wrong
from core.forms.messages import json_kind, say

# at most 15 digits before the point: exact as a JSON number and as a rule's int64
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
_MONEY = re.compile(r"[+-]?[0-9]{1,13}(?:\.[0-9]{0,2})?", re.ASCII)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")


def _digits(text: str) -> str:
    """`text` with full-width digits made plain and thousands separators taken out."""
    return (text if text.isascii() else text.translate(_FULL_WIDTH)).replace(",", "").replace(" ", "")


class _Number(FieldType):
    inputmode = "decimal"
    longest = 40

    def validate(self, value: Any, field: Field, context: Context) -> list[Text]:
        if field.min is not None and value < Decimal(field.min):
            return [say("less", least=field.min)]
        if field.max is not None and value > Decimal(field.max):
            return [say("more", most=field.max)]
        return []

    def given(self, value: Any, field: Field) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
            raise Wrong(say("json_number", got=json_kind(value)))
        if isinstance(value, int):
            if abs(value) >= 10**15:
                raise Wrong(say("number_too_long"))
            return str(value)
        if not math.isfinite(value):
            raise Wrong(say("json_finite"))
        # repr of a float is its shortest decimal text; `f` writes 1e-05 without an exponent
        return f"{Decimal(repr(value)) if isinstance(value, float) else value:f}"

    def mask(self, value: Any) -> str:
        return "***"

    def _limits(self, field: Field) -> dict[str, Any]:
        schema: dict[str, Any] = {}
        if field.min is not None:
            schema["minimum"] = _json_number(field.min)
        if field.max is not None:
            schema["maximum"] = _json_number(field.max)
        return schema


def _json_number(value: Decimal | str) -> int | float:
    number = Decimal(value)
    return int(number) if number == number.to_integral_value() else float(number)


class IntegerType(_Number):
    """A whole number of at most 15 digits."""

    name = "integer"
    title = Text(zh="整数", en="Integer")
    widget = "number"
    inputmode = "numeric"

    def parse(self, text: str, field: Field) -> int:
        digits = _digits(text)
        if _INTEGER.fullmatch(digits):
            return int(digits)
        raise Wrong(say("number_too_long" if digits.lstrip("+-").isdecimal() else "integer"))

    def given(self, value: Any, field: Field) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            if abs(value) >= 10**15:
                raise Wrong(say("number_too_long"))
            return str(value)
        raise Wrong(say("json_integer", got=json_kind(value)))

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "integer"} | self._limits(field)


class DecimalType(_Number):
    """A number with at most `places` decimal places (default 2)."""

    name = "decimal"
    title = Text(zh="小数", en="Decimal")
    usual_places: ClassVar[int] = 2

    def parse(self, text: str, field: Field) -> Decimal:
        digits = _digits(text)
        most = self.usual_places if field.places is None else field.places
        if not _DECIMAL.fullmatch(digits):
            if not _NUMBER.fullmatch(digits):
                raise Wrong(say("decimal"))
            long = len(digits.lstrip("+-").split(".")[0]) > 15
            raise Wrong(say("number_too_long") if long else say("places", most=most))
        value = Decimal(digits)
        if -value.as_tuple().exponent > most:  # type: ignore[operator]  # finite: the exponent is a number
            raise Wrong(say("places", most=most))
        return value + 0 if value else Decimal(0)

    def to_json(self, value: Decimal) -> str:
        return f"{value:f}"

    def from_json(self, stored: Any) -> Decimal:
        return Decimal(str(stored))

    def for_rule(self, value: Decimal) -> float:
        return float(value)

    def text(self, value: Decimal, field: Field) -> str:
        return f"{value:f}"

    def document(self, value: Decimal, field: Field) -> str:
        """With the places that the field declares: a meter at nought reads 0.00, not 0."""
        return f"{value:f}" if field.places is None else f"{value:.{field.places}f}"

    def json_schema(self, field: Field) -> dict[str, Any]:
        most = self.usual_places if field.places is None else field.places
        fraction = rf"(\.[0-9]{{0,{most}}})?" if most else ""
        return {"anyOf": [{"type": "number"} | self._limits(field),
                          {"type": "string", "pattern": rf"^[+-]?[0-9]{{1,15}}{fraction}$"}]}


class MoneyType(_Number):
    """An amount in 元 with at most two places; min and max are in 元 too. Rules see whole 分."""

    name = "money"
    title = Text(zh="金额", en="Money")

    def parse(self, text: str, field: Field) -> Decimal:
        digits = _digits(text).removeprefix("¥").removeprefix("￥").removesuffix("元")
        if _MONEY.fullmatch(digits):
            return yuan(fen(digits))
        if _NUMBER.fullmatch(digits):
            long = len(digits.lstrip("+-").split(".")[0]) > 13
            raise Wrong(say("number_too_long") if long else say("places", most=2))
        raise Wrong(say("money"))

    def to_json(self, value: Decimal) -> str:
        return f"{value:.2f}"

    def from_json(self, stored: Any) -> Decimal:
        return yuan(fen(str(stored)))

    def for_rule(self, value: Decimal) -> int:
        return fen(value)

    def text(self, value: Decimal, field: Field) -> str:
        return f"{value:.2f}"

    def show(self, value: Decimal, field: Field, locale: str = "zh_CN") -> str:
        return show(fen(value))

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "pattern": r"^[+-]?[0-9]{1,13}(\.[0-9]{0,2})?$"},
                          {"type": "number"} | self._limits(field)]}
