import time

import pytest

from core.definitions.reader import read_bytes
from core.errors import DefinitionErrors, Mark


def value(text: str) -> object:
    return read_bytes(text.encode(), "f.yaml").plain


@pytest.mark.parametrize(("written", "meant"), [
    ("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-17", -17), ("500", 500),
    ("2.80", "2.80"), ("1e3", "1e3"), ("012", "012"), ("-0", 0), ("1_000", "1_000"), ("0x1F", "0x1F"), ("+5", "+5"),
    ("yes", "yes"), ("NO", "NO"), ("on", "on"), ("True", "True"), ("Null", "Null"), ("12:30", "12:30"),
    ("2026-03-01", "2026-03-01"), ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z"), (".inf", ".inf"), ("<<", "<<"),
    ("=", "="), ("'5'", "5"), ('""', ""), ("'true'", "true"), ("1" * 30, "1" * 30), ("入伙", "入伙"),
    ("a && b", "a && b"),
])
def test_plain_scalars_mean_one_thing(written: str, meant: object) -> None:
    assert value(f"key: {written}\n") == {"key": meant}


def test_keys_stay_text() -> None:
    assert value("12: a\nno: b\ntrue: c\n2026-01-01: d\n") == {"12": "a", "no": "b", "true": "c", "2026-01-01": "d"}


def test_marks_are_one_based_and_count_characters() -> None:
    node = read_bytes("入: {伙: 值}\nlist:\n  - a\n  - b: 1\n".encode(), "f.yaml")
    assert node.marks[("入", "伙")] == Mark("f.yaml", 1, 8)
    assert node.marks[("list", 1, "b")] == Mark("f.yaml", 4, 8)
    found, rest = node.nearest(("入", "伙", "nothing"))
    assert (found.value, found.key_mark, rest) == ("值", Mark("f.yaml", 1, 5), ("nothing",))


def test_inset_tells_where_a_text_starts() -> None:
    node = read_bytes(b"a: x > 1\nb: 'x > 1'\nc: 'it''s'\nd: |\n  x\n", "f.yaml")
    assert [node.value[key].inset for key in "abcd"] == [0, 1, None, None]


def test_the_same_bytes_are_parsed_once() -> None:
    assert read_bytes(b"a: 1\n", "once.yaml") is read_bytes(b"a: 1\n", "once.yaml")


@pytest.mark.parametrize("hostile", [
    b"[" * 100_000, b"{a: " * 100_000, b"- " * 100_000, b"? " * 100_000, b"a: &x [*x, *x]\n" * 100,
    b"\n".join(b" " * i + b"a:" for i in range(1500)), b"a: " + b"x" * 1_000_001, b"\xff\xfe", b"\x00",
])
def test_hostile_files_are_refused_quickly(hostile: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(DefinitionErrors):
        read_bytes(hostile, "hostile.yaml")
    assert time.perf_counter() - started < 2
