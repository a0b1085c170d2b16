"""Checks payloads against the JSON schemas of OCPP 1.6: just what those files use of JSON Schema.

Schemas are other people's data and stand beside the sources or in an npm package; without either nothing is checked and
the report says so.
"""
import json
import os
import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def load(source):
    """{"Reset.req": schema}; source is a folder of Action.req.json files or a file with all of them."""
    found = {}
    if source and os.path.isdir(source):
        for name in os.listdir(source):
            if name.endswith((".req.json", ".conf.json")):
                with open(os.path.join(source, name), encoding="utf-8") as file:
                    found[name[:-len(".json")]] = json.load(file)
    elif source and os.path.isfile(source):
        with open(source, encoding="utf-8") as file:
            for schema in json.load(file):
                found[schema["$id"].rsplit(":", 1)[-1]] = schema
    return found


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def type_fits(value, kind):
    if kind == "integer":
        return is_number(value) and float(value).is_integer()
    if kind == "number":
        return is_number(value)
    return isinstance(value, TYPES[kind]) and not (kind != "boolean" and isinstance(value, bool))


def check(value, schema, root, path=""):
    """Sentences on what is wrong, an empty list when nothing is."""
    while "$ref" in schema:
        node = root
        for step in schema["$ref"].lstrip("#/").split("/"):
            node = node[step]
        schema = node
    wrong = []
    if "type" in schema and not type_fits(value, schema["type"]):
        return [f"{path or '.'}: {value!r} is no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"{path}: {value!r} is not in the enumeration")
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", len(value)):
            wrong.append(f"{path}: {len(value)} characters, at most {schema['maxLength']}")
        if schema.get("format") == "date-time" and not TIME.fullmatch(value):
            wrong.append(f"{path}: {value!r} is no date-time")
    if is_number(value) and "multipleOf" in schema:
        parts = value / schema["multipleOf"]
        if abs(parts - round(parts)) > 1e-6:
            wrong.append(f"{path}: {value} is no multiple of {schema['multipleOf']}")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            wrong.append(f"{path}: fewer than {schema['minItems']} items")
        for i, item in enumerate(value):
            wrong += check(item, schema.get("items", {}), root, f"{path}[{i}]")
    if isinstance(value, dict):
        members = schema.get("properties", {})
        wrong += [f"{path}.{name}: is missing" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            if name in members:
                wrong += check(item, members[name], root, f"{path}.{name}")
            elif schema.get("additionalProperties", True) is False:
                wrong.append(f"{path}.{name}: is not in the schema")
    return wrong
