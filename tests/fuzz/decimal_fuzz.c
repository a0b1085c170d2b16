/*
 * Any text as a decimal number, and as the value, measurand and unit of a sampled value.  Written
 * as millionths the number must read the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ocpp/wire/decimal.h"
#include "tests/fuzz/fuzz.h"

static void check_number(const char *text)
{
    int64_t first, second;
    char buf[40];
    if (!ocpp_decimal_micro(text, &first))
        return;
    uint64_t magnitude = first < 0 ? 0 - (uint64_t)first : (uint64_t)first;
    snprintf(buf, sizeof(buf), "%s%" PRIu64 ".%06" PRIu64, first < 0 ? "-" : "",
             magnitude / 1000000, magnitude % 1000000);
    if (!ocpp_decimal_micro(buf, &second) || first != second)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size);
    check_number(text);
    /* "value|measurand|unit" */
    char *measurand = strchr(text, '|');
    char *unit = measurand ? strchr(measurand + 1, '|') : NULL;
    if (measurand)
        *measurand++ = '\0';
    if (unit)
        *unit++ = '\0';
    bool exact;
    struct ocpp_sampled_value sampled = { .value = text,
                                          .measurand_text = measurand,
                                          .unit_text = unit };
    if (measurand)
        sampled.measurand = ocpp_enum_read(&ocpp_enum_measurand, measurand, &exact);
    if (unit)
        sampled.unit = ocpp_enum_read(&ocpp_enum_unit, unit, &exact);
    struct ocpp_quantity quantity;
    if (!ocpp_sampled_normalize(&sampled, &quantity) && quantity.flags == 0)
        abort();
    free(text);
    return 0;
}

static const char *const seeds[] = {
    "604.213|Energy.Active.Import.Register|kWh",
    "-1.5e-3|Current.Import.L1|mA",
    "9223372036854.775807|Voltage.L1-N|",
    "451|Temperature|Fahrenheit",
    " +0.0000005 ",
    "1e13|SoC|%",
};
FUZZ_MAIN(seeds)
