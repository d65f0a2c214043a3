"""Cases as a whole: open, read, move, pay, and everything of one case in one file."""

from __future__ import annotations

from core.api.answers import CasePage, Parties, Party, Receipted, Standing, receipted, standing
from core.api.endpoints import Call, File, endpoint
from core.api.requests import (
    Because,
    CasesOf,
    HandedTo,
    LeavingParty,
    MaybeBecause,
    NewCase,
    NewChild,
    NewParty,
    Nothing,
    Payment,
    Sides,
)
from core.cases.attachments import fetch_upload
from core.cases.lifecycle import hand_over, resume, suspend, withdraw
from core.cases.opening import open_case as opened, open_child as child_opened, remove_party, set_party
from core.cases.packet import packet
from core.cases.payments import pay
from core.cases.reading import case_list, case_view, history, reveal
from core.cases.views import CaseView, HistoryRow

CASES = "/estates/{estate}/cases"
CASE = CASES + "/{case}"


@endpoint("GET", CASES, "read", answer=CasePage, query=CasesOf)
def list_cases(call: Call) -> CasePage:
    """Cases, newest first."""
    asked: CasesOf = call.query
    page = case_list(call.desk, call.estate, procedure=asked.procedure or None, state=asked.state or None,
                     step=asked.step or None, after=asked.after, limit=asked.limit)
    return CasePage(page.rows, page.next, page.total)


@endpoint("POST", CASES, "write", answer=Standing, body=NewCase, status=201, versioned=True)
def open_case(call: Call) -> Standing:
    """Begin a procedure for a unit, else for a place, a person (a party) or the estate, as its `subject` allows; owners come
    from the unit unless `parties` says otherwise."""
    said: NewCase = call.body
    case = opened(call.desk, call.estate, said.procedure, said.unit, dict(said.parties) or None, place=said.place)
    return standing(call.desk, case.id)


@endpoint("POST", f"{CASE}/children/{{kind}}", "write", answer=Standing, body=NewChild, status=201, versioned=True)
def open_child(call: Call) -> Standing:
    """Open a sub-case of a kind that the procedure has; If-Match is of the parent, the answer and its ETag of the sub-case."""
    case = child_opened(call.desk, call.case, call["kind"], dict(call.body.parties) or None, version=call.version)
    return standing(call.desk, case.id)


@endpoint("GET", CASE, "read", answer=CaseView, versioned=True)
def read_case(call: Call) -> CaseView:
    """The whole case as the token's user sees it: judged, masked, worded."""
    return case_view(call.desk, call.case)


@endpoint("GET", f"{CASE}/history", "read", answer=list[HistoryRow])
def read_history(call: Call) -> list[HistoryRow]:
    """What happened to the case, newest first."""
    return history(call.desk, call.case)


@endpoint("POST", f"{CASE}/parties", "write", answer=Standing, body=NewParty, versioned=True)
def post_party(call: Call) -> Standing:
    """Make a person a party of the case."""
    set_party(call.desk, call.case, call.body.party, call.body.person, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{CASE}/parties/removal", "write", answer=Standing, body=LeavingParty, versioned=True)
def post_party_removal(call: Call) -> Standing:
    """Let a person step down as party, with a reason."""
    said: LeavingParty = call.body
    remove_party(call.desk, call.case, said.party, said.person, said.reason, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{CASE}/parties/disclosure", "personal", answer=Parties, body=Nothing)
def disclose_parties(call: Call) -> Parties:
    """The parties with identity numbers and phones unmasked; the look is recorded."""
    known = Party.__dataclass_fields__.keys() - {"party"}
    return Parties(tuple(Party(party, **{name: value for name, value in data.items() if name in known})
                         for party, data in reveal(call.desk, call.case)))


@endpoint("POST", f"{CASE}/payments", "money", answer=Receipted, body=Payment, status=201, versioned=True)
def post_payment(call: Call) -> Receipted:
    """Take a payment of what is due, and issue its numbered receipt."""
    said: Payment = call.body
    return receipted(call.desk, pay(call.desk, call.case, said.methods, charges=said.charges, payer=said.payer,
                                    version=call.version))


@endpoint("POST", f"{CASE}/suspension", "write", answer=Standing, body=Because, versioned=True)
def post_suspension(call: Call) -> Standing:
    """Let the case rest: nothing can be done until it is resumed."""
    suspend(call.desk, call.case, call.body.reason, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{CASE}/resumption", "write", answer=Standing, body=MaybeBecause, versioned=True)
def post_resumption(call: Call) -> Standing:
    """Go on with a suspended case."""
    resume(call.desk, call.case, call.body.reason, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{CASE}/withdrawal", "write", answer=Standing, body=Because, versioned=True)
def post_withdrawal(call: Call) -> Standing:
    """End the case without its result; documents, numbers and money stay as they are."""
    withdraw(call.desk, call.case, call.body.reason, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{CASE}/handover", "write", answer=Standing, body=HandedTo, versioned=True)
def post_handover(call: Call) -> Standing:
    """Give the case to another member of staff."""
    hand_over(call.desk, call.case, call.body.username, call.body.reason, version=call.version)
    return standing(call.desk, call.case)


@endpoint("GET", f"{CASE}/packet.{{kind:zip|pdf}}", "documents", answer=File, query=Sides,
          media=("application/zip", "application/pdf"))
def read_packet(call: Call) -> File:
    """All standing documents in packet order: a zip, or one PDF with every copy (503 while one is not made yet)."""
    kind = "zip" if call["kind"] == "zip" else "pdf"
    number = case_number(call)
    data = packet(call.desk, call.case, kind, both_sides=call.query.sides == "two")
    return File(data, f"{number}.{kind}", f"application/{kind}")


@endpoint("GET", f"{CASE}/uploads/{{sha256}}", "personal", answer=File,
          media=("application/pdf", "image/jpeg", "image/png"))
def read_upload(call: Call) -> File:
    """A scan, photo or ink of the case."""
    data, media_type = fetch_upload(call.desk, call.case, call["sha256"])
    return File(data, call["sha256"][:16] + "." + media_type.rpartition("/")[2], media_type)


def case_number(call: Call) -> str:
    return standing(call.desk, call.case).number
