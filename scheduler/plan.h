/*
 * The balancer of a forest of grid connections: events in, charging limits to send out.
 *
 * Pure state machine: no clock, no I/O, no websocket.  Every function takes the time; nothing
 * happens between calls.  One `sched` holds the grid tree, the points (a point is one connector of
 * one station), the running sessions and the ledger of leases (ledger.h).
 *
 * The promise (DESIGN section 5.3): for every node, phase and instant, the sum of what all points
 * may legally draw, whatever answer was lost, is <= the node's limit less its foreign load,
 * provided that it was so when the points were confirmed at their safe currents (sched_prove()).
 *
 * Times are UTC milliseconds, currents milliampere per phase, phases 0..2 are grid phases.
 *
 * To embed it (tests/scheduler/embed_example.c is a whole program):
 *
 * - Start: sched_check() and sched_prove() what is configured; sched_new(); then what is known of
 *   before: sched_session_start() with its phases, need and energy, sched_restore() of its leases.
 *   sched_link() and sched_skew() when a station connects.
 * - Events: whatever happens, as it happens, with the time of now.  Nothing is decided in them.
 * - A turn: sched_round() when sched_next_ms() has come, again while it fills the array; carry out
 *   its commands in their order; then ask sched_next_ms() anew, as after every event.
 * - Answers: each command gets one sched_answer(), at any later time; SCHED_UNKNOWN if its fate is
 *   not known.  Commands must reach a station in the order decided, on one connection at a time.
 * - Durable must be: each lease before its command is sent (exceptions at struct sched_command);
 *   that a safe current was accepted (safe_confirmed); that a point has been connected once, before
 *   its first command (commissioned); its class, when it was changed.  The rest is found again.
 * - Time may stand still; where it goes back, nothing waits for what has been.  A jump forward ends
 *   leases too early: take UTC from a clock that is kept right.
 * - Memory: a configuration is copied, but for the function in it; texts returned are static.
 * - Threads: one sched belongs to one thread at a time; two of them share nothing.
 */
#ifndef SCHEDULER_PLAN_H
#define SCHEDULER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- capacity over time: what a node's limit and its foreign load are made of --- */

/* Sunrise and sunset: upper rim on the horizon.  Dawn and dusk: civil twilight, the sun 6 degrees
 * below.  Where the sun stays up all day, sunset and sunrise meet at midnight; where it stays
 * down, at noon. */
enum sched_edge_kind {
    SCHED_AT_CLOCK = 0,
    SCHED_AT_SUNRISE,
    SCHED_AT_SUNSET,
    SCHED_AT_DAWN,
    SCHED_AT_DUSK,
};
struct sched_edge {
    enum sched_edge_kind kind;
    int32_t minute; /* CLOCK: local minute of the day, 0 to 1440; else offset, -720 to 720 */
};

/* A time of the week.  It begins at `from` on each of its days and ends at the first `to` after
 * that, perhaps on the next day (from = to on the clock: a whole day).  Of an hour that the clock
 * shows twice it takes the longer part. */
struct sched_window {
    uint8_t days; /* on which it begins: bit 0 = Monday to bit 6 = Sunday; at least one */
    struct sched_edge from, to;
    int32_t limit_ma[3];   /* most while it lasts, -1 = no limit of its own; it can only lower */
    int32_t reserve_ma[3]; /* added to the foreign load while it lasts, >= 0 */
};

/* A live meter of the other load (sched_meter()). */
struct sched_meter_conf {
    bool present;
    bool includes_points;    /* the meter also counts what the points below this node draw */
    int32_t guard_ma[3];     /* added to each reading: how much it may rise until we have reacted */
    int32_t silent_ma[3];    /* foreign load assumed while there is no fresh reading */
    int64_t silent_after_ms; /* how long a reading is fresh, 1 s to a week */
};

enum {
    SCHED_HOURS = 168,   /* of a week */
    SCHED_WINDOWS = 64,  /* most of one node */
    SCHED_NODE_CAPS = 16 /* external caps of one node at a time, running and to come */
};

/*
 * One node of the grid tree: a connection, a feeder, a circuit.
 *
 * Limit at an instant: the least of limit_ma, of the windows that last, and of external caps.
 * Foreign load at an instant: with a meter its newest reading (less our own part if it includes it)
 * plus guard, or silent_ma when that is too old; without one the hour's value, or else foreign_ma;
 * in any case plus the reserves of windows (with a fresh reading only of those that began after
 * it).
 */
struct sched_node_conf {
    int32_t parent;        /* index of the parent, smaller than the own index; -1 for a root */
    int32_t limit_ma[3];   /* per grid phase, already derated */
    int32_t foreign_ma[3]; /* fixed reserve for other load below this node, >= 0 */
    int32_t single_max_ma; /* sum of single-phase sessions per phase (unbalance); 0 = no rule */

    const struct sched_window *window; /* copied */
    size_t n_windows;
    const int32_t (*foreign_hour_ma)[3]; /* SCHED_HOURS local hours from Monday 0:00, or NULL;
                                            copied */
    struct sched_meter_conf meter;
    bool has_place;          /* needed for edges by the sun */
    double lat_deg, lon_deg; /* north and east are positive */
    bool green;              /* consumption below it may be moved into better hours (ahead.h) */
};

/* An external cap: most that may flow through a node from from_ms until until_ms (INT64_MAX: until
 * it is taken back).  It can only lower. */
struct sched_cap {
    int64_t id; /* of the caller, unique among all nodes */
    int32_t limit_ma[3];
    int64_t from_ms, until_ms;
};
struct sched_node_cap {
    size_t node;
    struct sched_cap cap;
};

enum { SCHED_PRIORITY_MAX = 9 };

/* How a station behaves when nobody talks to it (SCHEDULER section 3). */
enum sched_class {
    SCHED_LEASING = 0, /* falls to its safe current at the end of a lease */
    SCHED_STICKY,      /* keeps the last accepted limit for the whole transaction */
    SCHED_FORGETFUL,   /* full current after a disconnect or reboot: counts at its rating */
    SCHED_UNMANAGED,   /* no smart charging: counts at its rating */
};

struct sched_point_conf {
    int32_t node;      /* leaf the point hangs on */
    int32_t n_phases;  /* wired terminals: 1, 2 or 3 */
    int8_t wiring[3];  /* terminal L1..L3 -> grid phase 0..2 */
    int32_t rating_ma; /* most the point can give a car, per phase */
    int32_t safe_ma;   /* 0 or >= min_ma: the TxDefaultProfile that stays when leases end */
    int32_t min_ma;    /* least useful current, normally 6000 (IEC 61851-1) */
    int32_t weight;    /* share in water-filling, >= 1 */
    enum sched_class class;
    bool commissioned;   /* has been connected once in its life; if not it counts as 0 */
    bool safe_confirmed; /* its TxDefaultProfile at safe_ma was accepted (persisted) */

    /* Strict class, 0 to SCHED_PRIORITY_MAX: a larger one has all it can use before a smaller one
     * has anything, but for safe currents. */
    int32_t priority;

    /* Charging profiles that its memory bears in 24 hours; 0 = any number.  From half of it on it
     * is sent fewer (wear.c); it is no limit: what lowers is sent whatever was sent before. */
    int32_t writes_per_day;
};

/* All times in ms, all currents in mA.  sched_default_tuning() gives SCHEDULER section 4's values.
 */
struct sched_tuning {
    int64_t lease_ms;         /* length of a lease, 15 min */
    int64_t renew_after_ms;   /* renewed when this old, 10 min, spread by point */
    int64_t clock_slack_ms;   /* added to every lease end in the ledger, 5 s, plus measured skew */
    int64_t react_ms;         /* from the answer until the lower current is real, 15 s */
    int64_t debounce_ms;      /* after an event, 1 s */
    int64_t tick_ms;          /* at least this often, 60 s */
    int64_t min_raise_gap_ms; /* between two raises of one point, 60 s */
    int64_t hold_ms;          /* a car that is on stays on at least this long, 15 min */
    int64_t credit_mas;       /* mA x s (2 Ah = 7,200,000) in favour of who is on, ... */
    int32_t credit_percent;   /* ... plus this part of what it has received, 0..90: 25; in all at
                                 most 3 times credit_mas */
    int64_t retry_ms;         /* after a rejected or lost command, 30 s */
    int32_t step_ma;          /* whole amperes: 1000 */
    bool phase_learning;
    bool reclaim; /* give unused current to others */
};
struct sched_tuning sched_default_tuning(void);

struct sched_conf {
    const struct sched_node_conf *node; /* copied */
    size_t n_nodes;
    const struct sched_point_conf *point; /* copied */
    size_t n_points;
    struct sched_tuning tuning;

    /* Wall clock of the place for a UTC instant, as milliseconds since 1970-01-01 0:00 on that
     * clock.  NULL = UTC.  Called within any function below; must be pure. */
    int64_t (*local_ms)(int64_t utc_ms);
    const struct sched_node_cap *cap; /* caps known from the beginning; as if by sched_cap_set() */
    size_t n_caps;
};

enum sched_kind {
    SCHED_SET_SAFE, /* install the TxDefaultProfile at safe_ma on the point's connector */
    SCHED_LOWER,    /* TxProfile below what is in force */
    SCHED_RAISE,
    SCHED_RENEW,
};

/*
 * A decision to carry out: persist the lease, then send SetChargingProfile, then sched_answer().
 * One that is covered may be sent at once and persisted meanwhile, or not at all: after a crash the
 * leases that were accepted before count at least as much until end_ms.  For that, an older lease
 * must not be shortened or removed on account of a newer one that is not persisted.
 */
struct sched_command {
    size_t point;
    enum sched_kind kind;
    uint32_t seq;     /* names the command in sched_answer(); rises over all points, never 0 */
    int64_t tx_id;    /* 0 for SCHED_SET_SAFE */
    int32_t limit_ma; /* 0 or >= min_ma; from start_ms until end_ms */
    int32_t safe_ma;  /* from end_ms on */
    int64_t start_ms; /* now, or earlier for a station whose clock is behind */
    int64_t end_ms;   /* INT64_MAX: no lease needed, everything below the node fits */

    bool covered;
    int64_t counts_ms; /* to be restored until then: end_ms, or INT64_MAX where the station is not
                          trusted to end it */

    /* For people: a short English phrase, static text; and where no more was free for it. */
    const char *reason;
    int32_t bound_node;  /* the nearest such node; -1 = none: not held back by the grid */
    int32_t bound_phase; /* of it, 0..2 */
};

enum sched_answer {
    SCHED_ACCEPTED,
    SCHED_REJECTED, /* said no: it is not installed */
    SCHED_UNKNOWN,  /* no answer, connection lost: it may be in force or not */
    SCHED_NOT_SENT, /* never left this process: not in force */
};

/* What is wrong at a point; reported once when it begins (sched_take_incident()). */
enum sched_incident_kind {
    SCHED_OUTLIVES,  /* after the end of its lease measured as much as that allowed: sticky from now
                        on */
    SCHED_DISOBEYS,  /* measured above everything it may draw: counted at its rating from now on */
    SCHED_NO_RESUME, /* the car does not take the current it is offered */
    SCHED_EXCESS,    /* a node's ledger sum is above its limit (cap lowered, unconfirmed points) */
    SCHED_PHASE_RETURNED, /* current seen on a phase that was learnt to be unused */
    SCHED_WAITS, /* a session begins to wait for better hours; once, with what it could draw */
    SCHED_METER_SILENT,   /* a node's meter: the safe assumption counts from now on */
    SCHED_METER_RETURNED, /* it speaks again */
};
struct sched_incident {
    enum sched_incident_kind kind;
    size_t point; /* SIZE_MAX when it is about a node */
    size_t node;  /* SIZE_MAX when it is about a point */
    int32_t measured_ma, allowed_ma;
};

struct sched;

/** @return NULL when out of memory or the configuration is inconsistent (see sched_check()). */
struct sched *sched_new(const struct sched_conf *conf, int64_t now_ms);
void sched_free(struct sched *s);

/** Says in one sentence what is wrong with a configuration. @return true when nothing is. */
bool sched_check(const struct sched_conf *conf, char *ret_text, size_t size);

/**
 * Do all safe currents fit below every node and phase (less foreign load), whatever happens, at the
 * least capacity that will ever come?  Unmanaged and forgetful points count at their rating.
 * @param ret_node, ret_phase, ret_sum_ma  the first node that does not hold, when false is returned
 */
bool sched_prove(const struct sched_conf *conf, size_t *ret_node, int *ret_phase,
                 int64_t *ret_sum_ma);

/* A node and phase on which the sum of what everybody may draw with all links cut does not fit. */
struct sched_culprit {
    size_t node;
    int phase;
    int64_t at_ms, until_ms; /* the first of the times with the least capacity */
    int64_t first_ms;        /* first time at which the sum does not fit */
    int64_t sum_ma;          /* = safe_ma + rating_ma */
    int64_t safe_ma;         /* of points that fall to their safe current */
    int64_t rating_ma;       /* of points that count at their rating */
    int64_t capacity_ma;     /* = limit_ma - foreign_ma, at at_ms */
    int32_t limit_ma, foreign_ma;
    const char *limit_why, *foreign_why; /* static text */
};

/**
 * The same for every node, phase and instant of a year: windows by clock and sun, hours, meters at
 * their silent assumption, the caps of conf.  Allocates.
 * @param ret  at most max culprits, one for a node and phase; in the order of nodes
 * @return number of all culprits, 0 = it holds; SIZE_MAX when out of memory
 */
size_t sched_prove_all(const struct sched_conf *conf, int64_t from_ms, struct sched_culprit *ret,
                       size_t max);

/* A lease that may still be in force. */
struct sched_lease {
    int64_t tx_id;
    int32_t limit_ma;
    int64_t end_ms;
    bool accepted; /* by the station's answer, as far as is known */
    bool complete; /* nothing was sent after it but what is restored after it: not so for what was
                      read from a store, as a covered lowering may not have been written */
};
/* Known to have been written before a restart, or carried over, of a transaction that is not known
 * to be over: it counts as in force until its end.  In the order decided.  One that has ended
 * counts no more, but tells what was right to draw since: without it samples that were measured
 * before sched_new() say nothing. */
void sched_restore(struct sched *s, size_t point, const struct sched_lease *lease, int64_t now_ms);

/** To carry them over into a new sched by sched_restore(), unless the station may have been talked
 * to in between (else complete = false).  @return number written to ret_lease, <= max */
size_t sched_leases(const struct sched *s, size_t point, struct sched_lease *ret_lease, size_t max);

/* Phases that the transaction's car was found to use (view.phases), carried over in the same way:
 * without it the car counts on all wired phases until they are learnt again. */
void sched_restore_phases(struct sched *s, size_t point, int64_t tx_id, uint8_t phases,
                          int64_t now_ms);

/* Events.  Each may make the next round due earlier: ask sched_next_ms() afterwards. */
void sched_link(struct sched *s, size_t point, bool up, int64_t now_ms);
void sched_boot(struct sched *s, size_t point, int64_t now_ms); /* after BootNotification */
/* It may have lost its safe current (another firmware): the point counts at its rating until that
 * is installed again. */
void sched_safe_lost(struct sched *s, size_t point, int64_t now_ms);
/* Station clock minus ours.  Until it is told, leases count a minute longer. */
void sched_skew(struct sched *s, size_t point, int64_t skew_ms);
/* Our clock was set by so much, and no station's with it: until sched_skew() tells again, all are
 * taken to be off by as much more. */
void sched_clock_set(struct sched *s, int64_t by_ms, int64_t now_ms);
/* The station may give a car fewer phases below its rating, and all of them at it (limits in
 * watts): which phases the car uses is learnt at the rating only. */
void sched_phases_follow(struct sched *s, size_t point, bool follow);
/* The times of its samples cannot be believed: they may have been kept for long, and are held
 * against the point only when they go on for a quarter of an hour. */
void sched_samples_undated(struct sched *s, size_t point, bool undated);
void sched_session_start(struct sched *s, size_t point, int64_t tx_id, int64_t now_ms);
void sched_session_stop(struct sched *s, size_t point, int64_t tx_id, int64_t now_ms);
/* The session ended in the books, but not by the station's word: nothing more is decided for it,
 * and what the station may still have in force stays in the ledger until it ends. */
void sched_session_forget(struct sched *s, size_t point, int64_t tx_id, int64_t now_ms);
/* wants = false: SuspendedEV, the car is full or pauses on its own. */
void sched_session_wants(struct sched *s, size_t point, bool wants, int64_t now_ms);
/* ma[] per terminal L1..L3, -1 = not measured; at_ms = when it was measured, in our clock. */
void sched_measured(struct sched *s, size_t point, const int32_t ma[3], int64_t at_ms,
                    int64_t now_ms);

/* --- who gets what: what drivers and operators tell of a session --- */

/* What a driver or the operator told.  Departure and energy together make a deadline (deadline.c);
 * one alone changes nothing.  It ends with the transaction, and a restart forgets it: tell it again
 * after sched_session_start(). */
struct sched_need {
    int64_t depart_ms; /* 0 = not told */
    int64_t energy_wh; /* of the whole session; 0 = not told */
    int32_t min_ma;   /* below it the car does not charge; 0 or less than the point's = the point's;
                         at most the point's rating */
    int32_t priority; /* 0 to SCHED_PRIORITY_MAX; -1 = the point's */
};

/** Replaces what was told before; another transaction than the running one is passed over. */
void sched_session_need(struct sched *s, size_t point, int64_t tx_id, const struct sched_need *need,
                        int64_t now_ms);

/**
 * What the meter counted since the transaction began; between two calls the measured current is
 * summed up.
 * @param at_ms  when it was counted, in our clock; older than the last one: passed over
 */
void sched_session_energy(struct sched *s, size_t point, int64_t tx_id, int64_t received_wh,
                          int64_t at_ms, int64_t now_ms);

void sched_answer(struct sched *s, size_t point, uint32_t seq, enum sched_answer answer,
                  int64_t now_ms);
/* --- green hours --- */

/* What a kWh costs in [from_ms, until_ms): grams of CO2, cents, anything; less is better. */
struct sched_factor {
    int64_t from_ms, until_ms;
    int64_t value; /* -10^9 .. 10^9 */
};

/**
 * Consumption below the node moves into the better hours: sessions of which departure and energy
 * are told (sched_session_need()), whose car was seen charging, and for which the better hours
 * before the departure are enough, wait for them with 0 A.  10 % of the energy and 30 minutes are
 * kept in hand, and room for half of the free points.  Who cannot wait, charges.  A node without
 * factors of its own goes by those of the nearest node above that has some.
 *
 * @param factor  by rising from_ms, without overlaps, copied; n = 0: no longer
 * @return false: out of memory, nothing was changed
 */
bool sched_factors_set(struct sched *s, size_t node, const struct sched_factor *factor, size_t n,
                       int64_t now_ms);
/* What was found out about the car of a running session, and that it waits, carried over into a new
 * sched in which the session has been started; without it the car charges until it is known. */
void sched_carry_green(const struct sched *from, size_t from_point, struct sched *to,
                       size_t to_point);

/* It bears so many from now on: writes_per_day. */
void sched_set_writes(struct sched *s, size_t point, int32_t writes_per_day);
/* Charging profiles that the point was sent at at_ms by others or before a restart; each command of
 * a round is counted by itself.  What is older than 24 hours is passed over. */
void sched_note_writes(struct sched *s, size_t point, int32_t n, int64_t at_ms, int64_t now_ms);
/* The count goes with the point into a new sched. */
void sched_carry_writes(const struct sched *from, size_t from_point, struct sched *to,
                        size_t to_point);

/* Changes a node's limit and foreign load at once (a dimming order, a meter). */
void sched_set_limit(struct sched *s, size_t node, const int32_t limit_ma[3],
                     const int32_t foreign_ma[3], int64_t now_ms);

/* --- capacity over time --- */

/**
 * A cap from outside (grid operator, dimming order), at once or with notice; an earlier one of the
 * same id, at whatever node, is replaced.  A cap that comes with the notice of a lease is never
 * exceeded by what has a lease; one without notice lowers at once.
 * @return false: it is not in force (no such node, until_ms not after from_ms, negative limit, or
 *         SCHED_NODE_CAPS caps are kept there already that have not ended)
 */
bool sched_cap_set(struct sched *s, size_t node, const struct sched_cap *cap, int64_t now_ms);
/* Takes a cap back; an unknown id changes nothing. */
void sched_cap_end(struct sched *s, int64_t id, int64_t now_ms);

/* Reading of the node's meter, per grid phase; what flows back into the grid (negative) counts as
 * 0.  at_ms = when it was measured, in our clock: one from the future counts as of now; one that is
 * not newer than the last is passed over, as is a node without meter. */
void sched_meter(struct sched *s, size_t node, const int32_t ma[3], int64_t at_ms, int64_t now_ms);

/* The last reading with what was subtracted as our own part, to carry it over into a new sched. */
struct sched_reading {
    int32_t ma[3]; /* as measured */
    int32_t own_ma[3];
    int64_t at_ms;
};
/** @return false when there is none */
bool sched_meter_last(const struct sched *s, size_t node, struct sched_reading *ret);
void sched_meter_restore(struct sched *s, size_t node, const struct sched_reading *reading,
                         int64_t now_ms);

/* What may flow through a node at an instant. */
struct sched_capacity {
    int32_t limit_ma[3], foreign_ma[3];
    int64_t until_ms;                    /* constant until then, as far as known now */
    const char *limit_why, *foreign_why; /* what decides on the fullest phase; static text */
    int64_t cap_id;                      /* external cap that decides the limit; 0 = none */
};
/* Now, in the future, or (by the calendar and the caps that are still known) in the past.  A meter
 * is not known in advance: its reading counts until it would be silent, then the hour's value if
 * there is one, else the silent assumption. */
void sched_capacity_at(const struct sched *s, size_t node, int64_t at_ms, int64_t now_ms,
                       struct sched_capacity *ret);

/* Answer of an operator's question or of evidence: the point behaves like this from now on. */
void sched_set_class(struct sched *s, size_t point, enum sched_class class, int64_t now_ms);

/** When sched_round() has something to do; INT64_MAX = never without a new event. */
int64_t sched_next_ms(const struct sched *s);

/**
 * Decide what is due.  Leases of the returned commands are already in the ledger.
 * @return number of commands written to ret_cmd (<= max); call again while it returns max
 */
size_t sched_round(struct sched *s, int64_t now_ms, struct sched_command *ret_cmd, size_t max);

bool sched_take_incident(struct sched *s, struct sched_incident *ret_incident);

/* For people and reports. */
struct sched_point_view {
    int64_t tx_id; /* 0 = no session */
    bool up, wants;
    enum sched_class class;
    bool safe_confirmed;    /* safe_ma is what holds there without a lease; only then persist it */
    int32_t granted_ma;     /* last limit decided */
    int32_t confirmed_ma;   /* last limit accepted by the station, -1 = none */
    int32_t reserve_ma;     /* what the ledger counts now, worst case */
    int32_t measured_ma[3]; /* per grid phase, -1 = unknown */
    int64_t lease_end_ms;   /* 0 = none */
    uint8_t phases;         /* bit p set: counted on grid phase p */
    const char *reason;     /* why it has this limit, one short English phrase, static text */

    struct sched_need need; /* in force: min_ma and priority with what the point says, too */
    int64_t received_wh;    /* by the meter and by the current measured since; 0 without session */

    int64_t waits_until_ms; /* for better hours, as planned; 0 = it does not */

    int32_t writes; /* commands of the last 24 hours, by the hour */
    bool is_spared; /* they run ahead of writes_per_day: renewed late, small raises wait */
};
void sched_point_view(const struct sched *s, size_t point, int64_t now_ms,
                      struct sched_point_view *ret);

struct sched_node_view {
    int32_t limit_ma[3], foreign_ma[3];
    int64_t reserved_ma[3];                       /* sum of the worst of all points below, now */
    int64_t granted_ma[3];                        /* sum of decided limits of sessions below */
    int64_t measured_ma[3];                       /* sum of known measurements below */
    size_t n_points, n_up, n_sessions, n_waiting; /* waiting: wants current and has 0 */

    int64_t lasting_ma[3]; /* of reserved_ma: what is there to stay when all links are cut */
    int64_t ahead_ma[3];   /* least of limit less foreign load until the end of a new lease */
    int64_t least_ma[3];   /* the same, ever: calendar, caps known now, silent meter */
    const char *limit_why, *foreign_why;
    int64_t cap_id; /* as of struct sched_capacity */
    bool has_meter, meter_silent;
    int64_t meter_at_ms; /* last reading, INT64_MIN = none */
};
void sched_node_view(const struct sched *s, size_t node, int64_t now_ms,
                     struct sched_node_view *ret);

/* --- the coming hours (outlook.c) ---
 *
 * A forecast with what is known now: in each quarter of an hour the sessions that still want are
 * given what a round would give them (shares, turns, classes, deadlines), in the better hours only
 * where they may be moved.  Who told departure and energy wants that; who did not, 15 kWh in all,
 * and at least 3 kWh more.  Nobody new comes, nobody leaves untold. */

enum { SCHED_SLOT_MS = 900000, SCHED_SLOTS_MAX = 192 };

struct sched_outlook;

/** @param n_slots  of a quarter of an hour, 1 to SCHED_SLOTS_MAX; the first one began already
 * @return NULL: out of memory.  It does not change what is decided, but uses the working memory of
 *         a round.  It lends nothing. */
struct sched_outlook *sched_plan_ahead(struct sched *s, int64_t now_ms, size_t n_slots);
void sched_outlook_free(struct sched_outlook *o);

struct sched_slot {
    int64_t from_ms, until_ms;
    int32_t limit_ma[3], foreign_ma[3];
    int64_t planned_ma[3]; /* sessions below */
    int64_t held_ma[3];    /* safe currents of the others below, and who does not obey */
    int64_t room_ma[3];    /* what is left here; may be < 0 */
    size_t n_sessions;     /* that charge */
    bool has_factor;
    int64_t factor; /* mean of the hour */
};
/** @return false: there is no such node or slot */
bool sched_outlook_slot(const struct sched_outlook *o, size_t node, size_t slot,
                        struct sched_slot *ret);

struct sched_forecast {
    size_t point;
    int64_t tx_id;
    bool told;           /* departure and energy */
    bool green;          /* may be moved: all of its need fits into better hours */
    bool waits;          /* now, for better hours */
    int64_t depart_ms;   /* 0 = not told */
    int64_t need_wh;     /* that is left to charge; 0 = not told */
    int64_t will_get_wh; /* of it, before it leaves */
    int64_t done_ms;     /* when it has what it needs, or is expected to want; INT64_MAX = not in
                          * sight */
    bool at_risk;        /* told, and it leaves without more than 1 % and 50 Wh of its need */
    int32_t n_phases;
};
/** @param i  0.. of the sessions that want current; @return false: no more */
bool sched_outlook_session(const struct sched_outlook *o, size_t i, struct sched_forecast *ret);
/** @return its current in the slot, 0 = none */
int32_t sched_outlook_ma(const struct sched_outlook *o, size_t i, size_t slot);

#endif
