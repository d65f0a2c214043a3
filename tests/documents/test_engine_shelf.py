"""Plates between runs: read back the same, by any number of processes, and never trusted when they are not ours or not whole."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.render import context, ink
from core.documents import engine, plate as plates
from core.documents.engine import Template, compiled
from core.documents.faults import RenderFault
from core.documents.images import Image
from core.documents.shelf import Shelf, key_of
from tests.documents.word_templates import paragraphs, with_text

ROOT = Path(__file__).parents[2]
SIGNED = ROOT / "bench" / "templates" / "inspection_signed.docx"


@pytest.fixture(autouse=True)
def nothing_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_compiled", type(engine._compiled)())


def forgotten() -> None:
    engine._compiled.clear()


def values() -> dict:
    return context() | {"ink": Image(ink(), 40), "seal": Image(ink(), 40), "qr": Image(ink(), 20)}


@pytest.fixture
def no_compiling(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def forbid() -> None:
        monkeypatch.setattr(engine, "drawn_up", lambda *_: pytest.fail("it was compiled again"))

    return forbid


def test_a_plate_prints_the_same_bytes_as_the_template_it_was_cut_from(tmp_path: Path, no_compiling: Callable[[], None]) -> None:
    data, shelf = SIGNED.read_bytes(), Shelf(tmp_path)
    expected = Template.compile(data).render(values())
    void = Template.compile(data).render(values(), stamp="作废")
    first = compiled(data, shelf=shelf)
    assert first.render(values()) == expected and first.render(values(), stamp="作废") == void
    forgotten()
    no_compiling()
    again = compiled(hashlib.sha256(data).hexdigest(), lambda _: pytest.fail("nobody needs the template"), shelf=shelf)
    assert again is not first
    assert again.render(values()) == expected and again.render(values(), stamp="作废") == void
    assert again.variables == first.variables and again.uses_subdocuments == first.uses_subdocuments


def test_a_fault_is_explained_though_only_the_plate_was_at_hand(tmp_path: Path) -> None:
    data, shelf = with_text("前", "{{ owner.name }}", "后"), Shelf(tmp_path)
    compiled(data, shelf=shelf)
    forgotten()
    with pytest.raises(RenderFault) as caught:
        compiled(hashlib.sha256(data).hexdigest(), lambda _: data, shelf=shelf).render({"owner": {}})
    assert (caught.value.number, caught.value.spot.paragraph, caught.value.spot.words) == (3201, 2, "{{ owner.name }}")


def test_other_filters_other_words_another_program_have_plates_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    names: tuple[tuple[str, ...], ...] = ((), ("a",), ("b",), ("a", "b"))
    keys = {key_of("0" * 64, stamp, known) for stamp in ("", "作废", "草稿") for known in names}
    assert len(keys) == 12 and key_of("0" * 64, "", ("b", "a")) in keys
    monkeypatch.setattr("core.documents.shelf._program", lambda: "another one")
    assert key_of("0" * 64, "", ()) not in keys


def test_a_plate_prints_with_the_filters_of_whoever_reads_it(tmp_path: Path) -> None:
    data, shelf = with_text("{{ 'a'|shout }}{{ name|shout }}"), Shelf(tmp_path)
    assert paragraphs(compiled(data, filters={"shout": lambda value: f"{value}!"}, shelf=shelf).render({"name": "b"})) == ["a!b!"]
    assert paragraphs(compiled(data, filters={"shout": lambda value: f"{value}?"}, shelf=shelf).render({"name": "b"})) == ["a?b?"]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "foreign"])
def test_a_plate_that_is_not_whole_or_not_ours_is_made_anew(harm: str, tmp_path: Path) -> None:
    data, shelf = with_text("{{ name }}"), Shelf(tmp_path)
    compiled(data, shelf=shelf)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    if harm == "foreign":
        if os.name == "nt":
            pytest.skip("files have no mode there")
        kept.chmod(0o666)
    else:
        middle = len(whole) // 2
        flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:]
        kept.write_bytes({"cut": whole[:middle], "empty": b"", "flipped": flipped}[harm])
    assert shelf.find(kept.name) is None
    forgotten()
    assert paragraphs(compiled(data, shelf=shelf).render({"name": "甲"})) == ["甲"]
    assert kept.read_bytes() == whole and shelf.find(kept.name) is not None


def test_a_folder_that_cannot_be_written_is_only_slower(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert paragraphs(compiled(with_text("{{ name }}"), shelf=Shelf(blocked / "plates")).render({"name": "甲"})) == ["甲"]


def test_the_shelf_never_grows_beyond_its_size(tmp_path: Path) -> None:
    plate = plates.cut(Template.compile(with_text("{{ name }}")).blueprint)
    size = len(plates.dumped(plate)) + 32
    shelf = Shelf(tmp_path, most=size * 5)
    for number in range(30):
        shelf.keep(f"{number:03d}.plate", plate)
        os.utime(tmp_path / f"{number:03d}.plate", (number, number))
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= size * 5
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left[-1] == "029.plate" and len(left) >= 2


def test_processes_share_it_while_they_all_write(tmp_path: Path) -> None:
    script = (
        "import sys, hashlib, pathlib\n"
        "from core.documents.engine import compiled\nfrom core.documents.shelf import Shelf\n"
        "data = pathlib.Path(sys.argv[1]).read_bytes()\n"
        "out = compiled(data, shelf=Shelf(sys.argv[2])).render(__import__('bench.render').render.context())\n"
        "print(hashlib.sha256(out).hexdigest())\n"
    )
    template = ROOT / "bench" / "templates" / "inspection.docx"
    running = [subprocess.Popen([sys.executable, "-c", script, str(template), str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
               for _ in range(4)]
    answers = {process.communicate(timeout=120)[0].strip() for process in running}
    assert answers == {hashlib.sha256(Template.compile(template.read_bytes()).render(context())).hexdigest()}
    assert [path.suffix for path in tmp_path.iterdir()] == [".plate"]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_MOST_BYTES", 3 * compiled(with_text("{{ a }}")).plate.size)
    for number in range(9):
        compiled(with_text(f"{{{{ a }}}} {number}"))
    assert 1 <= len(engine._compiled) <= 3


def test_threads_render_one_template_at_once(tmp_path: Path) -> None:
    template, found = compiled(SIGNED.read_bytes(), shelf=Shelf(tmp_path)), {}
    contexts = [values() | {"owner": f"业主{number}"} for number in range(8)]
    expected = [template.render(one) for one in contexts]

    def work(number: int) -> None:
        found[number] = {template.render(contexts[number]) for _ in range(20)}

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: {one} for number, one in enumerate(expected)}
