/* Firmware, transfers, rollouts. */
#include <string.h>

#include "storage/reader_state.h"

/* --- files --- */

struct firmware_walk {
    bool (*row)(void *arg, const struct store_firmware *row);
    void *arg;
};

static bool take_firmware(sqlite3_stmt *q, void *arg)
{
    struct firmware_walk *w = arg;
    struct store_firmware row = {
        .num = column_i64(q, 0),
        .sha256 = column_text(q, 1),
        .name = column_text(q, 2),
        .version = column_text(q, 3),
        .vendor = column_text(q, 4),
        .model = column_text(q, 5),
        .size = column_i64(q, 6),
        .signature = column_text(q, 7),
        .certificate = column_text(q, 8),
        .who = column_text(q, 9),
        .why = column_text(q, 10),
        .at_ms = column_i64(q, 11),
        .removed = column_i32(q, 12) != 0,
    };
    return w->row(w->arg, &row);
}

enum store_rc reader_firmware(struct reader *r, int64_t num,
                              bool (*row)(void *arg, const struct store_firmware *f), void *arg)
{
    sqlite3_stmt *q;
    struct firmware_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_FIRMWARE, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, num);
    return reader_walk(q, take_firmware, &w);
}

struct file_job_walk {
    bool (*row)(void *arg, const struct store_file_job *row);
    void *arg;
};

static bool take_file_job(sqlite3_stmt *q, void *arg)
{
    struct file_job_walk *w = arg;
    struct store_file_job row = {
        .id = column_i64(q, 0),
        .kind = column_i32(q, 1),
        .state = column_i32(q, 2),
        .station = column_text(q, 3),
        .firmware = column_i64(q, 4),
        .rollout = column_i64(q, 5),
        .url = column_text(q, 6),
        .token = column_text(q, 7),
        .version = column_text(q, 8),
        .status = column_text(q, 9),
        .note = column_text(q, 10),
        .file = column_text(q, 11),
        .sha256 = column_text(q, 12),
        .size = column_i64(q, 13),
        .start_at_ms = column_i64(q, 14),
        .install_at_ms = column_int(q, 15),
        .from_ms = column_int(q, 16),
        .to_ms = column_int(q, 17),
        .retries = column_i32(q, 18),
        .retry_s = column_i32(q, 19),
        .wrong_signature = column_i32(q, 20) != 0,
        .who = column_text(q, 21),
        .why = column_text(q, 22),
        .asked_at_ms = column_i64(q, 23),
        .changed_at_ms = column_i64(q, 24),
        .until_ms = column_i64(q, 25),
    };
    return w->row(w->arg, &row);
}

enum store_rc reader_file_jobs(struct reader *r, const struct reader_file_filter *filter,
                               bool (*row)(void *arg, const struct store_file_job *job), void *arg)
{
    sqlite3_stmt *q;
    struct file_job_walk w = { .row = row, .arg = arg };
    enum store_rc rc =
        reader_ask(r, filter->station != NULL ? QUERY_FILE_JOBS_OF_STATION : QUERY_FILE_JOBS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, filter->station);
    bind_int(q, 2, filter->before_id);
    bind_int(q, 3, filter->id);
    bind_int(q, 4, filter->limit > 0 ? filter->limit : READER_ALL);
    return reader_walk(q, take_file_job, &w);
}

enum store_rc reader_open_file_jobs(struct reader *r,
                                    bool (*row)(void *arg, const struct store_file_job *job),
                                    void *arg)
{
    sqlite3_stmt *q;
    struct file_job_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_FILE_JOBS_OPEN, &q);
    return rc == STORE_OK ? reader_walk(q, take_file_job, &w) : rc;
}

enum store_rc reader_kept_files(struct reader *r, const char *file,
                                bool (*row)(void *arg, const struct store_file_job *job), void *arg)
{
    sqlite3_stmt *q;
    struct file_job_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_FILE_JOBS_KEPT, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, file);
    return reader_walk(q, take_file_job, &w);
}

enum store_rc reader_rollout_jobs(struct reader *r, int64_t rollout,
                                  bool (*row)(void *arg, const struct store_file_job *job),
                                  void *arg)
{
    sqlite3_stmt *q;
    struct file_job_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_FILE_JOBS_OF_ROLLOUT, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, rollout);
    return reader_walk(q, take_file_job, &w);
}

struct rollout_walk {
    bool (*row)(void *arg, const struct store_rollout *row);
    void *arg;
};

static bool take_rollout(sqlite3_stmt *q, void *arg)
{
    struct rollout_walk *w = arg;
    struct store_rollout row = {
        .num = column_i64(q, 0),
        .firmware = column_i64(q, 1),
        .state = column_i32(q, 2),
        .canary = column_i32(q, 3),
        .max_parallel = column_i32(q, 4),
        .stop_after = column_i32(q, 5),
        .from_min = column_i32(q, 6),
        .to_min = column_i32(q, 7),
        .force = column_i32(q, 8) != 0,
        .is_signed = column_i32(q, 9) != 0,
        .retries = column_i32(q, 10),
        .retry_s = column_i32(q, 11),
        .note = column_text(q, 12),
        .who = column_text(q, 13),
        .why = column_text(q, 14),
        .at_ms = column_i64(q, 15),
        .changed_at_ms = column_i64(q, 16),
        .forgiven = column_i32(q, 17),
    };
    return w->row(w->arg, &row);
}

enum store_rc reader_rollouts(struct reader *r, int64_t num,
                              bool (*row)(void *arg, const struct store_rollout *rollout),
                              void *arg)
{
    sqlite3_stmt *q;
    struct rollout_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_ROLLOUTS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, num);
    return reader_walk(q, take_rollout, &w);
}

struct target_walk {
    bool (*row)(void *arg, const struct store_rollout_target *row);
    void *arg;
};

static bool take_target(sqlite3_stmt *q, void *arg)
{
    struct target_walk *w = arg;
    struct store_rollout_target row = {
        .rollout = column_i64(q, 0),
        .place = column_i32(q, 1),
        .state = column_i32(q, 2),
        .station = column_text(q, 3),
        .job = column_i64(q, 4),
        .tries = column_i32(q, 5),
        .note = column_text(q, 6),
        .changed_at_ms = column_i64(q, 7),
    };
    return w->row(w->arg, &row);
}

enum store_rc reader_rollout_targets(struct reader *r, int64_t rollout,
                                     bool (*row)(void *arg, const struct store_rollout_target *t),
                                     void *arg)
{
    sqlite3_stmt *q;
    struct target_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_ROLLOUT_TARGETS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, rollout);
    return reader_walk(q, take_target, &w);
}

static bool take_file_max(sqlite3_stmt *q, void *arg)
{
    struct reader_file_max *max = arg;
    *max = (struct reader_file_max){ column_i64(q, 0), column_i64(q, 1), column_i64(q, 2) };
    return true;
}

enum store_rc reader_file_max(struct reader *r, struct reader_file_max *ret_max)
{
    sqlite3_stmt *q;
    *ret_max = (struct reader_file_max){ 0, 0, 0 };
    enum store_rc rc = reader_ask(r, QUERY_FILE_MAX, &q);
    return rc == STORE_OK ? reader_walk(q, take_file_max, ret_max) : rc;
}
