"""Writes a CycloneDX 1.5 bill of materials from the output of `cargo metadata` on stdin."""

import json
import sys

name, version = sys.argv[1:]
metadata = json.load(sys.stdin)
root = metadata["resolve"]["root"]
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}


def shipped(node):
    """The dependencies that end in the program: neither those of tests nor those of the build."""
    return [
        dependency["pkg"]
        for dependency in node["deps"]
        if any(kind["kind"] is None for kind in dependency["dep_kinds"])
    ]


reached, open_ = set(), [root]
while open_:
    identity = open_.pop()
    if identity not in reached:
        reached.add(identity)
        open_.extend(shipped(nodes[identity]))


def reference(identity):
    package = packages[identity]
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(identity):
    package = packages[identity]
    entry = {
        "type": "library",
        "bom-ref": reference(identity),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(identity),
    }
    if package["license"]:
        entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    return entry


ordered = sorted(reached - {root}, key=reference)
json.dump(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(root) | {"type": "application"}},
        "components": [component(identity) for identity in ordered],
        "dependencies": [
            {"ref": reference(identity), "dependsOn": sorted({reference(other) for other in shipped(nodes[identity])})}
            for identity in [root, *ordered]
        ],
    },
    sys.stdout,
    indent=1,
)
sys.stdout.write("\n")
assert packages[root]["name"] == name and packages[root]["version"] == version
