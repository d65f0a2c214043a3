"""Every document of every procedure as pictures: `python -m document_templates.gallery [FOLDER]`, or `make gallery`.

Each is printed filled in (and sealed), void and blank, turned into pages, and laid out on contact sheets with an index page.
What the other estates print as the first one does is shown once.
"""

from __future__ import annotations

import argparse
import io
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image as Pillow, ImageDraw, ImageFont

from core.cases.definitions import FILTERS
from core.cases.paperworks import PaperWorks
from core.cli.installation import bare_settings
from core.definitions.library import Library
from core.documents.engine import compiled
from core.documents.fonts import installed
from core.documents.images import Image
from core.documents.pdf import LibreOfficeConverter
from core.documents.placing import placed
from core.documents.stamp import SealFace
from core.domain.bundle import Bundle
from core.domain.documents import Document
from core.loader import load_plugins
from core.walkthroughs.blank_papers import blank_word, parent_of
from core.walkthroughs.longest import LONG, longest

ROOT = Path(__file__).parents[1]
KINDS = {"filled": "已填", "void": "作废", "blank": "空白"}
FIRST_ESTATE = "jade_garden"
BATCH = 60
"""Files in one call of LibreOffice."""

_SHEET = (2480, 1754)  # A3 across at 150 dpi
_COLUMNS, _ROWS, _MARGIN, _CAPTION = 4, 2, 24, 44
_SEALED_AT = datetime(2026, 3, 1, 1, tzinfo=UTC)
_DAY, _LATER = "2026年3月1日", "2026年3月9日"
_TYPICAL = {
    "name": "林婉清", "phone": "19900000294",
    "id_number": "320199196808136653", "representative": "", "representative_id": "",
    "kind": "person", "id_type": "居民身份证", "address": "示例市临江区书院巷 33 号", "code": "3-2-501", "building": "3",
    "entrance": "2", "floor": "5", "room": "501", "area": "97.15", "layout": "三室两厅一卫",
    "capitals": "壹仟贰佰叁拾肆元伍角整", "by": "王晓梅",
    "cashier": "陈淑芬", "payer": "林婉清", "unit_price": "3.00", "quantity": "97.15 × 3", "period": f"{_DAY} 至 2026年5月31日",
    "rule": "单价 × 建筑面积 × 月数", "count": "1", "round": "1", "rounds": "1", "open_count": "2", "outcome": "同意", "rung": "第一次",
    "reason": "装修验收合格，复查无影响", "role": "客服主管", "place": "3 栋 2 单元门前", "refundable": "",
    "sample": "示例标准", "state": "已交验", "evidence": "已验原件、留复印件", "day": _DAY, "done": _DAY,
    "valid_to": _LATER, "opened_on": _DAY, "ended_on": _LATER}


_NUMBERS = {"99999": "2", "9999999.99": "12.50"}
_FILLER, _SENTENCE = "永和九年", "卫生间门槛渗水，已通知施工单位返修，九月底前完成并复验"


@dataclass(frozen=True)
class Print:
    """One document in one of the three ways, as Word."""

    estate: str
    procedure: str
    name: str
    title: str
    kind: str
    word: bytes
    seal: SealFace | None = None

    @property
    def file(self) -> str:
        return f"{self.procedure}-{self.name}-{self.estate}-{self.kind}"


def library() -> Library:
    """The shipped procedures and estates."""
    estates = ROOT / "estates"
    return Library.load(load_plugins("plugins", estates).sources, estates, put=placed)


def documents(of: Library, *, every: bool = False) -> Iterator[tuple[str, Bundle, Document]]:
    """(estate, bundle, document) of all that is printed; with `every`, also what an earlier estate prints in the same way."""
    seen: set[tuple[str, ...]] = set()
    for procedure in sorted({name for estate in of.estates for name in of.procedures(estate)}):
        for estate in sorted(of.estates, key=lambda name: (name != FIRST_ESTATE, name)):
            if procedure not in of.procedures(estate):
                continue
            bundle = of.bundle(estate, procedure)
            for rule in bundle.documents:
                looks = (procedure, rule.name, bundle.templates[rule.template], rule.title.zh, *(one.title.zh for one in rule.copies))
                if every or looks not in seen:
                    seen.add(looks)
                    yield estate, bundle, rule


def prints(of: Library, estate: str, bundle: Bundle, rule: Document) -> Iterator[Print]:
    """The document filled in, void and blank."""
    procedure = bundle.procedure.name
    context = filled(of, estate, bundle, rule)
    template = compiled(bundle.templates[rule.template], of.template, filters=FILTERS)
    company = of.estate(estate).company.title.zh
    seal = SealFace(company, str(rule.seal_text or "")) if rule.seal else None
    title = rule.title.zh
    yield Print(estate, procedure, rule.name, title, "filled", template.render(context), seal)
    yield Print(estate, procedure, rule.name, title, "void", template.render(context, stamp="作废"))
    yield Print(estate, procedure, rule.name, title, "blank", blank_word(of, FILTERS, estate, procedure, rule.name)[1])


# ---------------------------------------------------------------- what is filled in


def filled(of: Library, estate: str, bundle: Bundle, rule: Document) -> dict[str, Any]:
    """A plain case: the shape of the longest one, with values as long as they commonly are."""
    said = longest(bundle, of.estate(estate), rule, parent_of(of, estate, bundle.procedure.name))
    kept = {name: said[name] for name in ("estate", "company", "texts", "price_lists")}
    context = {name: _common(value, name) for name, value in said.items()} | kept
    context["document"] |= {"title": rule.title.zh, "code": rule.code, "number": "RH-2026-00042-07", "copy": "", "state": "",
                            "qr": said["document"]["qr"], "date": _DAY,
                            "copies": [{"title": one.title.zh, "to": str(one.to or "")} for one in rule.copies]}
    context["case"]["number"] = "RH-2026-00042"
    signings = [rule.sign, *(step.sign for step in bundle.procedure.steps if step.sign and rule.name in step.documents)]
    signers = {name for signing in signings for name in (*signing.parties, *signing.roles)}
    context["signatures"] = {name: said if name in signers else {"name": "", "ink": None, "date": ""}
                             for name, said in context["signatures"].items()}
    context["receipt"]["number"] = "2026000123"
    for rows, full in ((context["checklist"]["items"], said["checklist"]["items"]), (context["papers"], said["papers"])):
        for row, whole in zip(rows, full, strict=True):
            row["title"] = whole["title"]
            row |= {"group": whole["group"], "result": "合格", "passed": True, "failed": False, "note": "", "defect": ""} \
                if "group" in whole else {"note": ""}
    context["checklist"]["open"] = context["checklist"]["reworked"] = [
        {**row, "note": "水嘴与角阀连接处渗水", "defect": "水嘴与角阀连接处渗水", "result": "不合格", "passed": False, "failed": True}
        for row in context["checklist"]["items"][:2]]
    context["fees"] = [{**row, "title": full["title"]} for row, full in zip(context["fees"], said["fees"], strict=True)]
    names = {name.removeprefix("extra.") for name in _names(of, bundle, rule) if name.startswith("extra.")}
    return {**context, "extra": dict.fromkeys(names, "已登记")}


def _names(of: Library, bundle: Bundle, rule: Document) -> set[str]:
    template = compiled(bundle.templates[rule.template], of.template, filters=FILTERS)
    return {name for part in template.variables.values() for name in part}


def _common(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        if name.endswith("_is") and value:  # one box of them is ticked
            return {key: place == 0 for place, key in enumerate(value)}
        return {key: _common(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_common(one, name) for one in (value if name in ("items", "papers", "fees", "price_lists") else value[:2])]
    if isinstance(value, Image):
        return Image(_ink(), height_mm=value.height_mm, width_mm=value.width_mm, alt="签名")
    if not isinstance(value, str):
        return value
    if name in _TYPICAL:
        return _TYPICAL[name]
    if value == "9,999,999.99":
        return "1,234.50"
    if "年12月31日" in value:
        return value.replace("2026年12月31日", _DAY)
    if value in _NUMBERS:
        return _NUMBERS[value]
    return "按约定办理" if value.startswith(_FILLER) and len(value) < LONG else _SENTENCE if value.startswith(_FILLER) else value


def _ink() -> bytes:
    picture = Pillow.new("RGBA", (360, 150), (0, 0, 0, 0))
    stroke = [(20, 110), (80, 30), (120, 120), (170, 40), (230, 100), (340, 60)]
    ImageDraw.Draw(picture).line(stroke, fill=(20, 30, 90, 255), width=7)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


# ---------------------------------------------------------------- pages


def pages_of(made: Sequence[Print], folder: Path) -> Iterator[tuple[Print, list[Pillow.Image]]]:
    """Each print as pictures of its pages, none where no PDF could be made; Word and PDF files stay in `folder`."""
    works = PaperWorks(bare_settings())
    converter = LibreOfficeConverter(timeout=600)
    for start in range(0, len(made), BATCH):
        batch = made[start : start + BATCH]
        results = converter.convert({one.file: one.word for one in batch})
        for one in batch:
            pdf = results[one.file]
            (folder / f"{one.file}.docx").write_bytes(one.word)
            if not isinstance(pdf, bytes):
                print(f"{one.file}: {pdf}")
                yield one, []
                continue
            if one.seal:
                pdf = works.seals.of(one.seal.company).seal(pdf, seal_text=one.seal, at=_SEALED_AT)
            (folder / f"{one.file}.pdf").write_bytes(pdf)
            yield one, drawn(pdf)


def drawn(pdf: bytes) -> list[Pillow.Image]:
    """The pages as pictures that fit a place of the contact sheet."""
    place = (_SHEET[0] / _COLUMNS - _MARGIN, _SHEET[1] / _ROWS - _MARGIN - _CAPTION)
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return [page.render(scale=min(place[0] / page.get_width(), place[1] / page.get_height())).to_pil() for page in document]


def sheets(shown: Sequence[tuple[str, Pillow.Image]]) -> Iterator[Pillow.Image]:
    """Contact sheets of captioned pages."""
    face = installed().face("hei")
    font = ImageFont.truetype(str(face.path), 17, index=face.index) if face else ImageFont.load_default()
    many = _COLUMNS * _ROWS
    for start in range(0, len(shown), many):
        sheet = Pillow.new("RGB", _SHEET, (120, 130, 145))
        pen = ImageDraw.Draw(sheet)
        for place, (caption, page) in enumerate(shown[start : start + many]):
            left = place % _COLUMNS * _SHEET[0] // _COLUMNS + _MARGIN // 2
            top = place // _COLUMNS * _SHEET[1] // _ROWS + _MARGIN // 2
            sheet.paste(page, (left, top))
            for line, words in enumerate(caption.split("\n")):
                pen.text((left, top + _SHEET[1] // _ROWS - _MARGIN - _CAPTION + 2 + line * 20), words, fill="white", font=font)
        yield sheet


_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>Gallery</title>
<style>body{{font:15px/1.6 sans-serif;margin:2rem}}img{{width:100%}}
td,th{{padding:.1rem .8rem;text-align:left}}</style>
<h1>Gallery</h1><table><tr><th>procedure<th>document<th>estate<th>pages{rows}</table>{pictures}</html>
"""


def _index(rows: Sequence[tuple[Print, int]], count: int) -> str:
    lines = "".join(f'<tr><td>{escape(one.procedure)}<td><a href="files/{one.file}.pdf">{escape(one.title)}</a> '
                    f'{KINDS[one.kind]}<td>{escape(one.estate)}<td>{pages}' for one, pages in rows)
    pictures = "".join(f'<p><img loading="lazy" src="sheet-{at:02d}.png">' for at in range(1, count + 1))
    return _PAGE.format(rows=lines, pictures=pictures)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "gallery")
    asked.add_argument("--procedure", action="append", help="only of this procedure; may be given several times")
    asked.add_argument("--estate", action="append", help="only of this estate; may be given several times")
    asked.add_argument("--document", action="append", help="only documents of this name; may be given several times")
    asked.add_argument("--kind", action="append", choices=list(KINDS), help="only in this way; may be given several times")
    said = asked.parse_args()
    started = time.monotonic()
    of = library()
    made = [one for estate, bundle, rule in documents(of)
            if estate in (said.estate or [estate]) and bundle.procedure.name in (said.procedure or [bundle.procedure.name])
            and rule.name in (said.document or [rule.name])
            for one in prints(of, estate, bundle, rule) if one.kind in (said.kind or [one.kind])]
    shutil.rmtree(said.folder, ignore_errors=True)
    (said.folder / "files").mkdir(parents=True)
    shown: list[tuple[str, Pillow.Image]] = []
    rows: list[tuple[Print, int]] = []
    for one, pages in pages_of(made, said.folder / "files"):
        rows.append((one, len(pages)))
        for at, page in enumerate(pages, start=1):
            shown.append((f"{one.procedure}/{one.title}\n{one.estate} {KINDS[one.kind]} {at}/{len(pages)}", page))
    count = 0
    for count, sheet in enumerate(sheets(shown), start=1):
        sheet.save(said.folder / f"sheet-{count:02d}.png", optimize=False)
    (said.folder / "index.html").write_text(_index(rows, count), encoding="utf-8")
    took = time.monotonic() - started
    print(f"{len(rows)} prints, {len(shown)} pages, {count} sheets, {took:.0f} s: {said.folder / 'index.html'}")


if __name__ == "__main__":
    main()
