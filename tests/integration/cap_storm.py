"""The cap of every instant while everything moves: caps with and without notice, a window of the week, a live meter that
falls silent, kill -9, and lamps that lose links and power, forget, lie, or have no idea of the time.

noxsim runs through it all and says what its lamps may draw by the profiles installed in them.  Time is simulated and counts
in minutes from the beginning, which is 17:00 in Berlin.  A cycle takes 80 minutes:

    12       a cap is ordered for 34 to 46            (longer ahead than a lease lives: never exceeded)
    20-30    window of the week: 48 A
    30       the meter of KABEL says nothing more     (five minutes later 20 A are assumed)
    38       kill -9, again at once                   (the cap in force must survive it)
    50       a cap without notice until 72            (no raise, and below it by `at_the_latest` of the answer)
    74       kill -9; noxd is dead for 17 minutes in every other cycle: all leases end by themselves; the meter speaks again
"""
import csv
import datetime
import json
import math
import os
import random
import signal
import subprocess
import sys
import time

from noxd import BIN, Noxd

WARP, CYCLE, LEASE_MIN = 120, 80, 15
BEGIN = datetime.datetime(2030, 3, 4, 16, 0, tzinfo=datetime.timezone.utc)  # a Monday, 17:00 in Berlin; later than any clock
LIMITS = {"NETZ": 63.0, "KABEL": 40.0}
WINDOW_A, SILENT_A, SILENT_MIN, GUARD_A = 48, 20, 5, 3
FORGETFUL, LIARS, KEEPERS = ["L001", "L002"], ["L011", "L012"], ["L021"]
SKEWED = ["L031", "L032", "L033", "L034"]
SMALL = {"L001": "R", "L002": "S", "L011": "S", "L012": "T", "L021": "R"}  # one phase: what lies must fit below every cap
AT_RATING = {"L1": 24, "L2": 24, "L3": 16}  # sums of those
IN_FLIGHT_MIN = 1.5  # a slow station takes up to 40 s for a raise that was sent before


def window(cycle):
    begin = BEGIN + datetime.timedelta(minutes=CYCLE * cycle + 20 + 60)  # Berlin
    return {"from": begin.strftime("%H:%M"), "to": (begin + datetime.timedelta(minutes=10)).strftime("%H:%M"),
            "limit_a": WINDOW_A}


def street(cycles):
    wiring = ("RST", "STR", "TRS")
    rows = []
    for i in range(1, 41):
        name = f"L{i:03d}"
        rows.append({"id": name, "security_profile": 1, "grid_node": "KABEL" if i % 5 < 3 else "NETZ",
                     "wiring": SMALL.get(name, wiring[i % 3]), "rating_a": 8 if name in FORGETFUL else 16, "safe_a": 0,
                     "connectors": [{"id": 1, "evse_id": f"DE*NOX*E{i:04d}*1", "max_w": 1840 if name in SMALL else 11040}],
                     **({"class": "forgetful"} if name in FORGETFUL else {})})
    grid = [{"id": "NETZ", "limit_a": LIMITS["NETZ"], "calendar": [window(k) for k in range(min(cycles, 18))]},
            {"id": "KABEL", "parent": "NETZ", "limit_a": LIMITS["KABEL"],
             "meter": {"guard_a": GUARD_A, "silent_a": SILENT_A, "silent_after_s": SILENT_MIN * 60}}]
    return {"grid": grid, "tags": [{"id_tag": f"TAG{i:03d}"} for i in range(60)], "stations": rows}


def text_of(minute):
    return (BEGIN + datetime.timedelta(minutes=minute)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def minute_of(text):
    return (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - BEGIN).total_seconds() / 60


def other_load(minute):
    """Of the households on KABEL; rises by less than the guard within the life of a lease."""
    return 6 + 1.5 * math.sin(minute * math.pi / 40)


class Storm:
    def __init__(self, cycles, seed):
        self.cycles, self.rng = cycles, random.Random(seed)
        self.nox = Noxd("--time-warp", str(WARP), "--call-timeout-s", "5", "--time-start", text_of(0))
        self.site = street(cycles)
        self.windows, self.planned, self.sudden, self.silent, self.kills = [], [], [], [], []
        self.fed_at = -9.0
        self.lag_s = 0.0  # from the start of the process to the start of its time

    # --- time ---

    def now(self):
        return minute_of(self.nox.api("GET", "/v1/status")[1]["now"])

    def until(self, minute):
        """Feeds the meter meanwhile."""
        while (now := self.now()) < minute:
            if now - self.fed_at >= 2 and not (self.silent and self.silent[-1][1] is None):
                load = other_load(now)
                status, answer = self.nox.api("POST", "/v1/grid/KABEL/meter", {"a_per_phase": [round(load, 2)] * 3})
                assert status == 200 and answer["taken"], (status, answer)
                self.fed_at = now
            time.sleep(0.1)

    def start(self):
        spawned = time.monotonic()
        self.nox.start()
        self.lag_s = time.monotonic() - spawned - self.now() * 60 / WARP

    def kill(self, dead_min):
        """Simulated time goes on while it is dead, as far as that can be told from outside: rather a little less."""
        port, at, since = self.nox.address[1], self.now(), time.monotonic()
        self.nox.kill()
        time.sleep(dead_min * 60 / WARP)
        minute = at + (time.monotonic() - since + self.lag_s) * WARP / 60 - 0.5
        self.nox.flags[-1] = text_of(max(minute, at))
        self.nox.start(port)
        self.kills.append((at, self.now()))

    # --- what happens ---

    def cap(self, amps, begin, end):
        body = {"limit_a": amps, "until": text_of(end), "reason": "storm"}
        if begin is not None:
            body["from"] = text_of(begin)
        status, answer = self.nox.api("POST", "/v1/grid/NETZ/cap", body)
        assert status == 200, (status, answer)
        return answer

    def cycle(self, k):
        base, pick = k * CYCLE, self.rng.uniform
        self.windows.append((base + 20, base + 30, WINDOW_A))
        self.until(base + 12)
        amps = round(pick(36, 46))
        self.cap(amps, base + 34, base + 46)
        self.planned.append((base + 34, base + 46, amps))
        self.until(base + 30)
        self.silent.append((self.now(), None))
        self.until(base + pick(36.5, 40))
        self.kill(0)
        self.until(base + 50)
        amps = round(pick(30, 36))
        answer = self.cap(amps, None, base + 72)
        by = answer["at_the_latest"]
        self.sudden.append((minute_of(answer["from"]), base + 72, amps, minute_of(by) if by else None))
        self.until(base + 74)
        self.silent[-1] = (self.silent[-1][0], base + 74)
        if self.cycles > 1 and k % 2 == 0:
            self.kill(LEASE_MIN + 2)

    def run(self):
        nox, folder = self.nox, self.nox.data
        try:
            self.start()
            nox.apply(self.site)
            nox.make_keys([row["id"] for row in self.site["stations"]])
            files = {name: os.path.join(folder, name) for name in ("site.json", "keys.csv", "trace.csv", "report.json", "sim.log")}
            with open(files["site.json"], "w", encoding="utf-8") as out:
                json.dump(self.site, out)
            nox.write_keys(files["keys.csv"])
            words = [os.path.join(BIN, "noxsim"), "run", "--url", nox.url, "--site", files["site.json"], "--keys",
                     files["keys.csv"], "--time-warp", str(WARP), "--plugged", "40", "--arrivals-per-hour", "60", "--cars", "mixed",
                     "--seed", str(self.rng.randrange(1, 10**6)), "--settle", "240", "--trace", files["trace.csv"], "--report",
                     files["report.json"]]
            for fault in ["link=2", "half-open=0.3", "lost-answers=0.03", "reboot=0.5", "slow=0.1",
                          "forgetful@" + ",".join(FORGETFUL), "ignores-profiles@" + ",".join(LIARS),
                          "ignores-leases@" + ",".join(KEEPERS), "wrong-clock@" + ",".join(SKEWED)]:
                words += ["--fault", fault]
            with open(files["sim.log"], "wb") as errors:
                with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=errors) as sim:
                    try:
                        for k in range(self.cycles):
                            self.cycle(k)
                        sim.send_signal(signal.SIGTERM)
                        assert sim.wait(60) == 0
                    finally:
                        sim.kill()
            with open(files["sim.log"], encoding="utf-8") as file:
                text = file.read()
            assert "Sanitizer" not in text and "runtime error" not in text, text[-4000:]
            with open(files["report.json"], encoding="utf-8") as file:
                self.report = json.load(file)
            self.read_trace(files["trace.csv"])
            alarms = nox.api("GET", "/v1/events?name=station.demoted&severity=alarm&limit=100")[1]["items"]
            self.demoted = {row["station"] for row in alarms}
            nox.stop()
            self.check()
        except BaseException:
            print(nox.log()[-4000:], file=sys.stderr)
            raise
        finally:
            if nox.process and nox.process.poll() is None:
                nox.kill()
            if os.environ.get("NOX_KEEP"):
                print("kept:", nox.data)
            else:
                nox.remove()

    # --- the oracle ---

    def read_trace(self, path):
        self.rows = {}  # (node, phase) -> [(minute, allowed, most allowed since the row before, wanted)]
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self.rows.setdefault((row["node"], row["phase"]), []).append(
                    (minute_of(row["at"]), int(row["may_ma"]) / 1000, int(row["peak_may_ma"]) / 1000, int(row["want_ma"]) / 1000))

    def limit(self, minute):
        """Of NETZ; what fell without notice counts from the instant by which it must have had its effect."""
        amps = [LIMITS["NETZ"]]
        amps += [a for begin, end, a in self.windows + self.planned if begin <= minute < end]
        amps += [a for begin, end, a, by in self.sudden if self.bound(begin, by) <= minute < end]
        return min(amps)

    @staticmethod
    def bound(begin, by):
        return by if by is not None else begin + LEASE_MIN + 2

    def check(self):
        assert len(self.rows["NETZ", "L1"]) > 40 * CYCLE * self.cycles / 2, len(self.rows["NETZ", "L1"])
        worst, used, could = 0.0, 0.0, 0.0
        for (node, phase), rows in self.rows.items():
            before = rows[0][0]
            for minute, may, peak, want in rows:
                # the peak is of the time since the row before; noxd's clock is up to an answer's way ahead
                around = (min(before, minute), minute, minute + 0.2)
                if node == "NETZ":
                    limit = max(self.limit(m) for m in around)
                    if want >= limit:
                        used, could = used + may, could + limit
                else:
                    limit = LIMITS[node] - other_load(minute)
                    if all(self.must_assume(m) for m in around):
                        limit = LIMITS[node] - SILENT_A
                worst = max(worst, peak / limit)
                assert peak <= limit + 0.001, f"{node} {phase} at minute {minute:.2f}: {peak} A allowed of {limit:.2f} A"
                before = minute
        assert max(row[3] for row in self.rows["NETZ", "L1"]) > 100, "too few cars to try the cap"
        fresh = max(row[1] for phase in ("L1", "L2", "L3") for row in self.rows["KABEL", phase])
        assert fresh > LIMITS["KABEL"] - SILENT_A, "a fresh meter gave no more than a silent one"
        for begin, end, amps, by in self.sudden:
            self.check_no_raise(begin, min(end, self.bound(begin, by)), amps)
        assert set(LIARS) <= self.demoted, f"demoted were only {self.demoted}"
        assert self.demoted <= {*LIARS, *KEEPERS}, f"honest lamps were demoted: {self.demoted}"
        if self.cycles > 1:
            assert set(KEEPERS) <= self.demoted, "goes on when a lease has ended, and nobody noticed"
        self.worst, self.use = worst, used / could

    def must_assume(self, minute):
        return any(begin + SILENT_MIN + LEASE_MIN + 2 <= minute < end for begin, end in self.silent)

    def check_no_raise(self, begin, end, amps):
        for phase in ("L1", "L2", "L3"):
            least = None
            for minute, may, _, _ in self.rows["NETZ", phase]:
                if not begin + IN_FLIGHT_MIN <= minute < end:
                    continue
                least = may if least is None else min(least, may)
                # a lamp that counts at its rating may be given it
                assert may <= max(amps, least + AT_RATING[phase]), f"{phase} at minute {minute:.2f}: raised to {may} A above a cap of {amps} A"


def storm(cycles, seed):
    s = Storm(cycles, seed)
    s.run()
    late = [f"{by - begin:.1f}" if by else "-" for begin, _, _, by in s.sudden]
    print(f"storm of {cycles * CYCLE} minutes, seed {seed}: at most {s.worst:.1%} of the cap of the instant allowed, {s.use:.1%} used while "
          f"cars want more; {len(s.kills)} kills, {len(s.planned)} caps with notice, {len(s.sudden)} without (to be below after "
          f"{', '.join(late)} min), {len(s.demoted)} lamps demoted, {s.report['sessions_started']} sessions, faults {s.report['faults']}",
          flush=True)
