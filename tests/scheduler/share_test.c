/* Fair shares: named cases, properties of random ones, and brute force where it is small enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/share.h"
#include "tests/scheduler/street.h"

enum { STEP_MA = 1000, MOST_NODES = 6, MOST_DEMANDS = 24, ALL = 7 };

struct problem {
    struct grid_node node[MOST_NODES];
    size_t n_nodes;
    struct share_demand demand[MOST_DEMANDS];
    size_t n;
};

static void solve(const struct problem *p, int32_t *ret_grant_ma, int64_t *ret_room_ma)
{
    struct grid grid = { .node = (struct grid_node *)p->node, .n = p->n_nodes };
    struct share_scratch scratch;
    assert_true(share_scratch_init(&scratch, p->n));
    for (size_t v = 0; v < p->n_nodes; v++)
        for (int r = 0; r < GRID_RESOURCES; r++)
            ret_room_ma[v * GRID_RESOURCES + (size_t)r] = grid_capacity_ma(&p->node[v], r);
    share_split(&grid, ret_room_ma, p->demand, p->n, STEP_MA, &scratch, ret_grant_ma);
    share_scratch_done(&scratch);
}

/* --- named cases: one node, three-phase cars --- */

static struct share_demand car(uint32_t id)
{
    return (
        struct share_demand){ .uses = ALL, .min_ma = 6000, .max_ma = 16000, .weight = 1, .id = id };
}

static void three_weights(struct problem *p)
{
    p->demand[0].weight = 2;
}

static void first_is_bounded(struct problem *p)
{
    p->demand[0].max_ma = 8000;
}

static void last_is_served_least(struct problem *p)
{
    p->demand[0].key = p->demand[1].key = 5;
    p->demand[2].key = 1;
}

static void second_had_more(struct problem *p)
{
    p->demand[1].had_ma = 9000;
}

static void one_phase_each(struct problem *p)
{
    for (size_t i = 0; i < p->n; i++)
        p->demand[i].uses = (uint8_t)(1u << i);
}

static void one_phase_each_with_rule(struct problem *p)
{
    one_phase_each(p);
    for (size_t i = 0; i < p->n; i++)
        p->demand[i].uses = grid_uses(p->demand[i].uses);
    p->node[0].single_max_ma = 12000;
}

static void safe_currents(struct problem *p)
{
    for (size_t i = 0; i < p->n; i++)
        p->demand[i].floor_ma = 7000;
}

static void useless_bound(struct problem *p)
{
    p->demand[0].max_ma = 5000;
}

static void uneven_floor(struct problem *p)
{
    p->demand[0].floor_ma = 6500;
}

static void first_needs_more(struct problem *p)
{
    p->demand[0].min_ma = 8000;
}

static void first_needs_more_than_its_floor(struct problem *p)
{
    for (size_t i = 0; i < p->n; i++)
        p->demand[i].floor_ma = 6000;
    p->demand[0].min_ma = 8000;
}

static void last_needs_more_than_its_floor(struct problem *p)
{
    first_needs_more_than_its_floor(p);
    p->demand[0].min_ma = 6000;
    p->demand[2].min_ma = 10000;
    p->demand[0].key = p->demand[1].key = 1;
}

static void last_is_of_a_higher_class(struct problem *p)
{
    p->demand[2].class = 1;
    p->demand[2].key = 9;
}

static void three_classes(struct problem *p)
{
    for (int32_t i = 0; i < 3; i++)
        p->demand[i].class = i;
}

static void last_two_are_of_a_higher_class(struct problem *p)
{
    p->demand[1].class = p->demand[2].class = 4;
    p->demand[2].weight = 2;
}

static void safe_currents_and_classes(struct problem *p)
{
    safe_currents(p);
    last_is_of_a_higher_class(p);
}

static void all_tell(struct problem *p)
{
    for (int32_t i = 0; i < 3; i++) {
        p->demand[i].has_deadline = true;
        p->demand[i].due_ms = 3 - i;
        p->demand[i].first_ma = p->demand[i].max_ma;
    }
}

static void all_tell_and_the_last_is_pressed(struct problem *p)
{
    all_tell(p);
    p->demand[2].pressed = true;
}

static void all_tell_and_the_first_keeps_its_place(struct problem *p)
{
    all_tell(p);
    p->demand[0].keeps = true;
}

static void all_tell_and_the_first_has_one_phase(struct problem *p)
{
    all_tell(p);
    p->demand[0].uses = 1;
    p->demand[1].max_ma = 0;
}

static void all_tell_and_the_last_in_order_needs_little(struct problem *p)
{
    all_tell(p);
    p->demand[0].min_ma = 4000;
}

/* The first takes phases 1 and 3 of the last, who then has less to give on phase 2. */
static void all_tell_and_phases_differ(struct problem *p)
{
    all_tell(p);
    p->demand[0].uses = 5;
    p->demand[0].keeps = true;
    p->demand[1].uses = 2;
    p->demand[1].min_ma = 8000;
}

static void two_tell(struct problem *p)
{
    all_tell(p);
    p->demand[0].has_deadline = false;
}

static void first_goes_at_its_least(struct problem *p)
{
    all_tell(p);
    p->demand[2].first_ma = 6000;
}

static const struct {
    const char *why;
    int32_t limit_ma;
    void (*change)(struct problem *);
    int32_t want_ma[3];
} cases[] = {
    { "room for all", 63000, NULL, { 16000, 16000, 16000 } },
    { "equal shares", 30000, NULL, { 10000, 10000, 10000 } },
    { "odd amperes to who came first", 32000, NULL, { 11000, 11000, 10000 } },
    { "less than an ampere is left over", 30999, NULL, { 10000, 10000, 10000 } },
    { "two have their least, the third none", 17000, NULL, { 9000, 8000, 0 } },
    { "below 6 A nobody", 5999, NULL, { 0, 0, 0 } },
    { "nothing at all", 0, NULL, { 0, 0, 0 } },
    { "less than nothing", -1000, NULL, { 0, 0, 0 } },
    { "twice the weight, twice above the least", 30000, three_weights, { 12000, 9000, 9000 } },
    { "what one does not use goes to the others", 30000, first_is_bounded, { 8000, 11000, 11000 } },
    { "least served comes first", 12000, last_is_served_least, { 6000, 0, 6000 } },
    { "the odd ampere stays with who has it", 25000, second_had_more, { 8000, 9000, 8000 } },
    { "phases are shared apart", 10000, one_phase_each, { 10000, 10000, 10000 } },
    { "single-phase rule", 63000, one_phase_each_with_rule, { 12000, 12000, 12000 } },
    { "safe currents are given first", 22000, safe_currents, { 8000, 7000, 7000 } },
    { "a safe current that does not fit is nobody's", 15000, safe_currents, { 7000, 7000, 0 } },
    { "a car that can use less than 6 A gets none", 20000, useless_bound, { 0, 10000, 10000 } },
    { "one needs 8 A: it has its turn at that", 14000, first_needs_more, { 8000, 6000, 0 } },
    { "one needs 8 A: not with less", 13000, first_needs_more, { 13000, 0, 0 } },
    { "a floor of no use grows in its turn",
      20000,
      first_needs_more_than_its_floor,
      { 8000, 6000, 6000 } },
    { "a floor of no use does not grow a little",
      19000,
      first_needs_more_than_its_floor,
      { 6000, 7000, 6000 } },
    { "who is served least grows first",
      23000,
      last_needs_more_than_its_floor,
      { 6000, 6000, 11000 } },
    { "a higher class has all it can use",
      30000,
      last_is_of_a_higher_class,
      { 7000, 7000, 16000 } },
    { "and alone what there is", 10000, last_is_of_a_higher_class, { 0, 0, 10000 } },
    { "class by class", 35000, three_classes, { 0, 16000, 16000 } },
    { "weights share within a class", 30000, last_two_are_of_a_higher_class, { 0, 14000, 16000 } },
    { "and only there", 27000, last_two_are_of_a_higher_class, { 0, 11000, 16000 } },
    { "safe currents come before classes",
      32000,
      safe_currents_and_classes,
      { 8000, 8000, 16000 } },
    { "deadlines: one after the other", 40000, all_tell, { 8000, 16000, 16000 } },
    { "nothing flows nowhere for that", 36000, all_tell, { 6000, 14000, 16000 } },
    { "nor with two", 20000, all_tell, { 0, 6000, 14000 } },
    { "nothing to gain", 32000, all_tell, { 0, 16000, 16000 } },
    { "but for who was turned on lately",
      32000,
      all_tell_and_the_first_keeps_its_place,
      { 6000, 10000, 16000 } },
    { "three phases give no more than one gains",
      19000,
      all_tell_and_the_first_has_one_phase,
      { 0, 0, 16000 } },
    { "who is due earlier has his least first",
      20000,
      all_tell_and_the_last_in_order_needs_little,
      { 0, 6000, 14000 } },
    { "who could not have it in his turn has it later",
      18000,
      all_tell_and_phases_differ,
      { 8000, 8000, 10000 } },
    { "who is pressed gives nothing", 20000, all_tell_and_the_last_is_pressed, { 0, 0, 16000 } },
    { "who did not tell has its share", 30000, two_tell, { 10000, 6000, 14000 } },
    { "who did not tell is let in as ever", 13000, two_tell, { 7000, 0, 6000 } },
    { "what is left in its turn comes later",
      60000,
      first_goes_at_its_least,
      { 16000, 16000, 16000 } },
    { "but others come before", 28000, first_goes_at_its_least, { 6000, 16000, 6000 } },
    { "a floor between two steps rises to a whole one", 20000, uneven_floor, { 7000, 7000, 6000 } },
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct problem p = { .n_nodes = 1, .n = 3 };
        int32_t got_ma[3];
        int64_t room_ma[GRID_RESOURCES];
        p.node[0] = (struct grid_node){ .parent = -1,
                                        .limit_ma = { cases[i].limit_ma, cases[i].limit_ma,
                                                      cases[i].limit_ma } };
        for (uint32_t k = 0; k < 3; k++)
            p.demand[k] = car(k);
        if (cases[i].change != NULL)
            cases[i].change(&p);
        solve(&p, got_ma, room_ma);
        if (memcmp(got_ma, cases[i].want_ma, sizeof(got_ma)) != 0)
            fail_msg("%s: got %d %d %d", cases[i].why, (int)got_ma[0], (int)got_ma[1],
                     (int)got_ma[2]);
    }
}

/* --- random ones --- */

static int64_t below(uint64_t *random, int64_t n)
{
    return (int64_t)(street_random(random) % (uint64_t)n);
}

static void make(struct problem *p, uint64_t seed, size_t most_nodes, size_t most)
{
    uint64_t random = seed;
    *p = (struct problem){ .n_nodes = 1 + (size_t)below(&random, (int64_t)most_nodes),
                           .n = 1 + (size_t)below(&random, (int64_t)most) };
    for (size_t v = 0; v < p->n_nodes; v++) {
        p->node[v].parent = v == 0 ? -1 : (int32_t)below(&random, (int64_t)v);
        p->node[v].single_max_ma = below(&random, 4) == 0 ? 20000 : 0;
        for (int phase = 0; phase < 3; phase++)
            p->node[v].limit_ma[phase] = (int32_t)below(&random, 80000);
    }
    for (size_t i = 0; i < p->n; i++) {
        struct share_demand *d = &p->demand[i];
        *d = car((uint32_t)i);
        d->node = (int32_t)below(&random, (int64_t)p->n_nodes);
        d->uses = grid_uses((uint8_t)(below(&random, 3) == 0 ? 1u << below(&random, 3) : ALL));
        d->max_ma = 6000 + (int32_t)below(&random, 26) * 1000;
        d->weight = 1 + (int32_t)below(&random, 3);
        d->key = below(&random, 4);
        d->had_ma = (int32_t)below(&random, 17) * 1000;
        d->floor_ma = below(&random, 5) == 0 ? 6000 : 0;
        d->class = (int32_t)below(&random, 6) - 3 > 0 ? 1 : 0;
        d->min_ma = below(&random, 4) == 0 ? 8000 + (int32_t)below(&random, 2) * 2000 : 6000;
    }
}

static bool uses(const struct problem *p, size_t i, size_t v, int resource)
{
    int32_t at = p->demand[i].node;
    while (at > (int32_t)v)
        at = p->node[at].parent;
    return at == (int32_t)v && (p->demand[i].uses >> resource & 1);
}

static void check_feasible(const struct problem *p, const int32_t *grant_ma, uint64_t seed)
{
    for (size_t i = 0; i < p->n; i++)
        if (grant_ma[i] != 0 && grant_ma[i] != p->demand[i].floor_ma &&
            (grant_ma[i] < p->demand[i].min_ma || grant_ma[i] > p->demand[i].max_ma ||
             grant_ma[i] % STEP_MA != 0))
            fail_msg("seed %llu: car %zu has %d mA", (unsigned long long)seed, i, (int)grant_ma[i]);
    for (size_t v = 0; v < p->n_nodes; v++)
        for (int r = 0; r < GRID_RESOURCES; r++) {
            int64_t sum_ma = 0;
            for (size_t i = 0; i < p->n; i++)
                sum_ma += uses(p, i, v, r) ? grant_ma[i] : 0;
            if (sum_ma > grid_capacity_ma(&p->node[v], r))
                fail_msg("seed %llu: node %zu resource %d: %lld mA", (unsigned long long)seed, v, r,
                         (long long)sum_ma);
        }
}

static bool has_room(const struct problem *p, size_t i, const int64_t *room_ma, int32_t ma)
{
    for (size_t v = 0; v < p->n_nodes; v++)
        for (int r = 0; r < GRID_RESOURCES; r++)
            if (uses(p, i, v, r) && room_ma[v * GRID_RESOURCES + (size_t)r] < ma)
                return false;
    return true;
}

static void check_maximal(const struct problem *p, const int32_t *grant_ma, const int64_t *room_ma,
                          uint64_t seed)
{
    for (size_t i = 0; i < p->n; i++) {
        int32_t least_ma = p->demand[i].min_ma;
        int32_t more_ma = grant_ma[i] < least_ma ? least_ma - grant_ma[i] : STEP_MA;
        if (grant_ma[i] + more_ma <= p->demand[i].max_ma && has_room(p, i, room_ma, more_ma))
            fail_msg("seed %llu: car %zu could have %d mA more", (unsigned long long)seed, i,
                     (int)more_ma);
    }
}

/* Is there a full resource where nobody has, above the least and per weight, a step more,
 * nor anything but its safe current in a lower class? */
static bool is_stopped_fairly(const struct problem *p, size_t i, const int32_t *grant_ma,
                              const int64_t *room_ma)
{
    const struct share_demand *mine = &p->demand[i];
    for (size_t v = 0; v < p->n_nodes; v++)
        for (int r = 0; r < GRID_RESOURCES; r++) {
            bool fair = uses(p, i, v, r) && room_ma[v * GRID_RESOURCES + (size_t)r] < STEP_MA;
            for (size_t j = 0; fair && j < p->n; j++)
                if (j != i && uses(p, j, v, r) && grant_ma[j] > p->demand[j].floor_ma) {
                    const struct share_demand *other = &p->demand[j];
                    if (other->class != mine->class) {
                        fair = other->class > mine->class;
                        continue;
                    }
                    int64_t before_ma = grant_ma[j] - STEP_MA - other->min_ma;
                    fair = before_ma * mine->weight <=
                           (int64_t)(grant_ma[i] - mine->min_ma) * other->weight;
                }
            if (fair)
                return true;
        }
    return false;
}

static void check_max_min(const struct problem *p, const int32_t *grant_ma, const int64_t *room_ma,
                          uint64_t seed)
{
    for (size_t i = 0; i < p->n; i++)
        if (grant_ma[i] >= p->demand[i].min_ma && grant_ma[i] + STEP_MA <= p->demand[i].max_ma &&
            !is_stopped_fairly(p, i, grant_ma, room_ma))
            fail_msg("seed %llu: car %zu with %d mA could take from a richer one",
                     (unsigned long long)seed, i, (int)grant_ma[i]);
}

static void test_properties(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct problem p;
        int32_t grant_ma[MOST_DEMANDS];
        int64_t room_ma[MOST_NODES * GRID_RESOURCES];
        make(&p, seed, MOST_NODES, MOST_DEMANDS);
        solve(&p, grant_ma, room_ma);
        check_feasible(&p, grant_ma, seed);
        check_maximal(&p, grant_ma, room_ma, seed);
        check_max_min(&p, grant_ma, room_ma, seed);
    }
}

/* --- some with a deadline --- */

static void make_told(struct problem *p, uint64_t seed, int64_t part)
{
    uint64_t random = seed * 7 + 3;
    make(p, seed, MOST_NODES, MOST_DEMANDS);
    for (size_t i = 0; i < p->n; i++) {
        struct share_demand *d = &p->demand[i];
        d->has_deadline = below(&random, 100) < part;
        d->due_ms = below(&random, 10);
        d->pressed = below(&random, 3) == 0;
        d->keeps = below(&random, 4) == 0;
        d->first_ma = below(&random, 5) == 0 ? 6000 : d->max_ma;
    }
}

static void test_who_did_not_tell_loses_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct problem p, q;
        int32_t told_ma[MOST_DEMANDS], untold_ma[MOST_DEMANDS];
        int64_t room_ma[MOST_NODES * GRID_RESOURCES];
        make_told(&p, seed, 50);
        q = p;
        for (size_t i = 0; i < p.n; i++) {
            p.demand[i].class = q.demand[i].class = 0;
            q.demand[i].has_deadline = false;
        }
        solve(&q, untold_ma, room_ma);
        solve(&p, told_ma, room_ma);
        check_feasible(&p, told_ma, seed);
        check_maximal(&p, told_ma, room_ma, seed);
        for (size_t i = 0; i < p.n; i++)
            if (!p.demand[i].has_deadline && told_ma[i] < untold_ma[i])
                fail_msg("seed %llu: car %zu did not tell and has %d instead of %d mA",
                         (unsigned long long)seed, i, (int)told_ma[i], (int)untold_ma[i]);
    }
}

static void test_all_have_a_deadline(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct problem p, q;
        int32_t a_ma[MOST_DEMANDS], b_ma[MOST_DEMANDS];
        int64_t room_ma[MOST_NODES * GRID_RESOURCES];
        make_told(&p, seed, 100);
        q = p;
        for (size_t i = 0; i < p.n; i++)
            q.demand[i] = p.demand[p.n - 1 - i];
        solve(&q, b_ma, room_ma);
        solve(&p, a_ma, room_ma);
        check_feasible(&p, a_ma, seed);
        check_maximal(&p, a_ma, room_ma, seed);
        for (size_t i = 0; i < p.n; i++)
            if (a_ma[i] != b_ma[p.n - 1 - i])
                fail_msg("seed %llu: car %zu has %d or %d mA", (unsigned long long)seed, i,
                         (int)a_ma[i], (int)b_ma[p.n - 1 - i]);
    }
}

/* A class has what it would have alone; the next one what it would have of the rest. */
static void test_classes_are_served_one_after_the_other(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        struct problem p, part;
        int32_t all_ma[MOST_DEMANDS], part_ma[MOST_DEMANDS];
        int64_t room_ma[MOST_NODES * GRID_RESOURCES], rest_ma[MOST_NODES * GRID_RESOURCES];
        size_t place[MOST_DEMANDS];
        make_told(&p, seed, seed % 2 == 0 ? 40 : 0);
        for (size_t i = 0; i < p.n; i++) {
            p.demand[i].floor_ma = 0;
            p.demand[i].class = (int32_t)(i % 3);
        }
        solve(&p, all_ma, room_ma);
        for (size_t v = 0; v < p.n_nodes; v++)
            for (int r = 0; r < GRID_RESOURCES; r++)
                rest_ma[v * GRID_RESOURCES + (size_t)r] = grid_capacity_ma(&p.node[v], r);
        for (int32_t class = 2; class >= 0; class --) {
            struct grid grid = { .node = p.node, .n = p.n_nodes };
            struct share_scratch scratch;
            part.n = 0;
            for (size_t i = 0; i < p.n; i++)
                if (p.demand[i].class == class) {
                    place[part.n] = i;
                    part.demand[part.n++] = p.demand[i];
                }
            assert_true(share_scratch_init(&scratch, part.n));
            share_split(&grid, rest_ma, part.demand, part.n, STEP_MA, &scratch, part_ma);
            share_scratch_done(&scratch);
            for (size_t k = 0; k < part.n; k++)
                if (part_ma[k] != all_ma[place[k]])
                    fail_msg("seed %llu: car %zu of class %d has %d mA, alone %d",
                             (unsigned long long)seed, place[k], (int)class, (int)all_ma[place[k]],
                             (int)part_ma[k]);
        }
    }
}

static void test_order_of_the_list_does_not_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct problem p, q;
        int32_t a_ma[MOST_DEMANDS], b_ma[MOST_DEMANDS];
        int64_t room_ma[MOST_NODES * GRID_RESOURCES];
        make(&p, seed, MOST_NODES, MOST_DEMANDS);
        q = p;
        for (size_t i = 0; i < p.n; i++)
            q.demand[i] = p.demand[p.n - 1 - i];
        solve(&p, a_ma, room_ma);
        solve(&q, b_ma, room_ma);
        for (size_t i = 0; i < p.n; i++)
            if (a_ma[i] != b_ma[p.n - 1 - i])
                fail_msg("seed %llu: car %zu has %d or %d mA", (unsigned long long)seed, i,
                         (int)a_ma[i], (int)b_ma[p.n - 1 - i]);
    }
}

static int32_t least_of(const int32_t *grant_ma, size_t n)
{
    int32_t least_ma = INT32_MAX;
    for (size_t i = 0; i < n; i++)
        least_ma = grant_ma[i] < least_ma ? grant_ma[i] : least_ma;
    return least_ma;
}

static void test_more_limit_is_never_less_for_the_least(void **state)
{
    (void)state;
    struct problem p = { .n_nodes = 1, .n = 7 };
    int32_t before_ma = 0;
    for (uint32_t k = 0; k < p.n; k++) {
        p.demand[k] = car(k);
        p.demand[k].weight = 1 + (int32_t)k % 3;
    }
    for (int32_t limit_ma = 0; limit_ma < 130000; limit_ma += 500) {
        int32_t grant_ma[7];
        int64_t room_ma[GRID_RESOURCES];
        p.node[0] =
            (struct grid_node){ .parent = -1, .limit_ma = { limit_ma, limit_ma, limit_ma } };
        solve(&p, grant_ma, room_ma);
        assert_true(least_of(grant_ma, p.n) >= before_ma);
        before_ma = least_of(grant_ma, p.n);
    }
    assert_int_equal(before_ma, 16000);
}

/* --- brute force: equal weights, all three phases --- */

enum { SMALL_MAX = 6 }; /* cars; all their currents are tried */

struct search {
    const struct problem *p;
    const int32_t *admitted; /* only these cars, all of them; NULL = as many as can be */
    int32_t now_ma[SMALL_MAX], best_ma[SMALL_MAX];
    int best_on;
};

static int by_size(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

/* More cars first, then the lexicographically larger sorted vector. */
static bool is_better(const struct search *s)
{
    int32_t now[SMALL_MAX], best[SMALL_MAX];
    int on = 0;
    for (size_t i = 0; i < s->p->n; i++)
        on += s->now_ma[i] > 0;
    if (on != s->best_on)
        return on > s->best_on;
    memcpy(now, s->now_ma, sizeof(now));
    memcpy(best, s->best_ma, sizeof(best));
    qsort(now, s->p->n, sizeof(now[0]), by_size);
    qsort(best, s->p->n, sizeof(best[0]), by_size);
    for (size_t i = 0; i < s->p->n; i++)
        if (now[i] != best[i])
            return now[i] > best[i];
    return false;
}

static bool is_feasible(const struct search *s)
{
    for (size_t v = 0; v < s->p->n_nodes; v++)
        for (int r = 0; r < GRID_RESOURCES; r++) {
            int64_t sum_ma = 0;
            for (size_t i = 0; i < s->p->n; i++)
                sum_ma += uses(s->p, i, v, r) ? s->now_ma[i] : 0;
            if (sum_ma > grid_capacity_ma(&s->p->node[v], r))
                return false;
        }
    return true;
}

static void try_all(struct search *s, size_t i)
{
    if (i >= s->p->n || i >= SMALL_MAX) {
        if (is_feasible(s) && is_better(s)) {
            memcpy(s->best_ma, s->now_ma, sizeof(s->best_ma));
            s->best_on = 0;
            for (size_t k = 0; k < s->p->n; k++)
                s->best_on += s->best_ma[k] > 0;
        }
        return;
    }
    for (int32_t ma = 0; ma <= s->p->demand[i].max_ma; ma = ma == 0 ? 6000 : ma + STEP_MA) {
        if (s->admitted != NULL && (s->admitted[i] > 0) != (ma > 0))
            continue;
        s->now_ma[i] = ma;
        try_all(s, i + 1);
    }
}

static void make_small(struct problem *p, uint64_t seed)
{
    make(p, seed, 3, SMALL_MAX);
    for (size_t v = 0; v < p->n_nodes; v++) {
        p->node[v].single_max_ma = 0;
        for (int phase = 0; phase < 3; phase++)
            p->node[v].limit_ma[phase] /= 2;
    }
    for (size_t i = 0; i < p->n; i++) {
        p->demand[i].weight = 1;
        p->demand[i].uses = ALL;
        p->demand[i].floor_ma = 0;
        p->demand[i].min_ma = 6000;
        p->demand[i].had_ma = 0;
        p->demand[i].class = 0;
        p->demand[i].max_ma = 6000 + p->demand[i].max_ma / 1000 % (p->n > 4 ? 3 : 8) * 1000;
    }
}

static void test_as_many_cars_as_can_be(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct problem p;
        int32_t grant_ma[SMALL_MAX];
        int64_t room_ma[3 * GRID_RESOURCES];
        int on = 0;
        make_small(&p, seed);
        struct search s = { .p = &p, .best_on = -1 };
        try_all(&s, 0);
        solve(&p, grant_ma, room_ma);
        for (size_t i = 0; i < p.n; i++)
            on += grant_ma[i] > 0;
        if (on != s.best_on)
            fail_msg("seed %llu: %d cars on, %d could be", (unsigned long long)seed, on, s.best_on);
    }
}

static void test_nobody_could_have_a_better_least(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct problem p;
        int32_t grant_ma[SMALL_MAX];
        int64_t room_ma[3 * GRID_RESOURCES];
        make_small(&p, seed);
        solve(&p, grant_ma, room_ma);
        struct search s = { .p = &p, .admitted = grant_ma, .best_on = -1 };
        try_all(&s, 0);
        qsort(grant_ma, p.n, sizeof(grant_ma[0]), by_size);
        qsort(s.best_ma, p.n, sizeof(s.best_ma[0]), by_size);
        for (size_t i = 0; i < p.n; i++)
            if (grant_ma[i] != s.best_ma[i])
                fail_msg("seed %llu: %d mA where %d could be", (unsigned long long)seed,
                         (int)grant_ma[i], (int)s.best_ma[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_who_did_not_tell_loses_nothing),
        cmocka_unit_test(test_all_have_a_deadline),
        cmocka_unit_test(test_classes_are_served_one_after_the_other),
        cmocka_unit_test(test_order_of_the_list_does_not_matter),
        cmocka_unit_test(test_more_limit_is_never_less_for_the_least),
        cmocka_unit_test(test_as_many_cars_as_can_be),
        cmocka_unit_test(test_nobody_could_have_a_better_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
