"""The fonts that PDFs and seals are set in: what Word files ask for, mapped to what is installed.

Chinese Word files ask for 宋体, 黑体, 楷体, 仿宋 … that no Linux server has. Without an explicit map
LibreOffice searches all fonts for each character, which made fifteen files take three times as long.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Face:
    """One installed font: family as fontconfig knows it, file, and its index inside a TTC collection."""

    family: str
    path: Path
    index: int = 0


# For each style, best first: family, regular file, index in the collection, bold file ("" = same file).
# Index 2 of the Noto collections is Simplified Chinese.
_CANDIDATES: dict[str, tuple[tuple[str, str, int, str], ...]] = {
    "song": (
        ("Noto Serif CJK SC", "NotoSerifCJK-Regular.ttc", 2, "NotoSerifCJK-Bold.ttc"),
        ("Noto Serif CJK SC", "NotoSerifCJKsc-Regular.otf", 0, "NotoSerifCJKsc-Bold.otf"),
        ("Source Han Serif SC", "SourceHanSerifSC-Regular.otf", 0, "SourceHanSerifSC-Bold.otf"),
        ("SimSun", "simsun.ttc", 0, ""),
        ("AR PL UMing CN", "uming.ttc", 0, ""),
    ),
    "hei": (
        ("Noto Sans CJK SC", "NotoSansCJK-Regular.ttc", 2, "NotoSansCJK-Bold.ttc"),
        ("Noto Sans CJK SC", "NotoSansCJKsc-Regular.otf", 0, "NotoSansCJKsc-Bold.otf"),
        ("Source Han Sans SC", "SourceHanSansSC-Regular.otf", 0, "SourceHanSansSC-Bold.otf"),
        ("SimHei", "simhei.ttf", 0, ""),
        ("WenQuanYi Zen Hei", "wqy-zenhei.ttc", 0, ""),
    ),
    "kai": (
        ("KaiTi", "simkai.ttf", 0, ""),
        ("LXGW WenKai", "LXGWWenKai-Regular.ttf", 0, ""),
        ("AR PL UKai CN", "ukai.ttc", 0, ""),
    ),
    "fang": (("FangSong", "simfang.ttf", 0, ""),),
    "serif": (
        ("Liberation Serif", "LiberationSerif-Regular.ttf", 0, ""),
        ("Tinos", "Tinos-Regular.ttf", 0, ""),
        ("Times New Roman", "times.ttf", 0, ""),
    ),
    "sans": (
        ("Liberation Sans", "LiberationSans-Regular.ttf", 0, ""),
        ("Arimo", "Arimo-Regular.ttf", 0, ""),
        ("Arial", "arial.ttf", 0, ""),
    ),
    "mono": (
        ("Liberation Mono", "LiberationMono-Regular.ttf", 0, ""),
        ("DejaVu Sans Mono", "DejaVuSansMono.ttf", 0, ""),
    ),
    "symbol": (("OpenSymbol", "opens___.ttf", 0, ""), ("DejaVu Sans", "DejaVuSans.ttf", 0, "")),
}
# A style that is not installed borrows another: 楷体 and 仿宋 are nearer to 宋体 than to 黑体.
_BORROWS = {
    "kai": "song",
    "fang": "song",
    "serif": "song",
    "sans": "hei",
    "mono": "hei",
    "song": "hei",
    "hei": "song",
}

# What Word files ask for.
_WANTED: dict[str, tuple[str, ...]] = {
    "song": (
        "宋体",
        "SimSun",
        "新宋体",
        "NSimSun",
        "华文宋体",
        "STSong",
        "华文中宋",
        "STZhongsong",
        "方正小标宋简体",
        "宋体-简",
        "Songti SC",
        "SimSun-ExtB",
        "MS Mincho",
        "PMingLiU",
    ),
    "hei": (
        "黑体",
        "SimHei",
        "微软雅黑",
        "Microsoft YaHei",
        "Microsoft YaHei UI",
        "等线",
        "DengXian",
        "等线 Light",
        "华文黑体",
        "STHeiti",
        "华文细黑",
        "STXihei",
        "PingFang SC",
        "苹方-简",
        "Heiti SC",
    ),
    "kai": ("楷体", "KaiTi", "楷体_GB2312", "KaiTi_GB2312", "华文楷体", "STKaiti", "Kaiti SC"),
    "fang": ("仿宋", "FangSong", "仿宋_GB2312", "FangSong_GB2312", "华文仿宋", "STFangsong"),
    "serif": ("Times New Roman", "Times", "Georgia", "Cambria", "serif"),
    "sans": ("Arial", "Helvetica", "Calibri", "Calibri Light", "Verdana", "Tahoma", "Segoe UI", "sans-serif"),
    "mono": ("Courier New", "Consolas", "monospace"),
}
_CHINESE_NAMES = {"song": "宋体", "hei": "黑体", "kai": "楷体", "fang": "仿宋"}


def font_roots() -> tuple[Path, ...]:
    """The folders in which this machine keeps fonts (those that exist)."""
    windows = os.environ.get("WINDIR")
    home = Path.home()
    roots = [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".local/share/fonts",
        home / ".fonts",
        Path("/System/Library/Fonts"),
        Path("/Library/Fonts"),
        home / "Library/Fonts",
    ]
    if windows:
        roots.append(Path(windows) / "Fonts")
    return tuple(root for root in roots if root.is_dir())


@dataclass(frozen=True)
class Fonts:
    """The installed faces by style (`song`, `hei`, `kai`, `fang`, `serif`, `sans`, `mono`, `symbol`)."""

    regular: dict[str, Face]
    bold: dict[str, Face]
    folders: tuple[Path, ...] = field(default=())

    @classmethod
    def find(cls, roots: Sequence[Path] | None = None) -> Fonts:
        """Look through the font folders for the faces we know; missing styles stay out of the mappings."""
        files = {
            path.name.lower(): path for path in _font_files(roots if roots is not None else font_roots())
        }
        regular: dict[str, Face] = {}
        bold: dict[str, Face] = {}
        for style, candidates in _CANDIDATES.items():
            for family, name, index, bold_name in candidates:
                path = files.get(name.lower())
                if path is None:
                    continue
                regular[style] = Face(family, path, index)
                bold[style] = Face(family, files.get(bold_name.lower(), path), index)
                break
        folders = {face.path.parent for faces in (regular, bold) for face in faces.values()}
        return cls(regular, bold, tuple(sorted(folders)))

    def face(self, style: str, *, bold: bool = False) -> Face | None:
        """The face for a style, or the one it borrows, or None when nothing fits."""
        faces = self.bold if bold else self.regular
        for name in _chain(style):
            if name in faces:
                return faces[name]
        return None

    def missing(self) -> str | None:
        """One line naming the Chinese styles that are missing (and what to install), or None."""
        gaps = [_CHINESE_NAMES[style] for style in ("song", "hei") if style not in self.regular]
        if not gaps:
            return None
        return (
            f"缺少中文字体：{'、'.join(gaps)}；请安装 fonts-noto-cjk"
            f" (no Chinese font for {', '.join(gaps)}: install fonts-noto-cjk)"
        )

    def write_config(self, folder: Path) -> Path:
        """Write `fonts.conf` (and its cache folder) into `folder`; the path is for FONTCONFIG_FILE."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "fonts.conf"
        content = self._config(folder / "fontcache")
        if not path.exists() or path.read_text("utf-8") != content:
            draft = folder / f".fonts.conf.{os.getpid()}"
            draft.write_text(content, "utf-8")
            draft.replace(path)
        return path

    def _config(self, cache_folder: Path) -> str:
        lines = ['<?xml version="1.0"?>', '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">', "<fontconfig>"]
        folders: Iterable[Path] = self.folders or font_roots()
        lines += [f"<dir>{escape(str(folder))}</dir>" for folder in folders]
        lines.append(f"<cachedir>{escape(str(cache_folder))}</cachedir>")
        for style, names in _WANTED.items():
            face = self.face(style)
            if face is not None:
                lines += [_mapping(name, face.family) for name in names if name != face.family]
        lines.append("</fontconfig>\n")
        return "\n".join(lines)


@cache
def installed() -> Fonts:
    """The fonts of this machine, looked up once per process."""
    return Fonts.find()


def _chain(style: str) -> Iterator[str]:
    seen: set[str] = set()
    while style and style not in seen:
        seen.add(style)
        yield style
        style = _BORROWS.get(style, "")


def _font_files(roots: Sequence[Path]) -> Iterator[Path]:
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                if name.lower().endswith((".ttf", ".ttc", ".otf")):
                    yield Path(folder, name)


def _mapping(wanted: str, family: str) -> str:
    return (
        '<match target="pattern">'
        f'<test qual="any" name="family" compare="eq"><string>{escape(wanted)}</string></test>'
        f'<edit name="family" mode="assign" binding="same"><string>{escape(family)}</string></edit>'
        "</match>"
    )
