"""What programs send: every body and query of the API, as models that refuse unknown members.

Money is whole 分. Texts may be empty where a default stands; what they must say is judged by the services.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=64)]
Word = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(max_length=500)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of an uploaded file")]
Fen = Annotated[int, Field(ge=0, le=10**12, description="Whole 分")]
Day = Annotated[date, Field(strict=False)]
Base64 = Annotated[str, Field(min_length=1, max_length=700_000)]


class Taken(BaseModel):
    """The base of everything taken in; a JSON value has its own type, only texts of a query or a part are converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


# ---------------------------------------------------------------- queries


class PageOf(Taken):
    after: Annotated[Word, Field(description="`next` of the page before")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class UnitsOf(PageOf):
    text: Annotated[Word, Field(description="Beginning of a code, or an owner")] = ""


class CasesOf(PageOf):
    procedure: Word = ""
    state: Annotated[Word, Field(description="open, suspended, withdrawn, or the name of an end (completed)")] = ""
    step: Annotated[Word, Field(description="Only cases where this step is open")] = ""


class RegisterOver(Taken):
    first: Annotated[Day | None, Field(alias="from", description="First day; without both, the register's present period")] = None
    until: Annotated[Day | None, Field(description="Last day")] = None
    start: Annotated[int, Field(ge=0, le=10**7, description="`next` of the page before")] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class SearchFor(Taken):
    q: Annotated[Word, Field(description="Code, name, initials, phone or number")]


class CopyOf(Taken):
    copy_: Annotated[int | None, Field(alias="copy", ge=0, le=99,
                                       description="Word only: print the label of this copy, counted from 0")] = None


class Sides(Taken):
    sides: Annotated[Literal["one", "two"], Field(
        description="PDF only: `two` (both sides of the sheet) begins each copy on a new sheet, with blank pages where needed")] = "two"


class SignerIs(Taken):
    signer: Annotated[Word, Field(description="Empty: whose turn it is")] = ""


class Personal(Taken):
    personal: Annotated[bool, Field(description="Unmasked; needs the scope personal, and the look is recorded")] = False


class CodeIs(Taken):
    c: Annotated[Word, Field(description="The code printed with the number")] = ""


# ---------------------------------------------------------------- people and units


class NewPerson(Taken):
    name: Name
    kind: Literal["person", "company"] = "person"
    id_type: Word = ""
    id_number: Word = ""
    phone: Word = ""
    address: Word = ""
    representative: Word = ""
    representative_id: Word = ""


class NewOwners(Taken):
    people: Annotated[list[Name], Field(min_length=1, max_length=20, description="Ids of the new owners")]
    on: Annotated[Day, Field(description="First day of their ownership")]


class ImportedUnits(Taken):
    dry_run: bool = False


class NewUpload(Taken):
    kind: Literal["photo", "ink", "file", "scan"] = "file"


# ---------------------------------------------------------------- cases


class NewCase(Taken):
    procedure: Name
    unit: Annotated[Name | None, Field(description="Id of the unit, where the procedure is about one")] = None
    place: Annotated[Word, Field(description="Where, in words, where the procedure is about a place")] = ""
    parties: Annotated[dict[Name, list[Name]], Field(max_length=20, description="Ids of people by party; a party not "
                                                     "named is taken from the unit where its definition says so")] = {}


class NewChild(Taken):
    parties: Annotated[dict[Name, list[Name]], Field(max_length=20, description="Ids of people by party; a party not "
                                                     "named is taken from the parent where its definition says so")] = {}


class NewParty(Taken):
    party: Name
    person: Annotated[Name, Field(description="Id of the person")]


class LeavingParty(NewParty):
    reason: Reason


class Because(Taken):
    reason: Reason


class MaybeBecause(Taken):
    reason: Reason = ""


class HandedTo(Taken):
    username: Name
    reason: Reason


class Nothing(Taken):
    """An empty object, or no body at all."""


# ---------------------------------------------------------------- steps


class Form(Taken):
    """Answers to a form; their shape is `schema` of the step's form."""

    values: dict[str, Any]


class FiledForm(Form):
    reason: Annotated[Reason, Field(description="Of a correction")] = ""
    issue: Annotated[bool, Field(description="Issue what the step can issue now; needs the scope documents")] = False


class PaperSaid(Taken):
    evidence: Annotated[list[Name], Field(max_length=20, description="What was seen or kept; empty takes a mark back")]
    count: Annotated[int, Field(ge=0, le=999)] = 1
    blob: Sha256 | None = None


class Papers(Taken):
    papers: Annotated[dict[Name, PaperSaid], Field(min_length=1, max_length=100)]


class Waiver(Taken):
    paper: Name
    reason: Reason


class CheckSaid(Taken):
    result: Name
    note: Annotated[str, Field(max_length=1000)] = ""
    photo: Sha256 | None = None


class Checks(Taken):
    results: Annotated[dict[Name, CheckSaid], Field(min_length=1, max_length=500)]


class Choice(Taken):
    outcome: Name
    reason: Reason = ""


class Consent(Taken):
    note: Reason = ""
    role: Annotated[Word, Field(description="Which of one's roles consents; empty: the first that is asked for")] = ""


class Settling(Taken):
    method: Annotated[Name, Field(description="How the rest is given back: cash, card, transfer, wechat, alipay")]


class Issuing(Taken):
    name: Annotated[Name | None, Field(description="Empty: every document that is due and can be issued")] = None


# ---------------------------------------------------------------- money


class Payment(Taken):
    methods: Annotated[dict[Name, Fen | None],
                       Field(min_length=1, max_length=10, description="分 by method: cash, card, transfer, wechat, "
                             "alipay; null: the rest of what is due")]
    charges: Annotated[list[Name] | None, Field(max_length=500, description="Ids; none: everything that is due")] = None
    payer: Word = ""


class Waiving(Taken):
    reason: Reason
    fen: Annotated[Fen | None, Field(description="How much of what is due; none: all that may be waived")] = None


class WaiverAnswer(Taken):
    consent: bool
    reason: Annotated[Reason, Field(description="Needed when it is refused")] = ""


class Refunding(Taken):
    fen: Fen
    method: Name
    reason: Reason


class Closing(Taken):
    counted_fen: Fen
    note: Reason = ""


# ---------------------------------------------------------------- documents


class Voiding(Taken):
    reason: Reason
    witness: Annotated[Word, Field(description="Username of the second hand; needed for a numbered document")] = ""


class Signing(Taken):
    """Ink (with `ink` and `shown`), or staff under their own account (without); a scan comes as multipart."""

    signer: Name
    name: Annotated[Word, Field(description="Printed under the signature; empty: as the case knows the signer")] = ""
    ink: Annotated[Base64 | None, Field(description="PNG in base64")] = None
    shown: Annotated[Sha256 | None, Field(description="Hash of the Word file that was on the screen")] = None


class BatchReport(Taken):
    issued: Annotated[int, Field(ge=0, le=10**6)]
    void: Annotated[int, Field(ge=0, le=10**6)]
    left: Annotated[int, Field(ge=0, le=10**6)]


class ReadNotices(Taken):
    notices: Annotated[list[Name], Field(min_length=1, max_length=500, description="Ids; those of other roles stay unread")]


class Requisition(Taken):
    books: Annotated[int, Field(ge=1, le=400)]
    report: Annotated[BatchReport | None, Field(description="Of the batch before")] = None
