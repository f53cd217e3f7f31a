#!/usr/bin/env python3
"""Writes N different snapshots of about 60 kB as NDJSON to stdout: fixtures/bases, each with a fault of its own and the size of a real tenant.

    benches/generate-snapshots.py 10000 > /tmp/snapshots.ndjson
"""

import copy
import json
import pathlib
import random
import sys

SIZE = 60_000
ROOT = pathlib.Path(__file__).resolve().parent.parent


def faults():
    """Each takes the sections of a snapshot and breaks one thing."""

    def disable(sections):
        sections["graph.user"]["body"]["accountEnabled"] = False
        sections["dataverse.system_users"]["body"]["value"][0]["isdisabled"] = True

    def mfa(sections):
        sections["graph.per_user_mfa"]["body"]["perUserMfaState"] = "enforced"

    def mode(sections):
        sections["dataverse.system_users"]["body"]["value"][0]["accessmode"] = 2

    def no_roles(sections):
        sections["dataverse.user_roles"]["body"]["value"] = []

    def unlicensed(sections):
        sections["graph.license_details"]["body"]["value"] = []
        sections["graph.user"]["body"]["assignedLicenses"] = []

    def refused(sections):
        sections["graph.conditional_access_policies"].update(outcome="denied", http_status=403, body={"error": {"code": "AccessDenied"}})

    return [lambda sections: None, disable, mfa, mode, no_roles, unlicensed, refused]


def enlarge(snapshot, rng):
    """Policies and privileges make up most of a real snapshot; more of them until the size is right."""
    policies = snapshot["sections"]["graph.conditional_access_policies"].get("body", {}).get("value", [])
    privileges = snapshot["sections"]["dataverse.user_privileges"]["body"]["RolePrivileges"]
    size = len(json.dumps(snapshot, separators=(",", ":")))
    number = 0
    while size < SIZE:
        if policies and number % 12 == 0:
            extra = copy.deepcopy(policies[rng.randrange(len(policies))])
            extra["id"] = "%08x-0000-4000-8000-%012x" % (number, rng.randrange(1 << 40))
            extra["state"] = "disabled"
            policies.append(extra)
        else:
            extra = dict(privileges[0], PrivilegeName="prvReadTable%d" % number, PrivilegeId="%08x-0000-5000-8000-%012x" % (number, rng.randrange(1 << 40)))
            privileges.append(extra)
        size += len(json.dumps(extra, separators=(",", ":"))) + 1
        number += 1


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    base = json.loads((ROOT / "fixtures/bases/healthy-legacy-password.json").read_text())
    rng = random.Random(365)
    variants = []
    for fault in faults():
        snapshot = copy.deepcopy(base)
        fault(snapshot["sections"])
        enlarge(snapshot, rng)
        variants.append(snapshot)
    for number in range(count):
        snapshot = variants[number % len(variants)]
        snapshot["subject"]["account"] = "svc-%05d@contoso.com" % number
        sys.stdout.write(json.dumps(snapshot, separators=(",", ":")) + "\n")


main()
