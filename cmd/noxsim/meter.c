/* Readings of the meter as sampled values, OCPP 1.6 section 7.43. */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/noxsim/point_state.h"

enum { VALUES_MAX = 12, VALUE_SIZE = 24 };

struct builder {
    struct ocpp_arena *arena;
    struct ocpp_sampled_value *list;
    size_t n;
    int32_t context;
    bool failed;
};

static void add(struct builder *b, int32_t measurand, int32_t unit, int32_t phase, const char *text)
{
    char *value = ocpp_arena_strdup(b->arena, text);
    if (value == NULL || b->n == VALUES_MAX) {
        b->failed = true;
        return;
    }
    b->list[b->n++] = (struct ocpp_sampled_value){ .value = value,
                                                   .context = b->context,
                                                   .measurand = measurand,
                                                   .phase = phase,
                                                   .unit = unit };
}

static void add_int(struct builder *b, int32_t measurand, int32_t unit, int64_t value)
{
    char text[VALUE_SIZE];
    snprintf(text, sizeof(text), "%" PRId64, value);
    add(b, measurand, unit, 0, text);
}

static void add_amps(struct builder *b, int32_t measurand, int32_t phase, int32_t ma)
{
    char text[VALUE_SIZE];
    snprintf(text, sizeof(text), "%" PRId32 ".%02" PRId32, ma / 1000, ma % 1000 / 10);
    add(b, measurand, OCPP_UNIT_A, phase, text);
}

static void add_phases(struct builder *b, const struct sample *s)
{
    for (int32_t t = 0; t < s->wired_phases; t++) {
        if (s->measurands & METER_CURRENT)
            add_amps(b, OCPP_MEASURAND_CURRENT_IMPORT, OCPP_PHASE_L1 + t,
                     t < s->n_phases ? s->current_ma : 0);
        if (s->measurands & METER_VOLTAGE)
            add(b, OCPP_MEASURAND_VOLTAGE, OCPP_UNIT_V, OCPP_PHASE_L1_N + t, "230.0");
    }
}

bool meter_value(struct ocpp_arena *arena, const struct sample *s,
                 struct ocpp_meter_value *ret_value)
{
    struct builder b = { .arena = arena, .context = s->context };
    b.list = ocpp_arena_alloc(arena, VALUES_MAX * sizeof(*b.list));
    if (b.list == NULL)
        return false;
    if (s->measurands & METER_ENERGY)
        add_int(&b, OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_REGISTER, OCPP_UNIT_WH, s->register_wh);
    if (s->measurands & METER_POWER)
        add_int(&b, OCPP_MEASURAND_POWER_ACTIVE_IMPORT, OCPP_UNIT_W, s->power_w);
    add_phases(&b, s);
    if (s->measurands & METER_OFFERED)
        add_amps(&b, OCPP_MEASURAND_CURRENT_OFFERED, 0, s->offered_ma);
    if (s->measurands & METER_SOC && s->soc_percent >= 0)
        add_int(&b, OCPP_MEASURAND_SOC, OCPP_UNIT_PERCENT, s->soc_percent);
    *ret_value = (struct ocpp_meter_value){ .timestamp_ms = s->at_ms,
                                            .sampled_value = b.list,
                                            .n_sampled_value = b.n };
    return !b.failed && b.n > 0;
}
