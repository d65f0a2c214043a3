"""Checks of everything that reads a moment or a value: waiting times, deadlines, validity, repetition, classes, routes,
ladders, corrections."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from core.definitions.answers import DATES, VALUES, Answers, choices_of
from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.readings import PROCEDURE
from core.definitions.sequence import Sequence
from core.definitions.vocabulary import per_item
from core.definitions.words import known_words, unknown
from core.domain.bundle import Bundle
from core.domain.forms import Field
from core.domain.procedures import Step
from core.domain.timing import Due, Repeat, Validity

MOMENT = ("时间点", "moment")
_PAST = ("done", "opened", "approved")
_NOT_PER_ITEM = ("classify", "ladder", "settle", "corrects")
_ITEMS = "步骤 `{0}` 逐项办理，各项的值和时间不同 (each item of `{0}` has its own values and moments)"
CHOICE = ("选项", "choice")


def check_time(findings: Findings, bundle: Bundle, sequence: Sequence, roles: Collection[str]) -> None:
    """Every moment and value that a step names exists, has the right type, and is known by then."""
    if len(set(sequence.order)) < len(sequence.order):
        return  # two steps of one name: which of them is meant cannot be told
    answers = Answers(bundle)
    for at, step in enumerate(bundle.procedure.steps):
        _Step(findings, answers, sequence, ("steps", at), step).check(roles)


class _Step:
    """One step at `here`."""

    def __init__(self, findings: Findings, answers: Answers, sequence: Sequence, here: PathTuple, step: Step) -> None:
        self.findings = findings
        self.answers = answers
        self.sequence = sequence
        self.here = here
        self.step = step

    def check(self, roles: Collection[str]) -> None:
        step = self.step
        if per_item(step):
            self.per_item()
        if step.repeat:
            self.repeat(step.repeat)
        if step.opens:
            self.opens(step.opens.after)
        for at, due in enumerate(step.due):
            self.due(("due", at), due)
        if step.validity:
            self.validity(step.validity)
        if step.classify:
            self.classify()
        if step.ladder:
            self.ladder()
        if step.route:
            self.route(step.route, roles)
        if step.corrects:
            self.corrects(step.corrects)

    def per_item(self) -> None:
        """What a step has once is nothing for a step that has a round for each item."""
        for word in _NOT_PER_ITEM:
            if getattr(self.step, word):
                self.add((word,), f"逐项办理的步骤不能写 {word} (no `{word}` where each item has its own round)", 1212)

    def repeat(self, repeat: Repeat) -> None:
        if repeat.per_role and not self.step.role:
            self.add(("repeat", "per_role"), "按岗位重复的步骤要写 role (`per_role` needs `role`)", 1211)
        if repeat.overdue.approvals:
            self.add(("repeat", "overdue", "approvals"), "重复的步骤不挡后面的步骤，没有可等的同意 (it blocks nothing: no consent "
                     "is waited for)", 1234, "只写 notify (say `notify` only)")

    def later(self, *, own: bool) -> set[str]:
        """Steps whose values are not there yet; `own`: whether this step's are."""
        return self.sequence.later(self.step.name, own=own)

    # ------------------------------------------------------------ the parts

    def opens(self, after: str) -> None:
        """A step waits only for what must have happened before: else it would open although nothing has."""
        path: PathTuple = ("opens", "after")
        if not self.moment(path, after, ()):
            return
        before = after.partition(".")[0]
        if before != "case" and before not in self.sequence.ancestors[self.step.name]:
            self.add(path, f"`{after}` 不一定在本步骤之前：请把 `{before}` 写进 requires (`{before}` must be among `requires`)", 1231,
                     f"写 requires: [{before}] (require it)" if before != self.step.name else "")

    def due(self, path: PathTuple, due: Due) -> None:
        for word in ("after", "before"):
            said = getattr(due, word)
            if said is not None and self.moment((*path, word), said, self.later(own=True)):
                self.not_over((*path, word), said)
        if due.by is not None:
            field = self.value((*path, "by"), due.by, VALUES, self.later(own=True))
            self.keys((*path, "values"), due.values, field)
        for value, length in due.values.items() if due.before else ():
            if length.working_days is not None or length.same_day:
                self.add((*path, "values", value), "before 只能用 minutes、hours、days、months "
                         "(`before` counts minutes, hours, days or months)", 1212)

    def not_over(self, path: PathTuple, said: str) -> None:
        """A deadline lies before the step is done, and what it counts back from lies ahead."""
        if path[-1] == "before" and said.rpartition(".")[2] in _PAST and said not in self.answers.fields:
            self.add(path, f"`{said}` 已经过去，不能往前数 (counting back from what is over)", 1231,
                     "before 写一个将来的日期；从这里往后数写 after (a date ahead, or `after`)")
        elif said == f"{self.step.name}.done":
            self.add(path, f"`{said}` 时本步骤已办完，时限没有意义 (the step is done by then)", 1231,
                     f"可写 {self.step.name}.opened (write {self.step.name}.opened)")

    def validity(self, validity: Validity) -> None:
        later = self.later(own=True)
        if validity.until and validity.until != "end_of_day":
            self.moment(("validity", "until"), validity.until, later)
        if validity.days is not None and not isinstance(validity.days, int):
            field = self.value(("validity", "days", "by"), validity.days.by, VALUES, later)
            self.keys(("validity", "days", "values"), validity.days.values, field)

    def classify(self) -> None:
        rule = self.step.classify
        assert rule is not None
        name = f"{self.step.name}.{rule.field}"
        field = self.answers.fields.get(name)
        if self.step.name not in self.answers.blind:
            own = [said for said in (*self.answers.fields, *self.answers.of_items) if said.startswith(f"{self.step.name}.")]
            field = self.field(("classify", "field"), name, ("choice",), own)
        values = choices_of(field) if field else None
        for at, one in enumerate(rule.order):
            if values is not None:
                self.findings.known(PROCEDURE, (*self.here, "classify", "order", at), CHOICE, one, values)
            if one in rule.order[:at]:
                self.add(("classify", "order", at), f"`{one}` 重复 (`{one}` stands twice)", 1203)
        for word in ("suggest", "escalate"):
            for at, change in enumerate(getattr(rule, word)):
                path: PathTuple = ("classify", word, at, "to")
                self.findings.known(PROCEDURE, (*self.here, *path), ("等级", "class"), change.to, rule.order)
                if word == "escalate" and change.to == rule.order[0]:
                    self.add(path, f"`{change.to}` 已是最低一级，不会升级 (nothing is below the least class)", 1235)
        for at, escalation in enumerate(rule.escalate):
            self.moment(("classify", "escalate", at, "after"), escalation.after, self.later(own=True))

    def ladder(self) -> None:
        ladder = self.step.ladder
        assert ladder is not None
        self.findings.once(PROCEDURE, (*self.here, "ladder", "rungs"), (rung.name for rung in ladder.rungs))
        rungs = [rung.name for rung in ladder.rungs]
        if bool(ladder.by) != bool(ladder.start):
            word, other = ("by", "start") if ladder.by else ("start", "by")
            self.add(("ladder", word), f"写了 {word}，还要写 {other} (`{word}` needs `{other}`)", 1211)
        if ladder.by:
            field = self.value(("ladder", "by"), ladder.by, VALUES, self.later(own=True))
            self.keys(("ladder", "start"), ladder.start, field)
        for value, rung in ladder.start.items():
            self.findings.known(PROCEDURE, (*self.here, "ladder", "start", value), ("级别", "rung"), rung, rungs)

    def route(self, said: str, roles: Collection[str]) -> None:
        """What the step may be sent to are roles."""
        field = self.value(("route",), said, ("choice",), self.later(own=False))
        wrong = [value for value in (choices_of(field) or ()) if value not in roles] if field else []
        if wrong:
            self.add(("route",), f"`{said}` 的选项要是岗位：{unknown('角色', 'role', wrong[0], roles)}", 1230, known_words(roles))

    def corrects(self, said: str) -> None:
        path: PathTuple = ("corrects",)
        before = self.field(path, said, (), list(self.answers.fields))
        if before is None or not self.in_time(path, said, self.later(own=False)):
            return
        name = said.partition(".")[2]
        own = self.answers.fields.get(f"{self.step.name}.{name}")
        if own is None:
            if self.step.name not in self.answers.blind:
                self.add(path, f"本步骤的表单里没有字段 `{name}` (this step's form has no field `{name}`)", 1230,
                         f"更正 `{said}` 的字段要与它同名同类 (same name, same type)")
        elif not _same(before, own):
            self.add(path, f"`{self.step.name}.{name}` 与 `{said}` 的类型不同 (of another type than what it corrects)", 1212)

    # ------------------------------------------------------------ moments and values

    def moment(self, path: PathTuple, said: str, later: Collection[str]) -> bool:
        """Whether `said` is a moment that is known by then; else a finding."""
        answers, (head, _, word) = self.answers, said.partition(".")
        if head in answers.blind and word not in ("done", "opened", "approved", "valid_to"):
            return False
        if said in answers.moments:
            return self.in_time(path, said, later)
        step = answers.steps.get(head)
        if step and word == "approved":
            self.add(path, f"步骤 `{head}` 没有写 approvals，不会有人同意 (`{head}` asks for no consent)", 1230)
        elif step and word == "valid_to":
            self.add(path, f"步骤 `{head}` 没有写 validity (`{head}` says no `validity`)", 1230)
        elif step and per_item(step) and (word in ("done", "opened") or said in answers.of_items):
            self.add(path, _ITEMS.format(head), 1212,
                     "不写 after 时从本项打开时算起 (without `after` it counts from when the item opens)")
        elif said in answers.fields:
            self.add(path, f"`{said}` 不是日期 (`{said}` is no date)", 1212, known_words(answers.of_types(DATES)))
        else:
            self.findings.known(PROCEDURE, (*self.here, *path), MOMENT, said, answers.moments)
        return False

    def value(self, path: PathTuple, said: str, types: tuple[str, ...], later: Collection[str]) -> Field | None:
        """The field called `said`, when it is of one of `types` and known by then; else a finding."""
        field = self.field(path, said, types, self.answers.of_types(types))
        return field if field and self.in_time(path, said, later) else None

    def field(self, path: PathTuple, said: str, types: tuple[str, ...], known: Iterable[str]) -> Field | None:
        """The field called `said` of one of `types` (none: of any); else a finding."""
        answers = self.answers
        if said.partition(".")[0] in answers.blind:
            return None
        field = answers.fields.get(said)
        if said in answers.of_items:
            self.add(path, _ITEMS.format(said.partition(".")[0]), 1212)
        elif field is None:
            shown = said.removeprefix(f"{self.step.name}.") if path == ("classify", "field") else said
            names = [name.removeprefix(f"{self.step.name}.") if shown != said else name for name in known]
            self.findings.known(PROCEDURE, (*self.here, *path), ("字段", "field"), shown, names)
        elif types and said not in answers.of_types(types):
            self.add(path, f"`{said}` 要是 {' 或 '.join(types)} 字段 (must be a field of type {' or '.join(types)})", 1212,
                     known_words(answers.of_types(types)))
            return None
        return field

    def in_time(self, path: PathTuple, said: str, later: Collection[str]) -> bool:
        step = said.partition(".")[0]
        if step in later:
            self.add(path, f"`{said}` 要到后面的步骤 `{step}` 才有 (known only at the later step `{step}`)", 1231)
            return False
        return True

    def keys(self, path: PathTuple, given: Iterable[str], field: Field | None) -> None:
        """The keys of a table by value are choices of the field."""
        values = choices_of(field) if field else None
        if values is not None:
            self.findings.known_keys(PROCEDURE, (*self.here, *path), CHOICE, given, values)

    def add(self, path: PathTuple, what: str, number: int, remedy: str = "") -> None:
        self.findings.add(PROCEDURE, (*self.here, *path), what, number, remedy)


def _same(before: Field, own: Field) -> bool:
    """Whether two fields hold the same: type, columns, choices that the earlier one knows."""
    columns = [(column.name, column.type) for column in before.columns]
    choices = choices_of(before)
    return (before.type == own.type and columns == [(column.name, column.type) for column in own.columns]
            and (choices is None or set(choices_of(own) or ()) <= set(choices)))
