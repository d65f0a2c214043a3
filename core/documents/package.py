"""The gate for Word files from outside: sizes are known before unpacking, nothing active comes in."""

from __future__ import annotations

import io
import posixpath
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from core.documents.faults import Spot, TemplateFault

MAX_MEMBERS = 1_000
MAX_MEMBER = 20_000_000
MAX_TOTAL = 60_000_000
MAX_RATIO = 100
# Below this size a good ratio is only a short file that repeats itself.
_RATIO_FROM = 2_000_000

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DECLARATION = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

_MEDIA = frozenset({"png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf", "wdp"})
_ENDINGS = _MEDIA | {"xml", "rels", "odttf", "ttf"}
_BANNED_RELATIONS = frozenset(
    {
        "vbaProject",
        "oleObject",
        "package",
        "aFChunk",
        "attachedTemplate",
        "control",
        "frame",
        "subDocument",
        "externalLink",
        "mailMergeSource",
        "activeXControlBinary",
        "keyMapCustomizations",
    }
)
_BANNED_TYPES = re.compile("macroEnabled|vbaProject|vbaData|oleObject|activeX|ms-word.attachedToolbars", re.I)
_BANNED_ELEMENTS = {
    f"{W}altChunk": "altChunk",
    f"{W}object": "OLE",
    f"{W}control": "ActiveX",
    f"{W}subDoc": "subDoc",
    "{urn:schemas-microsoft-com:office:office}OLEObject": "OLE",
}
_FETCHING_FIELDS = re.compile(
    r"\x01\s*(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DATABASE|RD|MACROBUTTON)\b", re.I
)
_FIELD_EDGE = "\x01"  # cannot stand in XML, so it cannot be in an instruction
_VML = "{urn:schemas-microsoft-com:vml}"
# Word files know two encodings; others would make the parser look for a decoder.
_ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]{0,80}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SAFE_LINKS = re.compile(r"(https?://|mailto:|tel:|#)", re.I)


@dataclass(frozen=True)
class Relation:
    """One relationship: id, last word of its type, target (member name when it is inside)."""

    id: str
    kind: str
    target: str
    external: bool


@dataclass(frozen=True)
class Package:
    """A Word file that passed the gate: members in their order, and where its main part is."""

    members: dict[str, bytes]
    main: str

    def relations(self, part: str) -> list[Relation]:
        """The relationships of a part."""
        return list(_relations(self.members.get(rels_of(part), b""), part))

    def related(self, part: str, *kinds: str) -> list[str]:
        """Member names that `part` refers to by relationships of these kinds, each once, in file order."""
        found = [r.target for r in self.relations(part) if r.kind in kinds and not r.external]
        return [name for name in dict.fromkeys(found) if name in self.members]

    def having(self, members: dict[str, bytes]) -> Package:
        """The package with some members replaced or added."""
        return replace(self, members={**self.members, **members})


def rels_of(part: str) -> str:
    """`word/document.xml` → `word/_rels/document.xml.rels`."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def opened(data: bytes) -> Package:
    """The Word file read and found harmless; TemplateFault 3101–3107 otherwise."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_sizes(infos, len(data))
            _check_names(infos)
            members = {info.filename: archive.read(info) for info in infos if not info.is_dir()}
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
    ) as error:
        raise TemplateFault(
            f"不是完好的 Word 文件({error})", number=3101, remedy="请用 Word 或 LibreOffice 另存为 .docx"
        ) from error
    return _checked(members)


def _check_sizes(infos: list[zipfile.ZipInfo], packed: int) -> None:
    if len(infos) > MAX_MEMBERS:
        raise TemplateFault(f"内含文件过多：{len(infos)}", number=3102)
    for info in infos:
        if info.flag_bits & 0x1:
            raise TemplateFault(f"{info.filename} 已加密", number=3101)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise TemplateFault(f"{info.filename} 的压缩方式不受支持", number=3101)
        # zipfile never reads past the declared size, so what is declared is the most there can be.
        if info.file_size > MAX_MEMBER:
            raise TemplateFault(f"{info.filename} 展开后 {info.file_size} 字节，超过上限", number=3102)
        if info.file_size > _RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise TemplateFault(f"{info.filename} 的压缩比异常", number=3102)
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL or (total > 2 * _RATIO_FROM and total > MAX_RATIO * packed):
        raise TemplateFault(f"展开后共 {total} 字节，超过上限", number=3102)


def _check_names(infos: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        pieces = name.rstrip("/").split("/")
        if (
            not name
            or name.startswith("/")
            or "\\" in name
            or ":" in name
            or {"", ".", ".."} & set(pieces)
            or not name.isprintable()
        ):
            raise TemplateFault(f"文件路径不合规：{name!r}", number=3103)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise TemplateFault(f"{name} 是符号链接", number=3103)
        # Readers differ in whether names are compared with case, so no two may differ by case alone.
        if name.lower() in seen:
            raise TemplateFault(f"文件名重复：{name}", number=3103)
        seen.add(name.lower())


def _checked(members: dict[str, bytes]) -> Package:
    for needed in ("[Content_Types].xml", "_rels/.rels"):
        if needed not in members:
            raise TemplateFault(f"缺少 {needed}", number=3101, remedy="请用 Word 或 LibreOffice 另存为 .docx")
    for name, data in members.items():
        _check_kind(name)
        if name.endswith((".xml", ".rels")):
            _check_xml(name, data)
    for name, data in members.items():
        if name.endswith(".rels"):
            _check_relations(name, data)
    main = _main_part(members)
    return Package(members, main)


def _check_kind(name: str) -> None:
    low = name.lower()
    ending = low.rpartition(".")[2]
    if "vbaproject" in low or "vbadata" in low or "/activex/" in low:
        raise TemplateFault("模板含宏或控件", Spot(name), number=3106, remedy="请另存为不含宏的 .docx")
    if ending not in _ENDINGS and not re.search(r"printersettings\d*\.bin$", low):
        raise TemplateFault(
            "模板含嵌入对象或不受支持的文件",
            Spot(name),
            number=3106,
            remedy="图片请用 PNG 或 JPEG;嵌入对象请删除",
        )


def parsed(name: str, data: bytes) -> Element:
    """The XML of a member, without DOCTYPE and entities."""
    encoding = _ENCODING.match(data)
    if encoding and encoding.group(1).lower() not in (b"utf-8", b"utf-16"):
        raise TemplateFault(f"XML 的编码应为 UTF-8,现为 {encoding.group(1).decode()}", Spot(name), number=3104)
    try:
        return defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise TemplateFault("含有 DOCTYPE 或实体定义", Spot(name), number=3104) from error
    except (ParseError, ValueError, LookupError) as error:
        raise TemplateFault(f"XML 有误({error})", Spot(name), number=3104) from error


def _check_xml(name: str, data: bytes) -> None:
    root = parsed(name, data)
    if name == "[Content_Types].xml":
        for entry in root:
            if _BANNED_TYPES.search(entry.get("ContentType", "")):
                raise TemplateFault(
                    "模板含宏、控件或 OLE 对象", Spot(name), number=3106, remedy="请另存为不含宏的 .docx"
                )
    elif not name.endswith(".rels"):
        _check_elements(name, root)


def _check_elements(name: str, root: Element) -> None:
    instructions: list[str] = []
    for element in root.iter():
        banned = _BANNED_ELEMENTS.get(element.tag)
        if banned:
            raise TemplateFault(f"模板含 {banned}", Spot(name), number=3106)
        if element.tag == f"{W}instrText":
            instructions.append(element.text or "")
        elif element.tag == f"{W}fldSimple":
            instructions.append(_FIELD_EDGE + element.get(f"{W}instr", "") + _FIELD_EDGE)
        elif element.tag == f"{W}fldChar":
            instructions.append(_FIELD_EDGE)
        elif element.tag.startswith(_VML) and any(
            "://" in value or value.startswith("\\\\")
            for key, value in element.items()
            if key.rpartition("}")[2] in ("src", "href")
        ):
            raise TemplateFault("图形引用了外部文件", Spot(name), number=3105)
    # A field word may be cut into several runs, so they are joined before looking.
    found = _FETCHING_FIELDS.search("".join(instructions))
    if found:
        raise TemplateFault(f"域 {found.group(1).upper()} 会读取外部内容", Spot(name), number=3107)


def _check_relations(name: str, data: bytes) -> None:
    for relation in _relations(data, ""):
        if relation.kind in _BANNED_RELATIONS:
            raise TemplateFault(f"模板含 {relation.kind}", Spot(name), number=3106)
        if relation.external and (relation.kind != "hyperlink" or not _SAFE_LINKS.match(relation.target)):
            raise TemplateFault(
                f"引用了外部内容 {relation.target[:80]}",
                Spot(name),
                number=3105,
                remedy="图片请嵌入而不是链接",
            )


def _relations(data: bytes, part: str) -> Iterator[Relation]:
    if not data:
        return
    folder = posixpath.dirname(part)
    for entry in parsed(rels_of(part), data).iter(f"{RELS}Relationship"):
        external = entry.get("TargetMode", "").lower() == "external"
        target = entry.get("Target", "")
        if not external:
            target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
        yield Relation(entry.get("Id", ""), entry.get("Type", "").rpartition("/")[2], target, external)


def _main_part(members: dict[str, bytes]) -> str:
    for relation in _relations(members["_rels/.rels"], ""):
        if (
            relation.kind == "officeDocument"
            and relation.target in members
            and relation.target.endswith(".xml")
        ):
            break
    else:
        raise TemplateFault("找不到正文", Spot("_rels/.rels"), number=3101)
    types = parsed("[Content_Types].xml", members["[Content_Types].xml"])
    if not any(
        entry.get("PartName", "").lstrip("/") == relation.target and entry.get("ContentType") == MAIN_TYPE
        for entry in types
    ):
        raise TemplateFault("不是 Word 文档(.docx)", Spot(relation.target), number=3101)
    return relation.target
