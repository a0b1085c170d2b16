/* MeterValues, OCPP 1.6 section 4.7: always answered, stored as received, understood if possible.
 */
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/decimal.h"

enum { RAW_GUESS_BYTES = 1024 };

/* The sampledValue list of one element as JSON text in the arena: signed values stay untouched. */
static const char *raw_text(struct ocpp_arena *arena, json_t *raw_list, size_t i)
{
    json_t *element = json_is_array(raw_list) ? json_array_get(raw_list, i) : raw_list;
    json_t *values = json_object_get(element, "sampledValue");
    size_t room = RAW_GUESS_BYTES;
    if (values == NULL)
        return "[]";
    for (;;) {
        char *text = ocpp_arena_alloc(arena, room + 1);
        if (text == NULL)
            return NULL;
        size_t len = json_dumpb(values, text, room, JSON_COMPACT);
        if (len <= room) {
            text[len] = '\0';
            return text;
        }
        room = len;
    }
}

/* Terminal L1..L3 as 0..2; -1 for everything else.  Phase-to-neutral names the same conductor. */
static int terminal_of(int32_t phase)
{
    switch (phase) {
    case OCPP_PHASE_L1:
    case OCPP_PHASE_L1_N:
        return 0;
    case OCPP_PHASE_L2:
    case OCPP_PHASE_L2_N:
        return 1;
    case OCPP_PHASE_L3:
    case OCPP_PHASE_L3_N:
        return 2;
    default:
        return -1;
    }
}

static void take_current(struct store_meter *row, const struct ocpp_quantity *q)
{
    int64_t ma = q->value_micro / 1000;
    int terminal = terminal_of(q->phase);
    if (ma < 0 || ma > INT32_MAX)
        return;
    if (terminal >= 0)
        row->current_ma[terminal] = (int32_t)ma;
    else if (q->phase == 0 && row->current_ma[0] < 0)
        row->current_ma[0] = (int32_t)ma;
}

static void take_quantity(struct store_meter *row, const struct ocpp_quantity *q)
{
    if (q->location != OCPP_LOCATION_OUTLET)
        return;
    switch (q->measurand) {
    case OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_REGISTER:
        if (q->phase == 0)
            row->register_uwh = q->value_micro;
        break;
    case OCPP_MEASURAND_POWER_ACTIVE_IMPORT:
        if (q->phase == 0)
            row->power_mw = q->value_micro / 1000;
        break;
    case OCPP_MEASURAND_CURRENT_IMPORT:
        take_current(row, q);
        break;
    default:
        break;
    }
}

/* Energy that says Wh, or nothing, and is kWh. */
static void correct_unit(const struct ocpp_sampled_value *told, struct ocpp_quantity *q)
{
    bool is_wh = told->unit == 0 || told->unit == OCPP_UNIT_WH;
    if (is_wh && q->measurand == OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_REGISTER &&
        q->value_micro <= INT64_MAX / 1000 && q->value_micro >= INT64_MIN / 1000)
        q->value_micro *= 1000;
}

static void take_values(const struct station *s, struct store_meter *row,
                        const struct ocpp_meter_value *value)
{
    for (size_t i = 0; i < value->n_sampled_value; i++) {
        struct ocpp_quantity q;
        if (!ocpp_sampled_normalize(&value->sampled_value[i], &q))
            continue;
        if (s->quirks.energy_in_kwh)
            correct_unit(&value->sampled_value[i], &q);
        if (q.measurand == OCPP_MEASURAND_SOC && q.value_micro >= 0 && q.value_micro <= 100000000)
            row->soc_pct = (int32_t)(q.value_micro / 1000000);
        else
            take_quantity(row, &q);
    }
}

struct store_meter *meter_rows(const struct request *r, const struct ocpp_meter_value *value,
                               size_t n, json_t *raw_list, int32_t connector, int64_t tx_id)
{
    struct store_meter *row = n > 0 ? ocpp_arena_alloc(&r->c->arena, n * sizeof(*row)) : NULL;
    for (size_t i = 0; row != NULL && i < n; i++) {
        struct told_time t = clock_correct(r->station, value[i].timestamp_ms, r->now);
        row[i] = (struct store_meter){ .station = r->station->id,
                                       .connector = connector,
                                       .tx_id = tx_id,
                                       .sampled_at_ms = t.at_ms,
                                       .undated = (t.flags & (STORE_FLAG_CLOCK_WRONG |
                                                              STORE_FLAG_TIME_MISSING)) != 0,
                                       .received_at_ms = r->now.utc_ms,
                                       .register_uwh = STORE_ABSENT,
                                       .power_mw = STORE_ABSENT,
                                       .current_ma = { -1, -1, -1 },
                                       .soc_pct = -1,
                                       .raw = raw_text(&r->c->arena, raw_list, i) };
        take_values(r->station, &row[i], &value[i]);
        if (row[i].raw == NULL)
            return NULL;
    }
    return row;
}

/* The newest sample makes the live picture; current without phases is told by the power. */
void meter_observe(struct connector *k, const struct store_meter *row, struct instant now)
{
    if (k->measured_at_ms != STORE_ABSENT && row->sampled_at_ms < k->measured_at_ms)
        return;
    bool has_current = false;
    k->measured_at_ms = row->sampled_at_ms;
    if (row->register_uwh != STORE_ABSENT)
        k->register_uwh = row->register_uwh;
    if (row->register_uwh != STORE_ABSENT)
        balance_energy(k, k->station->central->sched, k->point, row->sampled_at_ms, now);
    if (row->power_mw != STORE_ABSENT)
        k->power_mw = row->power_mw;
    if (row->soc_pct >= 0)
        k->soc_pct = row->soc_pct;
    for (int i = 0; i < 3; i++)
        has_current = has_current || row->current_ma[i] >= 0;
    if (!has_current)
        return;
    memcpy(k->current_ma, row->current_ma, sizeof(k->current_ma));
    balance_measured(k, row->sampled_at_ms, row->undated, now);
}

void on_meter_values(const struct request *r, const void *msg)
{
    const struct ocpp_meter_values_req *req = msg;
    struct station *s = r->station;
    int32_t connector = req->connector_id != OCPP_INT_ABSENT ? req->connector_id : 0;
    int64_t tx_id =
        req->transaction_id != OCPP_INT_ABSENT && req->transaction_id > 0 ? req->transaction_id : 0;
    struct pending *p = pending_new(r, 0);
    if (p == NULL)
        return;
    if (req->n_meter_value == 0) {
        pending_done_empty(p, STORE_OK, NULL);
        return;
    }
    json_t *raw = json_object_get(r->frame->payload, "meterValue");
    struct store_meter *row =
        meter_rows(r, req->meter_value, req->n_meter_value, raw, connector, tx_id);
    struct store_done done = { .fn = pending_done_empty, .arg = p };
    if (row == NULL || !store_meter(r->c->options.store, row, req->n_meter_value, done)) {
        pending_refuse(p, STORE_FULL);
        return;
    }
    struct connector *k = connector_find(s, connector);
    for (size_t i = 0; k != NULL && i < req->n_meter_value; i++)
        meter_observe(k, &row[i], r->now);
}
