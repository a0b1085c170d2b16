/* Creation, time, events and restoring of what was before a restart. */
#include "ocpp/central/central.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum {
    ARENA_CHUNK_BYTES = 64 * 1024,
    ARENA_LIMIT_BYTES = 64 * 1024 * 1024,
    STALE_CHECK_MS = 600000,
};

struct central_options central_default_options(void)
{
    return (struct central_options){ .heartbeat_s = 300,
                                     .boot_retry_s = 60,
                                     .call_timeout_ms = 30000,
                                     .call_queue_max = 32,
                                     .meter_interval_s = 60,
                                     .stale_after_ms = INT64_C(7) * 86400000,
                                     .time_factor = 1,
                                     .waiting_max = 500,
                                     .waiting_keep_ms = INT64_C(30) * 86400000,
                                     .local_lists = true,
                                     .cert_policy = CENTRAL_CERT_RENEWALS,
                                     .cert_wait_ms = 5000,
                                     .tuning = sched_default_tuning() };
}

static void on_stale_timer(struct timer *timer, struct instant now)
{
    struct central *c = timer->owner;
    struct store_done nobody = { .fn = NULL };
    waiting_prune(c, now);
    store_close_stale(c->options.store, now.utc_ms - c->options.stale_after_ms, now.utc_ms, nobody);
    timer_set(&c->timers, timer, now.mono_ms + STALE_CHECK_MS);
}

struct central *central_new(const struct central_options *options, struct instant now)
{
    struct central *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return NULL;
    c->options = *options;
    c->now = c->clock = now;
    c->doubt_until_ms = STORE_ABSENT;
    c->next_reservation_num = c->next_reservation_id = 1;
    c->started_at_ms = now.utc_ms;
    char text[200];
    bool shipped = central_quirks(c, NULL, 0, text, sizeof(text));
    assert(shipped); /* a test of its own, too */
    (void)shipped;
    ocpp_arena_init(&c->arena, ARENA_CHUNK_BYTES, ARENA_LIMIT_BYTES);
    ocpp_text_init(&c->out);
    /* Ids of requests must not repeat over a restart: a station may answer the old one late. */
    uint64_t seed = options->port.random != NULL ? options->port.random(options->port.arg)
                                                 : (uint64_t)now.utc_ms;
    snprintf(c->call_prefix, sizeof(c->call_prefix), "%06" PRIx64, seed & 0xFFFFFF);
    c->stale_timer = (struct timer){ .fire = on_stale_timer, .owner = c };
    timer_set(&c->timers, &c->stale_timer, now.mono_ms + STALE_CHECK_MS);
    return c;
}

void central_free(struct central *c)
{
    if (c == NULL)
        return;
    c->closing = true;
    certs_done(c);
    keys_done(c);
    deviations_done(c);
    rollouts_done(c);
    c->options.local_lists = false;
    registry_done(c); /* ends sessions, which the balancer hears of */
    transfers_done(c);
    templates_done(c);
    quirks_done(c);
    balance_done(c);
    evidence_done(c);
    timers_done(&c->timers);
    ocpp_arena_done(&c->arena);
    ocpp_text_done(&c->out);
    free(c);
}

int64_t central_tick(struct central *c, struct instant now)
{
    c->now = now;
    clock_look(c, now);
    timers_run(&c->timers, now);
    return timers_next(&c->timers);
}

int64_t central_mono_of(const struct central *c, int64_t utc_ms)
{
    int64_t factor = c->options.time_factor > 0 ? c->options.time_factor : 1;
    int64_t left_ms = utc_ms > c->now.utc_ms ? (utc_ms - c->now.utc_ms + factor - 1) / factor : 0;
    return c->now.mono_ms + (left_ms > 0 ? left_ms : 1);
}

bool rate_within(struct rate_window *w, unsigned max, int64_t span_ms, struct instant now)
{
    if (now.mono_ms >= w->until_mono_ms)
        *w = (struct rate_window){ .until_mono_ms = now.mono_ms + span_ms };
    return w->n++ < max;
}

void central_event(struct central *c, const char *name, enum store_severity severity,
                   const char *station, int32_t connector, struct instant now, const char *format,
                   ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct store_event event = { .at_ms = now.utc_ms,
                                 .name = name,
                                 .severity = severity,
                                 .station = station,
                                 .connector = connector,
                                 .text = text };
    struct store_done nobody = { .fn = NULL };
    store_event(c->options.store, &event, nobody); /* a log line may be lost, an answer not */
    if (c->options.port.event != NULL)
        c->options.port.event(c->options.port.arg, &event);
}

void central_restore_session(struct central *c, const struct store_session *session,
                             struct instant now)
{
    struct station *s = station_find(c, session->station);
    struct connector *k = s != NULL ? connector_get(s, session->connector) : NULL;
    c->now = now;
    if (k == NULL || session->state != STORE_SESSION_ACTIVE)
        return;
    if (k->tx.id == 0)
        c->counters.sessions++;
    else if (k->tx.started_at_ms > session->started_at_ms)
        return;
    k->tx = (struct tx){ .id = session->tx_id,
                         .started_at_ms = session->started_at_ms,
                         .meter_start_wh = session->meter_start_wh,
                         .phases = session->phases };
    text_copy(k->tx.id_tag, sizeof(k->tx.id_tag), session->id_tag);
    if (session->need.tx_id != 0)
        k->tx.need = need_of(&session->need);
    if (session->last_register_wh != STORE_ABSENT)
        k->register_uwh = session->last_register_wh * 1000000;
    balance_session_start(k, now);
    if (session->last_register_wh != STORE_ABSENT && session->last_sample_at_ms != STORE_ABSENT)
        balance_energy(k, c->sched, k->point, session->last_sample_at_ms, now);
}

void central_forget_session(struct central *c, int64_t tx_id, struct instant now)
{
    c->now = now;
    for (size_t i = 0; i < c->n_stations; i++)
        for (size_t n = 0; n < c->station[i]->n_connectors; n++)
            if (c->station[i]->connector[n]->tx.id == tx_id)
                tx_forget(c->station[i]->connector[n], false, now);
    balance_touch(c, now);
}

void central_counters(const struct central *c, struct central_counters *ret_counters)
{
    *ret_counters = c->counters;
    ret_counters->stations = c->n_stations;
}
