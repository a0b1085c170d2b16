/* The limits to come: asked of the station, drawn, and compared with the profiles it holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/call.h"
#include "cmd/noxctl/client.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/profile.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/action.h"
#include "ocpp/wire/arena.h"
#include "ocpp/wire/iso8601.h"
#include "ocpp/wire/profile.h"

enum {
    BAR_COLUMNS = 32,
    STEPS_MAX = 500,
    PROFILES_MAX = 64,
    NEAR_MS = 60000, /* changes so near to each other are the same one */
    PHASES_STANDARD = 3,
};

/* From an instant on, until the next step. */
struct step {
    int64_t at_ms, ma; /* -1 = no limit */
};
struct steps {
    struct step step[STEPS_MAX];
    size_t n;
};

static void add(struct steps *s, int64_t at_ms, int64_t ma)
{
    if (s->n > 0 && s->step[s->n - 1].ma == ma)
        return;
    if (s->n < STEPS_MAX)
        s->step[s->n++] = (struct step){ at_ms, ma };
}

static int64_t at(const struct steps *s, int64_t at_ms)
{
    int64_t ma = -1;
    for (size_t i = 0; i < s->n && s->step[i].at_ms <= at_ms; i++)
        ma = s->step[i].ma;
    return ma;
}

/* --- what the station says --- */

static void read_answer(const json_t *payload, int64_t from_ms, int64_t to_ms, struct steps *ret)
{
    const json_t *schedule = member_at(payload, "chargingSchedule");
    const json_t *periods = member_at(schedule, "chargingSchedulePeriod");
    bool in_watts = strcmp(member_text(schedule, "chargingRateUnit"), "W") == 0;
    int64_t start_ms = member_time_ms(payload, "scheduleStart");
    int64_t duration_s = member_int(schedule, "duration");
    start_ms = start_ms == MEMBER_UNKNOWN ? from_ms : start_ms;
    for (size_t i = 0; i < json_array_size(periods); i++) {
        const json_t *period = json_array_get(periods, i);
        int64_t ma = member_tenths(period, "limit") * 100;
        int64_t phases = member_int(period, "numberPhases");
        if (in_watts)
            ma = ma / OCPP_NOMINAL_V / (phases == MEMBER_UNKNOWN ? PHASES_STANDARD : phases);
        add(ret, start_ms + member_int(period, "startPeriod") * 1000, ma);
    }
    if (duration_s != MEMBER_UNKNOWN && start_ms + duration_s * 1000 < to_ms)
        add(ret, start_ms + duration_s * 1000, -1);
}

/* --- what its profiles make --- */

struct known {
    struct ocpp_arena arena;
    struct ocpp_set_charging_profile_req req[PROFILES_MAX];
    struct ocpp_profile_held held[PROFILES_MAX];
    size_t n;
};

static void read_known(struct known *k, const json_t *items)
{
    for (size_t i = 0; i < json_array_size(items) && k->n < PROFILES_MAX; i++) {
        const json_t *item = json_array_get(items, i);
        struct ocpp_report report;
        /* Decoded structs point into the JSON, which the caller keeps. */
        json_t *whole = json_pack("{sOsO}", "connectorId", json_object_get(item, "connector"),
                                  "csChargingProfiles", json_object_get(item, "profile"));
        ocpp_report_init(&report);
        if (ocpp_decode(ocpp_action_get(OCPP_SET_CHARGING_PROFILE)->req, whole, OCPP_LENIENT,
                        &k->arena, &k->req[k->n], &report) == OCPP_OK &&
            k->req[k->n].cs_charging_profiles->charging_schedule) {
            k->held[k->n] = (struct ocpp_profile_held){ k->req[k->n].connector_id,
                                                        k->req[k->n].cs_charging_profiles };
            k->n++;
        }
        json_decref(whole);
    }
}

static void expect(const struct known *k, const struct ocpp_profile_moment *m, int64_t from_ms,
                   int64_t to_ms, struct steps *ret)
{
    int64_t next_ms = from_ms;
    for (size_t i = 0; i < STEPS_MAX && next_ms < to_ms; i++) {
        int64_t at_ms = next_ms;
        add(ret, at_ms, ocpp_profile_limit(k->held, k->n, m, at_ms, &next_ms));
    }
}

static struct ocpp_profile_moment moment_of(const json_t *station, int64_t connector,
                                            int64_t now_ms)
{
    const json_t *connectors = member_at(station, "connectors");
    struct ocpp_profile_moment m = { .connector = (int32_t)connector, .tx_started_ms = now_ms };
    for (size_t i = 0; i < json_array_size(connectors); i++) {
        const json_t *place = json_array_get(connectors, i);
        if (member_int(place, "connector") != connector ||
            member_int(place, "tx_id") == MEMBER_UNKNOWN)
            continue;
        m.tx_id = (int32_t)member_int(place, "tx_id");
        m.tx_started_ms = member_time_ms(place, "started_at");
    }
    return m;
}

/* --- shown --- */

static json_t *amps(int64_t ma)
{
    return ma < 0 ? json_null() : json_real((double)(ma / 100) / 10.0);
}

static json_t *steps_json(const struct steps *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->n; i++) {
        char text[OCPP_TIME_TEXT_SIZE];
        ocpp_time_format(s->step[i].at_ms, text);
        json_array_append_new(list,
                              json_pack("{ssso}", "from", text, "limit_a", amps(s->step[i].ma)));
    }
    return list;
}

static bool differs(const struct steps *a, const struct steps *b, int64_t at_ms)
{
    int64_t x = at(a, at_ms), y = at(b, at_ms);
    return x != y && (x < 0 || y < 0 || llabs(x - y) > 100);
}

static bool has_near(const struct steps *s, int64_t at_ms)
{
    for (size_t i = 0; i < s->n; i++)
        if (llabs(s->step[i].at_ms - at_ms) <= NEAR_MS)
            return true;
    return false;
}

/* Where they differ for longer than clocks do. */
static json_t *differences(const struct steps *said, const struct steps *expected, int64_t to_ms)
{
    json_t *list = json_array();
    for (int which = 0; which < 2; which++) {
        const struct steps *s = which == 0 ? expected : said;
        for (size_t i = 0; i < s->n; i++) {
            int64_t at_ms = s->step[i].at_ms + NEAR_MS;
            char text[OCPP_TIME_TEXT_SIZE];
            if (at_ms >= to_ms || !differs(said, expected, at_ms) ||
                (which == 1 && has_near(expected, s->step[i].at_ms)))
                continue;
            ocpp_time_format(s->step[i].at_ms, text);
            json_array_append_new(list, json_pack("{sssoso}", "from", text, "station_a",
                                                  amps(at(said, at_ms)), "expected_a",
                                                  amps(at(expected, at_ms))));
        }
    }
    return list;
}

static void paint_limit(struct paint *p, int64_t ma, int64_t most_ma)
{
    char text[24] = "none";
    if (ma >= 0)
        snprintf(text, sizeof(text), "%lld.%lld A", (long long)ma / 1000,
                 (long long)ma % 1000 / 100);
    paint_cell(p, NULL, text, 8, true);
    paint_text(p, NULL, "  ");
    size_t n = ma < 0 ? BAR_COLUMNS : (size_t)(most_ma > 0 ? ma * BAR_COLUMNS / most_ma : 0);
    paint_repeat(p, ma < 0 ? PAINT_DIM : PAINT_GOOD, ma < 0 ? "\u00b7" : "\u2588", n);
    paint_end(p);
}

static void paint_steps(struct paint *p, const struct steps *s, int64_t from_ms, int64_t to_ms)
{
    int64_t most_ma = 0;
    for (size_t i = 0; i < s->n; i++)
        most_ma = s->step[i].ma > most_ma ? s->step[i].ma : most_ma;
    for (size_t i = 0; i < s->n; i++) {
        char from[CELL_TIME_SIZE];
        if (s->step[i].at_ms >= to_ms || (i + 1 < s->n && s->step[i + 1].at_ms <= from_ms))
            continue;
        cell_time(s->step[i].at_ms, CELL_CLOCK_SECOND, from);
        paint_text(p, PAINT_DIM, from);
        paint_limit(p, s->step[i].ma, most_ma);
    }
}

static void paint_differences(struct paint *p, const json_t *list)
{
    if (json_array_size(list) == 0) {
        paint_text(p, PAINT_GOOD, "As expected by the profiles it holds.");
        paint_end(p);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        char from[CELL_TIME_SIZE];
        struct ocpp_text said, expected;
        ocpp_text_init(&said);
        ocpp_text_init(&expected);
        cell_time(member_time_ms(item, "from"), CELL_CLOCK_SECOND, from);
        cell_append(&said, json_object_get(item, "station_a"), CELL_AMPS);
        cell_append(&expected, json_object_get(item, "expected_a"), CELL_AMPS);
        paint_format(p, PAINT_CARE, "%s: %s A, by its profiles %s A", from, said.data,
                     expected.data);
        paint_end(p);
        ocpp_text_done(&said);
        ocpp_text_done(&expected);
    }
}

static enum ctl_exit show(const struct ctl *ctl, const json_t *payload, const struct steps *said,
                          const struct steps *expected, int64_t from_ms, int64_t to_ms)
{
    json_t *list = differences(said, expected, to_ms);
    enum ctl_exit rc;
    if (ctl->output == CTL_JSON) {
        json_t *all = json_pack("{sOsososO}", "answer", payload, "station", steps_json(said),
                                "expected", steps_json(expected), "differences", list);
        rc = ctl_print_json(ctl, all);
        json_decref(all);
    } else {
        struct ocpp_text out;
        struct paint p = table_paint_begin(ctl, &out);
        paint_steps(&p, said, from_ms, to_ms);
        paint_differences(&p, list);
        rc = table_paint_out(&p);
    }
    json_decref(list);
    return rc;
}

/* --- */

static enum ctl_exit ask(const struct ctl *ctl, int64_t connector, int64_t duration_s,
                         json_t **ret_payload)
{
    struct ctl patient = *ctl;
    json_t *answer = NULL;
    json_t *wish = json_pack("{sIsIss*}", "connectorId", (json_int_t)connector, "duration",
                             (json_int_t)duration_s, "chargingRateUnit", ctl_flag(ctl, "unit"));
    enum ctl_exit rc = call_check("GetCompositeSchedule", wish);
    json_t *body = rc == CTL_OK ? call_body(ctl, "GetCompositeSchedule", wish, true) : NULL;
    patient.timeout_ms += 5000; /* noxd tells that the station has not answered */
    if (rc == CTL_OK)
        rc = client_do(&patient, "POST", body, &answer, "/v1/stations/%s/calls", ctl->arg[0]);
    if (rc == CTL_OK && strcmp(member_text(answer, "payload.status"), "Accepted") != 0)
        rc = ctl_fail(CTL_REFUSED, "%s: the station says %s", ctl->arg[0],
                      member_text(answer, "payload.status"));
    *ret_payload = rc == CTL_OK ? json_incref(json_object_get(answer, "payload")) : NULL;
    json_decref(body);
    json_decref(wish);
    json_decref(answer);
    return rc;
}

enum ctl_exit profile_schedule_run(struct ctl *ctl)
{
    const char *text = ctl_flag(ctl, "duration");
    int64_t connector, duration_s = 3600;
    json_t *payload = NULL, *profiles = NULL, *station = NULL, *status = NULL;
    if (!ctl_parse_int(ctl->arg[1], &connector) || connector < 0 || connector > INT32_MAX)
        return ctl_fail(CTL_USAGE, "'%s' is no connector; 0 is the whole station", ctl->arg[1]);
    if (text && !instant_duration("duration", text, 1, &duration_s))
        return CTL_USAGE;
    if (ctl->output == CTL_CSV)
        return ctl_fail(CTL_USAGE, "a schedule has no CSV; take -o json");
    struct known *known = calloc(1, sizeof(*known));
    struct steps *said = calloc(1, sizeof(*said)), *expected = calloc(1, sizeof(*expected));
    enum ctl_exit rc = known && said && expected ? CTL_OK : ctl_fail(CTL_FAILED, "out of memory");
    if (rc == CTL_OK)
        rc = ask(ctl, connector, duration_s, &payload);
    if (rc == CTL_OK)
        rc = client_get(ctl, &status, "/v1/status");
    if (rc == CTL_OK)
        rc = client_get(ctl, &profiles, "/v1/stations/%s/profiles", ctl->arg[0]);
    if (rc == CTL_OK)
        rc = client_get(ctl, &station, "/v1/stations/%s", ctl->arg[0]);
    if (rc == CTL_OK) {
        int64_t now_ms = member_time_ms(status, "now"), to_ms = now_ms + duration_s * 1000;
        struct ocpp_profile_moment m = moment_of(station, connector, now_ms);
        ocpp_arena_init(&known->arena, 16384, 16 * 1024 * 1024);
        read_known(known, member_items(profiles));
        read_answer(payload, now_ms, to_ms, said);
        expect(known, &m, now_ms, to_ms, expected);
        rc = show(ctl, payload, said, expected, now_ms, to_ms);
        ocpp_arena_done(&known->arena);
    }
    json_t *all[] = { payload, profiles, station, status };
    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        json_decref(all[i]);
    free(known);
    free(said);
    free(expected);
    return rc;
}
