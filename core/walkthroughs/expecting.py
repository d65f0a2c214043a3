"""What a walkthrough expects, held against what is: why an act was refused, and how the case stands."""

from __future__ import annotations

from collections.abc import Iterator

from core.cases.views import CaseView
from core.domain.money import fen, show
from core.errors import Conflict, Forbidden, GateClosed, InvalidInput, MoneyRefused, Reason, Refused
from core.walkthroughs.acts import Expect


def reasons_of(error: Refused) -> tuple[Reason, ...]:
    """Every reason that a refusal gives, each with its kind: those of a gate, wrong input, a role, money, the state."""
    if isinstance(error, InvalidInput):
        return tuple(Reason("input", problem.message, target=problem.field) for problem in error.problems)
    if isinstance(error, GateClosed):
        return (*error.reasons, Reason("state", error.what))
    for kind, name in ((Forbidden, "role"), (MoneyRefused, "money"), (Conflict, "conflict")):
        if isinstance(error, kind):
            return (Reason(name, error.what),)
    return (Reason("state", error.what),)


def differences(said: Expect, view: CaseView) -> list[str]:
    """What stands otherwise than expected, each as a sentence."""
    return [*_state(said, view), *_steps(said, view), *_documents(said, view), *_ledger(said, view), *_time(said, view),
            *_children(said, view)]


def _state(said: Expect, view: CaseView) -> Iterator[str]:
    if said.state is not None and said.state != view.state:
        yield f"办件应为 {said.state}，实际 {view.state}"


def _steps(said: Expect, view: CaseView) -> Iterator[str]:
    for name, status in said.steps.items():
        step = next((one for one in view.steps if one.name == name), None)
        if step is None:
            yield f"没有步骤 {name}"
        elif step.status != status:
            missing = "、".join(reason.message for reason in (*step.why_not, *step.missing))
            yield f"步骤 {name} 应为 {status}，实际 {step.status}" + (f"({missing})" if missing else "")


def _documents(said: Expect, view: CaseView) -> Iterator[str]:
    for name, wanted in said.documents.items():
        rows = [row for row in view.documents if row.name == name]
        found = "、".join(f"{row.number} {row.state}" for row in rows) or "无"
        if wanted == "absent":
            fits = not rows
        elif wanted in ("issued", "void", "superseded"):
            fits = any(row.state == wanted for row in rows)
        else:
            fits = any(row.state == "issued" and row.number == wanted for row in rows)
        if not fits:
            yield f"文书 {name} 应为 {wanted}，实际 {found}"


def _ledger(said: Expect, view: CaseView) -> Iterator[str]:
    if said.ledger is None:
        return
    money = view.money
    found = {"charged": money.charged_fen, "paid": money.paid_fen, "due": money.due_fen, "deposit": money.deposit_fen}
    for name, have in found.items():
        wanted = getattr(said.ledger, name)
        if wanted is not None and fen(wanted) != have:
            yield f"{name} 应为 {wanted}，实际 {show(have)}"


def _time(said: Expect, view: CaseView) -> Iterator[str]:
    if said.overdue is not None:
        late = sorted(step.name for step in view.steps if step.overdue)
        if late != sorted(said.overdue):
            yield f"超时的步骤应为 {'、'.join(said.overdue) or '无'}，实际 {'、'.join(late) or '无'}"


def _children(said: Expect, view: CaseView) -> Iterator[str]:
    for kind, wanted in said.children.items():
        found = sum(child.kind == kind and child.ended_at is None for child in view.children)
        if found != wanted:
            yield f"未办结的 {kind} 应为 {wanted} 件，实际 {found} 件"
