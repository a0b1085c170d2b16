/*
 * Any bytes as the operator's table of known deviations, at a station that fits whatever it names.
 * What is refused says why and changes nothing; what is taken can be written and read as the same.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/scenario/world.h"

static struct world world;

static void begin(void)
{
    char text[200];
    const struct store_station station = { .id = "CP0",
                                           .wiring = "RST",
                                           .rating_ma = 16000,
                                           .min_ma = 6000,
                                           .weight = 1,
                                           .lat_e7 = STORE_ABSENT,
                                           .lon_e7 = STORE_ABSENT };
    const struct store_site site = { .station = &station, .n_stations = 1 };
    if (!world_open(&world, INT64_C(1790000000000)) ||
        !world_apply(&world, &site, text, sizeof(text)))
        abort();
    struct world_station *s = world_station(&world, "CP0");
    if (!world_connect(&world, s))
        abort();
    world_call(&world, s, "BootNotification",
               json_pack("{s:s,s:s,s:s}", "chargePointVendor", "V", "chargePointModel", "M",
                         "firmwareVersion", "1.0"));
}

static void remove_folder(void)
{
    world_close(&world);
}

/* The operator's rows, in the order in which they were read. */
static json_t *own_rows(size_t *ret_n)
{
    struct central_quirk_view row;
    json_t *rows = json_array();
    for (*ret_n = 0; central_quirk_view(world.central, *ret_n, &row); (*ret_n)++) {
        central_quirk_fits(world.central, *ret_n, 0);
        if (row.shipped)
            continue;
        json_t *match = json_object();
        json_object_set_new(match, "vendor", row.vendor != NULL ? json_string(row.vendor) : NULL);
        json_object_set_new(match, "model", row.model != NULL ? json_string(row.model) : NULL);
        json_object_set_new(match, "firmware",
                            row.firmware != NULL ? json_string(row.firmware) : NULL);
        json_array_append_new(rows, json_pack("{s:s,s:o,s:O,s:s*}", "id", row.id, "match", match,
                                              "set", row.set, "why", row.why));
    }
    return rows;
}

static void check_again(json_t *rows, size_t n)
{
    char text[200] = "", *written = json_dumps(rows, JSON_COMPACT);
    size_t n_again;
    if (written == NULL ||
        !central_quirks(world.central, written, strlen(written), text, sizeof(text)))
        abort();
    json_t *again = own_rows(&n_again);
    if (n != n_again || !json_equal(rows, again))
        abort();
    json_decref(again);
    free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[200] = "";
    size_t n;
    if (world.central == NULL) {
        begin();
        atexit(remove_folder);
    }
    if (!central_quirks(world.central, NULL, 0, text, sizeof(text)))
        abort(); /* what is shipped */
    if (!central_quirks(world.central, (const char *)data, size, text, sizeof(text))) {
        if (text[0] == '\0')
            abort();
        return 0;
    }
    json_t *rows = own_rows(&n);
    check_again(rows, n);
    json_decref(rows);
    return 0;
}

static const char *const seeds[] = {
    "[{\"id\":\"mine\",\"match\":{\"vendor\":\"V*\",\"model\":\"?\",\"firmware\":\"1.*\"},\"set\":{"
    "\"lax_subprotocol\":true,\"strict\":true,\"wait_for_boot_s\":90,\"call_timeout_s\":90},"
    "\"why\":\"was seen\"}]",
    "[{\"id\":\"wallbox\",\"match\":{\"model\":\"M\"},\"set\":{\"zone_min\":-60,\"short_times\":true}}]",
    "[]",
};
FUZZ_MAIN(seeds)
