"""What `check` says of a template before any customer waits for it."""

from __future__ import annotations

from core.documents.template_check import check_template
from tests.documents.word_templates import with_table, with_text

DECLARED = {
    "company": {"name": ""},
    "form": {"name": "", "phone": "", "items": [{"room": "", "fee": ""}], "tags": [""]},
}
LONGEST = {
    "company": {"name": "长" * 60},
    "form": {
        "name": "欧阳" * 20,
        "phone": "1" * 20,
        "tags": ["甲"] * 9,
        "items": [{"room": "房" * 30, "fee": "99999999.99"}] * 40,
    },
}


def test_a_fitting_template_has_no_problems() -> None:
    data = with_table(
        ("{%tr for r in form.items %}", ""),
        ("{{ r.room }}", "{{ r.fee|money }}"),
        ("{%tr endfor %}", ""),
        before=("{{ form.name }} {{ form.phone }} {{ form.tags|join }}", "{{ company.name }}"),
    )
    assert check_template(data, DECLARED, LONGEST) == []


def test_unknown_names_are_errors_with_place_and_nearest_word() -> None:
    problems = check_template(
        with_text(
            "前",
            "致 {{ form.nmae }}:",
            "{% for r in form.items %}{{ r.rom }}{% endfor %}",
            header="{{ compnay.name }}",
        ),
        DECLARED,
    )
    errors = [(p.part, p.paragraph, p.what, p.remedy) for p in problems if p.level == "error"]
    assert errors == [
        ("word/document.xml", 2, "没有声明 form.nmae(nmae 未知)", "是否指 name?"),
        ("word/document.xml", 3, "没有声明 form.items[].rom(rom 未知)", "是否指 room?"),
        ("word/header1.xml", 1, "没有声明 compnay.name(compnay 未知)", "是否指 company?"),
    ]
    assert "{{ form.nmae }}" in problems[0].words


def test_declared_but_never_printed_is_a_note() -> None:
    notes = [p.what for p in check_template(with_text("{{ form.name }}"), DECLARED) if p.level == "note"]
    assert [note.split("，")[0] for note in notes] == [
        "声明了 company.name",
        "声明了 form.phone",
        "声明了 form.items[].room",
        "声明了 form.items[].fee",
        "声明了 form.tags",
    ]


def test_a_guarded_unknown_is_only_a_note() -> None:
    problems = check_template(with_text("{{ form.extra|default('') }}"), DECLARED)
    assert [(p.level, p.number) for p in problems if "extra" in p.what] == [("note", 3120)]


def test_syntax_is_told_by_paragraph() -> None:
    [problem] = check_template(with_text("一", "二", "{% if form.name %}三"), DECLARED)
    assert (problem.level, problem.number, problem.part) == ("error", 3110, "word/document.xml")
    [problem] = check_template(with_text("一", "价 {{ form.name|mony }}"), DECLARED)
    assert (problem.paragraph, problem.number, problem.remedy) == (2, 3113, "是否指 money?")
    assert "3113" in str(problem) and "第 2 段" in str(problem)


def test_values_that_do_not_fit_are_found_by_rendering() -> None:
    problems = check_template(with_text("一", "{{ form.name|money }}"), DECLARED, LONGEST)
    assert [(p.number, p.paragraph) for p in problems if p.level == "error"] == [(3122, 2)]


def test_subdocuments_are_told() -> None:
    assert 3123 in [p.number for p in check_template(with_text("{{p form.name }}"), DECLARED)]
