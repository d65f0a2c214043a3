"""Checks of what a procedure says of consents, items, sub-cases, facts, counts, ends: names, and ways that lead nowhere."""

from __future__ import annotations

from collections.abc import Collection

from core.definitions.answers import Answers
from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.readings import PROCEDURE
from core.definitions.sequence import Sequence
from core.definitions.vocabulary import fact_name
from core.definitions.waiting import untils, waits_while
from core.domain.bundle import Bundle
from core.domain.estates import Unit
from core.domain.procedures import Approvals, Procedure, Step

ROLE, STEP, FACT = ("角色", "role"), ("步骤", "step"), ("情况", "fact")


def check_constructs(findings: Findings, bundle: Bundle, sequence: Sequence, roles: Collection[str]) -> None:
    """Everything beyond steps, forms, papers and documents that can be judged within one procedure."""
    procedure = bundle.procedure
    for at, step in enumerate(procedure.steps):
        _check_roles(findings, ("steps", at), step, roles)
        _check_parts(findings, bundle, ("steps", at), step)
        _check_ways(findings, procedure, ("steps", at), step)
    _check_children(findings, procedure, sequence)
    _check_facts(findings, procedure)
    _check_counts(findings, bundle)
    _check_ends(findings, procedure)


# ---------------------------------------------------------------- steps


def _check_roles(findings: Findings, here: PathTuple, step: Step, roles: Collection[str]) -> None:
    """Every role that a step asks, tells, or lets pass."""
    if step.approvals:
        _check_consent(findings, (*here, "approvals"), step.approvals, roles)
    for number, outcome in enumerate(step.outcomes):
        if outcome.approvals:
            _check_consent(findings, (*here, "outcomes", number, "approvals"), outcome.approvals, roles)
    said: list[tuple[PathTuple, tuple[str, ...]]] = []
    if step.override:
        said.append((("override", "role"), step.override.role))
    for at, due in enumerate(step.due):
        said += [(("due", at, "overdue", word), getattr(due.overdue, word)) for word in ("notify", "approvals")]
    if step.repeat:
        said += [(("repeat", "overdue", word), getattr(step.repeat.overdue, word)) for word in ("notify", "approvals")]
    if step.classify:
        said += [(("classify", "escalate", at, "notify"), one.notify) for at, one in enumerate(step.classify.escalate)]
    said += [(("needs_fact", name, "confirm"), need.confirm) for name, need in step.needs_fact.items()]
    for path, given in said:
        findings.all_known(PROCEDURE, (*here, *path), ROLE, given, roles)


def _check_consent(findings: Findings, path: PathTuple, consent: Approvals, roles: Collection[str]) -> None:
    findings.all_known(PROCEDURE, (*path, "by"), ROLE, consent.by, roles)
    findings.once(PROCEDURE, (*path, "by"), consent.by)


def _check_parts(findings: Findings, bundle: Bundle, here: PathTuple, step: Step) -> None:
    """The party of the items, the facts that are needed, the lines of a settlement, what an override passes."""
    procedure = bundle.procedure
    if step.each:
        many = [party.name for party in procedure.parties if party.many]
        if any(party.name == step.each for party in procedure.parties) and step.each not in many:
            findings.add(PROCEDURE, (*here, "each"), f"当事人 `{step.each}` 没有写 many: true (`{step.each}` is one person only)",
                         1212)
        else:
            findings.known(PROCEDURE, (*here, "each"), ("当事人", "party"), step.each, many)
    facts = [fact_name(fact) for fact in procedure.facts]
    findings.known_keys(PROCEDURE, (*here, "needs_fact"), FACT, step.needs_fact, facts)
    if step.settle:
        _check_deductions(findings, bundle, (*here, "settle", "less"), step)
    if step.override and not (step.until or step.needs_fact or step.opens):
        findings.add(PROCEDURE, (*here, "override"), "没有可以特批的条件 (there is nothing to override)", 1234,
                     "特批只能越过 until、needs_fact、opens (it passes `until`, `needs_fact`, `opens` only)")


def _check_deductions(findings: Findings, bundle: Bundle, path: PathTuple, step: Step) -> None:
    assert step.settle is not None
    answers, money = Answers(bundle), Answers(bundle).of_types(("money",))
    findings.once(PROCEDURE, path, (less.name for less in step.settle.less))
    for at, less in enumerate(step.settle.less):
        head, *rest = less.amount.split(".")
        there = (*path, at, "amount")
        if len(rest) == 2:  # the sub-case's own field is looked for where its procedure is known
            findings.known(PROCEDURE, there, ("子手续", "kind of sub-case"), head,
                           [child.name for child in bundle.procedure.children])
        elif less.amount in answers.fields and less.amount not in money:
            findings.add(PROCEDURE, there, f"`{less.amount}` 不是金额 (`{less.amount}` is no money)", 1212)
        elif head not in answers.blind:
            findings.known(PROCEDURE, there, ("金额字段", "money field"), less.amount, money)


def _check_ways(findings: Findings, procedure: Procedure, here: PathTuple, step: Step) -> None:
    """What never opens and what nobody can finish."""
    if (step.when or "").strip() == "false":
        findings.add(PROCEDURE, (*here, "when"), f"步骤 `{step.name}` 永远打不开 (step can never open)", 1233,
                     "不要这一步时写 remove: true，并把它从 requires 里去掉 (remove it)")
    if (step.until or "").strip() == "false" and not step.override:
        findings.add(PROCEDURE, (*here, "until"), f"步骤 `{step.name}` 永远办不完 (step can never be done)", 1235)
    if step.outcomes and not step.approvals and not any(one.goes_on or one.end for one in step.outcomes):
        findings.add(PROCEDURE, (*here, "outcomes"), f"步骤 `{step.name}` 的结果都回头，永远办不完 (no outcome goes on or ends)", 1235,
                     "至少要有一个结果能往下走或结束 (one outcome must go on or end)")
    for other in procedure.steps if not step.override else ():
        skippable = other.when and other.when not in (step.when or "")
        passed_by = {other.name: {"done": False, "skipped": True, "outcome": ""}}
        if skippable and any(waits_while(text, passed_by) for text in untils(step)):
            findings.add(PROCEDURE, (*here, "repeat" if step.repeat else "until"),
                         f"`{other.name}` 会跳过，那时 `{step.name}` 永远办不完 (never done if `{other.name}` is skipped)", 1235,
                         f"写 {other.name}.done || {other.name}.skipped")
    repeated = [one.name for one in procedure.steps if one.repeat]
    for at, need in enumerate(step.requires):
        if need in repeated:
            findings.add(PROCEDURE, (*here, "requires", at), f"`{need}` 按期重复，没有办完的时候 (`{need}` is never done for good)",
                         1233, f"写它的 until 所等的步骤，不写 `{need}` (require what its `until` waits for)")


# ---------------------------------------------------------------- the procedure


def _check_children(findings: Findings, procedure: Procedure, sequence: Sequence) -> None:
    steps = [step.name for step in procedure.steps]
    findings.once(PROCEDURE, ("children",), (child.name for child in procedure.children))
    for at, child in enumerate(procedure.children):
        for word, key in (("start", "from"), ("until", "until")):
            if (said := getattr(child, word)) is not None:
                findings.known(PROCEDURE, ("children", at, key), STEP, said, steps)
        if child.start in steps and child.until in sequence.ancestors[child.start]:
            findings.add(PROCEDURE, ("children", at, "until"),
                         f"`{child.until}` 在 `{child.start}` 之前就办完，永远开不了 (never open between them)", 1233)


def _check_facts(findings: Findings, procedure: Procedure) -> None:
    findings.once(PROCEDURE, ("facts",), (fact.name for fact in procedure.facts))
    for at, fact in enumerate(procedure.facts):
        path: PathTuple = ("facts", at)
        if fact.subject == "unit" and fact.name in Unit.model_fields:
            findings.add_key(PROCEDURE, path, f"`unit.{fact.name}` 是房屋资料，请换一个名字 (every unit has that already)", 1203)
        if fact.name.endswith("_fen") and fact.type != "integer":
            findings.add(PROCEDURE, (*path, "type"), "金额是整数分，类型写 integer (money is whole 分: `integer`)", 1212)
        if fact.subject in ("unit", "place") and fact.subject not in procedure.subject:
            findings.add(PROCEDURE, (*path, "subject"), f"本手续不是关于 {fact.subject} 的 (the procedure is about no {fact.subject})",
                         1212, f"subject: {', '.join(procedure.subject)}")
        if fact.subject == "person" and not procedure.parties:
            findings.add(PROCEDURE, (*path, "subject"), "本手续没有当事人 (the procedure has no parties)", 1212)
    findings.known_keys(PROCEDURE, ("provides",), FACT, procedure.provides, [fact.name for fact in procedure.facts])


def _check_counts(findings: Findings, bundle: Bundle) -> None:
    procedure, answers = bundle.procedure, Answers(bundle)
    findings.once(PROCEDURE, ("counts",), (count.name for count in procedure.counts))
    known = ["subject", *(f"parties.{party.name}" for party in procedure.parties), *answers.fields]
    for at, count in enumerate(procedure.counts):
        if count.by.partition(".")[0] not in answers.blind:
            findings.known(PROCEDURE, ("counts", at, "by"), ("值", "value"), count.by, known)


def _check_ends(findings: Findings, procedure: Procedure) -> None:
    findings.all_known(PROCEDURE, ("good_ends",), ("结束状态", "end"), procedure.good_ends, procedure.ends)
    findings.once(PROCEDURE, ("ends",), procedure.ends)
    reached = {outcome.end for step in procedure.steps for outcome in step.outcomes if outcome.end}
    if not reached <= set(procedure.ends):
        return  # a misspelt end would be told a second time as one that is never reached
    for at, end in enumerate(procedure.ends[1:], start=1):  # the first is where a case ends that goes all the way
        if end not in reached:
            findings.add(PROCEDURE, ("ends", at), f"没有结果走到 `{end}` (no outcome ends there)", 1234,
                         f"写在某个结果里：end: {end}，或删去 (say `end: {end}` in an outcome, or remove it)")
