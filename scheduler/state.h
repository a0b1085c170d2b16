/*
 * What a balancer remembers; private to plan.c, round.c, observe.c and view.c.
 */
#ifndef SCHEDULER_STATE_H
#define SCHEDULER_STATE_H

#include "scheduler/ahead.h"
#include "scheduler/grid.h"
#include "scheduler/ledger.h"
#include "scheduler/share.h"
#include "scheduler/wear.h"

/* Why a point has its limit, for people (view.c has the phrases). */
enum reason {
    REASON_NO_SESSION,
    REASON_NOT_COMMISSIONED,
    REASON_OFFLINE,
    REASON_SAFE_UNCONFIRMED,
    REASON_AT_RATING,
    REASON_REFUSES,
    REASON_DONE,
    REASON_TURN,
    REASON_MORE_AT_TURN,
    REASON_ROOM,
    REASON_SHARE,
    REASON_FULL_SHARE,
    REASON_RECLAIMED,
    REASON_DEADLINE,
    REASON_CAN_WAIT,
    REASON_EXCESS,
    REASON_ANSWER,
    REASON_WAITS,
    REASON_SPARED,
};

/* One transaction of a car. */
struct session {
    int64_t tx_id; /* 0 = none */
    int64_t since_ms;
    bool wants;         /* by the station's word */
    bool finished;      /* takes nothing of what it is offered */
    int64_t resume_ms;  /* refused before: not offered again until then; 0 = at once */
    int32_t n_refusals; /* in a row */

    int32_t raised_ma;  /* its own least useful current, found out; 0 = that of the point */
    int32_t refused_ma; /* the offer that raised it */
    int32_t idle_ma;    /* a larger offer that was taken back as it took nothing; 0 = none */
    int32_t drawn_ma;   /* least offer of which it is known to have drawn; 0 = none */
    int32_t untold_ma;  /* an offer that it did not take, to be reported; 0 = none */
    bool tries_more;    /* to be offered raised_ma, whatever the station's word */

    int64_t service_ma_ms; /* current received on its fullest phase, times time */
    int64_t on_since_ms;   /* meaningful while granted_ma >= min_ma */
    int64_t accounted_ms;  /* service is counted up to here */
    bool drew;             /* has drawn current at least once */
    bool paused;           /* turned off after it had drawn, and no current since */
    bool woken;            /* was turned off and on again for that */
    bool told_no_resume;
    bool phases_vary; /* used a phase again: nothing more is learnt about them */

    int32_t bound_ma;    /* what it has shown it can use */
    int64_t low_ms;      /* since when samples show much less than granted; 0 = not */
    int64_t zero_ms;     /* since when samples show nothing although on; 0 = not */
    int64_t bound_at_ms; /* last change of bound_ma */

    struct sched_need need; /* as told */
    int64_t meter_wh;       /* last told */
    int64_t meter_at_ms;    /* of which instant */
    int64_t since_ma_ms;    /* current of all its phases, times time, since then */
    bool first, pressed;    /* of deadline.c */
    int32_t claim_ma;       /* with a deadline: its share without; service counts that; -1 = none */

    /* green.c */
    bool held;             /* waits for better hours */
    bool was_held;         /* within a plan */
    int32_t n_waits;       /* times it began to wait */
    int64_t free_until_ms; /* charges at once until then */
    int64_t wait_until_ms; /* as planned */
    int64_t charged_ms;    /* since when it was seen charging with the same phases; 0 = not */
    int32_t n_charged;     /* phases it charges on */
    int32_t takes_ma;      /* less than it was offered; 0 = all of it */
    bool charge_known;     /* by two samples apart */

    bool phases_known;   /* it was seen to use just those that are counted */
    uint8_t seen_phases; /* of the last sample that told; 0 = none yet */
    int64_t seen_at_ms;
};

/* What was last sent for the session. */
struct offer {
    int32_t granted_ma; /* last limit decided; the safe current when none */
    int32_t confirmed_ma;
    uint32_t seq; /* of the newest command, 0 = none */
    int64_t at_ms, end_ms;
    int64_t changed_ms; /* last command with another limit than before */
    int64_t raised_ms;
    int64_t retry_ms;   /* nothing but lowering before this */
    bool pending;       /* not answered yet */
    bool unsure;        /* its fate or its effect is unknown: to be sent again */
    bool failed;        /* the last one was not installed: even lowering waits for retry_ms */
    int32_t n_rejected; /* in a row */
};

/* The TxDefaultProfile. */
struct safe_order {
    uint32_t seq; /* under way; 0 = none */
    int64_t at_ms;
    int64_t retry_ms;
    int64_t settle_ms; /* first installation: until then the plan trusts that it will succeed */
    bool wanted;
    int32_t n_failed;
    int32_t n_rejected; /* in a row */
};

struct point {
    struct sched_point_conf conf;
    bool up;
    bool disobeys;
    bool phases_follow;               /* the limit: sched_phases_follow() */
    bool undated;                     /* its samples: sched_samples_undated() */
    int32_t lapsed_ma;                /* limit of the session whose lease has ended; 0 = none */
    int64_t excess_ms;                /* first of two samples above what it may draw; 0 = none */
    int32_t measured_ma[GRID_PHASES]; /* per grid phase, -1 = unknown */
    int64_t measured_at_ms;
    int32_t earlier_ma[GRID_PHASES]; /* the sample before that */
    int64_t earlier_at_ms;
    int64_t stopped_tx;
    struct session session;
    struct offer offer;
    struct safe_order safe;
    struct wear wear; /* commands */

    /* Of the round under way. */
    int32_t least_ma; /* below it an offer is of no use to the car */
    int32_t target_ma;
    enum reason reason;
    int32_t bound_node, bound_phase; /* as in sched_command */
};

/* Green hours of a node. */
struct green_node {
    struct sched_factor *factor; /* NULL = none of its own */
    size_t n;
    struct ahead_cost *cost; /* of the plan under way; with factor */
    int32_t source;          /* node whose factors count; -1 = none */
};
struct green {
    struct green_node *node; /* NULL = nowhere on */
    size_t n_on;
    struct ahead plan; /* memory for all points and nodes */
    int64_t due_ms, planned_ms;
    uint64_t mark; /* of what the last plan was made for */
};

struct sched {
    struct sched_tuning tuning;
    struct grid grid;
    struct ledger ledger;
    struct point *point;
    size_t n_points;
    uint32_t seq;
    int64_t due_ms;
    int64_t latest_ms; /* largest time seen */
    bool *in_excess;   /* per node: reported */
    bool *told_silent; /* per node: its meter, reported */
    int64_t made_ms;

    /* Working memory of a round. */
    int64_t *room_ma, *grace_ma;
    struct share_demand *demand;
    int32_t *grant_ma;
    size_t *demand_point;
    struct share_demand *lasting; /* those of limits that have no end, and their places above */
    size_t *lasting_place;
    uint8_t *mix; /* per root, of deadline.c */
    struct share_scratch scratch;

    struct green green;

    /* Decided and not yet handed out. */
    struct sched_command *out;
    size_t n_out, n_taken;

    struct sched_incident *incident; /* ring */
    size_t incident_size, incident_first, n_incidents;
};

/* --- plan.c --- */
void sched_due(struct sched *s, int64_t at_ms);
void sched_report(struct sched *s, const struct sched_incident *incident);
void point_change_class(struct sched *s, size_t i, enum sched_class class, int64_t now_ms);
bool point_is_on(const struct point *p);
/* Everything fits below its nodes: no lease is needed. */
bool point_is_roomy(const struct sched *s, const struct point *p);
uint32_t sched_next_seq(struct sched *s);

/* --- need.c --- */
/* Least current that is of use to the session, as far as was told. */
int32_t session_min_ma(const struct point *p);
/* Its strict class. */
int32_t session_priority(const struct point *p);
/* Energy that the car has received. */
int64_t session_received_wh(const struct session *c);

/* Departure and energy were told, the one is to come and the other not reached. */
bool session_has_deadline(const struct session *c, int64_t now_ms);
/* Time it takes to receive the rest of the energy told, at most LONGEST_STAY_MS. */
int64_t session_need_ms(const struct session *c, int32_t phases, int32_t ma);
enum { LONGEST_STAY_MS = 20 * 24 * 3600 * 1000 };

/* --- deadline.c --- */
/* Sets due_ms and pressed of the round's first n demands that have a deadline. */
void deadline_order(struct sched *s, size_t n_demands, int64_t now_ms);

/* --- observe.c --- */
/* Measured now, all phases together; 0 when not known. */
int64_t point_drawn_ma(const struct point *p, int64_t now_ms);
/* Count the service up to now; look again at what was learnt long ago. */
void session_advance(struct point *p, int64_t now_ms);
/* On, with at least what its car is known to need. */
bool point_is_offered(const struct point *p);
/* It does not take what it is offered.  Some cars need more than 6 A: a small offer is followed by
 * a larger one, and only who refuses that, too, is asked less and less often. */
void session_refuses(struct point *p, bool finished, int64_t now_ms);
/* Report an offer that the car did not take, once until it draws again. */
void tell_no_resume(struct sched *s, size_t i);

/* --- wear.c --- */
/* Its writes run ahead of its budget. */
bool point_is_spared(const struct point *p, int64_t now_ms);

/* --- view.c --- */
/* Why it has its target, for people; static text. */
const char *point_reason(const struct point *p);
/* --- green.c --- */
void green_done(struct sched *s);
/* Who waits for better hours from now on. */
void green_decide(struct sched *s, int64_t now_ms);
/* A sample of a car that draws: what it can.  @return true: it is known from now on */
bool green_seen(struct point *p, uint8_t phases, int32_t most_ma, int64_t at_ms);

/* --- outlook.c --- */
/* Memory for n_points loads and n_nodes nodes. */
bool outlook_alloc(struct ahead *a, size_t n_nodes, size_t n_points, size_t n_slots);
void outlook_release(struct ahead *a);
/* Rooms and loads as of now, as if nobody waited: load k is that of demand_point[k].  Afterwards
 * the sessions have `held` again. */
void outlook_build(struct sched *s, struct ahead *a, int64_t now_ms);
bool session_is_told(const struct session *c, int64_t now_ms);

/* --- forecast.c --- */
/* What the rules of a round give each load, slot by slot: plan_ma and planned_wh, done_ms.
 * Who is moved charges in the slots in which it is planned only.  Rooms in a->room_ma are left as
 * they are.  The working memory has what outlook_build() left there, then and afterwards.
 * @return false: out of memory */
bool forecast_run(struct sched *s, struct ahead *a);

/* --- meter.c --- */
/* Report meters that have fallen silent. */
void meter_refresh(struct sched *s, int64_t now_ms);
/** @return when a meter that has not said anything yet is to be reported; INT64_MAX = never */
int64_t meter_next_ms(const struct sched *s, int64_t now_ms);

/* --- round.c --- */
/* What the share would be; grants and demands are in the working memory, room_ma as before the
 * share.  @return number of demands */
size_t round_contest(struct sched *s, int64_t now_ms);
/* In which order sessions are admitted: smaller first. */
int64_t round_key(const struct sched *s, const struct point *p, int64_t now_ms);
/* Capacity for what is decided now. */
int64_t round_ahead_ma(const struct grid *g, size_t node, int resource);
void round_decide(struct sched *s, int64_t now_ms);

#endif
