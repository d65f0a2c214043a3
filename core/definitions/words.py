"""The nearest right word for a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# What people write who know other systems; looked up only when the word itself is not allowed.
_SYNONYMS = {
    "id_card": "resident_id",
    "idcard": "resident_id",
    "identity": "resident_id",
    "string": "text",
    "str": "text",
    "textarea": "long_text",
    "int": "integer",
    "number": "integer",
    "float": "decimal",
    "double": "decimal",
    "bool": "yes_no",
    "boolean": "yes_no",
    "checkbox": "yes_no",
    "select": "choice",
    "radio": "choice",
    "multiselect": "choices",
    "multi_choice": "choices",
    "multiple_choice": "choices",
    "image": "photo",
    "picture": "photo",
    "signature": "ink",
    "mobile": "phone",
    "tel": "phone",
    "telephone": "phone",
    "currency": "money",
    "amount": "money",
    "rows": "table",
    "list": "table",
    "uscc": "company_code",
    "upload": "file",
    "attachment": "file",
    "house": "unit",
    "room": "unit",
    "label": "title",
    "id": "name",
    "key": "name",
    "depends_on": "requires",
    "needs": "requires",
    "after": "requires",
    "options": "choices",
    "values": "choices",
    "regex": "pattern",
    "placeholder": "help",
    "hint": "help",
    "condition": "when",
    "if": "when",
    "papers": "required_documents",
    "fee": "fees",
    "unit": "suffix",
    "optional": "required",
    "items": "columns",
    "mandatory": "required",
    "roles": "role",
    "price": "amount",
    "prices": "amounts",
    "cashier": "finance",
    "engineer": "engineering",
    "guard": "security",
}


def nearest(word: str, words: Iterable[str]) -> str:
    """The word of `words` that was most likely meant, or an empty string."""
    known = sorted(set(words))
    synonym = _SYNONYMS.get(word.lower(), "")
    if synonym in known:
        return synonym
    close = get_close_matches(word.lower().replace("-", "_"), known, n=1, cutoff=0.6)
    if close:
        return close[0]
    part = [other for other in known if len(word) > 3 and (word in other or other in word) and len(other) > 3]
    return min(part, key=len) if part else ""


def unknown(kind_zh: str, kind_en: str, word: str, words: Iterable[str]) -> str:
    """`未知的字段类型 `id_card`;是不是 `resident_id`? (unknown type `id_card`; did you mean
    `resident_id`?)`."""
    guess = nearest(word, words)
    if guess:
        return f"未知的{kind_zh} `{word}`;是不是 `{guess}`? (unknown {kind_en} `{word}`; did you mean `{guess}`?)"
    return f"未知的{kind_zh} `{word}` (unknown {kind_en} `{word}`)"


def known_words(words: Iterable[str], limit: int = 12) -> str:
    """A remedy that lists what may be written, when it is few enough to help."""
    listed = sorted(set(words))
    return f"可以写：{'、'.join(listed)}" if 0 < len(listed) <= limit else ""
