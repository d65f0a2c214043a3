"""投诉受理: everything this procedure needs is said in data; the plugin only says where the data stands."""

from __future__ import annotations

from shouxu import ProcedureSource, hookimpl

version = "1.0.0"


@hookimpl
def procedures() -> list[ProcedureSource]:
    """`form_definitions/complaints` and `document_templates/complaints`. Source: S1-3 §4–6; S4-X 投诉."""
    return [ProcedureSource.from_packages("complaints", version)]
