"""Values by building, building type, use, layout or person type: settled for each kind of unit before layers are merged."""

from __future__ import annotations

import pytest

from core.cases import filling
from core.definitions.choices import choices_in, kind_of, kinds_of, settled
from core.definitions.reader import read_bytes
from core.errors import DefinitionErrors, InvalidInput
from core.store.models import Case, Person
from tests.cases_kit import ELM
from tests.language_kit import office, procedures


def tree(text: str):
    return read_bytes(text.encode(), "x.yaml")


def plain(text: str, **kind: str):
    found = settled(tree(text), kind)
    return found.plain if found else None


# ---------------------------------------------------------------- one file


@pytest.mark.parametrize(("text", "kind", "wanted"), [
    ("months: {by: building, values: {3: 6}, default: 3}", {"building": "3"}, {"months": 6}),
    ("months: {by: building, values: {3: 6}, default: 3}", {"building": "4"}, {"months": 3}),
    ("months: {by: building, values: {3: 6}, default: 3}", {}, {"months": 3}),
    ("months: {by: building, values: {3: 6}}", {}, {}),
    ("a: [1, {by: use, values: {shop: 2}}, 3]", {"use": "shop"}, {"a": [1, 2, 3]}),
    ("a: [1, {by: use, values: {shop: 2}}, 3]", {}, {"a": [1, 3]}),
    ("{by: use, values: {shop: {a: 1}}}", {"use": "shop"}, {"a": 1}),
    ("{by: use, values: {shop: {a: 1}}}", {}, None),
    ("a: {by: use, values: {shop: {by: building, values: {2: x}, default: y}}}", {"use": "shop", "building": "2"}, {"a": "x"}),
    ("a: {by: use, values: {shop: {by: building, values: {2: x}, default: y}}}", {"use": "shop"}, {"a": "y"}),
    ("due: {by: grade.grade, values: {major: {days: 1}}}", {}, {"due": {"by": "grade.grade", "values": {"major": {"days": 1}}}}),
    ("a: {by: use, values: {shop: 1}, when: x}", {"use": "shop"}, {"a": {"by": "use", "values": {"shop": 1}, "when": "x"}}),
])
def test_a_choice_is_settled(text, kind, wanted):
    assert plain(text, **kind) == wanted


def test_what_a_file_goes_by():
    named, problems = choices_in(tree("""
        a: {by: building, values: {1: x, 2: y}}
        b: {by: building, values: {3: z}}
        c: {by: use, values: {shop: 1}}"""))
    assert named == {"building": ("1", "2", "3"), "use": ("shop",)}
    assert not problems
    assert len(kinds_of(named)) == 8
    assert kinds_of(named)[0] == ()
    assert kind_of(named, {"building": "2", "use": "home"}) == (("building", "2"),)
    assert kind_of(named, {"use": "shop", "layout": "B"}) == (("use", "shop"),)


def test_every_kind_of_a_unit_is_among_the_combinations():
    named = {"use": ("home", "shop"), "building": ("1", "2")}
    for use in ("home", "shop", "parking", ""):
        for building in ("1", "2", "9", ""):
            assert kind_of(named, {"use": use, "building": building}) in kinds_of(named)


@pytest.mark.parametrize(("text", "column", "says"), [
    ("a: {by: buildng, values: {1: x}}", 9, "building"),
    ("a: {by: person_type, values: {agent: x}}", 31, "agent"),
])
def test_a_wrong_choice_is_told_at_its_place(text, column, says):
    _, [problem] = choices_in(tree(text))
    assert (problem.mark.line, problem.mark.column, problem.number) == (1, column, 1230)
    assert says in str(problem)


# ---------------------------------------------------------------- a procedure


JOB = {
    "procedure.yaml": """
        parties: {owner: {title: 业主, kind: either, from: unit.owners}}
        steps:
          - {name: ask, title: ask, role: service, form: ask}
          - {by: building, values: {9: {name: stairs, title: stairs, role: security, requires: [ask]}}}
          - {name: pay, title: pay, role: finance, requires: [ask], fees: deposit}
    """,
    "forms/ask.yaml": """
        form: ask
        title: {by: person_type, values: {company: 单位申请}, default: 申请}
        fields:
          - {name: contact, title: c, type: text, required: {by: person_type, values: {company: true}, default: false}}
    """,
    "fee_schedule.yaml": """
        fees: [{name: deposit, title: 押金, stage: deposit, amount: {by: building, values: {9: "500"}, default: "1000"}}]
    """,
}


def test_a_unit_gets_what_its_kind_says(tmp_path, database_url):
    with_ = office(tmp_path, database_url, {"job": JOB})
    library = with_.office.library
    assert set(library.goes_by(ELM, "job")) == {"building", "person_type"}
    assert len(library.kinds(ELM, "job")) == 4
    usual, other = with_.open("job", "3-2-501"), with_.open("job", "9-1-1001")
    assert len({row.pin for row in with_.rows(Case)}) == 2
    with_.act("wang", filling.submit, usual, "ask", {})
    with pytest.raises(InvalidInput):  # a firm names somebody to talk to
        with_.act("wang", filling.submit, other, "ask", {})
    with_.act("wang", filling.submit, other, "ask", {"contact": "周会计"})
    assert with_.statuses(usual) == {"ask": "done", "pay": "open"}
    assert with_.statuses(other) == {"ask": "done", "stairs": "open", "pay": "open"}
    assert [with_.view(case, "elm").money.due_fen for case in (usual, other)] == [100000, 50000]


def test_who_is_named_counts_before_the_register_of_the_unit(tmp_path, database_url):
    with_ = office(tmp_path, database_url, {"job": JOB})
    firm = with_.rows(Person, estate=ELM, kind="company")[0]
    case = with_.open("job", "3-2-501", parties={"owner": [firm.id]})
    with pytest.raises(InvalidInput):
        with_.act("wang", filling.submit, case, "ask", {})


def mistakes(tmp_path, **files: str) -> list[str]:
    with pytest.raises(DefinitionErrors) as caught:
        procedures(tmp_path, {"job": {**JOB, **{name.replace("__", "/") + ".yaml": text for name, text in files.items()}}})
    return [str(problem) for problem in caught.value.problems]


def test_every_kind_is_checked(tmp_path):
    [problem] = mistakes(tmp_path, fee_schedule="""
        fees:
          - name: deposit
            title: 押金
            stage: deposit
            amount: {by: building, values: {9: "a lot"}, default: "1000"}
    """)
    assert "fee_schedule.yaml:6:" in problem


def test_too_many_combinations_are_refused(tmp_path):
    many = ", ".join(f"{one}: '{one}'" for one in range(1, 60))
    problems = mistakes(tmp_path, fee_schedule=f"""
        fees:
          - name: deposit
            title: 押金
            stage: deposit
            amount: {{by: building, values: {{{many}}}, default: "1000"}}
    """)
    assert any("SX-1224" in problem for problem in problems)


def test_what_one_kind_uses_is_not_unused(tmp_path):
    procedures(tmp_path, {"job": {**JOB, "procedure.yaml": JOB["procedure.yaml"] + """
          - {by: building, values: {9: {name: note, title: note, role: service, form: note, requires: [pay]}}}
    """, "forms/note.yaml": """
        form: note
        title: note
        fields: [{name: said, title: s, type: text}]
    """}})
