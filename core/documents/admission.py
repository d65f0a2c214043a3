"""What a template may say: its syntax tree is gone through once, before any of it runs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from jinja2 import nodes

from core.documents.environment import PLACES, Cage

_ALLOWED = frozenset(
    {
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.Name,
        nodes.Getattr,
        nodes.Getitem,
        nodes.Slice,
        nodes.Const,
        nodes.List,
        nodes.Tuple,
        nodes.Dict,
        nodes.Pair,
        nodes.Keyword,
        nodes.For,
        nodes.If,
        nodes.Assign,
        nodes.AssignBlock,
        nodes.Macro,
        nodes.CallBlock,
        nodes.With,
        nodes.Filter,
        nodes.FilterBlock,
        nodes.Test,
        nodes.Not,
        nodes.And,
        nodes.Or,
        nodes.Compare,
        nodes.Operand,
        nodes.CondExpr,
        nodes.Concat,
        nodes.Add,
        nodes.Sub,
        nodes.Mul,
        nodes.Div,
        nodes.FloorDiv,
        nodes.Mod,
        nodes.Neg,
        nodes.Pos,
        nodes.Call,
    }
)
_SPELT = {"Scope": "autoescape", "ScopedEvalContextModifier": "autoescape", "FromImport": "from"}
# docxtpl's way to write a literal {{ in a template.
_LITERALS = (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}"))


class Forbidden(Exception):
    """A construct that no template may use, at a line of its source."""

    def __init__(self, what: str, line: int, number: int, remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.line, self.number, self.remedy = what, line, number, remedy


def admit(tree: nodes.Template, cage: Cage) -> None:
    """Goes through the whole tree; Forbidden (3111, 3113) at the first thing that may not run."""
    macros = {macro.name for macro in tree.find_all(nodes.Macro)}
    for node in _all(tree):
        kind = type(node)
        if kind not in _ALLOWED:
            raise Forbidden(
                f"模板里不能使用 {_SPELT.get(kind.__name__, kind.__name__.lower())}", _line(node), 3111
            )
        if isinstance(node, nodes.Call) and not _callable(node.node, macros):
            raise Forbidden("模板里不能调用函数", node.lineno, 3111, "请改用过滤器，如 {{ x|date }}")
        if isinstance(node, nodes.Filter) and (node.name not in cage.filters or node.name in PLACES):
            raise Forbidden(f"没有过滤器 {node.name}", node.lineno, 3113, _nearest(node.name, cage.filters))
        if isinstance(node, nodes.Test) and node.name not in cage.tests:
            raise Forbidden(f"没有判断 is {node.name}", node.lineno, 3113, _nearest(node.name, cage.tests))


def _all(node: nodes.Node) -> Iterator[nodes.Node]:
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(current.iter_child_nodes())


def _line(node: nodes.Node) -> int:
    return next((found.lineno for found in (node, *node.find_all(nodes.Node)) if found.lineno), 1)


def _callable(target: nodes.Node, macros: set[str]) -> bool:
    if isinstance(target, nodes.Name):
        return target.name in macros or target.name in ("loop", "caller")
    return (
        isinstance(target, nodes.Getattr)
        and isinstance(target.node, nodes.Name)
        and target.node.name == "loop"
        and target.attr in ("cycle", "changed")
    )


def _nearest(name: str, known: object) -> str:
    found = difflib.get_close_matches(name, [word for word in known if not word.startswith("@")], 1)  # type: ignore[attr-defined]
    return f"是否指 {found[0]}?" if found else ""


# ---------------------------------------------------------------- places

_TAG = re.compile(r"<[^<>]*$|<(/?)(w:[A-Za-z]+)[^<>]*?(/?)>(?=[^<>]*$)")
_OPENS_RUN_LEVEL = frozenset({"w:p", "w:hyperlink", "w:ins", "w:smartTag", "w:sdtContent", "w:fldSimple"})
_CLOSES_TO_RUN_LEVEL = frozenset(
    {"w:r", "w:pPr", "w:hyperlink", "w:ins", "w:smartTag", "w:bookmarkStart", "w:bookmarkEnd", "w:proofErr"}
)
_CLOSES_TO_BLOCK_LEVEL = frozenset({"w:p", "w:tbl", "w:tcPr", "w:sectPr"})
_OPENS_BLOCK_LEVEL = frozenset(
    {"w:body", "w:tc", "w:hdr", "w:ftr", "w:txbxContent", "w:footnote", "w:endnote"}
)


def place_after(text: str, before: str) -> str:
    """The place of an expression after `text`: `text`, `@run`, `@block`, `@attribute`, or `before`."""
    found = _TAG.search(text, max(text.rfind("<"), 0))
    if not found:
        return before
    if found.group(2) is None:
        return "@attribute"
    closing, name, empty = found.groups()
    closed = closing or empty
    if name == "w:t" and not closed:
        return "text"
    if name in (_CLOSES_TO_RUN_LEVEL if closed else _OPENS_RUN_LEVEL):
        return "@run"
    if name in (_CLOSES_TO_BLOCK_LEVEL if closed else _OPENS_BLOCK_LEVEL):
        return "@block"
    return "text"


def settle(tree: nodes.Template, mark: str, first_place: str = "text") -> None:
    """Takes `mark` out of the static text, writes docxtpl's literals, tells each expression its place."""
    place = first_place
    for output in tree.find_all(nodes.Output):
        for index, node in enumerate(output.nodes):
            if isinstance(node, nodes.TemplateData):
                node.data = _clean(node.data, mark)
                place = place_after(node.data, place)
            elif place != "text":
                output.nodes[index] = nodes.Filter(node, place, [], [], None, None, lineno=node.lineno)
                output.nodes[index].environment = node.environment


def _clean(data: str, mark: str) -> str:
    data = data.replace(f"\n{mark}", "").replace(mark, "")
    if "_" in data:
        for written, meant in _LITERALS:
            data = data.replace(written, meant)
    return data
