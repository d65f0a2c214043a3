"""Why a step is closed, open, done or skipped: reasons, rules with their values, places, people and time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from core.cases import lifecycle, payments
from core.cases.step_reasons import HIDDEN, StepReasons, find_case, step_reasons
from core.cli.installation import counter, installed_office
from core.cli.program import shouxu
from core.definitions.library import Library
from core.errors import NotFound
from tests.cases_kit import ELM, JADE, House
from tests.language_kit import office
from tests.remembered_kit import remembering


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str):
    """Makes an office that offers one procedure, `job`."""
    made: list[Any] = []

    def make(said: Any) -> Any:
        one = office(tmp_path, sqlite_url, {"job": said})
        made.append(one)
        return one

    yield make
    for one in made:
        one.office.sessions.kw["bind"].dispose()


def why(there: Any, case: str, step: str, by: str = "elm") -> StepReasons:
    with there.reading(by) as desk:
        return step_reasons(desk, case, step)


def text_at(place: Any) -> str:
    return Path(place.file).read_text(encoding="utf-8").splitlines()[place.line - 1]


ORDER = {
    "procedure.yaml": """
        source: S9 A1
        steps:
          - {name: ask, title: 申请, role: service, form: ask, source: S9 A1 §1}
          - name: look
            title: 查看
            role: engineering
            requires: [ask]
            when: ask.deep == true
            source: S9 A1 §2
          - {name: finish, title: 办结, role: manager, requires: [look], until: "ask.pieces > 3 && ask.phone != ''"}
        """,
    "forms/ask.yaml": """
        form: ask
        title: 申请表
        source: S9 B7
        fields:
          - {name: deep, title: 是否深入, type: yes_no}
          - {name: pieces, title: 件数, type: integer}
          - {name: phone, title: 电话, type: phone}
        """,
}


def test_what_must_come_first_and_where_it_says_so(house: Any) -> None:
    there = house(ORDER)
    found = why(there, there.open("job"), "look")
    assert (found.status, found.step_title, found.roles, found.people) == ("closed", "查看", ("engineering",), ("李建国", "榆园的人"))
    [because] = found.because
    assert (because.kind, because.closed, because.message, because.place.source) == ("requires", True, "先办完“申请”", "S9 A1 §2")
    assert "requires: [ask]" in text_at(because.place) and because.place.layer == "plugin"


def test_what_an_open_step_still_needs(house: Any) -> None:
    there = house(ORDER)
    found = why(there, there.open("job"), "ask")
    assert found.status == "open" and found.since is not None
    [because] = found.because
    assert (because.kind, because.closed, because.place.source) == ("form", False, "S9 B7")
    assert because.place.file.endswith("forms/ask.yaml")


def test_a_skipped_step_shows_its_rule_and_what_it_read(house: Any) -> None:
    there = house(ORDER)
    case = there.open("job")
    there.submit("elm", case, "ask", {"deep": False, "pieces": 2, "phone": "13812345678"})
    found = why(there, case, "look")
    assert found.status == "skipped" and not found.because
    [rule] = found.rules
    assert (rule.key, rule.holds, rule.text) == ("when", False, "ask.deep == true")
    assert [(value.name, value.title, value.value) for value in rule.values] == [("ask.deep", "申请：是否深入", False)]
    assert "when: ask.deep == true" in text_at(rule.place)


def test_values_of_people_are_not_shown(house: Any) -> None:
    there = house(ORDER)
    case = there.open("job")
    there.submit("elm", case, "ask", {"deep": False, "pieces": 2, "phone": "13812345678"})
    found = why(there, case, "finish")
    assert found.status == "open" and [one.kind for one in found.because] == ["until"]
    assert {value.name: value.value for value in found.rules[0].values} == {"ask.pieces": 2, "ask.phone": HIDDEN}
    assert "13812345678" not in json.dumps(found.as_data(), default=str)


def test_a_done_step_says_since_when_and_by_whom(house: Any) -> None:
    there = house(ORDER)
    case = there.open("job")
    there.submit("elm", case, "ask", {"deep": True, "pieces": 4, "phone": "13812345678"})
    found = why(there, case, "ask")
    assert (found.status, found.by, found.because) == ("done", "榆园的人", ()) and found.since is not None
    assert why(there, case, "look").by_hand


def test_time_and_who_may_pass_the_condition(house: Any) -> None:
    there = house("""
        steps:
          - {name: accept, title: 接收, role: service}
          - name: refund
            title: 退款
            role: finance
            requires: [accept]
            opens: {after: accept.done, months: 1}
            override: {role: manager}
    """)
    case = there.open("job")
    there.done(case, "accept")
    found = why(there, case, "refund")
    assert [(one.kind, one.closed) for one in found.because] == [("wait", True)]
    assert "opens:" in text_at(found.because[0].place)
    assert found.override == ("manager",)
    [timer] = found.timers
    assert (timer.kind, timer.state, f"{timer.at:%Y-%m}") == ("opens", "waiting", "2026-04")


def test_an_override_of_the_estate_is_named_and_that_the_case_began_before(house: Any, tmp_path: Path) -> None:
    there = house(ORDER)
    case = there.open("job")
    there.submit("elm", case, "ask", {"deep": False, "pieces": 2, "phone": "13812345678"})
    assert not why(there, case, "finish").newer
    own = tmp_path / "estates/acme" / ELM / "form_definitions/job"
    own.mkdir(parents=True)
    (own / "procedure.yaml").write_text("steps:\n  - {name: finish, role: manager, until: ask.pieces > 5}\n", encoding="utf-8")
    there.office.library = Library.load(there.office.library.sources.values(), tmp_path / "estates")
    found = why(there, case, "finish")
    assert [(one.kind, one.place.layer, one.place.line) for one in found.because] == [("until", "estate", 2)]
    assert found.newer and found.rules[0].text.startswith("ask.pieces > 3")


def test_every_kind_of_reason_in_a_move_in_has_a_place(sqlite_house: House) -> None:
    case = sqlite_house.begin()
    seen: dict[str, Any] = {}
    for act in (lambda: None, lambda: sqlite_house.mark_all(case, "verify"), lambda: sqlite_house.move_in(case, "pay")):
        act()
        names = [step.name for step in sqlite_house.view(case).steps]
        with sqlite_house.reading() as desk:
            seen |= {one.kind: one for name in names for one in step_reasons(desk, case, name).because}
    assert {"requires", "paper", "form", "fee"} <= seen.keys()
    for because in seen.values():
        assert because.place.line and because.place.source and Path(because.place.file).is_file()
    assert "name:" in text_at(seen["paper"].place)


def test_cases_by_number(sqlite_house: House) -> None:
    case = sqlite_house.begin()
    with sqlite_house.reading() as desk:
        number = step_reasons(desk, case, "verify").case_number
        assert find_case(desk, number) == find_case(desk, case) == find_case(desk, number, JADE) == case
        for said, estate in (("RH-1", None), (number, ELM)):
            with pytest.raises(NotFound):
                find_case(desk, said, estate)
        with pytest.raises(NotFound):
            step_reasons(desk, case, "nothing")
    with sqlite_house.reading("elm") as desk, pytest.raises(NotFound):
        step_reasons(desk, case, "verify")


def test_money_that_is_due(sqlite_house: House) -> None:
    case = sqlite_house.trial("advance")
    with sqlite_house.reading() as desk:
        found = step_reasons(desk, case, "advance")
    assert [(one.kind, one.place.line > 0) for one in found.because] == [("fee", True)]
    sqlite_house.act("chen", payments.pay, case, {"cash": None})
    sqlite_house.act("zhao", lifecycle.withdraw, case, "不办了")
    with sqlite_house.reading() as desk:
        assert step_reasons(desk, case, "advance").case_state == "withdrawn"


# ---------------------------------------------------------------- the command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    monkeypatch.delenv("SHOUXU_SECRET", raising=False)

    def run(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(shouxu, list(arguments), prog_name="shouxu")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run


def test_the_command(run: Any) -> None:
    from core.cases.opening import open_case
    from core.cases.registration import import_units
    from core.settings import SHIPPED
    from core.store.models import Unit

    there = installed_office()
    with counter(there) as desk:
        book = (SHIPPED / "estates" / "cuiwei" / JADE / "units.xlsx").read_bytes()
        import_units(desk, JADE, book, only=lambda code: code == "1-1-101")
        desk.session.flush()
        number = open_case(desk, JADE, "move_in", desk.session.query(Unit).one().id).number
    there.sessions.kw["bind"].dispose()
    said = run("why", number, "keys").stdout
    assert "未开放" in said and "先办完“" in said and "form_definitions/move_in/procedure.yaml:" in said and "依据 S" in said
    whole = run("why", number).stdout
    assert "verify" in whole and "可办理" in whole
    found = json.loads(run("why", number, "keys", "--json", "--estate", JADE).stdout)
    assert found["status"] == "closed" and found["because"][0]["place"]["layer"] == "plugin"
    assert json.loads(run("why", number, "--json").stdout)[0]["step"] == "verify"
    assert "SX-2004" in run("why", "RH-0", "keys", code=1).stderr
    assert "SX-2004" in run("why", number, "nothing", code=1).stderr
