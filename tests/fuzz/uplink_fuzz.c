/* Readings of meters, from whoever has the token of a meter: taken within their bounds, or refused
 * with a sentence. */
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/uplink.h"
#include "storage/windows.h"
#include "tests/fuzz/fuzz.h"

static void read_by(const struct uplink *u, const struct uplink_paths *paths)
{
    const int64_t now_ms = INT64_C(1764090000000);
    char path[UPLINK_DEVICE_MAX + 1] = "", text[UPLINK_TEXT] = "";
    int32_t ma[3] = { -1, -1, -1 };
    int64_t at_ms = 0;
    bool good = uplink_read(u, paths, now_ms, ma, &at_ms, path, text);
    if (!good && text[0] == '\0')
        abort();
    for (int p = 0; good && p < 3; p++)
        if (ma[p] < 0 || ma[p] > UPLINK_MAX_MA || at_ms > now_ms)
            abort();
}

static void read_message(const char *text)
{
    static const struct uplink_paths paths[] = {
        { NULL, NULL },
        { "l1=a.0.b\nl2=object.x\nat=t\n", "kW" },
        { "l3=uplink_message.decoded_payload.a\n", "mA" },
    };
    char why[UPLINK_TEXT];
    struct uplink u;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(root) && uplink_open(root, &u, why, sizeof(why))) {
        uplink_is_of(&u, "A84041B931837A0A");
        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
            read_by(&u, &paths[i]);
        uplink_done(&u);
    } else if (json_is_object(root)) {
        uplink_done(&u);
    }
    json_decref(root);
}

/* A calendar that can be read is written in a form that means the same. */
static void read_calendar(const char *text)
{
    static struct store_window window[STORE_WINDOWS_MAX];
    static int32_t hour_ma[STORE_HOURS][3];
    size_t n = windows_read(text, window, STORE_WINDOWS_MAX);
    for (size_t i = 0; n != SIZE_MAX && i < n; i++) {
        char line[STORE_WINDOW_TEXT], again[STORE_WINDOW_TEXT];
        struct store_window back;
        window_write(&window[i], line);
        if (windows_read(line, &back, 1) != 1)
            abort();
        window_write(&back, again);
        if (strcmp(line, again) != 0)
            abort();
    }
    hours_read(text, hour_ma);
    window_days_read(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    read_message(text);
    read_calendar(text);
    free(text);
    return 0;
}

static const char *const seeds[] = {
    "{\"l1_a\":12,\"l2_a\":13.5,\"l3_a\":9,\"at\":\"2025-11-25T16:00:00Z\"}",
    "{\"a_per_phase\":[1,2,3]}",
    "{\"w_per_phase\":[-1,2e9,3]}",
    ("{\"end_device_ids\":{\"device_id\":\"m\",\"dev_eui\":\"A84041B931837A0A\"},\"uplink_message\":"
     "{\"received_at\":\"2025-11-25T16:59:31.5Z\",\"decoded_payload\":{\"l1_a\":1,\"l2_a\":2,\"l3_a\":"
     "3,\"a\":[{\"b\":1}]}}}"),
    ("{\"deviceInfo\":{\"devEui\":\"a84041b931837a0a\"},\"object\":{\"i1\":1,\"i2\":2,\"i3\":3,\"x\":"
     "4},\"time\":\"2025-11-25T16:59:30+00:00\"}"),
    "{\"devEUI\":\"qEBBuTGDego=\",\"objectJSON\":\"{\\\"i1\\\":1}\"}",
    "Mo-Fr 17:00 22:00 limit 40 reserve 10/10.5/0\nSa,Su sunset-15 sunrise reserve 0.125\n",
    "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1/2/3",
};
FUZZ_MAIN(seeds)
