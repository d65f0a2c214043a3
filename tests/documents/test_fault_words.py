"""Every fault that the code can tell of a template is told in English as well."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.documents
from core.documents.fault_words import ROWS, english
from core.documents.template_check import TemplateProblem

CHINESE = re.compile("[\u4e00-\u9fff]")
MODULES = ("admission", "blueprint", "context", "engine", "environment", "exact", "filters", "images", "limits", "package", "plainway",
           "printing", "row_filters", "source", "syntax", "template_check", "trial")
NOT_SAID = {"是", "否", "手续", "、"}


def said() -> Iterator[tuple[str, str]]:
    """(module, words) of every Chinese text in the code of templates; `{}` for what changes."""
    for name in MODULES:
        tree = ast.parse((Path(core.documents.__path__[0]) / f"{name}.py").read_text("utf-8"))
        skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
        skipped |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            words = _words(node)
            if words and id(node) not in skipped and CHINESE.search(words) and words not in NOT_SAID:
                yield name, words


def _words(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


PIECES = {"一组字段", "多行", "是否", "数字", "文字", "日期", "图片", "带格式的文字", "子文档", "循环变量", "空值", "这样的值",
          "名称", "结尾"}
"""Names of things inside of a sentence, and dates."""


@pytest.mark.parametrize(("module", "words"), sorted(set(said())))
def test_it_is_told_in_english(module: str, words: str) -> None:
    if words in PIECES or re.fullmatch(r"\{\}年\{\}月\{\}日| 第 \{\} 段|「\{\}」.*改为.*", words):
        return
    told = english(words.replace("{}", "x") + ("x" if words.endswith("：") else ""))
    assert told and not CHINESE.search(told.replace("「", "").replace("」", "")), "say it in fault_words.py"


def test_rows_keep_what_changes() -> None:
    assert [row for row in ROWS if row[0].count("{}") != row[1].count("{}")] == []
    assert english("没有声明 form.nmae(nmae 未知)") == "form.nmae is not declared (nmae is unknown)"
    assert english("模板含 {{p }} 标记：放入子文档时生成较慢").startswith("contains a {{p }} tag")
    assert english("something else") == "something else"


def test_a_problem_in_both_languages() -> None:
    problem = TemplateProblem("error", 3120, "没有声明 x(x 未知)", "word/header1.xml", 2, "致 {{ x }}", "是否指 y?")
    assert problem.told() == "word/header1.xml 第 2 段「致 {{ x }}」:没有声明 x(x 未知)"
    assert problem.told("en") == "word/header1.xml, paragraph 2 “致 {{ x }}”: x is not declared (x is unknown)"
    assert (problem.advice(), problem.advice("en")) == ("是否指 y?", "y perhaps?")
    assert TemplateProblem("error", 3130, "试印这个模板超过 10 秒，已停止").told("en").startswith("trying this template")
