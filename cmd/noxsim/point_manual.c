#include "cmd/noxsim/point_manual.h"

#include <string.h>

#include "cmd/noxsim/point_state.h"

enum { REBOOT_MS = 3000 };

bool point_is_known(const struct point *p)
{
    return p->registration != 0;
}

bool point_plug(struct point *p, int32_t connector)
{
    struct outlet *o = point_outlet(p, connector);
    const struct vehicle_model *model = vehicle_pick(&p->rng, VEHICLE_MIXED);
    struct point_arrival car = { .model = model,
                                 .soc_wh = model->battery_wh / 5,
                                 .goal_wh = model->battery_wh,
                                 .stay_ms = TIME_NEVER / 2,
                                 .tag = "" };
    if (o == NULL || o->is_plugged || !p->is_powered)
        return false;
    outlet_plug(o, &car);
    o->swipe_ms = o->leave_ms = TIME_NEVER; /* the driver waits for commands */
    point_settle(p);
    return true;
}

bool point_unplug(struct point *p, int32_t connector)
{
    struct outlet *o = point_outlet(p, connector);
    if (o == NULL || !o->is_plugged)
        return false;
    outlet_unplug(o);
    point_settle(p);
    return true;
}

bool point_tap(struct point *p, int32_t connector, const char *tag)
{
    struct outlet *o = point_outlet(p, connector);
    bool good = o != NULL && outlet_tap(o, tag);
    point_settle(p);
    return good;
}

bool point_fault(struct point *p, int32_t connector, int32_t code)
{
    struct outlet *o = point_outlet(p, connector);
    if (o == NULL)
        return false;
    o->error_code = code == OCPP_ERROR_CODE_NO_ERROR ? 0 : code;
    o->status_told = 0;
    if (o->error_code != 0) { /* section 5.13: a reservation ends with its connector */
        reservations_end(&p->reservations, connector);
        if (o->tx != NULL)
            outlet_stop(o, OCPP_REASON_OTHER, false);
    }
    point_settle(p);
    return true;
}

void point_offline(struct point *p, int64_t for_ms)
{
    point_break_link(p, for_ms);
    point_settle(p);
}

void point_reboot(struct point *p)
{
    point_power_off(p, env_at_least_ms(p->env, REBOOT_MS, 100), OCPP_REASON_REBOOT);
    point_settle(p);
}

void point_send_raw(struct point *p, const char *action, char *payload)
{
    struct note note = { .action = OCPP_ACTION_END,
                         .type = action,
                         .text = payload,
                         .was_triggered = true };
    calls_note(p, &note);
    point_settle(p);
}
