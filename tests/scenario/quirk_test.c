/* The operator's table of known deviations: what is wrong in it is named, and the old one stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/scenario/world.h"

static const struct {
    const char *why, *text, *says; /* says NULL: is taken */
} cases[] = {
    { "nothing in it", "[]", NULL },
    { "one entry", "[{\"id\":\"a\",\"match\":{\"model\":\"X\"},\"set\":{\"strict\":true}}]", NULL },
    { "no JSON", "[{", "no JSON" },
    { "empty file", "", "no JSON" },
    { "no list", "{}", "must be a list" },
    { "a number", "7", "no JSON" },
    { "no object", "[7]", "must be an object" },
    { "null", "[null]", "must be an object" },
    { "no id", "[{\"match\":{},\"set\":{}}]", "id" },
    { "id is a list", "[{\"id\":[],\"match\":{},\"set\":{}}]", "id" },
    { "no set", "[{\"id\":\"a\",\"match\":{\"model\":\"X\"}}]", "set must be" },
    { "set is a list", "[{\"id\":\"a\",\"match\":{\"model\":\"X\"},\"set\":[]}]", "set must be" },
    { "would fit all", "[{\"id\":\"a\",\"match\":{},\"set\":{\"strict\":true}}]", "must name" },
    { "match is text", "[{\"id\":\"a\",\"match\":\"X\",\"set\":{\"strict\":true}}]", "must name" },
    { "pattern is a number", "[{\"id\":\"a\",\"match\":{\"model\":1},\"set\":{}}]", "texts" },
    { "unknown pattern", "[{\"id\":\"a\",\"match\":{\"modell\":\"X\"},\"set\":{}}]", "modell" },
    { "unknown member", "[{\"id\":\"a\",\"match\":{},\"set\":{},\"sett\":1}]", "sett" },
    { "misspelt switch", "[{\"id\":\"a\",\"match\":{\"model\":\"X\"},\"set\":{\"strikt\":true}}]",
      "did you mean strict" },
    { "text for a flag",
      "[{\"id\":\"a\",\"match\":{\"model\":\"X\"},\"set\":{\"strict\":\"yes\"}}]",
      "true or false" },
    { "too much", "[{\"id\":\"a\",\"match\":{\"model\":\"X\"},\"set\":{\"ping_s\":1000000}}]",
      "limits" },
    { "huge", "[{\"id\":\"a\",\"match\":{\"model\":\"X\"},\"set\":{\"ping_s\":1e300}}]", "limits" },
    { "no zone", "[{\"id\":\"a\",\"match\":{\"model\":\"X\"},\"set\":{\"local_time\":\"+2h:00\"}}]",
      "CET" },
    { "far zone",
      "[{\"id\":\"a\",\"match\":{\"model\":\"X\"},\"set\":{\"local_time\":\"+19:00\"}}]", "CET" },
    { "twice a member", "[{\"id\":\"a\",\"id\":\"b\",\"match\":{},\"set\":{}}]", "no JSON" },
};

static bool has_entry(struct world *w, const char *id)
{
    struct central_quirk_view q;
    for (size_t i = 0; central_quirk_view(w->central, i, &q); i++)
        if (strcmp(q.id, id) == 0)
            return true;
    return false;
}

static void tables(void **state)
{
    static struct world w;
    (void)state;
    static const char own[] = "[{\"id\":\"mine\",\"match\":{\"model\":\"X\"},\"set\":{}}]";
    assert_true(world_open(&w, 1790000000000));
    assert_true(has_entry(&w, "wallbox")); /* shipped */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[300] = "";
        assert_true(central_quirks(w.central, own, strlen(own), text, sizeof(text)));
        bool taken =
            central_quirks(w.central, cases[i].text, strlen(cases[i].text), text, sizeof(text));
        if (taken != (cases[i].says == NULL))
            fail_msg("%s: %s", cases[i].why, text);
        if (!taken && strstr(text, cases[i].says) == NULL)
            fail_msg("%s: says '%s'", cases[i].why, text);
        if (has_entry(&w, "mine") == taken)
            fail_msg("%s: the old table %s", cases[i].why, taken ? "stays" : "is gone");
        assert_true(has_entry(&w, "wallbox"));
    }
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tables) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
