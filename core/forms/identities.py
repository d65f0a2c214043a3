"""Field types that name a person or firm: phone, resident ID, passport, company code (USCC)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import phonenumbers
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from core.domain.base import Text
from core.domain.forms import Field
from core.forms.field_type import Context, FieldType, Wrong
from core.forms.messages import say

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def _compact(text: str, separators: str = " -") -> str:
    """`text` in half-width capitals without `separators`."""
    if not text.isascii():
        text = text.translate(_HALF_WIDTH)
    for separator in separators:
        text = text.replace(separator, "")
    return text.upper()


class PhoneType(FieldType):
    """A mainland mobile number (`13800138000`), a landline with area code (`0755-26001234`), or, with its
    country code, a number abroad (`+85291234567`)."""

    name = "phone"
    title = Text(zh="电话", en="Phone")
    inputmode = "tel"
    longest = 40
    # every number of this shape is a mobile; new ranges open faster than metadata is published
    _mobile = re.compile(r"1[3-9][0-9]{9}", re.ASCII)

    def parse(self, text: str, field: Field) -> str:
        compact = _compact(text)
        if self._mobile.fullmatch(compact):
            return compact
        try:
            number = phonenumbers.parse(compact, "CN")
        except phonenumbers.NumberParseException:
            raise Wrong(say("phone")) from None
        national = str(number.national_number)
        if number.country_code == 86 and self._mobile.fullmatch(national):
            return national
        if not phonenumbers.is_valid_number(number):
            wrong_length = compact.isdecimal() and compact.startswith("1") and len(compact) != 11
            raise Wrong(say("phone_length", length=len(compact)) if wrong_length else say("phone"))
        return self._written(number)

    @staticmethod
    def _written(number: phonenumbers.PhoneNumber) -> str:
        if number.country_code != 86:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        area, *rest = shown.split(" ")
        return f"{area}-{''.join(rest)}" if area.startswith("0") and rest else shown.replace(" ", "-")

    def mask(self, value: Any) -> str:
        text = str(value)
        return f"{text[:3]}****{text[-4:]}" if len(text) >= 9 else "****"


class ResidentIdType(FieldType):
    """A resident identity number (GB 11643): 18 characters, date of birth, check character.

    The county code is not checked: most of today's were assigned after the year of birth they stand with.
    """

    name = "resident_id"
    title = Text(zh="身份证号", en="Resident ID")
    longest = 40

    def parse(self, text: str, field: Field) -> str:
        number = _compact(text)
        if len(number) != 18:
            raise Wrong(say("id_length", length=len(number)))
        for position, character in enumerate(number[:17], 1):
            if character not in "0123456789":
                raise Wrong(say("id_digits", position=position))
        self._check_birth(number)
        expected = ric.calc_check_digit(number)
        if number[17] != expected:
            raise Wrong(say("id_check", expected=expected))
        return number

    @staticmethod
    def _check_birth(number: str) -> None:
        try:
            born = ric.get_birth_date(number)
        except ValidationError:
            raise Wrong(say("id_birth")) from None
        if born.year < 1880:
            raise Wrong(say("id_birth"))

    def validate(self, value: str, field: Field, context: Context) -> list[Text]:
        if context.today and ric.get_birth_date(value) > context.today:
            return [say("id_birth")]
        return []

    @staticmethod
    def born(value: str) -> date:
        """The date of birth in a valid number."""
        return ric.get_birth_date(value)

    def mask(self, value: Any) -> str:
        text = str(value)
        return f"{text[:4]}{'*' * 10}{text[-4:]}"

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest,
                "description": "18 characters: GB 11643 with date of birth and check character"}


class PassportType(FieldType):
    """A passport number: 5 to 15 letters and digits, in capitals."""

    name = "passport"
    title = Text(zh="护照号", en="Passport")
    longest = 40
    _form = re.compile(r"[A-Z0-9]{5,15}", re.ASCII)

    def parse(self, text: str, field: Field) -> str:
        number = _compact(text)
        if not self._form.fullmatch(number):
            raise Wrong(say("passport"))
        return number

    def mask(self, value: Any) -> str:
        text = str(value)
        return f"{text[:2]}{'*' * max(len(text) - 4, 1)}{text[-2:]}"


class CompanyCodeType(FieldType):
    """A unified social credit code (GB 32100): 18 characters with a check character."""

    name = "company_code"
    title = Text(zh="统一社会信用代码", en="Company code")
    longest = 40
    _letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"

    def parse(self, text: str, field: Field) -> str:
        code = _compact(text)
        if len(code) != 18:
            raise Wrong(say("uscc_length", length=len(code)))
        for position, character in enumerate(code, 1):
            # 3–8 are the region, in digits; letters elsewhere leave out I, O, S, V, Z
            if character not in (self._letters[:10] if 3 <= position <= 8 else self._letters):
                raise Wrong(say("uscc_form", position=position, character=character))
        expected = uscc.calc_check_digit(code)
        if code[17] != expected:
            raise Wrong(say("uscc_check", expected=expected))
        return code

    def mask(self, value: Any) -> str:
        text = str(value)
        return f"{text[:4]}{'*' * 10}{text[-4:]}"
