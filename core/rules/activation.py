"""The values a rule may read, converted once and in one way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from cel_expr_python import cel
from pydantic import BaseModel

from core.errors import RuleError

INT64 = range(-(2**63), 2**63)

ENVIRONMENT = cel.NewEnv()
"""One environment without declarations; activations of it serve every compiled rule."""


class Activation:
    """Values by name for any number of rules; build one per case and use it for all of them.

    int → int64; Decimal → double (money is handed over as whole 分, an int); date, datetime, time → ISO 8601
    text; tuples and sets → lists; models → maps. The same text in a browser sees the same values. Raises
    RuleError for a number beyond 64 bits or a value of another type, naming the place.
    """

    __slots__ = ("native", "values")

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values: dict[str, Any] = {name: rule_value(value, name) for name, value in values.items()}
        self.native = ENVIRONMENT.Activation(self.values)


def rule_value(value: Any, place: str = "value") -> Any:
    """`value` as rules and browsers see it (None, bool, int, float, str, list, dict of those)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        if value not in INT64:
            raise RuleError(f"`{place}`:数值超出 64 位 (number beyond 64 bits)", number=1242)
        return int(value)
    if isinstance(value, float | Decimal):
        return _double(value, place)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return _container(value, place)


def _double(value: float | Decimal, place: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise RuleError(f"`{place}`:不是有限的数 (not a finite number)", number=1242)
    return number


def _container(value: Any, place: str) -> Any:
    if isinstance(value, BaseModel):
        return {name: rule_value(inner, f"{place}.{name}") for name, inner in value}
    if isinstance(value, Mapping):
        return {str(key): rule_value(inner, f"{place}.{key}") for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [rule_value(inner, f"{place}[{at}]") for at, inner in enumerate(value)]
    if isinstance(value, Set):
        return sorted(rule_value(inner, place) for inner in value)
    raise RuleError(f"`{place}`:规则不能读取 {type(value).__name__} (rules cannot read this type)", number=1242)
