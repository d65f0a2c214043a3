"""Facts of a case: what is known of its unit, person, place or estate, how old that is, and who confirms it by hand.

Who says a fact is its *origin*, and how several are put together depends on whether Shouxu knows it by itself:

| origin | who says it | together |
|---|---|---|
| `import`, `api`, `confirmed`, `hook` | the outside: what Shouxu cannot know | the newest `as_of` replaces the others |
| `case:<id>` | a case, by its `provides` | numbers are added, yes/no is yes when one says yes |

Both together: the outside's newest and the cases' are added (yes/no: either), so the outside says only what no case of
Shouxu knows: deposits from before day one, not those that were paid here. Of texts and dates the latest of all counts.
What cases say is always of now, since each writes anew whenever it changes; age is the age of what the outside said.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.fact_waking import wake_readers
from core.cases.fact_words import (
    CONFIRMED,
    HOOK,
    age_said,
    as_stored,
    checked,
    day_of,
    fits,
    from_text,
    is_money,
    plain_name,
    shown,
)
from core.cases.hooks import hooks_of
from core.clock import Calendar, later, show_date
from core.domain.facts import Fact, NeedsFact
from core.domain.money import show
from core.domain.procedures import Step
from core.domain.timing import Length
from core.errors import GateClosed, NotFound, PluginError, Reason, RuleError
from core.store.events import digest
from core.store.models import Fact as Row

SEEN, OWN = "facts_seen", "facts_own"
"""Where a file keeps what was read for it; `file.forget(SEEN)` reads it again."""

_SAID = select(Row.subject, Row.name, Row.value, Row.as_of, Row.origin, Row.at, Row.by).where(
    Row.estate == bindparam("estate"), Row.subject.in_(bindparam("subjects", expanding=True)),
    Row.name.in_(bindparam("names", expanding=True)))
_ROWS = select(Row).where(Row.estate == bindparam("estate"), Row.subject.in_(bindparam("subjects", expanding=True)),
                          Row.name.in_(bindparam("names", expanding=True)), Row.origin == bindparam("origin"))


# ---------------------------------------------------------------- what is known


@dataclass(frozen=True)
class Said:
    """What one origin says of a fact: a JSON value, true at `as_of`, written at `at`."""

    value: Any
    as_of: datetime
    origin: str
    at: datetime
    by: str = ""

    @property
    def of_case(self) -> bool:
        return self.origin.startswith("case:")


@dataclass(frozen=True)
class FactSeen:
    """A fact put together. `value`: int (money in 分), bool, str or date; None while unknown.

    `outside`, `cases`: the two parts of it. `counted_from`: the moment from which its age counts; None when only cases of
    Shouxu say it, which is always of now. `by`: user id of whoever said the outside's part.
    """

    fact: Fact
    value: Any = None
    as_of: datetime | None = None
    origin: str = ""
    counted_from: datetime | None = None
    outside: Any = None
    cases: Any = None
    by: str = ""


def subject_key(file: CaseFile, subject: str) -> str | None:
    """What rows call the case's `subject`: `unit:<id>`, `person:<id>` (of the first party), `place:<text>`, `estate`.

    None when the case has none.
    """
    if subject == "estate":
        return "estate"
    if subject == "unit":
        return f"unit:{file.case.unit_id}" if file.case.unit_id else None
    if subject == "place":
        return f"place:{file.case.place}"[:255] if file.case.place else None
    first = next(iter(file.bundle.procedure.parties), None)
    row = next((row for row in file.parties if first and row.party == first.name), None)
    return f"person:{row.person_id}" if row else None


def known_facts(file: CaseFile) -> dict[str, FactSeen]:
    """Every fact that the procedure declares, by name; read once per file, in one query.

    What is not stored or too old for a step is asked of the plugins (hook `facts`); `write_provided` stores their answers.
    """
    if SEEN not in file.__dict__:
        file.__dict__[SEEN] = _look(file)
    return file.__dict__[SEEN].facts


def fact_values(file: CaseFile, subject: str) -> dict[str, Any]:
    """The facts of one subject as rules read them: value by name, None while unknown."""
    return {name: seen.value for name, seen in known_facts(file).items() if seen.fact.subject == subject}


def fact_texts(file: CaseFile, subject: str) -> dict[str, str]:
    """The facts of one subject as papers print them: money like `3,276.00`, `是`, `2026年3月1日`; empty while unknown."""
    return {name: show(seen.value) if is_money(seen.fact) and seen.value is not None else shown(seen.fact, seen.value)
            for name, seen in known_facts(file).items() if seen.fact.subject == subject}


def put_together(fact: Fact, said: Iterable[Said]) -> FactSeen:
    """What all origins say of one fact of one subject, in whatever order they come; values of another type do not count."""
    fitting = [one for one in said if fits(fact, one.value)]
    outside = max((one for one in fitting if not one.of_case), key=_age, default=None)
    cases = [one for one in fitting if one.of_case]
    newest = max(cases, key=_age, default=None)
    if outside is None and newest is None:
        return FactSeen(fact)
    parts = {"outside": _typed(fact, outside.value) if outside else None, "by": outside.by if outside else ""}
    if fact.type in ("text", "date"):
        last = max((one for one in (outside, newest) if one), key=_age)
        return FactSeen(fact, _typed(fact, last.value), last.as_of, last.origin, None if last.of_case else last.as_of,
                        cases=_typed(fact, newest.value) if newest else None, **parts)
    join: Callable[[Iterable[Any]], Any] = sum if fact.type == "integer" else any
    of_cases = join(one.value for one in cases) if cases else None
    value = join(part for part in (parts["outside"], of_cases) if part is not None)
    first = outside or newest
    assert first is not None
    return FactSeen(fact, value, first.as_of, first.origin, outside.as_of if outside else None, cases=of_cases, **parts)


def is_fresh(calendar: Calendar, now: datetime, seen: FactSeen, max_age: Length | None) -> bool:
    """Whether the fact is known and not older than `max_age` (None: however old)."""
    if seen.value is None:
        return False
    if max_age is None or seen.counted_from is None:
        return True
    return now <= later(calendar, seen.counted_from, max_age)


def _age(said: Said) -> tuple[datetime, datetime, str]:
    return said.as_of, said.at, said.origin


def _typed(fact: Fact, value: Any) -> Any:
    return day_of(value) if fact.type == "date" else value


# ---------------------------------------------------------------- reading and asking


@dataclass
class _Look:
    """What a file knows; `asked`: what plugins answered and is not stored yet."""

    facts: dict[str, FactSeen]
    asked: dict[str, Any]


def _look(file: CaseFile) -> _Look:
    declared = file.bundle.procedure.facts
    keys = {fact.name: subject_key(file, fact.subject) for fact in declared}
    subjects = sorted({key for key in keys.values() if key})
    said: dict[tuple[str, str], list[Said]] = defaultdict(list)
    if subjects:
        asked = {"estate": file.case.estate, "subjects": subjects, "names": [fact.name for fact in declared]}
        for row in file.desk.session.execute(_SAID, asked):
            said[row.subject, row.name].append(Said(row.value.get("value"), row.as_of, row.origin, row.at, row.by))
    found = {fact.name: said[keys[fact.name] or "", fact.name] for fact in declared}
    facts = {fact.name: put_together(fact, found[fact.name]) for fact in declared}
    answers = _asked(file, facts)
    now = file.desk.now
    for name, value in answers.items():
        facts[name] = put_together(facts[name].fact, [*found[name], Said(value, now, HOOK, now)])
    return _Look(facts, answers)


def _asked(file: CaseFile, facts: Mapping[str, FactSeen]) -> dict[str, Any]:
    """What plugins know of the unit's facts that nobody outside has said, or not lately; values are of the right type."""
    case, plugins = file.case, file.desk.office.plugins
    if case.ended_at is not None or case.unit is None or plugins.reason(case.procedure, case.estate):
        return {}
    names = [name for name, seen in facts.items() if seen.fact.subject == "unit" and _wanting(file, name, seen)]
    hooks = hooks_of(file)
    if not names or not hooks.heard("facts"):
        return {}
    answers = hooks.facts(estate=case.estate, unit=case.unit.code, names=tuple(names))
    found = {name: as_stored(value) for name, value in answers.items() if name in names and value is not None}
    for name, value in found.items():
        if not fits(facts[name].fact, value):
            raise PluginError(f"`facts` 给出的 `{name}` 应为 {facts[name].fact.type}，得到 {type(value).__name__}", number=1014)
    return found


def _wanting(file: CaseFile, name: str, seen: FactSeen) -> bool:
    if seen.outside is None:
        return True
    calendar, now = file.desk.office.calendar(file.case.estate), file.desk.now
    return not all(is_fresh(calendar, now, seen, need.max_age) for step in file.bundle.procedure.steps
                   for said, need in step.needs_fact.items() if plain_name(said) == name)


# ---------------------------------------------------------------- what a step lacks


def missing_facts(file: CaseFile, step: Step) -> list[Reason]:
    """A reason for each fact that `step` needs and that is unknown or too old; its target is the fact as the step names it."""
    if not step.needs_fact:
        return []
    desk, facts = file.desk, known_facts(file)
    calendar = desk.office.calendar(file.case.estate)
    found: list[Reason] = []
    for said, need in step.needs_fact.items():
        seen = facts.get(plain_name(said)) or FactSeen(Fact(name=plain_name(said), title=said, type="text"))  # type: ignore[arg-type]
        if not is_fresh(calendar, desk.now, seen, need.max_age):
            found.append(Reason("fact", _lacking(file, step, seen, need), step.name, said, step.source))
    return found


def _lacking(file: CaseFile, step: Step, seen: FactSeen, need: NeedsFact) -> str:
    desk, title = file.desk, file.desk.say(seen.fact.title)
    who = confirmers_said(file, step, need)
    if seen.counted_from is None:
        return desk.tr(f"“{title}”还没有记录，请由{who}核实后确认", f"Nothing is known of “{title}”: {who} confirms it")
    day = show_date(desk.office.calendar(file.case.estate).local_date(seen.counted_from), desk.locale)
    age = age_said(need.max_age, desk.locale)
    return desk.tr(f"“{title}”是{day}的数据，须为{age}的数据，请由{who}核实后确认",
                   f"“{title}” is of {day} and must be {age}: {who} confirms it")


def confirmers(step: Step, need: NeedsFact) -> tuple[str, ...]:
    """Roles that may confirm the fact by hand: those it names, else those of the step."""
    return need.confirm or step.role


def confirmers_said(file: CaseFile, step: Step, need: NeedsFact) -> str:
    """The titles of those roles at this estate."""
    desk = file.desk
    titles = [desk.office.role_title(file.case.estate, role, desk.locale) for role in confirmers(step, need)]
    return desk.tr("、", ", ").join(titles) or desk.tr("经办人", "whoever works on it")


# ---------------------------------------------------------------- what a case provides


def write_provided(file: CaseFile, holds: Callable[[str], Any]) -> frozenset[str]:
    """Write what the case now says of its subject, by its `provides`, where it differs from what it said before.

    `holds` gives the value of a rule; None (a value not known yet) takes back what was said. Answers of plugins are stored
    too. Cases that wait for what changed go on. Gives the names of the facts that changed. RuleError when a rule's value is
    of another type than its fact.
    """
    changed = _keep_answers(file)
    provides = file.bundle.procedure.provides
    if not provides:
        return frozenset(changed)
    declared = {fact.name: fact for fact in file.bundle.procedure.facts}
    subjects = {name: subject_key(file, declared[name].subject if name in declared else file.case.subject) for name in provides}
    rows = _own_rows(file, subjects)
    for name, rule in provides.items():
        subject, value = subjects[name], _plain(name, declared.get(name), holds(rule))
        if subject and _put(file, rows, subject, name, value):
            changed.add(name)
    if changed:
        file.forget(SEEN)
        said = {subject for name in changed if (subject := subjects.get(name))}
        wake_readers(file.desk, file.case.estate, said, changed, but=file.case.id)
    return frozenset(changed)


def _own_rows(file: CaseFile, subjects: Mapping[str, str | None]) -> dict[tuple[str, str], Row]:
    """The rows that this case wrote, by subject and name."""
    if OWN not in file.__dict__:
        wanted = {"estate": file.case.estate, "subjects": sorted({key for key in subjects.values() if key}),
                  "names": sorted(subjects), "origin": f"case:{file.case.id}"}
        rows = file.desk.session.scalars(_ROWS, wanted)
        file.__dict__[OWN] = {(row.subject, row.name): row for row in rows}
    return file.__dict__[OWN]


def _put(file: CaseFile, rows: dict[tuple[str, str], Row], subject: str, name: str, value: Any) -> bool:
    row, desk = rows.get((subject, name)), file.desk
    before = row.value.get("value") if row else None
    if before == value and type(before) is type(value):
        return False
    if row is None:
        row = rows[subject, name] = Row(estate=file.case.estate, subject=subject, name=name, origin=f"case:{file.case.id}")
        desk.session.add(row)
    row.value, row.as_of, row.at, row.by = {"value": value}, desk.now, desk.now, desk.actor.user_id
    return True


def _plain(name: str, fact: Fact | None, value: Any) -> Any:
    """A rule's value as it is stored; RuleError for what no fact can be."""
    value = as_stored(value)
    right = value is None or (fits(fact, value) if fact else isinstance(value, (bool, int, str)))
    if not right:
        raise RuleError(f"`provides.{name}` 的结果应为 {fact.type if fact else '数、是否或文字'}，得到 {type(value).__name__} "
                        f"(another type is wanted)", number=1242)
    return value


def _keep_answers(file: CaseFile) -> set[str]:
    """Store what plugins answered while the case was judged."""
    look: _Look | None = file.__dict__.get(SEEN)
    unit = subject_key(file, "unit")
    if look is None or not look.asked or unit is None:
        return set()
    for name, value in look.asked.items():
        put_fact(file.desk, file.case.estate, unit, name, value, HOOK, file.desk.now)
    kept, look.asked = set(look.asked), {}
    return kept


def put_fact(desk: Desk, estate: str, subject: str, name: str, value: Any, origin: str, as_of: datetime) -> Row:
    """Store what `origin` says now instead of what it said before; the caller stands in the estate's queue."""
    wanted = {"estate": estate, "subjects": [subject], "names": [name], "origin": origin}
    row = desk.session.scalars(_ROWS, wanted).first()
    if row is None:
        row = Row(estate=estate, subject=subject, name=name, origin=origin)
        desk.session.add(row)
    row.value, row.as_of, row.at, row.by = {"value": value}, as_of, desk.now, desk.actor.user_id
    return row


# ---------------------------------------------------------------- confirming by hand


def confirm_fact(desk: Desk, case_id: str, key: str, name: str, value: Any, *, version: int | None = None,
                 typed: bool = False) -> None:
    """Say that a fact which the step needs is `value` now: int (money in 分), bool, text, or a date as ISO text.

    `typed`: as somebody typed it: money in 元, 是 or 否.
    Beside what cases of Shouxu say of it; see `FactSeen.outside`. InvalidInput at `value`; Forbidden for other roles;
    GateClosed unless the step is open. The event holds a salted digest, the sealed remark beside it the value.
    """
    from core.cases.gates import Gates
    from core.cases.progress import advance

    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    step = file.step(key)
    fact, need = needed(file, step, name)
    title = desk.say(fact.title)
    desk.require_role(file.case.estate, confirmers(step, need), desk.tr(f"确认“{title}”", f"Confirming “{title}”"))
    if Gates(file).judge(key).status != "open":
        raise GateClosed(desk.tr(f"“{desk.say(step.title)}”现在不能办理，不能确认“{title}”",
                                 f"“{desk.say(step.title)}” is not open: “{title}” cannot be confirmed"), number=2202)
    plain = from_text(desk, fact, value) if typed else checked(desk, fact, value)
    subject = subject_key(file, fact.subject)
    if subject is None:
        raise NotFound(desk.tr(f"本件没有“{title}”所说的对象", f"This case has nothing that “{title}” speaks of"))
    row = put_fact(desk, file.case.estate, subject, fact.name, plain, CONFIRMED, desk.now)
    salt = secrets.token_bytes(16)
    row.value = {"value": plain, "salt": salt.hex()}
    file.record("fact.confirmed", step=key, fact=fact.name, digest=digest(salt, plain), reason=f"{title}：{shown(fact, plain)}")
    file.forget(SEEN)
    advance(file)
    wake_readers(desk, file.case.estate, {subject}, {fact.name}, but=file.case.id)


def needed(file: CaseFile, step: Step, name: str) -> tuple[Fact, NeedsFact]:
    """The fact `name` (`arrears_fen` or `unit.arrears_fen`) that the step needs; NotFound when it needs none of that name."""
    for said, need in step.needs_fact.items():
        for fact in file.bundle.procedure.facts:
            if fact.name == plain_name(said) and name in (said, fact.name):
                return fact, need
    raise NotFound(file.desk.tr(f"“{file.desk.say(step.title)}”不需要“{name}”", f"“{file.desk.say(step.title)}” needs no “{name}”"))
