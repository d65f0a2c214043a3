"""Where a walkthrough is played: an office with a database and files of its own, thrown away afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from core.cases.building import build_office, system_actor
from core.cases.definitions import load_definitions
from core.cases.desk import Office
from core.cases.registration import UnitSheets, import_units, read_sheets
from core.clock import FixedClock
from core.definitions.estates import EstateDefinition
from core.definitions.library import Library
from core.definitions.remembered import folder_of
from core.documents.shelf import Shelf
from core.errors import NotFound, StoreError
from core.loader import Plugins
from core.settings import Settings
from core.store.blobs import MISSING, BlobStore
from core.store.schema import upgrade
from core.store.session import unit_of_work
from core.walkthroughs.staff import hire, staff_of

UNITS = "units.xlsx"
# The codes on the papers come from it: the same walk shall print the same ones on every machine.
SECRET = SecretStr("a walkthrough keeps nothing secret")


class MemoryBlobs(BlobStore):
    """Files that are gone with the stage."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def _write(self, path: str, data: bytes) -> None:
        self._files[path] = data

    def _read(self, path: str) -> bytes:
        try:
            return self._files[path]
        except KeyError:
            raise StoreError(f"文件 {path.replace('/', '')} 不存在", number=MISSING) from None

    def _written_at(self, path: str) -> datetime | None:
        return datetime.now(UTC) if path in self._files else None

    def _remove(self, path: str) -> None:
        self._files.pop(path, None)

    def _list(self) -> Iterator[tuple[str, datetime]]:
        yield from ((path, datetime.now(UTC)) for path in self._files)


@contextmanager
def stage(settings: Settings, start: datetime, definitions: tuple[Plugins, Library] | None = None) -> Iterator[Office]:
    """An office that begins at `start` with an empty database; PDF files and seals are made as the house makes them.

    `definitions`: of the same settings, when they are loaded already.
    """
    definitions = definitions or load_definitions(settings)  # not by the stage's own settings: it remembers nothing
    with TemporaryDirectory(prefix="shouxu-walk-", ignore_cleanup_errors=True) as folder:
        own = settings.model_copy(update={
            "data_dir": Path(folder), "database_url": f"sqlite:///{folder}/shouxu.sqlite", "secret": SECRET,
            "old_secrets": (), "blob_store": "", "identity_provider": ""})
        office = build_office(own, clock=FixedClock(start), durable=False, definitions=definitions)
        office.blobs = MemoryBlobs()
        office.shelf = Shelf(folder_of(settings.data_dir) / "plates")  # templates outlive the stage
        office.papers = replace(office.papers, settings=settings)  # the company's own seal, not one made for the stage
        engine = office.sessions.kw["bind"]
        try:
            upgrade(engine)
            yield office
        finally:
            engine.dispose()


def furnish(office: Office, estate: str, units: set[str]) -> None:
    """Bring in the estate's staff, and those of its units that are named."""
    known = office.library.estate(estate)
    with unit_of_work(office.sessions) as session:
        desk = office.desk(session, system_actor(office))
        hire(session, estate, staff_of(known), desk.now)
        import_units(desk, estate, _sheets(spreadsheet(known)), only=units.__contains__)


@lru_cache(maxsize=8)
def _sheets(xlsx: bytes) -> UnitSheets:
    """Read once for many walks at one estate: reading takes longer than a short walk."""
    return read_sheets(xlsx)


def spreadsheet(estate: EstateDefinition) -> bytes:
    """The estate's units and owners; NotFound, with what to do, when its folder has none."""
    path = estate.folder / UNITS
    if not path.is_file():
        raise NotFound(f"项目 `{estate.name}` 没有 {UNITS}，无从演练 (no units to play with)",
                       remedy=f"把房屋和业主表放到 {path}")
    return path.read_bytes()
