"""What a type of field can do; built-in types and those of plugins are made of the same class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field as member
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from core.domain.base import Text
from core.domain.forms import Field
from core.forms import messages

if TYPE_CHECKING:
    from core.forms.fields import FieldTypes

Exists = Callable[[str], bool]


class Wrong(ValueError):
    """A text or JSON value that is not of the type; `message` says in both languages what would be."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Context:
    """What a verdict needs to know besides form and answers.

    `locale` of the messages. `today`: the estate's date. `unit_exists`, `person_exists`, `blob_exists`: asked
    for each such value; without them only the shape of the value is checked. `facts`: more names for rules
    (`unit`, `parties`, `today`), in the values that rules take. `types`: the types, when plugins add some.
    """

    locale: str = "zh_CN"
    today: date | None = None
    unit_exists: Exists | None = None
    person_exists: Exists | None = None
    blob_exists: Exists | None = None
    facts: dict[str, Any] = member(default_factory=dict)
    types: FieldTypes | None = None


class FieldType:
    """A type of field. A text typed by hand and a JSON value become the same value, or are `Wrong`.

    Plugins subclass it, set `name` and `title`, and override what differs; `parse` is the least.
    `widget` is the control that pages draw: text, textarea, number, date, time, datetime-local, select,
    checks, radio, file, ink, table, group.
    """

    name: ClassVar[str] = ""
    title: ClassVar[Text] = Text(zh="", en="")
    widget: ClassVar[str] = "text"
    inputmode: ClassVar[str] = ""
    longest: ClassVar[int] = 200
    """Characters of the text that are looked at; more are refused before parsing."""
    several: ClassVar[bool] = False
    """Whether one field takes several texts; only `choices` does."""

    # ------------------------------------------------------------ coming in

    def parse(self, text: str, field: Field) -> Any:
        """The value of `text` (printable, not blank), normalised; Wrong when there is none."""
        raise NotImplementedError(f"field type `{self.name}` does not say how to parse")

    def given(self, value: Any, field: Field) -> str:
        """The JSON `value` as the text that `parse` takes; Wrong when it is of another JSON type."""
        if isinstance(value, str):
            return value
        raise Wrong(messages.say("json_string", got=messages.json_kind(value)))

    def parse_all(self, texts: list[str], field: Field) -> list[Any]:
        """The value of several texts, for a type that takes `several`."""
        return [self.parse(text, field) for text in texts]

    def given_all(self, value: Any, field: Field) -> list[str]:
        """The JSON list `value` as the texts that `parse_all` takes; Wrong when it is something else."""
        if not isinstance(value, list):
            raise Wrong(messages.say("json_list", got=messages.json_kind(value)))
        return [self.given(item, field) for item in value]

    def validate(self, value: Any, field: Field, context: Context) -> list[Text]:
        """What is wrong with a parsed value: limits, existence. Empty when it stands."""
        return []

    # ------------------------------------------------------------ in the store and in rules

    def to_json(self, value: Any) -> Any:
        """The value as the store keeps it and the API gives it."""
        return value

    def from_json(self, stored: Any) -> Any:
        """The value that `to_json` made."""
        return stored

    def for_rule(self, value: Any) -> Any:
        """The value as rules see it: whole numbers, ISO strings, money in 分."""
        return value

    # ------------------------------------------------------------ going out

    def text(self, value: Any, field: Field) -> str:
        """The value as the text that `parse` would take again; what a page puts into the control."""
        return str(value)

    def show(self, value: Any, field: Field, locale: str = "zh_CN") -> str:
        """The value as pages show it, without its suffix."""
        return self.text(value, field)

    def document(self, value: Any, field: Field) -> Any:
        """The value as papers print it, in Chinese."""
        return self.show(value, field)

    def mask(self, value: Any) -> str:
        """The value with its telling part covered: `张*`."""
        text = str(value)
        return text[:1] + "*" * min(max(len(text) - 1, 1), 3)

    # ------------------------------------------------------------ described

    def json_schema(self, field: Field) -> dict[str, Any]:
        """JSON Schema 2020-12 of the JSON value, without title and null."""
        return {"type": "string", "minLength": 1, "maxLength": self.longest}

    def ui(self, field: Field) -> dict[str, Any]:
        """Hints for whoever draws the control; autocomplete is off, since counters are shared machines."""
        hints: dict[str, Any] = {"widget": self.widget, "autocomplete": "off", "maxlength": self.longest}
        if self.inputmode:
            hints["inputmode"] = self.inputmode
        return hints
