/* The oracle itself: sums along the tree, highest values between samples. */
#include "tests/cmd/noxsim/check_sim.h"

#include "cmd/noxsim/grid.h"

static struct grid_load load(int32_t may_ma, int32_t draw_ma, int32_t want_ma, int phase)
{
    struct grid_load l = { .ma = { { 0 } } };
    l.ma[GRID_MAY][phase] = may_ma;
    l.ma[GRID_DRAW][phase] = draw_ma;
    l.ma[GRID_WANT][phase] = want_ma;
    return l;
}

static void test_grid(void **state)
{
    (void)state;
    char top[] = "TOP", left[] = "LEFT", right[] = "RIGHT";
    struct site_node nodes[] = {
        { top, -1, { 50000, 50000, 50000 }, { 10000, 0, 0 } },
        { left, 0, { 30000, 30000, 30000 }, { 0, 0, 0 } },
        { right, 0, { 30000, 30000, 30000 }, { 0, 0, 0 } },
    };
    struct site site = { .node = nodes, .n_nodes = 3 };
    struct grid grid;
    struct grid_load a = { .ma = { { 0 } } }, b = a, none = a, fresh;
    assert_true(grid_init(&grid, &site));
    const struct grid_phase *root = &grid.node[0].phase[0], *leaf = &grid.node[1].phase[0];
    check_int("foreign load is taken off", root->limit_ma, 40000);
    fresh = load(16000, 10000, 16000, 0);
    grid_change(&grid, 1, &a, &fresh, "A", 0);
    fresh = load(16000, 16000, 16000, 0);
    grid_change(&grid, 2, &b, &fresh, "B", 0);
    check_int("the root has both", root->now_ma[GRID_MAY], 32000);
    check_int("the leaf has its own", leaf->now_ma[GRID_MAY], 16000);
    check_int("other phases have nothing", grid.node[0].phase[1].now_ma[GRID_MAY], 0);
    check_int("drawn", root->now_ma[GRID_DRAW], 26000);
    fresh = load(32000, 0, 0, 0); /* between two samples */
    grid_change(&grid, 1, &a, &fresh, "A", 0);
    grid_change(&grid, 1, &a, &none, "A", 0);
    check_int("nothing hides between samples", leaf->max_ma[GRID_MAY], 32000);
    check_int("leaf", (int64_t)leaf->times_over, 1);
    check_int("root", (int64_t)root->times_over, 1);
    check_names("who", grid.first_excess, "LEFT L1: 32000 mA allowed of 30000 mA");
    check_names("who", grid.first_excess, "at A");
    check_int("back", root->now_ma[GRID_MAY], 16000);
    grid_sample(&grid, 0, NULL);
    check_int("samples", (int64_t)root->samples, 1);
    check_int("none of them over", (int64_t)root->samples_over, 0);
    check_int("none of them tight", (int64_t)root->tight, 0);
    fresh = load(16000, 15000, 40000, 0);
    grid_change(&grid, 2, &b, &fresh, "B", 0);
    grid_sample(&grid, 0, NULL);
    check_int("tight when cars want the limit", (int64_t)root->tight, 1);
    check_int("drawn then", root->tight_draw_ma, 15000);
    grid_change(&grid, -1, &none, &fresh, "C", 0);
    check_int("no node, no sum", root->now_ma[GRID_MAY], 16000);
    grid_done(&grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_grid) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
