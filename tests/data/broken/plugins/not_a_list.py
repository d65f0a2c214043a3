"""Brings one thing where a list is wanted."""

from shouxu import hookimpl


@hookimpl
def procedures():
    return "broken"
