#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/noxd/route.h"

static const struct {
    const char *why, *method, *path;
    enum route_match want;
    const char *want_path;     /* of the route */
    const char *want_param[2]; /* or want_param[0]: the methods allowed */
} cases[] = {
    { "no parameter", "GET", "/v1/status", ROUTE_FOUND, "/v1/status", { NULL, NULL } },
    { "one parameter", "GET", "/v1/stations/A", ROUTE_FOUND, "/v1/stations/{id}", { "A", NULL } },
    { "a parameter in the middle",
      "POST",
      "/v1/stations/A B/key",
      ROUTE_FOUND,
      "/v1/stations/{id}/key",
      { "A B", NULL } },
    { "a fixed word before a parameter",
      "POST",
      "/v1/grid/prove",
      ROUTE_FOUND,
      "/v1/grid/prove",
      { NULL, NULL } },
    { "a node called prove",
      "POST",
      "/v1/grid/prove/limit",
      ROUTE_FOUND,
      "/v1/grid/{node}/limit",
      { "prove", NULL } },
    { "an idTag with slashes",
      "PUT",
      "/v1/tags/A/B/",
      ROUTE_FOUND,
      "/v1/tags/{idTag}",
      { "A/B/", NULL } },
    { "a station id has none", "GET", "/v1/stations/A/B", ROUTE_NO_PATH, NULL, { NULL, NULL } },
    { "an empty parameter", "GET", "/v1/stations/", ROUTE_NO_PATH, NULL, { NULL, NULL } },
    { "an empty parameter in the middle",
      "POST",
      "/v1/stations//key",
      ROUTE_NO_PATH,
      NULL,
      { NULL, NULL } },
    { "the beginning of a path", "GET", "/v1/stat", ROUTE_NO_PATH, NULL, { NULL, NULL } },
    { "more than a path", "GET", "/v1/status/x", ROUTE_NO_PATH, NULL, { NULL, NULL } },
    { "nothing", "GET", "", ROUTE_NO_PATH, NULL, { NULL, NULL } },
    { "the last of several methods",
      "DELETE",
      "/v1/tags/A",
      ROUTE_FOUND,
      "/v1/tags/{idTag}",
      { "A", NULL } },
    { "another method", "POST", "/v1/status", ROUTE_NO_METHOD, NULL, { "GET", NULL } },
    { "other methods",
      "POST",
      "/v1/stations/A",
      ROUTE_NO_METHOD,
      NULL,
      { "GET, PUT, DELETE", NULL } },
    { "methods are words in capitals",
      "get",
      "/v1/status",
      ROUTE_NO_METHOD,
      NULL,
      { "GET", NULL } },
};

static void check_text(const char *why, const char *got, const char *want)
{
    if ((got == NULL) != (want == NULL) || (got != NULL && strcmp(got, want) != 0))
        fail_msg("%s: got %s, want %s", why, got ? got : "nothing", want ? want : "nothing");
}

static void paths_lead_to_routes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct route *route = NULL;
        char *param[PARAMS_MAX], allow[64] = "";
        enum route_match got = route_find(cases[i].method, cases[i].path, &route, param, allow);
        if (got != cases[i].want)
            fail_msg("%s: got %d", cases[i].why, (int)got);
        check_text(cases[i].why, route != NULL ? route->path : NULL, cases[i].want_path);
        if (got == ROUTE_NO_METHOD) {
            check_text(cases[i].why, allow, cases[i].want_param[0]);
            continue;
        }
        check_text(cases[i].why, allow, "");
        for (size_t k = 0; k < PARAMS_MAX; k++) {
            check_text(cases[i].why, param[k], cases[i].want_param[k]);
            free(param[k]);
        }
    }
}

static void every_route_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; route_at(i) != NULL; i++) {
        const struct route *route = route_at(i);
        assert_non_null(route->run);
        assert_true(route->summary[0] != '\0');
        assert_true(strncmp(route->path, "/v1", 3) == 0);
        assert_true((route->body == BODY_NONE) || strcmp(route->method, "GET") != 0);
    }
}

static void wrong_names_get_a_hint(void **state)
{
    char name[32] = "";
    (void)state;
    const struct route *sessions = NULL;
    char *param[PARAMS_MAX], allow[64];
    assert_int_equal(route_find("GET", "/v1/sessions", &sessions, param, allow), ROUTE_FOUND);
    assert_true(route_takes_query(sessions, "before"));
    assert_true(route_takes_query(sessions, "to"));
    assert_false(route_takes_query(sessions, "t"));
    assert_false(route_takes_query(sessions, "too"));
    assert_false(route_takes_query(sessions, ""));
    assert_true(route_query_nearest(sessions, "stations", name));
    assert_string_equal(name, "station");
    assert_false(route_query_nearest(sessions, "xyzxyzxyz", name));
    assert_string_equal(route_nearest("/v1/statu"), "/v1/status");
    assert_null(route_nearest("/nothing/of/the/kind"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_lead_to_routes),
        cmocka_unit_test(every_route_is_complete),
        cmocka_unit_test(wrong_names_get_a_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
