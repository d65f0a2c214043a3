"""Where a template or a rendering went wrong: the part of the Word file, the paragraph, the words around."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import RenderFailed, TemplateRefused


@dataclass(frozen=True)
class Spot:
    """A place in a Word file: part (`word/document.xml`), 1-based paragraph (0: unknown), its words."""

    part: str = ""
    paragraph: int = 0
    words: str = ""

    def __str__(self) -> str:
        place = self.part
        if self.paragraph:
            place += f" 第 {self.paragraph} 段"
        return place + (f"「{self.words}」" if self.words else "")


class TemplateFault(TemplateRefused):
    """A template that may not enter, with its spot.

    3101 no Word file, 3102 too large or a bomb, 3103 member names, 3104 XML or DOCTYPE, 3105 outside links,
    3106 macros, OLE, altChunk, 3107 fields that fetch, 3110 syntax, 3111 forbidden construct, 3112 open tag,
    3113 unknown filter; in a trial 3130 too slow, 3131 out of memory, 3133 reached outside.
    """

    def __init__(self, what: str, spot: Spot = Spot(), *, number: int = 3100, remedy: str = "") -> None:
        super().__init__(f"{spot}:{what}" if spot.part else what, remedy=remedy, number=number)
        self.plain, self.spot = what, spot


class RenderFault(RenderFailed):
    """A rendering that gave no document, with template and spot.

    3201 missing value, 3202 unprintable value, 3203 broken XML, 3204 picture, 3205 filter or operator, 3206 too many
    steps or too long, 3207 too much text.
    """

    def __init__(self, what: str, spot: Spot = Spot(), *, template: str = "", number: int = 3200) -> None:
        place = " ".join(filter(None, (template, str(spot))))
        super().__init__(f"{place}:{what}" if place else what, number=number)
        self.plain, self.spot = what, spot

    def of(self, template: str) -> RenderFault:
        """The same fault, with the name of the template: the engine itself knows only its hash."""
        return RenderFault(self.plain, self.spot, template=template, number=self.number)
