"""A zip file put together from members that are already deflated: same members, same bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
# 1980-01-01 00:00, the first moment a zip file can name: the time of rendering must not be in the bytes.
_DATE, _TIME = 0x0021, 0
_UTF8 = 0x0800


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its local header with data, and its line of the directory up to the offset."""

    name: str
    local: bytes
    entry: bytes
    tail: bytes


def packed(name: str, data: bytes, level: int = 9) -> Member:
    """`data` deflated at `level` (0 stores it, for pictures)."""
    encoded = name.encode()
    flags = 0 if name.isascii() else _UTF8
    body, method = data, 0
    if level:
        press = zlib.compressobj(level, zlib.DEFLATED, -15)
        body, method = press.compress(data) + press.flush(), 8
    crc = zlib.crc32(data)
    local = _LOCAL.pack(
        b"PK\x03\x04", 20, flags, method, _TIME, _DATE, crc, len(body), len(data), len(encoded), 0
    )
    entry = _CENTRAL.pack(
        b"PK\x01\x02",
        20,
        20,
        flags,
        method,
        _TIME,
        _DATE,
        crc,
        len(body),
        len(data),
        len(encoded),
        0,
        0,
        0,
        0,
        0,
        0,
    )
    return Member(name, local + encoded + body, entry[:-4], encoded)


@dataclass(frozen=True)
class Stem:
    """The members that never change, laid out once."""

    body: bytes
    directory: bytes
    count: int


def laid_out(members: Iterable[Member]) -> Stem:
    """The members one after the other, with their directory."""
    body, directory, count = bytearray(), bytearray(), 0
    for member in members:
        directory += member.entry + struct.pack("<I", len(body)) + member.tail
        body += member.local
        count += 1
    return Stem(bytes(body), bytes(directory), count)


def assembled(stem: Stem, members: Iterable[Member]) -> bytes:
    """The zip file of the stem followed by `members`."""
    pieces, directory, offset, count = [stem.body], [stem.directory], len(stem.body), stem.count
    for member in members:
        pieces.append(member.local)
        directory.append(member.entry + struct.pack("<I", offset) + member.tail)
        offset += len(member.local)
        count += 1
    listing = b"".join(directory)
    pieces += listing, _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listing), offset, 0)
    return b"".join(pieces)
