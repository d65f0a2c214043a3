"""JSON Schemas of the YAML files, for editors that complete and underline while one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.definitions.files import MODELS
from core.definitions.layers import BY_NAME
from core.definitions.meanings import MEANINGS
from core.domain.base import Frozen
from core.domain.estates import Company, Estate
from core.domain.forms import Form

_PLACING: Mapping[str, Any] = {
    "remove": {"const": True, "description": "Takes this item out of the layers below."},
    "after": {"type": "string", "description": "Name of the item that this one follows."},
    "before": {"type": "string", "description": "Name of the item that this one precedes."},
}
_UNDER_ITS_NAME = "an item that stands under its name"
_NAMED_BY_ITSELF = ("Total",)
"""Models that are called like what they say unless they say their name."""


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
    _by_name(schema)
    for part in (schema, *schema.get("$defs", {}).values()):
        if part.get("title") in _NAMED_BY_ITSELF:
            part["required"] = [key for key in part["required"] if key != "name"]
        for key, member in part.get("properties", {}).items():
            said = MEANINGS.get(f"{part.get('title')}.{key}") or MEANINGS.get(key)
            if said:
                member.setdefault("description", said)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _by_name(schema: dict[str, Any]) -> None:
    """Let every list of named items be a mapping by name too, whose items need neither name nor title."""
    models: dict[str, Any] = schema.setdefault("$defs", {})
    for part in (schema, *list(models.values())):
        for key, member in part.get("properties", {}).items():
            item = _item_of(member) if key in BY_NAME else None
            if item:
                short = f"{item}ByName"
                needed = [name for name in models[item].get("required", ()) if name not in ("name", "title")]
                members = {name: said for name, said in models[item]["properties"].items() if name != "name"}
                models[short] = {**models[item], "properties": members, "required": needed, "$comment": _UNDER_ITS_NAME}
                by_name = {"type": "object", "additionalProperties": {"anyOf": [{"$ref": f"#/$defs/{short}"}, {"type": "null"}]}}
                one = {**by_name, "minProperties": 1, "maxProperties": 1}  # `rungs: [{oral: {}}, …]`
                items = {"anyOf": [{"$ref": f"#/$defs/{item}"}, one]} if key == "rungs" else {"$ref": f"#/$defs/{item}"}
                part["properties"][key] = _kept(member) | {"anyOf": [{"type": "array", "items": items}, by_name]}
            elif key == "needs_fact":
                member["additionalProperties"] = {"anyOf": [member["additionalProperties"], {"type": "null"}]}


def _item_of(member: Mapping[str, Any]) -> str:
    """The model whose list stands in `member`, empty when there is none."""
    for one in (member, *member.get("anyOf", ())):
        items = one.get("items")
        if isinstance(items, dict) and "$ref" in items:
            return str(items["$ref"]).rpartition("/")[2]
    return ""


def _kept(member: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in member.items() if key in ("title", "description", "default")}


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
        if key and schema.get("title") not in _NAMED_BY_ITSELF:
            part |= {"required": [key], "properties": {**members, **_PLACING}}
        elif schema.get("$comment") == _UNDER_ITS_NAME:
            part["properties"] = {**members, **_PLACING}
    return part
