"""What libyaml complains about, in plain words and at the nearest place."""

from __future__ import annotations

import yaml

from core.errors import DefinitionError, Mark

_SAYINGS = (
    ("another document", "一个文件里只能有一份内容，请去掉 `---` (one document per file)"),
    ("could not find expected ':'", "这一行缺少冒号 `:`,或冒号后缺少空格 (missing `: `)"),
    (
        "mapping values are not allowed",
        "这里不该再有冒号；文字里含有 `: ` 时请加引号 (quote text that contains `: `)",
    ),
    (
        "cannot start any token",
        "不能以这个字符开头；制表符请换成空格,@ ` % 开头的文字请加引号 (tab or reserved character)",
    ),
    ("did not find expected ',' or ']'", "方括号 [ 没有闭合，或缺少逗号 (unclosed [ )"),
    ("did not find expected ',' or '}'", "花括号 { 没有闭合，或缺少逗号 (unclosed { )"),
    ("unexpected end of stream", "引号没有闭合 (unclosed quote)"),
    ("expected '-' indicator", "同一层里既有列表项 `-` 又有键，请对齐缩进 (list and keys at one indentation)"),
    ("did not find expected key", "缩进不对，或引号后还有文字 (bad indentation, or text after a quote)"),
    ("unknown escape", "双引号里的反斜杠 \\ 有特殊含义，请改用单引号 (use single quotes around a backslash)"),
    ("expected <document start>", "缩进不对：这一行应与上文对齐 (bad indentation)"),
    ("undefined alias", "以 * 开头的文字请加引号 (quote text that starts with *)"),
)
_FULL_WIDTH = {
    "：": ":",
    "，": ",",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "－": "-",
    "　": " ",
    "\u00a0": " ",
}


def explain(error: yaml.YAMLError, text: str, name: str) -> DefinitionError:
    """The mistake that libyaml found, where it is most likely to be mended."""
    problem = str(getattr(error, "problem", None) or error)
    marks = [mark for mark in (getattr(error, "context_mark", None), getattr(error, "problem_mark", None)) if mark]
    # An unclosed bracket or quote is mended where it was opened; everything else where it was noticed.
    opened = any(word in problem for word in ("or ']'", "or '}'", "end of stream", "expected ':'"))
    at = (marks[0] if opened else marks[-1]) if marks else None
    line, column = (at.line + 1, at.column + 1) if at else (1, 1)
    said = next((saying for key, saying in _SAYINGS if key in problem), f"YAML 写法有误 ({problem})")
    return DefinitionError(said, Mark(name, line, column), remedy=_full_width(text, line), number=1201)


def _full_width(text: str, line: int) -> str:
    """A hint when full-width punctuation stands on or just before the line: the commonest slip of a Chinese
    keyboard."""
    lines = text.splitlines()
    for number in (line, line - 1):
        if 1 <= number <= len(lines):
            found = [mark for mark in _FULL_WIDTH if mark in lines[number - 1]]
            if found:
                swaps = ",".join(f"“{mark}”应为“{_FULL_WIDTH[mark]}”" for mark in found)
                return f"第 {number} 行有全角符号：{swaps} (full-width punctuation)"
    return ""
