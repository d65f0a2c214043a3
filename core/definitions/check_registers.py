"""Checks of registers: every name, rule and figure means something before anybody opens the page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from core.definitions.check_rules import check_rule
from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.register_names import DATES, NUMBERS, RULE_TYPES, Known, RegisterNames, listed, tables
from core.definitions.words import known_words, nearest, unknown
from core.domain.bundle import Bundle
from core.domain.registers import Figure, Register, Rows, Total
from core.rules.types import DOUBLE, WHOLE, RuleType

FILE = "registers.yaml"


def check_registers(findings: Findings, bundle: Bundle, roles: Collection[str]) -> None:
    """Everything that a register names is there, fits its use, and nothing sealed is counted by."""
    findings.once(FILE, ("registers",), (register.name for register in bundle.registers))
    names = RegisterNames(bundle)
    for at, register in enumerate(bundle.registers):
        _Check(findings, bundle, ("registers", at), register, roles, names).check()


class _Check:
    """One register against the names that its rows know."""

    def __init__(
        self, findings: Findings, bundle: Bundle, here: PathTuple, register: Register, roles: Collection[str], names: RegisterNames
    ) -> None:
        self.findings, self.bundle, self.here, self.register, self.roles = findings, bundle, here, register, roles
        self.names_of = names.of
        self.known = names.of(register)

    def check(self) -> None:
        register, here = self.register, self.here
        self.findings.all_known(FILE, (*here, "roles"), ("角色", "role"), register.roles, self.roles)
        self.rows(here, register, self.known)
        for at, column in enumerate(register.columns):
            self.column(at, column.value, column.masked)
        for part in ("columns", "totals", "figures", "checks"):
            self.findings.once(FILE, (*here, part), (item.name for item in getattr(register, part)))
        self.names((*here, "group_by"), register.group_by)
        for at, total in enumerate(register.totals):
            self.total((*here, "totals", at), total)
        if register.chart:
            self.names((*here, "chart", "by"), [register.chart.by], one=True)
            self.findings.known(FILE, (*here, "chart", "of"), ("合计", "total"), register.chart.of,
                                [total.name for total in register.totals])
        if register.repeats:
            self.names((*here, "repeats", "by"), register.repeats.by)
        if register.flag:
            more = {"repeats": WHOLE} if register.repeats else {}
            self.rule((*here, "flag", "when"), register.flag.when, self.known, more)
        for at, figure in enumerate(register.figures):
            self.figure((*here, "figures", at), figure)
        types: dict[str, RuleType] = {f"totals.{total.name}": self.type_of(total) for total in register.totals}
        types |= {f"figures.{figure.name}": self.type_of(figure.total, figure) for figure in register.figures}
        for at, one in enumerate(register.checks):
            check_rule(self.findings, FILE, (*here, "checks", at, "check"), one.check, types)

    # ------------------------------------------------------------ parts

    def rows(self, path: PathTuple, rows: Rows, known: Mapping[str, Known]) -> None:
        """Which rows are taken, by which date, through which filter."""
        if rows.procedures == "own":
            kinds = {"steps": ("步骤", "step"), "deadlines": ("步骤", "step"), "documents": ("文书", "document"),
                     "children": ("子件种类", "kind of sub-case")}
            self.findings.all_known(FILE, (*path, "only"), kinds.get(rows.of, ("费用", "fee")), rows.only,
                                    listed(self.bundle, rows))
        if rows.table:
            self.findings.known(FILE, (*path, "table"), ("表格字段", "table"), rows.table, tables(self.bundle))
        if rows.on:
            self.findings.known(FILE, (*path, "on"), ("日期", "date"), rows.on, DATES[rows.of])
        if rows.where:
            self.rule((*path, "where"), rows.where, known)

    def column(self, at: int, name: str, masked: bool) -> None:
        path = (*self.here, "columns", at, "value")
        if not self.name(path, name, self.known):
            return
        if self.known[name].sealed and not masked:
            self.findings.add(FILE, path, f"`{name}` 是敏感信息，要写 masked: true 才能遮盖显示 (sensitive: say `masked: true`)",
                              1236)

    def total(self, path: PathTuple, total: Total) -> None:
        if total.of:
            self.counted((*path, total.way), self.register.counted(total), total.way, self.known)
        for word in ("share", "when"):
            if text := getattr(total, word):
                self.rule((*path, word), text, self.known)
        if total.way == "share" and total.title is None:
            self.findings.add(FILE, path, "比例要写 title (a share needs a title)", 1211)

    def figure(self, path: PathTuple, figure: Figure) -> None:
        known = self.names_of(figure)
        self.rows(path, figure, known)
        if figure.sum or figure.distinct:
            self.counted((*path, figure.total.way), figure.total.of, figure.total.way, known)
        on, register = figure.on or "", self.register
        if (DATES[figure.of] == ()) != (DATES[register.of] == ()) and not on:
            self.findings.add(FILE, path, "按日期的登记表不能与无日期的数字比较 (one has dates, the other has none)", 1212)

    def counted(self, path: PathTuple, name: str, way: str, known: Mapping[str, Known]) -> None:
        """A name that is summed, averaged or told apart."""
        columns = () if known is not self.known else [column.name for column in self.register.columns]
        if not self.name(path, name, known, columns):
            return
        self.plain(path, name, known)
        if way != "distinct" and known[name].kind not in NUMBERS:
            self.findings.add(FILE, path, f"`{name}` 不是数字，不能合计 (`{name}` is no number)", 1212)

    def names(self, path: PathTuple, names: Iterable[str], *, one: bool = False) -> None:
        for at, name in enumerate(names):
            place = path if one else (*path, at)
            if self.name(place, name, self.known):
                self.plain(place, name, self.known)

    def name(self, path: PathTuple, name: str, known: Mapping[str, Known], more: Iterable[str] = ()) -> bool:
        """Whether a row knows `name`; else a finding with the nearest name that it knows."""
        if name in known:
            return True
        end = name.rpartition(".")[2]
        guess = nearest(name, [*known, *more]) or next((one for one in known if one.rpartition(".")[2] == end), "")
        what = unknown("名称", "name", name, [*known, *more])
        if guess and guess not in what:
            what = f"未知的名称 `{name}`；是不是 `{guess}`? (unknown name `{name}`; did you mean `{guess}`?)"
        remedy = "" if guess else known_words((one for one in known if one.partition(".")[0] == name.partition(".")[0]), 30)
        self.findings.add(FILE, path, what, 1230, remedy)
        return False

    def plain(self, path: PathTuple, name: str, known: Mapping[str, Known]) -> None:
        if known[name].sealed:
            self.findings.add(FILE, path, f"`{name}` 是敏感信息，不能用来统计 (sensitive values are not counted by)", 1236)
        elif known[name].kind == "texts":
            self.findings.add(FILE, path, f"`{name}` 可有多个值，不能用来统计 (may hold several values)", 1212)

    def rule(
        self, path: PathTuple, text: str, known: Mapping[str, Known], more: Mapping[str, RuleType] | None = None
    ) -> None:
        for name, one in known.items():
            if one.sealed and name in text:
                self.findings.add(FILE, path, f"`{name}` 是敏感信息，规则不能读取 (sensitive: rules do not read it)", 1236)
                return
        types = {name: RULE_TYPES[one.kind] for name, one in known.items() if not one.sealed}
        check_rule(self.findings, FILE, path, text, {**types, **(more or {})})

    def type_of(self, total: Total, figure: Figure | None = None) -> RuleType:
        """A total as `checks` read it: whole (also money in 分), or with a point."""
        if total.way in ("average", "share"):
            return DOUBLE
        known = self.names_of(figure) if figure else self.known
        name = total.of if figure else self.register.counted(total)
        return RULE_TYPES[known[name].kind] if total.way == "sum" and name in known else WHOLE
