"""Every character comes out as it went in, or is refused with its position; never something else."""

from __future__ import annotations

import io

import pytest
from docx import Document

from core.documents.engine import Template
from core.documents.faults import RenderFault
from tests.documents.word_templates import saved, unzipped, with_table

SPECIAL = [
    *range(0x300),
    *range(0x2000, 0x2070),
    *range(0x3000, 0x3010),
    0xD7FF,
    0xD800,
    0xDBFF,
    0xDC00,
    0xDFFF,
    0xE000,
    *range(0xFDD0, 0xFDF0),
    0xFE0F,
    0xFEFF,
    0xFFF9,
    0xFFFC,
    0xFFFD,
    0xFFFE,
    0xFFFF,
    0x1FFFE,
    0x1FFFF,
    0x20BB7,
    0x10FFFD,
    0x10FFFE,
    0x10FFFF,
]
POINTS = sorted({*SPECIAL, *range(0, 0x110000, 257)})


@pytest.fixture(scope="module")
def template() -> Template:
    document = Document(io.BytesIO(with_table(("[{{ v }}]",), before=("[{{ v }}]",))))
    document.sections[0].header.paragraphs[0].text = "[{{ v }}]"
    document.sections[0].footer.paragraphs[0].text = "[{{ v }}]"
    document.core_properties.title = "[{{ v }}]"
    return Template.compile(saved(document))


def read_back(out: bytes) -> set[str]:
    document = Document(io.BytesIO(out))
    section = document.sections[0]
    return {
        document.paragraphs[0].text,
        document.tables[0].rows[0].cells[0].text,
        section.header.paragraphs[0].text,
        section.footer.paragraphs[0].text,
        document.core_properties.title,
    }


def test_every_code_point_is_exact_or_refused(template: Template) -> None:
    good, bad = [], []
    for point in POINTS:
        try:
            template.render({"v": chr(point)})
            good.append(point)
        except RenderFault as fault:
            assert fault.number == 3202 and f"U+{point:04X}" in fault.plain
            bad.append(point)
    assert all(
        point < 0x20 or point == 0x7F or 0xD800 <= point <= 0xDFFF or point in (0xFFFE, 0xFFFF)
        for point in bad
    )
    for start in range(0, len(good), 500):
        for chunk in ("".join(map(chr, good[start : start + 500])),):
            expected = f"[{chunk}]".replace("\r\n", "\n").replace("\r", "\n")
            assert read_back(template.render({"v": chunk})) == {expected}


def test_the_refusal_says_where(template: Template) -> None:
    with pytest.raises(RenderFault, match=r"第 3 个字符\(U\+0007\)"):
        template.render({"v": "甲乙\x07丙"})


def test_no_part_is_left_half_written(template: Template) -> None:
    assert all(part for part in unzipped(template.render({"v": "甲"})).values())
