"""A hook whose name is not quite right."""

from shouxu import hookimpl


@hookimpl
def validate_submision(case, step, values):
    return []
