"""A copy of a faulty template with a Word comment at each fault, for whoever mends it in Word."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from core.documents import archive
from core.documents.faults import TemplateFault
from core.documents.package import DECLARATION, OFFICE, RELS, TYPES, Package, W, opened, rels_of
from core.documents.source import tree_of
from core.documents.template_check import AUTHOR, TemplateProblem

_COMMENTS = "word/shouxu_comments.xml"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_BEFORE = (f"{W}pPr", f"{W}commentRangeStart")
_NUMBERED = (f"{W}commentRangeStart", f"{W}commentRangeEnd", f"{W}commentReference", f"{W}comment")


def annotated(data: bytes, problems: Iterable[TemplateProblem]) -> bytes | None:
    """The Word file in `data` with a comment of 手续 at the paragraph of each problem, the same bytes each time.

    Word has no comments in headers, footers and properties: those stand at the first paragraph and name the part. None for a
    file that does not pass the gate: it is not to be opened again.
    """
    try:
        package = opened(data)
        # not `tree_of`: what it drops between elements may be somebody's words
        body = etree.fromstring(package.members[package.main], _reader())
        comments, name = _comments_of(package)
    except (TemplateFault, etree.XMLSyntaxError):
        return None
    paragraphs = list(body.iter(f"{W}p"))
    first = 1 + max((int(node.get(f"{W}id", 0)) for tree in (body, comments) for node in tree.iter(*_NUMBERED)), default=0)
    for number, problem in enumerate(problems, first):
        here = problem.part == package.main and 0 < problem.paragraph <= len(paragraphs)
        _mark(_outermost(paragraphs[problem.paragraph - 1]) if here else _first(body), str(number))
        comments.append(_comment(str(number), _words(problem, here)))
    members = {**package.members, package.main: _written(body), name: _written(comments)}
    if name not in package.members:
        members |= _declared(package, name)
    return archive.assembled(archive.laid_out(archive.packed(one, said, 6) for one, said in members.items()), ())


def _reader() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _written(tree: etree._Element) -> bytes:
    return DECLARATION + etree.tostring(tree, encoding="UTF-8")


def _comments_of(package: Package) -> tuple[etree._Element, str]:
    """The comments that the file has, or an empty part, and its name."""
    known = package.related(package.main, "comments")
    if known:
        return etree.fromstring(package.members[known[0]], _reader()), known[0]
    return etree.Element(f"{W}comments", nsmap={"w": W[1:-1]}), _COMMENTS


def _declared(package: Package, name: str) -> dict[str, bytes]:
    """The content types and the relationships of the body, with a new part of comments in them."""
    types = tree_of("[Content_Types].xml", package.members["[Content_Types].xml"])
    etree.SubElement(types, f"{TYPES}Override", {"PartName": f"/{name}", "ContentType": _COMMENTS_TYPE})
    rels_name = rels_of(package.main)
    rels = tree_of(rels_name, package.members.get(rels_name) or f'<Relationships xmlns="{RELS[1:-1]}"/>'.encode())
    entry = {"Id": "rIdShouxuComments", "Type": f"{OFFICE}comments", "Target": f"/{name}"}
    etree.SubElement(rels, f"{RELS}Relationship", entry)
    return {"[Content_Types].xml": _written(types), rels_name: _written(rels)}


def _outermost(paragraph: etree._Element) -> etree._Element:
    """The paragraph of the page around one in a text box: Word has no comments inside of those."""
    return next(reversed(list(paragraph.iterancestors(f"{W}p"))), paragraph)


def _first(body: etree._Element) -> etree._Element:
    found = next(body.iter(f"{W}p"), None)
    if found is None:
        found = etree.Element(f"{W}p")
        body[0].insert(0, found)
    return found


def _mark(paragraph: etree._Element, number: str) -> None:
    """The comment's range around the whole paragraph, its reference at the end."""
    after = next((at for at, node in enumerate(paragraph) if node.tag not in _BEFORE), len(paragraph))
    paragraph.insert(after, etree.Element(f"{W}commentRangeStart", {f"{W}id": number}))
    etree.SubElement(paragraph, f"{W}commentRangeEnd", {f"{W}id": number})
    run = etree.SubElement(paragraph, f"{W}r")
    etree.SubElement(run, f"{W}commentReference", {f"{W}id": number})


def _comment(number: str, lines: list[str]) -> etree._Element:
    comment = etree.Element(f"{W}comment", {f"{W}id": number, f"{W}author": AUTHOR, f"{W}initials": AUTHOR})
    for line in lines:
        run = etree.SubElement(etree.SubElement(comment, f"{W}p"), f"{W}r")
        etree.SubElement(run, f"{W}t").text = line
    return comment


def _words(problem: TemplateProblem, here: bool) -> list[str]:
    """What, how to mend it, number. A tag that is quoted loses its look: comments are read for tags as well."""
    where = "" if here else f"{problem.part}:" if problem.part else ""
    lines = [f"{where}{problem.what}", problem.remedy, f"SX-{problem.number}"]
    return [line.replace("{{", "{ {").replace("{%", "{ %").replace("{#", "{ #") for line in lines if line]
