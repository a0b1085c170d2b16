#include "cmd/noxd/jout.h"

#include <inttypes.h>
#include <stdio.h>

#include "ocpp/wire/iso8601.h"
#include "storage/records.h"

/* A comma, unless this is the first member; then the key. */
static void begin(struct ocpp_text *out, const char *key)
{
    char last = out->len > 0 ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[' && last != ':')
        ocpp_text_append(out, ",", 1);
    if (key != NULL) {
        ocpp_text_append_json_string(out, key);
        ocpp_text_append(out, ":", 1);
    }
}

void jout_key(struct ocpp_text *out, const char *key)
{
    begin(out, key);
}

void jout_open(struct ocpp_text *out, const char *key, char bracket)
{
    begin(out, key);
    ocpp_text_append(out, &bracket, 1);
}

void jout_close(struct ocpp_text *out, char bracket)
{
    ocpp_text_append(out, &bracket, 1);
}

void jout_null(struct ocpp_text *out, const char *key)
{
    begin(out, key);
    ocpp_text_append(out, "null", 4);
}

void jout_text(struct ocpp_text *out, const char *key, const char *value)
{
    if (value == NULL) {
        jout_null(out, key);
        return;
    }
    begin(out, key);
    ocpp_text_append_json_string(out, value);
}

void jout_text_or_null(struct ocpp_text *out, const char *key, const char *value)
{
    jout_text(out, key, value != NULL && value[0] != '\0' ? value : NULL);
}

void jout_int(struct ocpp_text *out, const char *key, int64_t value)
{
    if (value == STORE_ABSENT) {
        jout_null(out, key);
        return;
    }
    begin(out, key);
    ocpp_text_append_int(out, value);
}

void jout_bool(struct ocpp_text *out, const char *key, bool value)
{
    begin(out, key);
    ocpp_text_append_str(out, value ? "true" : "false");
}

void jout_time(struct ocpp_text *out, const char *key, int64_t utc_ms)
{
    char text[OCPP_TIME_TEXT_SIZE];
    if (utc_ms == STORE_ABSENT) {
        jout_null(out, key);
        return;
    }
    ocpp_time_format(utc_ms, text);
    jout_text(out, key, text);
}

void jout_append_decimal(struct ocpp_text *out, int64_t value, int decimals, int least)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t scale = 1;
    char fraction[24];
    for (int i = 0; i < decimals; i++)
        scale *= 10;
    snprintf(fraction, sizeof(fraction), "%0*" PRIu64, decimals, magnitude % scale);
    while (decimals > least && fraction[decimals - 1] == '0')
        decimals--;
    ocpp_text_append_format(out, "%s%" PRIu64, value < 0 ? "-" : "", magnitude / scale);
    if (decimals > 0)
        ocpp_text_append_format(out, ".%.*s", decimals, fraction);
}

void jout_decimal(struct ocpp_text *out, const char *key, int64_t value, int decimals)
{
    if (value == STORE_ABSENT) {
        jout_null(out, key);
        return;
    }
    begin(out, key);
    jout_append_decimal(out, value, decimals, 0);
}

void jout_amps(struct ocpp_text *out, const char *key, int64_t ma)
{
    if (ma < 0)
        jout_null(out, key);
    else
        jout_decimal(out, key, (ma + 50) / 100, 1);
}

void jout_amps3(struct ocpp_text *out, const char *key, const int64_t ma[3])
{
    jout_open(out, key, '[');
    for (int phase = 0; phase < 3; phase++)
        jout_amps(out, NULL, ma[phase]);
    jout_close(out, ']');
}

void jout_amps3_of32(struct ocpp_text *out, const char *key, const int32_t ma[3])
{
    const int64_t wide[3] = { ma[0], ma[1], ma[2] };
    jout_amps3(out, key, wide);
}

void jout_raw(struct ocpp_text *out, const char *key, const char *json)
{
    if (json == NULL) {
        jout_null(out, key);
        return;
    }
    begin(out, key);
    ocpp_text_append_str(out, json);
}
