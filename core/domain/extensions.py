"""What plugins add: kinds of fields, charges that no fee schedule can say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.domain.base import Text


class FieldKind(Protocol):
    """What the loader needs to know of a plugin's field type; `shouxu.FieldType` is the class to subclass."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> Text: ...


@dataclass(frozen=True)
class ExtraCharge:
    """A charge that a plugin computes: `amount` in 元, two places, not negative; `reason` is shown beside
    it."""

    name: str
    title: Text
    amount: Decimal
    reason: str = ""
    refundable: bool = False
