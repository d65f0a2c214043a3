"""入伙: everything this procedure needs is said in data; the plugin only says where the data stands."""

from __future__ import annotations

from shouxu import ProcedureSource, hookimpl

version = "1.0.0"


@hookimpl
def procedures() -> list[ProcedureSource]:
    """`form_definitions/move_in` and `document_templates/move_in`. Source: S0 A20."""
    return [ProcedureSource.from_packages("move_in", version)]
