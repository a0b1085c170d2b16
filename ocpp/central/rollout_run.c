/* Rollouts at work: what rollout.c decides is sent, written, and taken up again after a restart. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/rollout.h"
#include "ocpp/central/state.h"

enum { LOOK_MS = 1000, WRITTEN_AT_ONCE = 64 };

struct rollout {
    struct rollout *next;
    struct store_rollout row; /* its texts are ours */
    struct rollout_target *target;
    size_t n;
    bool working; /* inside step(): what ends meanwhile is seen by it */
};

static void set_text(const char **member, const char *value)
{
    char *text = (char *)(uintptr_t)*member;
    text_replace(&text, value);
    *member = text;
}

static struct store_rollout_target target_row(const struct rollout *r, size_t place)
{
    const struct rollout_target *t = &r->target[place];
    return (struct store_rollout_target){ .rollout = r->row.num,
                                          .place = (int32_t)place,
                                          .state = t->state,
                                          .station = t->station,
                                          .job = t->job,
                                          .tries = t->tries,
                                          .note = t->note != NULL ? t->note : "",
                                          .changed_at_ms = t->changed_at_ms };
}

static void write_rollout(struct central *c, struct rollout *r, struct store_done done)
{
    r->row.changed_at_ms = c->now.utc_ms;
    if (!c->closing && !store_rollout(c->options.store, &r->row, NULL, 0, done) && done.fn != NULL)
        done.fn(done.arg, STORE_FULL, NULL);
}

static void set_target(struct central *c, struct rollout *r, size_t place, int32_t state,
                       const char *note)
{
    struct store_done nobody = { .fn = NULL };
    struct rollout_target *t = &r->target[place];
    t->state = state;
    t->changed_at_ms = c->now.utc_ms;
    text_replace(&t->note, note);
    struct store_rollout_target row = target_row(r, place);
    if (!c->closing)
        store_rollout(c->options.store, &r->row, &row, 1, nobody);
}

static void rollout_free(struct rollout *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free(r->target[i].station);
        free(r->target[i].note);
    }
    free(r->target);
    set_text(&r->row.note, NULL);
    set_text(&r->row.who, NULL);
    set_text(&r->row.why, NULL);
    free(r);
}

/* --- facts --- */

struct asker {
    struct central *central;
    const char *version;
};

static struct rollout_fact fact_of(void *arg, const char *station)
{
    const struct asker *a = arg;
    const struct station *s = station_find(a->central, station);
    struct rollout_fact f = { .known = s != NULL };
    if (s == NULL)
        return f;
    f.online = s->session != NULL && s->session->ready && s->registration == STORE_REG_ACCEPTED;
    f.busy = transfer_is_running(s);
    for (size_t i = 0; i < s->n_connectors; i++)
        f.busy = f.busy || s->connector[i]->tx.id != 0;
    f.current = a->version[0] != '\0' && s->firmware != NULL && s->session != NULL &&
                ocpp_ci_equal(s->firmware, a->version);
    return f;
}

/* --- moves --- */

static void start_target(struct central *c, struct rollout *r, size_t place, struct instant now)
{
    struct rollout_target *t = &r->target[place];
    struct central_file_order order = {
        .kind = r->row.is_signed ? STORE_FILE_SIGNED_FIRMWARE : STORE_FILE_FIRMWARE,
        .station = t->station,
        .firmware = r->row.firmware,
        .rollout = r->row.num,
        .start_at_ms = STORE_ABSENT,
        .install_at_ms = STORE_ABSENT,
        .from_ms = STORE_ABSENT,
        .to_ms = STORE_ABSENT,
        .retries = r->row.retries,
        .retry_s = r->row.retry_s,
        .who = r->row.who,
        .why = r->row.why,
    };
    char text[200];
    t->tries++;
    t->job = c->last_file_job + 1;
    set_target(c, r, place, STORE_TARGET_RUNNING, "begun");
    int64_t job = central_file_start(c, &order, NULL, NULL, now, text, sizeof(text));
    if (job == 0)
        set_target(c, r, place, STORE_TARGET_FAILED, text);
}

static void finish(struct central *c, struct rollout *r, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    struct rollout_counts n;
    char text[160];
    rollout_count(&r->row, r->target, r->n, &n);
    snprintf(text, sizeof(text), "%zu done, %zu failed, %zu left out", n.done, n.failed, n.skipped);
    r->row.state = STORE_ROLLOUT_DONE;
    set_text(&r->row.note, text);
    write_rollout(c, r, nobody);
    central_event(c, "rollout.done", n.failed > 0 ? STORE_WARNING : STORE_INFO, NULL, -1, now,
                  "rollout %" PRId64 ": %s", r->row.num, text);
}

static void pause_it(struct central *c, struct rollout *r, const char *why, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    r->row.state = STORE_ROLLOUT_PAUSED;
    set_text(&r->row.note, why);
    write_rollout(c, r, nobody);
    central_event(c, "rollout.stopped", STORE_ALARM, NULL, -1, now,
                  "rollout %" PRId64 " has stopped: %s; look at noxctl firmware rollouts %" PRId64
                  ", then resume or abort it",
                  r->row.num, why, r->row.num);
}

static void step(struct central *c, struct rollout *r, struct instant now)
{
    const struct store_firmware *f = central_firmware_find(c, r->row.firmware);
    struct asker asker = { c, f != NULL ? f->version : "" };
    char why[200];
    size_t place = 0;
    enum rollout_move move;
    if (r->working)
        return;
    r->working = true;
    while ((move = rollout_next(&r->row, r->target, r->n, now.utc_ms, fact_of, &asker, &place, why,
                                sizeof(why))) != ROLLOUT_WAIT) {
        if (move == ROLLOUT_START)
            start_target(c, r, place, now);
        else if (move == ROLLOUT_SKIP)
            set_target(c, r, place, STORE_TARGET_SKIPPED,
                       station_find(c, r->target[place].station) != NULL
                           ? "has this version already"
                           : "no such station any more");
        else if (move == ROLLOUT_PAUSE)
            pause_it(c, r, why, now);
        else
            finish(c, r, now);
    }
    r->working = false;
}

static bool is_open(const struct rollout *r)
{
    return r->row.state == STORE_ROLLOUT_RUNNING;
}

static void on_look(struct timer *timer, struct instant now)
{
    struct central *c = timer->owner;
    bool again = false;
    for (struct rollout *r = c->rollouts; r != NULL; r = r->next) {
        if (is_open(r))
            step(c, r, now);
        again = again || is_open(r);
    }
    if (again)
        timer_set(&c->timers, timer, now.mono_ms + LOOK_MS);
}

/* Soon, not now: many stations may come at once. */
void rollouts_touch(struct central *c, struct instant now)
{
    bool any = false;
    for (struct rollout *r = c->rollouts; r != NULL && !any; r = r->next)
        any = is_open(r);
    c->rollout_timer.fire = on_look;
    c->rollout_timer.owner = c;
    if (any && c->rollout_timer.place == 0)
        timer_set(&c->timers, &c->rollout_timer, now.mono_ms + LOOK_MS / 20);
}

void rollout_job_over(struct central *c, const struct store_file_job *job, struct instant now)
{
    if (job->rollout == 0)
        return;
    for (struct rollout *r = c->rollouts; r != NULL; r = r->next) {
        if (r->row.num != job->rollout)
            continue;
        for (size_t i = 0; i < r->n; i++)
            if (r->target[i].job == job->id) {
                bool good = job->state == STORE_FILE_DONE;
                set_target(c, r, i, good ? STORE_TARGET_DONE : STORE_TARGET_FAILED, job->note);
            }
        step(c, r, now);
    }
}

/* --- from outside --- */

static struct rollout *rollout_new(struct central *c, const struct store_rollout *row, size_t n)
{
    struct rollout *r = calloc(1, sizeof(*r));
    if (r == NULL || (r->target = calloc(n > 0 ? n : 1, sizeof(*r->target))) == NULL) {
        free(r);
        return NULL;
    }
    r->row = *row;
    r->row.note = r->row.who = r->row.why = NULL;
    set_text(&r->row.note, row->note);
    set_text(&r->row.who, row->who);
    set_text(&r->row.why, row->why);
    r->next = c->rollouts;
    c->rollouts = r;
    return r;
}

int64_t central_rollout_start(struct central *c, const struct store_rollout *row,
                              const char *const *station, size_t n, struct store_done done,
                              struct instant now)
{
    c->now = now;
    struct store_rollout fresh = *row;
    struct store_rollout_target *rows = calloc(n > 0 ? n : 1, sizeof(*rows));
    fresh.num = ++c->last_rollout;
    fresh.state = STORE_ROLLOUT_RUNNING;
    fresh.at_ms = fresh.changed_at_ms = now.utc_ms;
    struct rollout *r = rows != NULL ? rollout_new(c, &fresh, n) : NULL;
    if (r == NULL) {
        free(rows);
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        r->target[i] = (struct rollout_target){ .station = strdup(station[i]),
                                                .state = STORE_TARGET_WAITING,
                                                .changed_at_ms = now.utc_ms };
        rows[i] = target_row(r, i);
        rows[i].station = station[i];
        r->n = i + 1;
    }
    bool taken = store_rollout(c->options.store, &r->row, rows, n, done);
    free(rows);
    if (!taken) {
        c->rollouts = r->next;
        rollout_free(r);
        return 0;
    }
    rollouts_touch(c, now);
    return fresh.num;
}

void central_restore_rollout(struct central *c, const struct store_rollout *row)
{
    if (rollout_new(c, row, 0) == NULL)
        return;
    if (row->num > c->last_rollout)
        c->last_rollout = row->num;
}

void central_restore_target(struct central *c, const struct store_rollout_target *t)
{
    struct rollout *r = c->rollouts;
    while (r != NULL && r->row.num != t->rollout)
        r = r->next;
    struct rollout_target *grown =
        r != NULL ? realloc(r->target, (r->n + 1) * sizeof(*grown)) : NULL;
    if (grown == NULL)
        return;
    r->target = grown;
    r->target[r->n++] = (struct rollout_target){ .station = strdup(t->station),
                                                 .state = t->state,
                                                 .job = t->job,
                                                 .tries = t->tries,
                                                 .note = strdup(t->note),
                                                 .changed_at_ms = t->changed_at_ms };
}

/* Its job was the last thing written, or was not written any more: the target follows it. */
void central_restore_target_job(struct central *c, const struct store_file_job *job)
{
    for (struct rollout *r = c->rollouts; r != NULL; r = r->next)
        for (size_t i = 0; r->row.num == job->rollout && i < r->n; i++) {
            struct rollout_target *t = &r->target[i];
            if (t->job != job->id || t->state != STORE_TARGET_RUNNING)
                continue;
            t->tries = t->tries > 0 ? -t->tries : -1; /* seen */
            if (job->state >= STORE_FILE_DONE)
                set_target(c, r, i,
                           job->state == STORE_FILE_DONE ? STORE_TARGET_DONE : STORE_TARGET_FAILED,
                           job->note);
        }
}

void central_restore_rollouts_done(struct central *c, struct instant now)
{
    c->now = now;
    for (struct rollout *r = c->rollouts; r != NULL; r = r->next)
        for (size_t i = 0; i < r->n; i++) {
            struct rollout_target *t = &r->target[i];
            bool seen = t->tries < 0;
            t->tries = seen ? -t->tries : t->tries;
            if (t->state == STORE_TARGET_RUNNING && !seen) /* killed before its job was written */
                set_target(c, r, i, STORE_TARGET_WAITING, "");
        }
    rollouts_touch(c, now);
}

static size_t retry_failed(struct central *c, struct rollout *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->target[i].state == STORE_TARGET_FAILED) {
            set_target(c, r, i, STORE_TARGET_WAITING, "to be tried again");
            n++;
        }
    return n;
}

static void abort_it(struct central *c, struct rollout *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->target[i].state == STORE_TARGET_WAITING)
            set_target(c, r, i, STORE_TARGET_SKIPPED, "the rollout was aborted");
}

bool central_rollout_is_known(const struct central *c, int64_t num)
{
    const struct rollout *r = c->rollouts;
    while (r != NULL && r->row.num != num)
        r = r->next;
    return r != NULL;
}

bool central_rollout_control(struct central *c, int64_t num, enum central_rollout_verb verb,
                             const char *who, struct store_done done, struct instant now,
                             char *ret_text, size_t size)
{
    static const struct {
        const char *word;
        int32_t state;
        unsigned from; /* bits of states in which it makes sense */
    } verbs[] = {
        [CENTRAL_ROLLOUT_PAUSE] = { "paused", STORE_ROLLOUT_PAUSED, 1u << STORE_ROLLOUT_RUNNING },
        [CENTRAL_ROLLOUT_RESUME] = { "resumed", STORE_ROLLOUT_RUNNING, 1u << STORE_ROLLOUT_PAUSED },
        [CENTRAL_ROLLOUT_ABORT] = { "aborted", STORE_ROLLOUT_ABORTED,
                                    1u << STORE_ROLLOUT_RUNNING | 1u << STORE_ROLLOUT_PAUSED },
        [CENTRAL_ROLLOUT_RETRY] = { "failed ones again", STORE_ROLLOUT_RUNNING,
                                    1u << STORE_ROLLOUT_RUNNING | 1u << STORE_ROLLOUT_PAUSED |
                                        1u << STORE_ROLLOUT_DONE },
    };
    struct rollout *r = c->rollouts;
    char text[160];
    c->now = now;
    while (r != NULL && r->row.num != num)
        r = r->next;
    if (r == NULL) {
        snprintf(ret_text, size, "there is no rollout %" PRId64, num);
        return false;
    }
    if ((verbs[verb].from & 1u << r->row.state) == 0) {
        snprintf(ret_text, size, "rollout %" PRId64 " is %s", num,
                 store_rollout_state_text(r->row.state));
        return false;
    }
    struct rollout_counts n;
    rollout_count(&r->row, r->target, r->n, &n);
    r->row.forgiven = verb == CENTRAL_ROLLOUT_RESUME ? (int32_t)n.failed : r->row.forgiven;
    if (verb == CENTRAL_ROLLOUT_RETRY && retry_failed(c, r) > 0)
        r->row.forgiven = 0;
    if (verb == CENTRAL_ROLLOUT_ABORT)
        abort_it(c, r);
    snprintf(text, sizeof(text), "%s by %s", verbs[verb].word, who);
    r->row.state = verbs[verb].state;
    set_text(&r->row.note, text);
    write_rollout(c, r, done);
    central_event(c, "rollout.changed", STORE_INFO, NULL, -1, now, "rollout %" PRId64 ": %s", num,
                  text);
    rollouts_touch(c, now);
    return true;
}

bool rollouts_need(const struct central *c, int64_t firmware)
{
    for (const struct rollout *r = c->rollouts; r != NULL; r = r->next)
        if (r->row.firmware == firmware && r->row.state <= STORE_ROLLOUT_PAUSED)
            return true;
    return false;
}

void rollouts_done(struct central *c)
{
    timer_cancel(&c->timers, &c->rollout_timer);
    while (c->rollouts != NULL) {
        struct rollout *next = c->rollouts->next;
        rollout_free(c->rollouts);
        c->rollouts = next;
    }
}
