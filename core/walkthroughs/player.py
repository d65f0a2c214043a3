"""Plays the acts of a walkthrough one after another, each in a transaction of its own, as at the counter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.cases import approving, lifecycle, papers, payments, settling, signing, stock, voiding
from core.cases.building import system_actor
from core.cases.casefile import open_file
from core.cases.checks import record_checks
from core.cases.desk import Desk, Office
from core.cases.fact_waking import wake_readers
from core.cases.facts import confirm_fact, put_fact, subject_key
from core.cases.filling import form_view, submit
from core.cases.issuing import issue, issue_all
from core.cases.opening import open_case, open_child, set_party
from core.cases.people import add_person
from core.cases.sweeping import sweep_due
from core.cases.viewing import case_view
from core.cases.views import CaseView, DocumentView
from core.clock import FixedClock
from core.domain.money import fen
from core.errors import DefinitionError, GateClosed, Mark, NotFound, Reason, Refused, ShouxuError
from core.store.models import Unit
from core.store.session import unit_of_work
from core.walkthroughs import acts
from core.walkthroughs.acts import Act
from core.walkthroughs.entering import posted
from core.walkthroughs.expecting import differences, reasons_of
from core.walkthroughs.ink import handwriting, signed_sheet
from core.walkthroughs.script import FAILED, Script
from core.walkthroughs.staff import actor_called

BETWEEN = timedelta(minutes=1)
"""How much later the next act is."""


@dataclass(frozen=True)
class Played:
    """An act that was played: where it stands, who did it when, and why it was refused where it had to be."""

    mark: Mark
    act: str
    step: str
    by: str
    at: datetime
    refused: tuple[Reason, ...] = ()


class _NotRefused(Exception):
    """Rolls an act back that should have been refused."""


@dataclass
class Player:
    """One case in the making. `unit`: instead of the script's; `key`: opens the same case when it is played again."""

    office: Office
    estate: str
    script: Script
    clock: FixedClock
    unit: str = ""
    key: str | None = None
    case_id: str = ""
    played: list[Played] = field(default_factory=list)
    children: dict[str, str] = field(default_factory=dict)

    def play(self, *, skip: tuple[str, ...] = (), stop: Callable[[Act], bool] = lambda act: False) -> None:
        """Play until the end, or until `stop` says so of the next act; DefinitionError at the act that goes wrong."""
        for act, mark in zip(self.script.said.acts, self.script.marks, strict=True):
            if stop(act):
                return
            if act.word not in skip:
                self._one(act, mark)

    def _one(self, act: Act, mark: Mark) -> None:
        at, refused = self.clock.now(), ()
        try:
            if act.later:
                self.clock.advance(timedelta(days=act.later.days, hours=act.later.hours, minutes=act.later.minutes))
                self._let_time_pass()
            elif act.at:
                self.clock.set(act.at)
                self._let_time_pass()
            elif act.expect:
                self._expect(act.expect, mark)
            elif act.child:
                self._in_child(act.child, mark)
            elif act.refused:
                refused = self._must_be_refused(act.refused, mark)
            else:
                self._do(act)
        except Refused as error:
            said = ";".join(reason.message for reason in reasons_of(error))
            raise failed(mark, f"`{act.word}` 被拒绝：{said} (was refused)", error) from error
        except DefinitionError:
            raise
        except ShouxuError as error:
            raise failed(mark, f"`{act.word}` 出错：{error.what} (went wrong)", error) from error
        self.played.append(Played(mark, act.word, act.step, act.by, at, refused))
        self.clock.advance(BETWEEN)

    def _let_time_pass(self) -> None:
        """Fire what has become due meanwhile, as the job runner would."""
        sweep_due(self.office)

    def _in_child(self, said: acts.ChildSaid, mark: Mark) -> None:
        """Play acts in a sub-case; it is opened the first time that its name is used."""
        if said.name not in self.children:
            with unit_of_work(self.office.sessions) as session:
                desk = self.office.desk(session, actor_called(session, said.by, self.estate))
                self.children[said.name] = open_child(desk, self.case_id, said.kind, self._people(desk, said.parties)).id
        parent, self.case_id = self.case_id, self.children[said.name]
        try:
            for act in said.acts:
                self._one(act, mark)
        finally:
            self.case_id = parent

    def _people(self, desk: Desk, parties: Mapping[str, acts.PartySaid]) -> dict[str, list[str]]:
        return {name: [add_person(desk, self.estate, _told(person)).id for person in party.named]
                for name, party in parties.items() if party.named}

    def _do(self, act: Act, *, roll_back: bool = False) -> None:
        with unit_of_work(self.office.sessions) as session:
            actor = actor_called(session, act.by, self.estate) if act.by else system_actor(self.office)
            desk = self.office.desk(session, actor)
            _WORDS[act.word](self, desk, act.said)
            session.flush()
            if roll_back:
                raise _NotRefused

    def _must_be_refused(self, said: acts.Refused, mark: Mark) -> tuple[Reason, ...]:
        what = f"`{said.act.word}` 应因“{said.kind}:{said.says}”被拒绝"
        try:
            self._do(said.act, roll_back=True)
        except _NotRefused:
            raise failed(mark, f"{what}，却办成了 (was not refused)") from None
        except Refused as error:
            found = reasons_of(error)
            fitting = tuple(one for one in found if one.kind == said.kind and said.says in one.message)
            if not fitting:
                instead = ";".join(f"{one.kind}:{one.message}" for one in found)
                raise failed(mark, f"{what}，实际是：{instead} (refused for another reason)", error) from error
            return fitting
        raise AssertionError("an act that is rolled back raises")

    def _expect(self, said: acts.Expect, mark: Mark) -> None:
        found = differences(said, self.view())
        if found:
            raise failed(mark, "结果与预期不符:" + ";".join(found) + " (not as expected)")

    def view(self, case_id: str = "") -> CaseView:
        """The case (or a sub-case) as its newest actor sees it."""
        by = next((one.by for one in reversed(self.played) if one.by), "") or self.script.said.acts[0].by
        with unit_of_work(self.office.sessions, readonly=True) as session:
            return case_view(self.office.desk(session, actor_called(session, by, self.estate)), case_id or self.case_id)

    # ------------------------------------------------------------ acts

    def open(self, desk: Desk, said: acts.Open) -> None:
        script = self.script.said
        parties = self._people(desk, script.parties)
        if script.place or not (script.unit or self.unit):
            self.case_id = open_case(desk, self.estate, script.procedure, None, parties, key=self.key, place=script.place).id
            return
        code = self.unit or script.unit
        unit = desk.session.scalar(select(Unit).where(Unit.estate == self.estate, Unit.code == code))
        if unit is None:
            raise NotFound(f"项目 `{self.estate}` 没有房号 {code} (no such unit)")
        self.case_id = open_case(desk, self.estate, script.procedure, unit.id, parties, key=self.key).id

    def party(self, desk: Desk, said: acts.Joins) -> None:
        set_party(desk, self.case_id, said.party, add_person(desk, self.estate, _told(said.person)).id)

    def papers(self, desk: Desk, said: acts.Papers) -> None:
        marks = {name: {"evidence": list(evidence), "count": said.counts.get(name, 1)} for name, evidence in said.have.items()}
        papers.mark_papers(desk, self.case_id, said.step, marks)

    def waive(self, desk: Desk, said: acts.Waive) -> None:
        papers.waive_paper(desk, self.case_id, said.step, said.paper, said.reason)

    def submit(self, desk: Desk, said: acts.Submit) -> None:
        offered = form_view(desk, self.case_id, said.step).view
        submit(desk, self.case_id, said.step, posted(offered, said.values), reason=getattr(said, "reason", ""))

    def check(self, desk: Desk, said: acts.Check) -> None:
        checklist = case_view(desk, self.case_id).step(said.step).checklist
        named = {name: result for name, result in said.results.items() if name != "*"}
        if "*" in said.results and checklist:
            named |= {item.name: said.results["*"] for item in checklist.items if item.open and item.name not in named}
        record_checks(desk, self.case_id, said.step,
                      {name: {"result": one.result, "note": one.note} for name, one in named.items()})

    def requisition(self, desk: Desk, said: acts.Requisition) -> None:
        last = next((row.use for row in stock.stock(desk, self.estate) if row.name == said.series), None)
        report = {"issued": last.issued, "void": last.void, "left": last.left} if last else None
        stock.requisition(desk, self.estate, said.series, said.books, report)

    def pay(self, desk: Desk, said: acts.Pay) -> None:
        methods = {method: None if amount == "rest" else fen(amount) for method, amount in said.methods.items()}
        payments.pay(desk, self.case_id, methods, payer=said.payer)

    def cancel_receipt(self, desk: Desk, said: acts.CancelReceipt) -> None:
        standing = [row for row in case_view(desk, self.case_id).money.receipts
                    if row.kind == "receipt" and row.state == "issued"]
        if not standing:
            raise NotFound("没有可作废的收据 (no receipt stands)")
        payments.cancel_receipt(desk, max(standing, key=lambda row: (row.at, row.id)).id, said.reason)

    def refund(self, desk: Desk, said: acts.Refund) -> None:
        payments.refund(desk, self._charge(desk, said.fee), fen(said.amount), said.method, said.reason)

    def waive_fee(self, desk: Desk, said: acts.WaiveFee) -> None:
        payments.waive_charge(desk, self._charge(desk, said.fee), said.reason, fen=fen(said.amount) if said.amount else None)

    def answer_waiver(self, desk: Desk, said: acts.AnswerWaiver) -> None:
        payments.answer_waiver(desk, self._charge(desk, said.fee), said.consent, said.reason)

    def _charge(self, desk: Desk, fee: str) -> str:
        for row in case_view(desk, self.case_id).money.charges:
            if row.fee == fee:
                return row.id
        raise NotFound(f"本件没有费用 `{fee}` (no such charge)")

    def issue(self, desk: Desk, said: acts.Issue) -> None:
        if said.documents == "all":
            if not issue_all(desk, self.case_id, said.step):
                step = case_view(desk, self.case_id).step(said.step)
                raise GateClosed("没有可以出具的文书 (nothing to issue)", step.why_not or step.missing, number=2220)
        else:
            for name in said.documents:
                issue(desk, self.case_id, said.step, name)

    def sign(self, desk: Desk, said: acts.Sign) -> None:
        signed = 0
        for signer in said.signers:
            for document in self._standing(desk):
                waits = any(row.signer == signer and row.signed_at is None for row in document.signers)
                if waits and said.document in (None, document.name) and said.step in (None, document.step):
                    self._sign(desk, document, signer, said)
                    signed += 1
        if not signed:
            raise NotFound(f"没有文书等 {'、'.join(said.signers)} 签字 (nothing waits for this signature)")

    def _sign(self, desk: Desk, document: DocumentView, signer: str, said: acts.Sign) -> None:
        if said.way == "account":
            signing.sign_account(desk, document.id, signer)
            return
        page = signing.signing_page(desk, document.id, signer)
        name = said.name or page.name
        if said.way == "paper":
            signing.sign_paper(desk, document.id, signer, signed_sheet(name), name=name)
        else:
            signing.sign_ink(desk, document.id, signer, handwriting(name), shown=page.shown, name=name)

    def _standing(self, desk: Desk) -> list[DocumentView]:
        return [row for row in case_view(desk, self.case_id).documents if row.state == "issued"]

    def _document(self, desk: Desk, name: str) -> str:
        for row in reversed(self._standing(desk)):
            if row.name == name:
                return row.id
        raise NotFound(f"没有有效的文书 `{name}` (no such document stands)")

    def void(self, desk: Desk, said: acts.Void) -> None:
        voiding.void(desk, self._document(desk, said.document), said.reason, said.witness)

    def reissue(self, desk: Desk, said: acts.Reissue) -> None:
        voiding.reissue(desk, self._document(desk, said.document), said.reason)

    def decide(self, desk: Desk, said: acts.Decide) -> None:
        lifecycle.decide(desk, self.case_id, said.step, said.outcome, said.reason)

    def complete(self, desk: Desk, said: acts.Complete) -> None:
        lifecycle.complete(desk, self.case_id, said.step)

    def approve(self, desk: Desk, said: acts.Approve) -> None:
        approving.approve(desk, self.case_id, said.step, said.note, role=said.role or "")

    def override(self, desk: Desk, said: acts.Override) -> None:
        approving.override(desk, self.case_id, said.step, said.reason)

    def renew(self, desk: Desk, said: acts.Renew) -> None:
        approving.renew(desk, self.case_id, said.step, said.reason)

    def fact(self, desk: Desk, said: acts.FactSaid) -> None:
        confirm_fact(desk, self.case_id, said.step, said.fact, said.value)

    def import_fact(self, desk: Desk, said: acts.ImportFact) -> None:
        subject, _, name = said.fact.partition(".")
        key = subject_key(open_file(desk, self.case_id), "unit" if subject == "unit" else "estate")
        put_fact(desk, self.estate, key or "estate", name, said.value, "import", desk.now)
        wake_readers(desk, self.estate, {key or "estate"}, {name})

    def settle(self, desk: Desk, said: acts.Settle) -> None:
        settling.settle(desk, self.case_id, said.step, said.method)

    def withdraw(self, desk: Desk, said: acts.Whole) -> None:
        lifecycle.withdraw(desk, self.case_id, said.reason)

    def suspend(self, desk: Desk, said: acts.Whole) -> None:
        lifecycle.suspend(desk, self.case_id, said.reason)

    def resume(self, desk: Desk, said: acts.Whole) -> None:
        lifecycle.resume(desk, self.case_id, said.reason)


_WORDS: Mapping[str, Callable[[Player, Desk, Any], None]] = {
    "open": Player.open, "party": Player.party, "papers": Player.papers, "waive": Player.waive, "submit": Player.submit,
    "correct": Player.submit, "check": Player.check, "requisition": Player.requisition, "pay": Player.pay,
    "cancel_receipt": Player.cancel_receipt, "refund": Player.refund, "waive_fee": Player.waive_fee,
    "answer_waiver": Player.answer_waiver,
    "issue": Player.issue, "sign": Player.sign, "void": Player.void, "reissue": Player.reissue, "decide": Player.decide,
    "complete": Player.complete, "withdraw": Player.withdraw, "suspend": Player.suspend, "resume": Player.resume,
    "approve": Player.approve, "override": Player.override, "renew": Player.renew, "fact": Player.fact,
    "import_fact": Player.import_fact, "settle": Player.settle}


def failed(mark: Mark, what: str, error: ShouxuError | None = None) -> DefinitionError:
    """A walk that did not go as described, at the act where it left the path."""
    number = f"{error.code}  " if error else ""
    return DefinitionError(what, mark, remedy=f"{number}{error.remedy}".strip() if error else "", number=FAILED)


def _told(person: acts.PersonSaid) -> dict[str, str]:
    return {name: value for name, value in person.model_dump().items() if value}
