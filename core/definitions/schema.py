"""JSON Schemas of the YAML files, for editors that complete and underline while one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.definitions.files import MODELS
from core.definitions.meanings import MEANINGS
from core.domain.base import Frozen
from core.domain.estates import Company, Estate
from core.domain.forms import Form

_PLACING: Mapping[str, Any] = {
    "remove": {"const": True, "description": "Takes this item out of the layers below."},
    "after": {"type": "string", "description": "Name of the item that this one follows."},
    "before": {"type": "string", "description": "Name of the item that this one precedes."},
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """File pattern → JSON Schema 2020-12; the files of an estate may say any part, and place or remove items."""
    schemas: dict[str, dict[str, Any]] = {}
    for name, model in (*MODELS.items(), ("forms/*.yaml", Form)):
        schemas[f"form_definitions/*/{name}"] = _schema(model)
        schemas[f"estates/**/form_definitions/*/{name}"] = _partial(_schema(model))
    schemas["estates/*/company.yaml"] = _schema(Company)
    schemas["estates/*/*/estate.yaml"] = _schema(Estate)
    return schemas


def _schema(model: type[Frozen]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, mode="validation")
    for part in (schema, *schema.get("$defs", {}).values()):
        for key, member in part.get("properties", {}).items():
            said = MEANINGS.get(f"{part.get('title')}.{key}") or MEANINGS.get(key)
            if said:
                member.setdefault("description", said)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _partial(schema: Any) -> Any:
    """The schema of an override: nothing is required but the name, and named items may be placed or removed."""
    if isinstance(schema, list):
        return [_partial(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    # a list under "required" is the keyword; the language has a key of that name too
    part = {
        key: _partial(value) for key, value in schema.items() if not (key == "required" and isinstance(value, list))
    }
    members = part.get("properties")
    if isinstance(members, dict) and schema.get("additionalProperties") is False:
        key = next((key for key in ("name", "value") if key in members), None)
        if key:
            part |= {"required": [key], "properties": {**members, **_PLACING}}
    return part
