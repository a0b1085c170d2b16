#include "ocpp/wire/decimal.h"

#include <stddef.h>
#include <string.h>

#include "ocpp/wire/text.h"

enum { EXPONENT_MAX = 100000 }; /* beyond it a number is 0 or too large anyway */

/* A number taken apart, still text: value = +-digits x 10^exponent. */
struct decimal_parts {
    const char *digits; /* may contain one point, which does not count as digit */
    size_t n_chars;     /* of digits with the point */
    int64_t n_digits;
    int64_t exponent;
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* The digits behind an E; false if there are none. */
static bool read_exponent(const char **at, int64_t *ret_exponent)
{
    bool negative = **at == '-';
    if (**at == '-' || **at == '+')
        (*at)++;
    if (!is_digit(**at))
        return false;
    int64_t value = 0;
    for (; is_digit(**at); (*at)++)
        if (value < EXPONENT_MAX)
            value = value * 10 + (**at - '0');
    *ret_exponent = negative ? -value : value;
    return true;
}

static bool take_apart(const char *text, struct decimal_parts *ret)
{
    const char *at = skip_blanks(text);
    *ret = (struct decimal_parts){ .negative = *at == '-' };
    if (*at == '-' || *at == '+')
        at++;
    ret->digits = at;
    int64_t n_fraction = 0;
    bool has_point = false;
    for (; is_digit(*at) || (*at == '.' && !has_point); at++) {
        if (*at == '.') {
            has_point = true;
            continue;
        }
        ret->n_digits++;
        n_fraction += has_point;
    }
    ret->n_chars = (size_t)(at - ret->digits);
    if (ret->n_digits == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        at++;
        if (!read_exponent(&at, &ret->exponent))
            return false;
    }
    ret->exponent -= n_fraction;
    return *skip_blanks(at) == '\0';
}

static bool append_digit(int64_t *value, int digit)
{
    return !__builtin_mul_overflow(*value, 10, value) &&
           !__builtin_add_overflow(*value, digit, value);
}

/* value x 10^shift as an integer, halves away from zero; false if it is no number or too large. */
static bool read_scaled(const char *text, int shift, int64_t *ret_value)
{
    struct decimal_parts parts;
    if (!take_apart(text, &parts))
        return false;
    int64_t n_kept = parts.n_digits + parts.exponent + shift; /* digits before the cut */
    int64_t value = 0;
    int64_t i = 0;
    bool round_up = false;
    for (size_t k = 0; k < parts.n_chars && i <= n_kept; k++) {
        if (parts.digits[k] == '.')
            continue;
        int digit = parts.digits[k] - '0';
        if (i == n_kept)
            round_up = digit >= 5;
        else if (!append_digit(&value, digit))
            return false;
        i++;
    }
    for (; i < n_kept && value != 0; i++)
        if (!append_digit(&value, 0))
            return false;
    if (round_up && __builtin_add_overflow(value, 1, &value))
        return false;
    *ret_value = parts.negative ? -value : value;
    return true;
}

bool ocpp_decimal_micro(const char *text, int64_t *ret_micro)
{
    return read_scaled(text, 6, ret_micro);
}

/* Units as stations write them, members of the standard and others. */
struct unit_row {
    const char *text;
    int32_t base; /* OCPP_UNIT_* to convert to; 0 = a plain number */
    int shift;    /* power of ten */
};

/* Found by exact text first, then without regard to case: there the first row wins. */
static const struct unit_row units[] = {
    { "Wh", OCPP_UNIT_WH, 0 },
    { "kWh", OCPP_UNIT_WH, 3 },
    { "MWh", OCPP_UNIT_WH, 6 },
    { "mWh", OCPP_UNIT_WH, -3 },
    { "varh", OCPP_UNIT_VARH, 0 },
    { "kvarh", OCPP_UNIT_VARH, 3 },
    { "W", OCPP_UNIT_W, 0 },
    { "kW", OCPP_UNIT_W, 3 },
    { "MW", OCPP_UNIT_W, 6 },
    { "mW", OCPP_UNIT_W, -3 },
    { "VA", OCPP_UNIT_VA, 0 },
    { "kVA", OCPP_UNIT_VA, 3 },
    { "var", OCPP_UNIT_VAR, 0 },
    { "kvar", OCPP_UNIT_VAR, 3 },
    { "A", OCPP_UNIT_A, 0 },
    { "mA", OCPP_UNIT_A, -3 },
    { "kA", OCPP_UNIT_A, 3 },
    { "dA", OCPP_UNIT_A, -1 },
    { "V", OCPP_UNIT_V, 0 },
    { "mV", OCPP_UNIT_V, -3 },
    { "kV", OCPP_UNIT_V, 3 },
    { "dV", OCPP_UNIT_V, -1 },
    { "Hertz", OCPP_UNIT_HERTZ, 0 },
    { "Hz", OCPP_UNIT_HERTZ, 0 },
    { "mHz", OCPP_UNIT_HERTZ, -3 },
    { "Celsius", OCPP_UNIT_CELSIUS, 0 },
    { "Celcius", OCPP_UNIT_CELSIUS, 0 },
    { "\xc2\xb0"
      "C",
      OCPP_UNIT_CELSIUS, 0 },
    { "K", OCPP_UNIT_K, 0 },
    { "Fahrenheit", OCPP_UNIT_FAHRENHEIT, 0 },
    { "Percent", OCPP_UNIT_PERCENT, 0 },
    { "%", OCPP_UNIT_PERCENT, 0 },
    { "RPM", 0, 0 },
    { "1/min", 0, 0 },
};

/* What each measurand is measured in. */
static const struct {
    int32_t unit;       /* assumed if a station gives none; 0 = a plain number */
    int32_t other_unit; /* accepted as well; 0 = none */
} measurand_units[] = {
    [OCPP_MEASURAND_ENERGY_ACTIVE_EXPORT_REGISTER] = { OCPP_UNIT_WH, 0 },
    [OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_REGISTER] = { OCPP_UNIT_WH, 0 },
    [OCPP_MEASURAND_ENERGY_REACTIVE_EXPORT_REGISTER] = { OCPP_UNIT_VARH, 0 },
    [OCPP_MEASURAND_ENERGY_REACTIVE_IMPORT_REGISTER] = { OCPP_UNIT_VARH, 0 },
    [OCPP_MEASURAND_ENERGY_ACTIVE_EXPORT_INTERVAL] = { OCPP_UNIT_WH, 0 },
    [OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_INTERVAL] = { OCPP_UNIT_WH, 0 },
    [OCPP_MEASURAND_ENERGY_REACTIVE_EXPORT_INTERVAL] = { OCPP_UNIT_VARH, 0 },
    [OCPP_MEASURAND_ENERGY_REACTIVE_IMPORT_INTERVAL] = { OCPP_UNIT_VARH, 0 },
    [OCPP_MEASURAND_POWER_ACTIVE_EXPORT] = { OCPP_UNIT_W, OCPP_UNIT_VA },
    [OCPP_MEASURAND_POWER_ACTIVE_IMPORT] = { OCPP_UNIT_W, OCPP_UNIT_VA },
    [OCPP_MEASURAND_POWER_OFFERED] = { OCPP_UNIT_W, OCPP_UNIT_VA },
    [OCPP_MEASURAND_POWER_REACTIVE_EXPORT] = { OCPP_UNIT_VAR, OCPP_UNIT_VA },
    [OCPP_MEASURAND_POWER_REACTIVE_IMPORT] = { OCPP_UNIT_VAR, OCPP_UNIT_VA },
    [OCPP_MEASURAND_POWER_FACTOR] = { 0, 0 },
    [OCPP_MEASURAND_CURRENT_IMPORT] = { OCPP_UNIT_A, 0 },
    [OCPP_MEASURAND_CURRENT_EXPORT] = { OCPP_UNIT_A, 0 },
    [OCPP_MEASURAND_CURRENT_OFFERED] = { OCPP_UNIT_A, 0 },
    [OCPP_MEASURAND_VOLTAGE] = { OCPP_UNIT_V, 0 },
    [OCPP_MEASURAND_FREQUENCY] = { OCPP_UNIT_HERTZ, 0 },
    [OCPP_MEASURAND_TEMPERATURE] = { OCPP_UNIT_CELSIUS, 0 },
    [OCPP_MEASURAND_SOC] = { OCPP_UNIT_PERCENT, 0 },
    [OCPP_MEASURAND_RPM] = { 0, 0 },
};

static const struct unit_row *find_unit(const char *text)
{
    const size_t n = sizeof(units) / sizeof(units[0]);
    for (size_t i = 0; i < n; i++)
        if (strcmp(units[i].text, text) == 0)
            return &units[i];
    for (size_t i = 0; i < n; i++)
        if (ocpp_ci_equal(units[i].text, text))
            return &units[i];
    return NULL;
}

/* "Current.Import.L1" -> Current.Import and L1; false if that is not what the text is. */
static bool split_phase(const char *text, struct ocpp_quantity *quantity)
{
    const char *dot = text ? strrchr(text, '.') : NULL;
    char head[64];
    if (!dot || (size_t)(dot - text) >= sizeof(head))
        return false;
    memcpy(head, text, (size_t)(dot - text));
    head[dot - text] = '\0';
    bool exact;
    int32_t phase = ocpp_enum_read(&ocpp_enum_phase, dot + 1, &exact);
    int32_t measurand = ocpp_enum_read(&ocpp_enum_measurand, head, &exact);
    if (phase < 1 || measurand < 1)
        return false;
    quantity->measurand = measurand;
    if (quantity->phase < 1)
        quantity->phase = phase;
    quantity->flags |= OCPP_QUANTITY_PHASE_SPLIT;
    return true;
}

static int32_t or_default(int32_t value, int32_t if_absent)
{
    return value == 0 ? if_absent : value;
}

static void fill_defaults(const struct ocpp_sampled_value *sampled, struct ocpp_quantity *quantity)
{
    *quantity = (struct ocpp_quantity){
        .measurand = or_default(sampled->measurand, OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_REGISTER),
        .phase = sampled->phase,
        .context = or_default(sampled->context, OCPP_CONTEXT_SAMPLE_PERIODIC),
        .format = or_default(sampled->format, OCPP_FORMAT_RAW),
        .location = or_default(sampled->location, OCPP_LOCATION_OUTLET),
    };
    if (quantity->measurand == OCPP_ENUM_UNKNOWN && !split_phase(sampled->measurand_text, quantity))
        quantity->flags |= OCPP_QUANTITY_MEASURAND_UNKNOWN;
    if (quantity->format == OCPP_FORMAT_SIGNED_DATA)
        quantity->flags |= OCPP_QUANTITY_SIGNED;
}

static const char *unit_text_of(const struct ocpp_sampled_value *sampled)
{
    const char *text = ocpp_enum_text(&ocpp_enum_unit, sampled->unit);
    if (!text)
        text = sampled->unit_text;
    return text && *text ? text : NULL;
}

/* Kelvin and Fahrenheit to Celsius, in millionths. */
static void to_celsius(struct ocpp_quantity *quantity)
{
    int64_t micro = quantity->value_micro;
    bool overflow = false;
    if (quantity->unit == OCPP_UNIT_K) {
        overflow = __builtin_sub_overflow(micro, 273150000, &micro);
    } else if (quantity->unit == OCPP_UNIT_FAHRENHEIT) {
        overflow = __builtin_sub_overflow(micro, 32000000, &micro) ||
                   __builtin_mul_overflow(micro, 5, &micro);
        if (!overflow) {
            int64_t half = micro < 0 ? -4 : 4;
            overflow = __builtin_add_overflow(micro, half, &micro);
            micro /= 9;
        }
    } else {
        return;
    }
    quantity->unit = OCPP_UNIT_CELSIUS;
    quantity->value_micro = overflow ? 0 : micro;
    if (overflow)
        quantity->flags |= OCPP_QUANTITY_OVERFLOW;
}

static void read_value(const char *text, int shift, struct ocpp_quantity *quantity)
{
    struct decimal_parts parts;
    if (!text || (quantity->flags & OCPP_QUANTITY_SIGNED) || !take_apart(text, &parts))
        quantity->flags |= OCPP_QUANTITY_NO_NUMBER;
    else if (!read_scaled(text, 6 + shift, &quantity->value_micro))
        quantity->flags |= OCPP_QUANTITY_OVERFLOW;
}

bool ocpp_sampled_normalize(const struct ocpp_sampled_value *sampled,
                            struct ocpp_quantity *ret_quantity)
{
    struct ocpp_quantity *q = ret_quantity;
    fill_defaults(sampled, q);
    const char *unit_text = unit_text_of(sampled);
    const struct unit_row *unit = unit_text ? find_unit(unit_text) : NULL;
    bool is_known = q->measurand > 0;
    if (!unit_text) {
        q->flags |= OCPP_QUANTITY_UNIT_ASSUMED;
        q->unit = is_known ? measurand_units[q->measurand].unit : 0;
    } else if (!unit) {
        q->flags |= OCPP_QUANTITY_UNIT_UNKNOWN;
    } else {
        q->unit = unit->base;
    }
    read_value(sampled->value, unit ? unit->shift : 0, q);
    to_celsius(q);
    if (is_known && unit && q->unit != measurand_units[q->measurand].unit &&
        (q->unit == 0 || q->unit != measurand_units[q->measurand].other_unit))
        q->flags |= OCPP_QUANTITY_UNIT_MISMATCH;
    const unsigned harmless = OCPP_QUANTITY_PHASE_SPLIT | OCPP_QUANTITY_UNIT_ASSUMED;
    return (q->flags & ~harmless) == 0;
}
