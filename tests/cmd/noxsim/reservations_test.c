/* Reservations: who gets one, who may use it, when it ends. */
#include "tests/cmd/noxsim/check_sim.h"

#include "cmd/noxsim/reservations.h"
#include "ocpp/wire/field.h"

enum {
    ACCEPTED = OCPP_RESERVATION_STATUS_ACCEPTED,
    FAULTED = OCPP_RESERVATION_STATUS_FAULTED,
    OCCUPIED = OCPP_RESERVATION_STATUS_OCCUPIED,
    REJECTED = OCPP_RESERVATION_STATUS_REJECTED,
    UNAVAILABLE = OCPP_RESERVATION_STATUS_UNAVAILABLE,
};
#define F RESERVABLE_FREE
#define O RESERVABLE_OCCUPIED
#define U RESERVABLE_UNAVAILABLE
#define X RESERVABLE_FAULTED

static const struct {
    const char *why;
    enum reservable is[2];
    struct {
        int32_t id, connector;
    } wish[3];
    int32_t status; /* of the last wish; those before are accepted */
    bool no_zero;
} cases[] = {
    { "a free connector", { F, F }, { { 1, 1 } }, ACCEPTED, false },
    { "an occupied one", { O, F }, { { 1, 1 } }, OCCUPIED, false },
    { "an unavailable one", { U, F }, { { 1, 1 } }, UNAVAILABLE, false },
    { "a faulted one", { X, F }, { { 1, 1 } }, FAULTED, false },
    { "one that is not there", { F, F }, { { 1, 3 } }, REJECTED, false },
    { "a reserved one", { F, F }, { { 1, 1 }, { 2, 1 } }, OCCUPIED, false },
    { "the same id replaces", { F, F }, { { 1, 1 }, { 1, 1 } }, ACCEPTED, false },
    { "the same id moves", { F, F }, { { 1, 1 }, { 1, 2 } }, ACCEPTED, false },
    { "connector 0", { O, F }, { { 1, 0 } }, ACCEPTED, false },
    { "connector 0 is not supported", { F, F }, { { 1, 0 } }, REJECTED, true },
    { "connector 0, all in use", { O, O }, { { 1, 0 } }, OCCUPIED, false },
    { "connector 0, one in use and one faulted", { X, O }, { { 1, 0 } }, OCCUPIED, false },
    { "connector 0, all faulted", { X, X }, { { 1, 0 } }, FAULTED, false },
    { "connector 0, all unavailable", { U, U }, { { 1, 0 } }, UNAVAILABLE, false },
    { "connector 0 as often as there are free ones",
      { F, F },
      { { 1, 0 }, { 2, 0 } },
      ACCEPTED,
      false },
    { "and not more", { F, F }, { { 1, 0 }, { 2, 2 }, { 3, 0 } }, OCCUPIED, false },
    { "nor a certain one then", { F, O }, { { 1, 0 }, { 2, 1 } }, OCCUPIED, false },
};

static struct ocpp_reserve_now_req wish(int32_t id, int32_t connector)
{
    return (struct ocpp_reserve_now_req){ .connector_id = connector,
                                          .expiry_date_ms = 5000,
                                          .id_tag = "TAG",
                                          .parent_id_tag = "FLEET",
                                          .reservation_id = id };
}

static void test_wishes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct reservations r = { .n = 0 };
        struct reservable_connector c[] = { { 1, cases[i].is[0] }, { 2, cases[i].is[1] } };
        for (size_t k = 0; k < 3 && cases[i].wish[k].id != 0; k++) {
            struct ocpp_reserve_now_req req = wish(cases[i].wish[k].id, cases[i].wish[k].connector);
            bool is_last = k == 2 || cases[i].wish[k + 1].id == 0;
            int32_t status = reservations_set(&r, &req, c, 2, !cases[i].no_zero, 1000);
            if (status != (is_last ? cases[i].status : ACCEPTED))
                fail_msg("%s: wish %zu: %d", cases[i].why, k, (int)status);
        }
        reservations_done(&r);
    }
}

static void test_life(void **state)
{
    struct reservations r = { .n = 0 };
    struct reservable_connector c[] = { { 1, F }, { 2, F } };
    struct ocpp_reserve_now_req one = wish(7, 1), any = wish(8, 0);
    (void)state;
    any.id_tag = "OTHER";
    any.parent_id_tag = NULL;
    any.expiry_date_ms = 6000;
    assert_int_equal(reservations_set(&r, &one, c, 2, true, 5000), REJECTED); /* over already */
    assert_int_equal(reservations_set(&r, &one, c, 2, true, 1000), ACCEPTED);
    assert_int_equal(reservations_set(&r, &any, c, 2, true, 1000), ACCEPTED);
    assert_true(reservations_hold(&r, 1, 2));
    assert_true(reservations_hold(&r, 2, 2)); /* the last free one, for OTHER */
    assert_int_equal(reservations_of(&r, 1, "tag", NULL)->id, 7);
    assert_int_equal(reservations_of(&r, 1, "X", "fleet")->id, 7);
    assert_int_equal(reservations_of(&r, 2, "other", NULL)->id, 8);
    assert_null(reservations_of(&r, 2, "tag", "FLEET"));
    assert_null(reservations_of(&r, 1, "X", ""));
    assert_int_equal(reservations_next_ms(&r), 5000);
    assert_false(reservations_expire(&r, 4999));
    assert_true(reservations_expire(&r, 5000));
    assert_false(reservations_hold(&r, 2, 2));
    assert_true(reservations_hold(&r, 2, 1));
    assert_false(reservations_cancel(&r, 7));
    assert_true(reservations_cancel(&r, 8));
    assert_int_equal(reservations_set(&r, &one, c, 2, true, 1000), ACCEPTED);
    reservations_end(&r, 2);
    assert_int_equal(r.n, 1);
    reservations_end(&r, 1);
    assert_int_equal(r.n, 0);
    reservations_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_wishes),
                                        cmocka_unit_test(test_life) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
