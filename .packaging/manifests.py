"""Checks the winget and Scoop manifests against the files that they name: `manifests.py FOLDER VERSION`."""

import hashlib
import json
import sys
import zipfile
from pathlib import Path

from ruamel.yaml import YAML

folder, version = Path(sys.argv[1]), sys.argv[2]
archive = folder / f"work365-doctor-{version}-x86_64-pc-windows-gnu.zip"
digest = hashlib.sha256(archive.read_bytes()).hexdigest()
names = zipfile.ZipFile(archive).namelist()

manifests = {}
for path in sorted((folder / "winget").glob("*.yaml")):
    manifest = YAML(typ="safe").load(path)
    manifests[manifest["ManifestType"]] = manifest
    assert "@" not in path.read_text().replace("@ManifestVersion", ""), path
assert set(manifests) == {"version", "installer", "defaultLocale"}, set(manifests)
for manifest in manifests.values():
    assert str(manifest["PackageVersion"]) == version and manifest["PackageIdentifier"] == "Work365Doctor.Work365Doctor"
installer = manifests["installer"]
[entry] = installer["Installers"]
assert entry["InstallerSha256"] == digest.upper() and entry["InstallerUrl"].endswith("/" + archive.name)
[nested] = installer["NestedInstallerFiles"]
assert nested["RelativeFilePath"].replace("\\", "/") in names, names[:3]
print(f"{'winget':<28} three manifests name {archive.name} by its sum")

scoop = json.loads((folder / "scoop/work365-doctor.json").read_text())
[bits] = scoop["architecture"].values()
assert scoop["version"] == version and bits["hash"] == digest and bits["url"].endswith("/" + archive.name)
assert f"{bits['extract_dir']}/{scoop['bin']}" in names
print(f"{'Scoop':<28} the manifest names {archive.name} by its sum")
