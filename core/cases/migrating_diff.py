"""Two pinned definitions of one procedure side by side: what of them is otherwise, and what the case holds of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from core.cases.casefile import CaseFile
from core.cases.gates import Gates
from core.cases.migrating_views import Change
from core.cases.printing import RESULT_TITLES
from core.domain.base import Frozen
from core.domain.bundle import Bundle
from core.domain.forms import Form
from core.domain.papers import Checklist, ChecklistItem, RequiredDocument
from core.domain.procedures import Step


class _Renamed(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def was(self) -> tuple[str, ...]: ...


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_HasName)
NO_MATTER = frozenset({"name", "was", "source"})
"""Keys that say nothing of what a case must do."""


def renames(before: Iterable[_HasName], after: Iterable[_Renamed]) -> dict[str, str]:
    """By former name the present one, of those that say so by `was`."""
    old, found = {item.name for item in before}, dict[str, str]()
    new = list(after)
    borne = {item.name for item in new}
    for item in new:
        if item.name not in old:
            was = next((name for name in item.was if name in old - borne - found.keys()), None)
            found |= {was: item.name} if was else {}
    return found


def parts_of(before: Frozen, after: Frozen) -> tuple[str, ...]:
    """The keys of which two definitions of one thing say different values."""
    return tuple(key for key in type(after).model_fields if key not in NO_MATTER and getattr(before, key) != getattr(after, key))


def changes(before: CaseFile, after: Bundle) -> tuple[Change, ...]:
    """Everything of the definitions that is otherwise; `before` is the file as it stands, under its own pin."""
    return tuple(_Sides(before, after).all())


class _Sides:
    """The file under its own pin, and the newer bundle."""

    def __init__(self, file: CaseFile, after: Bundle) -> None:
        self.file, self.old, self.new = file, file.bundle, after
        self.gates = Gates(file)
        self.steps = renames(self.old.procedure.steps, after.procedure.steps)
        self.former = {new: old for old, new in self.steps.items()}

    def all(self) -> Iterator[Change]:
        yield from self._steps()
        yield from self._parties()
        pairs = [(self._old_step(step), step) for step in self.new.procedure.steps]
        for old, new in pairs:
            if old is not None:
                yield from self._parts_of_step(old, new)
        yield from self._fees()

    def _old_step(self, step: Step) -> Step | None:
        name = self.former.get(step.name, step.name)
        return next((one for one in self.old.procedure.steps if one.name == name), None)

    def say(self, named: Any) -> str:
        return self.file.desk.say(named.title)

    # ------------------------------------------------------------ steps and parties

    def _steps(self) -> Iterator[Change]:
        there = {step.name for step in self.new.procedure.steps}
        for step in self.old.procedure.steps:
            if step.name not in there and step.name not in self.steps:
                yield Change("step", "removed", step.name, self.say(step), step.name, held=self._state(step.name))
        for step in self.new.procedure.steps:
            old = self._old_step(step)
            if old is None:
                yield Change("step", "added", step.name, self.say(step), step.name)
                continue
            renamed = old.model_copy(update={"requires": tuple(self.steps.get(one, one) for one in old.requires)})
            parts, was = parts_of(renamed, step), self.former.get(step.name, "")
            if was or parts:
                yield Change("step", "renamed" if was else "changed", step.name, self.say(step), step.name, was, parts,
                             self._state(old.name))

    def _state(self, step: str) -> str:
        run = self.file.run(step)
        desk = self.file.desk
        words = {"open": desk.tr("办理中", "open"), "done": desk.tr("已办完", "done"), "skipped": desk.tr("不适用", "does not apply")}
        return words[run.state] if run else ""

    def _parties(self) -> Iterator[Change]:
        for how, old, new in _paired(self.old.procedure.parties, self.new.procedure.parties):
            one = new or old
            people = self.file.people.get(one.name, ())
            yield Change("party", how, one.name, self.say(one), parts=_parts(old, new),
                         held="、".join(person["name"] for person in people))

    # ------------------------------------------------------------ what belongs to a step

    def _parts_of_step(self, old: Step, new: Step) -> Iterator[Change]:
        forms = [_found(side.forms, step.form) for side, step in ((self.old, old), (self.new, new))]
        yield from self._fields(old.name, new.name, forms[0], forms[1])
        for how, before, after in _paired(_papers(self.old, old), _papers(self.new, new)):
            one = after or before
            yield Change("paper", how, one.name, self.say(one), new.name, parts=_parts(before, after), held=self._paper(old.name, one.name))
        for how, before, after in _paired(_items(self.old, old), _items(self.new, new)):
            one = after or before
            yield Change("check", how, one.name, self.say(one), new.name, parts=_parts(before, after),
                         held=self._result(old.name, one.name))
        for how, before, after in _paired(*([_found(side.documents, name) for name in step.documents]
                                            for side, step in ((self.old, old), (self.new, new))), same=self._same_paper):
            one = after or before
            issued = "、".join(row.number for row in self.file.documents if row.name == one.name and row.state == "issued")
            yield Change("document", how, one.name, self.say(one), new.name, parts=self._paper_parts(before, after), held=issued)
        yield from self._approvals(old, new)

    def _fields(self, was: str, step: str, old: Form | None, new: Form | None) -> Iterator[Change]:
        if old is None and new is None:
            return
        fields = old.fields if old else (), new.fields if new else ()
        moved = renames(*fields)
        values = self.file.values(was)
        for how, before, after in _paired(*fields, moved=moved):
            one = after or before
            held = self.file.desk.tr("已填", "filed") if before and values.get(before.name) not in (None, "", []) else ""
            former = before.name if before and after and before.name != after.name else ""
            yield Change("field", "renamed" if former else how, one.name, self.say(one), step, former, _parts(before, after), held)
        if old and new and old.rules != new.rules:
            yield Change("field", "changed", new.name, self.say(new), step, parts=("rules",))

    def _paper(self, step: str, paper: str) -> str:
        mark, desk = self.file.mark(step, paper), self.file.desk
        if mark is None or not (mark.waived or mark.evidence.get("marks")):
            return ""
        return desk.tr("已免交", "waived") if mark.waived else desk.tr("已交验", "seen")

    def _result(self, step: str, item: str) -> str:
        row = self.file.results(step).get(item)
        return self.file.desk.say(RESULT_TITLES[row.result]) if row and row.result in RESULT_TITLES else row.result if row else ""

    def _same_paper(self, before: Any, after: Any) -> bool:
        return not self._paper_parts(before, after)

    def _paper_parts(self, before: Any, after: Any) -> tuple[str, ...]:
        if before is None or after is None:
            return ()
        word = self.old.templates.get(before.template) != self.new.templates.get(after.template)
        return tuple(dict.fromkeys((*parts_of(before, after), *(("template",) if word else ()))))

    def _approvals(self, old: Step, new: Step) -> Iterator[Change]:
        asked = [set(step.approvals.by if step.approvals else ()) for step in (old, new)]
        current, office = self.file.round(old.name), self.file.desk.office
        for role in sorted(asked[0] ^ asked[1]):
            given = any((act.step, act.kind, act.role, act.round) == (old.name, "approval", role, current) for act in self.file.acts)
            yield Change("approval", "added" if role in asked[1] else "removed", role,
                         office.role_title(self.file.case.estate, role, self.file.desk.locale), new.name,
                         held=self.file.desk.tr("已同意", "consented") if given else "")

    def _fees(self) -> Iterator[Change]:
        moved = renames(self.old.fees, self.new.fees)
        charged = {row.fee for row in self.file.charges}
        for how, before, after in _paired(self.old.fees, self.new.fees, moved=moved):
            one = after or before
            former = before.name if before and after and before.name != after.name else ""
            held = self.file.desk.tr("已计应收", "charged") if before and before.name in charged else ""
            yield Change("fee", "renamed" if former else how, one.name, self.say(one), was=former, parts=_parts(before, after), held=held)


# ---------------------------------------------------------------- pairs


def _found(items: Sequence[N], name: str | None) -> N | None:
    return next((item for item in items if item.name == name), None)


def _papers(bundle: Bundle, step: Step) -> tuple[RequiredDocument, ...]:
    found = _found(bundle.required_documents, step.required_documents)
    return found.items if found else ()


def _items(bundle: Bundle, step: Step) -> tuple[ChecklistItem, ...]:
    found: Checklist | None = _found(bundle.checklists, step.checklist)
    return found.items if found else ()


def _parts(before: Frozen | None, after: Frozen | None) -> tuple[str, ...]:
    return parts_of(before, after) if before is not None and after is not None else ()


def _paired(before: Iterable[Any], after: Iterable[Any], *, moved: Mapping[str, str] | None = None,
            same: Any = None) -> Iterator[tuple[Any, Any, Any]]:
    """(how, before, after) of everything that is not the same on both sides; None where it is not there."""
    old, new = ({item.name: item for item in side if item is not None} for side in (before, after))
    former = {name: was for was, name in (moved or {}).items()}
    for name, item in old.items():
        if name not in new and name not in (moved or {}):
            yield "removed", item, None
    for name, item in new.items():
        known = old.get(former.get(name, name))
        if known is None:
            yield "added", None, item
        elif name in former or not (same(known, item) if same else not parts_of(known, item)):
            yield "changed", known, item
