"""Field types of words: text, long text, one choice, several choices, yes or no."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from core.domain.base import Text
from core.domain.forms import Field
from core.forms.field_type import Context, FieldType, Wrong
from core.forms.messages import json_kind, say


@lru_cache(maxsize=1024)
def pattern_of(pattern: str) -> Any:
    """`pattern` compiled by RE2, whose time is linear in the text; re2.error when it is no pattern."""
    return re2.compile(pattern)


def limits(field: Field, longest: int) -> tuple[int, int]:
    """Least and greatest length of a text field."""
    return int(field.min or 0), min(int(field.max), longest) if field.max is not None else longest


class TextType(FieldType):
    """One line of text; min/max are lengths in characters."""

    name = "text"
    title = Text(zh="文字", en="Text")
    longest = 500

    def parse(self, text: str, field: Field) -> str:
        if "\n" in text:
            raise Wrong(say("one_line"))
        return text

    def validate(self, value: str, field: Field, context: Context) -> list[Text]:
        length = len(value)
        if field.max is not None or field.min is not None:
            least, most = limits(field, self.longest)
            if length < least:
                return [say("shorter", least=least, length=length)]
            if length > most:
                return [say("longer", most=most, length=length)]
        if field.pattern and not pattern_of(field.pattern).fullmatch(value):
            return [say("pattern")]
        return []

    def json_schema(self, field: Field) -> dict[str, Any]:
        least, most = limits(field, self.longest)
        schema: dict[str, Any] = {"type": "string", "minLength": max(least, 1), "maxLength": most}
        if field.pattern:
            schema["pattern"] = f"^(?:{field.pattern})$"
        return schema

    def ui(self, field: Field) -> dict[str, Any]:
        return super().ui(field) | {"maxlength": limits(field, self.longest)[1]}


class LongTextType(TextType):
    """Several lines of text."""

    name = "long_text"
    title = Text(zh="多行文字", en="Long text")
    widget = "textarea"
    longest = 10_000

    def parse(self, text: str, field: Field) -> str:
        return text


class ChoiceType(FieldType):
    """One of the field's choices, stored as its value."""

    name = "choice"
    title = Text(zh="单选", en="Choice")
    widget = "select"

    def parse(self, text: str, field: Field) -> str:
        for choice in field.choices:
            if choice.value == text:
                return text
        raise Wrong(say("choice", value=text))

    def show(self, value: str, field: Field, locale: str = "zh_CN") -> str:
        for choice in field.choices:
            if choice.value == value:
                return choice.title.in_(locale)
        return value

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "enum": [choice.value for choice in field.choices]}

    def ui(self, field: Field) -> dict[str, Any]:
        few = len(field.choices) <= 5
        return {"widget": "radio" if few else self.widget, "autocomplete": "off"}


class ChoicesType(ChoiceType):
    """Any of the field's choices, each once: a list of values in the order of the form."""

    name = "choices"
    title = Text(zh="多选", en="Choices")
    widget = "checks"
    several = True

    def parse_all(self, texts: list[str], field: Field) -> list[str]:
        """The chosen values in the order of the form; Wrong for a stranger or a value chosen twice."""
        chosen = [self.parse(text, field) for text in texts]
        for value in chosen:
            if chosen.count(value) > 1:
                raise Wrong(say("twice", value=value))
        return [choice.value for choice in field.choices if choice.value in chosen]

    def text(self, value: list[str], field: Field) -> str:
        return "、".join(value)

    def show(self, value: list[str], field: Field, locale: str = "zh_CN") -> str:
        between = ", " if locale.startswith("en") else "、"
        return between.join(ChoiceType.show(self, item, field, locale) for item in value)

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "array", "items": super().json_schema(field), "uniqueItems": True}

    def ui(self, field: Field) -> dict[str, Any]:
        return {"widget": self.widget, "autocomplete": "off"}


_YES = frozenset({"yes", "true", "on", "1", "是", "y"})
_NO = frozenset({"no", "false", "off", "0", "否", "n"})


class YesNoType(FieldType):
    """Yes or no; a question that was not answered is neither."""

    name = "yes_no"
    title = Text(zh="是否", en="Yes or no")
    widget = "radio"

    def parse(self, text: str, field: Field) -> bool:
        lower = text.lower()
        if lower in _YES:
            return True
        if lower in _NO:
            return False
        raise Wrong(say("yes_no"))

    def given(self, value: Any, field: Field) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        raise Wrong(say("json_boolean", got=json_kind(value)))

    def text(self, value: bool, field: Field) -> str:
        return "yes" if value else "no"

    def show(self, value: bool, field: Field, locale: str = "zh_CN") -> str:
        if locale.startswith("en"):
            return "Yes" if value else "No"
        return "是" if value else "否"

    def mask(self, value: Any) -> str:
        return "*"

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "boolean"}

    def ui(self, field: Field) -> dict[str, Any]:
        return {"widget": self.widget, "autocomplete": "off"}
