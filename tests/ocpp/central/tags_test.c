/* Tags by idTag and by revision, against a plain list. */
#include "ocpp/central/tags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/ocpp/wire/check_wire.h"

enum { N = 300, CHANGES = 20000 };

struct model {
    bool there;
    int32_t revision;
};

static uint64_t seed = 42;
static unsigned draw(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % n;
}

static void name_of(unsigned i, char text[24])
{
    snprintf(text, 24, "Tag%05u", i * 7919 % 100000);
}

static void check_all(const struct tags *t, const struct model *model)
{
    char text[24];
    size_t n = 0;
    for (unsigned i = 0; i < N; i++) {
        name_of(i, text);
        const struct tag *tag = tags_find(t, text);
        check_int(text, tag != NULL, model[i].there);
        if (tag != NULL)
            check_int("revision", tag->revision, model[i].revision);
        n += model[i].there;
    }
    check_int("count", (long)t->n, (long)n);
    size_t in_order = 0;
    for (const struct tag *tag = tags_next(t, ""); tag != NULL; tag = tags_next(t, tag->key))
        in_order++;
    check_int("walked in order", (long)in_order, (long)n);
    int32_t last = 0;
    size_t in_log = 0;
    for (size_t i = 0; i < t->n_log; i++) {
        check_int("log rises", t->log[i].revision > last, true);
        last = t->log[i].revision;
        in_log += t->log[i].tag != NULL && !t->log[i].tag->gone;
    }
    check_int("each is once in the log", (long)in_log, (long)n);
    size_t in_sets = 0;
    for (size_t i = 0; i < t->n_sets; i++)
        in_sets += t->set[i].n;
    check_int("each is in one set", (long)in_sets, (long)n);
}

static void random_changes(void **state)
{
    (void)state;
    static const char *const groups[] = { NULL, "nord", "nord sued", "west" };
    struct tags t = { .state = { .revision = 1 } };
    struct model model[N] = { { .there = false } };
    char text[24];
    for (int32_t i = 0; i < CHANGES; i++) {
        unsigned which = draw(N);
        name_of(which, text);
        if (draw(3) == 0) {
            if (model[which].there)
                check_int("gone", tags_gone(&t, text, i + 2), true);
            model[which].there = false;
        } else {
            struct store_tag tag = { .id_tag = text,
                                     .status = STORE_AUTH_ACCEPTED,
                                     .expires_at_ms = STORE_ABSENT,
                                     .groups = groups[draw(4)],
                                     .revision = i + 2 };
            check_int("put", tags_put(&t, &tag), true);
            model[which] = (struct model){ true, i + 2 };
        }
        if (i % 1999 == 0)
            check_all(&t, model);
    }
    check_all(&t, model);
    tags_done(&t);
}

static void keys_are_twenty_characters(void **state)
{
    (void)state;
    struct tags t = { .state = { .revision = 1 } };
    struct store_tag tag = { .id_tag = "abcdefghijklmnopqrst", .status = 1, .revision = 2 };
    check_int("put", tags_put(&t, &tag), true);
    check_int("other case, more behind", tags_find(&t, "ABCDEFGHIJKLMNOPQRST-\x03") != NULL, true);
    check_int("shorter", tags_find(&t, "ABCDEFGHIJKLMNOPQRS") == NULL, true);
    check_int("nothing", tags_find(&t, "") == NULL, true);
    tag.customer = "other";
    check_int("an old revision", tags_put(&t, &tag), true);
    check_int("changes nothing", tags_find(&t, tag.id_tag)->customer == NULL, true);
    tags_done(&t);
}

static void who_may_charge_where(void **state)
{
    (void)state;
    static const struct {
        const char *why, *tag, *station;
        bool only, want;
    } cases[] = {
        { "no groups at all", NULL, NULL, false, true },
        { "a tag without groups is valid everywhere", NULL, "nord", false, true },
        { "but not where only own tags are taken", NULL, "nord", true, false },
        { "one of the tag's groups", "nord sued", "sued", false, true },
        { "one of the station's groups", "sued", "nord sued west", true, true },
        { "another group", "nord", "sued", false, false },
        { "a station without groups", "nord", NULL, false, false },
        { "the beginning of a name is no name", "nor", "nord", false, false },
        { "nor is a longer one", "nordost", "nord", false, false },
        { "a station that takes only its own and has none", NULL, NULL, true, false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_int(cases[i].why, groups_allow(cases[i].tag, cases[i].station, cases[i].only),
                  cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes),
        cmocka_unit_test(keys_are_twenty_characters),
        cmocka_unit_test(who_may_charge_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
