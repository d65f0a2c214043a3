"""JSON Schemas of the YAML files, for editors that complete and underline while one types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.definitions.choices import ATTRIBUTES
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
_IDENTITY = ("name", "procedure", "form")
"""What says which item or file is meant is the same for every unit."""
_WRITTEN = [{"type": "integer"}, {"type": "string"}]
_AMOUNT = [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\d{1,12}(\.\d{1,6})?$"}]
"""An amount of 元, which the models take as a number or as digits."""
_NAMED_BY_ITSELF = ("Total",)
"""Models that are called like what they say unless they say their name."""


def json_schemas() -> dict[str, dict[str, Any]]:
    """File pattern → JSON Schema 2020-12; the files of an estate may say any part, and place or remove items. Any value of a
    procedure may be a choice by what the unit is (core.definitions.choices)."""
    schemas: dict[str, dict[str, Any]] = {}
    for name, model in (*MODELS.items(), ("forms/*.yaml", Form)):
        schemas[f"form_definitions/*/{name}"] = _Choices().within(_schema(model))
        schemas[f"estates/**/form_definitions/*/{name}"] = _Choices().within(_takes_back(_partial(_schema(model))))
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
            for amount in (member, member.get("additionalProperties")):
                if isinstance(amount, dict) and amount.get("anyOf", [])[:2] == _WRITTEN:
                    amount["anyOf"] = [*_AMOUNT, *amount["anyOf"][2:]]
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
        if key:
            named = {} if schema.get("title") in _NAMED_BY_ITSELF else {"required": [key]}
            part |= {**named, "properties": {**members, **_PLACING}}
        elif schema.get("$comment") == _UNDER_ITS_NAME:
            part["properties"] = {**members, **_PLACING}
    return part


def _takes_back(schema: Any) -> Any:
    """The schema of an override in which `key: ~` takes a value back to its default, and `remove: true` a member of a mapping."""
    if isinstance(schema, list):
        return [_takes_back(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    part = {key: _takes_back(value) for key, value in schema.items()}
    if isinstance(part.get("properties"), dict) and "$ref" not in part:
        part["properties"] = {key: member if key in (*_IDENTITY, *_PLACING) else _or(member, {"type": "null"})
                              for key, member in part["properties"].items()}
    if isinstance(part.get("additionalProperties"), dict):
        removed = {"type": "object", "required": ["remove"], "properties": {"remove": {"const": True}}, "additionalProperties": False}
        part["additionalProperties"] = _or(part["additionalProperties"], {"type": "null"}, removed)
    return part


def _or(schema: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    """`schema` or one of the others; what people read of it stays on top."""
    inner = {key: value for key, value in schema.items() if key not in ("title", "description")}
    kept = {key: schema[key] for key in ("title", "description") if key in schema}
    return kept | {"anyOf": [inner, *others]}


class _Choices:
    """Lets every value of a schema be a choice: `{by: building, values: {3: …}, default: …}`, whose values are of the same kind."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self.names: dict[str, str] = {}

    def within(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with choices inside; its root is no choice, so that editors know at once what a file may say."""
        done = self._inside(schema)
        done["$defs"] = {**done.get("$defs", {}), **self.definitions}
        return done

    def _inside(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._inside(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        part = {key: value if key in ("default", "enum", "const", "required") else self._inside(value) for key, value in schema.items()
                if key not in ("properties", "patternProperties", "items", "additionalProperties", "$defs")}
        for key in ("items", "additionalProperties"):
            if key in schema:
                part[key] = self._value(schema[key]) if isinstance(schema[key], dict) else schema[key]
        for key in ("properties", "patternProperties", "$defs"):
            if isinstance(schema.get(key), dict):
                part[key] = {name: self._inside(member) if key == "$defs" or name in _IDENTITY else self._value(member)
                             for name, member in schema[key].items()}
        return part

    def _value(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A reference to the schema of such a value or a choice among several."""
        kept = {key: schema[key] for key in ("title", "description", "default") if key in schema}
        inner = {key: value for key, value in self._inside(schema).items() if key not in kept}
        said = json.dumps(inner, sort_keys=True)
        if said not in self.names:
            name = self.names[said] = f"value_{len(self.names) + 1}"
            again = {"$ref": f"#/$defs/{name}"}
            choice = {"type": "object", "required": ["by", "values"], "additionalProperties": False, "properties": {
                "by": {"enum": list(ATTRIBUTES), "description": "What of the unit decides."},
                "values": {"type": "object", "minProperties": 1, "additionalProperties": again},
                "default": again}, "description": "What differs by building, building type, use, layout or kind of owner."}
            self.definitions[name] = {"anyOf": [inner, choice]}
        return kept | {"$ref": f"#/$defs/{self.names[said]}"}
