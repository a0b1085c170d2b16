/* Links, faults, and the loop. */
#include "tests/scheduler/street.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scheduler/street_state.h"

/* --- links and faults --- */

static void link_down(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (!st->central_up)
        return;
    st->central_up = false;
    street_lose_calls(t, i);
    sched_link(t->sched, i, false, street_our_clock(t));
}

void street_cut(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    st->link = false;
    st->dirty_ms = t->now_ms;
    st->generation++; /* frames under way are dead */
    st->outbox_busy = false;
    if (st->conf.class == SCHED_FORGETFUL)
        st->has_default = st->profile.there = false;
    if (st->conf.class == SCHED_FORGETFUL && st->tx_id != 0)
        st->start_ma = st->conf.rating_ma;
}

static void on_cut(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    street_every(t, EV_CUT, i, t->faults.cut_every_ms);
    if (!st->link || t->faults.cut_every_ms == 0)
        return;
    street_cut(t, i);
    t->stats.n_cuts++;
    if (street_chance(t, t->faults.half_open)) {
        street_later(t, EV_NOTICE, i, 60000 + street_below(t, 540000));
        t->stats.n_half_open++;
    } else {
        link_down(t, i);
    }
    street_later(t, EV_CONNECT, i, street_about(t, t->faults.down_ms));
}

static void on_connect(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    bool first = !st->known;
    if (st->link)
        return;
    if (st->booted && t->faults.clock_jumps) { /* takes its time from the answer */
        st->skew_ms = street_below(t, 2001) - 1000;
        t->stats.n_jumps++;
    }
    st->booted = false;
    link_down(t, i); /* a new socket closes the old one */
    st->generation++;
    st->link = st->central_up = st->known = true;
    *(st->by_restart ? &st->restarted_ms : &st->dirty_ms) = t->now_ms;
    st->by_restart = false;
    st->conf.commissioned = true;
    st->outbox_busy = false;
    sched_skew(t->sched, i, st->skew_ms + street_below(t, 8001) - 4000);
    sched_link(t->sched, i, true, street_our_clock(t));
    if (first)
        t->excuse_now = true;
    street_deliver_next(t, i);
}

static void on_reboot(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    street_every(t, EV_REBOOT, i, t->faults.reboot_every_ms);
    if (!st->known || t->faults.reboot_every_ms == 0)
        return;
    street_cut(t, i);
    link_down(t, i);
    t->stats.n_reboots++;
    st->booted = true;
    if (st->conf.class == SCHED_LEASING && street_chance(t, 500)) {
        st->profile.there = false; /* falls to its default, whether or not it acts live */
        st->start_ma = street_default_now(st);
    }
    if (street_chance(t, 500))
        street_end_tx(t, i);
    street_later(t, EV_CONNECT, i, street_about(t, 60000));
    if (st->tx_id == 0 && !t->stays)
        street_later(t, EV_ARRIVE, i, street_about(t, t->life.gone_ms));
    sched_boot(t->sched, i, street_our_clock(t));
}

static void on_cap(struct street *t, bool once)
{
    if (!once)
        street_every(t, EV_CAP, 0, t->faults.cap_every_ms);
    size_t v = (size_t)street_below(t, (int64_t)t->n_nodes);
    for (int phase = 0; phase < 3; phase++) {
        int64_t ma = t->node[v].limit_ma[phase] + street_below(t, 20001) - 10000;
        t->node[v].limit_ma[phase] = ma < 0 ? 0 : (int32_t)ma;
    }
    sched_set_limit(t->sched, v, t->node[v].limit_ma, t->node[v].foreign_ma, street_our_clock(t));
    t->stats.n_caps++;
    t->excuse_now = true;
}

static void on_clock(struct street *t)
{
    street_every(t, EV_CLOCK, 0, t->faults.clock_back_every_ms);
    t->clock_ms = street_below(t, 2000); /* against true time, so it also jumps forward */
    t->stats.n_clocks++;
}

/* --- the loop --- */

static bool needs_live_frames(enum kind kind)
{
    return kind == EV_REQUEST || kind == EV_ANSWER || kind == EV_OUTBOX || kind == EV_REPEAT ||
           kind == EV_STATUS || kind == EV_SAMPLE;
}

static void happen(struct street *t, const struct event *e)
{
    if (needs_live_frames(e->kind) && t->station[e->station].generation != e->generation)
        return;
    switch (e->kind) {
    case EV_REQUEST:
        street_on_request(t, e);
        break;
    case EV_ANSWER:
        street_on_answer(t, e);
        break;
    case EV_TIMEOUT:
        street_on_timeout(t, e);
        break;
    case EV_OUTBOX:
        street_on_outbox(t, e);
        break;
    case EV_REPEAT:
        street_told(t, e->station, &e->message);
        break;
    case EV_STATUS:
        sched_session_wants(t->sched, e->station, e->flag, street_our_clock(t));
        break;
    case EV_SAMPLE:
        street_on_sample(t, e);
        break;
    case EV_METER:
        street_on_meter(t, e->station);
        break;
    case EV_ARRIVE:
        street_on_arrive(t, e->station);
        break;
    case EV_LEAVE:
        street_on_leave(t, e->station);
        break;
    case EV_PAUSE:
        street_on_pause(t, e->station);
        break;
    case EV_CUT:
        on_cut(t, e->station);
        break;
    case EV_NOTICE:
        if (t->station[e->station].generation == e->generation)
            link_down(t, e->station);
        break;
    case EV_CONNECT:
        on_connect(t, e->station);
        break;
    case EV_REBOOT:
        on_reboot(t, e->station);
        break;
    case EV_RESTART:
        street_on_restart(t, e->flag);
        break;
    case EV_REBUILD:
        street_on_rebuild(t);
        break;
    case EV_CAP:
        on_cap(t, e->flag);
        break;
    case EV_CLOCK:
        on_clock(t);
        break;
    case EV_PHASES:
        street_on_phases(t, e->station);
        break;
    case EV_LAPSE:
        break; /* only to look */
    }
}

static void look(struct street *t)
{
    for (size_t i = 0; i < t->n_stations; i++)
        street_count_energy(t, &t->station[i]);
    street_take_stock(t);
    street_check_sums(t);
    street_check_stations(t);
    street_check_drawn(t);
    t->stats.n_events++;
}

const char *street_run(struct street *t, int64_t for_ms)
{
    int64_t began_ms = t->now_ms, end_ms = t->now_ms + for_ms;
    while (!t->failed) {
        int64_t round_ms = sched_next_ms(t->sched);
        round_ms = round_ms == INT64_MAX ? INT64_MAX : round_ms + t->clock_ms;
        if (round_ms < t->now_ms)
            round_ms = t->now_ms;
        bool round_is_next = t->n_events == 0 || round_ms <= t->heap[0].at_ms;
        int64_t next_ms = round_is_next ? round_ms : t->heap[0].at_ms;
        if (next_ms > end_ms)
            break;
        t->now_ms = next_ms > t->now_ms ? next_ms : t->now_ms;
        street_measure_allowed(t);
        if (round_is_next) {
            street_run_rounds(t);
        } else {
            struct event e = street_pop(t);
            happen(t, &e);
        }
        if (t->dead)
            street_on_restart(t, true);
        look(t);
    }
    t->stats.station_ms += (int64_t)t->n_stations * (t->now_ms - began_ms);
    t->now_ms = end_ms > t->now_ms ? end_ms : t->now_ms;
    return t->failed ? t->text : NULL;
}

/* --- making one --- */

static void station_init(struct street *t, size_t i, const struct sched_point_conf *conf)
{
    struct station *st = &t->station[i];
    *st = (struct station){ .conf = *conf,
                            .skew_ms =
                                t->faults.skew_ms > 0
                                    ? street_below(t, 2 * t->faults.skew_ms + 1) - t->faults.skew_ms
                                    : 0,
                            .live_default = street_chance(t, 500),
                            .has_default = conf->safe_confirmed,
                            .default_ma = conf->safe_ma,
                            .known = conf->commissioned };
    for (int32_t k = 0; k < conf->n_phases; k++)
        st->wired = (uint8_t)(st->wired | 1u << conf->wiring[k]);
}

static void begin(struct street *t)
{
    for (size_t i = 0; i < t->n_stations; i++) {
        street_every(t, EV_CONNECT, i, 30000);
        street_every(t, EV_ARRIVE, i, t->life.gone_ms);
        street_later(t, EV_METER, i, 60000 + street_below(t, 60000));
        street_every(t, EV_CUT, i, t->faults.cut_every_ms);
        street_every(t, EV_REBOOT, i, t->faults.reboot_every_ms);
    }
    street_every(t, EV_RESTART, 0, t->faults.restart_every_ms);
    street_every(t, EV_REBUILD, 0, t->faults.rebuild_every_ms);
    street_every(t, EV_CAP, 0, t->faults.cap_every_ms);
    street_every(t, EV_CLOCK, 0, t->faults.clock_back_every_ms);
}

struct street *street_new(const struct sched_conf *conf, const struct street_faults *faults,
                          const struct street_life *life, uint64_t seed)
{
    struct street *t = calloc(1, sizeof(*t));
    assert(t != NULL);
    *t = (struct street){ .n_nodes = conf->n_nodes,
                          .n_stations = conf->n_points,
                          .tuning = conf->tuning,
                          .faults = *faults,
                          .life = *life,
                          .random = seed,
                          .now_ms = START_MS };
    t->node = calloc(conf->n_nodes + 1, sizeof(*t->node));
    t->station = calloc(conf->n_points + 1, sizeof(*t->station));
    t->excused_ma = calloc(conf->n_nodes * 3 + 1, sizeof(*t->excused_ma));
    t->excused = calloc(conf->n_nodes + 1, sizeof(*t->excused));
    t->excused_single_ma = calloc(conf->n_nodes * 3 + 1, sizeof(*t->excused_single_ma));
    t->sums = calloc(conf->n_nodes + 1, sizeof(*t->sums));
    t->step_ms = calloc(conf->n_nodes + 1, sizeof(*t->step_ms));
    assert(t->node && t->station && t->excused_ma && t->excused && t->excused_single_ma &&
           t->step_ms && t->sums);
    for (size_t v = 0; v < conf->n_nodes; v++)
        t->node[v] = conf->node[v];
    for (size_t i = 0; i < conf->n_points; i++)
        station_init(t, i, &conf->point[i]);
    t->sched = street_make_sched(t);
    street_take_stock(t);
    street_excuse(t);
    begin(t);
    return t;
}

void street_free(struct street *t)
{
    if (t == NULL)
        return;
    sched_free(t->sched);
    free(t->node);
    free(t->station);
    free(t->row);
    free(t->heap);
    free(t->excused_ma);
    free(t->excused);
    free(t->excused_single_ma);
    free(t->step_ms);
    free(t->sums);
    free(t);
}

void street_rush(struct street *t)
{
    t->stays = true;
    for (size_t i = 0; i < t->n_stations; i++)
        street_later(t, EV_ARRIVE, i, 30000 + street_below(t, 60000));
}

void street_calm(struct street *t)
{
    int64_t delay_ms = t->faults.delay_ms;
    t->faults = (struct street_faults){ .delay_ms = delay_ms };
}

void street_measure(struct street *t)
{
    t->measure_since_ms = t->allowed_since_ms = t->now_ms;
    t->allowed_ma_ms = t->capacity_ma_ms = 0;
}

void street_stats(const struct street *t, struct street_stats *ret)
{
    struct street copy = *t; /* with the cars that are still there */
    for (size_t i = 0; i < t->n_stations; i++)
        if (t->station[i].tx_id != 0)
            street_note_energy(&copy, &t->station[i]);
    *ret = t->stats;
    ret->allowed_part = t->capacity_ma_ms > 0 ? t->allowed_ma_ms / t->capacity_ma_ms : 0;
    ret->jain = copy.sum_xx > 0 ? copy.sum_x * copy.sum_x / ((double)copy.n_x * copy.sum_xx) : 1.0;
    ret->jain_least = copy.least_x;
}

const struct sched *street_sched(const struct street *t)
{
    return t->sched;
}
