"""What a difference is called: words for people, for the terminal and the pages."""

from __future__ import annotations

from typing import Any

from core.definitions.differing import ESTATE_FILE, Change, Difference, Said
from core.domain.base import Text

_LONGEST, _LONGEST_ITEM = 200, 60
FILES = {
    "procedure.yaml": Text(zh="流程", en="Steps"), "fee_schedule.yaml": Text(zh="费用", en="Fees"),
    "required_documents.yaml": Text(zh="所需资料", en="Required documents"), "checklists.yaml": Text(zh="检查表", en="Checklists"),
    "documents.yaml": Text(zh="文书", en="Documents"), "texts.yaml": Text(zh="条款", en="Clauses"),
    "registers.yaml": Text(zh="登记表", en="Registers"), ESTATE_FILE: Text(zh="项目", en="Estate"), "": Text(zh="手续", en="Procedure")}
FOLDERS = {"forms": Text(zh="表单", en="Form"), "document_templates": Text(zh="模板", en="Template"),
           "walkthroughs": Text(zh="演练", en="Walkthrough")}
KEYS = {
    "steps": Text(zh="步骤", en="steps"), "parties": Text(zh="当事人", en="parties"), "children": Text(zh="子办件", en="sub-cases"),
    "facts": Text(zh="事实", en="facts"), "counts": Text(zh="计数", en="counts"), "series": Text(zh="编号册", en="number series"),
    "price_lists": Text(zh="价目表", en="price lists"), "outcomes": Text(zh="结果", en="outcomes"),
    "settings": Text(zh="设置", en="settings"), "roles": Text(zh="岗位", en="roles"),
    "procedures": Text(zh="办理的手续", en="procedures"), "hours": Text(zh="办公时间", en="hours")}
ATTRIBUTES = {
    "building": Text(zh="楼栋", en="building"), "building_type": Text(zh="房屋类型", en="building type"), "use": Text(zh="用途", en="use"),
    "layout": Text(zh="户型", en="layout"), "person_type": Text(zh="业主类别", en="kind of owner")}
_SAID_BY_FILE = ("fees", "required_documents", "checklists", "documents", "texts", "registers", "fields")


def words(one: Difference, locale: str = "zh") -> str:
    """Where a difference is, as people say it: 费用 → 装修保证金 → amount."""
    inside = words_inside(one, locale)
    return file_words(one.file, locale) + (f" → {inside}" if inside else "")


def file_words(file: str, locale: str = "zh") -> str:
    """What people call a file of a procedure."""
    folder, _, name = file.partition("/")
    if name:
        return f"{FOLDERS[folder].in_(locale) if folder in FOLDERS else folder} → {name.removesuffix('.yaml')}"
    return FILES[file].in_(locale) if file in FILES else file


def words_inside(one: Difference, locale: str = "zh") -> str:
    """Where it is inside its file."""
    last = len(one.path) - 1
    parts = [KEYS[str(key)].in_(locale) if title == key and title in KEYS else title
             for at, (key, title) in enumerate(zip(one.path, one.titles, strict=True))
             if not (at == 0 and key in _SAID_BY_FILE) and not (key == "items" and at < last)]
    return " → ".join(parts)


def units(one: Difference, locale: str = "zh") -> str:
    """For which units it is: 楼栋 3; empty: for all."""
    given, other = dict(one.when), Text(zh="其他", en="any other ")
    said = [f"{ATTRIBUTES[key].in_(locale)} {given[key]}" if key in given else f"{other.in_(locale)}{ATTRIBUTES[key].in_(locale)}"
            for key in one.by]
    return _comma(locale).join(said)


def value_words(said: Said | None, change: Change, locale: str = "zh") -> str:
    """A value in few words: a text as it is, an item by what it says beside its title, a list by its members."""
    english = locale.startswith("en")
    if said is None:
        return "—"
    if change == "moved":
        return (f"after {said.value}" if english else f"在 {said.value} 之后") if said.value else "first" if english else "在最前"
    if said.value is None:
        return "taken out" if english else "去掉"
    if isinstance(said.value, dict) and "zh" not in said.value:
        return _cut(_members_words(said.value, locale), _LONGEST_ITEM) or ("is there" if english else "有")
    if isinstance(said.value, list) and all(isinstance(one, dict) for one in said.value):
        titles = (_short(one.get("title") or one.get("name") or one, locale) for one in said.value)
        return _cut(_comma(locale).join(titles) or ("(empty)" if english else "（空）"), _LONGEST_ITEM)
    return _cut(_short(said.value, locale))


def _comma(locale: str) -> str:
    return ", " if locale.startswith("en") else "、"


def _members_words(value: dict[str, Any], locale: str) -> str:
    comma = ", " if locale.startswith("en") else "，"
    return comma.join(f"{key} {_short(inner, locale)}" for key, inner in value.items() if key not in ("title", "name", "source"))


def _short(value: Any, locale: str) -> str:
    if isinstance(value, bool) or value is None:
        return {True: Text(zh="是", en="yes"), False: Text(zh="否", en="no"), None: Text(zh="~")}[value].in_(locale)
    if isinstance(value, dict):
        if "zh" in value:
            return str((value.get("en") if locale.startswith("en") else "") or value["zh"])
        title = value.get("title") or value.get("name")
        parts = (_short(title, locale) if title else "", _members_words(value, locale))
        return (", " if locale.startswith("en") else "，").join(one for one in parts if one)
    if isinstance(value, list):
        return _comma(locale).join(_short(one, locale) for one in value) or ("(empty)" if locale.startswith("en") else "（空）")
    return str(value)


def _cut(text: str, longest: int = _LONGEST) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
