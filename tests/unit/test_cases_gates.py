"""Gates: in which order things are done, why not yet, and what an outcome does."""

from __future__ import annotations

import pytest

from core.cases import checks, filling, issuing, lifecycle, opening, papers, payments
from core.cases.attachments import fetch_upload, keep_upload
from core.cases.casefile import open_file
from core.cases.reading import history
from core.cases.values import party_values
from core.errors import Conflict, Forbidden, GateClosed, InvalidInput, NotFound
from core.store.models import Case, CheckResult, Draft, Event, PaperMark, Person, StepRun, Submission
from tests.cases_kit import ELM, INK, JADE, MOVE_IN, OWNER, House


def test_a_whole_move_in_ends_completed(house: House) -> None:
    house.blanks()
    case = house.begin()
    house.move_in(case, "end")
    found = house.view(case)
    assert (found.state, found.money.due_fen) == ("completed", 0)
    assert {step.status for step in found.steps} == {"done"}
    assert all(row.signed for row in found.documents)


def test_a_step_opens_when_those_before_are_done_and_says_what_it_waits_for(sqlite_house: House) -> None:
    case = sqlite_house.begin()
    found = sqlite_house.view(case)
    assert {step.name: step.status for step in found.steps} == {"verify": "open"} | dict.fromkeys(list(MOVE_IN)[1:], "closed")
    assert [(one.kind, one.step, one.target, one.source) for one in found.step("keys").why_not] == [
        ("requires", "sign", "keys", "S0 A20 §4.1.3.6; S0 A4 §4.9"), ("requires", "pay", "keys", "S0 A20 §4.1.3.6; S0 A4 §4.9"),
        ("requires", "inspect", "keys", "S0 A20 §4.1.3.6; S0 A4 §4.9")]
    assert {(one.kind, one.target) for one in found.step("verify").missing} == {
        ("form", "intake"), ("paper", "notice"), ("paper", "contract"), ("paper", "owner_id"), ("document", "paper_check")}
    contract = next(one for one in found.step("verify").missing if one.target == "contract")
    assert (contract.step, contract.source, contract.message) == ("verify", "S0 A20 §4.1.1.2", "缺少“购房合同书”")
    with pytest.raises(GateClosed) as refused:
        sqlite_house.submit("wang", case, "keys", MOVE_IN["keys"])
    assert refused.value.number == 2202
    assert [reason.message for reason in refused.value.reasons] == ["先办完“签约”", "先办完“交费”", "先办完“验房”"]
    assert sqlite_house.rows(Submission) == []


@pytest.mark.parametrize("urgent", [True, False])
def test_a_step_whose_condition_does_not_hold_is_skipped(sqlite_house: House, urgent: bool) -> None:
    case = sqlite_house.trial("advance", urgent=urgent)
    assert sqlite_house.status(case)["survey"] == ("open" if urgent else "skipped")
    if not urgent:
        with pytest.raises(GateClosed, match="不适用于本件"):
            sqlite_house.act("li", checks.record_checks, case, "survey", {"roof": {"result": "passed"}})
        assert sqlite_house.rows(StepRun, case_id=case, step="survey")[0].state == "skipped"


def test_until_keeps_a_step_open_and_failed_items_come_back_round_after_round(house: House) -> None:
    case = house.trial("survey", urgent=True)
    with house.at("li") as desk:
        photo = keep_upload(desk, ELM, INK, "roof.png", "photo")
    assert house.check_all(case, "survey", roof={"result": "failed", "note": "渗水", "photo": photo}) == 1
    step = house.view(case).step("survey")
    assert step.status == "open" and [one.kind for one in step.missing] == ["until"]
    assert step.missing[0].message == "还有 1 项待整改或未检查"
    assert house.act("li", checks.record_checks, case, "survey", {"roof": {"result": "passed"}}) == 2
    step = house.view(case).step("survey")
    assert step.status == "done" and step.checklist is not None
    assert [row[:2] for row in step.checklist.items[0].history] == [(1, "不合格"), (2, "合格")]
    with pytest.raises(GateClosed, match="已办完"):
        house.act("li", checks.record_checks, case, "survey", {"roof": {"result": "failed", "photo": photo}})
    with house.reading("wang") as desk:
        assert fetch_upload(desk, case, photo)[1] == "image/png"


@pytest.mark.parametrize(("results", "fields"), [
    ({"roof": {"result": "splendid"}}, ["roof"]),
    ({"roof": {"result": "failed"}, "cellar": {"result": "passed"}}, ["roof", "cellar"]),
    ({"roof": {"result": "failed", "photo": "0" * 64}}, ["roof"]),
    ({"roof": {"result": "passed", "note": "\x07"}}, ["roof"]),
    ({}, ["results"]),
])
def test_a_checklist_names_every_wrong_item_and_stores_nothing(sqlite_house: House, results, fields) -> None:
    case = sqlite_house.trial("survey", urgent=True)
    with pytest.raises(InvalidInput) as refused:
        sqlite_house.act("li", checks.record_checks, case, "survey", results)
    assert [problem.field for problem in refused.value.problems] == fields
    assert sqlite_house.rows(CheckResult) == []


# ---------------------------------------------------------------- outcomes


def test_an_outcome_that_reopens_keeps_the_earlier_round(house: House) -> None:
    case = house.trial("verdict")
    with pytest.raises(InvalidInput, match="1 处"):
        house.act("zhao", lifecycle.decide, case, "verdict", "again")
    house.act("zhao", lifecycle.decide, case, "verdict", "again", "件数不符")
    assert house.status(case)["ask"] == "open" and house.status(case)["verdict"] == "closed"
    step = house.view(case).step("ask")
    assert step.round == 2 and not step.submitted
    assert {one.kind for one in step.missing} == {"form", "document"}  # what was shown at the counter stays seen
    house.submit("wang", case, "ask", {"pieces": 3, "urgent": False})
    assert [(row.round, row.revision, row.plain["pieces"]) for row in house.rows(Submission, step="ask")] == [(1, 1, 2), (2, 1, 3)]
    assert [row.round for row in house.view(case).steps if row.name in ("ask", "verdict")] == [2, 2]
    assert house.status(case) == {"ask": "done", "survey": "skipped", "advance": "done", "balance": "done", "verdict": "open",
                                  "close": "closed"}
    assert [row.round for row in house.rows(StepRun, step="ask")] == [1, 2]


def test_an_outcome_may_wait_or_end_the_case_or_go_on(sqlite_house: House) -> None:
    first, second = sqlite_house.trial("verdict"), sqlite_house.trial("verdict")
    sqlite_house.act("zhao", lifecycle.decide, first, "verdict", "later")
    assert sqlite_house.status(first)["verdict"] == "open"
    sqlite_house.act("zhao", lifecycle.decide, first, "verdict", "deny", "资料不实")
    assert sqlite_house.view(first).state == "denied" and sqlite_house.view(first).read_only == "本件已办结，不能再办理"
    with pytest.raises(GateClosed) as refused:
        sqlite_house.act("zhao", lifecycle.decide, second, "verdict", "grant")
    assert {(one.kind, one.target) for one in refused.value.reasons} == {("document", "protocol")}
    sqlite_house.act("zhao", issuing.issue, second, "verdict", "protocol")
    sqlite_house.sign_all(second)
    with pytest.raises(GateClosed, match="还没有开放"):
        sqlite_house.act("wang", lifecycle.complete, second, "close")
    assert [one.kind for one in sqlite_house.view(second).step("verdict").missing] == ["outcome"]
    sqlite_house.act("zhao", lifecycle.decide, second, "verdict", "grant")
    with pytest.raises(GateClosed) as refused:
        sqlite_house.act("zhao", lifecycle.decide, second, "verdict", "deny", "迟了")
    assert refused.value.number == 2204
    assert sqlite_house.view(second, "wang").step("close").can_complete
    sqlite_house.act("wang", lifecycle.complete, second, "close")
    assert sqlite_house.view(second).state == "completed"


@pytest.mark.parametrize(("outcome", "who", "error"), [("grant", "wang", Forbidden), ("perhaps", "zhao", NotFound)])
def test_only_the_step_s_role_decides_and_only_what_is_offered(sqlite_house: House, outcome, who, error) -> None:
    case = sqlite_house.trial("verdict")
    with pytest.raises(error):
        sqlite_house.act(who, lifecycle.decide, case, "verdict", outcome)


# ---------------------------------------------------------------- required documents


def test_a_paper_may_be_replaced_by_another_or_waived_by_role(sqlite_house: House) -> None:
    case = sqlite_house.begin("trial")
    assert {one.target for one in sqlite_house.view(case).step("ask").missing if one.kind == "paper"} == {"card", "letter", "photos"}
    sqlite_house.act("wang", papers.mark_paper, case, "ask", "card", ["original_seen"])
    assert sqlite_house.view(case).step("ask").papers[0].state == "partial"
    sqlite_house.act("wang", papers.mark_paper, case, "ask", "card", ["original_seen", "copy_kept"])
    assert [(one.name, one.state) for one in sqlite_house.view(case).step("ask").papers] == [
        ("card", "present"), ("letter", "optional"), ("photos", "missing")]
    with pytest.raises(Forbidden):
        sqlite_house.act("wang", papers.waive_paper, case, "ask", "photos", "已留")
    with pytest.raises(InvalidInput):
        sqlite_house.act("zhao", papers.waive_paper, case, "ask", "photos", " ")
    with pytest.raises(InvalidInput, match="1 处"):
        sqlite_house.act("zhao", papers.waive_paper, case, "ask", "card", "不能免")
    sqlite_house.act("zhao", papers.waive_paper, case, "ask", "photos", "档案里已有")
    with pytest.raises(InvalidInput) as refused:
        sqlite_house.act("zhao", papers.waive_paper, case, "ask", "photos", "再免一次")
    assert "已交验或已免交" in refused.value.problems[0].message
    step = sqlite_house.view(case).step("ask")
    assert [one.state for one in step.papers] == ["present", "optional", "waived"] and step.papers[2].reason == "档案里已有"
    assert not [one for one in step.missing if one.kind == "paper"]


def test_pieces_are_counted_and_a_mark_can_be_taken_back_while_the_step_is_open(sqlite_house: House) -> None:
    case = sqlite_house.begin("trial")
    sqlite_house.act("wang", papers.mark_paper, case, "ask", "photos", ["original_kept"], count=1)
    assert "photos" in {one.target for one in sqlite_house.view(case).step("ask").missing}
    sqlite_house.act("wang", papers.mark_paper, case, "ask", "photos", ["original_kept"], count=2)
    assert "photos" not in {one.target for one in sqlite_house.view(case).step("ask").missing}
    sqlite_house.act("wang", papers.mark_paper, case, "ask", "photos", [])
    assert "photos" in {one.target for one in sqlite_house.view(case).step("ask").missing}
    assert len(sqlite_house.rows(PaperMark, paper="photos")) == 3  # every mark stays


def test_marks_of_a_done_step_may_be_added_to_but_not_taken_back(sqlite_house: House) -> None:
    case = sqlite_house.trial("advance")
    with pytest.raises(GateClosed) as refused:
        sqlite_house.act("wang", papers.mark_paper, case, "ask", "card", [])
    assert refused.value.number == 2204 and [one.target for one in refused.value.reasons] == ["card"]
    sqlite_house.act("wang", papers.mark_paper, case, "ask", "photos", ["original_kept"], count=3)
    assert sqlite_house.status(case)["ask"] == "done"


@pytest.mark.parametrize(("paper", "evidence", "more", "error"), [
    ("passport_of_mars", ["original_seen"], {}, NotFound), ("card", ["smelled"], {}, InvalidInput),
    ("card", ["original_seen"], {"count": -1}, InvalidInput), ("card", ["original_seen"], {"blob": "f" * 64}, NotFound)])
def test_a_mark_that_means_nothing_is_refused(sqlite_house: House, paper, evidence, more, error) -> None:
    case = sqlite_house.begin("trial")
    with pytest.raises(error):
        sqlite_house.act("wang", papers.mark_paper, case, "ask", paper, evidence, **more)
    assert sqlite_house.rows(PaperMark) == []


def test_somebody_who_acts_for_the_owner_reopens_the_step_that_asks_for_papers(sqlite_house: House) -> None:
    case = sqlite_house.trial("advance")
    agent = sqlite_house.person(ELM, name="代小理", id_number="11010119900307803X", id_type="resident_id")
    sqlite_house.act("wang", opening.set_party, case, "agent", agent)
    step = sqlite_house.view(case).step("ask")
    assert step.status == "open" and [(one.kind, one.target) for one in step.missing] == [("paper", "authority")]
    assert sqlite_house.status(case)["advance"] == "closed"
    sqlite_house.act("wang", papers.mark_paper, case, "ask", "authority", ["original_kept"])
    assert sqlite_house.status(case)["ask"] == "done" and sqlite_house.status(case)["advance"] == "open"


# ---------------------------------------------------------------- forms


def test_wrong_answers_store_nothing_and_leave_the_case_as_it_was(sqlite_house: House) -> None:
    case = sqlite_house.begin("trial")
    before = sqlite_house.view(case).version
    with pytest.raises(InvalidInput) as refused:
        sqlite_house.submit("wang", case, "ask", {"pieces": 0, "urgent": True, "applicant_id": "110101199003077757", "note": "\x00"})
    assert {problem.field for problem in refused.value.problems} == {"pieces", "applicant_id", "note"}
    assert sqlite_house.rows(Submission) == [] and sqlite_house.view(case).version == before
    assert sqlite_house.rows(Event, kind="form.submitted") == []


def test_a_correction_is_a_new_revision_with_a_reason(house: House) -> None:
    case = house.trial("advance")
    with pytest.raises(InvalidInput) as refused:
        house.submit("wang", case, "ask", {"pieces": 4, "urgent": False})
    assert refused.value.problems[0].field == "reason"
    house.submit("wang", case, "ask", {"pieces": 4, "urgent": False}, reason="多报两件")
    rows = house.rows(Submission, case_id=case)
    assert [(row.revision, row.plain["pieces"], row.reason) for row in rows] == [(1, 2, ""), (2, 4, "多报两件")]
    with house.reading() as desk:
        kinds = [row.kind for row in history(desk, case)]
        assert filling.form_view(desk, case, "ask").submitted
    assert kinds.count("form.corrected") == 1 and kinds.count("form.submitted") == 1


def test_a_draft_is_sealed_replaced_private_and_gone_after_the_submission(house: House) -> None:
    case = house.begin("trial")
    for note in ("初稿", "再稿"):
        house.act("wang", filling.save_draft, case, "ask", {"note": note, "applicant_id": OWNER["id_number"]})
    house.act("liu", filling.save_draft, case, "ask", {"note": "别人的"})
    drafts = house.rows(Draft, user_id="user-wang")
    assert len(drafts) == 1 and OWNER["id_number"].encode() not in drafts[0].sealed and "再稿".encode() not in drafts[0].sealed
    shown = {}
    for who in ("wang", "liu"):
        with house.reading(who) as desk:
            found = filling.form_view(desk, case, "ask")
            assert found.draft_saved_at is not None and not found.submitted
            shown[who] = next(one.text for one in found.view.fields if one.name == "note")
    assert shown == {"wang": "再稿", "liu": "别人的"}
    house.mark_all(case, "ask")
    house.blanks("slip", ELM)
    house.submit("wang", case, "ask", {"pieces": 1, "urgent": False})
    assert [row.user_id for row in house.rows(Draft)] == ["user-liu"]
    house.act("liu", filling.discard_draft, case, "ask")
    assert house.rows(Draft) == []


def test_a_dry_run_judges_and_stores_nothing(sqlite_house: House) -> None:
    case = sqlite_house.begin("trial")
    with sqlite_house.reading() as desk:
        assert [one.field for one in filling.check_answers(desk, case, "ask", {"urgent": True}).problems] == ["pieces"]
        assert not filling.check_answers(desk, case, "ask", {"pieces": 2, "urgent": True}).problems
    assert sqlite_house.rows(Submission) == []


def test_a_picture_is_found_by_its_field_and_a_hash_in_a_line_of_text_opens_nothing(sqlite_house: House) -> None:
    case = sqlite_house.begin("trial")
    with sqlite_house.at("wang") as desk:
        mine, other = keep_upload(desk, ELM, INK, "a.png", "photo"), keep_upload(desk, ELM, INK, "b.png", "ink")
        secret = keep_upload(desk, JADE, b"%PDF-1.4 another estate's paper", "c.pdf", "file")
    assert mine == other  # the same picture is one file
    sqlite_house.mark_all(case, "ask")
    sqlite_house.blanks("slip", ELM)
    sqlite_house.submit("wang", case, "ask", {"pieces": 1, "urgent": False, "picture": mine, "note": secret})
    with sqlite_house.reading("liu") as desk:
        assert fetch_upload(desk, case, mine)[1] == "image/png"
        with pytest.raises(NotFound):
            fetch_upload(desk, case, secret)


# ---------------------------------------------------------------- the case as a whole


def test_a_finished_case_is_read_only(sqlite_house: House) -> None:
    case = sqlite_house.trial("verdict")
    sqlite_house.act("zhao", lifecycle.decide, case, "verdict", "deny", "不符合条件")
    charge = sqlite_house.view(case).money.charges[0].id
    acts = [(filling.submit, ("ask", {"pieces": 1, "urgent": False})), (filling.save_draft, ("ask", {"pieces": 1})),
            (papers.mark_paper, ("ask", "card", ["original_seen"])), (issuing.issue, ("verdict", "protocol")),
            (payments.pay, ({"cash": None},)), (lifecycle.decide, ("verdict", "grant")), (lifecycle.complete, ("close",)),
            (lifecycle.withdraw, ("迟",)), (lifecycle.suspend, ("迟",)), (lifecycle.hand_over, ("wang", "迟")),
            (opening.set_party, ("owner", "x")), (opening.remove_party, ("owner", "x", "迟"))]
    for function, given in acts:
        with pytest.raises(GateClosed) as refused:
            sqlite_house.act("zhao", function, case, *given)
        assert refused.value.number == 2211, function
    with pytest.raises(GateClosed):
        sqlite_house.act("zhao", payments.waive_charge, charge, "迟")
    assert sqlite_house.view(case).read_only


def test_suspend_resume_withdraw_and_hand_over(sqlite_house: House) -> None:
    case = sqlite_house.begin("trial")
    with pytest.raises(Forbidden):
        sqlite_house.act("wang", lifecycle.suspend, case, "业主出差")
    with pytest.raises(InvalidInput):
        sqlite_house.act("zhao", lifecycle.suspend, case, "")
    sqlite_house.act("zhao", lifecycle.suspend, case, "业主出差")
    assert sqlite_house.view(case).state_title == "已暂停"
    with pytest.raises(GateClosed) as refused:
        sqlite_house.mark_all(case, "ask")
    assert refused.value.number == 2210
    with pytest.raises(GateClosed):
        sqlite_house.act("zhao", lifecycle.suspend, case, "再停")
    sqlite_house.act("zhao", lifecycle.resume, case)
    with pytest.raises(GateClosed):
        sqlite_house.act("zhao", lifecycle.resume, case)
    with pytest.raises(InvalidInput):
        sqlite_house.act("wang", lifecycle.hand_over, case, "nobody", "休假")
    sqlite_house.act("wang", lifecycle.hand_over, case, "liu", "休假")
    assert sqlite_house.view(case).handler == "刘欣"
    sqlite_house.act("zhao", lifecycle.withdraw, case, "业主放弃")
    found = sqlite_house.view(case)
    assert (found.state, found.read_only) == ("withdrawn", "本件已撤回，不能再办理")


def test_money_that_is_held_when_a_case_is_withdrawn_is_not_forgotten(sqlite_house: House) -> None:
    case = sqlite_house.trial("balance")
    assert sqlite_house.view(case).money.notice == ""
    sqlite_house.act("zhao", lifecycle.withdraw, case, "业主放弃")
    assert sqlite_house.view(case).money.notice == "本件已撤回，已收 13.00 元未退，其中押金 5.00 元"
    deposit, fee = sqlite_house.view(case).money.charges[:2]
    sqlite_house.act("chen", payments.refund, fee.id, 800, "cash", "退手续费")
    assert sqlite_house.view(case).money.notice == "本件已撤回，仍有押金 5.00 元未退"
    sqlite_house.act("chen", payments.refund, deposit.id, 500, "cash", "退押金")
    assert sqlite_house.view(case).money.notice == ""


# ---------------------------------------------------------------- people


def test_the_first_owner_is_the_owner_and_people_must_fit(sqlite_house: House) -> None:
    case = sqlite_house.begin()
    assert [(row.party, row.name, row.id_number) for row in sqlite_house.view(case).parties] == [
        ("owner", "林婉清", "1101**********7758")]
    with pytest.raises(InvalidInput) as refused:
        sqlite_house.begin("trial", "9-1-1001")  # a firm owns it, and the trial wants a person
    assert refused.value.problems[0].field == "parties.owner"
    person, firm = sqlite_house.person(ELM, name="甲"), sqlite_house.person(ELM, name="乙公司", kind="company")
    for parties, error in [({"owner": [person, sqlite_house.person(ELM, name="丙")]}, InvalidInput), ({"owner": [firm]}, InvalidInput),
                           ({"nobody": [person]}, NotFound), ({"owner": [sqlite_house.person(JADE, name="丁")]}, NotFound)]:
        with pytest.raises(error):
            sqlite_house.begin("trial", parties=parties)
    assert [row.procedure for row in sqlite_house.rows(Case)] == ["move_in"]
    case = sqlite_house.begin("trial", parties={"owner": [person], "guests": [firm]})
    assert [row.name for row in sqlite_house.view(case).parties] == ["甲", "乙公司"]


def test_a_row_that_is_added_is_counted_once_in_the_act_that_adds_it(sqlite_house: House) -> None:
    house = sqlite_house
    case, guest = house.begin("trial"), house.person(ELM, name="客")
    with house.at("wang") as desk:
        file = open_file(desk, case, change=True)
        opening.add_party(file, file.bundle.procedure.party("guests"), desk.session.get_one(Person, guest))
        assert [row.party for row in file.parties] == ["owner", "guests"] and len(file.people["guests"]) == 1
        assert party_values(file)["guests"] | {"name": ""} == {
            "present": True, "count": 1, "kind": "person", "id_type": "", "name": ""}


def test_parties_come_and_go_with_a_reason_and_the_owner_s_place_is_never_empty(house: House) -> None:
    case = house.begin("trial")
    owner = house.view(case).parties[0].person_id
    guest, other, stranger = (house.person(estate, name=name) for estate, name in ((ELM, "客"), (ELM, "新主"), (JADE, "外人")))
    house.act("wang", opening.set_party, case, "guests", guest)
    for person, error in ((stranger, NotFound), ("no-such-person", NotFound)):
        with pytest.raises(error):
            house.act("wang", opening.set_party, case, "guests", person)
    with pytest.raises(InvalidInput):
        house.act("wang", opening.remove_party, case, "owner", owner, "搬走")
    with pytest.raises(InvalidInput):
        house.act("wang", opening.remove_party, case, "guests", guest, "")
    house.act("wang", opening.remove_party, case, "guests", guest, "搬走")
    house.act("wang", opening.set_party, case, "owner", other)
    assert [row.name for row in house.view(case).parties] == ["新主"]
    with pytest.raises(Forbidden):
        house.act("zhou", opening.set_party, case, "guests", guest)


# ---------------------------------------------------------------- beginning, versions


def test_the_same_key_is_the_same_case_and_never_another_one(house: House) -> None:
    first = house.begin(key="k1")
    assert house.begin(key="k1") == first
    with pytest.raises(Conflict) as refused:
        house.begin(code="9-1-1001", key="k1")
    assert refused.value.number == 2305
    with pytest.raises(Conflict) as refused:
        house.begin(key="k2")
    assert refused.value.number == 2303 and refused.value.changes[0]["case"] == first
    second = house.begin(code="9-1-1001", key="k3")
    assert [house.view(case).number for case in (first, second)] == ["RH-2026-00001", "RH-2026-00002"]


def test_a_stale_version_is_a_conflict_that_says_what_changed(house: House) -> None:
    case = house.begin("trial")
    seen = house.view(case).version
    house.act("liu", papers.mark_paper, case, "ask", "card", ["original_seen"])
    with pytest.raises(Conflict) as refused:
        house.act("wang", papers.mark_paper, case, "ask", "letter", ["original_seen"], version=seen)
    assert [(row["by"], row["what"], row["step"]) for row in refused.value.changes] == [("刘欣", "paper.marked", "ask")]
    house.act("wang", papers.mark_paper, case, "ask", "letter", ["original_seen"], version=house.view(case).version)
    assert len(house.rows(PaperMark)) == 2


def test_an_act_that_fails_at_the_end_leaves_no_trace(house: House) -> None:
    house.begin(key="k1")
    with pytest.raises(RuntimeError), house.at("wang") as desk:
        opening.open_case(desk, JADE, "move_in", house.unit("9-1-1001"))
        raise RuntimeError("the power goes")
    assert len(house.rows(Case)) == 1
    assert house.view(house.begin(code="9-1-1001")).number == "RH-2026-00002"  # the number was given back
    assert [row.data["number"] for row in house.rows(Event, kind="case.opened")] == ["RH-2026-00001", "RH-2026-00002"]
