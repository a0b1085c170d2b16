/* Files: firmware, transfers between stations and files, rollouts. */
#include "storage/conn.h"

static const char *word(const char *const *words, size_t n, int32_t i)
{
    return i > 0 && (size_t)i < n ? words[i] : "?";
}

const char *store_file_kind_text(int32_t kind)
{
    static const char *const words[] = {
        [STORE_FILE_FIRMWARE] = "firmware",
        [STORE_FILE_SIGNED_FIRMWARE] = "signed-firmware",
        [STORE_FILE_DIAGNOSTICS] = "diagnostics",
        [STORE_FILE_SECURITY_LOG] = "security-log",
        [STORE_FILE_DIAGNOSTICS_LOG] = "diagnostics-log",
    };
    return word(words, sizeof(words) / sizeof(words[0]), kind);
}

const char *store_file_state_text(int32_t state)
{
    static const char *const words[] = {
        [STORE_FILE_WAITING] = "waiting", [STORE_FILE_SENDING] = "sending",
        [STORE_FILE_RUNNING] = "running", [STORE_FILE_DONE] = "done",
        [STORE_FILE_FAILED] = "failed",   [STORE_FILE_TIMED_OUT] = "timed-out",
        [STORE_FILE_ABORTED] = "aborted", [STORE_FILE_REPLACED] = "replaced",
    };
    return word(words, sizeof(words) / sizeof(words[0]), state);
}

const char *store_rollout_state_text(int32_t state)
{
    static const char *const words[] = {
        [STORE_ROLLOUT_RUNNING] = "running",
        [STORE_ROLLOUT_PAUSED] = "paused",
        [STORE_ROLLOUT_DONE] = "done",
        [STORE_ROLLOUT_ABORTED] = "aborted",
    };
    return word(words, sizeof(words) / sizeof(words[0]), state);
}

const char *store_target_state_text(int32_t state)
{
    static const char *const words[] = {
        [STORE_TARGET_WAITING] = "waiting", [STORE_TARGET_RUNNING] = "running",
        [STORE_TARGET_DONE] = "done",       [STORE_TARGET_FAILED] = "failed",
        [STORE_TARGET_SKIPPED] = "skipped",
    };
    return word(words, sizeof(words) / sizeof(words[0]), state);
}

enum store_rc firmware_run(struct store_conn *db, const struct store_firmware *f)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_FIRMWARE_PUT);
    bind_int(q, 1, f->num);
    bind_text(q, 2, f->sha256);
    bind_text(q, 3, f->name);
    bind_text(q, 4, f->version);
    bind_text(q, 5, f->vendor);
    bind_text(q, 6, f->model);
    bind_int(q, 7, f->size);
    bind_text(q, 8, f->signature);
    bind_text(q, 9, f->certificate);
    bind_text(q, 10, f->who);
    bind_text(q, 11, f->why);
    bind_int(q, 12, f->at_ms);
    bind_int(q, 13, f->removed);
    return store_step_done(db, q);
}

enum store_rc file_job_run(struct store_conn *db, const struct store_file_job *j)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_FILE_JOB_PUT);
    bind_int(q, 1, j->id);
    bind_int(q, 2, j->kind);
    bind_int(q, 3, j->state);
    bind_text(q, 4, j->station);
    bind_int(q, 5, j->firmware);
    bind_int(q, 6, j->rollout);
    bind_text(q, 7, j->url);
    bind_text(q, 8, j->token);
    bind_text(q, 9, j->version);
    bind_text(q, 10, j->status);
    bind_text(q, 11, j->note);
    bind_text(q, 12, j->file);
    bind_text(q, 13, j->sha256);
    bind_int(q, 14, j->size);
    bind_int(q, 15, j->start_at_ms);
    bind_int(q, 16, j->install_at_ms);
    bind_int(q, 17, j->from_ms);
    bind_int(q, 18, j->to_ms);
    bind_int(q, 19, j->retries);
    bind_int(q, 20, j->retry_s);
    bind_int(q, 21, j->wrong_signature);
    bind_text(q, 22, j->who);
    bind_text(q, 23, j->why);
    bind_int(q, 24, j->asked_at_ms);
    bind_int(q, 25, j->changed_at_ms);
    bind_int(q, 26, j->until_ms);
    return store_step_done(db, q);
}

enum store_rc file_forget_run(struct store_conn *db, const char *file, union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_FILE_FORGET);
    bind_text(q, 1, file);
    enum store_rc rc = store_step_done(db, q);
    if (rc == STORE_OK)
        ret->count.n = sqlite3_changes64(db->handle);
    return rc;
}

static enum store_rc target_put(struct store_conn *db, const struct store_rollout_target *t)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_ROLLOUT_TARGET_PUT);
    bind_int(q, 1, t->rollout);
    bind_int(q, 2, t->place);
    bind_int(q, 3, t->state);
    bind_text(q, 4, t->station);
    bind_int(q, 5, t->job);
    bind_int(q, 6, t->tries);
    bind_text(q, 7, t->note);
    bind_int(q, 8, t->changed_at_ms);
    return store_step_done(db, q);
}

enum store_rc rollout_run(struct store_conn *db, const struct store_rollout *row,
                          const struct store_rollout_target *target, size_t n)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_ROLLOUT_PUT);
    bind_int(q, 1, row->num);
    bind_int(q, 2, row->firmware);
    bind_int(q, 3, row->state);
    bind_int(q, 4, row->canary);
    bind_int(q, 5, row->max_parallel);
    bind_int(q, 6, row->stop_after);
    bind_int(q, 7, row->from_min);
    bind_int(q, 8, row->to_min);
    bind_int(q, 9, row->force);
    bind_int(q, 10, row->is_signed);
    bind_int(q, 11, row->retries);
    bind_int(q, 12, row->retry_s);
    bind_text(q, 13, row->note);
    bind_text(q, 14, row->who);
    bind_text(q, 15, row->why);
    bind_int(q, 16, row->at_ms);
    bind_int(q, 17, row->changed_at_ms);
    bind_int(q, 18, row->forgiven);
    enum store_rc rc = store_step_done(db, q);
    for (size_t i = 0; i < n && rc == STORE_OK; i++)
        rc = target_put(db, &target[i]);
    return rc;
}
