"""LibreOffice hangs, dies, is stopped or lies: the answer comes in time, and nothing stays behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.documents import soffice as office
from core.documents.contracts import sample_word
from core.documents.pdf import LibreOfficeConverter
from core.documents.pdf_content import page_texts
from core.documents.warm import uno_python
from core.errors import ConversionFailed

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
MODES = pytest.mark.parametrize("confine", [True, False], ids=["caged", "bare"])
ROOT = Path(__file__).resolve().parents[2]


def _processes(work: Path) -> list[tuple[int, str]]:
    """The LibreOffice processes that use this work folder (zombies have no command line)."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.strip().split(" ", 1) for line in listing.stdout.splitlines()]
    return [
        (int(row[0]), row[1]) for row in rows if len(row) == 2 and "soffice" in row[1] and str(work) in row[1]
    ]


class _Watcher(threading.Thread):
    """Does something to every LibreOffice process of the work folder as soon as there is a `soffice.bin`."""

    def __init__(self, work: Path, act: Callable[[int], None]) -> None:
        super().__init__()
        self._work, self._act, self.struck = work, act, False
        self.start()

    def run(self) -> None:
        deadline = time.monotonic() + 30
        while not self.struck and time.monotonic() < deadline:
            found = _processes(self._work)
            if any("soffice.bin" in command for _, command in found):
                for process, _ in found:
                    self._act(process)
                self.struck = True
            time.sleep(0.02)

    def check(self) -> None:
        self.join()
        assert self.struck, "LibreOffice was never seen running"


def _send(number: signal.Signals) -> Callable[[int], None]:
    def act(process: int) -> None:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            return

    return act


def _gone(work: Path) -> bool:
    deadline = time.monotonic() + 3
    while _processes(work) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _processes(work)


@MODES
def test_a_stopped_libreoffice_is_ended_in_time(soffice: str, tmp_path: Path, confine: bool) -> None:
    converter = LibreOfficeConverter(soffice, timeout=6, work_dir=tmp_path, confine=confine)
    watcher = _Watcher(tmp_path, _send(signal.SIGSTOP))
    begin = time.monotonic()
    result = converter.convert({"x": sample_word("停住")})["x"]
    took = time.monotonic() - begin
    watcher.check()
    assert isinstance(result, ConversionFailed) and result.number == 3302
    assert took < 6 + 5
    assert _gone(tmp_path)
    patient = LibreOfficeConverter(soffice, work_dir=tmp_path, confine=confine)
    assert isinstance(patient.convert({"x": sample_word("再来一次")})["x"], bytes)


@MODES
def test_a_killed_libreoffice_is_started_again(soffice: str, tmp_path: Path, confine: bool) -> None:
    converter = LibreOfficeConverter(soffice, work_dir=tmp_path, confine=confine)
    for _ in range(2):
        watcher = _Watcher(tmp_path, _send(signal.SIGKILL))
        results = converter.convert({name: sample_word(f"文书 {name}") for name in "ab"})
        watcher.check()
        assert all(isinstance(result, bytes) for result in results.values()), results
        assert _gone(tmp_path)


@MODES
def test_a_killed_server_leaves_nothing_for_long(soffice: str, tmp_path: Path, confine: bool) -> None:
    """The next call ends what the killed one left; in the cage it is gone at once."""
    script = (
        "import sys\nfrom core.documents.contracts import sample_word\n"
        "from core.documents.pdf import LibreOfficeConverter\n"
        "converter = LibreOfficeConverter(sys.argv[1], work_dir=sys.argv[2], confine=sys.argv[3] == 'True')\n"
        "converter.convert({str(n): sample_word('长' * 3000) for n in range(40)})\n"
    )
    server = subprocess.Popen([sys.executable, "-c", script, soffice, str(tmp_path), str(confine)], cwd=ROOT)
    watcher = _Watcher(tmp_path, lambda _: server.kill())
    watcher.check()
    server.wait()
    converter = LibreOfficeConverter(soffice, work_dir=tmp_path, confine=confine)
    assert isinstance(converter.convert({"x": sample_word("之后")})["x"], bytes)
    assert _gone(tmp_path)


def _pretender(folder: Path, body: str) -> Path:
    """A program in the place of LibreOffice that fails on demand; `$out` is where the PDF is expected."""
    program = folder / "program" / "soffice"
    program.parent.mkdir()
    find = 'while [ "$1" != "--outdir" ]; do shift; done; out="$2"\n'
    program.write_text(f"#!/bin/sh\n{find}{body}\n", "utf-8")
    program.chmod(0o755)
    return program


@MODES
@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("exit 0", 3303),
        ("echo hello > $out/0000.pdf", 3303),
        ("printf '%%PDF-1.7\\n' > $out/0000.pdf", 3303),
        ("kill -SEGV $$", 3306),
        ("exit 77", 3306),
        ("printf '%%PDF-1.7\\n' > $out/0000.pdf; exit 1", 3306),
        ("sleep 60 & sleep 60", 3302),
    ],
)
def test_a_libreoffice_that_fails(tmp_path: Path, body: str, number: int, confine: bool) -> None:
    converter = LibreOfficeConverter(
        _pretender(tmp_path, body), timeout=1.5, work_dir=tmp_path / "work", confine=confine
    )
    begin = time.monotonic()
    result = converter.convert({"x": sample_word("文字")})["x"]
    assert isinstance(result, ConversionFailed)
    assert result.number == number
    assert time.monotonic() - begin < 1.5 + 5
    assert _gone(tmp_path)


def test_a_pdf_of_something_else_is_refused(soffice: str, tmp_path: Path) -> None:
    honest = LibreOfficeConverter(soffice, work_dir=tmp_path / "honest").convert({"x": sample_word("甲")})[
        "x"
    ]
    assert isinstance(honest, bytes)
    (tmp_path / "program-data.pdf").write_bytes(honest)
    liar = _pretender(tmp_path, f"cp {tmp_path / 'program-data.pdf'} $out/0000.pdf")
    converter = LibreOfficeConverter(liar, work_dir=tmp_path / "work", confine=False)
    result = converter.convert({"x": sample_word("乙")})["x"]
    assert isinstance(result, ConversionFailed) and result.number == 3304


def test_a_busy_work_folder_is_answered_in_time(soffice: str, tmp_path: Path) -> None:
    slow = LibreOfficeConverter(_pretender(tmp_path, "sleep 60"), timeout=4, work_dir=tmp_path / "work")
    first = threading.Thread(target=lambda: slow.convert({"x": sample_word("甲")}))
    first.start()
    time.sleep(0.5)
    begin = time.monotonic()
    second = LibreOfficeConverter(soffice, timeout=1, work_dir=tmp_path / "work").convert(
        {"x": sample_word("乙")}
    )["x"]
    assert isinstance(second, ConversionFailed) and second.number == 3302
    assert time.monotonic() - begin < 1 + 5
    first.join()


# ---------------------------------------------------------------- those that stay open

ROUNDS = 100 if os.environ.get("SHOUXU_FAULTS") == "large" else 2


@pytest.fixture
def _uno() -> None:
    if uno_python() is None:
        pytest.skip("python3-uno is not on this machine; `install/parts.sh test` fetches it")


def _strike(work: Path, number: signal.Signals, name: str = "soffice.bin") -> None:
    struck = [process for process, command in _processes(work) if name in command]
    assert struck, f"no {name} is open"
    for process in struck:
        _send(number)(process)


@MODES
@pytest.mark.usefixtures("_uno")
def test_an_open_libreoffice_that_is_stopped_is_ended_in_time(soffice: str, tmp_path: Path, confine: bool) -> None:
    converter = LibreOfficeConverter(soffice, timeout=20, work_dir=tmp_path, confine=confine, warm=1)
    assert isinstance(converter.convert({"x": sample_word("先")})["x"], bytes)
    converter._timeout = 4
    _strike(tmp_path, signal.SIGSTOP)
    begin = time.monotonic()
    result = converter.convert({"x": sample_word("停住"), "y": sample_word("也停住")})
    assert time.monotonic() - begin < 4 + 5
    assert [getattr(one, "number", 0) for one in result.values()] == [3302, 3302]
    assert _gone(tmp_path)
    converter._timeout = 60
    assert isinstance(converter.convert({"x": sample_word("再来一次")})["x"], bytes)


@MODES
@pytest.mark.usefixtures("_uno")
def test_an_open_libreoffice_may_be_killed_at_any_moment(soffice: str, tmp_path: Path, confine: bool) -> None:
    """Idle or at work, the office, its cage or the program beside it: every file is answered with its own PDF."""
    converter = LibreOfficeConverter(soffice, timeout=60, work_dir=tmp_path, confine=confine, warm=1)
    chance = random.Random(20261122)
    for turn in range(ROUNDS):
        assert isinstance(converter.convert({"x": sample_word("暖")})["x"], bytes)
        _strike(tmp_path, signal.SIGKILL, chance.choice(("soffice.bin", "warm_office.py")))
        files = {name: sample_word(f"文书 {name} {turn}") for name in "ab"}
        killer = threading.Timer(chance.random() * 2, _kill_quietly, [tmp_path])
        killer.start()
        results = converter.convert(files)
        killer.join()
        for name, result in results.items():
            assert isinstance(result, bytes), result
            assert f"文书{name}{turn}" in "".join("".join(page_texts(result)).split())
    del converter
    assert _gone(tmp_path)


def _kill_quietly(work: Path) -> None:
    for process, _ in _processes(work):
        _send(signal.SIGKILL)(process)


@MODES
@pytest.mark.usefixtures("_uno")
def test_a_killed_server_leaves_no_open_libreoffice(soffice: str, tmp_path: Path, confine: bool) -> None:
    script = (
        "import sys, time\nfrom core.documents.contracts import sample_word\n"
        "from core.documents.pdf import LibreOfficeConverter\n"
        "converter = LibreOfficeConverter(sys.argv[1], work_dir=sys.argv[2], confine=sys.argv[3] == 'True', warm=1)\n"
        "converter.convert({'x': sample_word('暖')})\nprint('warm', flush=True)\ntime.sleep(60)\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", script, soffice, str(tmp_path), str(confine)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert server.stdout is not None and server.stdout.readline() == b"warm\n"
    assert any("soffice.bin" in command for _, command in _processes(tmp_path))
    server.kill()
    server.wait()
    server.stdout.close()
    assert _gone(tmp_path)


@pytest.mark.usefixtures("_uno")
def test_the_open_one_has_no_network_and_nothing_of_the_server_s_environment(
    soffice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if office.bubblewrap() is None:
        pytest.skip("bubblewrap cannot make namespaces here")
    monkeypatch.setenv("SHOUXU_SECRET_CANARY", "canary")
    converter = LibreOfficeConverter(soffice, work_dir=tmp_path, warm=1)
    assert isinstance(converter.convert({"x": sample_word("暖")})["x"], bytes)
    (process,) = (number for number, command in _processes(tmp_path) if command.split()[0].endswith("soffice.bin"))
    environment = Path(f"/proc/{process}/environ").read_bytes()
    assert b"HOME=" in environment and b"canary" not in environment
    assert os.readlink(f"/proc/{process}/ns/net") != os.readlink("/proc/self/ns/net")
    interfaces = Path(f"/proc/{process}/net/dev").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
