/* What was noticed: events, refusals, security events, connections, figures; leases. */
#include <string.h>

#include "storage/reader_state.h"

enum {
    LEASE_AFTERLIFE = 600000 /* ms; an end counts by the station's clock, which may be behind */
};

/* --- the rest --- */

struct lease_walk {
    bool (*row)(void *arg, const struct store_lease *lease);
    void *arg;
};

static bool take_lease(sqlite3_stmt *q, void *arg)
{
    struct lease_walk *w = arg;
    struct store_lease lease = {
        .station = column_text(q, 0),
        .connector = column_i32(q, 1),
        .tx_id = column_i64(q, 2),
        .seq = (uint32_t)column_i64(q, 3),
        .limit_ma = column_i32(q, 4),
        .safe_ma = column_i32(q, 5),
        .start_at_ms = column_i64(q, 6),
        .end_at_ms = column_i64(q, 7),
        .at_ms = column_i64(q, 8),
        .accepted = column_i64(q, 9) != 0,
    };
    return w->row(w->arg, &lease);
}

enum store_rc reader_leases(struct reader *r, int64_t now_ms,
                            bool (*row)(void *arg, const struct store_lease *lease), void *arg)
{
    sqlite3_stmt *q;
    struct lease_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_LEASES, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, now_ms - LEASE_AFTERLIFE);
    bind_int(q, 2, now_ms);
    return reader_walk(q, take_lease, &w);
}

struct event_walk {
    bool (*row)(void *arg, int64_t seq, const struct store_event *event);
    void *arg;
};

static bool take_event(sqlite3_stmt *q, void *arg)
{
    struct event_walk *w = arg;
    struct store_event event = {
        .at_ms = column_i64(q, 1),
        .name = column_text(q, 2),
        .severity = (enum store_severity)column_i32(q, 3),
        .station = column_text(q, 4),
        .connector = column_i32(q, 5),
        .text = column_text(q, 6),
    };
    return w->row(w->arg, column_i64(q, 0), &event);
}

enum store_rc reader_events(struct reader *r, const struct reader_event_filter *filter,
                            bool (*row)(void *arg, int64_t seq, const struct store_event *event),
                            void *arg)
{
    sqlite3_stmt *q;
    struct event_walk w = { .row = row, .arg = arg };
    enum store_rc rc =
        reader_ask(r, filter->after_seq > 0 ? QUERY_EVENTS_AFTER : QUERY_EVENTS_NEWEST, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, filter->after_seq);
    bind_text(q, 2, filter->station);
    bind_text(q, 3, filter->name_prefix);
    bind_int(q, 4, filter->min_severity);
    bind_int(q, 5, filter->limit > 0 ? filter->limit : READER_ALL);
    return reader_walk(q, take_event, &w);
}

struct refused_walk {
    bool (*row)(void *arg, const struct store_refused *last, int64_t count, int64_t first_at_ms);
    void *arg;
};

static bool take_refused(sqlite3_stmt *q, void *arg)
{
    struct refused_walk *w = arg;
    struct store_refused last = {
        .identity = column_text(q, 0),
        .reason = column_text(q, 1),
        .detail = column_text(q, 2),
        .address = column_text(q, 3),
        .at_ms = column_i64(q, 4),
    };
    return w->row(w->arg, &last, column_i64(q, 5), column_i64(q, 6));
}

enum store_rc reader_refused(struct reader *r,
                             bool (*row)(void *arg, const struct store_refused *last, int64_t count,
                                         int64_t first_at_ms),
                             void *arg)
{
    sqlite3_stmt *q;
    struct refused_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_REFUSED, &q);
    return rc == STORE_OK ? reader_walk(q, take_refused, &w) : rc;
}

/* --- tokens of the admin API --- */

struct token_walk {
    bool (*row)(void *arg, const struct store_token *token);
    void *arg;
};

static bool take_token(sqlite3_stmt *q, void *arg)
{
    struct token_walk *w = arg;
    struct store_token token = {
        .name = column_text(q, 0),
        .role = column_text(q, 1),
        .node = column_text(q, 2),
        .made_at_ms = column_i64(q, 4),
        .who = column_text(q, 5),
    };
    if (sqlite3_column_bytes(q, 3) == (int)sizeof(token.hash))
        memcpy(token.hash, sqlite3_column_blob(q, 3), sizeof(token.hash));
    return w->row(w->arg, &token);
}

enum store_rc reader_tokens(struct reader *r,
                            bool (*row)(void *arg, const struct store_token *token), void *arg)
{
    sqlite3_stmt *q;
    struct token_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_TOKENS, &q);
    return rc == STORE_OK ? reader_walk(q, take_token, &w) : rc;
}

/* --- figures --- */

static bool take_counts(sqlite3_stmt *q, void *arg)
{
    struct reader_counts *c = arg;
    int64_t *const to[] = { &c->stations, &c->connectors, &c->tags,    &c->tariffs, &c->sessions,
                            &c->active,   &c->problems,   &c->orphans, &c->cdrs,    &c->events };
    for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++)
        *to[i] = column_i64(q, (int)i);
    return true;
}

enum store_rc reader_counts(struct reader *r, struct reader_counts *ret_counts)
{
    sqlite3_stmt *q;
    struct reader_counts counts = { .schema_version = store_schema_version };
    enum store_rc rc = reader_ask(r, QUERY_COUNTS, &q);
    if (rc == STORE_OK)
        rc = reader_walk(q, take_counts, &counts);
    if (rc == STORE_OK)
        *ret_counts = counts;
    return rc;
}

/* --- what watches over the stations --- */

struct security_walk {
    bool (*row)(void *arg, const struct store_security_event *security);
    void *arg;
};

static bool take_security(sqlite3_stmt *q, void *arg)
{
    struct security_walk *w = arg;
    const char *station = column_text(q, 1);
    struct store_security_event security = {
        .id = column_i64(q, 0),
        .station = station != NULL && station[0] != '\0' ? station : NULL,
        .type = column_text(q, 2),
        .origin = column_i32(q, 3),
        .critical = column_i32(q, 4) != 0,
        .at_ms = column_i64(q, 5),
        .received_at_ms = column_i64(q, 6),
        .info = column_text(q, 7),
    };
    return w->row(w->arg, &security);
}

static void bind_security(sqlite3_stmt *q, const struct reader_security_filter *filter)
{
    bind_text(q, 1, filter->station);
    bind_text(q, 2, filter->type);
    bind_int(q, 3, filter->critical);
    bind_int(q, 4, filter->since_ms != STORE_ABSENT ? filter->since_ms : 0);
}

enum store_rc reader_security(struct reader *r, const struct reader_security_filter *filter,
                              bool (*row)(void *arg, const struct store_security_event *security),
                              void *arg)
{
    sqlite3_stmt *q;
    struct security_walk w = { .row = row, .arg = arg };
    enum store_rc rc =
        reader_ask(r, filter->station != NULL ? QUERY_SECURITY_OF_STATION : QUERY_SECURITY, &q);
    if (rc != STORE_OK)
        return rc;
    bind_security(q, filter);
    bind_int(q, 5, filter->before_id);
    bind_int(q, 6, filter->limit > 0 ? filter->limit : READER_ALL);
    return reader_walk(q, take_security, &w);
}

struct security_count_walk {
    bool (*row)(void *arg, const struct store_security_count *count);
    void *arg;
};

static bool take_security_count(sqlite3_stmt *q, void *arg)
{
    struct security_count_walk *w = arg;
    const char *station = column_text(q, 0);
    struct store_security_count count = {
        .station = station != NULL && station[0] != '\0' ? station : NULL,
        .type = column_text(q, 1),
        .origin = column_i32(q, 2),
        .critical = column_i32(q, 3) != 0,
        .n = column_i64(q, 4),
        .first_at_ms = column_i64(q, 5),
        .last_at_ms = column_i64(q, 6),
    };
    return w->row(w->arg, &count);
}

enum store_rc reader_security_counts(struct reader *r, const struct reader_security_filter *filter,
                                     bool (*row)(void *arg, const struct store_security_count *c),
                                     void *arg)
{
    sqlite3_stmt *q;
    struct security_count_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_SECURITY_COUNTS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_security(q, filter);
    return reader_walk(q, take_security_count, &w);
}

struct connection_walk {
    bool (*row)(void *arg, const struct store_connection *connection);
    void *arg;
};

static bool take_connection(sqlite3_stmt *q, void *arg)
{
    struct connection_walk *w = arg;
    struct store_connection connection = {
        .station = column_text(q, 0),
        .link = column_i64(q, 1),
        .address = column_text(q, 2),
        .transport = column_text(q, 3),
        .opened_at_ms = column_i64(q, 4),
        .closed_at_ms = column_int(q, 5),
        .code = column_i32(q, 6),
        .reason = column_text(q, 7),
    };
    return w->row(w->arg, &connection);
}

enum store_rc reader_connections(struct reader *r, const char *station,
                                 bool (*row)(void *arg, const struct store_connection *c),
                                 void *arg)
{
    sqlite3_stmt *q;
    struct connection_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_CONNECTIONS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, station);
    return reader_walk(q, take_connection, &w);
}

enum store_rc reader_station_events(
    struct reader *r, const char *station, int64_t since_ms, int64_t limit,
    bool (*row)(void *arg, int64_t seq, const struct store_event *event), void *arg)
{
    sqlite3_stmt *q;
    struct event_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_EVENTS_OF_STATION, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, station);
    bind_int(q, 2, since_ms);
    bind_int(q, 3, limit);
    return reader_walk(q, take_event, &w);
}
