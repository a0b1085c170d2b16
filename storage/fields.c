#include "storage/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "storage/conn.h"

#define FIELDS(list, table, n_keys, type)                                            \
    {                                                                                \
        list, table, sizeof(table) / sizeof((table)[0]), n_keys, sizeof(struct type) \
    }

#define T struct store_grid_node
static const struct field node_table[] = {
    { "parent", FIELD_TEXT, LOOK_PLAIN, offsetof(T, parent) },
    { "name", FIELD_TEXT, LOOK_PLAIN, offsetof(T, name) },
    { "limit_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, limit_ma[0]) },
    { "limit_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, limit_ma[1]) },
    { "limit_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, limit_ma[2]) },
    { "foreign_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, foreign_ma[0]) },
    { "foreign_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, foreign_ma[1]) },
    { "foreign_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, foreign_ma[2]) },
    { "single_max_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, single_max_ma) },
    { "kind", FIELD_TEXT, LOOK_PLAIN, offsetof(T, kind) },
    { "latitude", FIELD_INT64, LOOK_E7, offsetof(T, lat_e7) },
    { "longitude", FIELD_INT64, LOOK_E7, offsetof(T, lon_e7) },
    { "calendar", FIELD_TEXT, LOOK_LINES, offsetof(T, calendar) },
    { "foreign_by_hour_a", FIELD_TEXT, LOOK_PLAIN, offsetof(T, foreign_by_hour) },
    { "meter.silent_after_s", FIELD_INT32, LOOK_PLAIN, offsetof(T, meter_silent_after_s) },
    { "meter.guard_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, meter_guard_ma[0]) },
    { "meter.guard_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, meter_guard_ma[1]) },
    { "meter.guard_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, meter_guard_ma[2]) },
    { "meter.silent_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, meter_silent_ma[0]) },
    { "meter.silent_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, meter_silent_ma[1]) },
    { "meter.silent_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, meter_silent_ma[2]) },
    { "meter.includes_charging", FIELD_BOOL, LOOK_YES_NO, offsetof(T, meter_includes) },
    { "meter.device", FIELD_TEXT, LOOK_PLAIN, offsetof(T, meter_device) },
    { "meter.fields", FIELD_TEXT, LOOK_LINES, offsetof(T, meter_fields) },
    { "meter.unit", FIELD_TEXT, LOOK_PLAIN, offsetof(T, meter_unit) },
    { "green", FIELD_INT32, LOOK_GREEN, offsetof(T, green) },
    { "id", FIELD_TEXT, LOOK_PLAIN, offsetof(T, id) },
};
const struct fields node_fields = FIELDS("grid", node_table, 1, store_grid_node);
#undef T

#define T struct store_station
static const struct field station_table[] = {
    { "security_profile", FIELD_INT32, LOOK_PLAIN, offsetof(T, security_profile) },
    { "grid_node", FIELD_TEXT, LOOK_PLAIN, offsetof(T, grid_node) },
    { "wiring", FIELD_TEXT, LOOK_PLAIN, offsetof(T, wiring) },
    { "rating_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, rating_ma) },
    { "safe_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, safe_ma) },
    { "min_a", FIELD_INT32, LOOK_AMPERE, offsetof(T, min_ma) },
    { "weight", FIELD_INT32, LOOK_PLAIN, offsetof(T, weight) },
    { "class", FIELD_INT32, LOOK_CLASS, offsetof(T, class) },
    { "tariff", FIELD_TEXT, LOOK_PLAIN, offsetof(T, tariff) },
    { "operator", FIELD_TEXT, LOOK_PLAIN, offsetof(T, operator_id) },
    { "district", FIELD_TEXT, LOOK_PLAIN, offsetof(T, district) },
    { "street", FIELD_TEXT, LOOK_PLAIN, offsetof(T, street) },
    { "house_no", FIELD_TEXT, LOOK_PLAIN, offsetof(T, house_no) },
    { "postcode", FIELD_TEXT, LOOK_PLAIN, offsetof(T, postcode) },
    { "city", FIELD_TEXT, LOOK_PLAIN, offsetof(T, city) },
    { "lat", FIELD_INT64, LOOK_E7, offsetof(T, lat_e7) },
    { "lon", FIELD_INT64, LOOK_E7, offsetof(T, lon_e7) },
    { "meter_serial", FIELD_TEXT, LOOK_PLAIN, offsetof(T, meter_serial) },
    { "strict", FIELD_BOOL, LOOK_YES_NO, offsetof(T, strict) },
    { "lax_subprotocol", FIELD_BOOL, LOOK_YES_NO, offsetof(T, lax_subprotocol) },
    { "certificate_cn", FIELD_TEXT, LOOK_PLAIN, offsetof(T, certificate_cn) },
    { "groups", FIELD_TEXT, LOOK_PLAIN, offsetof(T, groups) },
    { "groups_only", FIELD_BOOL, LOOK_YES_NO, offsetof(T, groups_only) },
    { "local_list", FIELD_BOOL, LOOK_YES_NO, offsetof(T, local_list) },
    { "priority", FIELD_INT32, LOOK_PLAIN, offsetof(T, priority) },
    { "id", FIELD_TEXT, LOOK_PLAIN, offsetof(T, id) },
};
const struct fields station_fields = FIELDS("stations", station_table, 1, store_station);
#undef T

#define T struct store_connector
static const struct field connector_table[] = {
    { "evse_id", FIELD_TEXT, LOOK_PLAIN, offsetof(T, evse_id) },
    { "max_w", FIELD_INT32, LOOK_PLAIN, offsetof(T, max_w) },
    { "station", FIELD_TEXT, LOOK_PLAIN, offsetof(T, station) },
    { "id", FIELD_INT32, LOOK_PLAIN, offsetof(T, connector) },
};
const struct fields connector_fields = FIELDS("connectors", connector_table, 2, store_connector);
#undef T

#define T struct store_tag
static const struct field tag_table[] = {
    { "parent_id_tag", FIELD_TEXT, LOOK_PLAIN, offsetof(T, parent_id_tag) },
    { "customer", FIELD_TEXT, LOOK_PLAIN, offsetof(T, customer) },
    { "auth_kind", FIELD_TEXT, LOOK_PLAIN, offsetof(T, auth_kind) },
    { "status", FIELD_INT32, LOOK_STATUS, offsetof(T, status) },
    { "expires", FIELD_INT64, LOOK_TIME, offsetof(T, expires_at_ms) },
    { "single_session", FIELD_BOOL, LOOK_YES_NO, offsetof(T, single_session) },
    { "groups", FIELD_TEXT, LOOK_PLAIN, offsetof(T, groups) },
    { "id_tag", FIELD_TEXT, LOOK_PLAIN, offsetof(T, id_tag) },
};
const struct fields tag_fields = FIELDS("tags", tag_table, 0, store_tag);
#undef T

#define T struct store_tariff
static const struct field tariff_table[] = {
    { "valid_from", FIELD_INT64, LOOK_TIME, offsetof(T, valid_from_ms) },
    { "currency", FIELD_TEXT, LOOK_PLAIN, offsetof(T, currency) },
    { "prices_include_vat", FIELD_BOOL, LOOK_YES_NO, offsetof(T, tax_included) },
    { "vat_percent", FIELD_INT32, LOOK_PERCENT, offsetof(T, vat_bp) },
    { "price_per_kwh", FIELD_INT32, LOOK_E4, offsetof(T, price_e4_per_kwh) },
    { "flat", FIELD_INT32, LOOK_CENTS, offsetof(T, flat_cents) },
    { "blocking.after_min", FIELD_INT32, LOOK_MINUTES, offsetof(T, blocking_after_s) },
    { "blocking.per_min", FIELD_INT32, LOOK_E4, offsetof(T, blocking_e4_per_min) },
    { "blocking.from", FIELD_INT32, LOOK_CLOCK, offsetof(T, blocking_from_min) },
    { "blocking.to", FIELD_INT32, LOOK_CLOCK, offsetof(T, blocking_to_min) },
    { "blocking.cap", FIELD_INT32, LOOK_CENTS, offsetof(T, blocking_cap_cents) },
    { "text_de", FIELD_TEXT, LOOK_PLAIN, offsetof(T, alt_text_de) },
    { "text_en", FIELD_TEXT, LOOK_PLAIN, offsetof(T, alt_text_en) },
    { "id", FIELD_TEXT, LOOK_PLAIN, offsetof(T, id) },
    { "version", FIELD_INT32, LOOK_PLAIN, offsetof(T, version) },
};
const struct fields tariff_fields = FIELDS("tariffs", tariff_table, 2, store_tariff);
#undef T

#define T struct store_factor
static const struct field factor_table[] = {
    { "low", FIELD_INT64, LOOK_E6, offsetof(T, low_e6) },
    { "mid", FIELD_INT64, LOOK_E6, offsetof(T, mid_e6) },
    { "high", FIELD_INT64, LOOK_E6, offsetof(T, high_e6) },
    { "unit", FIELD_TEXT, LOOK_PLAIN, offsetof(T, unit) },
    { "state", FIELD_TEXT, LOOK_PLAIN, offsetof(T, state) },
    { "source", FIELD_TEXT, LOOK_PLAIN, offsetof(T, source) },
    { "revised", FIELD_TEXT, LOOK_PLAIN, offsetof(T, revised) },
    { "kind", FIELD_TEXT, LOOK_PLAIN, offsetof(T, kind) },
    { "year", FIELD_INT32, LOOK_PLAIN, offsetof(T, year) },
};
const struct fields factor_fields = FIELDS("factors", factor_table, 2, store_factor);
#undef T

#define T struct store_template
static const struct field template_table[] = {
    { "match.vendor", FIELD_TEXT, LOOK_PLAIN, offsetof(T, vendor) },
    { "match.model", FIELD_TEXT, LOOK_PLAIN, offsetof(T, model) },
    { "match.firmware", FIELD_TEXT, LOOK_PLAIN, offsetof(T, firmware) },
    { "match.stations", FIELD_TEXT, LOOK_PLAIN, offsetof(T, stations) },
    { "match.groups", FIELD_TEXT, LOOK_PLAIN, offsetof(T, groups) },
    { "priority", FIELD_INT32, LOOK_PLAIN, offsetof(T, priority) },
    { "reboot", FIELD_BOOL, LOOK_YES_NO, offsetof(T, reboot) },
    { "keys", FIELD_TEXT, LOOK_LINES, offsetof(T, keys) },
    { "id", FIELD_TEXT, LOOK_PLAIN, offsetof(T, id) },
};
const struct fields template_fields = FIELDS("templates", template_table, 1, store_template);
#undef T

const char *field_text(const struct field *field, const void *record)
{
    const char *text;
    memcpy(&text, (const char *)record + field->offset, sizeof(text));
    return text;
}

void field_set_text(const struct field *field, void *record, const char *text)
{
    memcpy((char *)record + field->offset, &text, sizeof(text));
}

static int64_t number_of(const struct field *field, const void *record)
{
    const char *at = (const char *)record + field->offset;
    int64_t wide = 0;
    int32_t narrow = 0;
    switch (field->type) {
    case FIELD_INT32:
        memcpy(&narrow, at, sizeof(narrow));
        return narrow;
    case FIELD_INT64:
        memcpy(&wide, at, sizeof(wide));
        return wide;
    case FIELD_BOOL:
        return *(const bool *)at ? 1 : 0;
    case FIELD_TEXT:
        break;
    }
    return 0;
}

static void set_number(const struct field *field, void *record, int64_t value)
{
    char *at = (char *)record + field->offset;
    int32_t narrow = (int32_t)value;
    if (field->type == FIELD_INT32)
        memcpy(at, &narrow, sizeof(narrow));
    else if (field->type == FIELD_INT64)
        memcpy(at, &value, sizeof(value));
    else
        *(bool *)at = value != 0;
}

void fields_bind(const struct fields *fields, sqlite3_stmt *q, const void *record)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *field = &fields->field[i];
        if (field->type == FIELD_TEXT)
            bind_text(q, (int)i + 1, field_text(field, record));
        else
            bind_int(q, (int)i + 1, number_of(field, record));
    }
}

void fields_read(const struct fields *fields, size_t n, sqlite3_stmt *q, void *ret_record)
{
    for (size_t i = 0; i < n; i++) {
        const struct field *field = &fields->field[i];
        if (field->type == FIELD_TEXT)
            field_set_text(field, ret_record, column_text(q, (int)i));
        else
            set_number(field, ret_record, column_int(q, (int)i));
    }
}

bool field_equal(const struct field *field, const void *a, const void *b)
{
    if (field->type != FIELD_TEXT)
        return number_of(field, a) == number_of(field, b);
    const char *x = field_text(field, a), *y = field_text(field, b);
    return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

/* value / 10^digits without trailing zeros: 16000 with 3 digits is "16", 490000 is "490". */
static void show_decimal(int64_t value, int digits, char *ret_text, size_t size)
{
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value, scale = 1;
    for (int i = 0; i < digits; i++)
        scale *= 10;
    int n = snprintf(ret_text, size, "%s%" PRIu64 ".%0*" PRIu64, value < 0 ? "-" : "",
                     magnitude / scale, digits, magnitude % scale);
    if (n <= 0 || (size_t)n >= size)
        return;
    while (ret_text[n - 1] == '0')
        ret_text[--n] = '\0';
    if (ret_text[n - 1] == '.')
        ret_text[n - 1] = '\0';
}

static void show_time(int64_t at_ms, char *ret_text, size_t size)
{
    struct tm tm;
    time_t at_s = (time_t)(at_ms / 1000);
    if (gmtime_r(&at_s, &tm) == NULL || strftime(ret_text, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        snprintf(ret_text, size, "%" PRId64, at_ms);
}

static void show_word(const char *const *words, size_t n, int64_t value, char *ret_text,
                      size_t size)
{
    if (value >= 0 && value < (int64_t)n && words[value] != NULL)
        snprintf(ret_text, size, "%s", words[value]);
    else
        snprintf(ret_text, size, "%" PRId64, value);
}

static void show_number(enum field_look look, int64_t value, char *ret_text, size_t size)
{
    static const int digits[] = { [LOOK_AMPERE] = 3, [LOOK_PERCENT] = 2, [LOOK_E4] = 4,
                                  [LOOK_E6] = 6,     [LOOK_E7] = 7,      [LOOK_CENTS] = 2 };
    static const char *const yes_no[] = { "no", "yes" };
    static const char *const status[] = { NULL, "Accepted", "Blocked" };
    static const char *const class[] = { "leasing", "sticky", "forgetful", "unmanaged", "auto" };
    static const char *const green[] = { "off", "co2", "price" };
    switch (look) {
    case LOOK_PLAIN:
        snprintf(ret_text, size, "%" PRId64, value);
        break;
    case LOOK_MINUTES:
        snprintf(ret_text, size, "%" PRId64, value / 60);
        break;
    case LOOK_CLOCK:
        snprintf(ret_text, size, "%02" PRId64 ":%02" PRId64, value / 60, value % 60);
        break;
    case LOOK_TIME:
        show_time(value, ret_text, size);
        break;
    case LOOK_YES_NO:
        show_word(yes_no, 2, value, ret_text, size);
        break;
    case LOOK_STATUS:
        show_word(status, 3, value, ret_text, size);
        break;
    case LOOK_CLASS:
        show_word(class, 5, value, ret_text, size);
        break;
    case LOOK_GREEN:
        show_word(green, 3, value, ret_text, size);
        break;
    default:
        show_decimal(value, digits[look], ret_text, size);
    }
}

static void show_text(enum field_look look, const char *text, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s", text);
    for (char *p = ret_text; look == LOOK_LINES && *p != '\0'; p++)
        if (*p == '\n')
            *p = p[1] != '\0' ? ';' : '\0';
}

void field_show(const struct field *field, const void *record, char *ret_text, size_t size)
{
    const char *text = field->type == FIELD_TEXT ? field_text(field, record) : NULL;
    int64_t value = field->type == FIELD_TEXT ? 0 : number_of(field, record);
    bool is_none =
        field->type == FIELD_TEXT
            ? text == NULL
            : value == STORE_ABSENT ||
                  (value < 0 && (field->look == LOOK_MINUTES || field->look == LOOK_CENTS));
    if (is_none)
        snprintf(ret_text, size, "none");
    else if (text != NULL)
        show_text(field->look, text, ret_text, size);
    else
        show_number(field->look, value, ret_text, size);
}
