/*
 * quality_run RULE CAP_MA [NAME=VALUE ...] < SESSIONS: one rule, one limit, figures per session.
 *
 * RULE is `ours` or one of rules.h.  SESSIONS has a line for each session: point, arrival and
 * departure in seconds, Wh, phases as bits (0 = all that are wired), most and least mA of the car,
 * 1 if its driver told departure and energy.  Prints for each session: Wh, seconds charging,
 * switches; then `total`, commands, worst allowed mA, worst drawn mA, ms above the limit, and for
 * ours the kinds of switches: tries, turns, pauses (replay.h).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scheduler/quality/rules.h"

enum { MAX_SESSIONS = 200000, PERIOD_MS = 300000, VOLT = 230, WAIT_MS = 1000 };

static struct replay_session session[MAX_SESSIONS];
static struct replay_session_result figures[MAX_SESSIONS];

struct setup {
    long long points, step, min, react, debounce, meter, answer, hold, credit, part, known;
};

static const struct {
    const char *name;
    size_t at;
} settings[] = {
    { "points", offsetof(struct setup, points) },     { "step", offsetof(struct setup, step) },
    { "min", offsetof(struct setup, min) },           { "react", offsetof(struct setup, react) },
    { "debounce", offsetof(struct setup, debounce) }, { "meter", offsetof(struct setup, meter) },
    { "answer", offsetof(struct setup, answer) },     { "hold", offsetof(struct setup, hold) },
    { "credit", offsetof(struct setup, credit) },     { "part", offsetof(struct setup, part) },
    { "known", offsetof(struct setup, known) },
};

static bool set(struct setup *setup, const char *word)
{
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        size_t n = strlen(settings[i].name);
        if (strncmp(word, settings[i].name, n) != 0 || word[n] != '=')
            continue;
        *(long long *)((char *)setup + settings[i].at) = strtoll(word + n + 1, NULL, 10);
        return true;
    }
    return false;
}

/* The wiring of neighbours is rotated, as in the street. */
static struct sched_point_conf lamp(size_t i, const struct setup *setup)
{
    return (struct sched_point_conf){ .n_phases = 3,
                                      .wiring = { (int8_t)(i % 3), (int8_t)((i + 1) % 3),
                                                  (int8_t)((i + 2) % 3) },
                                      .rating_ma = 16000,
                                      .min_ma = (int32_t)setup->min,
                                      .weight = 1 };
}

static size_t read_sessions(const struct setup *setup)
{
    size_t n = 0, point;
    int64_t arrive_s, leave_s, wh;
    int32_t most_ma, least_ma;
    unsigned phases;
    int told;
    while (n < MAX_SESSIONS &&
           scanf("%zu %" SCNd64 " %" SCNd64 " %" SCNd64 " %u %" SCNd32 " %" SCNd32 " %d", &point,
                 &arrive_s, &leave_s, &wh, &phases, &most_ma, &least_ma, &told) == 8) {
        struct sched_point_conf conf = lamp(point, setup);
        session[n++] = (struct replay_session){ .point = point,
                                                .arrive_ms = arrive_s * 1000,
                                                .leave_ms = leave_s * 1000,
                                                .energy_wh = wh,
                                                .phases = phases != 0 ? (uint8_t)phases
                                                                      : replay_car_phases(&conf, 3),
                                                .car_ma = most_ma,
                                                .min_ma = least_ma,
                                                .told = told != 0 };
    }
    return n;
}

static void print_figures(const struct replay_session_result *res, size_t n)
{
    for (size_t k = 0; k < n; k++)
        printf("%" PRId64 " %" PRId64 " %" PRId32 "\n", res[k].received_wh, res[k].on_ms / 1000,
               res[k].n_switches);
}

static int64_t worst(const int64_t ma[3])
{
    int64_t most = ma[0] > ma[1] ? ma[0] : ma[1];
    return most > ma[2] ? most : ma[2];
}

static bool run_ours(int32_t cap_ma, const struct setup *setup, size_t n)
{
    size_t n_points = (size_t)setup->points;
    struct sched_point_conf *point = calloc(n_points + 1, sizeof(*point));
    struct sched_node_conf node = { .parent = -1, .limit_ma = { cap_ma, cap_ma, cap_ma } };
    struct sched_conf conf = { .node = &node,
                               .n_nodes = 1,
                               .point = point,
                               .n_points = n_points,
                               .tuning = sched_default_tuning() };
    struct replay_options o = replay_default_options();
    struct replay_result res;
    if (point == NULL)
        return false;
    for (size_t i = 0; i < n_points; i++)
        point[i] = lamp(i, setup);
    conf.tuning.step_ma = (int32_t)setup->step;
    conf.tuning.react_ms = setup->react;
    conf.tuning.debounce_ms = setup->debounce;
    conf.tuning.hold_ms = setup->hold;
    conf.tuning.credit_mas = setup->credit;
    conf.tuning.credit_percent = (int32_t)setup->part;
    o.meter_ms = setup->meter;
    o.answer_ms = setup->answer;
    o.volt = VOLT;
    o.phases_known = setup->known != 0;
    bool ok = replay_run(&conf, session, n, &o, &res);
    free(point);
    if (!ok)
        return false;
    print_figures(res.session, n);
    printf("total %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
           "\n",
           res.n_commands, worst(res.node[0].allowed_ma), worst(res.node[0].drawn_ma),
           worst(res.node[0].excess_ms), res.n_tries, res.n_turns, res.n_pauses);
    replay_result_done(&res);
    return true;
}

static bool run_rule(enum rule rule, int32_t cap_ma, const struct setup *setup, size_t n)
{
    struct rule_input in = { .session = session,
                             .n = n,
                             .cap_ma = { cap_ma, cap_ma, cap_ma },
                             .step_ma = (int32_t)setup->step,
                             .volt = VOLT,
                             .period_ms = PERIOD_MS };
    struct rule_result res = { .session = figures };
    if (!rule_run(rule, &in, &res))
        return false;
    print_figures(figures, n);
    printf("total %" PRId64 " %" PRId64 " %" PRId64 " 0\n", res.n_commands, worst(res.drawn_ma),
           worst(res.drawn_ma));
    return true;
}

static int usage(void)
{
    fputs("usage: quality_run ours|RULE CAP_MA [NAME=VALUE ...] < SESSIONS\nrules:", stderr);
    for (size_t i = 0; i < N_RULES; i++)
        fprintf(stderr, " %s", rule_name[i]);
    fputs("\nnames:", stderr);
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        fprintf(stderr, " %s", settings[i].name);
    fputs("\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct sched_tuning tuning = sched_default_tuning();
    struct setup setup = { .points = 32,
                           .step = tuning.step_ma,
                           .min = 6000,
                           .react = tuning.react_ms,
                           .debounce = tuning.debounce_ms,
                           .meter = replay_default_options().meter_ms,
                           .answer = WAIT_MS,
                           .hold = tuning.hold_ms,
                           .credit = tuning.credit_mas,
                           .part = tuning.credit_percent };
    if (argc < 3)
        return usage();
    for (int i = 3; i < argc; i++)
        if (!set(&setup, argv[i]))
            return usage();
    int32_t cap_ma = (int32_t)strtol(argv[2], NULL, 10);
    size_t n = read_sessions(&setup);
    if (strcmp(argv[1], "ours") == 0)
        return run_ours(cap_ma, &setup, n) ? 0 : 1;
    for (enum rule rule = 0; rule < N_RULES; rule++)
        if (strcmp(argv[1], rule_name[rule]) == 0)
            return run_rule(rule, cap_ma, &setup, n) ? 0 : 1;
    return usage();
}
