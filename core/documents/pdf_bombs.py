"""Whether a PDF from outside would fill the memory when somebody opens it: looked at before any library does.

A stream of three hundred kilobytes may unpack to three hundred megabytes, and readers unpack cross references and
objects whole. Every stream is therefore unpacked here first, a piece at a time, and thrown away.
"""

from __future__ import annotations

import re
import zlib

MOST = 64 * 1024 * 1024
"""Bytes that one stream may unpack to: a page of 25 megapixels in grey fits, twice over."""
MOST_OF_ALL = 512 * 1024 * 1024
_PIECE = 1024 * 1024
_LAYERS = 3
_STREAM = re.compile(rb"\bstream\r?\n")
# What zlib streams begin with; readers forgive a white space before it.
_DEFLATED = re.compile(rb"[\0\t\n\f\r ]{0,4}(?=[\x08\x18\x28\x38\x48\x58\x68\x78][\x01-\xff])")


def is_bomb(pdf: bytes) -> bool:
    """Whether a stream of it unpacks to more than `MOST` bytes, or all of them to more than `MOST_OF_ALL`."""
    left = MOST_OF_ALL
    for found in _STREAM.finditer(pdf):
        size = _unpacked(memoryview(pdf)[found.end() :], _LAYERS, min(MOST, left))
        if size is None:
            return True
        left -= size
    return False


def _unpacked(data: memoryview, layers: int, most: int) -> int | None:
    """How many bytes the deflated stream at the beginning of `data` unpacks to, one inside the other; None for more than `most`.
    What is no such stream has none."""
    blank = _DEFLATED.match(data)
    if blank is None:
        return 0
    press, size, first, at = zlib.decompressobj(), 0, b"", blank.end()
    try:
        while not press.eof:
            fed = press.unconsumed_tail or bytes(data[at : at + 65536])
            at += 0 if press.unconsumed_tail else 65536
            if not fed:
                break
            piece = press.decompress(fed, _PIECE)
            first = first or piece[:16]
            size += len(piece)
            if size > most:
                return None
    except zlib.error:
        return size  # readers stop there as well
    if layers > 1 and _DEFLATED.match(first) and size:
        return _inner(data, blank.end(), layers, most, size)
    return size


def _inner(data: memoryview, start: int, layers: int, most: int, size: int) -> int | None:
    """As `_unpacked`, of a stream that may hold another one; it is small enough to be held."""
    press = zlib.decompressobj()
    try:
        whole = press.decompress(bytes(data[start:]), most)
    except zlib.error:
        return size
    inner = _unpacked(memoryview(whole), layers - 1, most)
    return None if inner is None else size + inner
