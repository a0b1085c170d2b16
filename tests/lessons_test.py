#!/usr/bin/env python3
"""Every row of lessons.md names at least one test, and every test it names exists.  usage: lessons_test.py BUILD_DIR"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def rows():
    with open(os.path.join(HERE, "lessons.md"), encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.startswith("|") and len(cells) == 3 and cells[0] not in ("event", "---"):
                yield cells


def main():
    listing = subprocess.run(["ctest", "--test-dir", sys.argv[1], "-N"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"Test +#\d+: (\S+)", listing))
    wrong, n = [], 0
    for event, _, tests in rows():
        n += 1
        names = tests.split()
        if not names:
            wrong.append(f"no test: {event}")
        wrong += [f"{name} does not exist: {event}" for name in names if name.replace("story:", "story_") not in known]
    print("\n".join(wrong) or f"{n} rows, each with its tests")
    return 1 if wrong or n < 21 else 0


sys.exit(main())
