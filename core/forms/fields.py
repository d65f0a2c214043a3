"""The register of field types: the built-in ones and, per running system, those of plugins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.domain.forms import FIELD_TYPES, Field
from core.errors import PluginError
from core.forms.field_type import FieldType
from core.forms.identities import CompanyCodeType, PassportType, PhoneType, ResidentIdType
from core.forms.moments import DateTimeType, DateType, TimeType
from core.forms.numbers import DecimalType, IntegerType, MoneyType
from core.forms.references import FileType, GroupType, InkType, PersonType, PhotoType, TableType, UnitType
from core.forms.words import ChoicesType, ChoiceType, LongTextType, TextType, YesNoType


class FieldTypes:
    """Field types by name; frozen once made. A plugin's type may not take a name that is in use."""

    def __init__(self, types: Iterable[FieldType]) -> None:
        self._types: dict[str, FieldType] = {}
        for type_ in types:
            if not type_.name:
                raise PluginError(f"字段类型 {type(type_).__name__} 没有名称 (a field type needs a name)")
            if type_.name in self._types:
                raise PluginError(f"字段类型“{type_.name}”重复 (field type `{type_.name}` exists already)")
            self._types[type_.name] = type_

    def with_(self, more: Iterable[FieldType]) -> FieldTypes:
        """These types and `more`; PluginError when a name is taken."""
        return FieldTypes([*self._types.values(), *more])

    def of(self, field: Field) -> FieldType:
        """The type of `field`; KeyError when nobody knows it."""
        return self._types[field.type]

    def __contains__(self, name: str) -> bool:
        return name in self._types

    def __iter__(self) -> Iterator[FieldType]:
        return iter(self._types.values())


BUILT_IN = FieldTypes([
    TextType(), LongTextType(), IntegerType(), DecimalType(), MoneyType(), DateType(), TimeType(),
    DateTimeType(), ChoiceType(), ChoicesType(), YesNoType(), PhoneType(), ResidentIdType(), PassportType(),
    CompanyCodeType(), UnitType(), PersonType(), FileType(), PhotoType(), InkType(), TableType(), GroupType(),
])
"""The types that the language names; `FIELD_TYPES` lists the same."""

assert {type_.name for type_ in BUILT_IN} == set(FIELD_TYPES), "the language names the same types"
