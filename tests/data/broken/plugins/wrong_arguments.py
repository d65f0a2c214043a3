"""Asks for an argument that the hook does not give."""

from shouxu import hookimpl


@hookimpl
def charges(case, step, money):
    return []
