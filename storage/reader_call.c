/* What operators asked of stations: calls, reservations, charging profiles. */
#include <string.h>

#include "storage/reader_state.h"

/* --- what operators asked of stations --- */

struct call_walk {
    bool (*row)(void *arg, const struct store_call *call);
    void *arg;
};

static bool take_call(sqlite3_stmt *q, void *arg)
{
    struct call_walk *w = arg;
    struct store_call call = {
        .id = column_i64(q, 0),
        .station = column_text(q, 1),
        .action = column_text(q, 2),
        .payload = column_text(q, 3),
        .is_whole = column_i32(q, 4) != 0,
        .who = column_text(q, 5),
        .why = column_text(q, 6),
        .asked_at_ms = column_i64(q, 7),
        .until_ms = column_int(q, 8),
        .timeout_ms = column_i64(q, 9),
        .sent_at_ms = column_int(q, 10),
        .finished_at_ms = column_int(q, 11),
        .outcome = column_i32(q, 12),
        .answer = column_text(q, 13),
    };
    return w->row(w->arg, &call);
}

enum store_rc reader_calls(struct reader *r, const struct reader_call_filter *filter,
                           bool (*row)(void *arg, const struct store_call *call), void *arg)
{
    sqlite3_stmt *q;
    struct call_walk w = { .row = row, .arg = arg };
    enum store_rc rc =
        reader_ask(r, filter->station != NULL ? QUERY_CALLS_OF_STATION : QUERY_CALLS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, filter->station);
    bind_text(q, 2, filter->action);
    bind_int(q, 3, filter->outcome);
    bind_int(q, 4, filter->before_id);
    bind_int(q, 5, filter->limit > 0 ? filter->limit : READER_ALL);
    return reader_walk(q, take_call, &w);
}

enum store_rc reader_queued_calls(struct reader *r,
                                  bool (*row)(void *arg, const struct store_call *call), void *arg)
{
    sqlite3_stmt *q;
    struct call_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_CALLS_QUEUED, &q);
    return rc == STORE_OK ? reader_walk(q, take_call, &w) : rc;
}

struct reservation_walk {
    bool (*row)(void *arg, const struct store_reservation *reservation);
    void *arg;
};

static bool take_reservation(sqlite3_stmt *q, void *arg)
{
    struct reservation_walk *w = arg;
    struct store_reservation reservation = {
        .num = column_i64(q, 0),
        .station = column_text(q, 1),
        .id = column_i32(q, 2),
        .connector = column_i32(q, 3),
        .id_tag = column_text(q, 4),
        .parent = column_text(q, 5),
        .expires_at_ms = column_i64(q, 6),
        .state = column_i32(q, 7),
        .who = column_text(q, 8),
        .why = column_text(q, 9),
        .note = column_text(q, 10),
        .asked_at_ms = column_i64(q, 11),
        .changed_at_ms = column_i64(q, 12),
        .tx_id = column_i64(q, 13),
    };
    return w->row(w->arg, &reservation);
}

enum store_rc reader_reservations(struct reader *r, const struct reader_reservation_filter *filter,
                                  bool (*row)(void *arg,
                                              const struct store_reservation *reservation),
                                  void *arg)
{
    sqlite3_stmt *q;
    struct reservation_walk w = { .row = row, .arg = arg };
    enum query which = filter->live              ? QUERY_RESERVATIONS_LIVE
                       : filter->station != NULL ? QUERY_RESERVATIONS_OF_STATION
                                                 : QUERY_RESERVATIONS;
    enum store_rc rc = reader_ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, filter->station);
    bind_int(q, 2, filter->state);
    bind_int(q, 3, filter->id);
    bind_int(q, 4, filter->before_num);
    bind_int(q, 5, filter->limit > 0 ? filter->limit : READER_ALL);
    return reader_walk(q, take_reservation, &w);
}

static bool take_max(sqlite3_stmt *q, void *arg)
{
    int64_t *max = arg;
    max[0] = column_i64(q, 0);
    max[1] = column_i64(q, 1);
    return true;
}

enum store_rc reader_reservation_max(struct reader *r, int64_t *ret_num, int64_t *ret_id)
{
    sqlite3_stmt *q;
    int64_t max[2] = { 0, 0 };
    enum store_rc rc = reader_ask(r, QUERY_RESERVATION_MAX, &q);
    rc = rc == STORE_OK ? reader_walk(q, take_max, max) : rc;
    *ret_num = max[0];
    *ret_id = max[1];
    return rc;
}

struct key_walk {
    bool (*row)(void *arg, const char *station, const char *key, const char *value);
    void *arg;
};

static bool take_room_key(sqlite3_stmt *q, void *arg)
{
    struct key_walk *w = arg;
    return w->row(w->arg, column_text(q, 0), column_text(q, 1), column_text(q, 2));
}

enum store_rc reader_room_keys(struct reader *r,
                               bool (*row)(void *arg, const char *station, const char *key,
                                           const char *value),
                               void *arg)
{
    sqlite3_stmt *q;
    struct key_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_ROOM_KEYS, &q);
    return rc == STORE_OK ? reader_walk(q, take_room_key, &w) : rc;
}

struct profile_walk {
    bool (*row)(void *arg, const struct store_profile *profile);
    void *arg;
};

static bool take_profile(sqlite3_stmt *q, void *arg)
{
    struct profile_walk *w = arg;
    struct store_profile profile = {
        .station = column_text(q, 0),
        .connector = column_i32(q, 1),
        .id = column_i32(q, 2),
        .stack_level = column_i32(q, 3),
        .purpose = column_text(q, 4),
        .tx_id = column_i64(q, 5),
        .json = column_text(q, 6),
        .at_ms = column_i64(q, 7),
    };
    return w->row(w->arg, &profile);
}

enum store_rc reader_profiles(struct reader *r, const char *station,
                              bool (*row)(void *arg, const struct store_profile *profile),
                              void *arg)
{
    sqlite3_stmt *q;
    struct profile_walk w = { .row = row, .arg = arg };
    enum store_rc rc =
        reader_ask(r, station != NULL ? QUERY_PROFILES_OF_STATION : QUERY_PROFILES, &q);
    if (rc != STORE_OK)
        return rc;
    if (station != NULL)
        bind_text(q, 1, station);
    return reader_walk(q, take_profile, &w);
}
