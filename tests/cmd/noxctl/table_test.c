/* Values, tables and CSV as people and programs see them. */
#include "cmd/noxctl/table.h"

#include <stdlib.h>
#include <time.h>

#include "cmd/noxctl/member.h"
#include "tests/ocpp/wire/check_wire.h"

static const struct {
    enum cell_kind kind;
    const char *json, *want;
} cells[] = {
    { CELL_TEXT, "\"Lampe\"", "Lampe" },
    { CELL_TEXT, "null", "-" },
    { CELL_TEXT, "\"\\u001b[1m\"", "?[1m" },
    { CELL_TEXT, "{\"a\":1}", "{\"a\":1}" },
    { CELL_NUMBER, "51.5142", "51.5142" },
    { CELL_NUMBER, "0", "0" },
    { CELL_AMPS, "13", "13.0" },
    { CELL_AMPS, "12.8", "12.8" },
    { CELL_AMPS, "\"?\"", "?" },
    { CELL_AMPS3, "[63, 63, 63]", "63.0" },
    { CELL_AMPS3, "[12.8, null, 0]", "12.8 - 0.0" },
    { CELL_AMPS3, "[null, null, null]", "-" },
    { CELL_AMPS3, "40", "40.0" },
    { CELL_KWH, "31207", "31.207" },
    { CELL_KWH, "7", "0.007" },
    { CELL_KWH, "-7", "-0.007" },
    { CELL_KW, "10987", "10.99" },
    { CELL_KW, "null", "-" },
    { CELL_CENTS, "1529", "15.29" },
    { CELL_MS, "-320", "-0.320 s" },
    { CELL_SECONDS, "59", "0:59" },
    { CELL_SECONDS, "7210", "2:00:10" },
    { CELL_SECONDS, "90061", "1 d 01:01" },
    { CELL_TIME, "\"2026-10-24T20:15:59.000Z\"", "2026-10-24 22:15" },
    { CELL_TIME, "\"2026-10-25T02:15:00.000Z\"", "2026-10-25 03:15" }, /* after the change */
    { CELL_TIME_S, "\"2026-10-24T20:15:59.900Z\"", "2026-10-24 22:15:59" },
    { CELL_TIME, "\"soon\"", "soon" },
    { CELL_YES_NO, "true", "yes" },
    { CELL_YES_NO, "false", "no" },
    { CELL_LIST, "[\"a\", \"b\"]", "a, b" },
    { CELL_LIST, "[]", "-" },
};

static json_t *json_of(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    return json;
}

static void writes_values_for_people(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cells); i++) {
        json_t *value = json_of(cells[i].json);
        struct ocpp_text out;
        ocpp_text_init(&out);
        cell_append(&out, value, cells[i].kind);
        if (strcmp(out.data, cells[i].want) != 0)
            fail_msg("%s: wanted %s, got %s", cells[i].json, cells[i].want, out.data);
        ocpp_text_done(&out);
        json_decref(value);
    }
}

static const struct table_column columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },      { "kWh", "energy_wh", CELL_KWH, 0 },
    { "ONLINE", "online", CELL_YES_NO, 0 },      { "MAKER", "boot.vendor", CELL_TEXT, TABLE_WIDE },
    { "ONLY CSV", "raw", CELL_TEXT, TABLE_CSV }, { "TEXT", "text", CELL_TEXT, TABLE_WRAP },
};
static const struct table table = TABLE(columns);

static const char items[] =
    "[{\"station\":\"A\",\"energy_wh\":31207,\"online\":true,\"boot\":{\"vendor\":\"Laternix\"},"
    "\"raw\":\"x\\\"y\",\"text\":\"all is well\"},"
    "{\"station\":\"Straße\",\"energy_wh\":null,\"online\":false,\"raw\":\"1,2\","
    "\"text\":\"the disk is full: nothing is acknowledged until there is room\"}]";

static const struct {
    const char *why;
    size_t columns;
    bool color;
    const char *want;
} pictures[] = {
    { "without limit", 0, false,
      "STATION     kWh  ONLINE  MAKER     TEXT\n"
      "A        31.207  yes     Laternix  all is well\n"
      "Straße        -  no      -         the disk is full: nothing is acknowledged until there "
      "is room\n" },
    { "the maker is left out, the text goes on below", 55, false,
      "STATION     kWh  ONLINE  TEXT\n"
      "A        31.207  yes     all is well\n"
      "Straße        -  no      the disk is full: nothing is\n"
      "                         acknowledged until there is\n"
      "                         room\n" },
    { "very narrow: cut", 36, false,
      "STATION     kWh  ONLINE  TEXT\n"
      "A        31.207  yes     all is well\n"
      "Straße        -  no      the disk i…\n" },
    { "in colour", 60, true, NULL },
};

static char *paint(size_t width, bool color)
{
    struct ocpp_text out;
    ocpp_text_init(&out);
    struct paint p = { .out = &out, .columns = width, .color = color };
    json_t *list = json_of(items);
    table_paint(&p, &table, list);
    json_decref(list);
    char *text = strdup(out.data);
    ocpp_text_done(&out);
    return text;
}

static void fits_the_terminal(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(pictures); i++) {
        char *got = paint(pictures[i].columns, pictures[i].color);
        if (!pictures[i].color && strcmp(got, pictures[i].want) != 0)
            fail_msg("%s:\n%s\nwanted:\n%s", pictures[i].why, got, pictures[i].want);
        if (pictures[i].color) {
            assert_non_null(strstr(got, "\033[32myes\033[0m"));
            assert_non_null(strstr(got, "\033[31mno\033[0m"));
            assert_non_null(strstr(got, "\033[1mSTATION\033[0m"));
        }
        free(got);
    }
}

static void writes_csv(void **state)
{
    (void)state;
    static const char want[] =
        "station,energy_wh,online,boot_vendor,raw,text\n"
        "A,31207,true,Laternix,\"x\"\"y\",all is well\n"
        "Straße,,false,,\"1,2\",the disk is full: nothing is acknowledged until there is room\n";
    struct ocpp_text out;
    ocpp_text_init(&out);
    json_t *list = json_of(items);
    table_append_csv(&out, &table, list);
    assert_string_equal(out.data, want);
    json_decref(list);
    ocpp_text_done(&out);
}

static void shows_one_thing(void **state)
{
    (void)state;
    struct ocpp_text out;
    ocpp_text_init(&out);
    struct paint p = { .out = &out, .columns = 40 };
    json_t *list = json_of(items);
    table_paint_one(&p, &table, json_array_get(list, 1));
    assert_string_equal(out.data, "STATION  Straße\n"
                                  "kWh      -\n"
                                  "ONLINE   no\n"
                                  "MAKER    -\n"
                                  "TEXT     the disk is full: nothing is\n"
                                  "         acknowledged until there is\n"
                                  "         room\n");
    json_decref(list);
    ocpp_text_done(&out);
}

static void reads_members_with_patience(void **state)
{
    (void)state;
    json_t *json =
        json_of("{\"a\":{\"b\":[1]},\"n\":null,\"i\":7,\"r\":12.75,\"t\":\"x\",\"yes\":true}");
    assert_null(member_at(json, "n"));
    assert_null(member_at(json, "a.c.d"));
    assert_null(member_at(NULL, "a"));
    assert_true(json_is_array(member_at(json, "a.b")));
    assert_string_equal(member_text(json, "i"), "");
    assert_string_equal(member_text(json, "t"), "x");
    assert_int_equal(member_int(json, "i"), 7);
    assert_int_equal(member_int(json, "r"), 13);
    assert_int_equal(member_tenths(json, "r"), 128);
    assert_true(member_int(json, "t") == MEMBER_UNKNOWN);
    assert_true(member_time_ms(json, "t") == MEMBER_UNKNOWN);
    assert_true(member_true(json, "yes") && !member_true(json, "i"));
    assert_null(member_items(json));
    json_decref(json);
}

int main(void)
{
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_values_for_people),
        cmocka_unit_test(fits_the_terminal),
        cmocka_unit_test(writes_csv),
        cmocka_unit_test(shows_one_thing),
        cmocka_unit_test(reads_members_with_patience),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
