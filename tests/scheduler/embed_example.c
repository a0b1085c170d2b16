/*
 * The balancer alone, in a program of its own: one connection of 3 x 20 A, three points of 16 A.
 * Shown in scheduler/README.md; run as a test.
 */
#include <inttypes.h>
#include <stdio.h>

#include "scheduler/plan.h"

enum { POINTS = 3, COMMANDS = 8, SECOND_MS = 1000, METERED = 0 };

/* Yours: durable before it is sent, restored until counts_ms is over; here it is a line. */
static void persist(const struct sched_command *c)
{
    printf("  write    point %zu: %d A\n", c->point, (int)c->limit_ma / 1000);
}

/* Every station says yes. */
static void send_and_wait(struct sched *s, const struct sched_command *c, int64_t now_ms)
{
    printf("  send     point %zu: %d A: %s\n", c->point, (int)c->limit_ma / 1000, c->reason);
    sched_answer(s, c->point, c->seq, SCHED_ACCEPTED, now_ms);
}

/* All that is due; @return when to come back at the latest. */
static int64_t turn(struct sched *s, int64_t now_ms)
{
    struct sched_command command[COMMANDS];
    size_t n;
    do {
        n = sched_round(s, now_ms, command, COMMANDS);
        for (size_t i = 0; i < n; i++) {
            persist(&command[i]);
            send_and_wait(s, &command[i], now_ms);
        }
    } while (n == COMMANDS);
    return sched_next_ms(s);
}

int main(void)
{
    struct sched_node_conf connection = { .parent = -1, .limit_ma = { 20000, 20000, 20000 } };
    struct sched_point_conf point[POINTS];
    for (int i = 0; i < POINTS; i++)
        point[i] = (struct sched_point_conf){ .node = 0,
                                              .n_phases = 3,
                                              .wiring = { 0, 1, 2 },
                                              .rating_ma = 16000,
                                              .min_ma = 6000,
                                              .weight = 1,
                                              .class = SCHED_LEASING };
    struct sched_conf conf = { .node = &connection,
                               .n_nodes = 1,
                               .point = point,
                               .n_points = POINTS,
                               .tuning = sched_default_tuning() };
    int64_t now_ms = INT64_C(1792929600000), end_ms = now_ms + 600 * SECOND_MS;
    char why[200];
    if (!sched_check(&conf, why, sizeof(why))) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    struct sched *s = sched_new(&conf, now_ms); /* conf may go now */
    for (size_t i = 0; s != NULL && i < POINTS; i++) {
        sched_link(s, i, true, now_ms);
        sched_skew(s, i, 0);
        sched_session_start(s, i, 100 + (int64_t)i, now_ms);
    }
    while (s != NULL && now_ms < end_ms) { /* an event loop would sleep instead */
        int32_t drawn_ma[3] = { 6000, 6000, 6000 };
        int64_t next_ms = turn(s, now_ms);
        now_ms = next_ms > now_ms + 60 * SECOND_MS ? now_ms + 60 * SECOND_MS : next_ms;
        sched_measured(s, METERED, drawn_ma, now_ms, now_ms);
    }
    struct sched_node_view view = { .n_sessions = 0 };
    if (s != NULL)
        sched_node_view(s, 0, now_ms, &view);
    printf("granted %d A, counted at most %d A of 20 A\n", (int)(view.granted_ma[0] / 1000),
           (int)(view.reserved_ma[0] / 1000));
    sched_free(s);
    return view.granted_ma[0] >= 18000 && view.reserved_ma[0] <= 20000 ? 0 : 1;
}
