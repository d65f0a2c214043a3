"""The words of a walkthrough: what somebody does at the counter, one class per act.

An act in YAML is a mapping of one word: `pay: {step: pay, by: chen, methods: {cash: rest}}`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from core.domain.base import Frozen, Name, Names

StepKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}(@[a-z0-9_]{1,32})?$")]
"""A step, or one item of a per-item step: `passes@2`, `patrol@engineering`."""
Amount = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,6})?$")]
REFUSALS = ("requires", "paper", "form", "checklist", "fee", "document", "signature", "until", "role", "state", "wait",
            "approval", "outcome", "when", "item", "suspended", "expired", "fact", "settle", "input", "money", "conflict")
"""Why an act may be refused: the kinds of a gate's reasons, wrong input, money that does not fit, a stale version."""


class PersonSaid(Frozen):
    """A person or firm as told in a walkthrough."""

    name: str
    kind: Literal["person", "company"] = "person"
    id_type: str = ""
    id_number: str = ""
    phone: str = ""
    address: str = ""
    representative: str = ""
    representative_id: str = ""


class PartySaid(Frozen):
    """Who stands as a party: the unit's owners, or people named here."""

    start: Literal["unit.owners", ""] = Field("", alias="from")
    person: PersonSaid | None = None
    people: tuple[PersonSaid, ...] = ()

    @property
    def named(self) -> tuple[PersonSaid, ...]:
        """The people told by name; empty when they come from the unit."""
        return (self.person,) if self.person else self.people


class By(Frozen):
    """An act of somebody: the username of a member of the estate's staff."""

    by: str


class Open(By):
    """Begin the case."""


class Joins(By):
    """Somebody joins the case later."""

    party: Name
    person: PersonSaid


class Later(Frozen):
    """The clock goes on."""

    days: int = Field(0, ge=0, le=3660)
    hours: int = Field(0, ge=0, le=10_000)
    minutes: int = Field(0, ge=0, le=100_000)


class Papers(By):
    """Somebody brings papers: what was seen or kept of each. `counts`: how many pieces, where it is not one."""

    step: StepKey
    have: dict[Name, tuple[str, ...]]
    counts: dict[Name, int] = {}


class Waive(By):
    """Do without a required document."""

    step: StepKey
    paper: Name
    reason: str


class Submit(By):
    """File the form of a step; `values` lie over what the page offers."""

    step: StepKey
    values: dict[str, Any] = {}


class Correct(Submit):
    """File a new revision of a form, with a reason."""

    reason: str


class ResultSaid(Frozen):
    """What was found at one item."""

    result: str
    note: str = ""


def _result(value: Any) -> Any:
    return {"result": value} if isinstance(value, str) else value


class Check(By):
    """One round of a checklist; `"*"` stands for every item not yet passed and not named."""

    step: StepKey
    results: dict[str, Annotated[ResultSaid, BeforeValidator(_result)]] = Field(min_length=1)


class Requisition(By):
    """Receive books of blank numbers."""

    series: Name
    books: int = Field(1, ge=1, le=400)


class Pay(By):
    """Pay what is due; `rest` is what the other methods leave."""

    step: StepKey | None = None
    methods: dict[str, Amount | Literal["rest"]] = Field(min_length=1)
    payer: str = ""


class CancelReceipt(By):
    """Cancel the newest receipt that stands."""

    reason: str


class Refund(By):
    """Give money back."""

    fee: Name
    amount: Amount
    method: str
    reason: str


class WaiveFee(By):
    """Do without what is still due of a fee, or `amount` of it."""

    fee: Name
    reason: str
    amount: Amount | None = None


class AnswerWaiver(By):
    """Consent to the waiver of a fee that waits, or refuse it."""

    fee: Name
    consent: bool
    reason: str = ""


class Issue(By):
    """Issue documents of a step."""

    step: StepKey
    documents: Literal["all"] | tuple[Name, ...] = "all"


class Sign(By):
    """Sign a document, or every document of a step that waits for these signers."""

    document: Name | None = None
    step: StepKey | None = None
    signers: Names = Field(alias="as", min_length=1)
    way: Literal["tablet", "paper", "account"] = "tablet"
    name: str = ""

    @model_validator(mode="after")
    def _one_place(self) -> Sign:
        if (self.document is None) == (self.step is None):
            raise ValueError("写 document 或 step 其中之一 (either document or step)")
        return self


class Void(By):
    """Make a document void, with a second hand where it is numbered."""

    document: Name
    reason: str
    witness: str | None = None


class Reissue(By):
    """Issue a document anew."""

    document: Name
    reason: str


class Decide(By):
    """Choose the outcome of a step."""

    step: StepKey
    outcome: Name
    reason: str = ""


class Complete(By):
    """Say that a step without parts is done."""

    step: StepKey


class Approve(By):
    """Consent to a step, for the role that is asked next or for `role`."""

    step: StepKey
    note: str = ""
    role: Name | None = None


class Override(By):
    """Pass a step's conditions."""

    step: StepKey
    reason: str


class Renew(By):
    """Open a step again whose permit has run out."""

    step: StepKey
    reason: str


class FactSaid(By):
    """Confirm a fact by hand."""

    step: StepKey
    fact: str
    value: int | bool | str


class ImportFact(Frozen):
    """The outside says a fact of the unit (or of the estate)."""

    fact: str
    value: int | bool | str


class Settle(By):
    """Settle the deposit of a step."""

    step: StepKey
    method: str


class ChildSaid(By):
    """Acts in a sub-case, which is opened the first time that `name` is used."""

    kind: Name
    name: Name
    parties: dict[Name, PartySaid] = {}
    acts: tuple[Act, ...] = ()


class Whole(By):
    """Something that befalls the case as a whole."""

    reason: str


class Refused(Frozen):
    """An act that must be refused for a reason of `kind`, one of whose messages contains `says`."""

    act: Act
    kind: Literal[REFUSALS]  # type: ignore[valid-type]
    says: str = ""


class LedgerSaid(Frozen):
    """Sums of the case in 元."""

    charged: Amount | None = None
    paid: Amount | None = None
    due: Amount | None = None
    deposit: Amount | None = None


class Expect(Frozen):
    """How the case must stand. `documents`: by name, its number, or issued, void, absent; `overdue`: exactly these steps;
    `children`: how many sub-cases of a kind are open."""

    state: str | None = None
    steps: dict[StepKey, Literal["closed", "open", "done", "skipped"]] = {}
    documents: dict[Name, str] = {}
    ledger: LedgerSaid | None = None
    overdue: tuple[StepKey, ...] | None = None
    children: dict[Name, int] = {}


class Act(Frozen):
    """One act: exactly one of these words."""

    open: Open | None = None
    party: Joins | None = None
    later: Later | None = None
    papers: Papers | None = None
    waive: Waive | None = None
    submit: Submit | None = None
    correct: Correct | None = None
    check: Check | None = None
    requisition: Requisition | None = None
    pay: Pay | None = None
    cancel_receipt: CancelReceipt | None = None
    refund: Refund | None = None
    waive_fee: WaiveFee | None = None
    answer_waiver: AnswerWaiver | None = None
    issue: Issue | None = None
    sign: Sign | None = None
    void: Void | None = None
    reissue: Reissue | None = None
    decide: Decide | None = None
    complete: Complete | None = None
    approve: Approve | None = None
    override: Override | None = None
    renew: Renew | None = None
    fact: FactSaid | None = None
    import_fact: ImportFact | None = None
    settle: Settle | None = None
    child: ChildSaid | None = None
    at: datetime | None = None
    withdraw: Whole | None = None
    suspend: Whole | None = None
    resume: Whole | None = None
    refused: Refused | None = None
    expect: Expect | None = None

    @model_validator(mode="after")
    def _one(self) -> Act:
        if len(self.model_fields_set) != 1:
            raise ValueError("每一步只写一个动作 (exactly one act)")
        return self

    @property
    def word(self) -> str:
        """Which act it is: `submit`, `pay`, …"""
        return next(iter(self.model_fields_set))

    @property
    def said(self) -> Any:
        """What was said of it: an instance of the word's class."""
        return getattr(self, self.word)

    @property
    def step(self) -> str:
        """The step it belongs to; empty when it belongs to none."""
        return getattr(self.said, "step", None) or ""

    @property
    def by(self) -> str:
        """Who does it; empty for what nobody does."""
        return self.refused.act.by if self.refused else getattr(self.said, "by", "")


ChildSaid.model_rebuild()
Refused.model_rebuild()
