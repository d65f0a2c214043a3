"""Field types that point at something kept elsewhere: unit, person, file, photo, ink; and the containers."""

from __future__ import annotations

import re
from typing import Any

from core.domain.base import Text
from core.domain.forms import Field
from core.forms.field_type import Context, FieldType, Wrong
from core.forms.messages import say

_UNIT = re.compile(r"[\w\-/.#]{1,60}")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class UnitType(FieldType):
    """The code of a unit of this estate, like `3-2-501`."""

    name = "unit"
    title = Text(zh="房号", en="Unit")
    longest = 60

    def parse(self, text: str, field: Field) -> str:
        if not _UNIT.fullmatch(text):
            raise Wrong(say("unit"))
        return text

    def validate(self, value: str, field: Field, context: Context) -> list[Text]:
        if context.unit_exists is not None and not context.unit_exists(value):
            return [say("no_unit", value=value)]
        return []


class PersonType(FieldType):
    """A person or firm that the estate knows: id, or name where there is no register."""

    name = "person"
    title = Text(zh="人员", en="Person")
    longest = 100

    def parse(self, text: str, field: Field) -> str:
        if "\n" in text:
            raise Wrong(say("person"))
        return text

    def validate(self, value: str, field: Field, context: Context) -> list[Text]:
        if context.person_exists is not None and not context.person_exists(value):
            return [say("no_person", value=value)]
        return []


class FileType(FieldType):
    """A file in the blob store: the SHA-256 of its bytes in hex."""

    name = "file"
    title = Text(zh="文件", en="File")
    widget = "file"
    longest = 64
    wrong = "blob"

    def parse(self, text: str, field: Field) -> str:
        if not _SHA256.fullmatch(text):
            raise Wrong(say(self.wrong))
        return text

    def validate(self, value: str, field: Field, context: Context) -> list[Text]:
        if context.blob_exists is not None and not context.blob_exists(value):
            return [say(self.wrong)]
        return []

    def show(self, value: str, field: Field, locale: str = "zh_CN") -> str:
        return value[:8]

    def document(self, value: str, field: Field) -> str:
        return value

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the uploaded bytes"}

    def ui(self, field: Field) -> dict[str, Any]:
        return {"widget": self.widget, "autocomplete": "off"}


class PhotoType(FileType):
    """A photo in the blob store; tablets offer the camera."""

    name = "photo"
    title = Text(zh="照片", en="Photo")

    def ui(self, field: Field) -> dict[str, Any]:
        return super().ui(field) | {"accept": "image/jpeg,image/png", "capture": "environment"}


class InkType(FileType):
    """A handwritten signature in the blob store, drawn on the signature pad."""

    name = "ink"
    title = Text(zh="手写签名", en="Ink signature")
    widget = "ink"
    wrong = "ink"


class TableType(FieldType):
    """Repeating rows of scalar columns; its values are made cell by cell."""

    name = "table"
    title = Text(zh="表格", en="Table")
    widget = "table"

    def ui(self, field: Field) -> dict[str, Any]:
        return {"widget": self.widget, "min_rows": field.min_rows, "max_rows": field.max_rows}


class GroupType(FieldType):
    """Scalar fields that stand together; its values are made field by field."""

    name = "group"
    title = Text(zh="分组", en="Group")
    widget = "group"

    def ui(self, field: Field) -> dict[str, Any]:
        return {"widget": self.widget}
