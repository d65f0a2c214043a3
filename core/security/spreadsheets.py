"""Excel files from outside: what they unpack to is known before anything is unpacked."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MOST_PARTS = 1_000
MOST_UNPACKED = 64 * 2**20
"""Bytes that all parts of a file unpack to."""
MOST_RATIO = 100
_RATIO_FROM = 2 * 2**20  # below, a good ratio is only a short file that repeats itself
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, LookupError, ValueError, TypeError, AttributeError, OSError, SyntaxError,
              RuntimeError, InvalidFileException)
"""What zipfile, zlib, the XML parsers (SyntaxError) and openpyxl itself raise for a broken file."""


_CONTROL = re.compile(r"_x(00[01][0-9A-F]|007F|FFF[EF])_", re.I)


class TooLarge(Exception):
    """The file would unpack to more than a spreadsheet of people ever does."""


def opened(xlsx: bytes) -> Any:
    """The workbook, to be read row by row; TooLarge, or one of UNREADABLE."""
    with zipfile.ZipFile(io.BytesIO(xlsx)) as archive:
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or total > MOST_UNPACKED or (total > _RATIO_FROM and total > MOST_RATIO * len(xlsx)):
            raise TooLarge
    return load_workbook(io.BytesIO(xlsx), read_only=True, data_only=False, keep_links=False)


def words(value: object) -> str:
    """A cell's value as text. Excel spells a control character `_x000D_`, which openpyxl hands on as it is: it would be printed."""
    return _CONTROL.sub(lambda spelt: chr(int(spelt[1], 16)), str(value))
