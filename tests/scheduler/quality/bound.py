"""The most that any schedule could have delivered, knowing everything: a linear programme.

Between two arrivals or departures who is there does not change, so a current that varies within is
as good as its mean: one variable per session and such interval gives the exact optimum of the
problem without a 6 A minimum and without whole amperes, an upper bound for every rule.
"""
import os
import sys

try:
    import numpy
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix
except ImportError:
    linprog = None

VOLT = 230


def present():
    """Debian's package is seen by Debian's interpreter only: go on with that one if need be."""
    debian = "/usr/bin/python3"
    if linprog is None and os.path.exists(debian) and os.environ.get("NOX_BOUND") != "tried":
        os.environ["NOX_BOUND"] = "tried"
        os.execv(debian, [debian] + sys.argv)
    return linprog is not None


def best_wh(sessions, cap_ma, phases_count=True):
    """@param phases_count False: only the sum over the three phases is limited
    @return Wh that an optimal schedule delivers"""
    marks = sorted({t for s in sessions for t in (s.arrive_s, s.leave_s)})
    at = {t: k for k, t in enumerate(marks)}
    length = [(marks[k + 1] - marks[k]) / 3600 for k in range(len(marks) - 1)]
    bound, gain, session_of, used = [], [], [], []
    load = {}
    for index, s in enumerate(sessions):
        lines = [p for p in range(3) if s.phases >> p & 1]
        for k in range(at[s.arrive_s], at[s.leave_s]):
            column = len(bound)
            bound.append(s.car_ma / 1000 * length[k])  # Ah
            gain.append(VOLT * len(lines))
            session_of.append(index)
            rows = [(k, p, 1) for p in lines] if phases_count else [(k, 0, len(lines))]
            for k_, p, factor in rows:
                load.setdefault((k_, p), []).append((column, factor))
    rows, columns, values, limits = [], [], [], []
    for column, index in enumerate(session_of):
        rows.append(index)
        columns.append(column)
        values.append(gain[column])
    limits += [s.wh for s in sessions]
    share = 1 if phases_count else 3
    for (k, _), terms in load.items():
        limit = share * cap_ma / 1000 * length[k]
        if sum(bound[c] * f for c, f in terms) <= limit:
            continue
        for c, f in terms:
            rows.append(len(limits))
            columns.append(c)
            values.append(f)
        limits.append(limit)
    matrix = coo_matrix((values, (rows, columns)), shape=(len(limits), len(bound))).tocsr()
    result = linprog(-numpy.array(gain, dtype=float), A_ub=matrix, b_ub=limits,
                     bounds=numpy.array([[0, b] for b in bound]), method="highs")
    if not result.success:
        raise SystemExit(f"the linear programme: {result.message}")
    return -result.fun
