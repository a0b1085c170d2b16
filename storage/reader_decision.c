/* What the scheduler decided for a station; how stations treat limits. */
#include "storage/reader_state.h"

struct decision_walk {
    bool (*row)(void *arg, const struct store_decision *decision);
    void *arg;
};

static bool take_decision(sqlite3_stmt *q, void *arg)
{
    struct decision_walk *w = arg;
    struct store_decision decision = {
        .station = column_text(q, 0),
        .connector = column_i32(q, 1),
        .seq = (uint32_t)column_i64(q, 2),
        .tx_id = column_i64(q, 3),
        .at_ms = column_i64(q, 4),
        .kind = column_i32(q, 5),
        .limit_ma = column_i32(q, 6),
        .safe_ma = column_i32(q, 7),
        .end_at_ms = column_i64(q, 8),
        .reason = column_text(q, 9),
        .node = column_text(q, 10),
        .phase = column_i32(q, 11),
        .answer = column_i32(q, 12),
        .answered_at_ms = column_int(q, 13),
    };
    return w->row(w->arg, &decision);
}

enum store_rc reader_decisions(struct reader *r, const struct reader_decision_filter *filter,
                               bool (*row)(void *arg, const struct store_decision *decision),
                               void *arg)
{
    sqlite3_stmt *q;
    struct decision_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_DECISIONS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, filter->station);
    bind_int(q, 2, filter->connector);
    bind_int(q, 3, filter->until_ms != STORE_ABSENT ? filter->until_ms : INT64_MAX);
    bind_int(q, 4, filter->since_ms != STORE_ABSENT ? filter->since_ms : 0);
    bind_int(q, 5, filter->limit > 0 ? filter->limit : READER_ALL);
    return reader_walk(q, take_decision, &w);
}

/* --- writes --- */

struct writes_walk {
    bool (*row)(void *arg, const struct reader_writes *writes);
    void *arg;
};

static bool take_writes(sqlite3_stmt *q, void *arg)
{
    struct writes_walk *w = arg;
    struct reader_writes writes = { .station = column_text(q, 0),
                                    .connector = column_i32(q, 1),
                                    .hour_ms = column_i64(q, 2),
                                    .n = column_i32(q, 3) };
    return w->row(w->arg, &writes);
}

enum store_rc reader_writes(struct reader *r, int64_t since_ms,
                            bool (*row)(void *arg, const struct reader_writes *writes), void *arg)
{
    sqlite3_stmt *q;
    struct writes_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_WRITES, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, since_ms);
    bind_int(q, 2, STORE_DECISION_REJECTED);
    bind_int(q, 3, STORE_DECISION_NOT_SENT);
    return reader_walk(q, take_writes, &w);
}

/* --- evidence --- */

struct evidence_walk {
    bool (*row)(void *arg, const struct store_evidence *evidence);
    void *arg;
};

static bool take_evidence(sqlite3_stmt *q, void *arg)
{
    struct evidence_walk *w = arg;
    struct store_evidence evidence = {
        .station = column_text(q, 0),
        .vendor = column_text(q, 1),
        .model = column_text(q, 2),
        .firmware = column_text(q, 3),
        .class = column_i32(q, 4),
        .demoted = column_i32(q, 5) != 0,
        .why = column_text(q, 6),
        .at_ms = column_i64(q, 7),
    };
    return w->row(w->arg, &evidence);
}

enum store_rc reader_evidence(struct reader *r,
                              bool (*row)(void *arg, const struct store_evidence *evidence),
                              void *arg)
{
    sqlite3_stmt *q;
    struct evidence_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_EVIDENCE, &q);
    return rc == STORE_OK ? reader_walk(q, take_evidence, &w) : rc;
}
