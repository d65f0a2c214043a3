"""What plugins add: kinds of fields, charges that no fee schedule can say, ways to send a notice on."""

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


@dataclass(frozen=True)
class Message:
    """A notice on its way out of the house: `to` addresses, words in both languages, no personal values.

    `key` stays the same when it is sent again, so that whoever takes it can tell.
    """

    key: str
    to: tuple[str, ...]
    subject: str
    body: str


class Notifier(Protocol):
    """Sends messages on: by mail, into a company's messenger."""

    def send(self, message: Message) -> None:
        """Hand `message` over; any error means that nobody got it, and it is tried again."""
        ...
