/*
 * Sessions: starts, stops, and what real stations make of them.
 *
 * A start is found again by its natural key.  A stop always leaves a trace: in its session, as a
 * correction of a provisional end, or as an orphan that waits for its start.
 */
#include <stdio.h>
#include <string.h>

#include "storage/billing/cdr.h"
#include "storage/conn.h"

enum {
    LATE_MS = 3600000,
    ATTACH_MAX_MS = 7 * 86400000, /* of a session whose early samples are looked for */
    MATCH_MAX = 2,                /* more than one candidate is no match */
    /* doubts that another end may remove */
    FLAGS_OF_END = STORE_FLAG_PROVISIONAL | STORE_FLAG_METER_BACKWARDS |
                   STORE_FLAG_STOP_BEFORE_START | STORE_FLAG_POWER_IMPLAUSIBLE |
                   STORE_FLAG_MATCHED_ORPHAN,
};

struct session_row {
    int64_t tx_id, station;
    int32_t connector, state;
    int64_t started_at_ms, meter_start_wh, meter_stop_wh, last_register_uwh, last_sample_ms;
    uint32_t flags;
};

static enum store_rc session_get(struct store_conn *db, int64_t tx_id, struct session_row *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_GET);
    bind_int(q, 1, tx_id);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    *ret = (struct session_row){ .tx_id = tx_id,
                                 .station = sqlite3_column_int64(q, 0),
                                 .connector = sqlite3_column_int(q, 1),
                                 .started_at_ms = sqlite3_column_int64(q, 2),
                                 .meter_start_wh = sqlite3_column_int64(q, 3),
                                 .meter_stop_wh = column_int(q, 4),
                                 .state = sqlite3_column_int(q, 5),
                                 .flags = (uint32_t)sqlite3_column_int64(q, 6),
                                 .last_register_uwh = column_int(q, 7),
                                 .last_sample_ms = column_int(q, 8) };
    store_reset(q);
    return STORE_OK;
}

/* --- the end of a session --- */

struct end {
    int64_t meter_stop_wh, station_at_ms, stopped_at_ms, received_at_ms;
    const char *id_tag, *reason, *note;
    int32_t state;
    uint32_t flags;
};

/* Does the register continue where the connector's last session ended? */
static enum store_rc has_gap(struct store_conn *db, const struct session_row *row, bool *ret_gap)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_PREVIOUS_END);
    bind_int(q, 1, row->station);
    bind_int(q, 2, row->connector);
    bind_int(q, 3, row->started_at_ms);
    bind_int(q, 4, row->tx_id);
    enum store_rc rc = store_step_row(db, q);
    *ret_gap = false;
    if (rc == STORE_OK) {
        *ret_gap = sqlite3_column_int64(q, 0) != row->meter_start_wh;
        store_reset(q);
    }
    return rc == STORE_MISSING ? STORE_OK : rc;
}

/* Three phases of 32 A at most: whoever claims more has a meter that jumps. */
static bool is_implausible(const struct session_row *row, const struct end *end)
{
    int64_t wh = end->meter_stop_wh - row->meter_start_wh,
            ms = end->stopped_at_ms - row->started_at_ms;
    const int64_t max_w = 24200; /* 22 kW + 10 % */
    return ms > 0 && wh > max_w * ((ms + 60000) / 1000) / 3600 + 100;
}

static enum store_rc session_end(struct store_conn *db, const struct session_row *row,
                                 const struct end *end)
{
    bool gap;
    uint32_t flags = row->flags | end->flags;
    enum store_rc rc = has_gap(db, row, &gap);
    if (rc != STORE_OK)
        return rc;
    if (gap)
        flags |= STORE_FLAG_METER_GAP;
    if (end->meter_stop_wh < row->meter_start_wh && (flags & STORE_FLAG_METER_MISSING) == 0)
        flags |= STORE_FLAG_METER_BACKWARDS;
    if (end->stopped_at_ms < row->started_at_ms)
        flags |= STORE_FLAG_STOP_BEFORE_START;
    if (end->received_at_ms - end->stopped_at_ms > LATE_MS)
        flags |= STORE_FLAG_LATE;
    if (is_implausible(row, end))
        flags |= STORE_FLAG_POWER_IMPLAUSIBLE;
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_END);
    bind_int(q, 1, row->tx_id);
    bind_int(q, 2, end->meter_stop_wh);
    bind_int(q, 3, end->station_at_ms);
    bind_int(q, 4, end->stopped_at_ms);
    bind_int(q, 5, end->received_at_ms);
    bind_text(q, 6, end->id_tag);
    bind_text(q, 7, end->reason);
    bind_int(q, 8, end->state);
    bind_int(q, 9, (int64_t)flags);
    bind_text(q, 10, end->note);
    bind_int(q, 11, row->last_register_uwh);
    bind_int(q, 12, row->last_sample_ms);
    rc = store_step_done(db, q);
    q = conn_stmt(db, STMT_TX_NOT_LIVE);
    bind_int(q, 1, row->tx_id);
    return rc == STORE_OK ? store_step_done(db, q) : rc;
}

/* Closed without StopTransaction: the last register that is known, or what the next start shows. */
static enum store_rc close_provisionally(struct store_conn *db, int64_t tx_id,
                                         int64_t next_start_wh, int64_t now_ms, const char *note)
{
    struct session_row row;
    enum store_rc rc = session_get(db, tx_id, &row);
    if (rc != STORE_OK)
        return rc;
    int64_t stop_wh = row.meter_start_wh;
    if (row.last_register_uwh != STORE_ABSENT && row.last_register_uwh / 1000000 >= stop_wh)
        stop_wh = row.last_register_uwh / 1000000;
    else if (next_start_wh != STORE_ABSENT && next_start_wh > stop_wh)
        stop_wh = next_start_wh;
    int64_t at_ms = row.last_sample_ms != STORE_ABSENT ? row.last_sample_ms : row.started_at_ms;
    struct end end = { .meter_stop_wh = stop_wh,
                       .station_at_ms = STORE_ABSENT,
                       .stopped_at_ms = at_ms,
                       .received_at_ms = at_ms,
                       .note = note,
                       .state = STORE_SESSION_PROVISIONAL,
                       .flags = STORE_FLAG_PROVISIONAL };
    rc = session_end(db, &row, &end);
    return rc == STORE_OK ? cdr_make(db, tx_id, now_ms) : rc;
}

/* --- start --- */

static enum store_rc find_start(struct store_conn *db, int64_t station,
                                const struct store_tx_start *tx, union store_result *ret)
{
    bool untimed = (tx->flags & STORE_FLAG_TIME_MISSING) != 0;
    sqlite3_stmt *q = conn_stmt(db, untimed ? STMT_TX_FIND_UNTIMED : STMT_TX_FIND);
    int i = 0;
    bind_int(q, ++i, station);
    bind_int(q, ++i, tx->connector);
    if (!untimed)
        bind_int(q, ++i, tx->station_at_ms);
    bind_text(q, ++i, tx->id_tag);
    bind_int(q, ++i, tx->meter_start_wh);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    ret->tx_start.tx_id = sqlite3_column_int64(q, 0);
    ret->tx_start.auth_status = sqlite3_column_int(q, 1);
    ret->tx_start.duplicate = true;
    ret->tx_start.over = false; /* the caller knows what runs */
    store_reset(q);
    return STORE_OK;
}

/* A newer start on a connector with an open session: that session's stop was lost. */
static enum store_rc close_stale_on(struct store_conn *db, int64_t station,
                                    const struct store_tx_start *tx, int64_t *ret_closed)
{
    for (;;) {
        sqlite3_stmt *q = conn_stmt(db, STMT_TX_OPEN_ON);
        bind_int(q, 1, station);
        bind_int(q, 2, tx->connector);
        enum store_rc rc = store_step_row(db, q);
        if (rc != STORE_OK)
            return rc == STORE_MISSING ? STORE_OK : rc;
        int64_t tx_id = sqlite3_column_int64(q, 0), started_at_ms = sqlite3_column_int64(q, 1);
        store_reset(q);
        if (started_at_ms >= tx->started_at_ms)
            return STORE_OK;
        rc = close_provisionally(db, tx_id, tx->meter_start_wh, tx->received_at_ms,
                                 "a newer session began on the connector");
        if (rc != STORE_OK)
            return rc;
        *ret_closed = tx_id;
    }
}

static enum store_rc insert_start(struct store_conn *db, int64_t station,
                                  const struct store_tx_start *tx)
{
    char key[TAG_KEY];
    uint32_t flags = tx->flags;
    tag_key_of(tx->id_tag, key);
    if (tx->received_at_ms - tx->started_at_ms > LATE_MS)
        flags |= STORE_FLAG_LATE;
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_INSERT);
    bind_int(q, 1, station);
    bind_int(q, 2, tx->connector);
    bind_text(q, 3, tx->id_tag);
    bind_text(q, 4, key);
    bind_int(q, 5, tx->auth_status);
    bind_text(q, 6, tx->auth_kind);
    bind_text(q, 7, tx->customer);
    bind_int(q, 8, tx->reservation_id == INT32_MIN ? STORE_ABSENT : tx->reservation_id);
    bind_int(q, 9, tx->meter_start_wh);
    bind_int(q, 10, tx->station_at_ms);
    bind_int(q, 11, tx->started_at_ms);
    bind_int(q, 12, tx->received_at_ms);
    bind_int(q, 13, (int64_t)flags);
    return store_step_done(db, q);
}

struct orphan {
    int64_t id, meter_stop_wh, station_ms, stopped_at_ms, received_ms;
    char id_tag[256], reason[64];
    bool has_tag, has_reason;
    uint32_t flags;
};

/* The one orphan stop that can belong to this start; more than one is none. */
static enum store_rc find_orphan(struct store_conn *db, int64_t station,
                                 const struct store_tx_start *tx, struct orphan *ret, size_t *ret_n)
{
    char key[TAG_KEY];
    tag_key_of(tx->id_tag, key);
    sqlite3_stmt *q = conn_stmt(db, STMT_ORPHAN_MATCH);
    bind_int(q, 1, station);
    bind_int(q, 2, tx->started_at_ms);
    bind_int(q, 3, tx->meter_start_wh);
    bind_text(q, 4, key);
    *ret_n = 0;
    enum store_rc rc;
    while ((rc = store_step_row(db, q)) == STORE_OK && ++*ret_n < MATCH_MAX) {
        const char *tag = column_text(q, 1), *reason = column_text(q, 6);
        *ret = (struct orphan){ .id = sqlite3_column_int64(q, 0),
                                .meter_stop_wh = sqlite3_column_int64(q, 2),
                                .station_ms = sqlite3_column_int64(q, 3),
                                .stopped_at_ms = sqlite3_column_int64(q, 4),
                                .received_ms = sqlite3_column_int64(q, 5),
                                .has_tag = tag != NULL,
                                .has_reason = reason != NULL,
                                .flags = (uint32_t)sqlite3_column_int64(q, 7) };
        snprintf(ret->id_tag, sizeof(ret->id_tag), "%s", tag != NULL ? tag : "");
        snprintf(ret->reason, sizeof(ret->reason), "%s", reason != NULL ? reason : "");
    }
    if (rc == STORE_OK)
        store_reset(q);
    return rc == STORE_MISSING ? STORE_OK : rc;
}

/* Samples that came before their session was known. */
static enum store_rc attach_samples(struct store_conn *db, const struct session_row *row,
                                    int64_t stopped_at_ms)
{
    if (stopped_at_ms - row->started_at_ms > ATTACH_MAX_MS)
        return STORE_OK;
    sqlite3_stmt *q = conn_stmt(db, STMT_METER_ATTACH);
    bind_int(q, 1, row->tx_id);
    bind_int(q, 2, row->station);
    bind_int(q, 3, row->started_at_ms);
    bind_int(q, 4, stopped_at_ms);
    bind_int(q, 5, row->connector);
    return store_step_done(db, q);
}

static enum store_rc match_orphan(struct store_conn *db, int64_t station,
                                  const struct store_tx_start *tx, int64_t tx_id, bool *ret_over)
{
    struct orphan o;
    struct session_row row;
    size_t n;
    enum store_rc rc = find_orphan(db, station, tx, &o, &n);
    if (rc != STORE_OK || n != 1)
        return rc;
    *ret_over = true;
    rc = session_get(db, tx_id, &row);
    struct end end = { .meter_stop_wh = o.meter_stop_wh,
                       .station_at_ms = o.station_ms,
                       .stopped_at_ms = o.stopped_at_ms,
                       .received_at_ms = o.received_ms,
                       .id_tag = o.has_tag ? o.id_tag : NULL,
                       .reason = o.has_reason ? o.reason : "Local",
                       .state = STORE_SESSION_FINISHED,
                       .flags = o.flags | STORE_FLAG_MATCHED_ORPHAN };
    if (rc == STORE_OK)
        rc = session_end(db, &row, &end);
    if (rc == STORE_OK)
        rc = attach_samples(db, &row, o.stopped_at_ms);
    if (rc == STORE_OK)
        rc = cdr_make(db, tx_id, tx->received_at_ms);
    sqlite3_stmt *q = conn_stmt(db, STMT_ORPHAN_DELETE);
    bind_int(q, 1, o.id);
    return rc == STORE_OK ? store_step_done(db, q) : rc;
}

enum store_rc tx_start_run(struct store_conn *db, const struct store_tx_start *tx,
                           union store_result *ret)
{
    int64_t station;
    enum store_rc rc = station_spoke(db, tx->station, &station);
    if (rc != STORE_OK)
        return rc;
    rc = find_start(db, station, tx, ret);
    if (rc != STORE_MISSING)
        return rc;
    int64_t closed = 0;
    rc = close_stale_on(db, station, tx, &closed);
    if (rc == STORE_OK)
        rc = insert_start(db, station, tx);
    if (rc != STORE_OK)
        return rc;
    int64_t tx_id = sqlite3_last_insert_rowid(db->handle);
    if (tx_id > INT32_MAX)
        return STORE_CONFLICT; /* 2^31 sessions: OCPP has no more numbers */
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_LIVE);
    bind_int(q, 1, tx_id);
    bind_int(q, 2, station);
    rc = store_step_done(db, q);
    if (rc != STORE_OK)
        return rc;
    ret->tx_start.tx_id = tx_id;
    ret->tx_start.auth_status = tx->auth_status;
    ret->tx_start.duplicate = false;
    ret->tx_start.closed_tx_id = closed;
    ret->tx_start.over = false;
    /* In the same transaction: whoever is told the transactionId has used the reservation. */
    if (tx->reservation != 0 && tx->auth_status == STORE_AUTH_ACCEPTED)
        rc = reservation_use(db, tx->reservation, tx_id, tx->started_at_ms);
    else if (tx->reservation_id > 0 && tx->auth_status == STORE_AUTH_ACCEPTED)
        rc = reservation_use_late(db, tx, tx_id);
    if (rc != STORE_OK)
        return rc;
    return match_orphan(db, station, tx, tx_id, &ret->tx_start.over);
}

/* --- stop --- */

static enum store_rc keep_orphan(struct store_conn *db, int64_t station,
                                 const struct store_tx_stop *tx)
{
    char key[TAG_KEY];
    if (tx->id_tag != NULL)
        tag_key_of(tx->id_tag, key);
    sqlite3_stmt *q = conn_stmt(db, STMT_ORPHAN_INSERT);
    bind_int(q, 1, station);
    bind_int(q, 2, tx->tx_id);
    bind_text(q, 3, tx->id_tag);
    bind_text(q, 4, tx->id_tag != NULL ? key : NULL);
    bind_int(q, 5, tx->meter_stop_wh);
    bind_int(q, 6, tx->station_at_ms);
    bind_int(q, 7, tx->stopped_at_ms);
    bind_int(q, 8, tx->received_at_ms);
    bind_text(q, 9, tx->reason);
    bind_int(q, 10, (int64_t)tx->flags);
    return store_step_done(db, q);
}

/* A stop with id 0 or -1: the only open session of this station and tag it can mean (the station
 * never got the answer to its start).  STORE_MISSING: none, or more than one. */
static enum store_rc guess_session(struct store_conn *db, int64_t station,
                                   const struct store_tx_stop *tx, int64_t *ret_tx_id)
{
    char key[TAG_KEY];
    size_t n = 0;
    if (tx->tx_id > 0)
        return STORE_MISSING;
    if (tx->id_tag != NULL)
        tag_key_of(tx->id_tag, key);
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_BY_TAG);
    bind_int(q, 1, station);
    bind_int(q, 2, tx->stopped_at_ms);
    bind_text(q, 3, tx->id_tag != NULL ? key : NULL);
    bind_int(q, 4, tx->meter_stop_wh);
    enum store_rc rc;
    while ((rc = store_step_row(db, q)) == STORE_OK && ++n < MATCH_MAX)
        *ret_tx_id = sqlite3_column_int64(q, 0);
    if (rc == STORE_OK)
        store_reset(q);
    return rc == STORE_MISSING && n == 1 ? STORE_OK : rc == STORE_OK ? STORE_MISSING : rc;
}

static enum store_rc store_data(struct store_conn *db, const struct store_tx_stop *tx,
                                int64_t tx_id, int32_t connector)
{
    enum store_rc rc = STORE_OK;
    union store_result ignored;
    for (size_t i = 0; i < tx->n_data && rc == STORE_OK; i++) {
        struct store_meter row = tx->data[i];
        row.station = tx->station;
        row.tx_id = tx_id;
        row.connector = connector;
        rc = meter_run(db, &row, 1, &ignored);
    }
    return rc;
}

static enum store_rc stop_session(struct store_conn *db, const struct session_row *row,
                                  const struct store_tx_stop *tx)
{
    bool corrects = row->state != STORE_SESSION_ACTIVE;
    struct session_row session = *row;
    struct end end = { .meter_stop_wh = tx->meter_stop_wh,
                       .station_at_ms = tx->station_at_ms,
                       .stopped_at_ms = tx->stopped_at_ms,
                       .received_at_ms = tx->received_at_ms,
                       .id_tag = tx->id_tag,
                       .reason = tx->reason != NULL ? tx->reason : "Local",
                       .state = STORE_SESSION_FINISHED,
                       .flags = tx->flags };
    if (corrects) {
        session.flags &= ~(uint32_t)FLAGS_OF_END;
        end.flags |= STORE_FLAG_CORRECTED;
    }
    /* Without a register the last sample is the best that is known. */
    if ((tx->flags & STORE_FLAG_METER_MISSING) != 0)
        end.meter_stop_wh = row->last_register_uwh != STORE_ABSENT
                                ? row->last_register_uwh / 1000000
                                : row->meter_start_wh;
    enum store_rc rc = session_end(db, &session, &end);
    if (rc != STORE_OK)
        return rc;
    return corrects
               ? cdr_correct(db, row->tx_id, tx->received_at_ms, "StopTransaction arrived late")
               : cdr_make(db, row->tx_id, tx->received_at_ms);
}

/* A repeated stop without an id: the session that it ended. */
static enum store_rc ended_session(struct store_conn *db, int64_t station,
                                   const struct store_tx_stop *tx, int64_t *ret_tx_id)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_ENDED_BY);
    bind_int(q, 1, station);
    bind_int(q, 2, tx->station_at_ms);
    bind_int(q, 3, tx->meter_stop_wh);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    *ret_tx_id = sqlite3_column_int64(q, 0);
    store_reset(q);
    return STORE_OK;
}

/* The session a stop means; STORE_MISSING: none that is known. */
static enum store_rc find_session(struct store_conn *db, int64_t station,
                                  const struct store_tx_stop *tx, struct session_row *ret)
{
    int64_t tx_id = tx->tx_id;
    enum store_rc rc = STORE_OK;
    if (tx_id <= 0) {
        rc = ended_session(db, station, tx, &tx_id);
        if (rc == STORE_MISSING)
            rc = guess_session(db, station, tx, &tx_id);
    }
    if (rc == STORE_OK)
        rc = session_get(db, tx_id, ret);
    if (rc == STORE_OK && ret->station != station)
        rc = STORE_MISSING; /* somebody else's transaction: not applied */
    return rc;
}

static enum store_rc stop_unknown(struct store_conn *db, int64_t station,
                                  const struct store_tx_stop *tx)
{
    enum store_rc rc = keep_orphan(db, station, tx);
    return rc == STORE_OK ? store_data(db, tx, tx->tx_id, 0) : rc;
}

static bool contradicts(const struct session_row *row, const struct store_tx_stop *tx)
{
    return (tx->flags & STORE_FLAG_METER_MISSING) == 0 && tx->meter_stop_wh != row->meter_stop_wh;
}

/* The session was ended by a stop without an id that seemed to fit; this one names the session. */
static bool outranks(const struct session_row *row, const struct store_tx_stop *tx)
{
    return (row->flags & STORE_FLAG_MATCHED_ORPHAN) != 0 && tx->tx_id == row->tx_id &&
           contradicts(row, tx);
}

/* The stop that had been taken for the session's is an orphan again. */
static enum store_rc give_back_orphan(struct store_conn *db, int64_t tx_id)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_ORPHAN_BACK);
    bind_int(q, 1, tx_id);
    return store_step_done(db, q);
}

/* Nothing changes any more; what contradicts the first stop is kept for people to see. */
static enum store_rc stop_again(struct store_conn *db, const struct session_row *row,
                                const struct store_tx_stop *tx)
{
    return contradicts(row, tx) ? keep_orphan(db, row->station, tx) : STORE_OK;
}

enum store_rc tx_stop_run(struct store_conn *db, const struct store_tx_stop *tx,
                          union store_result *ret)
{
    struct session_row row;
    int64_t station;
    enum store_rc rc = station_spoke(db, tx->station, &station);
    if (rc != STORE_OK)
        return rc;
    memset(ret, 0, sizeof(*ret));
    rc = find_session(db, station, tx, &row);
    if (rc == STORE_MISSING)
        return stop_unknown(db, station, tx);
    if (rc != STORE_OK)
        return rc;
    ret->tx_stop.tx_id = row.tx_id;
    ret->tx_stop.connector = row.connector;
    bool replaces = row.state == STORE_SESSION_FINISHED && outranks(&row, tx);
    ret->tx_stop.duplicate = row.state == STORE_SESSION_FINISHED && !replaces;
    rc = store_data(db, tx, row.tx_id, row.connector);
    if (rc == STORE_OK && ret->tx_stop.duplicate)
        return stop_again(db, &row, tx);
    if (rc == STORE_OK && replaces)
        rc = give_back_orphan(db, row.tx_id);
    if (rc == STORE_OK)
        rc = session_get(db, row.tx_id, &row); /* transactionData may have moved the register */
    return rc == STORE_OK ? stop_session(db, &row, tx) : rc;
}

/* --- closing without the station --- */

enum store_rc tx_close_run(struct store_conn *db, int64_t tx_id, const char *who,
                           const char *reason, int64_t at_ms, union store_result *ret)
{
    struct session_row row;
    char note[300];
    enum store_rc rc = session_get(db, tx_id, &row);
    memset(ret, 0, sizeof(*ret));
    if (rc != STORE_OK)
        return rc;
    ret->tx_stop.tx_id = tx_id;
    ret->tx_stop.connector = row.connector;
    ret->tx_stop.duplicate = row.state != STORE_SESSION_ACTIVE;
    if (ret->tx_stop.duplicate)
        return STORE_OK;
    snprintf(note, sizeof(note), "%.80s: %.200s", who, reason);
    return close_provisionally(db, tx_id, STORE_ABSENT, at_ms, note);
}

enum store_rc close_stale_run(struct store_conn *db, int64_t before_ms, int64_t now_ms,
                              union store_result *ret)
{
    ret->count.n = 0;
    for (;;) {
        sqlite3_stmt *q = conn_stmt(db, STMT_TX_STALE);
        bind_int(q, 1, before_ms);
        enum store_rc rc = store_step_row(db, q);
        if (rc != STORE_OK)
            return rc == STORE_MISSING ? STORE_OK : rc;
        int64_t tx_id = sqlite3_column_int64(q, 0);
        store_reset(q);
        rc = close_provisionally(db, tx_id, STORE_ABSENT, now_ms, "no news for too long");
        if (rc != STORE_OK)
            return rc;
        ret->count.n++;
    }
}
