/*
 * A simulated day of 200 stations: everything from boots to the last stop in virtual time, one
 * minute a step.  At each step the sum of what the stations may draw by their own profiles is
 * compared with the limits of the grid; at the end the books must balance to the watt-hour.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ocpp/wire/iso8601.h"
#include "tests/scenario/world.h"

enum {
    STATIONS = 200,
    FEEDERS = 10,
    FEEDER_MA = 63000,
    ROOT_MA = 400000,
    DAY_MINUTES = 24 * 60,
    STEP_MS = 60000,
    SAMPLE_MINUTES = 5,
};

/* A lamp as it is in the street: its profiles decide what a car may draw. */
struct lamp {
    char id[16];
    struct world_station *station;
    int64_t tx_id;   /* 0 = no car */
    int64_t want_wh; /* of this car */
    int64_t meter_mwh, start_wh;
    int leave_at_minute;
    bool starting, stopping;
    int32_t safe_ma, lease_ma; /* TxDefaultProfile and TxProfile; -1 = none installed */
    int64_t lease_tx, lease_end_ms;
    int32_t after_lease_ma;
};

struct day {
    struct world w;
    struct lamp lamp[STATIONS];
    uint64_t seed;
    int64_t started, stopped, total_wh;
};

static uint64_t random_next(struct day *d)
{
    d->seed ^= d->seed << 13;
    d->seed ^= d->seed >> 7;
    d->seed ^= d->seed << 17;
    return d->seed;
}

static int32_t may_draw_ma(const struct lamp *l, int64_t now_ms)
{
    if (l->tx_id == 0)
        return 0;
    if (l->lease_ma >= 0 && l->lease_tx == l->tx_id)
        return now_ms < l->lease_end_ms ? l->lease_ma : l->after_lease_ma;
    return l->safe_ma >= 0 ? l->safe_ma : 16000;
}

static bool on_call(struct world *w, struct world_station *s, const char *id, const char *action,
                    json_t *payload)
{
    struct day *d = w->user;
    struct lamp *l = &d->lamp[atoi(s->id + 1)];
    (void)id;
    if (strcmp(action, "SetChargingProfile") != 0)
        return false;
    json_t *profile = json_object_get(payload, "csChargingProfiles");
    json_t *schedule = json_object_get(profile, "chargingSchedule");
    json_t *periods = json_object_get(schedule, "chargingSchedulePeriod");
    json_t *first = json_array_get(periods, 0), *second = json_array_get(periods, 1);
    int32_t limit_ma = (int32_t)(1000 * json_number_value(json_object_get(first, "limit")));
    const char *purpose = json_string_value(json_object_get(profile, "chargingProfilePurpose"));
    if (strcmp(purpose, "TxDefaultProfile") == 0) {
        l->safe_ma = limit_ma;
        return false;
    }
    int64_t start_ms = 0;
    const char *start = json_string_value(json_object_get(schedule, "startSchedule"));
    assert_true(ocpp_time_parse(start, &start_ms, NULL));
    l->lease_tx = json_integer_value(json_object_get(profile, "transactionId"));
    l->lease_ma = limit_ma;
    l->lease_end_ms =
        second == NULL
            ? INT64_MAX
            : start_ms + 1000 * json_integer_value(json_object_get(second, "startPeriod"));
    l->after_lease_ma = (int32_t)(1000 * json_number_value(json_object_get(second, "limit")));
    return false; /* accepted by the ordinary policy */
}

static void say(struct day *d, struct lamp *l, const char *action, json_t *payload)
{
    d->w.storage_stalls = true; /* one commit per step, as group commit does it */
    world_call(&d->w, l->station, action, payload);
}

static void time_text(struct day *d, char text[OCPP_TIME_TEXT_SIZE])
{
    ocpp_time_format(d->w.now.utc_ms, text);
}

static void take_answers(struct day *d)
{
    for (size_t i = 0; i < STATIONS; i++) {
        struct lamp *l = &d->lamp[i];
        for (size_t k = 0; k < json_array_size(l->station->answers); k++) {
            json_t *frame = json_array_get(l->station->answers, k);
            assert_int_equal(json_integer_value(json_array_get(frame, 0)), 3);
            json_t *tx = json_object_get(json_array_get(frame, 2), "transactionId");
            if (tx != NULL && l->starting) {
                l->tx_id = json_integer_value(tx);
                l->starting = false;
            }
        }
        json_array_clear(l->station->answers);
        json_array_clear(l->station->requests);
    }
}

static void arrive(struct day *d, struct lamp *l, int minute)
{
    char now[OCPP_TIME_TEXT_SIZE];
    time_text(d, now);
    l->start_wh = l->meter_mwh / 1000;
    l->want_wh = 3000 + (int64_t)(random_next(d) % 30000);
    l->leave_at_minute = minute + 60 + (int)(random_next(d) % 600);
    l->starting = true;
    d->started++;
    say(d, l, "StatusNotification",
        json_pack("{s:i,s:s,s:s,s:s}", "connectorId", 1, "errorCode", "NoError", "status",
                  "Preparing", "timestamp", now));
    say(d, l, "StartTransaction",
        json_pack("{s:i,s:s,s:I,s:s}", "connectorId", 1, "idTag", "A1", "meterStart",
                  (json_int_t)l->start_wh, "timestamp", now));
}

static void leave(struct day *d, struct lamp *l)
{
    char now[OCPP_TIME_TEXT_SIZE];
    time_text(d, now);
    int64_t stop_wh = l->meter_mwh / 1000;
    d->total_wh += stop_wh - l->start_wh;
    d->stopped++;
    say(d, l, "StopTransaction",
        json_pack("{s:I,s:I,s:s}", "transactionId", (json_int_t)l->tx_id, "meterStop",
                  (json_int_t)stop_wh, "timestamp", now));
    l->tx_id = 0;
    l->lease_ma = -1;
}

static void sample(struct day *d, struct lamp *l, int32_t draw_ma)
{
    char now[OCPP_TIME_TEXT_SIZE], energy[24], current[24];
    time_text(d, now);
    snprintf(energy, sizeof(energy), "%lld", (long long)(l->meter_mwh / 1000));
    snprintf(current, sizeof(current), "%d.%03d", (int)(draw_ma / 1000), (int)(draw_ma % 1000));
    json_t *values = json_pack("[{s:s}]", "value", energy);
    static const char *const phases[] = { "L1", "L2", "L3" };
    for (int p = 0; p < 3; p++)
        json_array_append_new(values, json_pack("{s:s,s:s,s:s,s:s}", "value", current, "measurand",
                                                "Current.Import", "phase", phases[p], "unit", "A"));
    say(d, l, "MeterValues",
        json_pack("{s:i,s:I,s:[{s:s,s:o}]}", "connectorId", 1, "transactionId",
                  (json_int_t)l->tx_id, "meterValue", "timestamp", now, "sampledValue", values));
}

static void step_lamp(struct day *d, struct lamp *l, int minute)
{
    if (l->tx_id == 0 && !l->starting && minute < DAY_MINUTES - 60 && random_next(d) % 400 == 0)
        arrive(d, l, minute);
    if (l->tx_id == 0)
        return;
    int64_t got_wh = l->meter_mwh / 1000 - l->start_wh;
    int32_t draw_ma = got_wh < l->want_wh ? may_draw_ma(l, d->w.now.utc_ms) : 0;
    l->meter_mwh += (int64_t)draw_ma * 3 * 230 / 60; /* mA x V x 3 phases over one minute */
    if (minute % SAMPLE_MINUTES == atoi(l->id + 1) % SAMPLE_MINUTES)
        sample(d, l, draw_ma);
    if (minute >= l->leave_at_minute)
        leave(d, l);
}

static void check_cap(struct day *d, int minute)
{
    int64_t feeder_ma[FEEDERS] = { 0 }, root_ma = 0;
    for (size_t i = 0; i < STATIONS; i++) {
        int32_t ma = may_draw_ma(&d->lamp[i], d->w.now.utc_ms);
        feeder_ma[i % FEEDERS] += ma;
        root_ma += ma;
    }
    for (int f = 0; f < FEEDERS; f++)
        if (feeder_ma[f] > FEEDER_MA)
            fail_msg("minute %d: feeder %d may draw %lld mA", minute, f, (long long)feeder_ma[f]);
    if (root_ma > ROOT_MA)
        fail_msg("minute %d: all together may draw %lld mA", minute, (long long)root_ma);
}

static void configure(struct day *d)
{
    static struct store_grid_node node[FEEDERS + 1];
    static struct store_station station[STATIONS];
    static struct store_connector connector[STATIONS];
    static char node_id[FEEDERS][16];
    static const struct store_tag tag = { .id_tag = "A1",
                                          .status = STORE_AUTH_ACCEPTED,
                                          .expires_at_ms = STORE_ABSENT,
                                          .auth_kind = "rfid" };
    node[0] = (struct store_grid_node){ .id = "ROOT",
                                        .name = "ROOT",
                                        .limit_ma = { ROOT_MA, ROOT_MA, ROOT_MA } };
    for (int f = 0; f < FEEDERS; f++) {
        snprintf(node_id[f], sizeof(node_id[f]), "F%d", f);
        node[f + 1] = (struct store_grid_node){ .id = node_id[f],
                                                .parent = "ROOT",
                                                .name = node_id[f],
                                                .limit_ma = { FEEDER_MA, FEEDER_MA, FEEDER_MA } };
    }
    for (int i = 0; i < STATIONS; i++) {
        struct lamp *l = &d->lamp[i];
        snprintf(l->id, sizeof(l->id), "L%03d", i);
        l->safe_ma = l->lease_ma = -1;
        station[i] = (struct store_station){ .id = l->id,
                                             .grid_node = node_id[i % FEEDERS],
                                             .wiring = "RST",
                                             .rating_ma = 16000,
                                             .min_ma = 6000,
                                             .weight = 1,
                                             .lat_e7 = STORE_ABSENT,
                                             .lon_e7 = STORE_ABSENT };
        connector[i] = (struct store_connector){ .station = l->id,
                                                 .connector = 1,
                                                 .max_w = 11040,
                                                 .safe_confirmed_ma = -1 };
        l->station = world_station(&d->w, l->id);
    }
    struct store_site site = { .grid = node,
                               .n_grid = FEEDERS + 1,
                               .station = station,
                               .n_stations = STATIONS,
                               .connector = connector,
                               .n_connectors = STATIONS,
                               .tag = &tag,
                               .n_tags = 1 };
    char text[200] = "";
    if (!world_apply(&d->w, &site, text, sizeof(text)))
        fail_msg("%s", text);
}

static void run_day(struct day *d)
{
    for (size_t i = 0; i < STATIONS; i++) {
        assert_true(world_connect(&d->w, d->lamp[i].station));
        say(d, &d->lamp[i], "BootNotification",
            json_pack("{s:s,s:s}", "chargePointVendor", "NOX", "chargePointModel", "Lamp"));
    }
    for (int minute = 0; minute < DAY_MINUTES; minute++) {
        for (size_t i = 0; minute > 1 && i < STATIONS; i++)
            step_lamp(d, &d->lamp[i], minute);
        d->w.storage_stalls = false;
        world_after(&d->w, STEP_MS);
        take_answers(d);
        check_cap(d, minute);
    }
    for (size_t i = 0; i < STATIONS; i++)
        if (d->lamp[i].tx_id != 0)
            leave(d, &d->lamp[i]);
    d->w.storage_stalls = false;
    world_pump(&d->w);
}

struct sum {
    int64_t n, wh;
};

static bool add_session(void *arg, const struct store_session *session)
{
    struct sum *sum = arg;
    sum->n += session->state == STORE_SESSION_FINISHED;
    sum->wh += session->energy_wh;
    return true;
}

static void check_books(struct day *d)
{
    struct reader *r;
    char text[200];
    struct sum sum = { 0 };
    struct reader_session_filter all = { .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT };
    assert_int_equal(reader_open(d->w.db, &r, text, sizeof(text)), STORE_OK);
    reader_sessions(r, &all, add_session, &sum);
    reader_close(r);
    assert_true(d->started > STATIONS); /* the day was no quiet one */
    assert_int_equal(sum.n, d->stopped);
    assert_int_equal(sum.wh, d->total_wh);
}

static void a_day_of_200_stations(void **state)
{
    (void)state;
    struct day *d = calloc(1, sizeof(*d));
    struct timespec begin, end;
    const char *seed = getenv("NOX_SEED");
    assert_non_null(d);
    assert_true(world_open(&d->w, INT64_C(1790000000000)));
    d->seed = seed != NULL ? strtoull(seed, NULL, 10) | 1 : 20261031;
    d->w.user = d;
    d->w.on_call = on_call;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    configure(d);
    run_day(d);
    check_books(d);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%lld sessions, %lld Wh, %.1f s\n", (long long)d->stopped, (long long)d->total_wh,
           (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    world_close(&d->w);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_day_of_200_stations) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
