"""The man page names exactly the options, commands and faults that --help names."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SIM = os.path.join(os.environ.get("NOX_BIN", "build/bin"), "noxsim")


def help_of(*words):
    return subprocess.run([SIM, *words, "--help"], capture_output=True, text=True, check=True).stdout


with open(os.path.join(ROOT, "cmd", "noxsim", "noxsim.1"), encoding="utf-8") as file:
    page = file.read()
commands = re.findall(r"^  (\w+) ", help_of().split("commands:")[1].split("\n\n")[0], re.M)
options, faults, quirks = {"help"}, set(), set()
for command in commands:
    text = help_of(command)
    assert "examples:\n  noxsim " + command in text, f"{command} --help has no example"
    options |= set(re.findall(r"^  --([a-z0-9-]+)", text, re.M))
    if "\nfaults:" in text:
        faults |= set(re.findall(r"^  ([a-z-]+) ", text.split("\nfaults:")[1].split("\n\n")[0], re.M))

    if "\nquirks:" in text:
        quirks |= set(re.findall(r"^  ([a-z-]+) ", text.split("\nquirks:")[1].split("\n\n")[0], re.M))

sections = dict(re.findall(r"^\.Sh ([A-Z ]+)\n(.*?)(?=^\.Sh |\Z)", page, re.M | re.S))
documented = {
    "commands": set(re.findall(r"^\.It Cm (\S+)", sections["DESCRIPTION"], re.M)),
    "options": set(re.findall(r"^\.It Fl -(\S+)", sections["OPTIONS"], re.M)),
    "quirks": set(re.findall(r"^\.It Cm (\S+)", sections["QUIRKS"], re.M)),
    "faults": set(re.findall(r"^\.It Cm (\S+)", sections["FAULTS"], re.M)),
}
wanted = {"commands": set(commands), "options": options, "faults": faults, "quirks": quirks}
bad = 0
for what, names in wanted.items():
    for name in sorted(names ^ documented[what]):
        print(f"{what}: {name} stands only in {'--help' if name in names else 'noxsim.1'}")
        bad = 1
if not bad:
    print(f"{len(commands)} commands, {len(options)} options, {len(faults)} faults, {len(quirks)} quirks agree")
sys.exit(bad)
