"""Runs the Windows program under wine and compares it with what it must do: `windows_cases.py WINE FOLDER`."""

import json
import os
import subprocess
import sys

wine, place = sys.argv[1:]
environment = {name: value for name, value in os.environ.items() if not name.startswith("WORK365")}
environment["COLUMNS"] = "80"
# wine sets the folder of the user's settings itself.
asked_wine = subprocess.run([wine, "cmd", "/c", "echo %APPDATA%"], capture_output=True, env=environment, timeout=300, check=True)
roaming = os.environ["WINEPREFIX"] + "/drive_c/" + asked_wine.stdout.decode().strip()[3:].replace("\\", "/")
user = asked_wine.stdout.decode().strip().split("\\")[2]
table, failures = [], []


def run(*arguments, stdin=b"", folder=place, **variables):
    done = subprocess.run(
        [wine, f"{place}/work365-doctor.exe", *arguments],
        input=stdin, capture_output=True, cwd=folder, env=environment | variables, timeout=300, check=False,
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")


def case(name, *arguments, exit, holds=(), says=(), lacks=(), then=None, **options):
    """One run: its exit, what stdout and stderr hold, what stderr does not, and what must be true of stdout afterwards."""
    code, out, err = run(*arguments, **options)
    wrong = [] if code == exit else [f"exit {code}, not {exit}"]
    wrong += [f"stdout lacks {text!r}" for text in holds if text not in out]
    wrong += [f"stderr lacks {text!r}" for text in says if text not in err]
    wrong += [f"stderr has {text!r}" for text in lacks if text in err]
    if "\x1b" in out + err:
        wrong.append("it is coloured")
    if not wrong and then is not None:
        try:
            then(out)
        except Exception as error:  # What went wrong is what is shown.
            wrong.append(f"{type(error).__name__}: {error}")
    table.append((name, "ok" if not wrong else "; ".join(wrong)))
    if wrong:
        failures.append(f"{name}: {wrong}\n{out[:600]}\n{err[:600]}")


def write(name, text, encoding="utf-8"):
    with open(f"{place}/{name}", "wb") as file:
        file.write(text.encode(encoding))
    return name


def windows(path):
    return "Z:" + f"{place}/{path}".replace("/", "\\")


def equals(wanted):
    def check(out):
        assert out == wanted, "another answer"

    return check


DEMO = "mfa-by-conditional-access"
ERROR = "AADSTS50126: Error validating credentials due to invalid username or password.\r\nTrace ID: 1\r\n"

case("version", "version", exit=0, holds=["work365-doctor "])
for style in ["table", "json", "ndjson", "markdown", "html", "junit", "sarif", "short"]:
    case(f"check --demo -o {style}", "check", "--demo", "-o", style, exit=1, holds=["mfa-conditional-access"] if style != "table" else ["UNHEALTHY"])
case("a healthy demonstration", "check", "--demo", "healthy", exit=0)

snapshot = f"cases/{DEMO}.json"
_, plain, _ = run("check", "--snapshot", snapshot, "-o", "json")
for name, path in {
    "with slashes": snapshot,
    "with backslashes": snapshot.replace("/", "\\"),
    "absolute": windows(snapshot),
    "verbatim": "\\\\?\\" + windows(snapshot),
    "through its parent": f"cases\\..\\cases\\{DEMO}.json",
}.items():
    case(f"a snapshot {name}", "check", "--snapshot", path, "-o", "json", exit=1, then=equals(plain))
case("a folder of snapshots", "check", "--snapshot", "cases", "-o", "ndjson", exit=1,
     then=lambda out: [json.loads(line) for line in out.splitlines()])
case("a snapshot that is not there", "check", "--snapshot", "cases\\none.json", exit=2, says=["no such file"])
case("a folder that is no file", "decode", "cases", exit=2, says=["folder"])
case("usage", "check", "--nonsense", exit=2, says=["--nonsense"])

for encoding in ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]:
    name = write(f"error-{encoding}.txt", ERROR, encoding)
    case(f"decode of {encoding} and CRLF", "decode", name, "-o", "short", exit=0, holds=["AADSTS50126"])
case("decode of stdin in UTF-16", "decode", "-", "-o", "short", stdin=ERROR.encode("utf-16"), exit=0, holds=["AADSTS50126"])
case("--error @file", "check", "--snapshot", snapshot, "--error", "@error-utf-16.txt", exit=1, holds=["AADSTS50126"])
case("nothing is recognised", "decode", "good morning", exit=3)
name = write("Fehler äöü 漢字.txt", ERROR)
case("a name beyond the code page", "decode", name, "-o", "short", exit=0, holds=["AADSTS50126"])

case("an answer to a file", "check", "--snapshot", snapshot, "-o", "json=report.json", exit=1)
case("the file is replaced", "check", "--snapshot", snapshot, "-o", "json=report.json", exit=1)
case("and rendered", "report", "render", "report.json", "-o", "short", exit=0, holds=["mfa-conditional-access"])
case("no output replaces an input", "check", "--snapshot", snapshot, "-o", "json=" + snapshot.replace("/", "\\").upper(), exit=2)
case("a redacted copy", "capture", "--from", snapshot, "redacted.snapshot.json", exit=0)
case("whose map everybody may read", "capture", "--from", snapshot, "shared.snapshot.json", exit=0, says=["shared.map.json: whoever may read its folder can read it; keep it below C:\\users\\"])
case("or the user alone", "capture", "--from", snapshot, "own.snapshot.json", "--map", "C:\\users\\" + user + "\\own.map.json", exit=0, lacks=["whoever may read"])
case("of which nothing is left", "check", "--snapshot", "redacted.snapshot.json", exit=1, then=lambda out: None if "fabrikam" not in out else 1 / 0)
left = [name for name in os.listdir(place) if name.endswith(".tmp")]
table.append(("nothing stays beside a file", "ok" if not left else str(left)))
failures += left

write("work365-doctor.toml", 'profile = "consent"\r\n')
os.makedirs(f"{place}/below/deeper", exist_ok=True)
case("a configuration is found walking up", "check", "--demo", "-o", "json", exit=1, folder=f"{place}/below/deeper",
     then=lambda out: None if json.loads(out)["profile"] == "consent" else 1 / 0)
os.remove(f"{place}/work365-doctor.toml")
os.makedirs(f"{roaming}/work365-doctor", exist_ok=True)
with open(f"{roaming}/work365-doctor/work365-doctor.toml", "w", encoding="utf-8") as settings:
    settings.write('profile = "application-user"\n')
case("and in the user's folder", "check", "--demo", "-o", "json", exit=1, folder=f"{place}/below",
     then=lambda out: None if json.loads(out)["profile"] == "application-user" else 1 / 0)
os.remove(f"{roaming}/work365-doctor/work365-doctor.toml")

case("a token of stdin", "token", stdin=b"not a token", exit=3)
case("completions", "completions", "powershell", exit=0, holds=["Register-ArgumentCompleter"])
case("a step of ask", "ask", "--symptom", "reset-fails", "-o", "json", exit=0, then=lambda out: json.loads(out)["question"]["id"])

greeting = [
    {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
]


def asked(paths):
    calls = [
        {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": "check", "arguments": {"snapshot": path}}}
        for number, path in enumerate(paths, 1)
    ]
    return "".join(json.dumps(message) + "\r\n" for message in greeting + calls).encode()


def answers(out):
    return {message["id"]: message["result"] for message in map(json.loads, out.splitlines()) if message["id"]}


inside = [f"{DEMO}.json", windows(snapshot)]
outside = [windows("report.json"), "..\\report.json", "\\\\host\\share\\a.json", "\\\\?\\" + windows(snapshot),
           "\\\\.\\pipe\\a", f"{DEMO}.json:stream", "NUL", "com1.json", "missing.json"]


def judged(out):
    results = answers(out)
    for number, path in enumerate(inside + outside, 1):
        assert results[number]["isError"] == (path in outside), path
    said = {results[len(inside) + number]["content"][0]["text"] for number in range(1, len(outside) + 1)}
    assert len(said) == 1, said


case("mcp reads below --allow only", "mcp", "--allow", "cases", stdin=asked(inside + outside), exit=0, then=judged)

width = max(len(name) for name, _ in table)
for name, verdict in table:
    print(f"{name:<{width}}  {verdict}")
print(f"{len(table)} cases, {len(failures)} failed")
for failure in failures:
    print(f"\n{failure}")
sys.exit(bool(failures))
