"""A template from outside is tried in a child: the same verdict as here, and nothing that it does reaches us."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from core.cases.definitions import FILTERS
from core.documents import trial
from core.documents.engine import Template
from core.documents.faults import TemplateFault
from core.documents.images import Image
from core.documents.qr import qr_png
from core.documents.template_check import judged
from core.documents.trial import Limits, tried
from core.errors import TrialBusy
from tests.documents import hostile_filters
from tests.documents.hostile_filters import GO
from tests.documents.word_templates import with_table, with_text

CANARY = Path("/tmp/shouxu-trial-canary")
CONTEXT = {
    "form": {"name": "欧阳" * 20, "rows": [{"a": "甲", "b": Decimal("1.20")}] * 3, "open": True, "nothing": None},
    "picture": Image(qr_png("x"), height_mm=15, alt="二维码"),
    "extra": {},
}
GOOD = with_table(
    ("{%tr for r in form.rows %}", ""),
    ("{{ r.a }}", "{{ r.b|capitals }}"),
    ("{%tr endfor %}", ""),
    before=("{{ form.name }} {{ picture }} {{ extra.anything }}", "{% if form.open %}{{ form.nothing|default('无') }}{% endif %}"),
)


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    CANARY.unlink(missing_ok=True)
    yield
    assert not CANARY.exists()
    assert not any(_trials())


def _trials() -> Iterator[int]:
    """The ids of the children that are still there."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == os.getpid() and any(b"trial_child" in word for word in words):
            yield int(folder.name)


def refused(template: bytes, context: dict[str, object] | None = None, *, number: int, **options: object) -> TemplateFault:
    with pytest.raises(TemplateFault) as caught:
        tried(template, [context or {"x": GO}], **options)  # type: ignore[arg-type]
    assert caught.value.number == number, caught.value
    assert caught.value.remedy
    return caught.value


# ---------------------------------------------------------------- the verdict


def test_a_good_template_passes() -> None:
    verdict = tried(GOOD, [CONTEXT], filters=FILTERS, free={"extra": "永" * 60})
    assert verdict.problems == ((),) and verdict.annotated is None and verdict.missing_filters == frozenset()


@pytest.mark.parametrize(
    "words", ["{{ form.nmae }}", "{{ form.name|money }}", "{{ form.name|mony }}", "{% if form.open %}", "{{ form.rows[0].c }}"]
)
def test_the_child_finds_what_is_found_here(words: str) -> None:
    template = with_text("一", words, header="{{ form.name }}")
    problems = tried(template, [CONTEXT, {"form": {}}], filters=FILTERS).problems
    try:
        compiled = Template.compile(template, filters=FILTERS)
    except TemplateFault as fault:
        assert [[problem.number for problem in found] for found in problems] == [[fault.number]] * 2
    else:
        assert [list(found) for found in problems] == [judged(compiled, context) for context in (CONTEXT, {"form": {}})]
    assert all(problems)


def test_what_is_no_word_file_is_a_problem_like_others() -> None:
    assert [problem.number for problem in tried(b"not a file", [CONTEXT]).problems[0]] == [3101]


def test_filters_that_a_child_cannot_have_are_named_where_they_are_used() -> None:
    own = {"shout": lambda value: f"{value}!", "whisper": lambda value: value}
    verdict = tried(with_text("{{ form.name|shout }}"), [CONTEXT], filters={**FILTERS, **own})
    assert verdict.problems == ((),) and verdict.missing_filters == {"shout"}


def test_a_faulty_template_comes_back_with_comments_when_asked_for() -> None:
    assert tried(with_text("{{ nobody }}"), [CONTEXT], annotate=True).annotated is not None
    assert tried(with_text("{{ nobody }}"), [CONTEXT]).annotated is None
    assert tried(with_text("{{ form.name }}"), [CONTEXT], annotate=True).annotated is None


# ---------------------------------------------------------------- the walls


@pytest.mark.parametrize("name", ["writes_file", "reads_file", "starts_process", "forks", "connects", "swallows"])
def test_nothing_outside_can_be_had(name: str) -> None:
    filters = {name: getattr(hostile_filters, name)}
    assert tried(with_text(f"{{{{ x|{name} }}}}"), [{"x": "rest"}], filters=filters).problems == ((),)
    fault = refused(with_text(f"{{{{ x|{name} }}}}"), number=3133, filters=filters)
    assert "文件、网络或其他程序" in str(fault)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no such limits")
@pytest.mark.parametrize("name", ["writes_file", "connects"])
def test_there_is_no_descriptor_even_without_the_audit_hook(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unwatched = trial._START.replace("main()", "").replace("import main;", "import main; sys.addaudithook = lambda hook: None; main()")
    monkeypatch.setattr(trial, "_START", unwatched)
    filters = {name: getattr(hostile_filters, name)}
    fault = refused(with_text(f"{{{{ x|{name} }}}}"), number=3131, filters=filters)
    assert "中途停止" in str(fault)


def test_memory_is_limited() -> None:
    fault = refused(with_text("{{ x|hogs_memory }}"), number=3131, filters={"hogs_memory": hostile_filters.hogs_memory})
    assert "内存" in str(fault)


@pytest.mark.parametrize("name", ["computes", "waits"])
def test_time_is_limited(name: str) -> None:
    started = time.monotonic()
    fault = refused(with_text(f"{{{{ x|{name} }}}}"), number=3130, filters={name: getattr(hostile_filters, name)}, limits=Limits(2))
    assert "超过 2 秒" in str(fault)
    assert time.monotonic() - started < 4


def test_a_child_that_dies_is_told() -> None:
    refused(with_text("{{ x|dies }}"), number=3131, filters={"dies": hostile_filters.dies})


def test_the_environment_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUXU_SECRET", "x" * 40)
    template = with_text("{% if 'SHOUXU' in x|tells_environment %}{{ seen }}{% endif %}")
    filters = {"tells_environment": hostile_filters.tells_environment}
    numbers = {problem.number for problem in tried(template, [{"x": GO, "seen": "x"}], filters=filters).problems[0]}
    assert numbers == set()
    listed = tried(with_text("{{ (x|tells_environment)|money }}"), [{"x": GO}], filters=filters).problems[0]
    assert [problem.number for problem in listed] == [3122] and "SHOUXU" not in listed[0].what and "PATH" not in listed[0].what


def test_only_so_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(trial, "PATIENCE", 0.2)
    filters, said = {"waits": hostile_filters.waits}, []

    def long() -> None:
        with pytest.raises(TemplateFault) as caught:
            tried(with_text("{{ x|waits }}"), [{"x": GO}], filters=filters, limits=Limits(3))
        said.append(caught.value.number)

    first = threading.Thread(target=long)
    first.start()
    time.sleep(0.5)
    started = time.monotonic()
    with pytest.raises(TrialBusy) as caught:
        tried(GOOD, [CONTEXT], filters=FILTERS)
    assert time.monotonic() - started < 1
    assert (caught.value.status, caught.value.number) == (503, 3132)
    first.join()
    assert said == [3130]
    monkeypatch.setattr(trial, "PATIENCE", 5)
    assert tried(GOOD, [CONTEXT], filters=FILTERS, free={"extra": "永"}).problems == ((),)
