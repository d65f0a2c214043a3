"""Brings a name where a source is wanted."""

from shouxu import hookimpl


@hookimpl
def procedures():
    return ["broken"]
