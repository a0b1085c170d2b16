#!/usr/bin/env python3
"""The printed JSON Schema and the parser say the same of a file: both take it, or both refuse it.

usage: apply_schema_test.py NOXD_APPLY_TOOL
"""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name in ("number", "integer"):
        return isinstance(value, (int, float)) and not isinstance(value, bool) and \
            (name == "number" or isinstance(value, int))
    return isinstance(value, TYPES[name])


def accepts(schema, value):
    """The keywords that our schema uses; any other is a mistake of the schema."""
    known = {"type", "enum", "anyOf", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems",
             "items", "required", "properties", "additionalProperties", "$schema", "title", "description", "default", "examples",
             "minProperties", "maxProperties", "propertyNames"}
    assert set(schema) <= known, set(schema) - known
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_type(value, name) for name in names):
            return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "anyOf" in schema and not any(accepts(option, value) for option in schema["anyOf"]):
        return False
    if is_type(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return False
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            return False
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return False
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return False
        return all(accepts(schema.get("items", {}), item) for item in value)
    if isinstance(value, dict):
        if any(name not in value for name in schema.get("required", [])):
            return False
        if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
            return False
        if not all(accepts(schema.get("propertyNames", {}), name) for name in value):
            return False
        properties = schema.get("properties", {})
        if isinstance(schema.get("additionalProperties"), dict):
            return all(accepts(schema["additionalProperties"], item) for item in value.values())
        if not schema.get("additionalProperties", True) and any(name not in properties for name in value):
            return False
        return all(accepts(properties[name], item) for name, item in value.items() if name in properties)
    return True


def example_site():
    with open(os.path.join(ROOT, "cmd/example/site.json"), encoding="utf-8") as file:
        site = json.load(file)
    site["$schema"] = "site.schema.json"
    site["grid"][0].update({
        "kind": "connection", "latitude": 51.51, "longitude": 7.46, "foreign_by_hour_a": [5] * 23 + [[5, 6, 7.5]],
        "calendar": [{"days": "Mo-Fr, sun", "from": "17:00", "to": "sunset+30", "limit_a": [40, 40, 32], "reserve_a": 3},
                     {"days": ["Sat", "sunday"], "from": "dusk-720", "to": "24:00", "limit_a": None, "reserve_a": 6.5}],
        "meter": {"silent_after_s": 120, "guard_a": 6, "silent_a": [40, 40, 40], "includes_charging": True,
                  "device": "A84041B931837A0A", "unit": "W", "fields": {"l1": "phase.0.w", "l2": "phase.1.w",
                                                                        "l3": "phase.2.w", "at": "time"}}})
    site["stations"] = site["stations"][:2]
    site["tags"] = site["tags"][:1] + [{"id_tag": "X", "parent_id_tag": "G", "expires": "2027-10-31T23:59:59+01:00"}]
    site["templates"] = [{"id": "lamps", "match": {"model": "La*", "groups": ["nord"]}, "priority": 3,
                          "keys": {"HeartbeatInterval": 300, "LocalAuthorizeOffline": True, "BlinkRepeat": None}}]
    site["factors"] = [
        {"kind": "grid_location", "year": 2024, "value": 363, "unit": "g/kWh", "state": "estimated", "source": "S",
         "revised": "2025-04-15"},
        {"kind": "consumption", "year": 2024, "low": 15, "mid": 18.5, "high": 22, "unit": "kWh/100km", "state": "assumed",
         "source": "S"}]
    return site


def wrong_values(schema):
    """Values that a member must not have, by its schema."""
    yield from ({"x": [1]}, "\x01")
    if "propertyNames" in schema:
        yield from ({}, {"a=b": 1}, {"x": 1.5}, {"x": "y" * 501})
    if "array" not in str(schema):
        yield []
    if "string" not in str(schema.get("type", "")) and "enum" not in schema:
        yield "text"
    if "enum" in schema:
        yield from ("no-such-word", 7)
    if "maxLength" in schema:
        yield from ("", "a" * (schema["maxLength"] + 1), 5, True)
    if "pattern" in schema and "maxLength" not in schema:
        yield from ("x", "1.2.3", "99:99", "2026-99-99", "", "-1", "1e3", 5)
    for option in [schema] + schema.get("anyOf", []):
        if "maximum" in option:
            yield from (option["maximum"] + 1, option["minimum"] - 1, True)
        if "maxItems" in option:
            yield from ([1, 2], [1, 2, 3, 4], [1, 2, "3"], [1, 2, -1])


def broken(schema, site, path=()):
    """(what was done, broken copy) for each object in the first record of each list, and below it."""
    value = site
    for step in path:
        value = value[step]

    def copy_with(change):
        fresh = copy.deepcopy(site)
        at = fresh
        for step in path:
            at = at[step]
        change(at)
        return fresh

    for name in schema.get("required", []):
        yield f"{path} without {name}", copy_with(lambda at, name=name: at.pop(name))
        yield f"{path} {name} null", copy_with(lambda at, name=name: at.update({name: None}))
    yield f"{path} unknown member", copy_with(lambda at: at.update({"no_such_member": 1}))
    for name, member in schema["properties"].items():
        for wrong in wrong_values(member) if name != "$schema" else ():
            yield f"{path} {name} = {wrong!r}", copy_with(lambda at, name=name, wrong=wrong: at.update({name: wrong}))
        options = [member] + member.get("anyOf", [])
        for option in options:
            if isinstance(value.get(name), list) and value[name] and "properties" in option.get("items", {}):
                yield from broken(option["items"], site, (*path, name, 0))
            if isinstance(value.get(name), dict) and "properties" in option:
                yield from broken(option, site, (*path, name))


def fitting():
    """Odd, but right."""
    yield "nothing", {}
    yield "empty lists", {"grid": [], "stations": [], "tags": [], "tariffs": [], "factors": []}
    yield "least", {"grid": [{"id": "G", "limit_a": 0}], "stations": [{"id": "S"}], "tags": [{"id_tag": "T"}],
                    "tariffs": [{"id": "T", "valid_from": "2026-01-01", "price_per_kwh": "0"}]}
    yield "nulls are defaults", {"stations": [{"id": "S", "grid_node": None, "wiring": None, "rating_a": None, "strict": None,
                                              "lat": None, "lon": None, "class": None, "connectors": None}],
                                 "tariffs": [{"id": "T", "valid_from": "2026-10-25T00:00:00+02:00", "price_per_kwh": "0.1",
                                              "blocking": None, "currency": None}]}
    yield "fractions", {"grid": [{"id": "G", "limit_a": [63.5, 0.1, 16]}], "stations": [{"id": "S Ü", "rating_a": 16.5,
                                                                                      "lat": -0.0000001, "lon": 180}]}


def run_tool(tool, files):
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i, file in enumerate(files):
            names.append(os.path.join(folder, str(i)))
            with open(names[-1], "w", encoding="utf-8") as out:
                json.dump(file, out)
        return subprocess.run([tool, *names], capture_output=True, text=True, check=True).stdout.splitlines()


def main():
    tool = sys.argv[1]
    schema = json.loads(subprocess.run([tool], capture_output=True, text=True, check=True).stdout)
    try:
        import jsonschema
        jsonschema.Draft202012Validator.check_schema(schema)
        other = jsonschema.Draft202012Validator(schema)
    except ImportError:
        other = None
    site = example_site()
    good = [("the example", site), *fitting()]
    bad = list(broken(schema, site))
    answers = run_tool(tool, [file for _, file in good + bad])
    wrong = []
    for (what, file), answer, is_good in zip(good + bad, answers, [True] * len(good) + [False] * len(bad)):
        verdicts = {"tool": answer == "ok", "schema": accepts(schema, file)}
        if other is not None:
            verdicts["jsonschema"] = other.is_valid(file)
        if set(verdicts.values()) != {is_good}:
            wrong.append(f"{what}: should be {'taken' if is_good else 'refused'}: {verdicts} {answer}")
        if not is_good and answer != "ok":
            path, text = answer.split("\t", 1)
            if not text.startswith(path) or len(text) < 10:
                wrong.append(f"{what}: poor text: {answer}")
    for record in schema["properties"].values():
        for name, member in record.get("items", {}).get("properties", {}).items():
            for value in member.get("examples", []) + ([member["default"]] if "default" in member else []):
                if not accepts(member, value):
                    wrong.append(f"{name}: its own example or default does not fit: {value!r}")
            if not member["description"]:
                wrong.append(f"{name}: no description")
    print("\n".join(wrong))
    print(f"{len(good)} good and {len(bad)} broken files, {len(wrong)} disagreements")
    sys.exit(bool(wrong) or len(bad) < 300)


if __name__ == "__main__":
    main()
