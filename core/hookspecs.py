"""Every hook a plugin may implement, grouped by when it is called.

Start-up hooks run once, before the first request. Per-case hooks run inside the request's transaction and are
asked only of the plugin that declared the case's procedure, of plugins without a procedure of their own, and
of the estate's own plugins: an author never asks "is this mine?". A per-case hook that raises `Refused` (or a
subclass) refuses politely; anything else it raises fails the request, which is rolled back (SX-1015). A
plugin imports `shouxu` only.
"""

# pyright: reportReturnType=false
# A specification has a docstring and no body.

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pluggy import HookimplMarker, HookspecMarker

from core.domain.extensions import ExtraCharge, FieldKind
from core.domain.papers import ChecklistItem, RequiredDocument
from core.domain.sources import Overlay, ProcedureSource
from core.domain.views import CaseView
from core.errors import FieldProblem, ShouxuError

PROJECT = "shouxu"
hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)

Factory = Callable[[Mapping[str, str]], Any]
"""Makes a part from the settings; which part, and with which methods, the hook says."""

# ---------------------------------------------------------------- start-up


@hookspec
def procedures() -> Iterable[ProcedureSource]:
    """The procedures this plugin brings.

    Called once while loading. Results are joined; a name declared twice stops start-up.
    """


@hookspec
def field_types() -> Iterable[FieldKind]:
    """Field types beside the built-in ones: instances of subclasses of `shouxu.FieldType`.

    Called once while loading. Results are joined; a name that exists already stops start-up.
    """


@hookspec
def validators() -> Mapping[str, Callable[[Any], str | None]]:
    """Further checks by field type: the value goes in, a polite sentence or None comes out.

    Called once while loading. Results are merged; a check for a type that has one already stops start-up.
    """


@hookspec
def template_filters() -> Mapping[str, Callable[..., Any]]:
    """Filters for Word templates by name.

    Called once while loading. Results are merged; a name given twice stops start-up.
    """


@hookspec
def overlays() -> Iterable[Overlay]:
    """Layers over the procedure of another plugin, below the company's.

    Called once while loading. Results are joined, in the order of loading.
    """


@hookspec
def routes(config: Any) -> None:
    """Adds routes and views of its own to the Pyramid configurator `config`, under `/x/<plugin>/`.

    Called once by the composition root, after the built-in routes. Results are ignored.
    """


@hookspec
def check_config(settings: Mapping[str, str]) -> Iterable[ShouxuError]:
    """What is wrong with the settings, as errors that say what to do.

    Called once at start-up and by `shouxu check`. Results are joined; any error stops start-up.
    """


@hookspec
def pdf_converters() -> Mapping[str, Factory]:
    """Makers of PDF converters by name; the setting `pdf_converter` chooses one.

    A maker gets the settings as text and returns a `PdfConverter` (core/documents/pdf.py).

    Called once while loading. Results are merged; a name given twice stops start-up.
    """


@hookspec
def sealers() -> Mapping[str, Factory]:
    """Makers of sealers by name; the setting `sealer` chooses one.

    A maker gets the settings as text, with `company`, and returns a `Sealer`; `shouxu.sealing` has what it needs,
    `shouxu.testing.SealerContract` what it must do (docs/how-to/sealing.md has one that asks a service).

    Called once while loading. Results are merged; a name given twice stops start-up.
    """


@hookspec
def identity_providers() -> Mapping[str, Factory]:
    """Makers of identity providers by name; the setting `identity_provider` chooses one.

    A maker gets the settings as text and returns something with `check(username, password) -> bool`. Users and their
    roles stay here; only their passwords are checked elsewhere.

    Called once while loading. Results are merged; a name given twice stops start-up.
    """


@hookspec
def blob_stores() -> Mapping[str, Factory]:
    """Makers of blob stores by name; the setting `blob_store` chooses one.

    A maker gets the settings as text and returns a `BlobStore` (core/store/blobs.py).

    Called once while loading. Results are merged; a name given twice stops start-up.
    """


@hookspec
def notifiers() -> Mapping[str, Factory]:
    """Makers of notifiers by name; the setting `notifier` chooses one. `smtp` is the built-in mail.

    A maker gets the settings as text and returns something with `send(message)`, a `shouxu.Message`. An error that it
    raises means that nobody got the message; it is tried again with the same `message.key`.

    Called once while loading. Results are merged; a name given twice stops start-up.
    """


# ---------------------------------------------------------------- per case


@hookspec
def prefill(case: CaseView, step: str) -> Mapping[str, Any]:
    """Values to offer in the form of `step`, by field name.

    Called when an empty form is shown. Results are merged over the definition's own `prefill`; of two plugins
    that name one field, the one loaded later wins. Nothing is stored until a person submits.
    """


@hookspec
def validate_submission(
    case: CaseView, step: str, values: Mapping[str, Any]
) -> Iterable[FieldProblem]:
    """What is wrong with `values` that fields and rules cannot say.

    Called after fields and rules have passed, before anything is stored, on pages, API and import alike.
    Results are joined; any problem refuses the submission.
    """


@hookspec
def charges(case: CaseView, step: str) -> Iterable[ExtraCharge]:
    """Charges of `step` beside its fee schedule.

    Called when the step's charges are raised. Results are joined; a name used twice refuses the request.
    """


@hookspec
def required_documents(case: CaseView, step: str) -> Iterable[RequiredDocument]:
    """Papers that must be brought to `step` beside its declared set.

    Called whenever the papers of the step are shown or its gate is asked. Results are joined; on a name that
    the set has already, the declared paper stays.
    """


@hookspec
def checklist_items(case: CaseView, checklist: str) -> Iterable[ChecklistItem]:
    """Items of `checklist` beside the declared ones.

    Called when the checklist's first round opens. Results are joined; on a name that exists, the declared
    item stays.
    """


@hookspec
def facts(estate: str, unit: str, names: Sequence[str]) -> Mapping[str, Any]:
    """Facts that Shouxu cannot know, of those in `names`, about the unit with code `unit` (money in whole
    分, dates as `date` or ISO text).

    Called when a gate or template reads a fact of a case's unit that nobody outside has said, or that is older
    than a step of the case allows. Results are merged; the first plugin that knows a fact wins, and its answer
    is stored with the time by the next act on the case. A fact that is not in the answer stays as it was; an
    answer of another type than the fact's fails the request.
    """


@hookspec(firstresult=True)
def choose_documents(
    case: CaseView, step: str, documents: Sequence[str]
) -> Sequence[str] | None:
    """Which of the documents of `step` this case gets, by name.

    Called when the step's documents are about to be issued, after their `when`. The first answer that is not
    None counts; names that were not offered refuse the request.
    """


@hookspec
def document_context(case: CaseView, document: str) -> Mapping[str, Any]:
    """Further values for the template of `document`, shown as `{{ extra.NAME }}`.

    Called when the context is frozen, before the number is taken. Results are merged; a name given twice
    refuses the request.
    """


@hookspec(firstresult=True)
def number(case: CaseView, series: str, value: int) -> str | None:
    """How the number `value` of `series` is written for this case.

    Called after the number is taken. The first answer that is not None counts, else the series' pattern. It
    must be different for different numbers.
    """


@hookspec
def case_changed(case: CaseView, change: str, details: Mapping[str, Any]) -> None:
    """Tells that something happened: `change` is the kind of the event, `details` holds ids, never personal
    values.

    Called after commit. Results are ignored; a failure is logged and counted, never raised.
    """
