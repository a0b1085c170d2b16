/* CSV as people and spreadsheets write it. */
#include "tests/cmd/noxsim/check_sim.h"

#include "cmd/noxsim/csv.h"

static const struct {
    const char *why, *text;
    size_t columns, rows;
    size_t row, column; /* look here */
    const char *field;
} good[] = {
    { "plain", "a,b\n1,2\n3,4\n", 2, 2, 1, 1, "4" },
    { "without a newline at the end", "a,b\n1,2", 2, 1, 0, 1, "2" },
    { "CRLF", "a,b\r\n1,2\r\n", 2, 1, 0, 1, "2" },
    { "byte order mark",
      "\xEF\xBB\xBF"
      "a,b\n1,2\n",
      2, 1, 0, 0, "1" },
    { "empty fields", "a,b,c\n,,\n", 3, 1, 0, 1, "" },
    { "missing fields at the end are empty", "a,b,c\n1\n", 3, 1, 0, 2, "" },
    { "empty lines do not count", "a,b\n\n1,2\n\n\r\n3,4\n", 2, 2, 1, 0, "3" },
    { "quotes", "a,b\n\"1,5\",\"say \"\"hi\"\"\"\n", 2, 1, 0, 1, "say \"hi\"" },
    { "a newline in quotes", "a,b\n\"1\n2\",3\n", 2, 1, 0, 0, "1\n2" },
    { "header only", "a,b\n", 2, 0, 0, 0, NULL },
    { "nothing at all", "", 1, 0, 0, 0, NULL },
};

static const struct {
    const char *why, *text, *names;
} bad[] = {
    { "an open quote", "a,b\n\"1,2\n", "line 2" },
    { "text after a quote", "a,b\n\"1\"x,2\n", "line 2" },
    { "too many fields", "a,b\n1,2\n1,2,3\n", "line 3" },
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        struct csv csv;
        char text[200];
        if (!csv_read_text("x.csv", good[i].text, strlen(good[i].text), &csv, text, sizeof(text)))
            fail_msg("%s: %s", good[i].why, text);
        check_int(good[i].why, (int64_t)csv.n_columns, (int64_t)good[i].columns);
        check_int(good[i].why, (int64_t)csv.n_rows, (int64_t)good[i].rows);
        if (good[i].field != NULL)
            check_text(good[i].why, csv.row[good[i].row].field[good[i].column], good[i].field);
        csv_done(&csv);
    }
}

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct csv csv;
        char text[200];
        if (csv_read_text("x.csv", bad[i].text, strlen(bad[i].text), &csv, text, sizeof(text)))
            fail_msg("%s: was read", bad[i].why);
        check_names(bad[i].why, text, bad[i].names);
    }
}

static void test_columns(void **state)
{
    (void)state;
    struct csv csv;
    char text[200];
    const char *file = "station,key\nL1,k\n";
    assert_true(csv_read_text("x", file, strlen(file), &csv, text, sizeof(text)));
    check_int("key", csv_column(&csv, "key"), 1);
    check_int("none", csv_column(&csv, "Key"), -1);
    check_int("line", (int64_t)csv.row[0].line, 2);
    csv_done(&csv);
    assert_false(csv_read_file("/nowhere/x.csv", &csv, text, sizeof(text)));
    check_names("file", text, "/nowhere/x.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
                                        cmocka_unit_test(test_columns) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
