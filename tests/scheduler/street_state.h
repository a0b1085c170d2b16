/* What a street is made of; private to the street's own files. */
#ifndef TESTS_SCHEDULER_STREET_STATE_H
#define TESTS_SCHEDULER_STREET_STATE_H

#include "tests/scheduler/street.h"

enum {
    QUEUE = 8,
    OUTBOX = 64,
    COMMANDS = 32,
    CALL_TIMEOUT_MS = 10000,
    REACTION_MS = 12500, /* station and car together; less than react_ms by a step of the clock */
    START_MS = 1000000,
};

struct profile {
    bool there;
    int64_t tx_id, end_ms; /* of the station's clock */
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

    /* Its car. */
    uint8_t car_phases;
    int32_t car_ma;
    bool car_wants;
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

    /* The back end's view of it. */
    struct call queue[QUEUE];
    size_t n_queue;
    bool in_flight;
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

    struct event *heap;
    size_t n_events, heap_size;
    uint64_t order;

    int64_t *excused_ma; /* per node and phase: unavoidable, may only fall */
    bool *excused;
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
int64_t street_transit_ms(struct street *t);

/* --- street_oracle.c --- */
int32_t street_default_now(const struct station *st);
int32_t street_limit_now(const struct street *t, const struct station *st);
int32_t street_drawn_ma(const struct street *t, const struct station *st);
void street_excuse(struct street *t);
void street_check_sums(struct street *t);
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
void street_on_pause(struct street *t, size_t i);
void street_on_meter(struct street *t, size_t i);

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
