"""Two procedures that speak of each other in facts, at elm_court, with a plugin of the estate that answers for the outside."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from core.cases.building import build_office
from core.cases.desk import Office
from core.clock import FixedClock
from core.definitions.library import Library
from core.domain.sources import ProcedureSource
from core.loader import load_plugins
from core.settings import Settings
from tests.cases_kit import DATA, NINE, Definitions

FACTS = DATA / "facts"
ARREARS = "unit.arrears_fen"


def load() -> Definitions:
    """`leaving` (needs facts) and `works` (says facts), and the plugin `outside`."""
    estates, folder = FACTS / "estates", FACTS / "form_definitions"
    plugins = load_plugins(None, estates, installed=False)
    sources = [ProcedureSource(name, folder / name, folder / name, "1") for name in ("leaving", "works")]
    return plugins, Library.load([*plugins.sources, *sources], estates)


def office_in(folder: Path, database_url: str, definitions: Definitions) -> tuple[Office, FixedClock]:
    """An office over a database that has the schema and nothing else, and its clock."""
    settings = Settings.load(data_dir=folder / "data", database_url=database_url, secret="k" * 40, workers=0,
                             estates_dir=FACTS / "estates")
    clock = FixedClock(NINE, timedelta(seconds=1))
    return build_office(settings, clock=clock, durable=False, definitions=definitions), clock


def sheet(*rows: tuple[Any, ...], name: str = "balances") -> bytes:
    """A spreadsheet with those rows."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = name
    for row in rows:
        page.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
