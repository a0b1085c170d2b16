#!/usr/bin/env python3
"""How good is what the balancer gives?  Real or made sessions on a 32-lamp cabinet, several limits,
our rules against those of others and against the best there could have been.

  quality.py --sessions FILE.csv            a CSV file with plug-in, plug-out, energy
  quality.py --made 7 --days 60             sessions made from a seed
  quality.py ... --caps 20,32,50 --json quality.json --svg quality.svg
  quality.py ... --check                    the goals, as assertions: exit 1 when one is missed
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys

import bound
import chart
import sessions as source

OURS, TOLD = "ours", "ours, told"
KNOWING = ("edf", "llf", "edf6-plain", "edzl-plain")
OTHERS = ("uncontrolled", "first-come", "round-robin", "edf", "llf")
PLAIN = ("maxmin-plain", "edf6-plain", "edzl-plain")
RULES = (OURS, TOLD) + OTHERS + PLAIN
COLUMNS = (("energy", "energy met, % of what was asked"), ("of_best", "the same, % of the bound"),
           ("jain", "Jain's index of received/asked"), ("least", "smallest received/asked, %"),
           ("low5", "5 % quantile of it, %"), ("full", "sessions fully met, %"),
           ("switches", "switches per session"), ("sends", "limits sent per plugged-in hour"),
           ("allowed_a", "worst sum of limits, A"))

# Of ours: turned off within five minutes, or after longer; on again within five minutes.
KINDS = ("tries", "turns", "pauses")

# What is taken away, one thing after the other, from ours with knowledge: what stays is the price of
# not knowing who will come.
FINE = dict(step=100)
FAST = dict(react=0, debounce=0, answer=0)
PARTS = (("learning each car's phases", dict(known=1), None),
         ("messages and reaction time", FAST, None), ("whole amperes", FINE, None),
         ("the 6 A minimum", dict(min=1000), 1000))


def run(tool, rule, cap_ma, sessions, **settings):
    """@return per session (Wh, seconds charging, switches), and the totals"""
    text = "".join(" ".join(map(str, s)) + "\n" for s in sessions)
    words = [f"{name}={value}" for name, value in settings.items()]
    done = subprocess.run([tool, rule, str(cap_ma)] + words, input=text, text=True,
                          stdout=subprocess.PIPE, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == len(sessions) + 1 and lines[-1].startswith("total "), done.stdout[-200:]
    return ([tuple(map(int, line.split())) for line in lines[:-1]],
            [int(word) for word in lines[-1].split()[1:]])


def figures(sessions, per, totals):
    asked = sum(s.wh for s in sessions)
    met = sorted(got[0] / s.wh for got, s in zip(per, sessions))
    hours = sum(s.leave_s - s.arrive_s for s in sessions) / 3600
    full = sum(s.wh - got[0] <= s.wh // 100 + 50 for got, s in zip(per, sessions))
    squares = sum(x * x for x in met)
    return {"energy": 100 * sum(got[0] for got in per) / asked,
            "jain": sum(met) ** 2 / len(met) / squares if squares else 1.0,
            "least": 100 * met[0], "low5": 100 * met[len(met) // 20],
            "full": 100 * full / len(met), "switches": sum(got[2] for got in per) / len(met),
            "sends": totals[0] / hours, "allowed_a": totals[1] / 1000, "excess_ms": totals[3],
            "kinds": dict(zip(KINDS, (n / len(met) for n in totals[4:])))}


def knowing(sessions):
    return [s._replace(told=1) for s in sessions]


def one(job):
    tool, rule, cap_ma, sessions, settings = job
    if rule == "bound":
        return bound.best_wh(sessions, cap_ma, **settings)
    if rule == TOLD:
        sessions = knowing(sessions)
    name = OURS if rule == TOLD else rule
    return figures(sessions, *run(tool, name, cap_ma, sessions, **settings))


def part_jobs(tool, cap_ma, sessions):
    """Ours with knowledge, with one thing after the other relaxed, and the bound by sum only."""
    jobs, settings, now = [], {}, sessions
    for _, relaxed, least_ma in PARTS:
        settings = {**settings, **relaxed}
        if least_ma:
            now = [s._replace(min_ma=least_ma) for s in now]
        jobs.append((tool, TOLD, cap_ma, now, dict(settings)))
    alone = [(tool, OURS, cap_ma,
              [s._replace(min_ma=least_ma) for s in sessions] if least_ma else sessions,
              dict(relaxed)) for _, relaxed, least_ma in PARTS]
    return jobs + alone


def measure(options, sessions):
    """@return cap in A -> rule -> figures; cap -> parts"""
    caps = [int(a) for a in options.caps.split(",")]
    jobs = {}
    for a in caps:
        for rule in RULES:
            settings = {"points": options.lamps} if rule in (OURS, TOLD) else {}
            jobs[a, rule] = (options.run, rule, a * 1000, sessions, settings)
        if bound.linprog:
            jobs[a, "bound"] = (options.run, "bound", a * 1000, sessions, {})
        if options.parts:
            for k, job in enumerate(part_jobs(options.run, a * 1000, sessions)):
                job[4]["points"] = options.lamps
                jobs[a, k] = job
            if bound.linprog:
                jobs[a, "sum"] = (options.run, "bound", a * 1000, sessions,
                                  {"phases_count": False})
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        results = dict(zip(jobs, pool.map(one, jobs.values())))
    asked = sum(s.wh for s in sessions)
    tables, parts = {}, {}
    for a in caps:
        tables[a] = {rule: results[a, rule] for rule in RULES}
        best = 100 * results[a, "bound"] / asked if bound.linprog else None
        for row in tables[a].values():
            row["of_best"] = 100 * row["energy"] / best if best else None
        if options.parts:
            parts[a] = part_figures(results, a, best, asked)
        tables[a]["bound"] = {"energy": best}
    return tables, parts


def part_figures(results, a, best, asked):
    told, ours, n = results[a, TOLD]["energy"], results[a, OURS]["energy"], len(PARTS)
    chain = {"knowing departure and energy": told - ours}
    for k, (name, _, _) in enumerate(PARTS):
        chain[name] = results[a, k]["energy"] - (results[a, k - 1]["energy"] if k else told)
    alone = {name: results[a, n + k]["energy"] - ours for k, (name, _, _) in enumerate(PARTS)}
    if best:
        chain["knowing who will come"] = best - results[a, n - 1]["energy"]
        chain["(three phases, in the bound itself)"] = 100 * results[a, "sum"] / asked - best
    return {"ours": ours, "bound": best, "one_after_the_other": chain, "alone": alone}


# --- words ---

def cell(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def print_table(a, table):
    print(f"\n{a} A per phase" + (f": at best {table['bound']['energy']:.2f} % of the energy asked"
                                  if table["bound"]["energy"] else ""))
    print(f"{'rule':13}{'energy':>8}{'of best':>8}{'Jain':>7}{'least':>7}{'low 5%':>7}{'full':>7}"
          f"{'switch':>8}{'sends/h':>8}{'most A':>8}")
    for rule in RULES:
        r = table[rule]
        print(f"{rule:13}{cell(r['energy'], 2):>8}{cell(r['of_best'], 2):>8}{cell(r['jain'], 3):>7}"
              f"{cell(r['least'], 1):>7}{cell(r['low5'], 1):>7}{cell(r['full'], 1):>7}"
              f"{cell(r['switches'], 2):>8}{cell(r['sends'], 2):>8}{cell(r['allowed_a'], 0):>8}")


def print_kinds(tables):
    print("\nSwitches of ours, per session: all; turned off within five minutes of being on (tries: to")
    print("see a car's phases), after longer (turns); on again within five minutes (pauses, as for a")
    print("try of another).  The rest is being on again later.")
    print(f"{'':6}" + "".join(f"{rule:>32}" for rule in (OURS, TOLD)))
    print(f"{'A':6}" + f"{'all':>11}{'tries':>7}{'turns':>7}{'pauses':>7}" * 2)
    for a, table in tables.items():
        print(f"{a:<6}" + "".join(f"{r['switches']:>11.2f}" + "".join(f"{r['kinds'][kind]:>7.2f}"
                                                                      for kind in KINDS)
                                  for r in (table[OURS], table[TOLD])))


def print_parts(parts):
    print("\nWhere the distance to the bound comes from, in points of energy.  Without knowledge to")
    print("the bound, one thing taken away after the other; in brackets: that thing alone.")
    names = list(next(iter(parts.values()))["one_after_the_other"])
    print(f"{'':38}" + "".join(f"{str(a) + ' A':>14}" for a in parts))
    print(f"{'ours, without knowledge':38}" + "".join(f"{p['ours']:>7.2f}{'':7}"
                                                      for p in parts.values()))
    for name in names:
        line = ""
        for p in parts.values():
            alone = p["alone"].get(name)
            line += f"{p['one_after_the_other'][name]:>+7.2f}"
            line += f"{'(' + format(alone, '+.2f') + ')':>7}" if alone is not None else " " * 7
        print(f"{name:38}" + line)
    print(f"{'the bound':38}" + "".join(f"{cell(p['bound'], 2):>7}{'':7}" for p in parts.values()))


# --- goals ---

def goals_blind(table, slack):
    """Without knowledge: against the rules that know as little."""
    ours = table[OURS]
    for rule in (r for r in OTHERS if r not in KNOWING and r != "uncontrolled"):
        if ours["energy"] < 0.99 * table[rule]["energy"] - slack:
            yield f"energy without knowledge: {ours['energy']:.2f} %, {rule} {table[rule]['energy']:.2f} %"
        if ours["jain"] < table[rule]["jain"] - 0.0005:
            yield f"Jain: {ours['jain']:.4f}, {rule} {table[rule]['jain']:.4f}"
    if ours["energy"] < table["maxmin-plain"]["energy"] - 0.5:
        yield "energy without knowledge: more than half a point below plain max-min"
    if ours["jain"] < table["maxmin-plain"]["jain"] - 0.01:
        yield "Jain: below plain max-min"
    if ours["switches"] > 1.2 * table["maxmin-plain"]["switches"] + 0.05:
        yield f"switches: {ours['switches']:.2f}, more than a fifth above plain max-min"


def goals_told(table, slack):
    told = table[TOLD]
    best = max(table["edf"]["energy"], table["llf"]["energy"])
    if told["energy"] < best - slack:
        yield f"energy with knowledge: {told['energy']:.2f} %, the better of EDF and LLF {best:.2f} %"
    if told["energy"] < table["edf6-plain"]["energy"] - 0.5:
        yield "energy with knowledge: more than half a point below edf6"
    if told["switches"] > table["llf"]["switches"] + 0.05:
        yield f"switches with knowledge: {told['switches']:.2f}, LLF {table['llf']['switches']:.2f}"


def goals_all(a, table):
    for rule in (OURS, TOLD):
        if table[rule]["excess_ms"] > 0 or table[rule]["allowed_a"] > a:
            yield f"{rule}: {table[rule]['allowed_a']} A were allowed"
    if table["bound"]["energy"]:
        for rule in RULES:
            if rule != "uncontrolled" and table[rule]["energy"] > table["bound"]["energy"] + 0.01:
                yield f"{rule}: more than the bound"


def missed_goals(a, table, options):
    """Every goal that is missed in a row, as a sentence."""
    yield from goals_all(a, table)
    if options.check in ("all", "blind"):
        yield from goals_blind(table, options.slack)
    if options.check in ("all", "told"):
        yield from goals_told(table, options.slack)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="the program quality_run (default: build/*/tests)")
    parser.add_argument("--sessions", metavar="CSV", help="recorded sessions")
    parser.add_argument("--made", type=int, metavar="SEED", help="sessions made from a seed")
    parser.add_argument("--begin", metavar="DATE", help="only sessions from this day on")
    parser.add_argument("--days", type=int, default=60, help="this many (default 60)")
    parser.add_argument("--lamps", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1, help="of what records do not tell")
    parser.add_argument("--caps", default="20,25,32,40,50,63,80", help="A per phase")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--parts", action="store_true", help="split the distance to the bound")
    parser.add_argument("--check", nargs="?", const="all", choices=("all", "blind", "told"),
                        help="exit 1 when a goal is missed: all, or without or with knowledge")
    parser.add_argument("--slack", type=float, default=0.0, help="points of energy, for --check")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--svg", metavar="FILE")
    return parser.parse_args()


def find_tool():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "build")
    for build in (".", "rel", "asan"):
        path = os.path.normpath(os.path.join(root, build, "tests", "quality_run"))
        if os.path.exists(path):
            return path
    raise SystemExit("build quality_run first, or name it with --run")


def records(options):
    if options.made is not None:
        return source.made(options.made, options.days)
    if not options.sessions:
        raise SystemExit("quality.py: give --sessions FILE or --made SEED")
    if not os.path.exists(options.sessions):
        print(f"skipped: {options.sessions} is not here")
        sys.exit(77)
    rows = source.read(options.sessions)
    return source.between(rows, options.begin, options.days) if options.begin else rows


def main():
    options = arguments()
    options.run = options.run or find_tool()
    if not bound.present():
        print("no bound: python3-scipy is not installed")
    sessions, away = source.lay(records(options), options.lamps, options.seed)
    if not sessions:
        raise SystemExit("quality.py: no sessions in this time")
    three = sum(s.phases == 7 for s in sessions)
    print(f"{len(sessions)} sessions, {sum(s.wh for s in sessions) / 1000:.0f} kWh, {three} on three "
          f"phases, {options.lamps} lamps; {away} found none free")
    tables, parts = measure(options, sessions)
    for a, table in tables.items():
        print_table(a, table)
    print_kinds(tables)
    if parts:
        print_parts(parts)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"sessions": len(sessions), "away": away, "columns": dict(COLUMNS),
                       "caps": tables, "parts": parts}, file, indent=1)
    if options.svg:
        chart.write(options.svg, tables, (OURS, TOLD) + OTHERS[1:])
    missed = [f"{a} A: {text}" for a, table in tables.items()
              for text in missed_goals(a, table, options)] if options.check else []
    for text in missed:
        print(f"MISSED {text}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
