"""Requests take turns, and one that keeps its turn for long stops nobody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from core.web import turns


def asking(said):
    """A request, as far as turns look at it."""
    return SimpleNamespace(said=said)


def test_only_a_few_compute_at_once():
    inside, most, guard = 0, 0, threading.Lock()
    met = threading.Barrier(turns.AT_ONCE, timeout=5)

    def handler(request):
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        met.wait()  # passes only when as many as may are inside
        with guard:
            inside -= 1
        return request.said

    take = turns.turns_factory(handler, None)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(take, map(asking, range(8)))) == list(range(8))
    assert most == turns.AT_ONCE


def test_who_has_waited_long_enough_goes_without_a_turn(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    ended = threading.Event()
    take = turns.turns_factory(lambda request: ended.wait(10) if request.said == "long" else request.said, None)
    with ThreadPoolExecutor(8) as pool:
        held = [pool.submit(take, asking("long")) for _ in range(turns.AT_ONCE)]
        assert take(asking("short")) == "short"
        ended.set()
        assert all(one.result() for one in held)


def test_a_turn_is_given_back_when_the_request_fails():
    def handler(request):
        raise ValueError(request.said)

    take = turns.turns_factory(handler, None)
    for _ in range(turns.AT_ONCE * 3):
        with pytest.raises(ValueError):
            take(asking("x"))
