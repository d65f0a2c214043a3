"""What a step must know, worded for its page and for programs."""

from __future__ import annotations

from core.cases.casefile import CaseFile
from core.cases.fact_words import age_said, is_money, origin_said, plain_name, shown
from core.cases.facts import FactSeen, confirmers, confirmers_said, is_fresh, known_facts
from core.cases.views import FactView
from core.domain.facts import NeedsFact
from core.domain.procedures import Step


def fact_views(file: CaseFile, key: str) -> tuple[FactView, ...]:
    """What the step at `key` must know, for its page and for programs."""
    step = file.step(key)
    if not step.needs_fact:
        return ()
    desk, run, facts = file.desk, file.run(key), known_facts(file)
    calendar = desk.office.calendar(file.case.estate)
    may = file.case.ended_at is None and file.case.state == "open" and run is not None and run.state == "open"
    rows: list[FactView] = []
    for said, need in step.needs_fact.items():
        seen = facts.get(plain_name(said))
        if seen is not None:
            fresh = is_fresh(calendar, desk.now, seen, need.max_age)
            rows.append(_view(file, step, said, seen, need, fresh=fresh, may=may))
    return tuple(rows)


def _view(file: CaseFile, step: Step, said: str, seen: FactSeen, need: NeedsFact, *, fresh: bool, may: bool) -> FactView:
    desk, fact = file.desk, seen.fact
    roles = confirmers(step, need)
    return FactView(
        name=said, title=desk.say(fact.title), kind="money" if is_money(fact) else fact.type,
        value=shown(fact, seen.value, desk.locale), outside=shown(fact, seen.outside, desk.locale),
        cases=shown(fact, seen.cases, desk.locale), as_of=seen.as_of, origin=origin_said(desk, seen.origin),
        by=desk.name_of(seen.by), fresh=fresh, may=may and desk.has_role(file.case.estate, roles),
        who=confirmers_said(file, step, need), age=age_said(need.max_age, desk.locale) if need.max_age else "",
        source=fact.source or step.source)
