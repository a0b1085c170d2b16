#include "cmd/noxd/uplink.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ocpp/wire/iso8601.h"

enum { MAINS_V = 230, EUI_BYTES = 8, PATH_MAX = UPLINK_DEVICE_MAX };

/* --- members --- */

static json_t *member(const json_t *json, const char *name)
{
    return json_object_get(json, name);
}

/* "uplink_message.decoded_payload", "rxInfo.0.time"; NULL if it leads nowhere. */
static json_t *follow(json_t *json, const char *path)
{
    while (json != NULL && *path != '\0') {
        char name[PATH_MAX + 1], *end;
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof(name), "%.*s", (int)n, path);
        if (json_is_array(json)) {
            unsigned long i = strtoul(name, &end, 10);
            json = *end == '\0' && name[0] != '\0' ? json_array_get(json, i) : NULL;
        } else {
            json = json_object_get(json, name);
        }
        path += n + (path[n] == '.');
    }
    return json;
}

static const char *text_at(json_t *json, const char *path)
{
    return json_string_value(follow(json, path));
}

static int64_t time_at(json_t *json, const char *path)
{
    int64_t at_ms;
    const char *text = text_at(json, path);
    return text != NULL && ocpp_time_parse(text, &at_ms, NULL) ? at_ms : INT64_MIN;
}

/* --- names of devices --- */

static bool is_hex(const char *text, size_t n)
{
    return strlen(text) == n && strspn(text, "0123456789abcdefABCDEF") == n;
}

/* Without the separators that people put between the bytes of an EUI. */
static void strip(const char *text, char *ret_text, size_t size)
{
    size_t used = 0;
    for (; *text != '\0' && used + 1 < size; text++)
        if (strchr("-: .", *text) == NULL)
            ret_text[used++] = *text;
    ret_text[used] = '\0';
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Eight bytes are eleven digits and one "=". */
static bool eui_of_base64(const char *text, char ret_eui[17])
{
    uint32_t bits = 0;
    size_t have = 0, bytes = 0;
    if (strlen(text) != 12 || text[11] != '=')
        return false;
    for (size_t i = 0; i < 11; i++) {
        int digit = base64_digit(text[i]);
        if (digit < 0)
            return false;
        bits = (bits << 6 | (uint32_t)digit) & 0xFFFFFF;
        have += 6;
        if (have >= 8) {
            have -= 8;
            snprintf(ret_eui + 2 * bytes, 3, "%02X", (unsigned)(bits >> have & 0xFF));
            bytes++;
        }
    }
    return bytes == EUI_BYTES;
}

static void take_eui(struct uplink *u, const char *text)
{
    if (text == NULL)
        return;
    if (is_hex(text, 2 * EUI_BYTES))
        for (size_t i = 0; i <= 2 * EUI_BYTES; i++)
            u->eui[i] = (char)(text[i] >= 'a' && text[i] <= 'f' ? text[i] - 'a' + 'A' : text[i]);
    else if (!eui_of_base64(text, u->eui))
        u->eui[0] = '\0';
}

static void take_id(struct uplink *u, const char *text)
{
    if (text != NULL && strlen(text) <= UPLINK_DEVICE_MAX)
        snprintf(u->id, sizeof(u->id), "%s", text);
}

bool uplink_is_of(const struct uplink *u, const char *device)
{
    char stripped[UPLINK_DEVICE_MAX + 1];
    if (u->id[0] != '\0' && strcmp(u->id, device) == 0)
        return true;
    strip(device, stripped, sizeof(stripped));
    return u->eui[0] != '\0' && strcasecmp(u->eui, stripped) == 0;
}

/* --- forms --- */

/* The Things Stack v3: end_device_ids, and uplink_message in uplinks only. */
static bool open_things_stack(struct uplink *u)
{
    u->form = UPLINK_THINGS_STACK;
    take_id(u, text_at(u->root, "end_device_ids.device_id"));
    take_eui(u, text_at(u->root, "end_device_ids.dev_eui"));
    u->values_at = "uplink_message.decoded_payload";
    u->values = follow(u->root, u->values_at);
    u->at_ms = time_at(u->root, "uplink_message.received_at");
    if (u->at_ms == INT64_MIN)
        u->at_ms = time_at(u->root, "received_at");
    return true;
}

/* ChirpStack v4: deviceInfo; v3: devEUI beside, in base64 or hexadecimal, the payload as object
 * (its older form) or as text. */
static bool open_chirpstack(struct uplink *u, char *ret_text, size_t size)
{
    static const char *const times[] = { "time", "publishedAt", "rxInfo.0.time" };
    const char *text = text_at(u->root, "objectJSON");
    u->form = UPLINK_CHIRPSTACK;
    take_id(u, text_at(u->root, member(u->root, "deviceInfo") != NULL ? "deviceInfo.deviceName"
                                                                      : "deviceName"));
    take_eui(u, text_at(u->root,
                        member(u->root, "deviceInfo") != NULL ? "deviceInfo.devEui" : "devEUI"));
    u->values_at = "object";
    u->values = member(u->root, "object");
    if (u->values == NULL && text != NULL && text[0] != '\0') {
        u->values_at = "objectJSON";
        u->values = u->kept = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        if (u->kept == NULL) {
            snprintf(ret_text, size, "objectJSON: is no JSON; correct the codec of the device");
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]) && u->at_ms == INT64_MIN; i++)
        u->at_ms = time_at(u->root, times[i]);
    return true;
}

bool uplink_open(json_t *root, struct uplink *ret_uplink, char *ret_text, size_t size)
{
    *ret_uplink = (struct uplink){ .root = root, .at_ms = INT64_MIN, .values_at = "" };
    if (json_is_object(member(root, "end_device_ids")))
        return open_things_stack(ret_uplink);
    if (json_is_object(member(root, "deviceInfo")) || json_is_string(member(root, "devEUI")))
        return open_chirpstack(ret_uplink, ret_text, size);
    take_id(ret_uplink, text_at(root, "device"));
    take_eui(ret_uplink, text_at(root, "device"));
    ret_uplink->values = root;
    ret_uplink->at_ms = time_at(root, "at");
    return true;
}

void uplink_done(struct uplink *u)
{
    json_decref(u->kept);
    u->kept = NULL;
}

/* --- values --- */

static bool wrong(const char *path, const char *what, char *ret_path, char *ret_text)
{
    snprintf(ret_path, PATH_MAX + 1, "%s", path);
    snprintf(ret_text, UPLINK_TEXT, "%s%s%s", path, path[0] != '\0' ? ": " : "", what);
    return false;
}

static const struct {
    const char *unit;
    double ma;
} units[] = { { "A", 1000 }, { "mA", 1 }, { "W", 1000.0 / MAINS_V }, { "kW", 1e6 / MAINS_V } };

static double ma_per(const char *unit)
{
    for (size_t i = 1; unit != NULL && i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(units[i].unit, unit) == 0)
            return units[i].ma;
    return units[0].ma;
}

static bool take_number(const json_t *json, double per, const char *path, int32_t *ret_ma,
                        char *ret_path, char *ret_text)
{
    if (json == NULL)
        return wrong(path, "is missing; each of L1, L2, L3 is needed, 0 where there is no load",
                     ret_path, ret_text);
    if (!json_is_number(json))
        return wrong(path, "must be a number without quotes", ret_path, ret_text);
    double ma = ceil(json_number_value(json) * per - 1e-6);
    if (!(ma <= UPLINK_MAX_MA))
        return wrong(path, "is more than 10000 A; is the unit right?", ret_path, ret_text);
    *ret_ma = ma > 0 ? (int32_t)ma : 0;
    return true;
}

/* "l1=a.b" of the lines, else false. */
static bool configured(const char *fields, const char *name, char *ret_path)
{
    size_t n = strlen(name);
    for (const char *line = fields; line != NULL && *line != '\0';) {
        size_t len = strcspn(line, "\n");
        if (strncmp(line, name, n) == 0 && line[n] == '=') {
            snprintf(ret_path, PATH_MAX + 1, "%.*s", (int)(len - n - 1), line + n + 1);
            return true;
        }
        line += len + (line[len] == '\n');
    }
    return false;
}

/* From the top of the message, or from its payload. */
static json_t *find_configured(const struct uplink *u, const char *path)
{
    json_t *found = follow(u->root, path);
    return found != NULL || u->values == NULL ? found : follow(u->values, path);
}

/* What decoders of electricity meters call them. */
static const char *const usual[3][5] = {
    { "l1_a", "current_l1", "l1_current", "current1", "i1" },
    { "l2_a", "current_l2", "l2_current", "current2", "i2" },
    { "l3_a", "current_l3", "l3_current", "current3", "i3" },
};

static bool take_usual(const struct uplink *u, size_t phase, double per, int32_t *ret_ma,
                       char *ret_path, char *ret_text)
{
    char path[PATH_MAX + 1];
    const char *name = usual[phase][0];
    for (size_t i = 0; i < 5; i++)
        if (member(u->values, usual[phase][i]) != NULL) {
            name = usual[phase][i];
            break;
        }
    snprintf(path, sizeof(path), "%s%s%s", u->values_at, u->values_at[0] != '\0' ? "." : "", name);
    return take_number(member(u->values, name), per, path, ret_ma, ret_path, ret_text);
}

/* Plain: a list of amperes or watts, or watts by name. */
static bool take_plain(const struct uplink *u, size_t phase, bool *ret_found, int32_t *ret_ma,
                       char *ret_path, char *ret_text)
{
    static const struct {
        const char *list, *name[3];
        size_t unit;
    } forms[] = {
        { "a_per_phase", { "l1_a", "l2_a", "l3_a" }, 0 },
        { "w_per_phase", { "l1_w", "l2_w", "l3_w" }, 2 },
    };
    *ret_found = true;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char path[PATH_MAX + 1];
        const json_t *list = member(u->root, forms[i].list);
        double per = units[forms[i].unit].ma;
        if (list != NULL && json_array_size(list) != 3)
            return wrong(forms[i].list, "must be a list of three: [L1, L2, L3]", ret_path,
                         ret_text);
        snprintf(path, sizeof(path), "%s[%zu]", forms[i].list, phase);
        if (list != NULL)
            return take_number(json_array_get(list, phase), per, path, ret_ma, ret_path, ret_text);
        if (member(u->root, forms[i].name[phase]) != NULL)
            return take_number(member(u->root, forms[i].name[phase]), per, forms[i].name[phase],
                               ret_ma, ret_path, ret_text);
    }
    *ret_found = false;
    return true;
}

static bool take_phase(const struct uplink *u, const struct uplink_paths *paths, size_t phase,
                       int32_t *ret_ma, char *ret_path, char *ret_text)
{
    static const char *const names[3] = { "l1", "l2", "l3" };
    char path[PATH_MAX + 1];
    double per = ma_per(paths->unit);
    bool found = false;
    if (u->form == UPLINK_PLAIN && !take_plain(u, phase, &found, ret_ma, ret_path, ret_text))
        return false;
    if (found)
        return true;
    if (configured(paths->fields, names[phase], path))
        return take_number(find_configured(u, path), per, path, ret_ma, ret_path, ret_text);
    if (!json_is_object(u->values))
        return wrong(u->values_at,
                     "is missing: the uplink has no decoded payload; set a payload "
                     "formatter (codec) for the device",
                     ret_path, ret_text);
    return take_usual(u, phase, per, ret_ma, ret_path, ret_text);
}

static bool take_time(const struct uplink *u, const struct uplink_paths *paths, int64_t now_ms,
                      int64_t *ret_at_ms, char *ret_path, char *ret_text)
{
    char path[PATH_MAX + 1];
    int64_t at_ms = u->at_ms;
    if (configured(paths->fields, "at", path)) {
        const char *text = json_string_value(find_configured(u, path));
        if (text == NULL || !ocpp_time_parse(text, &at_ms, NULL))
            return wrong(path, "must be a time like 2026-11-25T17:00:00Z", ret_path, ret_text);
    } else if (u->form == UPLINK_PLAIN && member(u->root, "at") != NULL && at_ms == INT64_MIN) {
        return wrong("at", "must be a time like 2026-11-25T17:00:00Z", ret_path, ret_text);
    }
    *ret_at_ms = at_ms == INT64_MIN || at_ms > now_ms ? now_ms : at_ms;
    return true;
}

bool uplink_read(const struct uplink *u, const struct uplink_paths *paths, int64_t now_ms,
                 int32_t ret_ma[3], int64_t *ret_at_ms, char *ret_path, char *ret_text)
{
    int32_t ma[3];
    int64_t at_ms;
    for (size_t phase = 0; phase < 3; phase++)
        if (!take_phase(u, paths, phase, &ma[phase], ret_path, ret_text))
            return false;
    if (!take_time(u, paths, now_ms, &at_ms, ret_path, ret_text))
        return false;
    memcpy(ret_ma, ma, sizeof(ma));
    *ret_at_ms = at_ms;
    return true;
}
