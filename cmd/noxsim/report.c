#include "cmd/noxsim/report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/noxsim/berlin.h"
#include "cmd/noxsim/vehicle.h"

static int64_t drawn_w(const struct env *env)
{
    int64_t ma = 0;
    for (size_t i = 0; i < env->grid.n; i++)
        for (int p = 0; p < 3; p++)
            if (env->grid.node[i].site->parent < 0)
                ma += env->grid.node[i].phase[p].now_ma[GRID_DRAW];
    return ma * MAINS_V / 1000;
}

void report_progress(const struct env *env, const struct report_fleet *f, bool is_terminal)
{
    char at[20];
    const struct counters *c = &env->counters;
    int64_t w = drawn_w(env);
    berlin_format(env->now_ms + env->utc_offset_ms, at, sizeof(at));
    fprintf(stderr, "%s%s  %zu/%zu stations  %zu cars, %zu charge", is_terminal ? "\r\033[K" : "",
            at, f->accepted, f->stations, f->cars, f->charging);
    if (env->grid.n > 0)
        fprintf(stderr, "  %" PRId64 ".%" PRId64 " kW", w / 1000, w % 1000 / 100);
    if (f->replay_wanted > 0)
        fprintf(stderr, "  %" PRIu64 "/%" PRIu64 " sessions", c->stops_confirmed, f->replay_wanted);
    fprintf(stderr, "  %" PRIu64 " calls, %zu wait%s", c->calls_sent, f->queued,
            is_terminal ? "" : "\n");
    fflush(stderr);
}

static void people_grid(const struct grid *grid)
{
    for (size_t i = 0; i < grid->n; i++) {
        const struct grid_node *n = &grid->node[i];
        fprintf(stderr, "  %-20.20s", n->site->id);
        for (int p = 0; p < 3; p++)
            fprintf(stderr, "  L%d: allowed %5.1f, drawn %5.1f of %5.1f A", p + 1,
                    (double)n->phase[p].max_ma[GRID_MAY] / 1000.0,
                    (double)n->phase[p].max_ma[GRID_DRAW] / 1000.0,
                    (double)n->phase[p].limit_ma / 1000.0);
        fputc('\n', stderr);
    }
    if (grid->first_excess[0] != '\0')
        fprintf(stderr, "first excess: %s\n", grid->first_excess);
}

void report_people(const struct env *env, const struct report_fleet *f)
{
    const struct counters *c = &env->counters;
    fprintf(stderr,
            "%" PRId64 " simulated seconds in %" PRId64 ".%" PRId64 " s: %" PRIu64
            " sessions begun, %" PRIu64 " ended, %" PRIu64 " ends confirmed, %" PRId64
            " Wh\n%" PRIu64 " calls sent, %" PRIu64 " answered, %" PRIu64 " refused, %" PRIu64
            " unanswered, %" PRIu64 " repeated, %" PRIu64 " given up; %" PRIu64
            " requests received, %" PRIu64 " answered\n",
            f->simulated_s, f->real_ms / 1000, f->real_ms % 1000 / 100, c->sessions_started,
            c->sessions_stopped, c->stops_confirmed, c->energy_wh, c->calls_sent, c->calls_answered,
            c->calls_refused, c->calls_unanswered, c->retries, c->given_up, c->requests_received,
            c->requests_answered);
    if (env->grid.n > 0) {
        fprintf(stderr, "highest currents:\n");
        people_grid(&env->grid);
    }
}

static json_t *json_number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* Tenths of a per cent are enough, so it stays an integer until the last step. */
static json_t *share(int64_t sum_ma, const struct grid_phase *p)
{
    if (p->tight == 0 || p->limit_ma <= 0)
        return json_null();
    int64_t hundredths = sum_ma / (int64_t)p->tight * 10000 / p->limit_ma;
    return json_real((double)hundredths / 100.0);
}

static json_t *phase_json(const struct grid_node *n, int phase)
{
    const struct grid_phase *p = &n->phase[phase];
    static const char *const names[] = { "L1", "L2", "L3" };
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "node",
                     n->site->id, "phase", names[phase], "limit_ma", (json_int_t)p->limit_ma,
                     "max_may_ma", (json_int_t)p->max_ma[GRID_MAY], "max_draw_ma",
                     (json_int_t)p->max_ma[GRID_DRAW], "max_want_ma",
                     (json_int_t)p->max_ma[GRID_WANT], "samples", json_number(p->samples),
                     "samples_over_limit", json_number(p->samples_over), "times_over_limit",
                     json_number(p->times_over), "tight_samples", json_number(p->tight), "use_pct",
                     share(p->tight_draw_ma, p), "granted_pct", share(p->tight_may_ma, p));
}

static json_t *nodes_json(const struct grid *grid)
{
    json_t *list = json_array();
    for (size_t i = 0; i < grid->n; i++)
        for (int p = 0; p < 3; p++)
            json_array_append_new(list, phase_json(&grid->node[i], p));
    return list;
}

static json_t *faults_json(const struct env *env)
{
    json_t *object = json_object();
    for (int i = 0; i < FAULT_END; i++)
        if (env->faults.rate[i] > 0)
            json_object_set_new(object, fault_row((enum fault)i)->name,
                                json_number(env->counters.fault[i]));
    return object;
}

static json_t *counters_json(const struct counters *c)
{
    static const struct {
        const char *name;
        size_t offset;
    } rows[] = {
#define ROW(member) { #member, offsetof(struct counters, member) }
        ROW(sessions_started),
        ROW(sessions_stopped),
        ROW(starts_confirmed),
        ROW(stops_confirmed),
        ROW(cars),
        ROW(turned_away),
        ROW(tags_refused),
        ROW(connects),
        ROW(connect_failures),
        ROW(disconnects),
        ROW(boots),
        ROW(calls_sent),
        ROW(calls_answered),
        ROW(calls_refused),
        ROW(calls_unanswered),
        ROW(retries),
        ROW(given_up),
        ROW(requests_received),
        ROW(requests_answered),
        ROW(requests_refused),
        ROW(requests_odd),
        ROW(profiles_accepted),
        ROW(profiles_rejected),
        ROW(security_events),
        ROW(lists_accepted),
        ROW(firmware_asked),
        ROW(firmware_installed),
        ROW(firmware_failed),
        ROW(files_uploaded),
#undef ROW
    };
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t value;
        memcpy(&value, (const char *)c + rows[i].offset, sizeof(value));
        json_object_set_new(object, rows[i].name, json_number(value));
    }
    json_object_set_new(object, "energy_wh", json_integer((json_int_t)c->energy_wh));
    return object;
}

bool report_json(const struct env *env, const struct report_fleet *f, const char *path)
{
    json_t *root = counters_json(&env->counters);
    json_object_set_new(root, "stations", json_number(f->stations));
    json_object_set_new(root, "simulated_s", json_integer((json_int_t)f->simulated_s));
    json_object_set_new(root, "real_ms", json_integer((json_int_t)f->real_ms));
    json_object_set_new(root, "faults", faults_json(env));
    json_object_set_new(root, "nodes", nodes_json(&env->grid));
    json_object_set_new(root, "first_excess",
                        env->grid.first_excess[0] != '\0' ? json_string(env->grid.first_excess)
                                                          : json_null());
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    FILE *file = path != NULL && text != NULL ? fopen(path, "w") : NULL;
    bool good = text != NULL && (path == NULL || file != NULL);
    if (file != NULL) {
        good = fprintf(file, "%s\n", text) > 0;
        good = fclose(file) == 0 && good;
    }
    if (text != NULL && !isatty(STDOUT_FILENO)) /* people have read it already */
        printf("%s\n", text);
    free(text);
    json_decref(root);
    return good;
}
