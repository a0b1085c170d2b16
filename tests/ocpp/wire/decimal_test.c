#include "tests/ocpp/wire/check_wire.h"

#include "ocpp/wire/decimal.h"

static const struct {
    const char *text;
    int64_t want_micro;
} good[] = {
    { "0", 0 },
    { "-0", 0 },
    { "1", 1000000 },
    { "+1", 1000000 },
    { "-1", -1000000 },
    { "604.213", 604213000 },
    { " 12.5 ", 12500000 },
    { "\t7\r\n", 7000000 },
    { ".5", 500000 },
    { "5.", 5000000 },
    { "0.000001", 1 },
    { "0.0000005", 1 },
    { "0.00000049999", 0 },
    { "-0.0000005", -1 },
    { "1.9999995", 2000000 },
    { "1e3", 1000000000 },
    { "1E+3", 1000000000 },
    { "1.5e-3", 1500 },
    { "1e-6", 1 },
    { "5e-7", 1 },
    { "4e-7", 0 },
    { "1e-999999999", 0 },
    { "0e999999999", 0 },
    { "000000000000000000000000000000000001.5", 1500000 },
    { "9223372036854.775807", INT64_MAX },
    { "-9223372036854.775807", -INT64_MAX },
    { "0.00000000000000000000000000000000000000000001e44", 1000000 },
    { "1500000000000000000000000000000000000000e-38", 15000000 },
};

static const char *const bad[] = {
    "",      " ",           "NaN",
    "inf",   "-",           "+",
    ".",     "e5",          "1,5",
    "1 5",   "1e",          "1e+",
    "0x10",  "12Wh",        "--1",
    "1.2.3", "1e5x",        "9223372036854.775808",
    "1e13",  "1e999999999", "99999999999999999999",
};

static void decimals(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        int64_t got = 42;
        if (!ocpp_decimal_micro(good[i].text, &got))
            fail_msg("%s: refused", good[i].text);
        check_int(good[i].text, got, good[i].want_micro);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        int64_t got = 42;
        if (ocpp_decimal_micro(bad[i], &got))
            fail_msg("\"%s\": accepted as %lld", bad[i], (long long)got);
        check_int(bad[i], got, 42);
    }
}

#define ENERGY OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_REGISTER

static const struct {
    const char *why;
    struct ocpp_sampled_value in;
    bool want_usable;
    int32_t want_measurand, want_phase, want_unit;
    int64_t want_micro;
    unsigned want_flags;
} samples[] = {
    { "value alone is energy in Wh",
      { .value = "1234.5" },
      true,
      ENERGY,
      0,
      OCPP_UNIT_WH,
      1234500000,
      OCPP_QUANTITY_UNIT_ASSUMED },
    { "kWh, exact to the last digit",
      { .value = "1.2345678", .unit = OCPP_UNIT_KWH },
      true,
      ENERGY,
      0,
      OCPP_UNIT_WH,
      1234567800,
      0 },
    { "MWh, not in the standard",
      { .value = "0.5", .unit = OCPP_ENUM_UNKNOWN, .unit_text = "MWh" },
      true,
      ENERGY,
      0,
      OCPP_UNIT_WH,
      500000000000,
      0 },
    { "empty unit counts as none",
      { .value = "1", .unit = OCPP_ENUM_UNKNOWN, .unit_text = "" },
      true,
      ENERGY,
      0,
      OCPP_UNIT_WH,
      1000000,
      OCPP_QUANTITY_UNIT_ASSUMED },
    { "mA",
      { .value = "15999",
        .measurand = OCPP_MEASURAND_CURRENT_IMPORT,
        .phase = OCPP_PHASE_L2,
        .unit = OCPP_ENUM_UNKNOWN,
        .unit_text = "mA" },
      true,
      OCPP_MEASURAND_CURRENT_IMPORT,
      OCPP_PHASE_L2,
      OCPP_UNIT_A,
      15999000,
      0 },
    { "phase glued to the measurand",
      { .value = "16",
        .measurand = OCPP_ENUM_UNKNOWN,
        .measurand_text = "Current.Import.L1",
        .unit = OCPP_UNIT_A },
      true,
      OCPP_MEASURAND_CURRENT_IMPORT,
      OCPP_PHASE_L1,
      OCPP_UNIT_A,
      16000000,
      OCPP_QUANTITY_PHASE_SPLIT },
    { "phase to neutral glued, other case",
      { .value = "230", .measurand = OCPP_ENUM_UNKNOWN, .measurand_text = "voltage.l3-n" },
      true,
      OCPP_MEASURAND_VOLTAGE,
      OCPP_PHASE_L3_N,
      OCPP_UNIT_V,
      230000000,
      OCPP_QUANTITY_PHASE_SPLIT | OCPP_QUANTITY_UNIT_ASSUMED },
    { "vendor's own measurand",
      { .value = "5",
        .measurand = OCPP_ENUM_UNKNOWN,
        .measurand_text = "Request.Energy",
        .unit = OCPP_UNIT_KWH },
      false,
      OCPP_ENUM_UNKNOWN,
      0,
      OCPP_UNIT_WH,
      5000000000,
      OCPP_QUANTITY_MEASURAND_UNKNOWN },
    { "kW",
      { .value = "-7.36", .measurand = OCPP_MEASURAND_POWER_ACTIVE_IMPORT, .unit = OCPP_UNIT_KW },
      true,
      OCPP_MEASURAND_POWER_ACTIVE_IMPORT,
      0,
      OCPP_UNIT_W,
      -7360000000,
      0 },
    { "frequency without unit",
      { .value = "49.98", .measurand = OCPP_MEASURAND_FREQUENCY },
      true,
      OCPP_MEASURAND_FREQUENCY,
      0,
      OCPP_UNIT_HERTZ,
      49980000,
      OCPP_QUANTITY_UNIT_ASSUMED },
    { "Kelvin",
      { .value = "300.15", .measurand = OCPP_MEASURAND_TEMPERATURE, .unit = OCPP_UNIT_K },
      true,
      OCPP_MEASURAND_TEMPERATURE,
      0,
      OCPP_UNIT_CELSIUS,
      27000000,
      0 },
    { "Fahrenheit, rounded",
      { .value = "-5", .measurand = OCPP_MEASURAND_TEMPERATURE, .unit = OCPP_UNIT_FAHRENHEIT },
      true,
      OCPP_MEASURAND_TEMPERATURE,
      0,
      OCPP_UNIT_CELSIUS,
      -20555556,
      0 },
    { "power factor is a plain number",
      { .value = "0.98", .measurand = OCPP_MEASURAND_POWER_FACTOR },
      true,
      OCPP_MEASURAND_POWER_FACTOR,
      0,
      0,
      980000,
      OCPP_QUANTITY_UNIT_ASSUMED },
    { "energy in watts",
      { .value = "5", .unit = OCPP_UNIT_W },
      false,
      ENERGY,
      0,
      OCPP_UNIT_W,
      5000000,
      OCPP_QUANTITY_UNIT_MISMATCH },
    { "unit nobody knows",
      { .value = "5", .unit = OCPP_ENUM_UNKNOWN, .unit_text = "furlong" },
      false,
      ENERGY,
      0,
      0,
      5000000,
      OCPP_QUANTITY_UNIT_UNKNOWN },
    { "signed data are no number",
      { .value = "1234", .format = OCPP_FORMAT_SIGNED_DATA },
      false,
      ENERGY,
      0,
      OCPP_UNIT_WH,
      0,
      OCPP_QUANTITY_SIGNED | OCPP_QUANTITY_NO_NUMBER | OCPP_QUANTITY_UNIT_ASSUMED },
    { "decimal comma",
      { .value = "1,5" },
      false,
      ENERGY,
      0,
      OCPP_UNIT_WH,
      0,
      OCPP_QUANTITY_NO_NUMBER | OCPP_QUANTITY_UNIT_ASSUMED },
    { "value missing",
      { .value = NULL },
      false,
      ENERGY,
      0,
      OCPP_UNIT_WH,
      0,
      OCPP_QUANTITY_NO_NUMBER | OCPP_QUANTITY_UNIT_ASSUMED },
    { "too large once converted",
      { .value = "9223372036854", .unit = OCPP_UNIT_KWH },
      false,
      ENERGY,
      0,
      OCPP_UNIT_WH,
      0,
      OCPP_QUANTITY_OVERFLOW },
};

static void normalize(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        const char *why = samples[i].why;
        struct ocpp_quantity got;
        check_int(why, ocpp_sampled_normalize(&samples[i].in, &got), samples[i].want_usable);
        check_int(why, got.measurand, samples[i].want_measurand);
        check_int(why, got.phase, samples[i].want_phase);
        check_int(why, got.unit, samples[i].want_unit);
        check_int(why, got.value_micro, samples[i].want_micro);
        check_int(why, got.flags, samples[i].want_flags);
        check_int(why, got.context, OCPP_CONTEXT_SAMPLE_PERIODIC);
        check_int(why, got.location, OCPP_LOCATION_OUTLET);
    }
}

static void what_is_given_stays(void **state)
{
    (void)state;
    const struct ocpp_sampled_value in = {
        .value = "1",
        .context = OCPP_CONTEXT_TRANSACTION_END,
        .format = OCPP_ENUM_UNKNOWN,
        .location = OCPP_ENUM_UNKNOWN,
    };
    struct ocpp_quantity got;
    ocpp_sampled_normalize(&in, &got);
    assert_int_equal(got.context, OCPP_CONTEXT_TRANSACTION_END);
    assert_int_equal(got.format, OCPP_ENUM_UNKNOWN);
    assert_int_equal(got.location, OCPP_ENUM_UNKNOWN);
}

/* Each measurand with its own unit assumed must be usable: no row may be missing in the table. */
static void every_measurand_has_a_unit(void **state)
{
    (void)state;
    for (int32_t m = 1; m <= ocpp_enum_measurand.n; m++) {
        struct ocpp_sampled_value in = { .value = "1", .measurand = m };
        struct ocpp_quantity got;
        check_int(ocpp_enum_text(&ocpp_enum_measurand, m), ocpp_sampled_normalize(&in, &got), 1);
        bool is_plain = m == OCPP_MEASURAND_POWER_FACTOR || m == OCPP_MEASURAND_RPM;
        check_int(ocpp_enum_text(&ocpp_enum_measurand, m), got.unit == 0, is_plain);
    }
    for (int32_t u = 1; u <= ocpp_enum_unit.n_known; u++) {
        struct ocpp_sampled_value in = { .value = "1", .unit = u };
        struct ocpp_quantity got;
        ocpp_sampled_normalize(&in, &got);
        if (got.flags & OCPP_QUANTITY_UNIT_UNKNOWN)
            fail_msg("unit %s is in no row", ocpp_enum_text(&ocpp_enum_unit, u));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals),
        cmocka_unit_test(normalize),
        cmocka_unit_test(what_is_given_stays),
        cmocka_unit_test(every_measurand_has_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
