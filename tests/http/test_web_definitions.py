"""The pages of what counts at the estate: for estate IT and the manager; fees tried, templates checked, changes shown."""

from __future__ import annotations

import io
import threading
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from webtest import Upload

from core.cases.definitions import read_library
from core.definitions.differing import differences
from core.documents import trial
from core.settings import SHIPPED
from core.web import definitions as pages

HERE = "/e/jade_garden/definitions"
TEMPLATES = SHIPPED / "document_templates" / "move_in"


@pytest.mark.parametrize("who", ["zhou", "zhao"])
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_the_pages_open_in_both_languages_and_are_in_the_menu(house: Any, who: str, locale: str) -> None:
    browser = house.browser(who)
    browser.set_cookie("shouxu_locale", locale)
    try:
        assert HERE in browser.get("/e/jade_garden/")
        for name in house.office.library.procedures("jade_garden"):
            page = browser.get(f"{HERE}/{name}")
            assert "<h1" in page and ('<html lang="en">' in page) == (locale == "en")
        for path in ("", "/move_in/try", "/move_in/templates", "/repairs/try"):
            assert "<h1" in browser.get(HERE + path)
    finally:
        browser.set_cookie("shouxu_locale", "zh_CN")


def test_others_do_not_see_them(house: Any) -> None:
    for who in ("wang", "chen", "li"):
        assert HERE not in house.browser(who).get("/e/jade_garden/")
        for path in ("", "/move_in", "/move_in/try", "/move_in/templates", "/move_in/templates/receipt.docx"):
            assert house.browser(who).get(HERE + path, status="*").status_int == 403
    assert house.browser("stranger").get(HERE, status="*").status_int == 404
    assert house.browser("zhou").get(f"{HERE}/nothing", status="*").status_int == 404
    assert house.browser("zhou").get(f"{HERE}?other=nowhere", status="*").status_int == 404
    assert house.browser("zhou").get(f"{HERE}/move_in/templates/nothing.docx", status="*").status_int == 404


def test_every_fee_and_every_change_stands_on_the_page(house: Any) -> None:
    library, page = house.office.library, house.browser("zhou").get(f"{HERE}/move_in")
    bundle = library.bundle("jade_garden", "move_in")
    for fee in bundle.fees:
        assert fee.title.zh in page and (fee.source or "费用") in page
    for one in bundle.required_documents:
        assert all(item.title.zh in page for item in one.items)
    found = [one for one in differences(library, (), "jade_garden") if one.procedure == "move_in"]
    assert len(page.html.select("section[aria-labelledby=changes] tbody tr")) == len(found) > 20
    marked = [row.text for row in page.html.select("section[aria-labelledby^=list] li") if "本项目改动" in row.text]
    assert any("入户门扇、门框" in text for text in marked) and not any("厨房" in text and "改动" not in text for text in marked)
    assert "checklists.yaml:" in page


def test_two_estates_side_by_side(house: Any) -> None:
    page = house.browser("root").get(HERE, {"other": "far_garden"})
    found = differences(house.office.library, (), "jade_garden", "far_garden")
    assert len(page.html.select("section[aria-labelledby=compare] tbody tr")) == len(found) > 20


# ---------------------------------------------------------------- trying fees


def tried(house: Any, procedure: str, unit: str, **values: str) -> Any:
    browser = house.browser("zhao")
    form = house.form(browser.get(f"{HERE}/{procedure}/try"), "/try")
    form["unit"] = unit
    for name, value in values.items():
        form[name] = value
    return form.submit(status="*")


def test_fees_are_reckoned_as_in_a_case(house: Any) -> None:
    page = tried(house, "move_in", "1-1-101", **{"f-verify__fee_from": "2026-03-01", "f-verify__cards": "2"})
    assert page.status_int == 200
    rows = {row.select_one("td").contents[0].strip(): row.select("td")[-1].text.strip() for row in page.html.select("tbody tr")}
    with house.office.sessions() as session:
        from core.store.models import Unit

        unit = session.query(Unit).filter_by(estate="jade_garden", code="1-1-101").one()
        area, kind = unit.area, unit.building_type
    fees = {fee.title.zh: fee for fee in house.office.library.bundle("jade_garden", "move_in").fees}
    lift = next(title for title, fee in fees.items() if fee.name == "property_fee")
    wanted = (Decimal(fees[lift].rate or "0") * area * 3).quantize(Decimal("0.01"))
    assert rows[lift].replace(",", "") == str(wanted)
    deposit = next(title for title, fee in fees.items() if fee.name == "fit_out_deposit")
    assert rows[deposit].replace(",", "") == f"{fees[deposit].amounts[kind]}.00"
    assert "计费期间" in page and "2026-03-01 – 2026-05-31" in page
    card = next(title for title, fee in fees.items() if fee.name == "card_fee")
    assert rows[card] == "30.00"


def test_what_is_missing_or_does_not_apply_is_said(house: Any) -> None:
    page = tried(house, "move_in", "1-1-101")
    assert page.status_int == 200 and "verify.fee_from" in page and "不适用：verify.cards &gt; 0" in page
    page = tried(house, "move_in", "9-9-999")
    assert page.status_int == 422 and "没有房屋“9-9-999”" in page
    page = tried(house, "move_in", "1-1-101", **{"f-verify__cards": "many"})
    assert page.status_int == 422 and not page.html.select("section[aria-labelledby=result]")


def test_every_procedure_with_fees_can_be_tried(house: Any) -> None:
    seen = 0
    for name in house.office.library.procedures("jade_garden"):
        fees = house.office.library.bundle("jade_garden", name).fees
        page = tried(house, name, "1-1-101") if fees else None
        if page is not None:
            seen += 1
            assert len(page.html.select("section[aria-labelledby=result] tbody tr")) == len(fees), name
    assert seen >= 4


def test_trying_leaves_nothing_behind(house: Any) -> None:
    from core.store.models import Case, Charge, Event

    def counted() -> list[int]:
        with house.office.sessions() as session:
            return [session.query(model).count() for model in (Case, Charge, Event)]

    house.browser("zhao")
    before = counted()
    tried(house, "move_in", "1-1-101", **{"f-verify__fee_from": "2026-03-01"})
    assert counted() == before


# ---------------------------------------------------------------- templates


def changed(name: str, words: str) -> bytes:
    """The shipped template with one more paragraph."""
    template = Document(str(TEMPLATES / name))
    template.add_paragraph(words)
    target = io.BytesIO()
    template.save(target)
    return target.getvalue()


def checked(house: Any, data: bytes, action: str = "check", name: str = "key_custody.docx") -> Any:
    browser = house.browser("zhou")
    form = house.form(browser.get(f"{HERE}/move_in/templates"), "/templates")
    form["name"] = name
    form["file"] = Upload("mine.docx", data)
    fields = [(key, value) for key, value in form.submit_fields() if key != "action"]
    return browser.post(form.action or f"{HERE}/move_in/templates", [*fields, ("action", action)], status="*",
                        content_type="multipart/form-data") if action == "put" else form.submit("action", value=action, status="*")


def own(house: Any) -> Path:
    return house.office.library.estate("jade_garden").folder / "document_templates/move_in/key_custody.docx"


def test_a_right_template_passes_and_is_not_put_anywhere(house: Any) -> None:
    page = checked(house, changed("key_custody.docx", "枫园 {{ unit.code }}"))
    assert page.status_int == 200 and "检查通过" in page
    assert "document_templates/move_in/key_custody.docx" in page
    assert not own(house).exists()
    assert "放入项目文件夹" not in house.browser("zhou").get(f"{HERE}/move_in/templates")


def test_a_wrong_template_is_told_as_check_tells_it(house: Any) -> None:
    page = checked(house, changed("key_custody.docx", "{{ parties.owner.nmae }}"))
    assert page.status_int == 422 and "SX-3120" in page and "nmae" in page and "name" in page
    report = checked(house, changed("key_custody.docx", "{{ parties.owner.nmae }}"), "report")
    assert report.content_type == "text/plain" and "SX-3120" in report.text
    assert "没有发现问题" in checked(house, changed("key_custody.docx", "好"), "report").text


def test_a_wrong_template_comes_back_with_comments(house: Any) -> None:
    answer = checked(house, changed("key_custody.docx", "{{ parties.owner.nmae }}"), "annotate")
    assert answer.status_int == 200 and "attachment" in answer.headers["Content-Disposition"]
    [comment] = Document(io.BytesIO(answer.body)).comments
    assert comment.author == "手续" and "nmae" in comment.text
    assert "检查通过" in checked(house, changed("key_custody.docx", "好"), "annotate")
    assert "SX-3101" in checked(house, b"PK not a file", "annotate"), "nothing to comment on: the page tells"


def test_faults_are_told_in_the_language_of_the_reader(house: Any) -> None:
    browser = house.browser("zhou")
    browser.set_cookie("shouxu_locale", "en")
    try:
        page = checked(house, changed("key_custody.docx", "{{ parties.owner.nmae }}"))
        assert "is not declared" in page and "name perhaps?" in page and "没有声明" not in page
    finally:
        browser.set_cookie("shouxu_locale", "zh_CN")


def test_what_asks_for_too_much_is_stopped_in_its_child(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.walkthroughs import template_rehearsal

    monkeypatch.setattr(template_rehearsal, "tried", partial(trial.tried, limits=trial.Limits(seconds=0.01)))
    page = checked(house, changed("key_custody.docx", "好"))
    assert page.status_int == 422 and "SX-3130" in page and "已停止" in page


def test_while_others_are_tried_the_page_says_so_and_keeps_the_form(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(trial, "PATIENCE", 0.01)
    with trial._turn():
        page = checked(house, changed("key_custody.docx", "好"))
    assert page.status_int == 503 and "SX-3132" in page and page.html.select_one("#f-file") is not None
    assert checked(house, changed("key_custody.docx", "好")).status_int == 200


@pytest.mark.parametrize("data", [b"", b"not a file", b"PK\x03\x04 broken"])
def test_junk_is_refused(house: Any, data: bytes) -> None:
    page = checked(house, data)
    assert page.status_int == 422 and not own(house).exists()


def test_too_large_and_unknown_are_refused(house: Any) -> None:
    assert "5 MB" in checked(house, b"x" * (pages.MOST_TEMPLATE + 1))
    browser = house.browser("zhou")
    form = house.form(browser.get(f"{HERE}/move_in/templates"), "/templates")
    form["name"].force_value("../../x.docx")
    form["file"] = Upload("mine.docx", b"x")
    assert form.submit("action", value="check", status="*").status_int == 422


def test_it_is_put_into_the_folder_only_where_that_is_allowed(house: Any) -> None:
    data = changed("key_custody.docx", "枫园")
    assert checked(house, data, "put").status_int == 403 and not own(house).exists()
    settings = house.office.settings
    house.office.settings = settings.model_copy(update={"allow_template_upload": True})
    try:
        assert checked(house, changed("key_custody.docx", "{{ nobody }}"), "put").status_int == 422 and not own(house).exists()
        page = checked(house, data, "put")
        assert page.status_int == 200 and "已放入项目文件夹" in page
        assert own(house).read_bytes() == data and [one.name for one in own(house).parent.iterdir()] == ["key_custody.docx"]
    finally:
        house.office.settings = settings
        own(house).unlink(missing_ok=True)


def test_of_two_who_put_a_template_the_second_is_told(house: Any) -> None:
    settings = house.office.settings
    house.office.settings = settings.model_copy(update={"allow_template_upload": True})
    try:
        first, second = (house.form(house.browser(who).get(f"{HERE}/move_in/templates"), "/templates") for who in ("zhou", "zhao"))
        for form, words in ((first, "先放的"), (second, "后放的")):
            form["name"] = "key_custody.docx"
            form["file"] = Upload("mine.docx", changed("key_custody.docx", words))
        assert "已放入项目文件夹" in first.submit("action", value="put", status="*")
        kept = own(house).read_bytes()
        page = second.submit("action", value="put", status="*")
        assert page.status_int == 409 and "刚被同事换过" in page and own(house).read_bytes() == kept
        again = house.form(page, "/templates")
        again["name"] = "key_custody.docx"
        again["file"] = Upload("mine.docx", changed("key_custody.docx", "看过了"))
        assert again.submit("action", value="put", status="*").status_int == 200 and own(house).read_bytes() != kept
    finally:
        house.office.settings = settings
        own(house).unlink(missing_ok=True)


def test_the_template_that_counts_can_be_fetched(house: Any) -> None:
    answer = house.browser("zhou").get(f"{HERE}/move_in/templates/key_custody.docx")
    assert answer.body == (TEMPLATES / "key_custody.docx").read_bytes()
    assert "attachment" in answer.headers["Content-Disposition"]


def test_what_is_put_at_words_is_shown_and_the_file_comes_as_it_is(house: Any) -> None:
    office = house.office
    before, rule = office.library, office.library.estate("jade_garden").folder / "form_definitions/move_in/documents.yaml"
    rule.write_text("placements:\n  - {name: area, template: key_custody.docx, at: 上列房屋的钥匙, put: unit.area, where: before}\n",
                    encoding="utf-8")
    try:
        office.take(read_library(office.settings, office.plugins, before))
        assert "「上列房屋的钥匙」之前放 unit.area" in house.browser("zhou").get(f"{HERE}/move_in")
        answer = house.browser("zhou").get(f"{HERE}/move_in/templates/key_custody.docx")
        assert answer.body == (TEMPLATES / "key_custody.docx").read_bytes()
        printed = office.template(office.library.bundle("jade_garden", "move_in").templates["key_custody.docx"])
        assert any("保管{{ unit.area }}上列房屋的钥匙" in one.text for one in Document(io.BytesIO(printed)).paragraphs)
        assert "检查通过" in checked(house, changed("key_custody.docx", "好"))
        page = checked(house, changed("key_custody.docx", "上列房屋的钥匙"))
        assert page.status_int == 422 and "SX-3141" in page and "出现 2 次" in page
    finally:
        rule.unlink()
        office.take(before)
