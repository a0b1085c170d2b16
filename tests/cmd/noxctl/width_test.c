/* Columns of texts on a terminal. */
#include "cmd/noxctl/width.h"

#include "tests/ocpp/wire/check_wire.h"

static const struct {
    const char *why, *text;
    size_t columns;
} widths[] = {
    { "nothing", "", 0 },
    { "letters", "Lampe 7", 7 },
    { "umlauts take one column", "Kaiserstraßenviertel", 20 },
    { "a combining mark takes none", "e\xcc\x81", 1 },
    { "Chinese signs take two", "\xe5\xa4\xa7\xe9\x98\xaa", 4 },
    { "emoji take two", "\xf0\x9f\x9a\x97!", 3 },
    { "each broken byte takes one", "a\xff\xc3z", 4 },
};

static void counts_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
        if (width_of(widths[i].text) != widths[i].columns)
            fail_msg("%s: %zu", widths[i].why, width_of(widths[i].text));
}

static const struct {
    const char *why, *text;
    size_t columns;
    const char *want;
} cuts[] = {
    { "it fits", "Lampe", 5, "Lampe" },
    { "too long by one", "Lampen", 5, "Lamp…" },
    { "whole letters only", "Straße", 5, "Stra…" },
    { "a wide sign does not fit in half", "\xe5\xa4\xa7\xe9\x98\xaa", 3, "\xe5\xa4\xa7…" },
    { "no room at all", "Lampe", 0, "" },
    { "room for the sign only", "Lampe", 1, "…" },
};

static void cuts_with_a_sign(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct ocpp_text out;
        ocpp_text_init(&out);
        width_append_cut(&out, cuts[i].text, cuts[i].columns);
        if (strcmp(out.data, cuts[i].want) != 0)
            fail_msg("%s: '%s'", cuts[i].why, out.data);
        assert_true(width_of(out.data) <= cuts[i].columns);
        ocpp_text_done(&out);
    }
}

static const struct {
    const char *why, *text;
    size_t columns, bytes;
} lines[] = {
    { "nothing", "", 10, 0 },
    { "all of it", "eins zwei", 9, 9 },
    { "up to the blank", "eins zwei", 8, 4 },
    { "the blank itself may stand at the edge", "eins zwei", 4, 4 },
    { "no blank: as much as fits", "Kaiserstrasse", 6, 6 },
    { "a sign wider than the line", "\xe5\xa4\xa7", 1, 3 },
};

static void breaks_at_blanks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (width_line(lines[i].text, lines[i].columns) != lines[i].bytes)
            fail_msg("%s: %zu", lines[i].why, width_line(lines[i].text, lines[i].columns));
}

static const struct {
    const char *why, *text, *want;
} dirty[] = {
    { "escape sequences lose their teeth", "\033[31mred", "?[31mred" },
    { "line feeds cannot fake a row", "a\nb\tc", "a?b?c" },
    { "the C1 form of the same",
      "\xc2\x9b"
      "31m",
      "?31m" },
    { "broken bytes", "a\xff", "a?" },
    { "texts that run backwards",
      "a\xe2\x80\xae"
      "b",
      "a?b" },
    { "letters stay", "Müller – 5 €", "Müller – 5 €" },
};

static void cleans_texts_of_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(dirty) / sizeof(dirty[0]); i++) {
        struct ocpp_text out;
        ocpp_text_init(&out);
        width_append_clean(&out, dirty[i].text);
        if (strcmp(out.data, dirty[i].want) != 0)
            fail_msg("%s: '%s'", dirty[i].why, out.data);
        ocpp_text_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_columns),
        cmocka_unit_test(cuts_with_a_sign),
        cmocka_unit_test(breaks_at_blanks),
        cmocka_unit_test(cleans_texts_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
