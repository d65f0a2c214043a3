"""Every sentence that a form says about a wrong value, in Chinese and English: polite, concrete, no blame."""

from __future__ import annotations

from typing import Any

from core.domain.base import Text

_SAYINGS: dict[str, tuple[str, str]] = {
    "required": ("请填写{title}", "Please fill in {title}"),
    "choose": ("请选择{title}", "Please choose {title}"),
    "attach": ("请上传{title}", "Please attach {title}"),
    "sign": ("请在此签名", "Please sign here"),
    "unprintable": ("第 {position} 个字符({code})无法印在文书上，请删除",
                    "Character {position} ({code}) cannot be printed; please delete it"),
    "unknown": ("表单中没有“{name}”这一项", "The form has no field “{name}”"),
    "once": ("“{title}”只能填一个值", "“{title}” takes one value"),
    "too_many_fields": ("填写项超过 {most} 个，请分次提交", "More than {most} fields; please submit in parts"),
    "longer": ("最多 {most} 个字，现有 {length} 个", "At most {most} characters; now {length}"),
    "shorter": ("至少 {least} 个字，现有 {length} 个", "At least {least} characters; now {length}"),
    "pattern": ("格式不符合要求", "The format is not the expected one"),
    "one_line": ("请写在一行内", "Please write it on one line"),
    "integer": ("请填写整数，如 3", "Please give a whole number, like 3"),
    "decimal": ("请填写数字，如 12.5", "Please give a number, like 12.5"),
    "money": ("请填写金额，如 3276.00", "Please give an amount, like 3276.00"),
    "places": ("最多 {most} 位小数", "At most {most} decimal places"),
    "number_too_long": ("数字太长", "The number is too long"),
    "less": ("不能小于 {least}", "Must not be less than {least}"),
    "more": ("不能大于 {most}", "Must not be greater than {most}"),
    "date": ("请填写日期，如 2026-03-01", "Please give a date, like 2026-03-01"),
    "time": ("请填写时间，如 09:30", "Please give a time, like 09:30"),
    "datetime": ("请填写日期和时间，如 2026-03-01 09:30", "Please give date and time, like 2026-03-01 09:30"),
    "earlier": ("不能早于 {least}", "Must not be earlier than {least}"),
    "later": ("不能晚于 {most}", "Must not be later than {most}"),
    "choice": ("“{value}”不在可选项中", "“{value}” is not one of the choices"),
    "twice": ("“{value}”选了两次", "“{value}” was chosen twice"),
    "yes_no": ("请选择是或否", "Please choose yes or no"),
    "phone": ("请填写手机号(11 位)或带区号的座机号，如 0755-26001234",
              "Please give a mobile number (11 digits) or a landline with area code, like 0755-26001234"),
    "phone_length": ("手机号应为 11 位，现为 {length} 位", "A mobile number has 11 digits; now {length}"),
    "id_length": ("身份证号应为 18 位，现为 {length} 位",
                  "A resident ID number has 18 characters; now {length}"),
    "id_digits": ("身份证号第 {position} 位应为数字",
                  "Character {position} of the resident ID must be a digit"),
    "id_birth": ("身份证号第 7–14 位不是有效的出生日期",
                 "Digits 7–14 of the resident ID are not a date of birth"),
    "id_check": ("身份证号第 18 位应为 {expected}", "Character 18 of the resident ID should be {expected}"),
    "passport": ("护照号应为 5–15 位字母或数字", "A passport number has 5–15 letters or digits"),
    "uscc_length": ("统一社会信用代码应为 18 位，现为 {length} 位",
                    "A unified social credit code has 18 characters; now {length}"),
    "uscc_form": ("统一社会信用代码第 {position} 位“{character}”有误",
                  "Character {position} “{character}” of the unified social credit code is wrong"),
    "uscc_check": ("统一社会信用代码第 18 位应为 {expected}",
                   "Character 18 of the unified social credit code should be {expected}"),
    "unit": ("房号只含字母、数字、汉字和 - / . _ #", "A unit code has letters, digits and - / . _ # only"),
    "no_unit": ("没有房屋“{value}”", "There is no unit “{value}”"),
    "person": ("请选择人员", "Please choose a person"),
    "no_person": ("没有找到“{value}”", "“{value}” was not found"),
    "blob": ("文件没有传好，请重新上传", "The file did not arrive; please attach it again"),
    "ink": ("签名没有传好，请重签", "The signature did not arrive; please sign again"),
    "rows_few": ("至少填写 {least} 行，现有 {rows} 行", "At least {least} rows; now {rows}"),
    "rows_many": ("最多 {most} 行，请删去多余的行", "At most {most} rows; please delete the others"),
    "json_string": ("应为文字(JSON string),现为 {got}", "Must be a JSON string, not {got}"),
    "json_integer": ("应为整数(JSON integer),现为 {got}", "Must be a JSON integer, not {got}"),
    "json_number": ("应为数字或数字文字(JSON number 或 string),现为 {got}",
                    "Must be a JSON number or a string of digits, not {got}"),
    "json_finite": ("不能是 NaN 或无穷大", "Must not be NaN or infinite"),
    "json_boolean": ("应为 true 或 false，现为 {got}", "Must be true or false, not {got}"),
    "json_list": ("应为列表(JSON array),现为 {got}", "Must be a JSON array, not {got}"),
    "json_object": ("应为对象(JSON object),现为 {got}", "Must be a JSON object, not {got}"),
    "sheet_formula": ("单元格不能是公式", "The cell must not be a formula"),
    "sheet_error": ("单元格有错误值 {value}", "The cell holds the error {value}"),
}


def say(what: str, **details: Any) -> Text:
    """The message called `what` with its `details`, in both languages."""
    zh, en = _SAYINGS[what]
    return Text(zh=zh.format_map(_In(details, "zh_CN")), en=en.format_map(_In(details, "en")))


class _In(dict[str, Any]):
    """Details by name, those that are `Text` in one language."""

    def __init__(self, details: dict[str, Any], locale: str) -> None:
        super().__init__({name: value.in_(locale) if isinstance(value, Text) else value
                          for name, value in details.items()})


def json_kind(value: Any) -> str:
    """What JSON calls the kind of `value`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, (list, tuple)) else "object"
