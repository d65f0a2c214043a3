"""Everything that can go wrong, as one tree with stable numbers.

    ShouxuError
    ├── SettingsError            SX-10xx   wiring, environment, plugins
    │   ├── PluginError
    │   ├── MissingPart
    │   └── NotSent              SX-1030
    ├── DefinitionError          SX-12xx   YAML, layers, rules, templates: one mistake at file:line:column
    ├── DefinitionErrors         SX-1200   all mistakes of one load, together
    ├── RuleError                SX-124x   a CEL rule: not understood, too costly, fed a wrong value
    ├── Refused                  SX-2xxx   the request is understood and not allowed; the user can act on it
    │   ├── NotFound             SX-2004   also what a stranger to the estate sees
    │   ├── Forbidden            SX-2003
    │   ├── NotLoggedIn          SX-2001
    │   ├── TooManyTries         SX-2029
    │   ├── InvalidInput         SX-21xx   wrong values, each at its field
    │   ├── GateClosed           SX-22xx   a step or act is not open; carries the reasons
    │   ├── Conflict             SX-23xx   somebody else was faster; carries what changed
    │   └── MoneyRefused         SX-24xx   amounts that do not fit, cancelled receipts, closed days
    ├── DocumentError            SX-3xxx   template, rendering, PDF, seal, verification
    │   ├── TemplateRefused      SX-31xx
    │   ├── TrialBusy            SX-3132   as many templates are tried as may be at once
    │   ├── RenderFailed         SX-32xx
    │   ├── ConversionFailed     SX-33xx
    │   └── SealFailed           SX-34xx
    └── StoreError               SX-4xxx   database, blobs, event chain
        ├── StoreUnavailable     SX-4003   try again: nothing was stored
        └── ChainBroken          SX-41xx

Each error says what happened, where, and what to do. The number never changes its meaning; JSON
(`application/problem+json`), pages, terminal and log all show the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


class ShouxuError(Exception):
    """The root: a numbered error with a sentence for people and an HTTP status.

    `what` is the sentence (Chinese first where staff see it); `remedy` says what to do next.
    `number` may be narrowed per raise within the block of the class (`GateClosed(..., number=2203)`).
    """

    number: int = 1000
    status: ClassVar[int] = 500
    title: ClassVar[str] = "内部错误"

    def __init__(self, what: str, *, remedy: str = "", number: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        if number is not None:
            self.number = number

    @property
    def code(self) -> str:
        """The number as people quote it: `SX-2203`."""
        return f"SX-{self.number}"

    def as_problem(self) -> dict[str, Any]:
        """The error as the members of an RFC 9457 problem document."""
        problem: dict[str, Any] = {"type": f"urn:shouxu:{self.code}", "title": self.title,
                                   "status": self.status, "detail": self.what, "code": self.code}
        if self.remedy:
            problem["remedy"] = self.remedy
        return problem


# ---------------------------------------------------------------- wiring


class SettingsError(ShouxuError):
    number = 1001
    title = "设置有误"


class PluginError(SettingsError):
    number = 1010
    title = "插件故障"


class MissingPart(SettingsError):
    """A program or file that this act needs is not on the machine."""

    number = 1020
    status = 503
    title = "缺少组件"


class NotSent(SettingsError):
    """A notice could not be handed to the mail server, or to whoever a plugin's notifier hands it."""

    number = 1030
    status = 503
    title = "通知未送出"


# ---------------------------------------------------------------- definitions


@dataclass(frozen=True)
class Mark:
    """Where something was said: file, 1-based line and column."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class DefinitionError(ShouxuError):
    """One mistake in a definition, at its place, with the nearest right word where there is one."""

    number = 1201
    status = 422
    title = "定义有误"

    def __init__(
        self, what: str, mark: Mark | None = None, *, remedy: str = "", number: int | None = None
    ) -> None:
        super().__init__(what, remedy=remedy, number=number)
        self.mark = mark

    def __str__(self) -> str:
        place = f"{self.mark}  " if self.mark else ""
        return f"{place}{self.code}  {self.what}" + (f"\n    {self.remedy}" if self.remedy else "")


def _place(mark: Mark | None) -> tuple[str, int, int]:
    return (mark.file, mark.line, mark.column) if mark else ("", 0, 0)


class DefinitionErrors(ShouxuError):
    """All mistakes of one load, in the order of their files and lines."""

    number = 1200
    status = 422
    title = "定义有误"

    def __init__(self, problems: Sequence[DefinitionError]) -> None:
        super().__init__(f"{len(problems)} 处定义有误 ({len(problems)} mistake(s) in the definitions)")
        self.problems = tuple(sorted(problems, key=lambda p: _place(p.mark)))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class RuleError(ShouxuError):
    """A rule that cannot be understood, is too costly, or was fed a value that rules cannot read.

    `line` and `column` (1-based, within the rule) say where it is not understood.
    """

    number = 1240
    title = "规则有误"

    def __init__(
        self, what: str, *, line: int = 1, column: int = 1, remedy: str = "", number: int | None = None
    ) -> None:
        super().__init__(what, remedy=remedy, number=number)
        self.line = line
        self.column = column


# ---------------------------------------------------------------- refusals


class Refused(ShouxuError):
    number = 2000
    status = 400
    title = "无法办理"


class NotLoggedIn(Refused):
    number = 2001
    status = 401
    title = "请先登录"


class Forbidden(Refused):
    number = 2003
    status = 403
    title = "没有权限"


class NotFound(Refused):
    number = 2004
    status = 404
    title = "没有找到"


class TooManyTries(Refused):
    number = 2029
    status = 429
    title = "尝试过多"


@dataclass(frozen=True)
class FieldProblem:
    """One wrong value: `field` is the path as submitted (`family-0-name`), `message` polite and concrete."""

    field: str
    message: str
    number: int = 2101


class InvalidInput(Refused):
    """Wrong values; carries every problem, each at its field, and nothing was stored."""

    number = 2100
    status = 422
    title = "填写有误"

    def __init__(self, problems: Iterable[FieldProblem], what: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__(what or f"有 {len(self.problems)} 处需要更正")

    def as_problem(self) -> dict[str, Any]:
        rows = [{"field": p.field, "message": p.message, "code": f"SX-{p.number}"} for p in self.problems]
        return super().as_problem() | {"errors": rows}


@dataclass(frozen=True)
class Reason:
    """Why a gate is closed: a sentence, the rule behind it, and where the missing thing is done.

    `kind` is one of requires, when, paper, form, checklist, fee, document, signature, until, outcome, role, state,
    wait, approval.
    """

    kind: str
    message: str
    step: str = ""
    target: str = ""
    source: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


class GateClosed(Refused):
    """The step or act is not open yet; `reasons` says everything that is missing."""

    number = 2200
    status = 409
    title = "还不能办理"

    def __init__(self, what: str, reasons: Sequence[Reason] = (), *, number: int | None = None) -> None:
        super().__init__(what, number=number)
        self.reasons = tuple(reasons)

    def as_problem(self) -> dict[str, Any]:
        rows = [{"kind": r.kind, "message": r.message, "step": r.step, "target": r.target, "source": r.source}
                for r in self.reasons]
        return super().as_problem() | {"reasons": rows}


class Conflict(Refused):
    """Somebody else changed the same thing first; `changes` says what (rows of who, when, what)."""

    number = 2300
    status = 409
    title = "已被他人修改"

    def __init__(
        self, what: str, changes: Sequence[Mapping[str, Any]] = (), *, number: int | None = None
    ) -> None:
        super().__init__(what, remedy="请刷新后再试", number=number)
        self.changes = tuple(changes)

    def as_problem(self) -> dict[str, Any]:
        return super().as_problem() | {"changes": [dict(change) for change in self.changes]}


class MoneyRefused(Refused):
    number = 2400
    status = 409
    title = "款项不符"


# ---------------------------------------------------------------- documents


class DocumentError(ShouxuError):
    number = 3000
    title = "文书出错"


class TemplateRefused(DocumentError):
    """A template that may not enter: broken, hostile, or printing what is not declared."""

    number = 3100
    status = 422
    title = "模板不可用"


class TrialBusy(DocumentError):
    """As many templates are being tried as may be at once; nothing is wrong with this one."""

    number = 3132
    status = 503
    title = "正在检查其他模板"

    def __init__(self) -> None:
        super().__init__("正在检查其他模板，请稍候再试", remedy="过十秒再提交一次；这个模板还没有检查")


class RenderFailed(DocumentError):
    number = 3200
    title = "文书生成失败"


class ConversionFailed(DocumentError):
    number = 3300
    status = 503
    title = "PDF 转换失败"


class SealFailed(DocumentError):
    number = 3400
    title = "盖章失败"


# ---------------------------------------------------------------- store


class StoreError(ShouxuError):
    number = 4000
    title = "存储出错"


class StoreUnavailable(StoreError):
    number = 4003
    status = 503
    title = "存储暂不可用"


class ChainBroken(StoreError):
    number = 4100
    title = "事件链不完整"
