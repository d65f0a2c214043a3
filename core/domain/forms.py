"""What a form is: fields with types and limits, and rules across them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field as Key, model_validator

from core.domain.base import Frozen, Name, Named, Names, Rule, Words

SCALAR_TYPES = ("text", "long_text", "integer", "decimal", "money", "date", "time", "datetime", "choice", "choices",
                "yes_no", "phone", "resident_id", "passport", "company_code", "unit", "person", "file", "photo", "ink")
CONTAINER_TYPES = ("table", "group")
FIELD_TYPES = SCALAR_TYPES + CONTAINER_TYPES
"""Built-in field types; plugins add more by the `field_types` hook (then `check` knows them)."""


class Choice(Frozen):
    """One value of a choice, as stored and as shown."""

    value: str
    title: Words


def _choice(value: Any) -> Any:
    return [{"value": v, "title": v} if isinstance(v, str) else v for v in value] if isinstance(value, list) else value


def _limit(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) and _NUMBER.match(value) else value


_NUMBER = re.compile(r"^-?\d{1,18}(\.\d{1,9})?$")

Limit = Annotated[Decimal | str, BeforeValidator(_limit, json_schema_input_type=int | str)]
"""A number, which definitions write without a point or as text (`2.5`), or an ISO date."""


class Field(Named):
    """One question of a form.

    Values by type: text/long_text/phone/resident_id/passport/company_code/choice/unit/person → str;
    integer → int; decimal → Decimal; money → Decimal in 元 with two places; date/time/datetime → ISO 8601 str;
    choices → list[str]; yes_no → bool; file/photo/ink → str, SHA-256 of the blob; table → list of rows
    (dict by column name); group → dict by field name. Not answered → None (choices/table: []).
    """

    type: Name
    help: Words | None = None
    required: bool = False
    required_when: Rule | None = Key(default=None, description="Required when this rule holds.")
    when: Rule | None = Key(default=None, description="Asked only when this rule holds; else the value is dropped.")
    default: str | int | bool | None = None
    prefill: str | None = Key(default=None, description="Dotted name in the case: `parties.owner.name`, `unit.area`.")
    sensitive: bool | None = Key(
        default=None, description="Encrypted and masked; default: true for identity numbers and phones.")
    min: Limit | None = Key(default=None, description="Least value (number, or ISO date); text: least length.")
    max: Limit | None = Key(default=None, description="Greatest value (number, or ISO date); text: greatest length.")
    places: int | None = Key(default=None, ge=0, le=6, description="Decimal places of a decimal.")
    pattern: str | None = Key(default=None, description="RE2 pattern that the whole text must match.")
    suffix: Words | None = Key(default=None, description="Unit shown behind the value: 元, ㎡.")
    choices: Annotated[
        tuple[Choice, ...], BeforeValidator(_choice, json_schema_input_type=tuple[str | Choice, ...])] = ()
    choices_from: Name | None = Key(default=None, description="The items of this price list are the choices.")
    columns: tuple[Field, ...] = Key(default=(), description="Columns of a table; scalar types only.")
    fields: tuple[Field, ...] = Key(default=(), description="Fields of a group; scalar types only.")
    min_rows: int = Key(default=0, ge=0)
    max_rows: int = Key(default=50, ge=1, le=2000)
    width: Literal["full", "half", "third"] = "half"
    was: Names = Key(default=(), description="Names that this field had before.")

    @property
    def is_sensitive(self) -> bool:
        """Whether the value is encrypted in the store and masked on pages."""
        return self.type in ("resident_id", "passport", "phone") if self.sensitive is None else self.sensitive

    @model_validator(mode="after")
    def _shape(self) -> Field:
        if self.choices_from and self.type not in ("choice", "choices"):
            raise ValueError(f"`{self.name}` 不是选项字段，不能有 choices_from (`choices_from` belongs to a choice)")
        if self.type in ("choice", "choices") and not self.choices and not self.choices_from:
            raise ValueError(f"`{self.name}` 是选项字段，要写 choices (a {self.type} needs `choices`)")
        if self.type == "table" and not self.columns:
            raise ValueError(f"表格 `{self.name}` 要写 columns (a table needs `columns`)")
        if self.type == "group" and not self.fields:
            raise ValueError(f"分组 `{self.name}` 要写 fields (a group needs `fields`)")
        if self.columns and self.type != "table":
            raise ValueError(f"`{self.name}` 不是表格，不能有 columns (`columns` belongs to a table)")
        if self.fields and self.type != "group":
            raise ValueError(f"`{self.name}` 不是分组，不能有 fields (`fields` belongs to a group)")
        if any(inner.type in CONTAINER_TYPES for inner in (*self.columns, *self.fields)):
            raise ValueError(f"`{self.name}`:表格和分组不能互相嵌套 (tables and groups do not nest)")
        if self.min_rows > self.max_rows:
            raise ValueError(f"`{self.name}`:min_rows 大于 max_rows (min_rows is greater than max_rows)")
        return self


class CrossRule(Frozen):
    """A rule across fields: CEL over the form's own values by name; refused with `message` at `field`."""

    name: Name
    check: Rule
    message: Words
    field: Name | None = None
    source: str = ""


class Form(Frozen):
    """A form: fields in order, rules across them, and the code printed on its paper twin."""

    form: Name
    title: Words
    code: str = ""
    source: str = ""
    fields: tuple[Field, ...]
    rules: tuple[CrossRule, ...] = ()

    @property
    def name(self) -> str:
        return self.form

    def field(self, name: str) -> Field:
        """The field called `name`; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)
