"""What all domain classes share: frozen, closed, and silent about I/O."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A name in definitions: lower-case English, digits, underscores; starts with a letter."""

Rule = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""A CEL expression; compiled and proved by the definitions floor."""


class Frozen(BaseModel):
    """A frozen value that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, ser_json_inf_nan="constants")


class Text(Frozen):
    """Words for people, in Chinese and English; a bare string says both."""

    zh: str
    en: str = ""

    def __str__(self) -> str:
        return self.zh

    def in_(self, locale: str) -> str:
        """The text in `locale` (`zh_CN`, `en`), Chinese when there is no English."""
        return (self.en or self.zh) if locale.startswith("en") else self.zh


def _text(value: Any) -> Any:
    return {"zh": value, "en": value if value.isascii() else ""} if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, (str, dict)) else value


Words = Annotated[Text, BeforeValidator(_text, json_schema_input_type=str | Text)]
"""A `Text` field in a definition: `标题` or `{zh: 标题, en: Title}`."""

Names = Annotated[tuple[Name, ...], BeforeValidator(_listed, json_schema_input_type=Name | tuple[Name, ...])]
"""A list of names; a single name may stand without brackets."""


class Named(Frozen):
    """An item of a list that higher layers merge by `name`."""

    name: Name
    title: Words
    source: str = Field(default="", description="Where the rule comes from, like `S0 A20 §4.1.1`; shown by `why`.")
