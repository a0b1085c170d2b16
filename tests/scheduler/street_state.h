/* What a street is made of; private to the street's own files. */
#ifndef TESTS_SCHEDULER_STREET_STATE_H
#define TESTS_SCHEDULER_STREET_STATE_H

#include "tests/scheduler/street.h"

enum {
    QUEUE = 8,
    OUTBOX = 64,
    COMMANDS = 32,
    CALL_TIMEOUT_MS = 10000,
    TELL_AGAIN_MS = 30000, /* a station that was not answered */
    LATEST_MS = 60000,     /* of a message */
    LATE_MS = 2500,        /* a message so late: the reaction need not be in time */
    TROUBLE_MS = 1200000,  /* nor this long after any other trouble: retries are spaced out */
    IN_TIME_MS = 30000,    /* from a step of a limit until what is drawn fits */
    BACK_MS = 60000,       /* the same, after the back end was restarted */
    LAST_END_MS = 60000 + 5000 + 15000, /* after a lease at most: skew, slack, reaction */
    REACTION_MS = 12500,   /* station and car together; less than react_ms by a step of the clock */
    START_MS = 1000000000, /* not the day in which time began */
};

struct profile {
    bool there;
    int64_t tx_id, start_ms, end_ms; /* times of the station's clock */
    int32_t limit_ma, safe_ma;
};

struct call {
    struct sched_command cmd;
    uint32_t epoch; /* of the balancer that decided */
};

struct message {
    bool is_stop;
    int64_t tx_id;
};

struct station {
    struct sched_point_conf conf;
    uint8_t wired;

    /* The station itself. */
    int64_t skew_ms;
    bool live_default; /* a new TxDefaultProfile acts on the running transaction, too */
    bool has_default;
    int32_t default_ma;
    int64_t tx_id;
    int32_t start_ma; /* default at the start of the transaction */
    struct profile profile;
    int32_t lag_ma; /* the car has not followed yet */
    int64_t lag_until_ms;
    bool lag_free; /* it had no limit of ours before */
    bool known;    /* has been connected once */
    bool booted;   /* and not connected since */

    /* Its car. */
    uint8_t car_phases;
    int32_t car_ma, car_least_ma, car_part; /* part in thousandths */
    bool car_wants, car_sleepy, car_sleeps, car_changes, drew;
    uint8_t counted_phases; /* what the ledger takes it to use */
    bool grown;             /* uses phases that the ledger had learnt to be unused */
    int64_t sampled_ms;
    int64_t since_ms, got_ma_ms, at_ms;
    bool was_on;

    /* Link. */
    bool link;       /* frames get through */
    bool central_up; /* the back end believes so */
    uint32_t generation;
    int64_t down_order_ms, up_order_ms; /* frames keep their order */
    struct message outbox[OUTBOX];
    size_t n_outbox;
    bool outbox_busy;

    int64_t restarted_ms; /* connected again after the back end was restarted */
    bool by_restart;      /* away for that reason */
    int64_t dirty_ms;     /* last trouble: until well after it, no reaction in time is promised */

    /* In the store of the back end. */
    int64_t phases_tx;
    uint8_t phases;

    /* The back end's view of it. */
    struct call queue[QUEUE];
    size_t n_queue;
    bool in_flight;
    int32_t wire_ma; /* most that may still arrive */
    struct call flight;
    int64_t open_tx, closed_tx; /* by the messages that came */
};

enum kind {
    EV_REQUEST,
    EV_ANSWER,
    EV_TIMEOUT,
    EV_OUTBOX,
    EV_REPEAT,
    EV_STATUS,
    EV_SAMPLE,
    EV_METER,
    EV_ARRIVE,
    EV_LEAVE,
    EV_PAUSE,
    EV_CUT,
    EV_NOTICE,
    EV_CONNECT,
    EV_REBOOT,
    EV_RESTART,
    EV_REBUILD,
    EV_CAP,
    EV_CLOCK,
    EV_PHASES,
    EV_LAPSE,
};

struct event {
    int64_t at_ms;
    uint64_t order;
    enum kind kind;
    size_t station;
    uint32_t generation;
    struct call call;
    struct message message;
    enum sched_answer answer;
    int32_t ma[3];
    bool flag;
};

struct lease_row {
    size_t point;
    int64_t tx_id, end_ms;
    int32_t limit_ma;
    uint32_t seq, epoch;
    bool accepted;
};

/* Below a node, per phase. */
struct sums {
    int64_t legal_ma[3], potential_ma[3], drawn_ma[3];
    int64_t single_ma[3], single_counted_ma[3]; /* of cars known to be on one phase */
};

struct street {
    struct sched_node_conf *node;
    size_t n_nodes;
    struct station *station;
    size_t n_stations;
    struct sched_tuning tuning;
    struct street_faults faults;
    struct street_life life;
    uint64_t random;
    int64_t now_ms, clock_ms; /* clock_ms: how far our clock was set back */
    int64_t next_tx;

    struct sched *sched;
    uint32_t epoch;
    struct lease_row *row; /* the store */
    size_t n_rows, rows_size;
    bool dead; /* the process: comes back after the event */
    bool sent; /* but what its last write allowed still goes out */

    struct event *heap;
    size_t n_events, heap_size;
    uint64_t order;

    int64_t *excused_ma; /* per node and phase: unavoidable, may only fall */
    bool *excused;
    int64_t *excused_single_ma; /* per node and phase, of the rule of single-phase load */
    int64_t *step_ms;           /* per node: last time that all was excused */
    struct sums *sums;          /* per node */
    bool excuse_now;            /* as soon as all is counted */
    bool stays;
    char text[400];
    bool failed;

    int64_t measure_since_ms, allowed_since_ms;
    double allowed_ma_ms, capacity_ma_ms;
    struct street_stats stats;
    double sum_x, sum_xx;
    double least_x;
    int64_t n_x;
};

/* --- street_events.c --- */
int64_t street_below(struct street *t, int64_t n);
bool street_chance(struct street *t, int32_t per_mille);
int64_t street_about(struct street *t, int64_t mean_ms);
int64_t street_our_clock(const struct street *t);
void street_fail(struct street *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void street_push(struct street *t, struct event e);
struct event street_pop(struct street *t);
void street_later(struct street *t, enum kind kind, size_t station, int64_t after_ms);
void street_every(struct street *t, enum kind kind, size_t station, int64_t mean_ms);
int64_t street_transit_ms(struct street *t, struct station *st);
bool street_loses(struct street *t, struct station *st, int32_t per_mille);

/* --- street_oracle.c --- */
int32_t street_default_now(const struct station *st);
int32_t street_limit_now(const struct street *t, const struct station *st);
int32_t street_drawn_ma(const struct street *t, const struct station *st);
void street_excuse(struct street *t);
void street_take_stock(struct street *t);
void street_check_sums(struct street *t);
void street_check_drawn(struct street *t);
void street_check_stations(struct street *t);
void street_measure_allowed(struct street *t);

/* --- street_station.c --- */
void street_count_energy(struct street *t, struct station *st);
void street_deliver_next(struct street *t, size_t i);
void street_told(struct street *t, size_t i, const struct message *m);
void street_on_outbox(struct street *t, const struct event *e);
void street_on_request(struct street *t, const struct event *e);
void street_on_answer(struct street *t, const struct event *e);
void street_on_timeout(struct street *t, const struct event *e);
void street_on_arrive(struct street *t, size_t i);
void street_note_energy(struct street *t, const struct station *st);
void street_end_tx(struct street *t, size_t i);
void street_on_leave(struct street *t, size_t i);

/* --- street_car.c --- */
void street_new_car(struct street *t, struct station *st);
void street_follow_offer(struct street *t, struct station *st);
void street_on_pause(struct street *t, size_t i);
void street_on_phases(struct street *t, size_t i);
void street_on_meter(struct street *t, size_t i);
void street_on_sample(struct street *t, const struct event *e);

/* --- street_store.c --- */
/* @return is it written?  When it was the last act of the process, t->dead is set. */
bool street_write(struct street *t);
bool street_write_lease(struct street *t, const struct sched_command *cmd);
void street_write_outcome(struct street *t, size_t i, const struct call *call, enum sched_answer a);
void street_write_phases(struct street *t, size_t i);
void street_restore(struct street *t);

/* --- street_backend.c --- */
void street_send_next(struct street *t, size_t i);
void street_answer(struct street *t, size_t i, const struct call *call, enum sched_answer a);
void street_run_rounds(struct street *t);
void street_lose_calls(struct street *t, size_t i);
struct sched *street_make_sched(const struct street *t);
void street_on_restart(struct street *t, bool once);
void street_on_rebuild(struct street *t);

/* --- street.c --- */
void street_cut(struct street *t, size_t i);

#endif
