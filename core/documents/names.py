"""Which names a template uses, read from its syntax tree: loop variables become the rows they run over."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import nodes

# Filters that give back what went in, or rows of it.
_PASSING = frozenset({"default", "d", "optional", "at_least", "reverse", "list", "sort", "unique", "select", "reject", "selectattr",
                      "rejectattr"})
_TAKING_ROW = frozenset({"first", "last", "min", "max"})
# Filters that hand out the rows in portions, and those whose first word is a field of the rows.
_PORTIONS = frozenset({"batch", "slice"})
_BY_FIELD = frozenset({"selectattr", "rejectattr", "map", "groupby"})
_GUARDS = frozenset({"default", "d", "optional"})


@dataclass(frozen=True)
class Use:
    """One use of a name: `form.items[].name`, source line; `guarded` by a default or `is defined`."""

    path: str
    line: int
    guarded: bool = False


def uses(tree: nodes.Template) -> list[Use]:
    """Every use of a name of the context, in the order of the source."""
    reader = _Reader()
    reader.body(tree.body, {})
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: list[Use] = []

    def body(self, statements: list[nodes.Node], scope: dict[str, str | None]) -> None:
        for statement in statements:
            self.read(statement, scope)

    def read(self, node: nodes.Node | None, scope: dict[str, str | None], guarded: bool = False) -> None:
        if node is None:
            return
        special = getattr(self, f"_{type(node).__name__.lower()}", None)
        if special:
            special(node, scope, guarded)
        elif isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            self._path(node, scope, guarded)
        else:
            for child in node.iter_child_nodes():
                self.read(child, scope, guarded)

    def _path(self, node: nodes.Expr, scope: dict[str, str | None], guarded: bool) -> None:
        path = path_of(node, scope)
        if path:
            self.found.append(Use(path, node.lineno, guarded))
        elif isinstance(node, nodes.Getattr | nodes.Getitem):
            self.read(node.node, scope, guarded)
        if isinstance(node, nodes.Getitem):
            self.read(node.arg, scope)

    def _filter(self, node: nodes.Filter, scope: dict[str, str | None], guarded: bool) -> None:
        self.read(node.node, scope, guarded or node.name in _GUARDS)
        rows = path_of(node.node, scope) if node.node else None
        if rows and node.name in _BY_FIELD and node.args and isinstance(node.args[0], nodes.Const):
            self.found.append(Use(f"{rows}[].{node.args[0].value}", node.lineno))
        for argument in [*node.args, *(pair.value for pair in node.kwargs)]:
            self.read(argument, scope)
        for pair in node.kwargs:
            if rows and pair.key == "attribute" and isinstance(pair.value, nodes.Const):
                self.found.append(Use(f"{rows}[].{pair.value.value}", node.lineno))

    def _test(self, node: nodes.Test, scope: dict[str, str | None], guarded: bool) -> None:
        self.read(node.node, scope, guarded or node.name in ("defined", "undefined"))
        for argument in node.args:
            self.read(argument, scope)

    def _for(self, node: nodes.For, scope: dict[str, str | None], guarded: bool) -> None:
        self.read(node.iter, scope)
        rows = path_of(node.iter, scope)
        row = f"{rows}[]" if rows else None
        if isinstance(node.iter, nodes.Filter) and node.iter.name in _PORTIONS and node.iter.node is not None:
            row = path_of(node.iter.node, scope)  # a portion of rows is rows again
        inner: dict[str, str | None] = {**scope, "loop": None}
        for name in _targets(node.target):
            inner[name] = row if isinstance(node.target, nodes.Name) else None
        self.read(node.test, inner)
        self.body(node.body, inner)
        self.body(node.else_, dict(scope))

    def _assign(self, node: nodes.Assign, scope: dict[str, str | None], guarded: bool) -> None:
        self.read(node.node, scope)
        for name in _targets(node.target):
            scope[name] = path_of(node.node, scope) if isinstance(node.target, nodes.Name) else None

    def _assignblock(self, node: nodes.AssignBlock, scope: dict[str, str | None], guarded: bool) -> None:
        self.body(node.body, dict(scope))
        scope.update(dict.fromkeys(_targets(node.target)))

    def _macro(self, node: nodes.Macro, scope: dict[str, str | None], guarded: bool) -> None:
        scope[node.name] = None
        for default in node.defaults:
            self.read(default, scope)
        self.body(
            node.body, {**scope, **dict.fromkeys([argument.name for argument in node.args]), "caller": None}
        )

    def _with(self, node: nodes.With, scope: dict[str, str | None], guarded: bool) -> None:
        inner = dict(scope)
        for target, value in zip(node.targets, node.values, strict=True):
            self.read(value, scope)
            inner.update(dict.fromkeys(_targets(target), path_of(value, scope)))
        self.body(node.body, inner)


def _targets(target: nodes.Node) -> list[str]:
    return (
        [target.name]
        if isinstance(target, nodes.Name)
        else [name.name for name in target.find_all(nodes.Name)]
    )


def path_of(node: nodes.Node, scope: dict[str, str | None]) -> str | None:
    """The dotted path that an expression names, or None where it is no path or a local value."""
    if isinstance(node, nodes.Name):
        return scope.get(node.name, node.name)
    if isinstance(node, nodes.Filter) and node.node is not None:
        path = path_of(node.node, scope)
        if path and node.name in _TAKING_ROW:
            return f"{path}[]"
        if path and node.name == "map":
            named = [*node.args, *(pair.value for pair in node.kwargs if pair.key == "attribute")]
            return f"{path}[].{named[0].value}" if named and isinstance(named[0], nodes.Const) else None
        return path if node.name in _PASSING else None
    if isinstance(node, nodes.Getattr):
        path = path_of(node.node, scope)
        return f"{path}.{node.attr}" if path else None
    if isinstance(node, nodes.Getitem):
        path = path_of(node.node, scope)
        if path and isinstance(node.arg, nodes.Slice):
            return path
        if path and isinstance(node.arg, nodes.Const):
            return f"{path}.{node.arg.value}" if isinstance(node.arg.value, str) else f"{path}[]"
    return None
