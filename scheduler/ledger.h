/*
 * The ledger: the worst that every point might legally draw, and the sums of it in the grid.
 *
 * A point's entries are the limits that may be in force there, confirmed or not.  What it may draw
 * at an instant is the largest of its safe current and of the entries that have not ended by then
 * (leasing points; the other classes: enum sched_class).  No entry begins later than now, so what a
 * point may draw only falls as time goes by unless somebody decides or reports something: a sum
 * that fits now fits for the whole life of every entry.  That is why one comparison per node and
 * phase answers "may this be sent?" for all the future.
 *
 * The rules in one place (SCHEDULER section 4, "The ledger and its proof"):
 *
 *   raise, renew     only if the sums fit with the new entry; entered before it is sent
 *   excess           while a sum is too large, nothing is sent that might raise what is in force,
 *                    though the entries would cover it
 *   lower            entered as well and kept as long as its profile: when its confirmation comes,
 *                    it tells which entries it replaces
 *   Accepted         all older entries end after the reaction time or at a newer sample that shows
 *                    the lower current
 *   Rejected         the new entry is dropped
 *   no answer        everything is kept
 *   covered          a lowering may be sent before it is written; it ends no later than an accepted
 *                    entry that is not smaller (ledger_covered_ms())
 *   end of lease     the entry is dropped after the end plus clock slack plus measured skew
 *   end of session   all entries of the transaction are dropped
 *   link lost, boot  nothing is dropped
 *
 * Capacity that changes as time goes by (grid.h) takes two more sums of the same kind: what is
 * still there at the next fall of a capacity must fit below the least that comes until the end of a
 * new lease, and what has no end (safe currents, ratings, sticky entries, limits without a lease)
 * below the least that will ever come.  An entry has to fit all that it may live to see; a limit
 * that has to be lowered at once but does not fit what comes later ends before that.
 *
 * What is counted on the phases that a car was found not to use: the safe current, because the next
 * transaction may begin without our knowing.
 */
#ifndef SCHEDULER_LEDGER_H
#define SCHEDULER_LEDGER_H

#include "scheduler/grid.h"

enum { LEDGER_ENTRIES = 6, LEDGER_PAST = 8 };

/* What was counted at most on a phase, until then. */
struct ledger_past {
    int64_t until_ms;
    int32_t ma;
};

struct ledger_entry {
    int64_t tx_id;
    int64_t end_ms;  /* of the lease, in the station's clock; INT64_MAX = none */
    int64_t drop_ms; /* replaced: counts until then, in our clock; INT64_MAX = not replaced */
    int64_t accepted_ms;
    uint32_t seq;
    int32_t limit_ma;
    bool accepted;
    bool firm;     /* is no command of ours, or stands for several: a Rejected does not remove it */
    bool restored; /* from before a restart: its answer is not known */
    bool kept;     /* was accepted: until its end whoever restores the leases counts as much */
    bool answered; /* restored: its acceptance is known; perhaps a lowering followed that is not */
};

struct ledger_point {
    /* From the configuration and from events; call ledger_refresh() after changing any. */
    int32_t node, rating_ma, safe_ma;
    uint8_t wired;
    enum sched_class class;
    bool commissioned, safe_confirmed;
    int64_t skew_ms;
    uint8_t phases; /* in use by phases_tx; == wired when not learnt */
    int64_t phases_tx;

    struct ledger_entry entry[LEDGER_ENTRIES]; /* by rising seq */
    size_t n_entries;
    int32_t counted_ma[GRID_RESOURCES];   /* as contained in the sums */
    struct ledger_past past[LEDGER_PAST]; /* by rising until_ms */
    size_t n_past;
    int64_t known_ms; /* before that, who knows what it might draw */
    int32_t later_ma[GRID_LATER_PARTS][GRID_RESOURCES]; /* the same, of the later sums */
};

struct ledger {
    const struct grid *grid;
    struct ledger_point *point;
    size_t n_points;
    int64_t *sum_ma; /* GRID_RESOURCES per node */
    /* Where capacity varies: what is still there at grid.soon_ms, and beyond the horizon. */
    int64_t *later_sum_ma[GRID_LATER_PARTS];
    int64_t clock_slack_ms, react_ms;
};

/** @return false when out of memory.  The grid is lent and outlives the ledger. */
bool ledger_init(struct ledger *l, const struct grid *grid, const struct sched_conf *conf,
                 int64_t now_ms);
void ledger_done(struct ledger *l);

/* Drop what has ended and bring the sums up to date. */
void ledger_refresh(struct ledger *l, size_t point, int64_t now_ms);

/** @return what the point may draw at at_ms if nobody decides anything more, per resource */
int32_t ledger_worst_ma(const struct ledger *l, size_t point, int resource, int64_t at_ms);
/** @return largest over its phases as counted now */
int32_t ledger_counted_ma(const struct ledger *l, size_t point);
/** @return most that it might draw on a phase at any instant from from_ms to until_ms, in the past;
 * INT32_MAX: that is not known (any more) */
int32_t ledger_could_ma(const struct ledger *l, size_t point, int64_t from_ms, int64_t until_ms);
/** @return what is in force there at least, as far as answers tell: a command up to this much
 * cannot raise anything.  Restored entries tell nothing: the last may have been refused, and a
 * covered lowering that followed may not have been written. */
int32_t ledger_surely_ma(const struct ledger *l, size_t point, int64_t now_ms);
/** @return the same, but the answers that were written before a restart are believed: no bound for
 * a command, though good enough to tell an excess from doubts.  At least what it may draw anyway.
 */
int32_t ledger_likely_ma(const struct ledger *l, size_t point, int64_t now_ms);
/**
 * A limit that is sent before its lease is written must be covered by leases that are: after a
 * crash in between they count at least as much for at least as long.
 * @return until when limit_ma of the transaction is covered; INT64_MIN = not at all
 */
int64_t ledger_covered_ms(const struct ledger *l, size_t point, int64_t tx_id, int32_t limit_ma);
/** @return what it draws at most without any entry: safe current, rating, or 0 */
int32_t ledger_base_ma(const struct ledger_point *p);
/** @return do its leases end by themselves? */
bool ledger_is_timed(const struct ledger_point *p);

/** @return largest limit <= most_ma with which in force as well the sums hold at all its nodes;
 *          may be negative */
int32_t ledger_room_ma(const struct ledger *l, size_t point, int32_t most_ma);
/** @return may this limit be entered for now: does it raise no sum, or fit with what it raises?
 *          What comes later is the matter of its end: ledger_fits_later(). */
bool ledger_fits(const struct ledger *l, size_t point, int32_t limit_ma);
/** @return does what a lease of now leaves behind fit, too: at grid.soon_ms, and ever if its limit
 *          has no end? */
bool ledger_fits_later(const struct ledger *l, size_t point, int32_t limit_ma);
/** @return largest limit that raises none of these later sums; INT32_MAX where none matters */
int32_t ledger_later_ma(const struct ledger *l, size_t point);
/** @return does a limit given now count without end: sticky, a bad clock, or no lease needed? */
bool ledger_is_lasting(const struct ledger *l, size_t point);
/** @return is the sum above the capacity at a node and resource? */
bool ledger_exceeds(const struct ledger *l, size_t node, int resource);
/** @return is it so for a resource that the point uses, at its node or above? */
bool ledger_exceeds_above(const struct ledger *l, size_t point);

/* A limit that is going to be sent; the caller has asked ledger_fits() unless it lowers. */
void ledger_enter(struct ledger *l, size_t point, const struct ledger_entry *entry, int64_t now_ms);
/** Of before; accepted = it is sure that it was, and in this order.
 * @return false: it is over already; since its end only what is counted now may have been drawn */
bool ledger_restore(struct ledger *l, size_t point, const struct ledger_entry *entry,
                    int64_t now_ms);
/* The station's answer to the entry with this number; an unknown number changes nothing. */
void ledger_accepted(struct ledger *l, size_t point, uint32_t seq, int64_t now_ms);
void ledger_not_installed(struct ledger *l, size_t point, uint32_t seq, int64_t now_ms);
/* It was seen to draw no more than most_ma on all its phases. */
void ledger_seen(struct ledger *l, size_t point, int32_t most_ma, int64_t at_ms, int64_t now_ms);
/* The station was away and may have lost what it had accepted. */
void ledger_doubt(struct ledger *l, size_t point);
/* The transaction is over; current = it was the last one known, and entries that were merged over
 * several end with it. */
void ledger_ended(struct ledger *l, size_t point, int64_t tx_id, bool current, int64_t now_ms);

/** @return entry with this number, NULL if there is none (any more) */
const struct ledger_entry *ledger_find(const struct ledger *l, size_t point, uint32_t seq);
/** @return newest entry of the transaction or NULL */
const struct ledger_entry *ledger_newest(const struct ledger *l, size_t point, int64_t tx_id);
/** @return next instant at which an entry ends by itself, INT64_MAX = none */
int64_t ledger_next_ms(const struct ledger *l, size_t point);

#endif
