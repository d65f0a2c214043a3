"""Files by their content: the SHA-256 is the name, so a file is never changed and never stored twice.

A folder is written by our own few lines: obstore's local store does not flush to the disk, and an issued
document must survive a power cut once its number is acknowledged. Buckets go through obstore.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url as bucket
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import StoreError, StoreUnavailable
from core.store.models import Blob
from core.store.upsert import add_new

NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{62}")
MISSING = 4020
DAMAGED = 4021
REMEDY = "没有保存任何内容，请稍后再试"


def address(sha: str) -> str:
    """Where the file with this SHA-256 lies: `ab/cdef…`; StoreError for what is no SHA-256."""
    path = f"{sha[:2]}/{sha[2:]}"
    if not NAME.fullmatch(path):
        raise StoreError(f"{sha[:80]!r} 不是文件的 SHA-256", number=MISSING)
    return path


class BlobStore(ABC):
    """Bytes by their SHA-256. Subclasses say how bytes are written, read, listed and removed."""

    @staticmethod
    def from_url(url: str) -> BlobStore:
        """The store at a folder, `file://…` or `s3://bucket/prefix` (credentials: environment `AWS_…`)."""
        if url.startswith("file://"):
            return FolderBlobs(Path(url.removeprefix("file://")))
        return BucketBlobs(bucket(url)) if "://" in url else FolderBlobs(Path(url))

    def put(self, data: bytes) -> str:
        """Store `data` and return its SHA-256; when this returns, a power cut does not lose it."""
        sha = hashlib.sha256(data).hexdigest()
        self._write(address(sha), data)
        return sha

    def get(self, sha: str) -> bytes:
        """The bytes; StoreError SX-4020 when there are none, SX-4021 when they are not what was stored."""
        data = self._read(address(sha))
        if hashlib.sha256(data).hexdigest() != sha:
            raise StoreError(f"文件 {sha} 的内容已被改动", remedy="请从备份恢复该文件", number=DAMAGED)
        return data

    def exists(self, sha: str) -> bool:
        """Whether a file lies there under this SHA-256; that it is whole only `get` tells."""
        return self._written_at(address(sha)) is not None

    def remove(self, sha: str) -> None:
        """Remove a file (erasure on request, sweep); nothing happens when there is none."""
        self._remove(address(sha))

    def sweep(self, session: Session, older_than: datetime) -> list[str]:
        """Remove files that were written before `older_than` and have no row; returns their SHA-256.

        `older_than` leaves open transactions time: they write the file first, the row after it.
        """
        old = [sha for sha, written in self.listing() if written < older_than]
        known: set[str] = set()
        for start in range(0, len(old), 500):
            known.update(
                session.scalars(select(Blob.sha256).where(Blob.sha256.in_(old[start : start + 500])))
            )
        swept = []
        for sha in old:
            written = self._written_at(address(sha)) if sha not in known else None
            if (
                written is not None and written < older_than
            ):  # asked again: it may just have been put once more
                self.remove(sha)
                swept.append(sha)
        return swept

    def listing(self) -> Iterator[tuple[str, datetime]]:
        """Every file's SHA-256 and when it was last put."""
        for path, written in self._list():
            if NAME.fullmatch(path):
                yield path.replace("/", ""), written

    @abstractmethod
    def _write(self, path: str, data: bytes) -> None: ...

    @abstractmethod
    def _read(self, path: str) -> bytes: ...

    @abstractmethod
    def _written_at(self, path: str) -> datetime | None: ...

    @abstractmethod
    def _remove(self, path: str) -> None: ...

    @abstractmethod
    def _list(self) -> Iterator[tuple[str, datetime]]: ...


def keep(
    session: Session,
    store: BlobStore,
    data: bytes,
    *,
    media_type: str,
    estate: str,
    by: str,
    at: datetime,
    name: str = "",
) -> str:
    """Store `data` with its row in this transaction and return the SHA-256.

    The same bytes have one row, that of the first who kept them: who may read them is said by what refers to
    them, never by the row.
    """
    sha = store.put(data)
    row = {"sha256": sha, "size": len(data), "media_type": media_type, "name": name[:255], "estate": estate, "by": by, "at": at}
    add_new(session, Blob, row)
    return sha


# ---------------------------------------------------------------- a folder


class FolderBlobs(BlobStore):
    """Files in a local folder, flushed together with their names (2 fsyncs, which a journaling file system writes at once).

    A new file is written under its name at once: nobody reads it before the row is there, and the row comes after the flush.
    What a power cut or a full disk leaves there is put right when the same bytes are put again; else the sweep takes it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def _write(self, path: str, data: bytes) -> None:
        target = self.root / path
        try:
            self._make_folder(target.parent)
            if not _write_new(target, data):
                _write_over(target, data)
            _flush_folder(target.parent)
        except OSError as error:
            raise StoreUnavailable(f"文件无法写入: {error.strerror}", remedy=REMEDY) from error

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            for first in range(256):  # all of them with one flush, so that no later file pays for its folder
                (self.root / f"{first:02x}").mkdir(parents=True, exist_ok=True)
            _flush_folder(self.root)

    def _read(self, path: str) -> bytes:
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            raise StoreError(
                f"文件 {path.replace('/', '')} 不存在", remedy="请从备份恢复该文件", number=MISSING
            ) from None

    def _written_at(self, path: str) -> datetime | None:
        try:
            return datetime.fromtimestamp((self.root / path).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def _remove(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)

    def _list(self) -> Iterator[tuple[str, datetime]]:
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            for entry in os.scandir(folder):
                yield f"{folder.name}/{entry.name}", datetime.fromtimestamp(entry.stat().st_mtime, UTC)


def _write_new(target: Path, data: bytes) -> bool:
    """Write a file where none is; False where there is one."""
    try:
        file = open(target, "xb", buffering=0)  # noqa: SIM115 - closed below
    except FileExistsError:
        return False
    with file:
        try:
            rest = memoryview(data)
            while rest:  # a disk that is nearly full takes a part
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except BaseException:
            # not unlinked: by now the name may be that of somebody else's file with the same bytes
            file.truncate(0)
            raise
    return True


def _write_over(target: Path, data: bytes) -> None:
    """Put a file in the place of one that may be whole, half written, or not yet flushed by whoever writes it just now."""
    aside = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    try:
        with open(aside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot flush a folder; NTFS journals the rename
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ---------------------------------------------------------------- a bucket


class BucketBlobs(BlobStore):
    """Files in a bucket of S3 or what speaks like it."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    def _write(self, path: str, data: bytes) -> None:
        try:
            obstore.put(
                self.store, path, data
            )  # overwriting refreshes the time and cannot change the content
        except (BaseError, OSError) as error:
            raise StoreUnavailable("文件存储暂时不可用", remedy=REMEDY) from error

    def _read(self, path: str) -> bytes:
        try:
            return bytes(obstore.get(self.store, path).bytes())
        except FileNotFoundError:
            raise StoreError(
                f"文件 {path.replace('/', '')} 不存在", remedy="请从备份恢复该文件", number=MISSING
            ) from None
        except (BaseError, OSError) as error:
            raise StoreUnavailable("文件存储暂时不可用", remedy="请稍后再试") from error

    def _written_at(self, path: str) -> datetime | None:
        try:
            return obstore.head(self.store, path)["last_modified"]
        except FileNotFoundError:
            return None

    def _remove(self, path: str) -> None:
        if self._written_at(path) is not None:
            obstore.delete(self.store, path)

    def _list(self) -> Iterator[tuple[str, datetime]]:
        for page in obstore.list(self.store):
            for entry in page:
                yield entry["path"], entry["last_modified"]
