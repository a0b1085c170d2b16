#!/usr/bin/env python3
"""Compare our message tables, member by member, with the official JSON schemas of OCPP 1.6.

usage: schema_compare.py DUMP_PROGRAM SOURCE...

A source is a folder with <Action>.<req|conf>.json files, or a JSON file that holds all schemas as
one array with ids like urn:Reset.req.  Exit 0 = equal, 1 = different, 77 = no source is there.
"""
import json
import os
import subprocess
import sys

# Where we differ from the schemas on purpose: (what, members, reason).
KNOWN = [
    ("minItems", ("meterValue", "sampledValue", "chargingSchedulePeriod"),
     "the specification says 1..*, the core schemas allow empty lists; we never send one"),
]


def known(kind, path):
    return any(kind == k and path.split(".")[-1] in members for k, members, _ in KNOWN)


def resolve(schema, root):
    while "$ref" in schema:
        node = root
        for step in schema["$ref"].lstrip("#/").split("/"):
            node = node[step]
        schema = node
    return schema


def schema_members(schema, root):
    """The members of an object schema in the form our dump has."""
    schema = resolve(schema, root)
    if schema.get("additionalProperties", True) is not False:
        raise SystemExit("schema is open: %r" % schema.get("title", schema))
    required = schema.get("required", [])
    members = {}
    for name, sub in schema.get("properties", {}).items():
        members[name] = schema_member(resolve(sub, root), root, name in required)
    return members


def schema_member(sub, root, required):
    kind = sub.get("type")
    member = {"required": required, "maxLength": sub.get("maxLength"), "minItems": 0,
              "multipleOf": sub.get("multipleOf"), "enum": None, "members": None}
    if "enum" in sub:
        member["enum"] = set(sub["enum"])
        kind = "enum"
    elif kind == "string" and sub.get("format") == "date-time":
        kind = "time"
    elif kind == "number":
        kind = "decimal"
    elif kind == "object":
        member["members"] = schema_members(sub, root)
    elif kind == "array":
        item = resolve(sub["items"], root)
        member["minItems"] = sub.get("minItems", 0)
        if item.get("type") == "object":
            kind = "list"
            member["members"] = schema_members(item, root)
        else:
            kind = "list of %ss" % item["type"]
            member["maxLength"] = item.get("maxLength")
    member["type"] = kind
    return member


def our_members(rows):
    members = {}
    for row in rows:
        members[row["name"]] = {
            "type": row["type"],
            "required": row["required"],
            "maxLength": row.get("max_length"),
            "minItems": row.get("min_items", 0),
            "multipleOf": row.get("multiple_of"),
            "enum": set(row["values"]) | set(row["also_legal"]) if "values" in row else None,
            "members": our_members(row["members"]) if "members" in row else None,
        }
    if len(members) != len(rows):
        raise SystemExit("a member stands twice in our table")
    return members


def compare(path, ours, theirs, differences, excused):
    for name in sorted(set(ours) | set(theirs)):
        here = path + "." + name
        if name not in ours or name not in theirs:
            differences.append("%s: only in %s" % (here, "ours" if name in ours else "the schema"))
            continue
        a, b = ours[name], theirs[name]
        for kind in ("type", "required", "maxLength", "minItems", "multipleOf", "enum"):
            if a[kind] == b[kind]:
                continue
            text = "%s: %s is %s, schema has %s" % (here, kind, a[kind], b[kind])
            (excused if known(kind, here) else differences).append(text)
        if a["members"] is not None and b["members"] is not None:
            compare(here, a["members"], b["members"], differences, excused)


def load_source(path):
    """All schemas of a source by message name, e.g. Reset.req; None if it is not there."""
    if os.path.isdir(path):
        schemas = {}
        for name in sorted(os.listdir(path)):
            if name.endswith((".req.json", ".conf.json")):
                with open(os.path.join(path, name), encoding="utf-8") as f:
                    schemas[name[:-len(".json")]] = json.load(f)
        return schemas
    if os.path.isfile(path):
        with open(path, encoding="utf-8") as f:
            found = json.load(f)
        return {(s.get("$id") or s.get("id")).split(":")[-1]: s for s in found}
    return None


def count(members):
    return sum(1 + (count(m["members"]) if m["members"] else 0) for m in members.values())


def compare_source(path, actions):
    schemas = load_source(path)
    if schemas is None:
        print("%s: not there" % path)
        return None
    differences, excused, n_members = [], [], 0
    seen = set()
    for action in actions:
        for kind in ("req", "conf"):
            name = "%s.%s" % (action["action"], kind)
            seen.add(name)
            if name not in schemas:
                differences.append("%s: no schema" % name)
                continue
            theirs = schema_members(schemas[name], schemas[name])
            n_members += count(theirs)
            compare(name, our_members(action[kind]), theirs, differences, excused)
    differences += ["%s: we have no table" % n for n in schemas if n not in seen]
    for text in differences:
        print("DIFFERENT  " + text)
    for text in excused:
        print("known      " + text)
    print("%s: %d messages, %d members, %d differences, %d known"
          % (path, len(schemas), n_members, len(differences), len(excused)))
    return not differences


def main():
    dump, sources = sys.argv[1], sys.argv[2:]
    ours = subprocess.run([dump], check=True, stdout=subprocess.PIPE).stdout
    actions = json.loads(ours)
    results = [compare_source(path, actions) for path in sources if path]
    done = [r for r in results if r is not None]
    if not done:
        print("no schemas to compare with")
        return 77
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
