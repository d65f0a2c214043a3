"""Documents: issued in order under gapless numbers, signed, voided with both hands, never changed behind anybody's back."""

from __future__ import annotations

import io
import zipfile

import pytest

from core.cases import filling, issuing, signing, stock, voiding
from core.cases.casefile import open_file
from core.cases.gates import Gates
from core.cases.packet import document_bytes, packet
from core.cases.verifying import verify_file, verify_number
from core.errors import Conflict, ConversionFailed, Forbidden, GateClosed, InvalidInput, NotFound, RenderFailed
from core.store import series as numbers
from core.store.models import Document, Job, SeriesNumber
from core.store.session import unit_of_work
from tests.cases_kit import ELM, INK, JADE, House, drawn

SCAN = b"%PDF-1.4\n% a signed sheet\n%%EOF\n"


def text_of(house: House, document: str) -> str:
    with house.reading() as desk:
        data, _, _ = document_bytes(desk, document)
    return zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()


def ask(house: House, urgent: bool = False) -> str:
    """A trial that is filled in but has issued nothing yet."""
    case = house.begin("trial")
    house.mark_all(case, "ask")
    house.act("wang", filling.submit, case, "ask", {"pieces": 2, "urgent": urgent})
    return case


# ---------------------------------------------------------------- issuing


def test_documents_are_issued_in_packet_order_and_once_per_round(sqlite_house: House) -> None:
    house = sqlite_house
    house.blanks("slip", ELM)
    case = ask(house, urgent=True)
    due = house.view(case).step("ask").due_documents
    assert [(row.name, row.numbered, row.copies, row.reasons) for row in due] == [
        ("slip", True, 2, ()), ("second_slip", True, 1, ())]
    made = house.act("wang", issuing.issue_all, case, "ask")
    assert [(row.name, row.number) for row in made] == [("slip", "H001"), ("second_slip", "H002")]
    assert house.act("wang", issuing.issue_all, case, "ask") == []
    assert house.act("wang", issuing.issue, case, "ask", "slip").number == "H001"
    assert [row.number for row in house.rows(SeriesNumber)] == ["H001", "H002"]
    assert len(house.rows(Job, task="pdf")) == 2


def test_what_does_not_apply_or_is_not_ready_is_refused_with_the_reasons(sqlite_house: House) -> None:
    house = sqlite_house
    house.blanks("slip", ELM)
    case = house.begin("trial")
    with pytest.raises(GateClosed) as refused:
        house.act("wang", issuing.issue, case, "ask", "slip")
    assert {(one.kind, one.target) for one in refused.value.reasons} == {
        ("form", "request"), ("paper", "card"), ("paper", "letter"), ("paper", "photos")}
    assert house.act("wang", issuing.issue_all, case, "ask") == []
    with pytest.raises(GateClosed) as refused:
        house.act("wang", issuing.issue, case, "ask", "second_slip")
    assert refused.value.number == 2221
    for who, step, name, error in [("wang", "ask", "protocol", NotFound), ("wang", "nowhere", "slip", NotFound),
                                   ("li", "ask", "slip", Forbidden), ("zhao", "verdict", "protocol", GateClosed)]:
        with pytest.raises(error):
            house.act(who, issuing.issue, case, step, name)
    assert house.rows(Document) == [] and house.rows(SeriesNumber) == []


def test_the_same_request_gets_the_number_it_got_before(house: House) -> None:
    house.blanks("slip", ELM, books=2)
    case = ask(house, urgent=True)
    with house.at("wang", key="r1") as desk:
        first = [row.number for row in issuing.issue_all(desk, case, "ask")]
    slip = house.documents(case, "slip")[0]
    house.act("wang", voiding.void, slip.id, "打印模糊", "liu")
    with house.at("wang", key="r1") as desk:  # the answer was lost and the request comes again, after all that
        assert issuing.issue(desk, case, "ask", "slip").id == slip.id
    with house.at("wang", key="r2") as desk:
        assert issuing.issue(desk, case, "ask", "slip").number == "H003"
    assert first == ["H001", "H002"]


def test_without_blanks_nothing_is_issued_and_a_new_batch_needs_the_report_on_the_last(house: House) -> None:
    house.blanks("slip", ELM)  # one book of two
    first, second = ask(house), ask(house)
    house.act("wang", issuing.issue, first, "ask", "slip")
    house.act("wang", voiding.void, house.documents(first, "slip")[0].id, "打印模糊", "liu")
    house.act("wang", issuing.issue, first, "ask", "slip")
    with pytest.raises(GateClosed) as refused:
        house.act("wang", issuing.issue, second, "ask", "slip")
    assert refused.value.number == numbers.EXHAUSTED
    assert house.documents(second, "slip") == []
    for report in (None, {"issued": 2, "void": 0, "left": 0}):
        with pytest.raises(GateClosed) as refused:
            house.act("wang", stock.requisition, ELM, "slip", 1, report)
        assert refused.value.number == numbers.NOT_REPORTED
    with pytest.raises(Forbidden):
        house.act("li", stock.requisition, ELM, "slip", 1, {"issued": 1, "void": 1, "left": 0})
    with pytest.raises(NotFound):
        house.act("wang", stock.requisition, ELM, "certificate_of_mars", 1)
    with pytest.raises(GateClosed):
        house.act("wang", stock.requisition, JADE, "receipt", 1)  # printed as they are needed
    house.act("wang", stock.requisition, ELM, "slip", 1, {"issued": 1, "void": 1, "left": 0})
    assert house.act("wang", issuing.issue, second, "ask", "slip").number == "H003"
    with house.reading() as desk:
        assert [(row.number, row.state) for row in stock.series_register(desk, ELM, "slip")] == [
            ("H001", "void"), ("H002", "issued"), ("H003", "issued"), ("H004", "blank")]
        kept = next(row for row in stock.stock(desk, ELM) if row.name == "slip")
        assert (kept.next, kept.last_received, kept.left, kept.use) == (4, 4, 1, numbers.Use(3, 4, 1, 0, 1))


def test_an_issued_paper_is_the_frozen_context_printed_again(sqlite_house: House) -> None:
    house = sqlite_house
    house.blanks()
    case = house.begin()
    house.move_in(case, "sign")
    house.act("wang", issuing.issue_all, case, "sign")
    house.sign_all(case)
    with house.reading() as desk:
        for row in house.rows(Document, case_id=case):
            again = issuing.printed_word(desk, row.template, issuing.unpacked(desk, row))
            assert again == desk.office.blobs.get(row.word), row.name


def test_a_preview_has_no_number_and_leaves_nothing_behind(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.begin("trial")
    with house.reading() as desk:
        data = issuing.preview(desk, case, "ask", "slip")
    words = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    assert "(草稿)" in words
    assert house.rows(Document) == [] and house.rows(SeriesNumber) == []
    with pytest.raises(Forbidden), house.reading("li") as desk:
        issuing.preview(desk, case, "ask", "slip")


def test_each_copy_is_printed_with_its_label(sqlite_house: House) -> None:
    house = sqlite_house
    house.blanks("slip", ELM)
    case = ask(house)
    slip = house.act("wang", issuing.issue, case, "ask", "slip")
    with house.reading() as desk:
        first, name, media_type = document_bytes(desk, slip.id, "word", copy=0)
        assert first != document_bytes(desk, slip.id, "word", copy=1)[0]
        assert name == "回执-H001.docx" and media_type == issuing.WORD
        for wrong in (2, -1):
            with pytest.raises(NotFound):
                document_bytes(desk, slip.id, "word", copy=wrong)
        with pytest.raises(ConversionFailed):
            document_bytes(desk, slip.id, "pdf")
        with pytest.raises(ConversionFailed, match="《回执》H001"):
            packet(desk, case, "pdf")


# ---------------------------------------------------------------- voiding and reissuing


def test_a_void_keeps_number_reason_and_both_hands_and_opens_the_step_again(house: House) -> None:
    house.blanks("slip", ELM)
    case = ask(house)
    slip = house.act("wang", issuing.issue, case, "ask", "slip")
    assert house.status(case)["ask"] == "done"
    for reason, witness, error in [("", "liu", InvalidInput), ("污损", None, InvalidInput), ("污损", "wang", InvalidInput),
                                   ("污损", "nobody", InvalidInput)]:
        with pytest.raises(error):
            house.act("wang", voiding.void, slip.id, reason, witness)
    with pytest.raises(Forbidden):
        house.act("li", voiding.void, slip.id, "污损", "liu")
    house.act("wang", voiding.void, slip.id, " 污损 ", "liu")
    row, number = house.rows(Document)[0], house.rows(SeriesNumber)[0]
    assert (row.state, row.void_reason, row.voided_by, row.void_witness) == ("void", "污损", "user-wang", "user-liu")
    assert (number.state, number.number, number.voided_by, number.void_witness) == ("void", "H001", "user-wang", "user-liu")
    assert house.status(case)["ask"] == "open" and house.status(case)["advance"] == "closed"
    assert row.word != slip.word  # printed again with the stamp 作废
    with pytest.raises(GateClosed) as refused:
        house.act("wang", voiding.void, slip.id, "再作废", "liu")
    assert refused.value.number == 2230
    assert house.act("wang", issuing.issue, case, "ask", "slip").number == "H002"
    assert house.status(case)["ask"] == "done" and house.status(case)["advance"] == "open"


def test_a_reissue_supersedes_and_numbered_papers_are_voided_instead(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.trial("verdict")
    old = house.act("zhao", issuing.issue, case, "verdict", "protocol")
    with pytest.raises(InvalidInput):
        house.act("zhao", voiding.reissue, old.id, " ")
    new = house.act("zhao", voiding.reissue, old.id, "姓名有误")
    assert (new.replaces_id, new.state, new.number != old.number) == (old.id, "issued", True)
    found = house.documents(case, "protocol", "superseded")[0]
    assert (found.id, found.void_reason) == (old.id, "姓名有误")
    with pytest.raises(GateClosed):
        house.act("zhao", voiding.reissue, old.id, "再重出")
    slip = house.documents(case, "slip")[0]
    with pytest.raises(GateClosed) as refused:
        house.act("wang", voiding.reissue, slip.id, "姓名有误")
    assert refused.value.number == 2232


# ---------------------------------------------------------------- signing


def test_signers_sign_in_the_listed_order_each_in_their_own_way(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.trial("verdict")
    paper = house.act("zhao", issuing.issue, case, "verdict", "protocol")
    assert [(one.signer, one.next) for one in house.view(case).documents[-1].signers] == [
        ("owner", True), ("service", False), ("manager", False)]
    assert not house.view(case, "wang").documents[-1].may_sign and house.view(case, "zhao").documents[-1].may_sign
    with pytest.raises(GateClosed) as refused:
        house.act("wang", signing.sign_account, paper.id, "service")
    assert refused.value.number == 2243
    with pytest.raises(GateClosed) as refused:
        house.act("zhao", signing.sign_account, paper.id, "owner")
    assert refused.value.number == 2242
    with house.at("zhao") as desk:
        page = signing.signing_page(desk, paper.id)
        assert (page.signer, page.name) == ("owner", "林婉清") and any("林婉清" in line for line in page.paragraphs)
        signed = signing.sign_ink(desk, paper.id, "owner", INK, shown=page.shown)
        assert (signed.name, signed.way, signed.shown, signed.witness) == ("林婉清", "tablet", page.shown, "user-zhao")
    with pytest.raises(Forbidden):
        house.act("li", signing.sign_account, paper.id, "service")
    house.act("wang", signing.sign_account, paper.id, "service")
    with pytest.raises(NotFound):
        house.act("wang", signing.sign_account, paper.id, "service")
    house.act("zhao", signing.sign_paper, paper.id, "manager", SCAN, name="赵明远")
    found = house.documents(case, "protocol")[0]
    assert found.signed and [(one.signer, one.way, one.witness) for one in found.signers] == [
        ("owner", "tablet", "赵明远"), ("service", "account", "王晓梅"), ("manager", "paper", "赵明远")]
    with pytest.raises(GateClosed) as refused:
        house.act("zhao", signing.signing_page, paper.id)
    assert refused.value.number == 2240
    assert "林婉清" in text_of(house, paper.id)


def test_a_paper_that_must_be_signed_on_paper_takes_no_other_signature(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.trial("verdict")
    notice = house.act("zhao", issuing.issue, case, "verdict", "notice")
    with pytest.raises(GateClosed) as refused:
        house.act("zhao", signing.sign_ink, notice.id, "owner", INK, shown=notice.word)
    assert refused.value.number == 2241
    word = notice.word
    house.act("zhao", signing.sign_paper, notice.id, "owner", SCAN)
    with pytest.raises(GateClosed) as refused:
        house.act("wang", signing.sign_account, notice.id, "service")
    assert refused.value.number == 2241
    assert house.documents(case, "notice")[0].word == word  # the sheet itself is signed, not our file


def test_what_was_shown_is_what_is_signed(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.begin()
    house.move_in(case, "sign")
    house.act("wang", issuing.issue_all, case, "sign")
    paper = house.documents(case, "covenant")[0]
    house.act("wang", signing.sign_account, paper.id, "service")  # meanwhile, on another desk
    with pytest.raises(Conflict) as refused:
        house.act("wang", signing.sign_ink, paper.id, "owner", INK, shown=paper.word)
    assert refused.value.number == 2304
    assert not house.documents(case, "covenant")[0].signed
    house.act("wang", voiding.void, paper.id, "有误")
    with pytest.raises(GateClosed) as refused:
        house.act("wang", signing.sign_ink, paper.id, "owner", INK, shown=paper.word)
    assert refused.value.number == 2230


@pytest.mark.parametrize(("image", "name"), [(b"not a picture", ""), (INK, "名\x00"), (INK, "长" * 61)])
def test_ink_that_is_none_and_names_that_cannot_be_printed_are_refused(sqlite_house: House, image: bytes, name: str) -> None:
    house = sqlite_house
    case = house.trial("verdict")
    paper = house.act("zhao", issuing.issue, case, "verdict", "protocol")
    with pytest.raises(InvalidInput):
        house.act("zhao", signing.sign_ink, paper.id, "owner", image, shown=paper.word, name=name)
    assert house.documents(case, "protocol")[0].signers[0].signed_at is None


# ---------------------------------------------------------------- verifying


def test_a_number_is_confirmed_only_with_its_code(sqlite_house: House) -> None:
    house = sqlite_house
    house.blanks("slip", ELM)
    case = ask(house)
    slip = house.act("wang", issuing.issue, case, "ask", "slip")
    code = house.view(case).documents[0].verify_path.rpartition("=")[2]

    def asked(estate: str = ELM, series: str = "slip", number: str = "H001", said: str = code) -> str:
        with unit_of_work(house.office.sessions, readonly=True) as session:
            return verify_number(house.office, session, estate, series, number, said).state

    assert asked() == "issued" and asked(said=code.upper()) == "issued"
    assert {asked(said="aaaaaaaaaa"), asked(estate=JADE), asked(number="H002"), asked(series="other"), asked(estate="mars")} == {"unknown"}
    house.act("wang", voiding.void, slip.id, "污损", "liu")
    assert asked() == "void"


def test_the_file_in_a_customer_s_hand_is_known_whatever_became_of_it(house: House) -> None:
    case = house.begin()
    house.move_in(case, "sign")
    house.act("wang", issuing.issue, case, "sign", "covenant")
    paper = house.documents(case, "covenant")[0]

    def verdict(data: bytes) -> tuple[str, bool]:
        with unit_of_work(house.office.sessions, readonly=True) as session:
            said = verify_file(house.office, session, data)
            return said.status, said.accepted

    with house.reading() as desk:
        first = document_bytes(desk, paper.id)[0]
    assert verdict(first) == ("ours", True)
    assert verdict(first + b"\0") == ("unknown", False) and verdict(drawn()) == ("unknown", False)
    with house.at("wang") as desk:
        signing.sign_ink(desk, paper.id, "owner", INK, shown=paper.word)
    assert verdict(first) == ("outdated", False)
    house.act("wang", signing.sign_account, paper.id, "service")
    with house.reading() as desk:
        signed = document_bytes(desk, paper.id)[0]
    assert verdict(signed) == ("ours", True)
    house.act("wang", voiding.void, paper.id, "有误")
    assert verdict(signed) == verdict(first) == ("void", False)


def test_a_value_that_is_missing_is_told_with_document_template_and_field(sqlite_house: House) -> None:
    house = sqlite_house
    house.blanks("slip", ELM)
    case = ask(house)
    with house.at("wang") as desk:
        file = open_file(desk, case)
        rule = file.bundle.document("slip")
        frozen = issuing.freeze(file, Gates(file), rule, "ask", number="H001")
        del frozen["document"]["number"]
        with pytest.raises(RenderFailed) as refused:
            issuing.rendered(file, rule, frozen)
    said = str(refused.value)
    assert refused.value.number == 3201
    assert f"《{rule.title.zh}》模板 {rule.template} " in said and "第" in said and "缺少 document.number" in said
