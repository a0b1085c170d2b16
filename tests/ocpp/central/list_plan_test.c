/*
 * Differential lists against a station that does what the standard says: after each message the
 * list is right for its version, whatever changes meanwhile, however it is parted, cut or begun
 * anew; and at the end it is the wanted list.
 */
#include "ocpp/central/list_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/ocpp/wire/check_wire.h"

enum { N = 120, RUNS = 150, STEPS = 120, PART_MAX = 40 };

static uint64_t seed;
static unsigned draw(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % n;
}

/* What a station holds. */
struct station {
    bool has[N];
    int8_t status[N];
    int32_t version, base;
    struct list_scope scope;
};

static void name_of(unsigned i, char text[24])
{
    snprintf(text, 24, "T%03u", i);
}

static unsigned number_of(const struct tag *tag)
{
    return (unsigned)atoi(tag->id_tag + 1);
}

static void change(struct tags *t)
{
    static const char *const groups[] = { NULL, "nord", "nord sued", "west" };
    char text[24];
    unsigned which = draw(N);
    int32_t revision = t->state.revision + 1;
    name_of(which, text);
    const struct tag *old = tags_find(t, text);
    if (old != NULL && draw(4) == 0) {
        tags_gone(t, text, revision);
        return;
    }
    struct store_tag tag = { .id_tag = text,
                             .status = 1 + (int32_t)draw(2),
                             .expires_at_ms = STORE_ABSENT,
                             .groups = old != NULL && draw(2) == 0 ? NULL : groups[draw(4)],
                             .revision = revision };
    tags_put(t, &tag);
}

static void take(struct station *s, const struct list_part *part, bool full)
{
    if (full)
        memset(s->has, 0, sizeof(s->has));
    for (size_t i = 0; i < part->n; i++) {
        const struct list_entry *e = &part->entry[i];
        for (size_t k = 0; k < i; k++)
            check_int("each idTag once", part->entry[k].tag == e->tag, false);
        check_int("a full list removes nothing", full && e->remove, false);
        s->has[number_of(e->tag)] = !e->remove;
        s->status[number_of(e->tag)] = e->tag->status;
    }
}

/* One message; it may get lost on its way there, or its answer on the way back. */
static void send_part(const struct tags *t, struct station *s, bool *want_full, bool *ret_last)
{
    struct list_entry entry[PART_MAX];
    struct list_part part = { .entry = entry };
    struct list_limits limits = { 1 + draw(PART_MAX), 200 + draw(4000), 1 + draw(60) };
    int32_t upto = *want_full ? 0 : s->version;
    if (*want_full)
        s->base = t->state.revision;
    do {
        list_next(t, &s->scope, upto, s->base, &limits, &part);
        check_int("goes on", part.is_last || part.upto > upto, true);
        upto = part.upto;
    } while (part.n == 0 && !part.is_last);
    *ret_last = part.is_last;
    if (part.n == 0 && !*want_full) {
        s->version = part.upto;
        return;
    }
    check_int("versions rise", *want_full || part.upto > s->version, true);
    if (draw(8) == 0) {
        *ret_last = false;
        return; /* lost: its version is as before */
    }
    take(s, &part, *want_full);
    s->version = part.upto;
    *want_full = false;
}

static void check_list(const struct tags *t, const struct station *s)
{
    char text[24];
    size_t n = 0;
    for (unsigned i = 0; i < N; i++) {
        name_of(i, text);
        const struct tag *tag = tags_find(t, text);
        bool wanted = tag != NULL && list_wants(&s->scope, tag->id_tag, tag->groups);
        check_int(text, s->has[i], wanted);
        if (wanted && s->has[i])
            check_int("status", s->status[i], tag->status);
        n += wanted;
    }
    if (s->scope.cut == NULL)
        check_int("counted", (long)list_count(t, &s->scope), (long)n);
}

static void any_order_ends_in_the_wanted_list(void **state)
{
    (void)state;
    static const struct list_scope scopes[] = {
        { NULL, false, NULL },      { "nord", false, NULL },         { "sued west", true, NULL },
        { "nord", false, "0T060" }, { "nord west", false, "1T050" }, { "west", true, NULL },
    };
    for (unsigned r = 0; r < RUNS; r++) {
        struct tags t = { .state = { .revision = 1 } };
        struct station s = { .scope = scopes[r % 6] };
        bool want_full = true, last = false;
        seed = r + 1;
        for (unsigned i = draw(300); i > 0; i--)
            change(&t);
        for (unsigned i = 0; i < STEPS; i++) {
            for (unsigned k = draw(4); k > 0; k--)
                change(&t);
            if (draw(40) == 0)
                want_full = true;
            send_part(&t, &s, &want_full, &last);
            if (last && !want_full)
                check_list(&t, &s);
        }
        do
            send_part(&t, &s, &want_full, &last);
        while (!last || want_full);
        check_list(&t, &s);
        check_int("up to now", s.version, t.state.revision);
        tags_done(&t);
    }
}

static void what_was_never_there_is_not_taken_out(void **state)
{
    (void)state;
    struct tags t = { .state = { .revision = 1 } };
    struct list_scope scope = { "sued", false, NULL };
    struct store_tag tag = { .id_tag = "T001", .status = 1, .groups = "nord", .revision = 2 };
    struct list_entry entry[4];
    struct list_part part = { .entry = entry };
    struct list_limits limits = { 4, 4000, 100 };
    tags_put(&t, &tag);
    list_next(&t, &scope, 1, 1, &limits, &part);
    check_int("a new tag of another group", (long)part.n, 0);
    tag.revision = 3;
    tag.status = 2;
    tags_put(&t, &tag);
    tags_gone(&t, "T001", 4);
    list_next(&t, &scope, 1, 1, &limits, &part);
    check_int("nor when it is changed and deleted", (long)part.n, 0);
    check_int("in step", part.is_last && part.upto == 4, true);
    tags_done(&t);
}

static void cut_is_the_same_each_time(void **state)
{
    (void)state;
    struct tags t = { .state = { .revision = 1 } };
    struct list_scope scope = { "nord", false, NULL };
    seed = 9;
    for (unsigned i = 0; i < 500; i++)
        change(&t);
    for (size_t max = 1; max < 60; max += 7) {
        char cut[2][LIST_CUT_SIZE];
        for (size_t k = 0; k < 2; k++) {
            struct list_cutter cutter;
            list_cut_begin(&t, &scope, max, &cutter);
            while (!list_cut_step(&t, &scope, 1 + k * 50, &cutter, cut[k]))
                ;
        }
        check_text("whatever the steps", cut[0], cut[1]);
        struct list_scope with = { "nord", false, cut[0] };
        size_t n = 0;
        for (const struct tag *tag = tags_next(&t, ""); tag != NULL; tag = tags_next(&t, tag->key))
            n += list_wants(&with, tag->id_tag, tag->groups);
        check_int("as many as fit", (long)n, (long)(max - max / 20));
    }
    tags_done(&t);
}

static void many_changes_are_a_full_list(void **state)
{
    (void)state;
    struct tags t = { .state = { .revision = 1 } };
    struct list_scope scope = { NULL, false, NULL };
    char text[24];
    for (int32_t i = 0; i < 20; i++) {
        snprintf(text, sizeof(text), "T%03d", (int)i);
        struct store_tag tag = { .id_tag = text, .status = 1, .revision = i + 2 };
        tags_put(&t, &tag);
    }
    check_int("all are new: as long", list_is_shorter_full(&t, &scope, 1, 1, 1000), false);
    for (int32_t i = 0; i < 15; i++) {
        snprintf(text, sizeof(text), "T%03d", (int)i);
        tags_gone(&t, text, 22 + i);
    }
    check_int("5 instead of 15", list_is_shorter_full(&t, &scope, 21, 1, 1000), true);
    check_int("2 of 5", list_is_shorter_full(&t, &scope, 34, 1, 1000), false);
    tags_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_ends_in_the_wanted_list),
        cmocka_unit_test(what_was_never_there_is_not_taken_out),
        cmocka_unit_test(cut_is_the_same_each_time),
        cmocka_unit_test(many_changes_are_a_full_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
