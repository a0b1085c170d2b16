/* Configuration keys as reported and as wanted, deviations by model, who waits. */
#include <string.h>

#include "storage/reader_state.h"

struct config_walk {
    bool (*row)(void *arg, const struct store_config_key *key, int64_t at_ms);
    void *arg;
};

static bool take_config(sqlite3_stmt *q, void *arg)
{
    struct config_walk *w = arg;
    struct store_config_key key = {
        .key = column_text(q, 0),
        .value = column_text(q, 1),
        .readonly = column_i32(q, 2) != 0,
        .known = column_i32(q, 3) != 0,
    };
    return w->row(w->arg, &key, column_i64(q, 4));
}

enum store_rc reader_station_config(struct reader *r, const char *station,
                                    bool (*row)(void *arg, const struct store_config_key *key,
                                                int64_t at_ms),
                                    void *arg)
{
    sqlite3_stmt *q;
    struct config_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_CONFIG, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, station);
    return reader_walk(q, take_config, &w);
}

/* --- configuration as wanted, deviations by model --- */

struct wish_walk {
    bool (*row)(void *arg, const struct store_key_wish *wish);
    void *arg;
};

static bool take_wish(sqlite3_stmt *q, void *arg)
{
    struct wish_walk *w = arg;
    struct store_key_wish wish = { .station = column_text(q, 0),
                                   .key = column_text(q, 1),
                                   .wanted = column_text(q, 2),
                                   .reported = column_text(q, 3),
                                   .source = column_text(q, 4),
                                   .note = column_text(q, 5),
                                   .firmware = column_text(q, 6),
                                   .who = column_text(q, 7),
                                   .why = column_text(q, 8),
                                   .state = column_i32(q, 9),
                                   .at_ms = column_i64(q, 10) };
    return w->row(w->arg, &wish);
}

enum store_rc reader_wishes(struct reader *r,
                            bool (*row)(void *arg, const struct store_key_wish *wish), void *arg)
{
    sqlite3_stmt *q;
    struct wish_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_WISHES, &q);
    return rc == STORE_OK ? reader_walk(q, take_wish, &w) : rc;
}

struct violation_walk {
    bool (*row)(void *arg, const struct store_violation *violation);
    void *arg;
};

static bool take_violation(sqlite3_stmt *q, void *arg)
{
    struct violation_walk *w = arg;
    struct store_violation v = { .vendor = column_text(q, 0),
                                 .model = column_text(q, 1),
                                 .firmware = column_text(q, 2),
                                 .kind = column_text(q, 3),
                                 .station = column_text(q, 4),
                                 .example = column_text(q, 5),
                                 .count = column_i64(q, 6),
                                 .first_at_ms = column_i64(q, 7),
                                 .last_at_ms = column_i64(q, 8) };
    return w->row(w->arg, &v);
}

enum store_rc reader_violations(struct reader *r,
                                bool (*row)(void *arg, const struct store_violation *violation),
                                void *arg)
{
    sqlite3_stmt *q;
    struct violation_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_VIOLATIONS, &q);
    return rc == STORE_OK ? reader_walk(q, take_violation, &w) : rc;
}

struct waiting_walk {
    bool (*row)(void *arg, const struct store_waiting *waiting);
    void *arg;
};

static bool take_waiting(sqlite3_stmt *q, void *arg)
{
    struct waiting_walk *w = arg;
    struct store_waiting waiting = { .station = column_text(q, 0),
                                     .vendor = column_text(q, 1),
                                     .model = column_text(q, 2),
                                     .serial = column_text(q, 3),
                                     .firmware = column_text(q, 4),
                                     .address = column_text(q, 5),
                                     .registration = column_i32(q, 6),
                                     .first_at_ms = column_i64(q, 7),
                                     .last_at_ms = column_i64(q, 8),
                                     .n_boots = column_i64(q, 9) };
    return w->row(w->arg, &waiting);
}

enum store_rc reader_waiting(struct reader *r,
                             bool (*row)(void *arg, const struct store_waiting *waiting), void *arg)
{
    sqlite3_stmt *q;
    struct waiting_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_WAITING, &q);
    return rc == STORE_OK ? reader_walk(q, take_waiting, &w) : rc;
}
