"""Moving a case on: steps open, are skipped and get done as soon as their gates say so, each with an event."""

from __future__ import annotations

from core.cases.casefile import CaseFile, open_file
from core.cases.charging import ensure_charges
from core.cases.children import set_rungs
from core.cases.consents import is_approved
from core.cases.counting import write_keys
from core.cases.desk import Desk
from core.cases.facts import write_provided
from core.cases.gates import Gates, Judgement
from core.cases.timing import sync, validity_of
from core.domain.procedures import Step
from core.store.models import StepRun


def advance(file: CaseFile) -> Gates:
    """Record every step that opened, was skipped or is done, until nothing moves; ends the case after its last step, sets
    its timers, says its facts, and moves the parent case on.

    Returns the gates of the state that was reached.
    """
    procedure = file.bundle.procedure
    if procedure.counts:
        write_keys(file, Gates(file).holds)
    gates = come_to_rest(file)
    if procedure.timed:
        sync(file, gates.holds)
    if procedure.provides or procedure.facts:
        write_provided(file, gates.value)
    if file.case.parent_id is not None:
        file.desk.session.flush()  # the parent reads its sub-cases from the store
        nudge(file.desk, file.case.parent_id)
    return gates


def nudge(desk: Desk, case_id: str) -> bool:
    """Move a case on because something outside it changed: a sub-case, a fact. Says whether anything moved; only then does
    its version grow, because else whoever works on it has still seen everything."""
    file = open_file(desk, case_id, change=True)
    if file.case.ended_at is None:
        before = file.recorded
        extended = _extend(file)
        advance(file)
        if extended or file.recorded != before:
            return True
    file.case.version -= 1
    return False


def _extend(file: CaseFile) -> bool:
    """Reckon anew how long what was given is good where a sub-case may have extended it; says whether one did."""
    found = False
    extensible = {step.name: step for step in file.steps if step.validity and step.validity.extended_by}
    for run in file.runs:
        if run.step in extensible and run.valid_until is not None and run.done_at:
            until = validity_of(file, extensible[run.step], run.done_at)
            found, run.valid_until = found or until != run.valid_until, until
    return found


def come_to_rest(file: CaseFile) -> Gates:
    """The steps of `advance` alone: they open, are skipped and get done, and the case ends; nobody else is told."""
    laddered = any(step.ladder for step in file.bundle.procedure.steps)
    for _ in range(4 * len(file.steps) + 4):
        if laddered:
            set_rungs(file)
        gates = Gates(file)
        if file.case.ended_at is not None or file.case.state == "suspended" or not _move(file, gates):
            return gates
    raise RuntimeError(f"{file.case.procedure}: the steps do not come to rest")  # check() proves there is no cycle


def _move(file: CaseFile, gates: Gates) -> bool:
    everything = gates.all()
    for judged in everything:
        step, run = judged.step, file.run(judged.step.name)
        if step.each and "@" not in step.name:
            continue  # nobody is there yet whom it could be done for
        if judged.status == "skipped" and (run is None or run.state == "open"):
            _skip(file, judged, run)
            return True
        if judged.status == "open" and (run is None or run.state == "skipped"):
            if run is None:
                _begin(file, judged, state="open")
            else:  # it was skipped, and applies after all
                reopen(file, step.name, new_round=False)
                run.opened_at = file.desk.now  # its deadlines count from when it is asked for
            if step.fees:
                ensure_charges(file, step, gates)
            return True
        if judged.status == "open" and run is not None and _is_done(file, judged, run):
            finish(file, step.name)
            return True
    if all(judged.status in ("done", "skipped") and _is_over(judged.step, gates) for judged in everything):
        end(file, file.bundle.procedure.ends[0])
        return True
    return False


def _is_done(file: CaseFile, judged: Judgement, run: StepRun) -> bool:
    """Whether an open step is done; one that only asks for consent takes the outcome that goes on when it has it."""
    if judged.missing or not (judged.automatic or run.outcome):
        return False
    step = judged.step
    if step.approvals and step.outcomes and not run.outcome:
        on = next((one for one in step.outcomes if one.goes_on), None)
        if on is None or not is_approved(file, step):
            return False
        run.outcome = on.name
    return True


def _is_over(step: Step, gates: Gates) -> bool:
    """Whether a step will not come again."""
    return step.repeat is None or gates.holds(step.repeat.until)


def _begin(file: CaseFile, judged: Judgement, state: str) -> None:
    desk = file.desk
    run = StepRun(case_id=file.case.id, estate=file.case.estate, step=judged.step.name, round=1, state=state,
                  opened_at=desk.now, done_at=desk.now if state == "skipped" else None)
    file.add(file.runs, run)
    file.record(f"step.{'opened' if state == 'open' else 'skipped'}", step=judged.step.name, round=1)


def _skip(file: CaseFile, judged: Judgement, run: StepRun | None) -> None:
    """A step that does not apply, or a repeated one that is not needed any more."""
    if run is None:
        _begin(file, judged, state="skipped")
        return
    run.state, run.done_at = "skipped", file.desk.now
    file.record("step.skipped", step=judged.step.name, round=run.round)


def finish(file: CaseFile, step: str) -> None:
    """Record the step as done, with an event; what it gives is good from now on, what follows it is opened. A round that ends
    with sending the case back gives nothing."""
    run = file.run(step)
    if run is None:
        raise KeyError(step)
    said = file.step(step)
    run.state, run.done_at, run.done_by = "done", file.desk.now, file.desk.actor.user_id
    gives = not any(one.name == run.outcome and one.reopen for one in said.outcomes)
    if said.validity and gives:
        run.valid_until = validity_of(file, said, file.desk.now)
    file.record("step.done", step=step, round=run.round, outcome=run.outcome)
    if said.starts and gives:
        from core.cases.opening import start_follow_ups

        start_follow_ups(file, said, Gates(file))


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
