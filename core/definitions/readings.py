"""Every place where a procedure reads a value by name: rules, inputs of fees, prefills; with the steps at which it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.definitions.reader import PathTuple
from core.domain.bundle import Bundle
from core.domain.fees import Fee
from core.domain.procedures import Step

PROCEDURE, DOCUMENTS, PAPERS = "procedure.yaml", "documents.yaml", "required_documents.yaml"
CHECKLISTS, FEES, TEXTS = "checklists.yaml", "fee_schedule.yaml", "texts.yaml"


@dataclass(frozen=True)
class Reading:
    """A rule at `path` of `file`. `steps`: where it is read, empty: at any time; `own`: whether those steps' own values are
    there by then."""

    file: str
    path: PathTuple
    text: str
    steps: tuple[str, ...] = ()
    own: bool = True


def rules(bundle: Bundle) -> Iterator[Reading]:
    """Every rule that answers yes or no and reads the case (rules of forms read their form only)."""
    procedure = bundle.procedure
    for at, step in enumerate(procedure.steps):
        for path, text, own, bound in _of_step(step):
            if text:
                yield Reading(PROCEDURE, ("steps", at, *path), text, (step.name,) if bound else (), own)
    for word, items in (("children", procedure.children), ("counts", procedure.counts)):
        for at, item in enumerate(items):
            if item.when:
                yield Reading(PROCEDURE, (word, at, "when"), item.when)
    for at, papers in enumerate(bundle.required_documents):
        yield from _each(PAPERS, ("required_documents", at, "items"), papers.items, at_steps(bundle, "required_documents", papers.name))
    for at, checklist in enumerate(bundle.checklists):
        yield from _each(CHECKLISTS, ("checklists", at, "items"), checklist.items, at_steps(bundle, "checklist", checklist.name))
    for at, document in enumerate(bundle.documents):
        if document.when:
            yield Reading(DOCUMENTS, ("documents", at, "when"), document.when, at_steps(bundle, "documents", document.name))
    for at, fee in enumerate(bundle.fees):
        if fee.when:
            yield Reading(FEES, ("fees", at, "when"), fee.when, at_steps(bundle, "fees", fee.stage), own=False)


def _of_step(step: Step) -> Iterator[tuple[PathTuple, str | None, bool, bool]]:
    """Path, text, whether the step's own values are there, whether it is read at that step only."""
    yield ("when",), step.when, False, True
    yield ("until",), step.until, True, True
    for at, due in enumerate(step.due):
        yield ("due", at, "when"), due.when, True, True
    if step.repeat:
        yield ("repeat", "until"), step.repeat.until, True, False
    if step.classify:
        for at, suggestion in enumerate(step.classify.suggest):
            yield ("classify", "suggest", at, "when"), suggestion.when, False, True
        for at, escalation in enumerate(step.classify.escalate):
            yield ("classify", "escalate", at, "while"), escalation.while_, True, False
    for at, follow_up in enumerate(step.starts):
        yield ("starts", at, "when"), follow_up.when, True, True


def _each(file: str, path: PathTuple, items: Iterable[object], steps: tuple[str, ...]) -> Iterator[Reading]:
    for number, item in enumerate(items):
        if text := getattr(item, "when", None):
            yield Reading(file, (*path, number, "when"), text, steps)


def fee_inputs(bundle: Bundle) -> Iterator[tuple[Fee, str, Reading]]:
    """Every dotted name that a fee is computed from: the fee, the key (`by`, `quantity`, …), the name as a reading."""
    for at, fee in enumerate(bundle.fees):
        steps, path = at_steps(bundle, "fees", fee.stage), ("fees", at)
        said = [(path, fee), *(((*path, "versions", number), version) for number, version in enumerate(fee.versions))]
        for here, terms in said:
            for key in ("by", "quantity", "of", "amount_of"):
                if (name := getattr(terms, key, None)) is not None:
                    yield fee, key, Reading(FEES, (*here, key), name, steps, own=False)
        if fee.start is not None:
            word = "earliest" if fee.start.earliest else "latest"
            for number, name in enumerate(fee.start.names):
                yield fee, "from", Reading(FEES, (*path, "from", word, number), name, steps, own=False)
        if fee.rows is not None:
            yield fee, "rows", Reading(FEES, (*path, "rows", "of"), fee.rows.of, steps, own=False)


def prefills(bundle: Bundle) -> Iterator[Reading]:
    """Every dotted name that a field is prefilled from."""
    for form in bundle.forms:
        steps = at_steps(bundle, "form", form.form)
        for at, field in enumerate(form.fields):
            if field.prefill:
                yield Reading(f"forms/{form.form}.yaml", ("fields", at, "prefill"), field.prefill, steps, own=False)


def at_steps(bundle: Bundle, word: str, name: str) -> tuple[str, ...]:
    """The steps whose `word` names `name`."""
    found: list[str] = []
    for step in bundle.procedure.steps:
        said = getattr(step, word)
        if said == name or (isinstance(said, tuple) and name in said):
            found.append(step.name)
    return tuple(found)
