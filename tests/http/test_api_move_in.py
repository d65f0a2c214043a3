"""The whole move-in by API: every act of a counter day as another program sends it."""

from __future__ import annotations

import io
import zipfile

import psycopg
import pytest
from sqlalchemy import make_url

from tests.http.api_client import Program, base64_text, ink, scan, settled, token_of

VERIFY = {"notice_deadline": "2026-03-31", "fee_from": "2026-03-01", "cards": 2}
REGISTER = {"owner_kind": "person", "owner_name": "郑一鸣", "id_type": "resident_id",
            "resident_id": "110101199003078072", "phone": "13800138000",
            "postal_address": "示例市临江区翠微路 1 号", "occupancy": "own",
            "emergency_contact": "李四", "emergency_phone": "13900139000", "consent": True,
            "family": [{"person_name": "郑小明", "relation": "子女"}]}
INSPECT = {"inspected_on": "2026-03-01", "housekeeper": "王晓梅", "technician": "李建国", "water": {"reading": "3.00"},
           "electricity": {"reading": 18.5}, "hot_water": None, "gas": {}}


class Counter:
    """A case and the programs that work on it, one for each role."""

    def __init__(self, office, app) -> None:
        self.office = office
        self.who = {name: Program(app, token_of(office, name)) for name in ("wang", "li", "chen", "zhao", "sun")}
        self.wang = self.who["wang"]
        self.id = ""

    @property
    def view(self) -> dict:
        return self.wang.get(f"/cases/{self.id}").json

    def step(self, name: str, who: str = "wang") -> dict:
        return self.who[who].get(f"/cases/{self.id}/steps/{name}").json

    def post(self, who: str, rest: str, body=None, status: int | None = None, **more):
        return self.who[who].post(f"/cases/{self.id}{rest}", body, status, **more)

    def issue(self, who: str, step: str) -> list[dict]:
        return self.post(who, f"/steps/{step}/documents", {}, 201).json["documents"]

    def sign(self, step: str) -> None:
        """Everybody signs what the step has: parties in ink, staff under their own account."""
        for document in self.step(step)["documents"]:
            if document["state"] != "issued":
                continue
            for signer in document["signers"]:
                if signer["signed_at"] is None:
                    self.sign_one(document["id"], signer)

    def sign_one(self, document: str, signer: dict) -> None:
        by = {"engineering": "li", "archive": "sun"}.get(signer["signer"], "wang")
        body = {"signer": signer["signer"]}
        if signer["kind"] == "party":
            shown = self.who[by].get(f"/documents/{document}/signing", signer=signer["signer"]).json
            assert shown["paragraphs"]
            body |= {"ink": base64_text(ink()), "shown": shown["shown"]}
        self.who[by].post(f"/documents/{document}/signatures", body, 201)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def counter(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    if request.param == "sqlite":
        (folder / "shouxu.sqlite").write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield Counter(*settled(folder, ""))
        return
    server, template = request.getfixturevalue("postgresql_server"), request.getfixturevalue("postgresql_template")
    name = f"{template}_api"
    url = make_url(server).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        try:
            yield Counter(*settled(folder, url))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_1_owner_and_case(counter):
    wang = counter.wang
    assert wang.get("/api/v1/estates").json[0]["roles"] == ["service"]
    steps = wang.get("/procedures").json[0]["steps"]
    assert [step["name"] for step in steps][:3] == ["verify", "packet", "register"]
    unit = wang.get("/units", text="3-1-1", limit=1).json
    assert len(unit["rows"]) == 1 and unit["next"] and unit["total"] == 2
    rest = wang.get("/units", text="3-1-1", after=unit["next"]).json
    assert rest["next"] == "" and rest["rows"][0]["code"] != unit["rows"][0]["code"]
    person = wang.post("/people", {"name": "郑一鸣", "id_type": "resident_id", "id_number": "110101199003078072",
                                   "phone": "13800138000"}, 201).json["id"]
    home = unit["rows"][0]["id"]
    owners = wang.post(f"/units/{home}/owners", {"people": [person], "on": "2026-01-01"}).json["owners"]
    assert owners == ["郑一鸣"] == wang.get(f"/units/{home}").json["owners"]
    answer = wang.post("/cases", {"procedure": "move_in", "unit": home}, 201)
    counter.id = answer.json["case"]
    assert answer.headers["Location"].endswith(f"/cases/{counter.id}")
    assert answer.headers["ETag"] == f'"{answer.json["version"]}"'
    assert answer.json["steps"]["verify"] == "open" and answer.json["steps"]["keys"] == "closed"
    second = wang.post("/people", {"name": "郑二鸣"}, 201).json["id"]
    counter.post("wang", "/parties", {"party": "co_owners", "person": second}, version=answer.json["version"])
    assert [party["party"] for party in counter.view["parties"]] == ["owner", "co_owners"]
    counter.post("wang", "/parties/removal", {"party": "co_owners", "person": second, "reason": "登记有误"})
    counter.post("wang", "/handover", {"username": "zhao", "reason": "换班"})
    assert counter.view["handler"] == "Zhao" and len(counter.view["parties"]) == 1
    assert wang.get("/search", q="郑一鸣").json[-1]["kind"] == "case"
    assert wang.get("/cases", step="verify").json["rows"][0]["id"] == counter.id


def test_2_a_closed_gate_says_why(counter):
    answer = counter.post("wang", "/steps/keys/form", {"values": {}}, 409).json
    assert answer["code"].startswith("SX-22")
    assert {reason["step"] for reason in answer["reasons"]} == {"sign", "pay", "inspect"}
    assert answer["reasons"] and all(reason["message"] for reason in answer["reasons"])
    said = {reason["step"] for reason in counter.step("keys")["why_not"]}
    assert said == {"sign", "pay", "inspect"}


def test_3_form_is_described_checked_and_filed(counter):
    form = counter.wang.get(f"/cases/{counter.id}/steps/verify/form").json
    assert form["schema"]["$schema"].endswith("2020-12/schema") and form["ui"]["order"][0] == "notice_number"
    assert form["values"]["cards"] == 2 and form["submitted"] is False
    wrong = counter.post("wang", "/steps/verify/form:check", {"values": {"cards": 99}}).json
    assert wrong["ok"] is False
    assert {row["field"] for row in wrong["errors"]} == {"notice_deadline", "fee_from", "cards"}
    refused = counter.post("wang", "/steps/verify/form", {"values": {"cards": 99}}, 422).json
    assert refused["errors"] == wrong["errors"]
    draft = counter.wang.browser.put_json(f"/api/v1/estates/jade_garden/cases/{counter.id}/steps/verify/draft",
                                          {"values": {"cards": 5}}, headers=counter.wang.headers)
    assert draft.json["saved_at"]
    assert counter.wang.get(f"/cases/{counter.id}/steps/verify/form").json["values"]["cards"] == 5
    address = f"/api/v1/estates/jade_garden/cases/{counter.id}/steps/verify/draft"
    assert counter.wang.browser.delete(address, headers=counter.wang.headers).status_int == 204
    assert counter.wang.get(f"/cases/{counter.id}/steps/verify/form").json["values"]["cards"] == 2
    assert counter.wang.get(f"/cases/{counter.id}/steps/verify/previews/paper_check.docx").body[:2] == b"PK"
    papers = [paper["name"] for paper in counter.step("verify")["papers"]]
    said = {name: {"evidence": [row[0] for row in paper["evidence"]]}
            for name, paper in zip(papers, counter.step("verify")["papers"], strict=True)}
    counter.post("zhao", "/steps/verify/waivers", {"paper": "notice", "reason": "通知书遗失"})
    del said["notice"]
    counter.post("wang", "/steps/verify/papers", {"papers": said})
    answer = counter.post("wang", "/steps/verify/form", {"values": VERIFY, "issue": True}, 201).json
    assert answer["revision"] == 1 and [row["name"] for row in answer["documents"]] == ["paper_check"]
    counter.sign("verify")
    assert counter.view["steps"][0]["status"] == "done"


def test_4_packet_register_and_agreements(counter):
    values = {"papers_given": ["covenant"], "explained": True, "received_on": "2026-03-01"}
    counter.post("wang", "/steps/packet/form", {"values": values, "issue": True}, 201)
    counter.sign("packet")
    counter.post("wang", "/steps/register/form", {"values": REGISTER, "issue": True}, 201)
    masked = counter.wang.get(f"/cases/{counter.id}/steps/register/form").json
    assert "resident_id" not in masked["values"] and masked["masked"]["resident_id"].endswith("8072")
    assert masked["values"]["family"][0]["person_name"] == "郑小明" and len(masked["values"]["family"]) == 1
    plain = counter.wang.get(f"/cases/{counter.id}/steps/register/form", personal="true").json
    assert plain["values"]["resident_id"] == "110101199003078072" and plain["masked"] == {}
    assert counter.wang.get(f"/cases/{counter.id}/history").json[0]["kind"] == "personal.revealed"
    shown = counter.post("wang", "/parties/disclosure").json["parties"][0]
    assert shown["id_number"] == "110101199003078072"
    counter.sign("register")
    covenant = next(row for row in counter.issue("wang", "sign") if row["name"] == "covenant")
    anew = counter.wang.post(f"/documents/{covenant['id']}/reissue", {"reason": "条款有误"}, 201).json["documents"][0]
    assert anew["replaces"] == covenant["id"] and anew["number"] != covenant["number"]
    assert counter.wang.get(f"/documents/{covenant['id']}").json["state"] == "superseded"
    counter.sign("sign")
    assert counter.step("sign")["status"] == "done"


def test_5_pay_cancel_and_pay_again(counter):
    due = counter.view["money"]["due_fen"]
    assert due > 0
    refused = counter.post("chen", "/payments", {"methods": {"cash": due + 1}}, 409).json
    assert refused["code"] == "SX-2403"
    said = {"methods": {"cash": 10_000, "wechat": None}, "payer": "郑先生"}
    first = counter.post("chen", "/payments", said, 201).json
    assert first["total_fen"] == due and first["document"] and first["steps"]["pay"] == "done"
    back = counter.who["chen"].post(f"/receipts/{first['receipt']}/cancellation", {"reason": "付款方式有误"}).json
    assert back["receipt_state"] == "cancelled" and back["steps"]["pay"] == "open"
    again = counter.post("chen", "/payments", {"methods": {"card": None}}, 201).json
    assert again["receipt_number"] > first["receipt_number"]
    today = counter.office.calendar("jade_garden").local_date(counter.office.clock.now())
    sheet = counter.who["chen"].get(f"/cash-sheets/{today}").json
    assert sheet["cancelled"] == 1 and sheet["net_fen"] == due


def test_6_inspection_with_a_defect(counter):
    counter.post("li", "/steps/inspect/form", {"values": INSPECT}, 201)
    items = [item["name"] for item in counter.step("inspect")["checklist"]["items"]]
    results = {name: {"result": "passed"} for name in items}
    bare = {"results": results | {items[0]: {"result": "failed"}}}
    refused = counter.post("li", "/steps/inspect/checks", bare, 422).json
    assert [row["field"] for row in refused["errors"]] == [items[0]]
    failed = {items[0]: {"result": "failed", "note": "墙面有裂缝"}}
    assert counter.post("li", "/steps/inspect/checks", {"results": results | failed}).json["round"] == 1
    assert counter.step("inspect")["checklist"]["open_items"] == 1
    counter.issue("li", "inspect")
    counter.sign("inspect")
    assert counter.post("li", "/steps/inspect/checks", {"results": {items[0]: {"result": "passed"}}}).json["round"] == 2
    counter.issue("li", "inspect")
    counter.sign("inspect")
    assert counter.step("inspect")["status"] == "done"


def test_7_keys_signed_on_paper(counter):
    values = {"key_table": [{"kind": "entrance", "count": 4}], "tried": True, "custody": False,
              "received_on": "2026-03-01"}
    made = counter.post("wang", "/steps/keys/form", {"values": values, "issue": True}, 201).json["documents"]
    paper = next(row for row in made if row["name"] == "key_receipt")
    counter.wang.upload(f"/documents/{paper['id']}/signatures", "scan", scan(), signer="owner", key="scan-1")
    again = counter.wang.upload(f"/documents/{paper['id']}/signatures", "scan", scan(), signer="owner", key="scan-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    signers = counter.wang.get(f"/documents/{paper['id']}").json["signers"]
    assert next(row for row in signers if row["signer"] == "owner")["way"] == "paper"
    counter.sign("keys")
    assert counter.step("keys")["status"] == "done"


def test_8_certificate_voided_and_issued_again(counter):
    zhao = counter.who["zhao"]
    counter.post("wang", "/steps/certificate/form",
                 {"values": {"notice_deadline": "2026-03-31", "actual_on": "2026-03-02"}}, 201)
    empty = counter.post("wang", "/steps/certificate/documents", {"name": "occupancy_certificate"}, 409).json
    assert empty["code"].startswith("SX-22")
    assert zhao.post("/stock/certificate/requisitions", {"books": 1}, 201).json["last"] == 25
    first = counter.issue("wang", "certificate")[0]
    assert first["number"] == "00001"
    alone = counter.wang.post(f"/documents/{first['id']}/void", {"reason": "打印有误"}, 422).json
    assert alone["errors"][0]["field"] == "witness"
    counter.wang.post(f"/documents/{first['id']}/void", {"reason": "打印有误", "witness": "zhao"})
    assert counter.issue("wang", "certificate")[0]["number"] == "00002"
    counter.sign("certificate")
    fates = {row["number"]: row["state"] for row in zhao.get("/stock/certificate").json}
    assert (fates["00001"], fates["00002"], fates["00003"]) == ("void", "issued", "blank")
    assert zhao.get("/stock").json[0]["left"] == 23


def test_9_archive_ends_the_case(counter):
    values = {"papers_filed": ["notice"], "computer_filed": ["personal"], "box": "3栋-01", "label": True}
    counter.post("sun", "/steps/archive/form", {"values": values, "issue": True}, 201)
    counter.sign("archive")
    view = counter.view
    assert view["state"] == "completed" and all(step["status"] == "done" for step in view["steps"])
    assert counter.post("wang", "/withdrawal", {"reason": "x"}, 409).json["code"] == "SX-2211"


def test_money_goes_back_and_the_day_is_closed(counter):
    chen = counter.who["chen"]
    deposit = next(charge for charge in counter.view["money"]["charges"] if charge["refundable"])
    path = f"/charges/{deposit['id']}/refunds"
    too_much = chen.post(path, {"fen": deposit["amount_fen"] + 1, "method": "cash", "reason": "装修合格"}, 409).json
    assert too_much["code"].startswith("SX-24")
    voucher = chen.post(path, {"fen": deposit["amount_fen"], "method": "cash", "reason": "装修合格"}, 201).json
    assert voucher["kind"] == "refund" and voucher["receipt_number"].startswith("T")
    chen.post(f"/charges/{deposit['id']}/waiver", {"reason": "x"}, 409)
    today = counter.office.calendar("jade_garden").local_date(counter.office.clock.now())
    sheet = chen.get(f"/cash-sheets/{today}").json
    counter.wang.get(f"/cash-sheets/{today}", 403)
    chen.post(f"/cash-sheets/{today}/closing", {"counted_fen": max(sheet["cash_fen"], 0) + 1}, 422)
    counted = {"counted_fen": max(sheet["cash_fen"], 0), "note": "退款由备用金支付"}
    closed = chen.post(f"/cash-sheets/{today}/closing", counted, 201).json
    assert closed["day"] == str(today) and chen.get(f"/cash-sheets/{today}").json["closed"] is True


def test_files_are_fetched_and_verified(counter):
    document = next(row for row in counter.view["documents"] if row["name"] == "occupancy_certificate"
                    and row["state"] == "issued")
    answer = counter.wang.get(f"/documents/{document['id']}.docx")
    assert answer.body[:2] == b"PK" and "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert counter.wang.get(f"/documents/{document['id']}.docx", copy=2).body[:2] == b"PK"
    assert counter.wang.get(f"/documents/{document['id']}.docx", 404, copy=3).json["code"] == "SX-2004"
    assert counter.wang.get(f"/documents/{document['id']}.pdf", 503).json["code"] == "SX-3310"
    with zipfile.ZipFile(io.BytesIO(counter.wang.get(f"/cases/{counter.id}/packet.zip").body)) as packet:
        assert len(packet.namelist()) >= 15 and packet.namelist()[0] == "00-目录.txt"
    assert counter.wang.get(f"/cases/{counter.id}/packet.pdf", 503, sides="one").json["code"] == "SX-3310"
    assert counter.wang.get(f"/cases/{counter.id}/packet.pdf", 422, sides="three").json["errors"][0]["field"] == "sides"
    ours = counter.wang.upload("/api/v1/verify", "file", answer.body, 200).json
    assert ours["accepted"] is True and ours["record"]["number"] == document["number"]
    changed = counter.wang.upload("/api/v1/verify", "file", answer.body + b"x", 200).json
    assert changed["accepted"] is False
    path = "/api/v1" + document["verify_path"]
    assert counter.wang.browser.get(path).json["sha256"] == document["word"]
    unknown = counter.wang.browser.get(path[:-1] + ("a" if path[-1] != "a" else "b")).json
    assert unknown["known"] is False and unknown["number"] == ""


def test_board_and_history(counter):
    assert counter.wang.get("/board/move_in").json["counts"]["done"] == 1
    kinds = [row["kind"] for row in counter.wang.get(f"/cases/{counter.id}/history").json]
    assert "case.ended" in kinds[:3] and "case.opened" in kinds[-3:]
