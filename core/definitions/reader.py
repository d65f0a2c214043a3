"""YAML as a tree of values that know where they stand.

A subset of YAML that means one thing only: mappings with text keys, lists, text, whole numbers, true/false,
null. `2.80`, `2026-03-01`, `12:30`, `yes` and `012` stay text. Anchors, aliases, tags, duplicate keys and
several documents in one file are refused. Every refusal says file:line:column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from yaml.cyaml import CParser  # pyright: ignore[reportAttributeAccessIssue]

from core.definitions.syntax import explain
from core.errors import DefinitionError, DefinitionErrors, Mark

MAX_BYTES = 1_000_000
MAX_DEPTH = 60

PathTuple = tuple[str | int, ...]

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_ANCHOR = re.compile(r"(?:^|[\s\[{,:-])[&*][^\s&,\[\]{}=|]", re.MULTILINE)
_LADDER = re.compile(r"^[ ]*(?:[-?] +){30,}", re.MULTILINE)
_INT = re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$")
_TAG = "tag:yaml.org,2002:"


_WORDS = {"true": f"{_TAG}bool", "false": f"{_TAG}bool", "null": f"{_TAG}null", "~": f"{_TAG}null", "": f"{_TAG}null"}


class _Parser(CParser):
    """libyaml's parser with the plain values of this language and no constructor."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node that has none; asked for every value."""
        if kind is not yaml.ScalarNode:
            return f"{_TAG}map" if kind is yaml.MappingNode else f"{_TAG}seq"
        if not implicit[0]:
            return f"{_TAG}str"
        return _WORDS.get(value) or (f"{_TAG}int" if _INT.match(value) else f"{_TAG}str")

    def descend_resolver(self, *_: object) -> None:
        """No value is resolved by where it stands."""

    def ascend_resolver(self) -> None:
        """No value is resolved by where it stands."""


@dataclass(slots=True)
class Node:
    """A value and its place: `value` is a dict of nodes, a list of nodes, or None, bool, int, str.

    `mark` is where the value starts, `key_mark` where its key stands (same as `mark` for list items);
    `inset` is how many columns of quotes stand before the text, None when the text is folded or escaped.
    """

    value: Any
    mark: Mark
    key_mark: Mark
    inset: int | None = 0

    @property
    def plain(self) -> Any:
        """The value without marks: dict, list, None, bool, int or str."""
        value = self.value
        if isinstance(value, dict):
            return {key: node.plain for key, node in value.items()}
        if isinstance(value, list):
            return [node.plain for node in value]
        return value

    def walk(self, path: PathTuple = ()) -> Iterator[tuple[PathTuple, Node]]:
        """Every node below and including this one, with its path."""
        yield path, self
        children = (
            self.value.items()
            if isinstance(self.value, dict)
            else enumerate(self.value)
            if isinstance(self.value, list)
            else ()
        )
        for step, child in children:
            yield from child.walk((*path, step))

    @property
    def marks(self) -> dict[PathTuple, Mark]:
        """Path → place of every value."""
        return {path: node.mark for path, node in self.walk()}

    def nearest(self, path: PathTuple) -> tuple[Node, PathTuple]:
        """The deepest node that stands on `path`, and the rest of the path below it.

        A number in a mapping counts its keys, as models do that turn a mapping into a list; the name of a model, which is a
        branch of a union, is passed over.
        """
        node = self
        for at, step in enumerate(path):
            child = _child(node.value, step)
            if child is None and isinstance(step, str) and step[:1].isupper():
                continue
            if child is None:
                return node, path[at:]
            node = child
        return node, ()


def _child(value: Any, step: str | int) -> Node | None:
    if isinstance(value, dict):
        if isinstance(step, int):
            children = list(value.values())
            return children[step] if step < len(children) else None
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def read(path: Path, name: str = "") -> Node:
    """The tree of the file `path`, shown as `name` in marks; DefinitionErrors with every problem found."""
    shown = name or str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = DefinitionError(f"读不了这个文件 (cannot read): {error.strerror}", Mark(shown), number=1205)
        raise DefinitionErrors([problem]) from error
    return read_bytes(data, shown)


@lru_cache(maxsize=8192)
def read_bytes(data: bytes, name: str) -> Node:
    """The tree of `data`; kept by content, so that the same file is parsed once. Do not change the result."""
    known = memory.get()
    return known(data, name, lambda: _parsed(data, name)) if known else _parsed(data, name)


memory: ContextVar[Callable[[bytes, str, Callable[[], Node]], Node] | None] = ContextVar("memory", default=None)
"""What gives the tree of a file that may have been read before (core.definitions.trees), or parses it."""


def _parsed(data: bytes, name: str) -> Node:
    text = _decoded(data, name)
    _refuse_depth(text, name)
    _refuse_anchors(text, name)
    try:
        root = _Parser(text).get_single_node()
    except yaml.YAMLError as error:
        raise DefinitionErrors([explain(error, text, name)]) from error
    if root is None:
        raise DefinitionErrors([DefinitionError("文件是空的 (the file is empty)", Mark(name), number=1201)])
    builder = _Builder(name)
    node = builder.node(root, None)
    if builder.problems:
        raise DefinitionErrors(builder.problems)
    return node


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        raise DefinitionErrors([DefinitionError("文件大于 1 MB (file over 1 MB)", Mark(name), number=1202)])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        mark = Mark(name, before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode("utf-8")) + 1)
        problem = DefinitionError(
            "不是 UTF-8 编码 (not UTF-8)", mark, number=1202, remedy="请在编辑器里另存为 UTF-8(不带 BOM)"
        )
        raise DefinitionErrors([problem]) from error
    problems = [
        DefinitionError(_control_message(found.group()), place(text, found.start(), name), number=1202)
        for found in _CONTROL.finditer(text)
    ]
    if problems:
        raise DefinitionErrors(problems[:20])
    return text


def _control_message(character: str) -> str:
    if character == "\ufeff":
        return "文件带有 BOM (byte order mark); 请另存为不带 BOM 的 UTF-8"
    return f"不可见的控制字符 U+{ord(character):04X}，请删除 (control character)"


def place(text: str, offset: int, name: str) -> Mark:
    """The mark of the character at `offset` of `text`."""
    return Mark(name, text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)


def _refuse_depth(text: str, name: str) -> None:
    """libyaml recurses per level and would take the process down with it: refuse before it is asked."""
    depth = 0
    for found in re.finditer(r"[\[\]{}]", text):
        depth = depth + 1 if found.group() in "[{" else max(0, depth - 1)
        if depth > MAX_DEPTH:
            raise DefinitionErrors([_too_deep(place(text, found.start(), name))])
    ladder = _LADDER.search(text)
    indent = re.search(r"^ {400}", text, re.MULTILINE)
    found = ladder or indent
    if found:
        raise DefinitionErrors([_too_deep(place(text, found.start(), name))])


def _too_deep(mark: Mark) -> DefinitionError:
    return DefinitionError("嵌套太深 (nested too deep)", mark, number=1201)


def _refuse_anchors(text: str, name: str) -> None:
    if not _ANCHOR.search(text):
        return
    problems: list[DefinitionError] = []
    try:
        for event in yaml.parse(text, Loader=_Parser):  # type: ignore[arg-type]
            if getattr(event, "anchor", None) is not None:
                start = event.start_mark
                mark = Mark(name, start.line + 1, start.column + 1)
                problems.append(
                    DefinitionError(
                        "不能使用锚点和引用 & * (anchors and aliases are not used here)",
                        mark,
                        number=1204,
                        remedy="把内容写两遍；以 * 或 & 开头的文字请加引号",
                    )
                )
    except yaml.YAMLError as error:
        raise DefinitionErrors([explain(error, text, name)]) from error
    if problems:
        raise DefinitionErrors(problems)


class _Builder:
    """Turns libyaml's nodes into ours and collects what the language refuses."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[DefinitionError] = []

    def mark(self, node: yaml.Node) -> Mark:
        return Mark(self.name, node.start_mark.line + 1, node.start_mark.column + 1)

    def node(self, raw: yaml.Node, key_mark: Mark | None) -> Node:
        mark = self.mark(raw)
        key_mark = key_mark or mark
        if isinstance(raw, yaml.ScalarNode):
            return Node(self.scalar(raw, mark), mark, key_mark, _inset(raw))
        kind = raw.tag.removeprefix(_TAG)
        if kind != ("map" if isinstance(raw, yaml.MappingNode) else "seq"):
            self.refuse_tag(raw.tag, mark)
        if isinstance(raw, yaml.MappingNode):
            return Node(self.mapping(raw), mark, key_mark)
        return Node([self.node(item, None) for item in raw.value], mark, key_mark)

    def mapping(self, raw: yaml.MappingNode) -> dict[str, Node]:
        members: dict[str, Node] = {}
        for raw_key, raw_value in raw.value:
            mark = self.mark(raw_key)
            if not isinstance(raw_key, yaml.ScalarNode):
                self.problems.append(
                    DefinitionError("键要是一个词，不能是列表或映射 (a key is a word)", mark, number=1203)
                )
                continue
            key = raw_key.value
            if key in members:
                first = members[key].key_mark
                self.problems.append(
                    DefinitionError(f"`{key}` 写了两次，第一次在第 {first.line} 行 (duplicate key)", mark, number=1203)
                )
                continue
            members[key] = self.node(raw_value, mark)
        return members

    def scalar(self, raw: yaml.ScalarNode, mark: Mark) -> Any:
        kind = raw.tag.removeprefix(_TAG)
        if kind == "str":
            return raw.value
        if kind == "null" and raw.value in ("", "~", "null"):
            return None
        if kind == "bool" and raw.value in ("true", "false"):
            return raw.value == "true"
        if kind == "int" and _INT.match(raw.value):
            return int(raw.value)
        self.refuse_tag(raw.tag, mark)
        return None

    def refuse_tag(self, tag: str, mark: Mark) -> None:
        shown = "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
        self.problems.append(
            DefinitionError(
                f"不能使用标签 `{shown}` (tags are not used here)",
                mark,
                number=1204,
                remedy="以 ! 开头的文字请加引号",
            )
        )


def _inset(raw: yaml.ScalarNode) -> int | None:
    """Columns between the start of the scalar and its text, where text and file agree character by
    character."""
    if raw.start_mark.line != raw.end_mark.line or raw.style in ("|", ">"):
        return None
    inset = 1 if raw.style in ("'", '"') else 0
    written = raw.end_mark.column - raw.start_mark.column - 2 * inset
    return inset if written == len(raw.value) else None
