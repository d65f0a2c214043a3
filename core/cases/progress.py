"""Moving a case on: steps open, are skipped and get done as soon as their gates say so, each with an event."""

from __future__ import annotations

from core.cases.casefile import CaseFile
from core.cases.charging import ensure_charges
from core.cases.gates import Gates, Judgement
from core.store.models import StepRun


def advance(file: CaseFile) -> Gates:
    """Record every step that opened, was skipped or is done, until nothing moves; ends the case after its last step.

    Returns the gates of the state that was reached.
    """
    for _ in range(2 * len(file.bundle.procedure.steps) + 2):
        gates = Gates(file)
        if file.case.ended_at is not None or not _move(file, gates):
            return gates
    raise RuntimeError(f"{file.case.procedure}: the steps do not come to rest")  # check() proves there is no cycle


def _move(file: CaseFile, gates: Gates) -> bool:
    for judged in gates.all():
        run = file.run(judged.step.name)
        if judged.status == "skipped" and run is None:
            _begin(file, judged, state="skipped")
            return True
        if judged.status == "open" and run is None:
            _begin(file, judged, state="open")
            if judged.step.fees:
                ensure_charges(file, judged.step, gates)
            return True
        if judged.status == "open" and run is not None and not judged.missing and (judged.automatic or run.outcome):
            finish(file, judged.step.name)
            return True
    if all(judged.status in ("done", "skipped") for judged in gates.all()):
        end(file, file.bundle.procedure.ends[0])
        return True
    return False


def _begin(file: CaseFile, judged: Judgement, state: str) -> None:
    desk = file.desk
    run = StepRun(case_id=file.case.id, estate=file.case.estate, step=judged.step.name, state=state,
                  opened_at=desk.now, done_at=desk.now if state == "skipped" else None)
    file.add(file.runs, run)
    file.record(f"step.{'opened' if state == 'open' else 'skipped'}", step=judged.step.name, round=1)


def finish(file: CaseFile, step: str) -> None:
    """Record the step as done, with an event."""
    run = file.run(step)
    if run is None:
        raise KeyError(step)
    run.state, run.done_at, run.done_by = "done", file.desk.now, file.desk.actor.user_id
    file.record("step.done", step=step, round=run.round, outcome=run.outcome)


def reopen(file: CaseFile, step: str, *, new_round: bool = True) -> None:
    """Open a done or skipped step again, as a new round that keeps the earlier ones."""
    run = file.run(step)
    if run is None or run.state == "open":
        return
    if new_round:
        fresh = StepRun(case_id=file.case.id, estate=file.case.estate, step=step, round=run.round + 1, state="open",
                        opened_at=file.desk.now)
        file.add(file.runs, fresh)
    else:
        run.state, run.done_at, run.done_by, run.outcome = "open", None, None, ""
    file.record("step.reopened", step=step, round=run.round + new_round)


def end(file: CaseFile, state: str) -> None:
    """End the case in `state`, with an event."""
    file.case.state, file.case.ended_at = state, file.desk.now
    file.record("case.ended", state=state)
