/* Configuration keys: read at boot, of a balanced station at each and improved. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/redact.h"

static const char *const wanted_measurands =
    "Energy.Active.Import.Register,Power.Active.Import,Current.Import";

static void change_key(struct station *s, const char *key, const char *value, struct instant now)
{
    struct ocpp_change_configuration_req req = { .key = key, .value = value };
    station_request(s, OCPP_CHANGE_CONFIGURATION, &req, 0, false, NULL, NULL, now);
}

static void improve_key(struct station *s, const char *key, const char *value, struct instant now)
{
    char text[16];
    int32_t wanted_s = s->central->options.meter_interval_s;
    if (ocpp_ci_equal(key, "MeterValueSampleInterval")) {
        long seconds = value != NULL ? strtol(value, NULL, 10) : 0;
        if (seconds <= 0 || seconds > wanted_s) {
            snprintf(text, sizeof(text), "%d", (int)wanted_s);
            change_key(s, key, text, now);
        }
    } else if (ocpp_ci_equal(key, "MeterValuesSampledData")) {
        if (value == NULL || strstr(value, "Current.Import") == NULL ||
            strstr(value, "Energy.Active.Import.Register") == NULL)
            change_key(s, key, wanted_measurands, now);
    }
}

static void on_configuration(void *arg, const struct central_reply *reply)
{
    struct station *s = arg;
    struct central *c = s->central;
    json_t *list = reply->outcome == CENTRAL_ANSWERED
                       ? json_object_get(reply->payload, "configurationKey")
                       : NULL;
    size_t n = json_array_size(list);
    struct store_config_key *key = n > 0 && n <= 1000 ? calloc(n, sizeof(*key)) : NULL;
    for (size_t i = 0; key != NULL && i < n; i++) {
        json_t *in = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(in, "key"));
        key[i] =
            (struct store_config_key){ .key = name != NULL ? name : "",
                                       /* Never to be told, and some stations tell it. */
                                       .value =
                                           name != NULL && ocpp_key_is_secret(name)
                                               ? NULL
                                               : json_string_value(json_object_get(in, "value")),
                                       .readonly = json_is_true(json_object_get(in, "readonly")),
                                       .known = true };
        caps_take(s, key[i].key, key[i].value);
        if (!key[i].readonly && balance_has(s))
            improve_key(s, key[i].key, key[i].value, c->now);
    }
    struct store_done nobody = { .fn = NULL };
    s->keys_known = s->keys_known || reply->outcome == CENTRAL_ANSWERED;
    if (key != NULL)
        caps_judge(s);
    if (key != NULL)
        store_station_config(c->options.store, s->id, key, n, c->now.utc_ms, nobody);
    free(key);
    s->n_pending--;
    station_free_if_gone(s);
}

void keys_read(struct station *s, struct instant now)
{
    struct ocpp_get_configuration_req req = { .n_key = 0 };
    s->n_pending++;
    station_request(s, OCPP_GET_CONFIGURATION, &req, 0, false, on_configuration, s, now);
}
