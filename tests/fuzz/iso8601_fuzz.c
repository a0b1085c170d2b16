/*
 * Any text as a time stamp: what is read must be written as a text that reads the same.
 */
#include <stdlib.h>

#include "ocpp/wire/iso8601.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size);
    int64_t first_ms, second_ms;
    bool had_zone;
    if (ocpp_time_parse(text, &first_ms, &had_zone)) {
        char buf[OCPP_TIME_TEXT_SIZE];
        ocpp_time_format(first_ms, buf);
        if (!ocpp_time_parse(buf, &second_ms, &had_zone) || !had_zone || first_ms != second_ms)
            abort();
    }
    if (size >= sizeof(first_ms)) {
        char buf[OCPP_TIME_TEXT_SIZE];
        memcpy(&first_ms, data, sizeof(first_ms));
        ocpp_time_format(first_ms, buf);
        if (!ocpp_time_parse(buf, &second_ms, NULL))
            abort();
    }
    free(text);
    return 0;
}

static const char *const seeds[] = {
    "2026-01-31T12:00:00Z",          "2024-02-29t10:00:00.123456789z", "2024-02-29 10:00:00+02",
    "0001-01-01T00:00:00.000-00:00", "9999-12-31T24:00:00Z",           "2024-02-29T10:00:60+0530",
};
FUZZ_MAIN(seeds)
