"""Why a step is where it stands: every reason with the rule behind it, where that rule is written, and what it reads now.

A case goes on with the definitions that it started with; places are those of the files as they are now, and it is said when
the two are no longer the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.cases.casefile import CaseFile, open_file
from core.cases.consents import asked, open_roles, overridden
from core.cases.desk import Desk
from core.cases.gates import Gates, Judgement, checklist_sums
from core.cases.values import rule_value
from core.cases.viewing import unit_view
from core.definitions.assembly import Assembly
from core.definitions.choices import PERSON_TYPE, kind_of
from core.definitions.differing import Standing, at_path, standing
from core.definitions.reader import PathTuple
from core.domain.procedures import Step
from core.errors import NotFound, Reason
from core.rules import Rule
from core.store.models import Case, Grant, Timer, User

PROCEDURE = "procedure.yaml"
HIDDEN = "＊＊＊"
_RULES = ("when", "until")


@dataclass(frozen=True)
class Place:
    """Where a rule is written: file, line, layer (plugin, overlay, company, estate), and the source it follows."""

    file: str = ""
    line: int = 0
    layer: str = ""
    source: str = ""


@dataclass(frozen=True)
class Value:
    """What a rule reads under a dotted name, as it is now; None: not known."""

    name: str
    title: str
    value: Any


@dataclass(frozen=True)
class RuleSeen:
    """A rule of the step: its words, whether it holds now, and the values that it reads."""

    key: str
    text: str
    holds: bool
    values: tuple[Value, ...]
    place: Place


@dataclass(frozen=True)
class Because:
    """One reason: `closed` while it keeps the step from opening, else what the open step still needs. `step`: where that is done."""

    kind: str
    message: str
    closed: bool
    step: str
    step_title: str
    target: str
    place: Place


@dataclass(frozen=True)
class TimerSeen:
    """What time will do, or has done, to the step."""

    kind: str
    at: datetime
    since: datetime
    state: str


@dataclass(frozen=True)
class StepReasons:
    """Everything that says why a step is closed, open, done or skipped. `roles`, `people`: who may act on it; `consents`: whose
    consent is awaited; `override`: who may pass its conditions; `by_hand`: nothing is missing but somebody's word; `newer`: the
    files have changed since the case started."""

    estate: str
    case_id: str
    case_number: str
    procedure: str
    title: str
    unit: str
    case_state: str
    step: str
    step_title: str
    status: str
    round: int
    place: Place
    since: datetime | None = None
    by: str = ""
    outcome: str = ""
    because: tuple[Because, ...] = ()
    rules: tuple[RuleSeen, ...] = ()
    roles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    override: tuple[str, ...] = ()
    overridden: bool = False
    timers: tuple[TimerSeen, ...] = ()
    newer: bool = False
    by_hand: bool = False

    def as_data(self) -> dict[str, Any]:
        """All of it as plain values."""
        return asdict(self)


def find_case(desk: Desk, said: str, estate: str | None = None) -> str:
    """The id of the case of that number or id; NotFound when there is none, or several and no estate was named."""
    query = select(Case.id).where((Case.id == said) | (Case.number == said))
    found = list(desk.session.scalars(query.where(Case.estate == estate) if estate else query))
    if not found:
        raise NotFound(f"没有办件 `{said}` (no such case)")
    if len(found) > 1:
        raise NotFound(f"有 {len(found)} 个项目都有 `{said}`，请用 --estate 指定 (name the estate)")
    return found[0]


def step_reasons(desk: Desk, case_id: str, key: str) -> StepReasons:
    """Why the step of that key stands where it stands; NotFound when the case has no such step."""
    file = open_file(desk, case_id)
    return _Look(file, file.step(key)).reasons()


class _Look:
    """One step of one case, looked at."""

    def __init__(self, file: CaseFile, step: Step) -> None:
        self.file, self.step, self.desk = file, step, file.desk
        self.gates = Gates(file)
        self.standing = self._standing()
        self.assembly = self._assembly()

    def reasons(self) -> StepReasons:
        file, step, desk = self.file, self.step, self.desk
        case, judged, run = file.case, self.gates.judge(step.name), file.run(step.name)
        ended = run if run is not None and run.state in ("done", "skipped") and judged.status == run.state else None
        since = ended.done_at if ended else run.opened_at if run and judged.status == "open" else None
        return StepReasons(
            case.estate, case.id, case.number, case.procedure, desk.say(file.bundle.procedure.title),
            unit_view(desk, case.unit).label if case.unit else "", case.state, step.name, desk.say(step.title), judged.status,
            file.round(step.name), self.place(self._path), since=since, by=desk.name_of(ended.done_by) if ended else "",
            outcome=self._outcome(run.outcome) if run and run.outcome else "",
            because=tuple(self._because(judged)), rules=tuple(self._rules()),
            roles=self._titles(step.role), people=tuple(self._people(step.role)), consents=self._consents(judged),
            override=self._titles(step.override.role) if step.override else (), overridden=overridden(file, step),
            timers=tuple(self._timers()), newer=self._is_newer(),
            by_hand=judged.status == "open" and not judged.missing and not judged.automatic)

    # ------------------------------------------------------------ reasons

    def _because(self, judged: Judgement) -> Iterator[Because]:
        for closed, reasons in ((True, judged.why_not), (False, judged.missing)):
            for reason in reasons:
                yield Because(reason.kind, reason.message, closed, reason.step, self._step_title(reason.step), reason.target,
                              self._place_of(reason))

    def _place_of(self, reason: Reason) -> Place:
        """Where the rule behind a reason is written."""
        mine = self._path
        paths: Mapping[str, tuple[str, PathTuple]] = {
            "requires": (PROCEDURE, (*mine, "requires")), "wait": (PROCEDURE, (*mine, "opens")),
            "expired": (PROCEDURE, ("steps", reason.step.partition("@")[0], "validity")),
            "suspended": (PROCEDURE, ("children",)), "item": (PROCEDURE, (*mine, "each")),
            "form": (f"forms/{reason.target}.yaml", ()), "until": (PROCEDURE, (*mine, "until")),
            "checklist": ("checklists.yaml", ("checklists", reason.target)),
            "fee": (PROCEDURE, (*mine, "fees")), "settle": (PROCEDURE, (*mine, "settle")),
            "fact": (PROCEDURE, (*mine, "needs_fact", reason.target)), "outcome": (PROCEDURE, (*mine, "outcomes")),
            "approval": (PROCEDURE, (*mine, "approvals")), "document": ("documents.yaml", ("documents", reason.target)),
            "signature": ("documents.yaml", ("documents", self._document_of(reason.target))),
            "paper": self._paper(reason.target)}
        file, path = paths.get(reason.kind, (PROCEDURE, mine))
        return self.place(path, file, reason.source)

    def _paper(self, name: str) -> tuple[str, PathTuple]:
        sets = {self.step.required_documents, *(party.authority for party in self.file.bundle.procedure.parties)}
        for one in self.file.bundle.required_documents:
            if one.name in sets and any(paper.name == name for paper in one.items):
                return "required_documents.yaml", ("required_documents", one.name, "items", name)
        return PROCEDURE, (*self._path, "required_documents")

    def _document_of(self, row_id: str) -> str:
        return next((row.name for row in self.file.documents if row.id == row_id), row_id)

    def _rules(self) -> Iterator[RuleSeen]:
        texts = {key: getattr(self.step, key) for key in _RULES} | {
            "repeat.until": self.step.repeat.until if self.step.repeat else None}
        for key, text in texts.items():
            if text:
                values = tuple(self._values(Rule.compile(text)))
                yield RuleSeen(key, text, self.gates.holds(text, self.step), values, self.place((*self._path, *key.split("."))))

    def _values(self, rule: Rule) -> Iterator[Value]:
        for name in sorted(rule.names):
            head, *rest = name.split(".")
            yield Value(name, self._spoken(head, rest), self._value(head, rest))

    def _value(self, head: str, rest: list[str]) -> Any:
        if self._is_sensitive(head, rest):
            return HIDDEN
        try:
            found = self._root(head)
        except NotFound:
            return None
        for step in rest:
            found = found.get(step) if isinstance(found, Mapping) else None
        return _plain(found)

    def _root(self, head: str) -> Any:
        if head == "checklist" and self.step.checklist:
            return checklist_sums(self.gates, self.step)
        if head == "papers" and self.step.required_documents:
            return {"missing": len(self.gates.missing_papers(self.step))}
        return rule_value(self.file, head)

    def _field(self, head: str, rest: list[str]) -> Any:
        step = next((one for one in self.file.bundle.procedure.steps if one.name == head), None)
        if step is None or step.form is None or not rest:
            return None
        return next((one for one in self.file.bundle.form(step.form).fields if one.name == rest[0]), None)

    def _is_sensitive(self, head: str, rest: list[str]) -> bool:
        """Who has the right sees personal data on the page of the case, which notes that they did; here nobody does."""
        found = self._field(head, rest)
        return bool(found and found.is_sensitive) or (head in ("parties", "parent") and rest[-1:] == ["name"])

    def _spoken(self, head: str, rest: list[str]) -> str:
        found = self._field(head, rest)
        return f"{self._step_title(head)}：{self.desk.say(found.title)}" if found else ""

    # ------------------------------------------------------------ who and when

    def _titles(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.desk.office.role_title(self.file.case.estate, role, self.desk.locale) for role in roles)

    def _people(self, roles: tuple[str, ...]) -> list[str]:
        """The names of those who have one of the roles, or stand in for it."""
        estate = self.file.case.estate
        known = self.desk.office.estate(estate).roles
        able = set(roles)
        while more := {role.name for role in known if set(role.stands_in_for) & able} - able:
            able |= more
        query = select(User.name).join(Grant).where(Grant.estate == estate, Grant.role.in_(able), User.active).distinct()
        return sorted(self.desk.session.scalars(query)) if roles else []

    def _consents(self, judged: Judgement) -> tuple[str, ...]:
        if judged.status != "open":
            return ()
        roles = [role for what, rule in asked(self.file, self.step) for role in open_roles(self.file, self.step, what, rule)]
        return self._titles(tuple(dict.fromkeys(roles)))

    def _timers(self) -> Iterator[TimerSeen]:
        rows: list[Timer] = [row for row in self.file.timers if row.step == self.step.name and row.state != "stopped"]
        for row in sorted(rows, key=lambda row: (row.at, row.kind)):
            yield TimerSeen(row.kind, row.at, row.base_at, row.state)

    def _outcome(self, name: str) -> str:
        return next((self.desk.say(one.title) for one in self.step.outcomes if one.name == name), name)

    def _step_title(self, key: str) -> str:
        try:
            return self.desk.say(self.file.step(key).title)
        except NotFound:
            return key

    # ------------------------------------------------------------ places

    @property
    def _path(self) -> PathTuple:
        return "steps", self.step.name.partition("@")[0]

    def _standing(self) -> Standing | None:
        office, case = self.desk.office, self.file.case
        if case.procedure not in office.library.procedures(case.estate):
            return None
        return standing(office.library, office.plugins.overlays, case.estate, case.procedure)

    def _assembly(self) -> Assembly | None:
        """The present files for the kind of unit that the case is about; None where the estate does not offer it any more."""
        if self.standing is None:
            return None
        case, library = self.file.case, self.desk.office.library
        usual = library.assembly(case.estate, case.procedure)
        known = {key: str(getattr(case.unit, key)) for key in usual.named if key != PERSON_TYPE} if case.unit else {}
        owners = [self.file.people.get(party.name, []) for party in self.file.bundle.procedure.parties if party.start == "unit.owners"]
        first = next((people[0] for people in owners if people), None)
        known[PERSON_TYPE] = first.get("kind", "") if first else ""
        return library.assembly(case.estate, case.procedure, kind_of(usual.named, known))

    def place(self, path: PathTuple, file: str = PROCEDURE, source: str = "") -> Place:
        """Where the value at `path` is written now; the nearest above it where it is not."""
        part = self.assembly.parts.get(file) if self.assembly else None
        source = source or self.step.source or self.file.bundle.procedure.source
        if part is None or part.merged is None or self.standing is None:
            return Place(source=source)
        mark = at_path(part.merged.node, path).mark
        return Place(mark.file, mark.line, self.standing.layer_of(mark), source)

    def _is_newer(self) -> bool:
        """Whether the files say something else now than when the case started."""
        if self.assembly is None:
            return True
        case = self.file.case
        version = self.desk.office.library.sources[case.procedure].version
        return self.assembly.bundle(case.estate, version).pin != case.pin


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return value
