/* Tables of tags: what is read, what each wrong line is told, what comes back from an export. */
#include "cmd/noxd/tag_csv.h"

#include <string.h>

#include "tests/ocpp/wire/check_wire.h"

#define HEAD "id_tag,customer,status,groups\n"

static const struct {
    const char *why, *text;
    size_t line;      /* of the first fault, 0 = good */
    const char *want; /* good: the tags as JSON; else a part of the fault */
} cases[] = {
    { "comma and LF", "id_tag,customer\nA,C\n", 0, "[{\"id_tag\":\"A\",\"customer\":\"C\"}]" },
    { "semicolon, CRLF, BOM", "\xEF\xBB\xBFid_tag;customer\r\nA;C,1\r\n", 0,
      "[{\"id_tag\":\"A\",\"customer\":\"C,1\"}]" },
    { "tab, no line end at the end", "id_tag\tcustomer\nA\tC", 0,
      "[{\"id_tag\":\"A\",\"customer\":\"C\"}]" },
    { "names of columns in any case, expires_at", "ID_TAG,Expires_At\nA,2027-01-31\n", 0,
      "[{\"id_tag\":\"A\",\"expires\":\"2027-01-31\"}]" },
    { "quotes", "id_tag,customer\nA,\"a \"\"b\"\", c\"\n", 0,
      "[{\"id_tag\":\"A\",\"customer\":\"a \\\"b\\\", c\"}]" },
    { "an empty cell is the default", "id_tag,customer\nA,\n", 0,
      "[{\"id_tag\":\"A\",\"customer\":null}]" },
    { "fewer cells are empty ones", "id_tag,customer\nA\n", 0,
      "[{\"id_tag\":\"A\",\"customer\":null}]" },
    { "empty lines are skipped", "id_tag\n\nA\n \n", 0, "[{\"id_tag\":\"A\"}]" },
    { "words in any case, yes and no", "id_tag,status,single_session\nA,blocked,YES\n", 0,
      "[{\"id_tag\":\"A\",\"status\":\"Blocked\",\"single_session\":true}]" },
    { "groups", "id_tag,groups\nA,nord sued\nB,\"x,y\"\nC,a|b\n", 0,
      "[{\"id_tag\":\"A\",\"groups\":[\"nord\",\"sued\"]},{\"id_tag\":\"B\",\"groups\":[\"x\",\"y\"]"
      "},{\"id_tag\":\"C\",\"groups\":[\"a\",\"b\"]}]" },
    { "what a spreadsheet would run", "id_tag,customer\nA,'=1+1\nB,'plain\n", 0,
      "[{\"id_tag\":\"A\",\"customer\":\"=1+1\"},{\"id_tag\":\"B\",\"customer\":\"'plain\"}]" },
    { "no file", "", 1, "is empty" },
    { "no id_tag", "customer\nC\n", 1, "id_tag is missing" },
    { "an unknown column", "id_tag,custmer\nA,C\n", 1, "did you mean customer" },
    { "a column twice", "id_tag,ID_TAG\nA,B\n", 1, "stands twice" },
    { "too many cells", HEAD "A,C,Accepted,,\n", 2, "has 5 cells" },
    { "a quote that is not closed", HEAD "A,\"C\nB,C\n", 2, "never closed" },
    { "text behind a quote", HEAD "A,\"C\"x,,\n", 2, "double the quotes" },
    { "a wrong status", HEAD "A,C,Blokked,\n", 2, "status: is none of the known words; did you" },
    { "an idTag too long", HEAD "ABCDEFGHIJKLMNOPQRSTU,,,\n", 2, "longer than 20" },
    { "no idTag", HEAD "A,,,\n,C,,\n", 3, "id_tag: is missing" },
    { "twice", HEAD "a1,,,\nB,,,\nA1,,,\n", 4, "the same as in line 2" },
    { "a line counts its line breaks", HEAD "A,\"b\nc\",Accepted,\nB,,x,\n", 2, "control" },
    { "no UTF-8", HEAD "A,\xE9,,\n", 2, "no UTF-8" },
};

static void each_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tag_csv csv;
        bool good = tag_csv_read(cases[i].text, strlen(cases[i].text), &csv);
        check_int(cases[i].why, good, cases[i].line == 0);
        if (good) {
            char *json = json_dumps(csv.tags, JSON_COMPACT);
            check_text(cases[i].why, json, cases[i].want);
            free(json);
        } else {
            check_int(cases[i].why, (int64_t)csv.fault[0].line, (int64_t)cases[i].line);
            if (strstr(csv.fault[0].text, cases[i].want) == NULL)
                check_text(cases[i].why, csv.fault[0].text, cases[i].want);
        }
        tag_csv_done(&csv);
    }
}

static void every_wrong_line_is_named(void **state)
{
    (void)state;
    struct tag_csv csv;
    const char *text = HEAD "A,,x,\nB,,Accepted,\nC,,y,\nB,,,\n";
    check_int("bad", tag_csv_read(text, strlen(text), &csv), false);
    check_int("three", (int64_t)csv.n_faults, 3);
    for (size_t i = 0; i < 3; i++)
        check_int("by line", (int64_t)csv.fault[i].line, (const int[]){ 2, 4, 5 }[i]);
    tag_csv_done(&csv);
}

static void nul_bytes(void **state)
{
    (void)state;
    struct tag_csv csv;
    check_int("UTF-16", tag_csv_read("i\0d\0", 4, &csv), false);
    tag_csv_done(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
        cmocka_unit_test(every_wrong_line_is_named),
        cmocka_unit_test(nul_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
