/*
 * Any JSON as an apply file, upon an empty site and upon itself.  What is refused says where and
 * why; what is taken can be written, and read again upon itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/noxd/apply_file.h"
#include "tests/fuzz/fuzz.h"

enum { CHUNK_BYTES = 4096, LIMIT_BYTES = 1 << 26 };

static void check_error(const struct apply_error *error)
{
    size_t len = strlen(error->path);
    if (strlen(error->text) < 5 || strncmp(error->text, error->path, len) != 0)
        abort();
}

static void write_all(const struct store_site *site)
{
    struct ocpp_text out;
    ocpp_text_init(&out);
    for (size_t i = 0; i < APPLY_LISTS; i++) {
        const struct apply_list *list = &apply_lists[i];
        const char *items =
            *(const char *const *)(const void *)((const char *)site + list->items_offset);
        size_t n = *(const size_t *)(const void *)((const char *)site + list->n_offset);
        for (size_t k = 0; k < n; k++)
            apply_write(list->object, items + k * list->object->size, &out);
    }
    ocpp_text_done(&out);
}

static void read_upon(const struct store_site *base, json_t *root, bool must_be_good, int depth)
{
    struct apply_site file;
    struct apply_error error = { "", "" };
    struct store_site merged;
    struct ocpp_arena arena;
    ocpp_arena_init(&arena, CHUNK_BYTES, LIMIT_BYTES);
    bool good = apply_parse(json_incref(root), base, &file, &error) &&
                apply_merge(base, &file, &arena, &merged, &error);
    if (!good)
        check_error(&error);
    if (!good && must_be_good)
        abort();
    if (good)
        write_all(&merged);
    if (good && depth > 0)
        read_upon(&merged, root, true, depth - 1);
    apply_site_done(&file);
    ocpp_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct store_site nothing;
    json_t *root =
        json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (root == NULL)
        return 0;
    read_upon(&nothing, root, false, 1);
    json_decref(root);
    return 0;
}

static const char *const seeds[] = {
    "{\"grid\":[{\"id\":\"G\",\"limit_a\":[63,63,63],\"foreign_a\":10},"
    "{\"id\":\"H\",\"parent\":\"G\",\"limit_a\":32}]}",
    "{\"stations\":[{\"id\":\"S\",\"wiring\":\"STR\",\"rating_a\":16,\"safe_a\":6,\"lat\":51.5,"
    "\"lon\":7.4,\"connectors\":[{\"id\":1,\"evse_id\":\"E\",\"max_w\":11040}]}]}",
    "{\"tags\":[{\"id_tag\":\"A\",\"status\":\"Blocked\",\"expires\":\"2026-10-25\"},"
    "{\"id_tag\":\"B\",\"auth_kind\":\"app\",\"single_session\":true}]}",
    "{\"tariffs\":[{\"id\":\"T\",\"version\":1,\"valid_from\":\"2026-01-01\",\"price_per_kwh\":"
    "\"0.4900\",\"vat_percent\":19,\"blocking\":{\"after_min\":240,\"per_min\":\"0.10\",\"from\":"
    "\"08:00\",\"to\":\"22:00\",\"cap\":\"12.00\"}}]}",
    "{\"factors\":[{\"kind\":\"consumption\",\"year\":2024,\"low\":15,\"mid\":18.5,\"high\":22,"
    "\"unit\":\"kWh/100km\",\"state\":\"assumed\",\"source\":\"S\",\"revised\":\"2025-04-15\"}]}",
    "{\"$schema\":\"x\",\"grid\":[],\"stations\":[{\"id\":\"S\",\"grid_node\":null,\"class\":\"sticky\"}]}",
};
FUZZ_MAIN(seeds)
