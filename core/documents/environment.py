"""The cage that templates run in: a Jinja environment that reads fields and reaches nothing else."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from jinja2 import Undefined, nodes
from jinja2.compiler import CodeGenerator
from jinja2.environment import Template as JinjaTemplate
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from core.documents.context import BLANK, LEAVES, Blank, Group, Rows, shown
from core.documents.faults import RenderFault
from core.documents.filters import FILTERS, MAX_NUMBER, known
from core.documents.limits import concat, counted, metered
from core.documents.printing import PLACES, Missing, joined, named, printed
from core.documents.row_filters import Portion

_LOOP_NAMES = frozenset(
    {
        "index",
        "index0",
        "revindex",
        "revindex0",
        "first",
        "last",
        "length",
        "depth",
        "depth0",
        "previtem",
        "nextitem",
        "cycle",
        "changed",
    }
)
_TESTS = (
    "defined",
    "undefined",
    "none",
    "odd",
    "even",
    "divisibleby",
    "in",
    "string",
    "number",
    "boolean",
    "true",
    "false",
    "==",
    "eq",
    "equalto",
    "!=",
    "ne",
    ">",
    "gt",
    "greaterthan",
    ">=",
    "ge",
    "<",
    "lt",
    "lessthan",
    "<=",
    "le",
)


# Put around what a loop runs over; like those of `PLACES`, a name that no template can spell.
METERED = "@metered"


_OWN_TESTS: dict[str, Callable[..., Any]] = {
    "mapping": lambda value: isinstance(value, Group | dict),
    "sequence": lambda value: isinstance(value, Rows | list | tuple | str | Group | dict),
    "iterable": lambda value: isinstance(value, Rows | list | tuple | str | Group | dict),
}


class _Template(JinjaTemplate):
    """A compiled template whose code prints by our rules."""

    @classmethod
    def from_code(cls, environment: Any, code: Any, globals: Any, uptodate: Any = None) -> JinjaTemplate:
        namespace: dict[str, Any] = {"environment": environment, "__file__": code.co_filename}
        exec(code, namespace)
        # Jinja's code calls these two by name; theirs would print None and keep control characters.
        namespace["escape"], namespace["markup_join"] = printed, joined
        return cls._from_namespace(environment, namespace, globals)


class _Generator(CodeGenerator):
    """Leaves what is constant to the moment of printing, where it looks like any other value: Jinja's own would
    put Python's `True`, `None` and `['a']` into the text."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Any, finalize: Any) -> str:
        if isinstance(node, nodes.TemplateData):
            return node.data
        raise nodes.Impossible


class Cage(ImmutableSandboxedEnvironment):
    """The environment of one set of filters."""

    template_class = _Template
    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    concat = staticmethod(concat)  # type: ignore[assignment]

    def __init__(self, filters: Mapping[str, Callable[..., Any]] | None = None) -> None:
        super().__init__(autoescape=True, undefined=Missing, cache_size=0, optimized=False)
        self.globals.clear()
        self.own_filters = {name: made for name, made in (filters or {}).items() if name != "safe"}
        self.filters = {**FILTERS, **self.own_filters, **PLACES, METERED: metered}
        self.tests = {**{name: TESTS[name] for name in _TESTS}, **_OWN_TESTS}

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        """The code of a template; whatever way it came here, its loops are counted."""
        for loop in source.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, METERED, [], [], None, None, lineno=loop.iter.lineno)
            loop.iter.environment = self
        return super()._generate(source, *args, **kwargs)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if obj.__class__ is Group:
            try:
                value = obj.fields[attribute]
            except KeyError:
                return Missing(obj=obj, name=attribute)
            return value if value.__class__ in LEAVES else shown(value)
        return self._uncommon(obj, attribute)

    def _uncommon(self, obj: Any, attribute: str) -> Any:
        if obj.__class__ is LoopContext and attribute in _LOOP_NAMES:
            return getattr(obj, attribute)
        if obj.__class__ is Blank:
            return BLANK
        if obj.__class__ is dict and attribute in obj:
            return shown(obj[attribute])
        if isinstance(obj, Portion) and attribute in obj.fields:
            return shown(obj.fields[attribute])
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()
        return Missing(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            return self.getattr(obj, str.__str__(argument))
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()
        listed = isinstance(obj, Rows | str | list | tuple) and isinstance(argument, int)
        try:
            # A dict can only be one that the template itself wrote down.
            return obj[argument] if listed or obj.__class__ is dict else Missing(obj=obj, name=str(argument))
        except (LookupError, TypeError):
            return Missing(obj=obj, name=str(argument))

    @counted
    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        if isinstance(obj, Macro | LoopContext) or getattr(obj, "__func__", None) in (
            LoopContext.cycle,
            LoopContext.changed,
        ):
            return context.call(obj, *args, **kwargs)
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()
        _forbid("模板不能调用函数")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        for side in (left, right):
            known(side)
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return joined((left, right))
        if (
            not (isinstance(left, int | float | Decimal) and isinstance(right, int | float | Decimal))
            or operator == "**"
        ):
            _forbid(f"不能计算：{named(left)} {operator} {named(right)}")
        return _computed(operator, left, right)


def _computed(sign: str, left: Any, right: Any) -> Any:
    if isinstance(left, float) != isinstance(right, float):
        left, right = Decimal(str(left)), Decimal(str(right))
    try:
        result = _ARITHMETIC[sign](left, right)
    except (ArithmeticError, ValueError):
        _forbid(f"无法计算 {left} {sign} {right}")
    if abs(result) > MAX_NUMBER:
        _forbid("数字过大")
    return result


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


def _forbid(what: str) -> NoReturn:
    raise RenderFault(what, number=3205)
