"""Sessions for the 32-lamp cabinet: read from a CSV file, or made from a seed.

A row needs when the car was plugged in and out and how much it took.  Columns are found by name
(plugin..., plugout..., energy...), times are ISO, energy is in kWh (a column named ..._wh: Wh).
What the records do not say (power, phases, which lamp) is filled in as README.md here tells.
"""
import collections
import csv
import datetime
import hashlib
import math
import random

VOLT = 230
RATING_MA = 16000
MIN_MA = 6000
ONE_PHASE_W = VOLT * RATING_MA // 1000

Record = collections.namedtuple("Record", "user arrive_s leave_s wh")
Session = collections.namedtuple("Session", "lamp arrive_s leave_s wh phases car_ma min_ma told")


def _column(names, *words):
    for word in words:
        for name in names:
            if word in name.lower().replace("_", "").replace(" ", ""):
                return name
    raise SystemExit(f"no column like {words[0]} among {', '.join(names)}")


def _seconds(text):
    at = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return int(at.replace(tzinfo=at.tzinfo or datetime.timezone.utc).timestamp())


def read(path):
    """Rows without an end or without length are left out."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        sample = file.read(4096)
        file.seek(0)
        rows = csv.DictReader(file, delimiter=";" if sample.count(";") > sample.count(",") else ",")
        names = rows.fieldnames
        arrive = _column(names, "plugin", "connectiontime", "arriv", "start")
        leave = _column(names, "plugout", "disconnecttime", "depart", "stop", "end")
        energy = _column(names, "energy", "kwh")
        user = next((n for n in names if n.lower().replace("_", "") in ("userid", "user")), None)
        unit = 1 if energy.lower().endswith("_wh") else 1000
        records = []
        for number, row in enumerate(rows):
            if not row[arrive] or not row[leave] or not row[energy]:
                continue
            record = Record(row[user] if user else str(number), _seconds(row[arrive]),
                            _seconds(row[leave]), round(float(row[energy]) * unit))
            if record.leave_s > record.arrive_s and record.wh > 0:
                records.append(record)
    return sorted(records, key=lambda r: (r.arrive_s, r.leave_s, r.user))


# Arrivals by hour of day, and the part of them that stays for a short visit only: shaped after the
# published Trondheim figures (see README.md).
ARRIVALS = (10, 4, 2, 2, 1, 1, 2, 8, 8, 7, 12, 17, 20, 29, 40, 78, 96, 60, 58, 67, 58, 46, 37, 20)
VISITS = (2, 2, 3, 3, 5, 5, 5, 7, 8, 7, 8, 8, 7, 6, 6, 6, 5, 4, 3, 2, 2, 0, 0, 0)  # in tenths


def _stay_hours(chance, hour):
    if chance.random() * 10 < VISITS[int(hour)]:
        return min(chance.lognormvariate(math.log(2.4), 0.7), 9)
    morning = 24 + chance.gauss(8.0, 2.3) - hour - (24 if hour < 5 else 0)
    longer = chance.random()
    days = 0 if longer < 0.8 else chance.uniform(0.3, 0.6) if longer < 0.92 else chance.randint(1, 3)
    return max(morning + 24 * days, 0.5)


def made(seed, days, users=80, per_day=20):
    """Residents of a street: many visits, most nights, some who leave the car for days."""
    chance = random.Random(seed)
    often = [chance.lognormvariate(0, 1) for _ in range(users)]
    thirst = [chance.lognormvariate(math.log(9.1), 0.5) for _ in range(users)]
    begin = _seconds("2026-01-05T00:00")
    free_s = [0] * users
    records = []
    for day in range(days):
        for _ in range(round(chance.gauss(per_day, 3))):
            user = chance.choices(range(users), often)[0]
            hour = chance.choices(range(24), ARRIVALS)[0] + chance.random()
            arrive_s = begin + day * 86400 + int(hour * 60) * 60
            leave_s = arrive_s + int(_stay_hours(chance, hour) * 60) * 60
            wh = round(1000 * thirst[user] * chance.lognormvariate(0, 0.65))
            wh = min(wh, 60000, (leave_s - arrive_s) * 11000 // 3600)
            if arrive_s >= free_s[user]:
                records.append(Record(f"u{user}", arrive_s, leave_s, wh))
                free_s[user] = leave_s
    return sorted(records, key=lambda r: (r.arrive_s, r.leave_s, r.user))


def _is_three_phase(records, seed):
    """By user: who once took more than one phase gives has three; of the others a part."""
    most_w = collections.defaultdict(int)
    for r in records:
        hours = (r.leave_s - r.arrive_s) / 3600
        if r.wh >= 1000 and hours >= 0.25:
            most_w[r.user] = max(most_w[r.user], r.wh / hours)

    def answer(user):
        drawn = int(hashlib.sha256(f"{seed}/{user}".encode()).hexdigest(), 16) % 1000
        return most_w[user] > 1.02 * ONE_PHASE_W or drawn < 500
    return answer


def lay(records, lamps, seed):
    """@return sessions, and how many found no free lamp.  A car goes to its user's own lamp if that
    is free, else to the next one."""
    three = _is_three_phase(records, seed)
    free_s = [0] * lamps
    home, sessions, away = {}, [], 0
    for r in records:
        own = home.setdefault(r.user, len(home) % lamps)
        lamp = next((i % lamps for i in range(own, own + lamps)
                     if free_s[i % lamps] <= r.arrive_s), None)
        if lamp is None:
            away += 1
            continue
        free_s[lamp] = r.leave_s
        phases = 7 if three(r.user) else 1 << lamp % 3
        sessions.append(Session(lamp, r.arrive_s, r.leave_s, r.wh, phases, RATING_MA, MIN_MA, 0))
    return sessions, away


def between(records, begin, days):
    """Those that arrive within `days` from the day `begin` ("2019-11-01")."""
    from_s = _seconds(begin)
    return [r for r in records if from_s <= r.arrive_s < from_s + days * 86400]
