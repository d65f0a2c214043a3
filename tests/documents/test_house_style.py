"""Every paper of 入伙 compiles, prints a full sample, and keeps the look of the house."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from PIL import Image as Pillow, ImageDraw

from core.documents.engine import Template
from core.documents.images import Image
from core.documents.qr import qr_png
from core.domain.money import capitals
from document_templates.build import build
from document_templates.move_in.papers import PAPERS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "document_templates/move_in"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FILTERS = {"capitals": capitals}
ROOMS = (("总体", ("水、热水、电、燃气表", "卫生间防水", "门锁与钥匙")), ("入户", ("入户门扇、门框", "门锁、猫眼、门铃", "可视对讲")),
         ("客厅", ("墙面、顶棚", "地面平整、空鼓", "门窗启闭、密封", "开关、插座", "电话、网络、电视接口")),
         ("卧室", ("墙面、顶棚", "地面平整、空鼓", "门窗启闭、玻璃", "开关、插座")),
         ("厨房", ("墙地面、顶棚", "水嘴、给水管", "排水、地漏", "烟道、止回阀", "燃气管、阀门")),
         ("卫生间", ("墙地面、坡度", "洁具、水嘴", "排水、地漏", "排风口")), ("阳台", ("栏板、扶手", "地漏、坡度", "推拉门、窗")),
         ("设备", ("配电箱、漏电保护", "散热器、阀门", "空调机位、预留孔")))


def _ink() -> Image:
    picture = Pillow.new("RGBA", (360, 150), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(20, 110), (80, 30), (120, 120), (170, 40), (230, 100), (340, 60)], fill=(20, 30, 90, 255), width=7)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return Image(out.getvalue(), height_mm=15, alt="签名")


def _person(name: str, **more: str) -> dict[str, Any]:
    return {"name": name, "kind": "person", "id_type": "居民身份证", "id_number": "320199196808136653", "phone": "19900000294",
            "address": "示例市临江区书院巷 33 号", "representative": "", "representative_id": "", "present": True, **more}


def _checks() -> list[dict[str, Any]]:
    rows = [{"group": group, "title": title, "result": "合格", "note": "", "round": "1", "defect": "", "passed": True, "failed": False,
             "open": False, "was_failed": False} for group, titles in ROOMS for title in titles]
    rows[16] |= {"result": "不合格", "note": "水嘴与角阀连接处渗水，台面下方有水渍", "defect": "水嘴与角阀连接处渗水，台面下方有水渍"}
    rows[20] |= {"result": "不合格", "note": "地面找坡不足，地漏周围积水", "defect": "地面找坡不足，地漏周围积水"}
    return rows


def _texts() -> dict[str, str]:
    import yaml

    said = yaml.safe_load((ROOT / "form_definitions/move_in/texts.yaml").read_text(encoding="utf-8"))
    return {clause["name"]: clause["text"] for clause in said["texts"]}


def _choices(form: str, field: str) -> list[str]:
    import yaml

    said = yaml.safe_load((ROOT / f"form_definitions/move_in/forms/{form}.yaml").read_text(encoding="utf-8"))
    return [choice["title"]["zh"] for one in said["fields"] if one["name"] == field for choice in one["choices"]]


def _money() -> dict[str, Any]:
    def fee(title: str, rule: str, price: str, fen: int, **more: str) -> dict[str, str]:
        return {"title": title, "rule": rule, "unit_price": price, "quantity": "97.15 × 3", "amount": f"{fen / 100:,.2f}",
                "capitals": capitals(fen), "refundable": "", "period": "", "source": "", "sample": "示例标准", **more}

    fees = [fee("物业服务费（预收三个月）", "单价 × 建筑面积 × 月数", "2.80", 81606, period="2026年3月1日 至 2026年5月31日"),
            fee("装修保证金", "按房屋类型", "500.00", 50000, refundable="可退", sample=""),
            fee("装修垃圾清运费", "单价 × 建筑面积", "3.00", 29145), fee("住户智能卡工本费", "单价 × 张数", "15.00", 3000)]
    lines = [{"title": row["title"], "amount": row["amount"]} for row in fees]
    return {"fees": fees, "fees_total": {"amount": "1,637.51", "capitals": capitals(163751)},
            "paid_total": {"amount": "1,637.51", "capitals": capitals(163751)},
            "receipt": {"number": "2026000123", "date": "2026年3月1日", "payer": "林婉清", "lines": lines, "total": "1,637.51",
                        "methods": [{"title": "现金", "amount": "637.51"}, {"title": "银行卡", "amount": "1,000.00"}],
                        "capitals": capitals(163751), "cashier": "陈淑芬", "reason": "装修验收合格，复查无影响"},
            "register": {"title": "入住证明台账", "period": "2026年3月1日至2026年3月31日", "source": "S2-b §1.2", "by": "王晓梅",
                         "printed_on": "2026年4月1日", "rows": "9", "totals": [{"title": "开出份数", "value": "9"}],
                         "checks": [{"title": "开出份数 = 有效 + 作废", "holds": "相符"}],
                         "parts": [{"heads": ["编号", "房号", "业主", "金额"], "rows": [{"cells": [
                             {"text": text, "right": text == "1,000.00"} for text in ("00042", "3-2-501", "林婉清", "1,000.00")]}] * 9}]},
            "cash": {"day": "2026年3月1日", "cashier": "陈淑芬", "first_number": "2026000120", "last_number": "2026000123", "cancelled": "1",
                     "methods": [{"title": "现金", "taken": "1,637.51", "refunded": "500.00", "net": "1,137.51"},
                                 {"title": "银行卡", "taken": "1,000.00", "refunded": "0.00", "net": "1,000.00"}],
                     "receipts": [{"number": f"202600012{n}", "kind": "收款", "payer": "林婉清", "amount": "637.51",
                                   "state": "作废" if n == 1 else "有效"} for n in range(4)],
                     "taken": "2,637.51", "refunded": "500.00", "net": "2,137.51", "capitals": capitals(213751), "cash": "1,137.51",
                     "counted": "1,137.51", "difference": "0.00", "note": "收据 2026000121 填写错误作废，三联收回。"}}


def _forms() -> dict[str, Any]:
    meter = {"meter_number": "W20250318", "reading": "12.50"}
    key = {"kind": "入户门钥匙", "count": "5", "note": "C 级锁芯"}
    papers, filed, computer = (_choices("documents_received", "papers_given"), _choices("archive", "papers_filed"),
                               _choices("archive", "computer_filed"))
    yes, no = {"yes": True, "no": False}, {"yes": False, "no": True}
    return {
        "intake": {"notice_number": "YL-RH-2026-0312", "notice_deadline": "2026年3月31日", "fee_from": "2026年3月1日", "cards": "2", "remarks": ""},
        "documents_received": {"papers_given": "、".join(papers), "papers_given_list": papers, "explained": "是", "explained_is": yes, "received_on": "2026年3月1日", "remarks": ""},
        "registration": {"owner_kind_is": {"person": True, "company": False}, "owner_name": "林婉清", "special_promise": "一、卫生间门槛渗水由施工单位返修，业主同意先行接收；二、九月底前补交户口本复印件。", "gender_is": {"male": False, "female": True},
                         "id_type": "居民身份证", "resident_id": "320199196808136653", "passport": "", "company_code": "", "representative": "",
                         "phone": "19900000294", "phone_2": "", "postal_address": "示例市临江区书院巷 33 号", "employer": "示例市第二中学",
                         "plates": "示A·12345", "occupancy_is": {"own": True, "let": False, "office": False, "vacant": False},
                         "moving_in_on": "2026年8月1日", "emergency_contact": "林国栋", "emergency_relation": "父亲", "emergency_phone": "19900001111",
                         "family": [{"person_name": "陈思源", "relation": "配偶", "resident_id": "110198197001019996", "phone": "19900002222"},
                                    {"person_name": "陈子涵", "relation": "子女", "resident_id": "", "phone": ""}],
                         "remarks": "", "consent_is": yes},
        "inspection": {"inspected_on": "2026年3月1日", "housekeeper": "王晓梅", "technician": "李建国", "water": meter, "gas": meter,
                       "hot_water": {"meter_number": "", "reading": ""}, "electricity": {"meter_number": "E0031122", "reading": "35.00"},
                       "key_left_is": yes, "finish_by": "2026年3月8日", "remarks": "除所列问题外，其余项目符合交付条件。"},
        "key_receipt": {"key_table": [key, {"kind": "单元门禁卡", "count": "2", "note": ""}, {"kind": "信报箱钥匙", "count": "2", "note": ""}],
                        "tried_is": yes, "custody": "是", "custody_is": yes, "custody_count": "1", "custody_purpose": "供整改与抄表入户使用", "custody_bag": "YS-0012", "custody_sealed_by": "王晓梅",
                        "custody_until": "2026年6月30日", "received_on": "2026年3月9日"} | {"custody_no": no},
        "certificate": {"notice_deadline": "2026年3月31日", "actual_on": "2026年3月9日"},
        "archive": {"papers_filed_list": filed, "computer_filed": "、".join(computer), "box": "3 栋-02", "label_is": yes, "remarks": ""},
    }


def sample(name: str, *, signed: bool = True) -> dict[str, Any]:
    """A full context for the paper `name`, as the case floor gives it."""
    checks = _checks()
    bad = [row for row in checks if row["result"] == "不合格"]
    ink = _ink() if signed else None
    signature = {"name": "林婉清", "ink": ink, "date": "2026年3月1日" if signed else ""}
    copies = [{"title": title, "to": to} for title, to in (("第一联 存根联", "客服部留存"), ("第二联 财务联", "财务部留存"), ("第三联 客户联", "客户留存"))]
    return {
        "estate": {"title": "玉兰花园", "address": "示例市临江区玉兰路 88 号", "phone": "0000-8800-1088"},
        "company": {"title": "翠微物业服务有限公司", "address": "示例市临江区翠微路 1 号", "phone": "0000-8800-1000"},
        "unit": {"code": "3-2-501", "building": "3", "entrance": "2", "floor": "5", "room": "501", "area": "97.15", "building_type": "多层",
                 "layout": "三室两厅一卫", "use": "home", "status": "sold"},
        "case": {"number": "RH-2026-00042", "opened_on": "2026年3月1日"},
        "parties": {"owner": _person("林婉清"), "agent": _person("陈思源"), "co_owners": [_person("陈思源")]},
        "forms": _forms(),
        "checklist": {"items": checks, "open": bad, "open_count": "2", "rounds": "1",
                      "reworked": [row | {"result": "合格"} for row in bad]},
        "papers": [{"title": title, "evidence": how, "state": "已交验", "count": "1", "note": ""} for title, how in
                   (("入伙通知书", "已验原件"), ("购房合同书", "已验原件、留复印件"), ("业主身份证", "已验原件、留复印件"), ("客户委托书", "收原件"))],
        "document": {"number": "00042" if name == "occupancy_certificate" else "RH-2026-00042-07", "title": PAPERS[name][0],
                     "code": {"registration": "KH-03-R03", "inspection": "KH-03-R01", "key_custody": "KH-03-R05"}.get(name, ""),
                     "copy": "", "copies": copies, "date": "2026年3月1日", "verify_url": "https://example.invalid/verify/jade_garden/a/1?c=abcd1234",
                     "qr": Image(qr_png("https://example.invalid/verify/jade_garden/a/1?c=abcd1234"), width_mm=18, height_mm=18),
                     "state": "issued", "blank": False},
        "signatures": dict.fromkeys(("owner", "agent", "service", "engineering", "finance", "manager", "archive"), signature),
        "staff": {"name": "王晓梅"}, "texts": _texts(), "today": "2026年3月1日", **_money(),
    }


def render(name: str, **how: Any) -> bytes:
    """The sample of one paper as .docx."""
    return Template.compile((TEMPLATES / f"{name}.docx").read_bytes(), filters=FILTERS).render(sample(name, **how))


# ---------------------------------------------------------------- tests


def _parts(name: str) -> dict[str, etree._Element]:
    with zipfile.ZipFile(TEMPLATES / f"{name}.docx") as packed:
        return {part: etree.fromstring(packed.read(part)) for part in packed.namelist() if part.startswith("word/") and part.endswith(".xml")}


def _declared_form_names() -> set[str]:
    import yaml

    names: set[str] = set()
    for path in (ROOT / "form_definitions/move_in/forms").glob("*.yaml"):
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        for field in form["fields"]:
            base = f"forms.{form['form']}.{field['name']}"
            names |= {base, f"{base}[]"}
            names |= {f"{base}[].{column['name']}" for column in field.get("columns", ())}
            names |= {f"{base}.{inner['name']}" for inner in field.get("fields", ())}
            names |= {f"{base}_is.{choice['value']}" for choice in field.get("choices", ())}
            if field.get("type") == "choices":
                names |= {f"{base}_list", f"{base}_list[]"}
            if field["type"] == "yes_no":
                names |= {f"{base}_is.yes", f"{base}_is.no"}
    return names


def _templates_named() -> set[str]:
    import yaml

    said = yaml.safe_load((ROOT / "form_definitions/move_in/documents.yaml").read_text(encoding="utf-8"))
    return {document["template"].removesuffix(".docx") for document in said["documents"]}


def test_the_committed_templates_are_what_the_builder_makes(tmp_path):
    for path in build("move_in", tmp_path):
        with zipfile.ZipFile(path) as made, zipfile.ZipFile(TEMPLATES / path.name) as kept:
            assert made.namelist() == kept.namelist()
            assert [name for name in made.namelist() if made.read(name) != kept.read(name)] == [], path.name


def test_the_builder_makes_the_same_bytes_twice(tmp_path):
    first = {path.name: path.read_bytes() for path in build("move_in", tmp_path / "a")}
    second = {path.name: path.read_bytes() for path in build("move_in", tmp_path / "b")}
    assert first == second


def test_every_document_has_its_template_and_every_template_its_document():
    assert {path.stem for path in TEMPLATES.glob("*.docx")} == set(PAPERS) == _templates_named() | {"cash_sheet", "register"}


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_a_full_sample_prints(name):
    data = render(name)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        text = "".join(etree.fromstring(packed.read("word/document.xml")).itertext())
        assert "{{" not in text and "{%" not in text
        assert "翠微物业服务有限公司" in "".join(etree.fromstring(packed.read("word/header1.xml")).itertext())
    assert data == render(name)


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_an_unsigned_sample_prints_lines_to_write_on(name):
    with zipfile.ZipFile(io.BytesIO(render(name, signed=False))) as packed:
        body = packed.read("word/document.xml").decode()
    assert "<w:drawing>" not in body


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_templates_name_only_fields_that_the_forms_have(name):
    template = Template.compile((TEMPLATES / f"{name}.docx").read_bytes(), filters=FILTERS)
    used = {path for paths in template.variables.values() for path in paths}
    assert {path for path in used if path.startswith("forms.")} <= _declared_form_names()
    assert {path.removeprefix("texts.") for path in used if path.startswith("texts.")} <= set(_texts())


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_a4_with_the_margins_of_the_house(name):
    size, margins = (next(_parts(name)["word/document.xml"].iter(W + tag)) for tag in ("pgSz", "pgMar"))
    millimetres = [round(int(element.get(W + side)) / 56.6929) for element, side in
                   ((size, "w"), (size, "h"), (margins, "top"), (margins, "right"), (margins, "bottom"), (margins, "left"))]
    assert millimetres == [*((297, 210) if name == "register" else (210, 297)), 25, 20, 20, 20]


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_every_style_says_its_east_asian_font(name):
    styles = [style for style in _parts(name)["word/styles.xml"].iter(W + "style") if style.get(W + "type") == "paragraph"]
    fonts = {style.get(W + "styleId"): style.find(f"{W}rPr/{W}rFonts") for style in styles}
    assert fonts and all(font is not None and font.get(W + "eastAsia") in ("宋体", "黑体") for font in fonts.values())


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_rows_do_not_break_and_long_tables_repeat_their_head(name):
    body = _parts(name)["word/document.xml"]
    rows = list(body.iter(W + "tr"))
    assert rows and all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
    for table in body.iter(W + "tbl"):
        words = "".join(table.itertext())
        if "{%tr for" in words:
            assert table.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None


def test_copies_are_named_on_each_sheet_of_the_certificate():
    with zipfile.ZipFile(io.BytesIO(render("occupancy_certificate"))) as packed:
        text = "".join(etree.fromstring(packed.read("word/document.xml")).itertext())
    assert re.findall(r"第.联 .{2}联", text) == ["第一联 存根联", "第二联 财务联", "第三联 客户联"]
    assert text.count("（盖章）") == 3


def test_papers_take_the_pages_they_should(tmp_path):
    """One page each; agreements two at most, the certificate one for each copy."""
    import pypdfium2

    from core.documents.pdf import LibreOfficeConverter

    longer = {"covenant": 2, "service_agreement": 2, "fit_out_agreement": 2, "occupancy_certificate": 3, "refund_voucher": 3}
    made = LibreOfficeConverter(work_dir=tmp_path).convert({f"{name}.docx": render(name) for name in PAPERS})
    pages = {}
    for file, pdf in made.items():
        assert isinstance(pdf, bytes), f"{file}: {pdf}"
        pages[file.removesuffix(".docx")] = len(pypdfium2.PdfDocument(pdf))
    assert pages == {name: longer.get(name, 1) for name in PAPERS}
