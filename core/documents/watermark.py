"""A word across every page (作废, 草稿): a light diagonal text in each header, made where there is none."""

from __future__ import annotations

from collections.abc import Iterator
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


def stamped(package: Package, words: str) -> Package:
    """The Word file with `words` across every page of every section."""
    body = tree_of(package.main, package.members[package.main])
    work = _Work(package, words)
    for section in _sections(body):
        work.section(section)
    return package.having({**work.members, package.main: _bytes(body)})


class _Work:
    """Goes through the sections in order, since a section without a header shows that of the one before."""

    def __init__(self, package: Package, words: str) -> None:
        self.package, self.words = package, words
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
        number = next(self.numbers)
        page = section.find(f"{_W}pgSz")
        sides = [_A4] if page is None else [int(page.get(f"{_W}w", _A4)), int(page.get(f"{_W}h", _A4))]
        wide = round(min(sides) / _TWIPS_PER_POINT * 0.65)
        high = round(wide / max(len(self.words), 1))
        parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False)
        return etree.fromstring(
            _RUN.format(number=number, spid=2048 + number, words=escape(self.words), wide=wide, high=high),
            parser,
        )


def _sections(body: etree._Element) -> Iterator[etree._Element]:
    found = list(body.iter(f"{_W}sectPr"))
    if not found:
        holder = body.find(f"{_W}body")
        assert holder is not None, "a main part without a body"
        found = [etree.SubElement(holder, f"{_W}sectPr")]
    yield from found


def _bytes(tree: etree._Element) -> bytes:
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)
