"""物品放行: everything this procedure needs is said in data; the plugin only says where the data stands."""

from __future__ import annotations

from shouxu import ProcedureSource, hookimpl

version = "1.0.0"


@hookimpl
def procedures() -> list[ProcedureSource]:
    """`form_definitions/item_release` and `document_templates/item_release`. Source: S4-X 4."""
    return [ProcedureSource.from_packages("item_release", version)]
