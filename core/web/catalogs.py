"""The words of the pages in English: collected from templates and views, kept in `locale/en`, compiled beside it.

`python -m core.web.catalogs` brings the catalogue up to date after a word was added or changed. Chinese is the
language that the pages are written in, so it needs no catalogue.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from core import errors

HERE = Path(__file__).parent
PO = HERE / "locale" / "en" / "LC_MESSAGES" / "shouxu.po"
MO = PO.with_suffix(".mo")
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
METHODS = [("**.py", "python"), ("**.jinja2", "jinja2")]
KEYWORDS = {"_": None, "tr": None, "word": None, "gettext": None}
OPTIONS = {
    "**.jinja2": {"encoding": "utf-8", "newstyle_gettext": "true", "silent": "false", "trim_blocks": "true",
                  "lstrip_blocks": "true"}
}  # fmt: skip


def used() -> dict[str, list[tuple[str, int]]]:
    """Every word that the pages say, with the files and lines where they say it."""
    found: dict[str, list[tuple[str, int]]] = {}
    for name, line, message, _, _ in extract_from_dir(HERE, METHODS, OPTIONS, keywords=KEYWORDS):
        if isinstance(message, str):
            found.setdefault(message, []).append((Path(name).name, line))
    from core.web.faults import TITLES

    known = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    kinds = [kind for kind in known if issubclass(kind, errors.ShouxuError)]
    for title in {*(kind.title for kind in kinds), *TITLES.values()}:
        found.setdefault(title, []).append(("errors.py", 0))
    return found


def english() -> Catalog:
    """The catalogue as it is kept."""
    with PO.open("rb") as file:
        return read_po(file, locale="en", domain="shouxu")


def updated() -> Catalog:
    """The kept catalogue with new words added (untranslated) and words no longer said left out."""
    kept = english() if PO.exists() else Catalog(locale="en", domain="shouxu")
    fresh = Catalog(locale="en", domain="shouxu", project="shouxu", fuzzy=False, creation_date=BEGUN)
    fresh.revision_date = BEGUN
    for message, places in sorted(used().items()):
        known = kept.get(message)
        fresh.add(message, known.string if known else "", locations=sorted({(name, 0) for name, _ in places}))
    return fresh


def write(catalog: Catalog) -> None:
    """Write the text and the compiled form of the catalogue; the same words give the same bytes."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=110, omit_header=False, include_lineno=False, sort_output=True)
    with MO.open("wb") as file:
        write_mo(file, catalog)


if __name__ == "__main__":
    catalog = updated()
    write(catalog)
    missing = [str(message.id) for message in catalog if message.id and not message.string]
    print(f"{len(catalog)} words, {len(missing)} without English")
    print("\n".join(missing))
    sys.exit(1 if missing else 0)
