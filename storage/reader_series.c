/* Factors by the quarter of an hour, their editions, and who waited for better ones. */
#include "storage/reader_state.h"

struct quarter_walk {
    bool (*row)(void *arg, const struct store_quarter *quarter);
    void *arg;
};

static bool take_quarter(sqlite3_stmt *q, void *arg)
{
    struct quarter_walk *w = arg;
    struct store_quarter quarter = { .from_ms = column_i64(q, 0), .value_e3 = column_i64(q, 1) };
    return w->row(w->arg, &quarter);
}

enum store_rc reader_series(struct reader *r, enum store_series kind, int64_t from_ms,
                            int64_t until_ms,
                            bool (*row)(void *arg, const struct store_quarter *quarter), void *arg)
{
    sqlite3_stmt *q;
    struct quarter_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_SERIES, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, kind);
    bind_int(q, 2, from_ms);
    bind_int(q, 3, until_ms);
    return reader_walk(q, take_quarter, &w);
}

struct edition_walk {
    bool (*row)(void *arg, const struct store_edition *edition);
    void *arg;
};

static bool take_edition(sqlite3_stmt *q, void *arg)
{
    struct edition_walk *w = arg;
    struct store_edition edition = { .edition = column_i64(q, 0),
                                     .kind = (enum store_series)column_i32(q, 1),
                                     .from_ms = column_i64(q, 2),
                                     .until_ms = column_i64(q, 3),
                                     .source = column_text(q, 4),
                                     .who = column_text(q, 5),
                                     .at_ms = column_i64(q, 6) };
    return w->row(w->arg, &edition);
}

enum store_rc reader_editions(struct reader *r, int32_t kind, int64_t limit,
                              bool (*row)(void *arg, const struct store_edition *edition),
                              void *arg)
{
    sqlite3_stmt *q;
    struct edition_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_EDITIONS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, kind);
    bind_int(q, 2, limit > 0 ? limit : READER_ALL);
    return reader_walk(q, take_edition, &w);
}

struct green_walk {
    bool (*row)(void *arg, const struct store_green_session *green);
    void *arg;
};

static bool take_green(sqlite3_stmt *q, void *arg)
{
    struct green_walk *w = arg;
    struct store_green_session green = { .tx_id = column_i64(q, 0),
                                         .kind = (enum store_series)column_i32(q, 1),
                                         .node = column_text(q, 2),
                                         .power_w = column_i64(q, 3),
                                         .at_ms = column_i64(q, 4) };
    return w->row(w->arg, &green);
}

enum store_rc reader_green_sessions(struct reader *r, int64_t from_ms, int64_t until_ms,
                                    bool (*row)(void *arg, const struct store_green_session *green),
                                    void *arg)
{
    sqlite3_stmt *q;
    struct green_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_GREEN_SESSIONS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, from_ms);
    bind_int(q, 2, until_ms);
    return reader_walk(q, take_green, &w);
}
