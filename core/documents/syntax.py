"""What is wrong with a tag, for somebody who knows Word: Jinja says it in English and in terms of Python."""

from __future__ import annotations

import re

_WIDE = dict(zip("（）｛｝［］＂＇“”‘’，：；．｜％＝＜＞！＋－＊／", "(){}[]\"'\"\"'',:;.|%=<>!+-*/", strict=True))
_ENDS = {"endif": "if", "endfor": "for", "endset": "set", "endmacro": "macro", "endwith": "with", "endcall": "call", "endfilter": "filter"}
_PLACES = ("tr", "tc", "p", "r")


def said(message: str, tag: str) -> tuple[str, str]:
    """What is wrong and what to do, in Chinese; `tag`: the words of the tags on the line. Jinja's own words where it is none of
    the known mistakes."""
    wide = [letter for letter in tag if letter in _WIDE]
    for pattern, explain in _KNOWN:
        found = re.search(pattern, message)
        if found:
            what, remedy = explain(*found.groups())
            return what, remedy or _narrow(wide)
    return f"标记有误：{message}", _narrow(wide)


def _narrow(wide: list[str]) -> str:
    return "标记里请用半角符号：" + "、".join(f"「{letter}」改为「{_WIDE[letter]}」" for letter in dict.fromkeys(wide)) if wide else ""


def _unknown_tag(name: str) -> tuple[str, str]:
    place = next((place for place in _PLACES if name == place or (name.startswith(place) and name[len(place):] in _WORDS)), "")
    if place:
        return f"不认识的标记 {name}", (f"{place} 紧跟在 {{% 之后、后面空一格，如 {{%{place} if …%}}；"
                                        f"这种标记里不能有 % 和 }}")
    if name in _ENDS:
        return f"{{% {name} %}} 之前没有 {{% {_ENDS[name]} … %}}", ""
    return f"不认识的标记 {name}", "可以用 if、for、set、macro、with"


_WORDS = ("if", "elif", "else", "endif", "for", "endfor", "set", "with", "endwith")


def _crossed(name: str, expected: str) -> tuple[str, str]:
    return f"{{% {name} %}} 与前面的标记交叉", f"这里应先写 {{% end{expected} %}}，结束前面的 {expected}"


def _not_ended(name: str) -> tuple[str, str]:
    return f"{{% {name} %}} 没有结束", f"补上 {{% end{name} %}}"


def _character(letter: str) -> tuple[str, str]:
    return f"标记里不能有「{letter}」", _narrow([letter] if letter in _WIDE else [])


def _expected(wanted: str, got: str) -> tuple[str, str]:
    return f"标记没有写完整：这里应是 {_token(wanted)}，却是 {_token(got)}", "比较两个值请写 ==" if got == "=" else ""


def _token(word: str) -> str:
    return {"end of print statement": "}}", "end of statement block": "%}", "name": "名称", "end of template": "结尾", "string": "文字",
            "integer": "数字", "begin of statement block": "{%"}.get(word, f"「{word}」")


_KNOWN = (
    (r"unknown tag '(end\w+|elif|else)'.*innermost block that needs to be closed is '(\w+)'", _crossed),
    (r"unknown tag '(\w+)'", _unknown_tag),
    (r"Unexpected end of template.*innermost block that needs to be closed is '(\w+)'", _not_ended),
    (r"unexpected char '(.)'", _character),
    (r"expected token '([^']+)', got '([^']+)'", _expected),
    (r"^unexpected '(.+)'", lambda word: (f"多出「{word}」", "")),
    (r"^[Uu]nexpected end of template", lambda: ("标记没有结束", "")),
    (r"^Expected an expression, got '(.+)'", lambda word: (f"这里应是名称或数值，却是 {_token(word)}", "")),
    (r"can't assign to '(.+)'", lambda word: (f"不能给「{word}」取值", "")),
)
