"""Words on every page: 作废 and 草稿 across it, the name of a copy (第一联 存根联) upright at its right edge.

Both stand in the headers, which are made where there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from itertools import count

from lxml import etree

from core.documents.package import OFFICE, RELS, Package, rels_of
from core.documents.source import tree_of

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CT = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_HEADER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
_TWIPS_PER_POINT = 20
_A4 = 11906

# Word's own shape for a watermark (type 136, text along a path); LibreOffice reads it as Fontwork.
_RUN = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<w:rPr><w:noProof/></w:rPr><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800"
 path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/>
<v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/>
<v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/>
<v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>
<v:path textpathok="t" o:connecttype="custom" o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800"
 o:connectangles="270,180,90,0"/>
<v:textpath on="t" fitshape="t"/><o:lock v:ext="edit" text="t" shapetype="t"/></v:shapetype>
<v:shape id="PowerPlusWaterMarkObject{number}" o:spid="_x0000_s{spid}" type="#_x0000_t136" alt="{words}"
 style="position:absolute;margin-left:0;margin-top:0;width:{wide}pt;height:{high}pt;rotation:315;\
z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:page;\
mso-position-vertical:center;mso-position-vertical-relative:page"
 o:allowincell="f" fillcolor="#d0d0d0" stroked="f"><v:fill opacity=".5"/>
<v:textpath style="font-family:&quot;黑体&quot;;font-size:1pt" string="{words}"/></v:shape></w:pict></w:r>"""

# A text box set upright in the right margin; Word, WPS and LibreOffice all read this old form.
_LABEL = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<w:rPr><w:noProof/></w:rPr><w:pict>
<v:shape id="ShouxuCopyLabel{number}" o:spid="_x0000_s{spid}" alt="{words}" coordsize="21600,21600"
 path="m,l,21600r21600,l21600,xe" style="position:absolute;margin-left:{left}pt;margin-top:{top}pt;\
width:18pt;height:{high}pt;z-index:251658752;mso-position-horizontal-relative:page;\
mso-position-vertical-relative:page" filled="f" stroked="f">
<v:textbox style="layout-flow:vertical-ideographic" inset="0,0,0,0"><w:txbxContent><w:p><w:pPr>
<w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/><w:jc w:val="left"/></w:pPr><w:r><w:rPr>
<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="黑体" w:hint="eastAsia"/><w:sz w:val="18"/></w:rPr>
<w:t xml:space="preserve">{words}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"""

LABEL_RIGHT, LABEL_TOP, LABEL_SIZE = 36.0, 85.0, 9.0
"""Points from the right edge of the page to a label's left side, from the top edge to its head, and of its characters."""

Run = Callable[[etree._Element, int], etree._Element]


def stamped(package: Package, words: str) -> Package:
    """The Word file with `words` across every page of every section."""
    return _marked(package, lambda section, number: _across(section, number, words))


def labelled(package: Package, words: str, room: int) -> Package:
    """The Word file with `words` upright at the right edge of every page of every section, with `room` for so many characters."""
    return _marked(package, lambda section, number: _at_the_edge(section, number, words, room))


def _marked(package: Package, run: Run) -> Package:
    body = tree_of(package.main, package.members[package.main])
    work = _Work(package, run)
    for section in _sections(body):
        work.section(section)
    return package.having({**work.members, package.main: _bytes(body)} if work.made else work.members)


class _Work:
    """Goes through the sections in order, since a section without a header shows that of the one before."""

    def __init__(self, package: Package, run: Run) -> None:
        self.package, self._run = package, run
        self.made = False
        self.members: dict[str, bytes] = {}
        self.targets = {relation.id: relation.target for relation in package.relations(package.main)}
        settings = [package.members[name] for name in package.related(package.main, "settings")]
        self.kinds = (
            {"default", "even"} if any(b"evenAndOddHeaders" in data for data in settings) else {"default"}
        )
        self.shown: set[str] = set()
        self.numbers = count(1)

    def section(self, section: etree._Element) -> None:
        wanted = self.kinds | ({"first"} if section.find(f"{_W}titlePg") is not None else set())
        for reference in section.findall(f"{_W}headerReference"):
            self.shown.add(reference.get(f"{_W}type", "default"))
            self.mark(self.targets[reference.get(f"{_R}id", "")], section)
        for kind in sorted(wanted - self.shown):
            self.shown.add(kind)
            self.made = True
            section.insert(
                0, etree.Element(f"{_W}headerReference", {f"{_W}type": kind, f"{_R}id": self.new(section)})
            )

    def mark(self, name: str, section: etree._Element) -> None:
        if name in self.members:
            return
        header = tree_of(name, self.package.members[name])
        first = header.find(f"{_W}p")
        if first is None:
            first = etree.Element(f"{_W}p")
            header.insert(0, first)
        has_properties = len(first) and first[0].tag == f"{_W}pPr"
        first.insert(1 if has_properties else 0, self.run(section))
        self.members[name] = _bytes(header)

    def new(self, section: etree._Element) -> str:
        taken = self.package.members.keys() | self.members.keys()
        name = next(name for name in (f"word/headerStamp{n}.xml" for n in count(1)) if name not in taken)
        relation = f"rIdStamp{name[16:-4]}"
        header = etree.Element(f"{_W}hdr", nsmap={"w": _W[1:-1]})
        etree.SubElement(header, f"{_W}p").append(self.run(section))
        self.members[name] = _bytes(header)
        self._add(
            rels_of(self.package.main),
            f"{RELS}Relationship",
            {"Id": relation, "Type": f"{OFFICE}header", "Target": f"/{name}"},
        )
        self._add(
            "[Content_Types].xml", f"{_CT}Override", {"PartName": f"/{name}", "ContentType": _HEADER_TYPE}
        )
        return relation

    def _add(self, member: str, tag: str, attributes: dict[str, str]) -> None:
        tree = tree_of(member, self.members.get(member) or self.package.members[member])
        etree.SubElement(tree, tag, attributes)
        self.members[member] = _bytes(tree)

    def run(self, section: etree._Element) -> etree._Element:
        return self._run(section, next(self.numbers))


def _across(section: etree._Element, number: int, words: str) -> etree._Element:
    wide = round(min(_sides(section)) / _TWIPS_PER_POINT * 0.65)
    return _shape(_RUN, number=number, spid=2048 + number, words=words, wide=wide, high=round(wide / max(len(words), 1)))


def _at_the_edge(section: etree._Element, number: int, words: str, room: int) -> etree._Element:
    left = round(_sides(section)[0] / _TWIPS_PER_POINT - LABEL_RIGHT, 1)
    high = round((room + 1) * LABEL_SIZE * 1.45)
    return _shape(_LABEL, number=number, spid=3072 + number, words=words, left=left, top=LABEL_TOP, high=high)


def _sides(section: etree._Element) -> tuple[int, int]:
    page = section.find(f"{_W}pgSz")
    return (_A4, 16838) if page is None else (int(page.get(f"{_W}w", _A4)), int(page.get(f"{_W}h", _A4)))


def _shape(form: str, *, words: str, **measures: float) -> etree._Element:
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False)
    return etree.fromstring(form.format(words=escape(words), **measures), parser)


def _sections(body: etree._Element) -> Iterator[etree._Element]:
    found = list(body.iter(f"{_W}sectPr"))
    if not found:
        holder = body.find(f"{_W}body")
        assert holder is not None, "a main part without a body"
        found = [etree.SubElement(holder, f"{_W}sectPr")]
    yield from found


def _bytes(tree: etree._Element) -> bytes:
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)
