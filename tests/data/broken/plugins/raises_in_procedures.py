"""Fails while it says what it brings."""

from shouxu import hookimpl


@hookimpl
def procedures():
    raise KeyError("x")
