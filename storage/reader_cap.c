/* Caps on grid nodes. */
#include "storage/reader_state.h"

struct cap_walk {
    bool (*row)(void *arg, const struct store_cap *cap);
    void *arg;
};

static bool take_cap(sqlite3_stmt *q, void *arg)
{
    struct cap_walk *w = arg;
    struct store_cap cap = {
        .id = column_i64(q, 0),
        .node = column_text(q, 1),
        .limit_ma = { column_i32(q, 2), column_i32(q, 3), column_i32(q, 4) },
        .from_ms = column_i64(q, 5),
        .until_ms = column_i64(q, 6),
        .said = column_text(q, 7),
        .who = column_text(q, 8),
        .why = column_text(q, 9),
        .asked_at_ms = column_i64(q, 10),
        .began_at_ms = column_int(q, 11),
        .ended_at_ms = column_int(q, 12),
        .ended_by = column_text(q, 13),
    };
    return w->row(w->arg, &cap);
}

enum store_rc reader_caps(struct reader *r, bool live, int64_t before_id, int64_t limit,
                          bool (*row)(void *arg, const struct store_cap *cap), void *arg)
{
    sqlite3_stmt *q;
    struct cap_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, live ? QUERY_CAPS_LIVE : QUERY_CAPS, &q);
    if (rc != STORE_OK)
        return rc;
    if (!live) {
        bind_int(q, 1, before_id);
        bind_int(q, 2, limit > 0 ? limit : READER_ALL);
    }
    return reader_walk(q, take_cap, &w);
}

static bool take_max(sqlite3_stmt *q, void *arg)
{
    *(int64_t *)arg = column_i64(q, 0);
    return true;
}

enum store_rc reader_cap_max(struct reader *r, int64_t *ret_id)
{
    sqlite3_stmt *q;
    *ret_id = 0;
    enum store_rc rc = reader_ask(r, QUERY_CAP_MAX, &q);
    return rc == STORE_OK ? reader_walk(q, take_max, ret_id) : rc;
}
