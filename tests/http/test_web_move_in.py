"""The whole move-in by plain forms, without a script: every act of a counter day as a browser sends it."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image, ImageDraw

VERIFY = {"f-notice_deadline": "2026-03-31", "f-fee_from": "2026-03-01", "f-cards": "2"}


def ink() -> str:
    """A drawn line as the signature pad sends it."""
    picture = Image.new("RGBA", (300, 90), (255, 255, 255, 0))
    ImageDraw.Draw(picture).line((20, 70, 120, 20, 280, 60), fill=(16, 20, 24, 255), width=5)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return "data:image/png;base64," + base64.b64encode(target.getvalue()).decode()


def scan() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (400, 600), "white").save(target, "JPEG")
    return target.getvalue()


class Counter:
    """One case, and the staff who work on it."""

    def __init__(self, house, case: str) -> None:
        self.house, self.id = house, case

    def page(self, who: str, rest: str):
        return self.house.browser(who).get(self.house.case(self.id, rest))

    def step(self, who: str, name: str):
        return self.page(who, f"/steps/{name}")

    def send(self, page, ending: str, button=None, value=None, status="*", **values):
        form = self.house.form(page, ending)
        for name, said in values.items():
            form[name] = said
        return form.submit(button, value=value, status=status) if button else form.submit(status=status)

    def fill(self, who: str, step: str, values: dict, button: str = "submit"):
        form = self.house.form(self.step(who, step), f"/steps/{step}/form")
        for name, said in values.items():
            if isinstance(said, list):
                for box in form.fields[name]:
                    box.checked = box._value in said
            else:
                form[name] = said
        return form.submit("action", value=button, status="*")

    def issue(self, who: str, step: str):
        return self.send(self.page(who, f"/steps/{step}/issue"), f"/steps/{step}/issue")

    def sign(self, who: str, step: str, way: str = "ink", **fields):
        """Sign everything on the step's page that may be signed now, until no button is left."""
        for _ in range(20):
            links = [link.attrs["href"] for link in self.step(who, step).html.select("a[href*='/documents/'][href*='/sign/']")]
            if not links:
                return
            page = self.house.browser(who).get(links[0])
            form = self.house.form(page, f"/{way}")
            for name, said in (fields or ({"ink": ink()} if way == "ink" else {})).items():
                form[name] = said
            assert form.submit(status="*").status_int == 303
        raise AssertionError("still something to sign")


@pytest.fixture(scope="module")
def counter(house):
    return Counter(house, house.open_case("2-3-602"))


def test_1_wrong_field_keeps_what_was_typed(counter):
    page = counter.fill("wang", "verify", {**VERIFY, "f-notice_deadline": "", "f-remarks": "带了全部原件"})
    assert page.status_int == 422
    assert "带了全部原件" in page and 'href="#f-notice_deadline"' in page
    assert page.html.select_one("#f-notice_deadline")["aria-invalid"] == "true"


def test_2_closed_step_says_why_with_links(counter):
    page = counter.step("wang", "keys")
    assert "这一步还不能办理" in page
    assert page.html.select(".reasons a[href*='/steps/']")
    answer = counter.house.browser("chen").post(
        counter.house.case(counter.id, "/pay"),
        {"charge": "x", "method": "cash", "payer": "张", "csrf_token": _token(counter.house, "chen")},
        status="*",
    )
    assert answer.status_int in (404, 409)


def _token(house, who: str) -> str:
    page = house.browser(who).get("/account")
    return page.html.select_one("input[name=csrf_token]")["value"]


def test_3_verify(counter):
    assert counter.send(counter.step("wang", "verify"), "/steps/verify/papers").status_int == 303
    assert counter.fill("wang", "verify", VERIFY, "draft").status_int == 303
    assert "2026-03-31" in counter.step("wang", "verify")
    checked = counter.fill("wang", "verify", {}, "check")
    assert checked.status_int == 200 and "请核对" in checked
    answer = counter.house.form(checked, "/form").submit("action", value="submit", status="*")
    assert answer.status_int == 303, answer.text
    assert counter.issue("wang", "verify").status_int == 303
    counter.sign("wang", "verify", "account")
    assert "已完成" in counter.step("wang", "verify")


def test_4_packet_register_and_agreements(counter):
    given = {"f-papers_given": ["registration_form", "covenant"], "f-explained": "yes"}
    assert counter.fill("wang", "packet", given).status_int == 303
    counter.issue("wang", "packet")
    counter.sign("wang", "packet")
    said = {
        "f-occupancy": "own",
        "f-emergency_contact": "李四",
        "f-emergency_phone": "13800138000",
        "f-consent": "yes",
    }
    form = counter.house.form(counter.step("wang", "register"), "/form")
    for name, value in said.items():
        form[name] = value
    rows = form.submit("action", value="row:family", status="*")
    assert rows.status_int == 200 and "f-family-1-person_name" in rows
    answer = counter.house.form(rows, "/form").submit("action", value="submit", status="*")
    assert answer.status_int == 303, answer.text
    counter.issue("wang", "register")
    counter.sign("wang", "register")
    counter.issue("wang", "sign")
    counter.sign("wang", "sign")
    assert "已完成" in counter.step("wang", "sign")


def test_5_pay_and_explain(counter):
    page = counter.page("chen", "/pay?step=pay")
    assert "怎么算的" in page
    wrong = counter.send(page, "/pay", **{"amount-cash": "abc"})
    assert wrong.status_int == 422 and "abc" in wrong
    assert counter.send(counter.page("chen", "/pay?step=pay"), "/pay", payer="张先生").status_int == 303
    assert "已结清" in counter.step("chen", "pay")
    assert "张先生" in counter.page("chen", "/money")
    assert "张先生" in counter.house.browser("chen").get("/e/jade_garden/cash")


def test_6_inspection_with_a_defect(counter):
    values = {
        "f-housekeeper": "王晓梅",
        "f-technician": "李建国",
        "f-water-reading": "3.00",
        "f-electricity-reading": "18.00",
    }
    assert counter.fill("li", "inspect", values).status_int == 303
    form = counter.house.form(counter.page("li", "/steps/inspect/checklist"), "/checklist")
    items = sorted({name for name in form.fields if name and name.startswith("result-")})
    for name in items:
        form[name] = "passed"
    form[items[0]] = "failed"
    refused = form.submit(status="*")
    assert refused.status_int == 422 and "请写明问题" in refused
    form = counter.house.form(refused, "/checklist")
    assert form[items[1]].value == "passed"
    form[items[0].replace("result-", "note-")] = "墙面有裂缝"
    assert form.submit(status="*").status_int == 303
    assert "墙面有裂缝" in counter.step("li", "inspect")
    refused = counter.house.browser("wang").get(counter.house.case(counter.id, "/steps/keys"))
    assert "验房" in refused.html.select_one(".note-warn").text
    assert "待整改 1 项" in counter.step("li", "inspect")
    counter.issue("li", "inspect")
    counter.sign("li", "inspect")
    form = counter.house.form(counter.page("li", "/steps/inspect/checklist"), "/checklist")
    assert [name for name in form.fields if name and name.startswith("result-")] == [items[0]]
    form[items[0]] = "passed"
    assert form.submit(status="*").status_int == 303
    counter.issue("li", "inspect")
    counter.sign("li", "inspect")
    assert "已完成" in counter.step("li", "inspect")


def test_7_keys_signed_on_paper(counter):
    values = {
        "f-key_table-0-kind": "entrance",
        "f-key_table-0-count": "4",
        "f-tried": "yes",
        "f-custody": "no",
    }
    assert counter.fill("wang", "keys", values).status_int == 303
    assert counter.issue("wang", "keys").status_int == 303
    link = counter.step("wang", "keys").html.select_one("a[href*='/sign/owner']")["href"]
    page = counter.house.browser("wang").get(link)
    form = counter.house.form(page, "/paper")
    form["scan"] = ("scan.jpg", scan(), "image/jpeg")
    assert form.submit(status="*").status_int == 303
    counter.sign("wang", "keys")
    assert "已完成" in counter.step("wang", "keys")


def test_8_certificate_from_the_books_and_void(counter):
    browser = counter.house.browser("zhao")
    answer = counter.house.form(browser.get("/e/jade_garden/stock"), "/certificate/requisition").submit(
        status="*"
    )
    assert answer.status_int == 303, answer.text
    assert counter.fill("wang", "certificate", {}).status_int == 303
    assert counter.issue("wang", "certificate").status_int == 303
    documents = counter.page("wang", "/documents")
    link = next(a for a in documents.html.select("a.pick") if a.select_one(".mono").text == "00001")["href"]
    page = counter.house.browser("wang").get(link)
    form = counter.house.form(page, "/void")
    form["reason"] = "姓名打印有误"
    assert form.submit(status="*").status_int == 422
    form["witness"] = "zhao"
    assert form.submit(status="*").status_int == 303
    assert "作废" in counter.house.browser("wang").get(link)
    assert "姓名打印有误" in browser.get("/e/jade_garden/stock/certificate")
    assert counter.issue("wang", "certificate").status_int == 303
    counter.sign("wang", "certificate")


def test_9_archive_ends_the_case(counter):
    values = {
        "f-papers_filed": ["notice"],
        "f-computer_filed": ["personal"],
        "f-box": "2栋-01",
        "f-label": "yes",
    }
    assert counter.fill("sun", "archive", values).status_int == 303
    counter.issue("sun", "archive")
    counter.sign("sun", "archive", "account")
    page = counter.step("wang", "archive")
    assert "已办结" in page
    assert "办结" in counter.page("wang", "/history")
    assert "u-done" in counter.house.browser("wang").get("/e/jade_garden/board/move_in")
