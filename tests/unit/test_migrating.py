"""Bringing open cases to newer definitions: the preview says what the act then does, nothing filed is lost, and a migrated case
stands where a new one with the same inputs would stand. On SQLite and PostgreSQL."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document as WordFile

from core.cases import approving, checks, filling, issuing, lifecycle, migrating, opening, papers, payments, voiding
from core.cases.migrating_views import Preview
from core.definitions.library import Library
from core.errors import Conflict, DefinitionErrors, Forbidden, GateClosed, InvalidInput, NotFound
from core.store.models import Case, CaseParty, Charge, Document, Draft, Event, Fact, StepRun, Submission, Timer
from tests.cases_kit import ELM
from tests.language_kit import Files, Office, office, procedures

BECAUSE = "新标准"
ASK = """
form: ask
title: 申请
fields:
  - {name: size, title: 面积, type: integer, required: true, min: 1}
  - {name: colour, title: 颜色, type: choice, choices: [red, blue]}
  - {name: phone, title: 电话, type: phone}
"""
FEES = """
fees:
  - {name: base, title: 基本费, stage: job, amount: "100"}
  - {name: deposit, title: 押金, stage: job, amount: "500", refundable: true}
"""
STEPS = """
steps:
  - {name: ask, title: 申请, form: ask}
  - {name: check, title: 检查, requires: ask}
"""


def one(procedure: str = STEPS, **files: str) -> dict[str, Files]:
    """The files of the procedure `job`; keyword names are those of its files, `ask` that of its form."""
    places = {"ask": "forms/ask.yaml", "fees": "fee_schedule.yaml", "papers": "required_documents.yaml", "lists": "checklists.yaml",
              "documents": "documents.yaml"}
    return {"job": {"procedure.yaml": textwrap.dedent(procedure), **{places[name]: text for name, text in files.items()}}}


class Estate:
    """An office whose definitions change."""

    def __init__(self, folder: Path, database_url: str, said: dict[str, Files]) -> None:
        self.folder, self.times = folder, 0
        self._templates(folder, said)
        self.house: Office = office(folder, database_url, said)

    def _templates(self, folder: Path, said: dict[str, Files]) -> None:
        """A Word file for every template that documents.yaml names; its line says how many times definitions changed."""
        for name, files in said.items():
            for line in ("" if isinstance(files, str) else files.get("documents.yaml", "")).split("template: ")[1:]:
                home = folder / "document_templates" / name
                home.mkdir(parents=True, exist_ok=True)
                word = WordFile()
                word.add_paragraph(f"第{self.times}版 {{{{ document.number }}}}")
                word.add_paragraph("{{ signatures.owner.name }}")
                word.save(str(home / f"{line.split('.docx')[0]}.docx"))

    def now(self, said: dict[str, Files]) -> Library:
        """The estate has these definitions from now on."""
        self.times += 1
        folder = self.folder / f"later{self.times}"
        folder.mkdir()
        self._templates(folder, said)
        library = self.house.office.library = procedures(folder, said)
        return library

    def open(self, *, unit: str = "3-2-501", **filed: Any) -> str:
        """A case of `job` with these forms filed, by step."""
        case = self.house.open("job", unit)
        for step, values in filed.items():
            self.house.act("elm", filling.submit, case, step, values)
        return case

    def preview(self, case: str, by: str = "elm") -> Preview:
        with self.house.reading(by) as desk:
            return migrating.preview(desk, case)

    def migrate(self, case: str, by: str = "elm", **more: Any) -> Preview:
        """What the preview said, which must be what happened."""
        said = self.preview(case, by)
        done = self.house.act(by, migrating.migrate, case, BECAUSE, **more)
        # the clock goes on a second with every desk
        assert (done.changes, done.reopened, done.steps) == (said.changes, said.reopened, said.steps)
        assert {step.step: step.after for step in said.steps if step.after} == self.house.statuses(case)
        for step in said.steps:
            if step.after == "open":
                assert [reason.message for reason in self.house.step(case, step.step).missing] == [r.message for r in step.missing]
        return done

    def kinds(self, case: str) -> list[str]:
        return [event.kind for event in sorted(self.house.rows(Event, case_id=case), key=lambda event: event.seq)]

    def submissions(self, case: str, step: str) -> list[Submission]:
        return sorted(self.house.rows(Submission, case_id=case, step=step), key=lambda row: (row.round, row.revision))


@pytest.fixture
def begin(tmp_path: Path, database_url: str) -> Iterator[Any]:
    """Begins an estate with those definitions."""
    made: list[Estate] = []

    def begin(said: dict[str, Files]) -> Estate:
        made.append(Estate(tmp_path, database_url, said))
        return made[-1]

    yield begin
    for one_of in made:
        one_of.house.office.sessions.kw["bind"].dispose()


def changes(preview: Preview, kind: str) -> set[tuple[str, str, str]]:
    return {(change.how, change.name, change.was) for change in preview.changes if change.kind == kind}


# ---------------------------------------------------------------- steps


def test_a_step_that_came_new_opens_and_holds_up_what_follows(begin: Any) -> None:
    estate = begin(one(ask=ASK))
    case = estate.open(ask={"size": 3})
    estate.now(one("""
        steps:
          - {name: ask, title: 申请, form: ask}
          - {name: look, title: 踏勘, requires: ask}
          - {name: check, title: 检查, requires: look}
        """, ask=ASK))
    said = estate.migrate(case)
    assert changes(said, "step") == {("added", "look", ""), ("changed", "check", "")}
    assert estate.house.statuses(case) == {"ask": "done", "look": "open", "check": "closed"}
    # it was open and began too early: it begins when its gate opens
    assert [run.step for run in estate.house.rows(StepRun, case_id=case)].count("check") == 0
    estate.house.done(case, "look")
    estate.house.done(case, "check")
    assert estate.house.view(case, "elm").state == "completed"


def test_an_open_step_that_is_gone_is_set_aside_and_what_was_filed_there_stays(begin: Any) -> None:
    estate = begin(one("""
        steps:
          - {name: ask, title: 申请, form: ask, outcomes: {yes: {}, no: {}}}
          - {name: check, title: 检查}
        """, ask=ASK))
    case = estate.open(ask={"size": 3})
    estate.now(one("steps: [{name: check, title: 检查}]"))
    said = estate.migrate(case)
    assert changes(said, "step") == {("removed", "ask", "")}
    assert said.left == ("申请",)
    assert [(row.step, row.state) for row in estate.house.rows(StepRun, case_id=case)] == [("ask", "skipped"), ("check", "open")]
    assert [row.plain["size"] for row in estate.submissions(case, "ask")] == [3]
    estate.house.done(case, "check")
    assert estate.house.view(case, "elm").state == "completed"
    with estate.house.reading("elm") as desk:  # the lists of the counter can show the case and its history
        from core.cases.reading import case_list, history, today

        assert case_list(desk, ELM).total == 1 and today(desk, ELM)
        assert any("改用新定义" in row.what and BECAUSE in row.what for row in history(desk, case))


def test_a_step_under_another_name_keeps_everything(begin: Any) -> None:
    before = """
        steps:
          - {name: ask, title: 申请, form: ask, checklist: rooms, required_documents: bring, approvals: [manager]}
          - {name: check, title: 检查, requires: ask}
        """
    more = {"ask": ASK, "lists": "checklists: [{name: rooms, title: 房间, items: [{name: door, title: 门}, {name: wall, title: 墙}]}]",
            "papers": "required_documents: [{name: bring, title: 资料, items: [{name: card, title: 证件}]}]"}
    estate = begin(one(before, **more))
    case = estate.open(ask={"size": 3, "phone": "13812345678"})
    estate.house.act("elm", papers.mark_paper, case, "ask", "card", ["original_seen"])
    estate.house.act("elm", filling.save_draft, case, "ask", {"size": 5})
    estate.house.act("elm", checks.record_checks, case, "ask", {"door": {"result": "passed"}, "wall": {"result": "passed"}})
    estate.house.act("zhao", lambda desk: None)
    estate.now(one(before.replace("name: ask,", "name: request, was: ask,").replace("requires: ask", "requires: request"), **more))
    said = estate.migrate(case)
    assert changes(said, "step") == {("renamed", "request", "ask")}
    assert not said.misfits and not said.reopened
    assert estate.house.kinds(case, "request") == {"approval"}
    (row,) = estate.submissions(case, "request")
    (first,) = estate.submissions(case, "ask")
    assert (row.digest, row.by, row.at, row.plain) == (first.digest, first.by, first.at, first.plain)
    assert [draft.step for draft in estate.house.rows(Draft, case_id=case)] == ["request"]
    estate.house.act("elm", approving.approve, case, "request", role="manager")
    assert estate.house.statuses(case) == {"request": "done", "check": "open"}


def test_what_a_condition_no_longer_keeps_out_is_asked_for(begin: Any) -> None:
    steps = """
        steps:
          - {name: ask, title: 申请, form: ask}
          - {name: extra, title: 另加, requires: ask, when: "ask.size > 10"}
          - {name: check, title: 检查, requires: extra}
        """
    estate = begin(one(steps, ask=ASK))
    always, never = estate.open(ask={"size": 3}), estate.open(unit="3-2-502", ask={"size": 30})
    assert estate.house.statuses(always) == {"ask": "done", "extra": "skipped", "check": "open"}
    assert estate.house.statuses(never) == {"ask": "done", "extra": "open", "check": "closed"}
    estate.now(one(steps.replace(', when: "ask.size > 10"', ""), ask=ASK))
    estate.migrate(always)
    assert estate.house.statuses(always) == {"ask": "done", "extra": "open", "check": "closed"}
    estate.now(one(steps.replace("> 10", "> 100"), ask=ASK))
    estate.migrate(never)
    assert estate.house.statuses(never) == {"ask": "done", "extra": "skipped", "check": "open"}


def test_what_was_decided_is_decided_again_when_it_means_something_else(begin: Any) -> None:
    steps = """
        ends: [completed, refused]
        steps:
          - {name: ask, title: 申请, outcomes: {yes: {}, no: {title: 否}}}
          - {name: check, title: 检查, requires: ask}
        """
    estate = begin(one(steps.replace("ends: [completed, refused]", "")))
    case = estate.house.open("job")
    estate.house.decide(case, "ask", "no")
    estate.now(one(steps.replace("no: {title: 否}", "no: {title: 否, end: refused}")))
    said = estate.migrate(case)
    assert [(row.step, row.how, row.reasons[0].kind) for row in said.reopened] == [("ask", "again", "outcome")]
    assert estate.house.statuses(case) == {"ask": "open", "check": "closed"}
    estate.house.decide(case, "ask", "no")
    assert estate.house.view(case, "elm").state == "refused"


# ---------------------------------------------------------------- forms


def test_values_that_no_longer_fit_are_listed_and_their_step_is_open_in_a_new_round(begin: Any) -> None:
    estate = begin(one(ask=ASK))
    case = estate.open(ask={"size": 3, "colour": "red", "phone": "13812345678"})
    estate.now(one(ask=ASK.replace("min: 1", "min: 5").replace("choices: [red, blue]", "choices: [green, blue]")
                   + "  - {name: why, title: 理由, type: text, required: true}\n"))
    said = estate.migrate(case)
    assert {(row.field, row.title, row.value) for row in said.misfits} == {
        ("size", "面积", "3"), ("colour", "颜色", "red"), ("why", "理由", "")}
    assert all(row.message for row in said.misfits)
    assert [(row.step, row.how) for row in said.reopened] == [("ask", "round")]
    assert estate.house.statuses(case) == {"ask": "open", "check": "closed"}
    assert estate.house.step(case, "ask").round == 2
    with estate.house.reading("elm") as desk:  # what fits is there already, what does not is empty
        shown = {field.name: field.text for field in filling.form_view(desk, case, "ask").view.fields if not field.choices}
    assert (shown["size"], shown["why"], shown["phone"]) == ("", "", "13812345678")
    first, carried = estate.submissions(case, "ask")
    assert (first.plain["size"], carried.plain["size"], carried.reason) == (3, None, BECAUSE)
    estate.house.act("elm", filling.submit, case, "ask", {"size": 7, "why": "要"})
    assert estate.house.statuses(case) == {"ask": "done", "check": "open"}


def test_fields_have_other_names_types_and_places(begin: Any) -> None:
    wide = ASK + ("  - {name: rows, title: 人员, type: table, "
                  "columns: [{name: who, title: 谁, type: text}, {name: age, title: 岁, type: integer}]}\n")
    estate = begin(one(ask=wide))
    case = estate.open(ask={"size": 3, "phone": "13812345678", "rows": [{"who": "张三", "age": 40}]})
    estate.house.act("elm", filling.save_draft, case, "ask", {"size": 9, "rows": [{"who": "李四"}]})
    estate.now(one(ask="""
        form: ask
        title: 申请
        fields:
          - {name: area, title: 面积, type: text, was: size}
          - {name: mobile, title: 手机, type: phone, was: phone}
          - {name: people, title: 人员, type: table, was: rows, columns: [{name: name, title: 姓名, type: text, was: who}]}
        """))
    said = estate.migrate(case)
    assert changes(said, "field") == {("renamed", "area", "size"), ("renamed", "mobile", "phone"), ("renamed", "people", "rows"),
                                      ("removed", "colour", "")}
    assert not said.misfits and not said.reopened
    with estate.house.reading("elm") as desk:
        from core.cases.casefile import open_file

        assert open_file(desk, case).values("ask") == {"area": "3", "mobile": "13812345678", "people": [{"name": "张三"}]}
        drawn = filling.form_view(desk, case, "ask").view  # the draft went with them
        assert [field.text for field in drawn.fields][:1] == ["9"]
    assert "13812345678" not in str([row.plain for row in estate.submissions(case, "ask")])


def test_a_day_that_went_by_does_not_count_as_a_misfit(begin: Any) -> None:
    form = ("form: ask\ntitle: 申请\nfields: [{name: day, title: 日期, type: date, min: '2026-03-01'}, "
            "{name: size, title: 大小, type: integer}]\n")
    estate = begin(one(ask=form.replace("2026-03-01", "2026-01-01")))
    case = estate.open(ask={"day": "2026-02-01"})
    estate.now(one(ask=form))
    assert [row.field for row in estate.preview(case).misfits][:1] == ["day"]
    estate.now(one(ask=form.replace("2026-03-01", "2026-01-01").replace("大小", "尺寸")))
    assert estate.migrate(case).misfits == ()


def test_sensitive_values_are_covered_in_the_preview(begin: Any) -> None:
    estate = begin(one(ask=ASK))
    case = estate.open(ask={"size": 3, "phone": "13812345678"})
    estate.now(one(ask=ASK.replace("name: phone, title: 电话, type: phone", "name: phone, title: 电话, type: date")))
    (row,) = estate.preview(case).misfits
    assert row.field == "phone" and row.value and "13812345678" not in row.value


# ---------------------------------------------------------------- papers, checklists, money, documents, people, time


def test_papers_and_checks_that_came_new_open_a_done_step_again(begin: Any) -> None:
    steps = """
        steps:
          - {name: bring, title: 交资料, required_documents: bring}
          - {name: look, title: 查看, checklist: rooms, requires: bring}
          - {name: check, title: 检查, requires: look}
        """
    papers_said = "required_documents: [{name: bring, title: 资料, items: [{name: card, title: 证件}%s]}]"
    rooms = "checklists: [{name: rooms, title: 房间, items: [{name: door, title: 门}, %s]}]"
    estate = begin(one(steps, papers=papers_said % "", lists=rooms % "{name: wall, title: 墙}"))
    case = estate.house.open("job")
    estate.house.act("elm", papers.mark_paper, case, "bring", "card", ["original_seen"])
    estate.house.act("elm", checks.record_checks, case, "look", {name: {"result": "passed"} for name in ("door", "wall")})
    estate.now(one(steps, papers=papers_said % ", {name: proof, title: 证明}", lists=rooms % "{name: roof, title: 顶}"))
    said = estate.migrate(case)
    assert changes(said, "paper") == {("added", "proof", "")}
    assert {(row.how, row.name, row.held) for row in said.changes if row.kind == "check"} == {
        ("added", "roof", ""), ("removed", "wall", "合格")}
    assert [(row.step, row.how, {reason.kind for reason in row.reasons}) for row in said.reopened] == [
        ("bring", "again", {"paper"}), ("look", "again", {"checklist"})]
    assert estate.house.statuses(case) == {"bring": "open", "look": "closed", "check": "closed"}
    estate.house.act("elm", papers.mark_paper, case, "bring", "proof", ["original_seen"])
    estate.house.act("elm", checks.record_checks, case, "look", {"roof": {"result": "passed"}})
    assert estate.house.statuses(case)["check"] == "open"


PAID = """
    steps:
      - {name: ask, title: 申请, form: ask}
      - {name: pay, title: 交费, fees: job, requires: ask}
      - {name: check, title: 检查, requires: pay}
    """


def test_charges_are_kept_and_new_fees_are_charged(begin: Any) -> None:
    estate = begin(one(PAID, ask=ASK, fees=FEES))
    case = estate.open(ask={"size": 3})
    estate.house.act("elm", payments.pay, case, {"cash": None})
    estate.now(one(PAID, ask=ASK, fees="""
        fees:
          - {name: held, title: 保证金, stage: job, amount: "800", refundable: true, was: deposit}
          - {name: waste, title: 清运费, stage: job, amount: "30"}
        """))
    said = estate.migrate(case)
    assert {(row.how, row.fee, row.charged_fen, row.would_fen, row.open_fen) for row in said.charges} == {
        ("gone", "base", 10000, 0, 0), ("moved", "deposit", 50000, 50000, 0), ("differs", "held", 50000, 80000, 0),
        ("new", "waste", 3000, 3000, 3000)}
    assert [(row.step, {reason.kind for reason in row.reasons}) for row in said.reopened] == [("pay", {"fee"})]
    assert {(row.fee, row.amount) for row in estate.house.rows(Charge, case_id=case)} == {("base", 10000), ("held", 50000), ("waste", 3000)}
    money = estate.house.view(case, "elm").money
    assert (money.due_fen, money.deposit_fen, money.paid_fen) == (3000, 50000, 60000)
    estate.house.act("elm", payments.pay, case, {"cash": None})
    assert estate.house.statuses(case)["check"] == "open"


def test_money_is_never_left_without_a_step_that_could_give_it_back(begin: Any) -> None:
    estate = begin(one(PAID, ask=ASK, fees=FEES))
    case = estate.open(ask={"size": 3})
    estate.now(one(ask=ASK))
    assert [reason.kind for reason in estate.preview(case).blockers] == ["fee"]
    with pytest.raises(GateClosed) as refused:
        estate.house.act("elm", migrating.migrate, case, BECAUSE)
    assert refused.value.number == 2266 and refused.value.reasons
    assert estate.house.statuses(case)["pay"] == "open" and "case.migrated" not in estate.kinds(case)


def test_a_fee_that_needs_what_is_not_filed_yet_is_charged_when_it_is(begin: Any) -> None:
    estate = begin(one(PAID, ask=ASK, fees=FEES))
    case = estate.open(ask={"size": 3})
    estate.now(one(PAID, ask=ASK + "  - {name: days, title: 天数, type: integer, min: 1, required: true}\n",
                   fees=FEES + '  - {name: daily, title: 按天, stage: job, rate: "10", per: day, quantity: ask.days}\n'))
    estate.migrate(case)
    assert estate.house.statuses(case) == {"ask": "open", "pay": "closed", "check": "closed"}
    estate.house.act("elm", filling.submit, case, "ask", {"size": 3, "days": 4})
    assert {row.fee: row.amount for row in estate.house.rows(Charge, case_id=case)} == {"base": 10000, "deposit": 50000, "daily": 4000}


LETTER = """
    parties: {owner: {kind: person, from: unit.owners}}
    steps:
      - {name: write, title: 发函, documents: [letter]}
      - {name: check, title: 检查, requires: write}
    """
PAPER = "documents: [{name: letter, title: 函件, template: letter.docx, sign: {parties: [owner]}}]"


def test_issued_papers_stay_as_they_are_and_can_be_voided_and_issued_again(begin: Any) -> None:
    estate = begin(one(LETTER, documents=PAPER))
    case = estate.house.open("job")
    old = estate.house.act("elm", issuing.issue, case, "write", "letter").id
    words = estate.house.rows(Document, id=old)[0].word
    estate.now(one(LETTER, documents=PAPER.replace("title: 函件", "title: 通知函")))
    said = estate.migrate(case)
    assert [(row.how, row.name, "template" in row.parts, bool(row.held)) for row in said.changes if row.kind == "document"] == [
        ("changed", "letter", True, True)]
    assert estate.house.rows(Document, id=old)[0].word == words
    estate.house.act("elm", voiding.void, old, "写错")
    assert estate.house.rows(Document, id=old)[0].word != words and "第0版" in text(estate, old)
    fresh = estate.house.act("elm", issuing.issue, case, "write", "letter").id
    assert "第1版" in text(estate, fresh)


def test_papers_of_a_step_that_is_gone_are_still_shown_voided_and_issued_again(begin: Any) -> None:
    unsigned = PAPER.replace(", sign: {parties: [owner]}", "")
    estate = begin(one(LETTER, documents=unsigned))
    case = estate.house.open("job")
    first = estate.house.act("elm", issuing.issue, case, "write", "letter").id
    estate.now(one("parties: {owner: {kind: person, from: unit.owners}}\nsteps: [{name: check, title: 检查}]"))
    estate.migrate(case)
    (row,) = estate.house.view(case, "elm").documents
    assert row.state == "issued" and row.may_void
    second = estate.house.act("elm", voiding.reissue, first, "名字有误").id
    assert "第0版" in text(estate, second)
    estate.house.act("elm", voiding.void, second, "写错")
    assert {row.state for row in estate.house.rows(Document)} == {"superseded", "void"}
    assert estate.house.statuses(case) == {"check": "open"}


def text(estate: Estate, document: str) -> str:
    from core.documents.lines_of_word import text_of

    return "\n".join(text_of(estate.house.office.blobs.get(estate.house.rows(Document, id=document)[0].word)))


def test_parties_come_and_go(begin: Any) -> None:
    steps = "parties: {%s}\nsteps: [{name: check, title: 检查}]"
    owner = "owner: {kind: person, from: unit.owners}"
    estate = begin(one(steps % (owner + ", helper: {kind: person, optional: true}")))
    case = estate.house.open("job")
    person = estate.house.person(ELM, name="张三")
    estate.house.act("elm", opening.set_party, case, "helper", person)
    estate.now(one(steps % owner))
    said = estate.migrate(case)
    assert {(row.how, row.name, row.held) for row in said.changes if row.kind == "party"} == {("removed", "helper", "张三")}
    assert [row.until is None for row in estate.house.rows(CaseParty, case_id=case, party="helper")] == [False]
    assert [party.party for party in estate.house.view(case, "elm").parties] == ["owner"]
    estate.now(one(steps % owner.replace("kind: person", "kind: company")))
    assert [reason.kind for reason in estate.preview(case).blockers] == ["party"]


def test_deadlines_are_those_of_the_newer_definitions_and_what_rested_stays(begin: Any) -> None:
    steps = "steps: [{name: ask, title: 申请, due: {hours: %d, after: case.opened}}, {name: check, title: 检查, requires: ask}]"
    estate = begin(one(steps % 48))
    late, rested = estate.house.open("job"), estate.house.open("job", "3-2-502")
    estate.house.act("elm", lifecycle.suspend, rested, "等")
    estate.house.wait(days=1)
    estate.house.act("elm", lifecycle.resume, rested)
    estate.house.wait(days=1, hours=12)
    assert estate.house.step(late, "ask").overdue and not estate.house.step(rested, "ask").overdue
    before = {row.case_id: row.at for row in estate.house.rows(Timer)}
    estate.now(one(steps % 120))
    for case in (late, rested):
        assert [row.step for row in estate.preview(case).deadlines] == ["ask"]
        estate.migrate(case)
        (row,) = estate.house.rows(Timer, case_id=case)
        assert row.at - before[case] == timedelta(days=3) and row.state == "waiting"
    assert not estate.house.step(late, "ask").overdue
    estate.house.wait(days=5)
    assert estate.house.step(late, "ask").overdue and estate.house.step(rested, "ask").overdue
    estate.now(one(steps.replace(", due: {hours: %d, after: case.opened}", "")))
    estate.migrate(late)
    assert {row.state for row in estate.house.rows(Timer, case_id=late)} <= {"stopped", "fired"}
    estate.house.wait(days=50)
    assert not estate.house.step(late, "ask").overdue


def test_facts_that_a_case_says_no_longer_are_taken_back(begin: Any) -> None:
    steps = "subject: unit\n%ssteps: [{name: ask, title: 申请}]"
    said = "facts: {busy: {type: yes_no, title: 在办}}\nprovides: {busy: is_open}\n"
    estate = begin(one(steps % said))
    case = estate.house.open("job")
    assert [row.value for row in estate.house.rows(Fact)] == [{"value": True}]
    estate.now(one(steps % ""))
    estate.migrate(case)
    assert [row.value for row in estate.house.rows(Fact)] == [{"value": None}]


# ---------------------------------------------------------------- who, when, whether


def test_it_is_refused_with_what_is_the_matter(begin: Any) -> None:
    estate = begin(one(ask=ASK))
    case, resting, ended = (estate.open(unit=unit) for unit in ("3-2-501", "3-2-502", "9-1-1001"))
    with pytest.raises(GateClosed) as same:
        estate.house.act("elm", migrating.migrate, case, BECAUSE)
    assert same.value.number == 2265 and estate.preview(case).same
    estate.now(one(ask=ASK.replace("面积", "大小")))
    estate.house.act("elm", lifecycle.suspend, resting, "等")
    estate.house.act("elm", lifecycle.withdraw, ended, "不办了")
    for id_, number in ((resting, 2210), (ended, 2211)):
        with pytest.raises(GateClosed) as refused:
            estate.preview(id_)
        assert refused.value.number == number
    with pytest.raises(InvalidInput):
        estate.house.act("elm", migrating.migrate, case, " ")
    with pytest.raises(Forbidden):
        estate.house.act("li", migrating.migrate, case, BECAUSE)
    seen = estate.preview(case)
    estate.now(one(ask=ASK.replace("面积", "尺寸")))
    with pytest.raises(Conflict) as other:
        estate.house.act("elm", migrating.migrate, case, BECAUSE, to=seen.after)
    assert other.value.number == 2306
    estate.house.act("elm", filling.submit, case, "ask", {"size": 1})
    with pytest.raises(Conflict):
        estate.house.act("elm", migrating.migrate, case, BECAUSE, version=seen.version)
    estate.now({"other": "steps: [{name: a, title: a}]"})
    with pytest.raises(NotFound):
        estate.preview(case)
    assert "case.migrated" not in estate.kinds(case)


def test_the_event_says_from_where_to_where_and_the_case_goes_on(begin: Any) -> None:
    estate = begin(one(ask=ASK))
    case = estate.open()
    before = estate.house.rows(Case, id=case)[0]
    estate.now(one(ask=ASK.replace("面积", "大小")))
    said = estate.migrate(case, by="zhao")
    after = estate.house.rows(Case, id=case)[0]
    (event,) = estate.house.rows(Event, case_id=case, kind="case.migrated")
    assert (event.data["from"], event.data["to"], event.by) == (before.pin, after.pin, "user-zhao")
    assert (said.before, said.after) == (before.pin, after.pin) and after.version == before.version + 1
    assert BECAUSE not in str(event.data)


def test_a_preview_stores_nothing(begin: Any) -> None:
    estate = begin(one(PAID, ask=ASK, fees=FEES))
    case = estate.open(ask={"size": 3})
    estate.now(one(PAID.replace("name: ask,", "name: request, was: ask,").replace("requires: ask", "requires: request"),
                   ask=ASK.replace("min: 1", "min: 9"), fees=FEES.replace("base", "basic")))
    tables = (Case, Charge, Event, StepRun, Submission, Timer)
    before = [[(row.id, *(getattr(row, column.key) for column in row.__table__.columns)) for row in estate.house.rows(table)] if
              hasattr(table, "id") else len(estate.house.rows(table)) for table in tables]
    assert estate.preview(case).reopened
    after = [[(row.id, *(getattr(row, column.key) for column in row.__table__.columns)) for row in estate.house.rows(table)] if
             hasattr(table, "id") else len(estate.house.rows(table)) for table in tables]
    assert before == after


def test_outdated_cases_and_many_at_once(begin: Any) -> None:
    estate = begin(one(PAID, ask=ASK, fees=FEES) | {"other": "steps: [{name: a, title: a}]"})
    first, blocked = estate.open(), estate.open(unit="3-2-502", ask={"size": 2})
    untouched = estate.house.open("other")
    estate.now(one(ask=ASK) | {"other": "steps: [{name: a, title: a}]"})
    fresh = estate.open(unit="9-1-1001")
    with estate.house.reading("elm") as desk:
        assert [row.case for row in migrating.outdated(desk, ELM)] == [first, blocked]
        assert [row.case for row in migrating.outdated(desk, ELM, "other")] == []
        rows = {row.procedure: (row.open, row.outdated) for row in migrating.outdated_procedures(desk, ELM)}
    assert rows == {"job": (3, 2), "other": (1, 0)}
    done = estate.house.act("elm", migrating.migrate_many, [(first, None), (blocked, None), (fresh, None), (untouched, 99)], BECAUSE)
    assert [(row.case, row.done) for row in done] == [(first, True), (blocked, False), (fresh, False), (untouched, False)]
    assert done[1].reasons[0].kind == "fee"
    with estate.house.reading("elm") as desk:
        assert [row.case for row in migrating.outdated(desk, ELM)] == [blocked]


# ---------------------------------------------------------------- former names in definitions


@pytest.mark.parametrize(("said", "place"), [
    (one("steps: [{name: a, title: a}, {name: b, title: b, was: a}]"), "procedure.yaml"),
    (one("steps: [{name: a, title: a, was: c}, {name: b, title: b, was: [d, c]}]"), "procedure.yaml"),
    (one(ask=ASK.replace("name: colour,", "name: colour, was: size,")), "forms/ask.yaml"),
    (one(PAID, ask=ASK, fees=FEES.replace("name: deposit,", "name: deposit, was: base,")), "fee_schedule.yaml")])
def test_a_former_name_that_is_borne_or_claimed_twice_is_a_mistake(said: dict[str, Files], place: str, tmp_path: Path) -> None:
    with pytest.raises(DefinitionErrors) as found:
        procedures(tmp_path, said)
    (problem,) = found.value.problems
    assert problem.number == 1225 and problem.mark is not None and problem.mark.file.endswith(place)
