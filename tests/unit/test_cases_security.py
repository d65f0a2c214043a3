"""Who may do what, what a stranger learns, what stands in the store, and that nothing happens without its event."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

import core.cases
from core.cases import filling, issuing, lifecycle, papers, payments, signing, stock, voiding
from core.cases.reading import history, reveal
from core.errors import Forbidden, NotFound, StoreUnavailable
from core.hookspecs import hookimpl
from core.store import events
from core.store.models import Base, CashDay, Document, Event, LedgerLine, PaperMark, SeriesNumber, Submission
from core.store.session import unit_of_work
from tests.cases_kit import ELM, INK, JADE, MOVE_IN, NINE, OWNER, House, furnished, load

CANARIES = (OWNER["id_number"], OWNER["phone"], "13987654321", "11010119900307803X", "13700001111")
FAMILY = [{"person_name": "周小满", "relation": "女", "resident_id": "11010119900307803X", "phone": "13700001111"}]


# ---------------------------------------------------------------- every door


INSIDE = {"is_kept", "require_day_open", "owners_of", "keep", "verify_path", "person_row", "open_file", "bundle_for"}
"""Parts that other functions use after they have let somebody in."""
ANYBODY = {"keep_upload", "fetch_upload", "board", "form_view", "discard_draft", "check_answers", "startable", "document_bytes",
           "packet", "search", "case_list", "units", "today", "history", "all_series", "series_of", "stock", "series_register",
           "case_view", "inbox", "unread_count", "mark_read", "due_list", "unit_facts", "add_person",
           "step_reasons", "try_fees"}
"""What everybody of the estate may do, whatever their role."""


BEHIND = {"wake_readers", "put_fact", "tell", "deposit_names", "declared_facts", "nudge"}
"""What the doors themselves call once somebody has been let in."""


def doors() -> list[tuple[str, Callable[..., Any]]]:
    """Every public function of core/cases that is told an estate or the id of something."""
    found: list[tuple[str, Callable[..., Any]]] = []
    for info in pkgutil.iter_modules(core.cases.__path__):
        module = importlib.import_module(f"core.cases.{info.name}")
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_") and name not in BEHIND:
                given = list(inspect.signature(function).parameters)
                if given[:1] == ["desk"] and len(given) > 1 and (given[1] == "estate" or given[1].endswith("_id")) \
                        and name not in INSIDE:
                    found.append((name, function))
    return found


DOORS = doors()


@pytest.fixture
def busy(sqlite_house: House) -> tuple[House, dict[str, Any]]:
    """A house with a case half-way, and something plausible for every parameter."""
    house = sqlite_house
    case = house.begin()
    house.move_in(case, "inspect")
    view = house.view(case)
    paper = house.act("wang", voiding.reissue, house.documents(case, "covenant")[0].id, "姓名有误")  # nobody has signed it
    known = {"estate": JADE, "case_id": case, "unit_id": house.unit("3-2-501"), "document_id": paper.id,
             "receipt_id": view.money.receipts[0].id, "charge_id": view.money.charges[0].id,
             "person_id": view.parties[0].person_id, "person_ids": [view.parties[0].person_id], "procedure": "move_in",
             "step": "verify", "name": "paper_check", "raw": MOVE_IN["verify"], "results": {}, "marks": {}, "paper": "notice",
             "evidence": [], "party": "owner", "outcome": "granted", "reason": "试一试", "username": "liu", "methods": {"cash": 1},
             "fen": 1, "method": "cash", "signer": "owner", "image": INK, "scan": INK, "shown": paper.word, "day": NINE.date(),
             "on": NINE.date(), "counted_fen": 0, "data": {"name": "某人"}, "text": "林", "xlsx": b"", "kind": "file",
             "key": "verify", "value": 1, "notices": [], "parent_id": case, "code": "3-2-501", "said": {},
             "sha256": paper.word, "books": 1, "unit": None, "named": {}, "consent": None}
    return house, known


def called(house: House, who: str, function: Callable[..., Any], known: dict[str, Any]) -> Any:
    signature = inspect.signature(function)
    names = [name for name, said in list(signature.parameters.items())[1:] if said.default is inspect.Parameter.empty]
    given = {name: known[name] for name in names}
    if function.__name__ == "series_register" or function.__name__ == "series_of" or function.__name__ == "requisition":
        given["name"] = "certificate"
    if function.__name__ == "keep_upload":
        given |= {"data": INK, "kind": "ink"}
    return house.act(who, function, **given)


def test_a_stranger_finds_nothing_behind_any_door_and_cannot_tell_it_from_emptiness(busy) -> None:
    house, known = busy
    unknown = known | {name: "0" * 26 for name in known if name.endswith("_id")} | {"person_ids": ["0" * 26], "estate": "atlantis"}
    assert len(DOORS) > 45
    for name, function in DOORS:
        try:
            with pytest.raises(NotFound) as refused:
                called(house, "elm", function, known)
            with pytest.raises(NotFound) as empty:
                called(house, "elm", function, unknown)
        except BaseException as error:
            raise AssertionError(f"{name}: {error!r}") from error
        assert refused.value.what.replace(JADE, "*") == empty.value.what.replace("atlantis", "*"), name


def test_somebody_of_the_estate_without_the_role_is_refused_at_every_door_that_changes_something(busy) -> None:
    house, known = busy
    forbidden: set[str] = set()
    for name, function in DOORS:
        try:
            called(house, "zhou", function, known)
        except Forbidden:
            forbidden.add(name)
        except NotFound:
            # the hash named is a document's, not an attachment's; no such kind of file, of sub-case, no such fact
            assert name in ("fetch_upload", "template_of", "read_facts", "import_facts", "open_child", "confirm_fact"), name
            forbidden |= {name} - ANYBODY
    assert forbidden == {name for name, _ in DOORS} - ANYBODY


def test_the_owner_of_an_admin_account_holds_no_role(busy) -> None:
    house, known = busy
    from core.security.policy import Actor

    house.actors["root"] = Actor("user-root", "root", "管理员", admin=True)
    assert house.view(known["case_id"], "root").number == "RH-2026-00001"
    for function in (issuing.issue_all, lifecycle.complete, payments.pay, lifecycle.withdraw, lifecycle.hand_over):
        with pytest.raises(Forbidden):
            called(house, "root", function, known)


# ---------------------------------------------------------------- personal data


def test_personal_data_is_sealed_in_the_store_and_never_in_an_event(house: House) -> None:
    house.blanks()
    case = house.begin()
    house.move_in(case, "register")
    house.act("wang", filling.save_draft, case, "register", {**MOVE_IN["register"], "family": FAMILY})
    house.submit("wang", case, "register", {**MOVE_IN["register"], "family": FAMILY})
    house.act("wang", filling.save_draft, case, "register", {**MOVE_IN["register"], "family": FAMILY})
    house.submit("wang", case, "register", {**MOVE_IN["register"], "family": FAMILY, "plates": "京A12345"}, reason="补车牌")
    agent = house.person(JADE, name="代小理", id_number=CANARIES[3], phone=CANARIES[4])
    from core.cases.opening import set_party

    house.act("wang", set_party, case, "agent", agent)
    with house.at("wang") as desk:
        people = dict(reveal(desk, case))
    assert people["owner"]["id_number"] == OWNER["id_number"] and people["agent"]["phone"] == CANARIES[4]
    typed = f"{OWNER['name']}来电,{OWNER['phone']}，证件 {OWNER['id_number']}"
    house.act("zhao", lifecycle.suspend, case, typed)
    with house.reading() as desk:
        assert any(typed in row.what for row in history(desk, case))  # what people type is kept beside the chain, sealed
    with unit_of_work(house.office.sessions, readonly=True) as session:
        said = [json.dumps(row.data, ensure_ascii=False) for row in session.scalars(select(Event))]
        assert not [row for row in said for word in (*CANARIES, OWNER["name"], "代小理", "周小满", OWNER["address"]) if word in row]
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                raw = " ".join(cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in row)
                assert not [word for word in CANARIES if word in raw], table.name
        assert session.scalar(text("SELECT count(*) FROM submission WHERE sealed IS NOT NULL")) == 2
        assert events.verify_chain(session, JADE).whole


def test_looking_at_identity_numbers_needs_a_role_and_leaves_an_event(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.begin()
    view = house.view(case)
    assert (view.parties[0].id_number, view.parties[0].phone) == ("1101**********7758", "138****5678")
    with pytest.raises(Forbidden):
        house.act("chen", reveal, case)
    house.act("zhao", reveal, case)
    seen = house.rows(Event, kind="personal.revealed")
    assert [(row.by, row.data["persons"]) for row in seen] == [("user-zhao", [view.parties[0].person_id])]


def test_sensitive_answers_are_covered_for_those_who_do_not_work_on_the_step(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.trial("advance")
    house.submit("wang", case, "ask", {"pieces": 2, "urgent": False, "applicant_id": OWNER["id_number"]}, reason="补证件号")

    def shown(who: str) -> str:
        with house.reading(who) as desk:
            return next(str((one.text, one.masked)) for one in filling.form_view(desk, case, "ask").view.fields
                        if one.name == "applicant_id")

    assert OWNER["id_number"] in shown("wang") and OWNER["id_number"] not in shown("chen")


# ---------------------------------------------------------------- no event, no act


def test_when_the_event_cannot_be_written_the_act_has_not_happened(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.blanks("slip", ELM)
    paying, case = house.trial("advance"), house.begin("trial")
    house.mark_all(case, "ask")
    verdict = house.trial("verdict")
    paper = house.act("zhao", issuing.issue, verdict, "verdict", "protocol")
    counted = (Submission, Document, LedgerLine, PaperMark, SeriesNumber, CashDay)

    def state() -> list[Any]:
        rows = [len(house.rows(model)) for model in counted]
        return [*rows, *((row.state, row.signed, row.word) for row in house.rows(Document)), house.view(case).version]

    before = state()

    def broken(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("the audit table is full")

    from core.cases.cash import close_day

    monkeypatch.setattr(events, "append", broken)
    acts: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
        ("wang", filling.submit, (case, "ask", {"pieces": 1, "urgent": False})), ("chen", payments.pay, (paying, {"cash": None})),
        ("wang", papers.mark_paper, (case, "ask", "card", [])), ("zhao", voiding.void, (paper.id, "污损")),
        ("zhao", voiding.reissue, (paper.id, "污损")), ("zhao", signing.sign_paper, (paper.id, "owner", INK)),
        ("zhao", lifecycle.withdraw, (case, "放弃")), ("zhao", lifecycle.decide, (verdict, "verdict", "deny", "不实")),
        ("wang", stock.requisition, (ELM, "slip", 1, {"issued": 2, "void": 0, "left": 0})), ("zhao", reveal, (case,)),
        ("chen", close_day, (ELM, NINE.date(), 2600, "试"))]
    for who, function, given in acts:
        with pytest.raises(StoreUnavailable):
            house.act(who, function, *given)
    monkeypatch.undo()
    assert state() == before


# ---------------------------------------------------------------- plugins are told afterwards


def test_a_plugin_hears_of_a_change_after_the_commit_and_can_read_the_case(tmp_path, sqlite_url: str) -> None:
    heard: list[tuple[str, Any, Any, Any]] = []

    class Listener:
        @hookimpl
        def case_changed(self, case, change, details):
            heard.append((change, case.unit.code, case.parties["owner"][0].name, case.forms.get("verify")))
            if change == "form.submitted":
                raise RuntimeError("a plugin that stumbles")

    definitions = load(tmp_path)
    definitions[0].manager.register(Listener(), "listener")
    house = furnished(tmp_path, sqlite_url, definitions)
    case = house.begin()
    assert heard[0][:3] == ("party.added", "3-2-501", "林婉清") and heard[1][0] == "case.opened"
    house.mark_all(case, "verify")
    house.submit("wang", case, "verify", MOVE_IN["verify"])
    assert house.view(case).step("verify").submitted  # its stumbling stops nobody
    assert heard[-1][0] == "document.issued" and heard[-1][3]["cards"] == 2
    assert definitions[0].failures["listener", "case_changed"] == 1
