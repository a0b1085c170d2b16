/* Sessions, their samples, orphans, charge detail records. */
#include <stdio.h>
#include <string.h>

#include "storage/reader_state.h"

enum {
    AROUND_MS = 3600000,      /* samples may carry a time beside their session's */
    FAR_AROUND_MS = 86400000, /* with a clock that is known to be off */
    CLOCK_FLAGS = STORE_FLAG_CLOCK_OFFSET | STORE_FLAG_CLOCK_WRONG | STORE_FLAG_TIME_MISSING,
    SQL_MAX = 2000,
};

/* --- sessions --- */

/* Whole Wh of a register; STORE_ABSENT stays. */
static int64_t wh_of(int64_t uwh)
{
    return uwh == STORE_ABSENT ? STORE_ABSENT : uwh / 1000000;
}

static int64_t energy_of(const struct store_session *s)
{
    int64_t end_wh = s->state == STORE_SESSION_ACTIVE ? s->last_register_wh : s->meter_stop_wh;
    if (end_wh == STORE_ABSENT || s->meter_start_wh == STORE_ABSENT || end_wh < s->meter_start_wh)
        return 0;
    return end_wh - s->meter_start_wh;
}

static struct store_need need_from(sqlite3_stmt *q, int64_t tx_id)
{
    bool told = sqlite3_column_type(q, 29) != SQLITE_NULL;
    return (struct store_need){ .tx_id = told ? tx_id : 0,
                                .depart_at_ms = column_int(q, 25),
                                .energy_wh = column_i64(q, 26),
                                .min_ma = column_i32(q, 27),
                                .priority = told ? column_i32(q, 28) : -1,
                                .told_at_ms = column_int(q, 29),
                                .who = column_text(q, 30),
                                .why = column_text(q, 31) };
}

static void session_from(sqlite3_stmt *q, struct store_session *ret)
{
    *ret = (struct store_session){
        .tx_id = column_i64(q, 0),
        .station = column_text(q, 1),
        .connector = column_i32(q, 2),
        .evse_id = column_text(q, 3),
        .district = column_text(q, 4),
        .operator_id = column_text(q, 5),
        .id_tag = column_text(q, 6),
        .auth_kind = column_text(q, 7),
        .customer = column_text(q, 8),
        .auth_status = column_i32(q, 9),
        .state = column_i32(q, 10),
        .started_at_ms = column_int(q, 11),
        .received_start_at_ms = column_int(q, 12),
        .stopped_at_ms = column_int(q, 13),
        .received_stop_at_ms = column_int(q, 14),
        .meter_start_wh = column_int(q, 15),
        .meter_stop_wh = column_int(q, 16),
        .reason = column_text(q, 17),
        .tariff = column_text(q, 18),
        .tariff_version = column_i32(q, 19),
        .flags = (uint32_t)column_i64(q, 20),
        .last_register_wh = wh_of(column_int(q, 21)),
        .last_sample_at_ms = column_int(q, 22),
        .cdr_no = column_i64(q, 23),
        .phases = (uint8_t)column_i64(q, 24),
    };
    ret->energy_wh = energy_of(ret);
    ret->need = need_from(q, ret->tx_id);
}

struct session_walk {
    bool (*row)(void *arg, const struct store_session *session);
    void *arg;
};

static bool take_session(sqlite3_stmt *q, void *arg)
{
    struct session_walk *w = arg;
    struct store_session session;
    session_from(q, &session);
    return w->row(w->arg, &session);
}

static void compose_sessions(const struct reader_session_filter *f, char *ret_sql, size_t size)
{
    const bool with[WITH_CONDITIONS] = {
        [WITH_STATION] = f->station != NULL,
        [WITH_TAG] = f->id_tag != NULL,
        [WITH_ACTIVE] = f->state == STORE_SESSION_ACTIVE,
        [WITH_FINISHED] = f->state == STORE_SESSION_FINISHED,
        [WITH_PROVISIONAL] = f->state == STORE_SESSION_PROVISIONAL,
        [WITH_PROBLEMS] = f->problems,
        [WITH_FROM] = f->from_ms != STORE_ABSENT,
        [WITH_TO] = f->to_ms != STORE_ABSENT,
        [WITH_BEFORE] = f->before_tx_id != 0,
    };
    size_t used = (size_t)snprintf(ret_sql, size, "%s", query_sql[QUERY_SESSIONS]);
    for (size_t i = 0; i < WITH_CONDITIONS; i++)
        if (with[i] && used < size)
            used += (size_t)snprintf(ret_sql + used, size - used, "%s", session_condition_sql[i]);
    if (used < size)
        snprintf(ret_sql + used, size - used, "%s",
                 with[WITH_FROM] || with[WITH_TO] ? session_order_by_time_sql : session_order_sql);
}

enum store_rc reader_sessions(struct reader *r, const struct reader_session_filter *filter,
                              bool (*row)(void *arg, const struct store_session *session),
                              void *arg)
{
    char sql[SQL_MAX], key[TAG_KEY];
    sqlite3_stmt *q;
    struct session_walk w = { .row = row, .arg = arg };
    compose_sessions(filter, sql, sizeof(sql));
    enum store_rc rc = conn_map(sqlite3_prepare_v2(r->handle, sql, -1, &q, NULL));
    if (rc != STORE_OK)
        return rc;
    /* Numbers that the text does not name are bound in vain. */
    bind_text(q, 1, filter->station);
    if (filter->id_tag != NULL) {
        tag_key_of(filter->id_tag, key);
        sqlite3_bind_text(q, 2, key, -1, SQLITE_STATIC);
    }
    bind_int(q, 3, filter->from_ms);
    bind_int(q, 4, filter->to_ms);
    bind_int(q, 5, filter->before_tx_id);
    bind_int(q, 6, filter->limit > 0 ? filter->limit : READER_ALL);
    return reader_walk(q, take_session, &w);
}

enum store_rc reader_session(struct reader *r, int64_t tx_id,
                             bool (*row)(void *arg, const struct store_session *session), void *arg)
{
    sqlite3_stmt *q;
    struct session_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_SESSION, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, tx_id);
    return reader_walk(q, take_session, &w);
}

struct peak_walk {
    bool (*row)(void *arg, const struct reader_peak *peak);
    void *arg;
};

static bool take_peak(sqlite3_stmt *q, void *arg)
{
    struct peak_walk *w = arg;
    struct reader_peak peak = { .tx_id = column_i64(q, 0), .power_mw = column_int(q, 4) };
    for (int i = 0; i < 3; i++)
        peak.current_ma[i] =
            sqlite3_column_type(q, 1 + i) != SQLITE_NULL ? column_i32(q, 1 + i) : -1;
    return w->row(w->arg, &peak);
}

enum store_rc reader_meter_peaks(struct reader *r, int64_t from_ms, int64_t to_ms,
                                 bool (*row)(void *arg, const struct reader_peak *peak), void *arg)
{
    sqlite3_stmt *q;
    struct peak_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_METER_PEAKS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, from_ms);
    bind_int(q, 2, to_ms);
    return reader_walk(q, take_peak, &w);
}

struct orphan_walk {
    bool (*row)(void *arg, int64_t orphan_id, const struct store_tx_stop *stop);
    void *arg;
};

static bool take_orphan(sqlite3_stmt *q, void *arg)
{
    struct orphan_walk *w = arg;
    struct store_tx_stop stop = {
        .station = column_text(q, 1),
        .tx_id = column_i64(q, 2),
        .id_tag = column_text(q, 3),
        .meter_stop_wh = column_i32(q, 4),
        .station_at_ms = column_int(q, 5),
        .stopped_at_ms = column_int(q, 6),
        .received_at_ms = column_int(q, 7),
        .reason = column_text(q, 8),
        .flags = (uint32_t)column_i64(q, 9),
    };
    return w->row(w->arg, column_i64(q, 0), &stop);
}

enum store_rc reader_orphans(struct reader *r,
                             bool (*row)(void *arg, int64_t orphan_id,
                                         const struct store_tx_stop *stop),
                             void *arg)
{
    sqlite3_stmt *q;
    struct orphan_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_ORPHANS, &q);
    return rc == STORE_OK ? reader_walk(q, take_orphan, &w) : rc;
}

/* --- samples --- */

struct meter_walk {
    bool (*row)(void *arg, const struct store_meter *meter);
    void *arg;
};

static int32_t or_minus_one(sqlite3_stmt *q, int i)
{
    return sqlite3_column_type(q, i) == SQLITE_NULL ? -1 : column_i32(q, i);
}

static bool take_meter(sqlite3_stmt *q, void *arg)
{
    struct meter_walk *w = arg;
    struct store_meter meter = {
        .station = column_text(q, 0),
        .connector = column_i32(q, 1),
        .tx_id = column_i64(q, 2),
        .sampled_at_ms = column_int(q, 3),
        .received_at_ms = column_int(q, 4),
        .register_uwh = column_int(q, 5),
        .power_mw = column_int(q, 6),
        .current_ma = { or_minus_one(q, 7), or_minus_one(q, 8), or_minus_one(q, 9) },
        .soc_pct = or_minus_one(q, 10),
        .raw = column_text(q, 11),
    };
    return w->row(w->arg, &meter);
}

/* Where to look for the samples of a session: its time and some around. */
struct span {
    const char *wanted; /* id of the station, NULL = any */
    int64_t station;    /* 0 = not found, or of another station */
    int64_t from_ms, to_ms;
};

static bool take_span(sqlite3_stmt *q, void *arg)
{
    struct span *span = arg;
    int64_t stopped_at_ms = column_int(q, 3);
    int64_t around_ms = (column_i64(q, 4) & CLOCK_FLAGS) != 0 ? FAR_AROUND_MS : AROUND_MS;
    if (span->wanted != NULL && strcmp(span->wanted, column_text(q, 1)) != 0)
        return false;
    span->station = column_i64(q, 0);
    span->from_ms = column_i64(q, 2) - around_ms;
    span->to_ms = stopped_at_ms == STORE_ABSENT ? INT64_MAX : stopped_at_ms + around_ms;
    return true;
}

static enum store_rc find_span(struct reader *r, int64_t tx_id, struct span *span)
{
    sqlite3_stmt *q;
    enum store_rc rc = reader_ask(r, QUERY_METER_SPAN, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, tx_id);
    return reader_walk(q, take_span, span);
}

static enum store_rc meter_of_session(struct reader *r, const struct span *span, int64_t tx_id,
                                      int64_t limit, struct meter_walk *w)
{
    sqlite3_stmt *q;
    enum store_rc rc = reader_ask(r, QUERY_METER_OF_SESSION, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, span->station);
    bind_int(q, 2, span->from_ms);
    bind_int(q, 3, span->to_ms);
    bind_int(q, 4, tx_id);
    bind_int(q, 5, limit);
    return reader_walk(q, take_meter, w);
}

enum store_rc reader_meter(struct reader *r, const char *station, int64_t tx_id, int64_t limit,
                           bool (*row)(void *arg, const struct store_meter *meter), void *arg)
{
    sqlite3_stmt *q;
    struct meter_walk w = { .row = row, .arg = arg };
    struct span span = { .wanted = station };
    enum store_rc rc = tx_id > 0 ? find_span(r, tx_id, &span) : STORE_OK;
    limit = limit > 0 ? limit : READER_ALL;
    if (rc == STORE_OK && span.station != 0)
        return meter_of_session(r, &span, tx_id, limit, &w);
    if (rc == STORE_OK)
        rc = reader_ask(r, QUERY_METER_ALL, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, station);
    bind_int(q, 2, tx_id);
    bind_int(q, 3, limit);
    return reader_walk(q, take_meter, &w);
}

/* --- charge detail records --- */

static void cdr_session_from(sqlite3_stmt *q, struct store_session *ret)
{
    *ret = (struct store_session){
        .tx_id = column_i64(q, 6),
        .station = column_text(q, 7),
        .connector = column_i32(q, 8),
        .evse_id = column_text(q, 9),
        .district = column_text(q, 10),
        .operator_id = column_text(q, 11),
        .id_tag = column_text(q, 12),
        .auth_kind = column_text(q, 13),
        .customer = column_text(q, 14),
        .auth_status = column_i32(q, 15),
        .state = STORE_SESSION_FINISHED,
        .started_at_ms = column_int(q, 16),
        .received_start_at_ms = column_int(q, 17),
        .stopped_at_ms = column_int(q, 18),
        .received_stop_at_ms = STORE_ABSENT,
        .meter_start_wh = column_int(q, 19),
        .meter_stop_wh = column_int(q, 20),
        .reason = column_text(q, 21),
        .tariff = column_text(q, 22),
        .tariff_version = column_i32(q, 23),
        .last_register_wh = STORE_ABSENT,
        .last_sample_at_ms = STORE_ABSENT,
    };
}

static void cdr_from(sqlite3_stmt *q, struct store_cdr *ret)
{
    *ret = (struct store_cdr){
        .no = column_i64(q, 0),
        .id = column_text(q, 1),
        .kind = column_text(q, 2),
        .ref_no = column_i64(q, 3),
        .booking_period = column_text(q, 4),
        .service_period = column_text(q, 5),
        .energy_wh = column_i64(q, 24),
        .energy_cents = column_i64(q, 25),
        .blocking_min = column_i64(q, 26),
        .blocking_cents = column_i64(q, 27),
        .other_cents = column_i64(q, 28),
        .gross_cents = column_i64(q, 29),
        .net_cents = column_i64(q, 30),
        .vat_cents = column_i64(q, 31),
        .vat_bp = column_i32(q, 32),
        .price_e4_per_kwh = column_i32(q, 33),
        .currency = column_text(q, 34),
        .value_state = column_text(q, 35),
        .meter_serial = column_text(q, 36),
        .flags = (uint32_t)column_i64(q, 37),
        .created_at_ms = column_i64(q, 38),
    };
    cdr_session_from(q, &ret->session);
    if (strcmp(ret->value_state, "estimated") == 0)
        ret->session.state = STORE_SESSION_PROVISIONAL;
    ret->session.energy_wh = ret->energy_wh;
    ret->session.flags = ret->flags;
    ret->session.cdr_no = ret->no;
}

struct cdr_walk {
    bool (*row)(void *arg, const struct store_cdr *cdr);
    void *arg;
};

static bool take_cdr(sqlite3_stmt *q, void *arg)
{
    struct cdr_walk *w = arg;
    struct store_cdr cdr;
    cdr_from(q, &cdr);
    return w->row(w->arg, &cdr);
}

static enum store_rc read_cdrs(struct reader *r, enum query which, const char *period,
                               struct cdr_walk w)
{
    sqlite3_stmt *q;
    enum store_rc rc = reader_ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    if (period != NULL)
        bind_text(q, 1, period);
    return reader_walk(q, take_cdr, &w);
}

enum store_rc reader_cdrs(struct reader *r, const char *booking_period,
                          bool (*row)(void *arg, const struct store_cdr *cdr), void *arg)
{
    struct cdr_walk w = { .row = row, .arg = arg };
    return read_cdrs(r, booking_period != NULL ? QUERY_CDRS_BOOKED : QUERY_CDRS_ALL, booking_period,
                     w);
}

enum store_rc reader_service_cdrs(struct reader *r, const char *service_period,
                                  bool (*row)(void *arg, const struct store_cdr *cdr), void *arg)
{
    struct cdr_walk w = { .row = row, .arg = arg };
    return read_cdrs(r, QUERY_CDRS_OF_SERVICE, service_period, w);
}
