/* Certificates: requests and their states, what was signed and seen, what stations have. */
#include <inttypes.h>
#include <string.h>

#include "tests/storage/street.h"

static const int64_t now_ms = INT64_C(1794000000000), day_ms = 86400000;

static struct store_cert_request a_request(const char *station)
{
    return (struct store_cert_request){ .station = station,
                                        .csr = "csr",
                                        .subject = "CN=CP1",
                                        .cn = "CP1",
                                        .key = "EC 256",
                                        .state = STORE_CERT_PENDING,
                                        .asked_at_ms = now_ms,
                                        .changed_at_ms = now_ms,
                                        .who = "",
                                        .why = "",
                                        .note = "" };
}

static struct store_certificate a_certificate(const char *fingerprint, int64_t from_ms)
{
    return (struct store_certificate){ .fingerprint = fingerprint,
                                       .kind = STORE_CERT_STATION,
                                       .station = "CP1",
                                       .subject = "CN=CP1",
                                       .issuer = "CN=CA",
                                       .cn = "CP1",
                                       .serial = "4A",
                                       .key = "EC 256",
                                       .pem = "pem",
                                       .not_before_ms = from_ms,
                                       .not_after_ms = from_ms + 365 * day_ms,
                                       .added_at_ms = now_ms,
                                       .note = "" };
}

static int64_t put_request(struct street *s, const struct store_cert_request *request)
{
    struct answer a;
    assert_true(store_cert_request(s->store, request, answer_to(&a)));
    street_wait(s, &a);
    check_int("stored", a.rc, STORE_OK);
    return a.result.count.n;
}

static enum store_rc change(struct street *s, int64_t id, uint32_t from, int32_t to)
{
    struct answer a;
    assert_true(
        store_cert_change(s->store, id, from, to, "otto", NULL, "note", now_ms, answer_to(&a)));
    street_wait(s, &a);
    return a.rc;
}

static bool note_state(void *arg, const struct store_cert_request *request)
{
    int64_t *states = arg;
    *states = *states * 10 + request->state;
    return true;
}

static int64_t states(struct street *s, struct reader_cert_request_filter filter)
{
    int64_t got = 0;
    struct reader *r = street_reader(s);
    assert_int_equal(reader_cert_requests(r, &filter, note_state, &got), STORE_OK);
    reader_close(r);
    return got;
}

static void one_request_of_a_station_is_open(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 2);
    struct store_cert_request first = a_request("CP1"), other = a_request("CP2");
    int64_t id = put_request(&s, &first);
    put_request(&s, &other);
    int64_t newer = put_request(&s, &first);
    check_int("ids grow", newer > id, true);
    check_int("newest first", states(&s, (struct reader_cert_request_filter){ .station = "CP1" }),
              17);
    check_int("open", states(&s, (struct reader_cert_request_filter){ .open = true }), 11);
    check_int("by id", states(&s, (struct reader_cert_request_filter){ .id = id }), 7);
    for (int i = 0; i < 60; i++)
        put_request(&s, &first);
    check_int("the newest 50",
              street_number(&s, "SELECT count(*) FROM cert_request"
                                " WHERE station = 'CP1'"),
              50);
    check_int("of others all",
              street_number(&s, "SELECT count(*) FROM cert_request"
                                " WHERE station = 'CP2'"),
              1);
    check_int("the newest", states(&s, (struct reader_cert_request_filter){ .limit = 1 }), 1);
    street_close(&s);
}

static void states_follow_each_other(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    struct store_cert_request request = a_request("CP1");
    int64_t id = put_request(&s, &request);
    check_int("not delivered before it is signed",
              change(&s, id, 1u << STORE_CERT_SIGNED, STORE_CERT_ACCEPTED), STORE_MISSING);
    check_int("approved", change(&s, id, 1u << STORE_CERT_PENDING, STORE_CERT_APPROVED), STORE_OK);
    check_int("once", change(&s, id, 1u << STORE_CERT_PENDING, STORE_CERT_APPROVED), STORE_MISSING);
    struct store_certificate c = a_certificate("aa", now_ms);
    c.request = id;
    assert_true(store_cert_signed(s.store, &c, "chain", answer_to(&a)));
    street_wait(&s, &a);
    check_int("signed", a.rc, STORE_OK);
    check_int("accepted", change(&s, id, 1u << STORE_CERT_SIGNED, STORE_CERT_ACCEPTED), STORE_OK);
    assert_true(store_cert_signed(s.store, &c, "chain", answer_to(&a)));
    street_wait(&s, &a);
    check_int("not signed again", a.rc, STORE_MISSING);
    street_close(&s);
}

static void put(struct street *s, const struct store_certificate *c)
{
    struct answer a;
    assert_true(store_certificate(s->store, c, answer_to(&a)));
    street_wait(s, &a);
    check_int("kept", a.rc, STORE_OK);
}

static union store_result see(struct street *s, const struct store_certificate *c)
{
    struct answer a;
    assert_true(store_cert_seen(s->store, c, now_ms, answer_to(&a)));
    street_wait(s, &a);
    check_int("seen", a.rc, STORE_OK);
    return a.result;
}

static bool note_names(void *arg, const struct store_certificate *c)
{
    char *names = arg;
    snprintf(names + strlen(names), 100 - strlen(names), "%s ", c->fingerprint);
    return true;
}

static void check_list(struct street *s, const char *why, struct reader_cert_filter filter,
                       const char *want)
{
    char names[100] = "";
    struct reader *r = street_reader(s);
    assert_int_equal(reader_certificates(r, &filter, note_names, names), STORE_OK);
    reader_close(r);
    if (strcmp(names, want) != 0)
        fail_msg("%s: \"%s\", want \"%s\"", why, names, want);
}

static void newer_certificates_replace_older(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    struct store_certificate old = a_certificate("aa", now_ms - 340 * day_ms),
                             new = a_certificate("ab", now_ms),
                             root = a_certificate("cc", now_ms - 364 * day_ms);
    root.kind = STORE_CERT_ROOT;
    root.station = NULL;
    put(&s, &root);
    struct store_certificate ca = root;
    ca.fingerprint = "cb";
    ca.kind = STORE_CERT_CA;
    put(&s, &ca);
    ca.kind = STORE_CERT_ROOT; /* installed in a station */
    put(&s, &ca);
    check_int("still a CA",
              street_number(&s, "SELECT kind FROM certificate WHERE fingerprint = 'cb'"),
              STORE_CERT_CA);
    street_sql(&s, "DELETE FROM certificate WHERE fingerprint = 'cb'");
    check_int("first", see(&s, &old).cert.replaced, false);
    check_list(&s, "ending", (struct reader_cert_filter){ .ending_ms = now_ms + 30 * day_ms },
               "cc aa ");
    check_int("second", see(&s, &new).cert.replaced, false);
    check_int("the older one again", see(&s, &old).cert.replaced, true);
    check_int("the newer one stays", see(&s, &new).cert.replaced, false);
    check_list(&s, "replaced ones do not matter",
               (struct reader_cert_filter){ .ending_ms = now_ms + 30 * day_ms }, "cc ");
    check_list(&s, "beginning", (struct reader_cert_filter){ .fingerprint = "a" }, "aa ab ");
    check_list(&s, "whole", (struct reader_cert_filter){ .fingerprint = "aa" }, "aa ");
    check_list(&s, "station", (struct reader_cert_filter){ .station = "CP1" }, "aa ab ");
    check_list(&s, "all", (struct reader_cert_filter){ .station = NULL }, "aa ab cc ");
    check_list(&s, "none revoked", (struct reader_cert_filter){ .revoked = true }, "");
    assert_true(store_cert_revoke(s.store, "ab", "otto: lost", now_ms, answer_to(&a)));
    street_wait(&s, &a);
    check_int("revoked", a.rc, STORE_OK);
    check_int("told when it is seen", see(&s, &new).cert.revoked, true);
    check_list(&s, "revoked", (struct reader_cert_filter){ .revoked = true }, "ab ");
    assert_true(store_cert_revoke(s.store, "dd", "otto", now_ms, answer_to(&a)));
    street_wait(&s, &a);
    check_int("unknown", a.rc, STORE_MISSING);
    assert_true(store_cert_warned(s.store, "cc", 7, answer_to(&a)));
    street_wait(&s, &a);
    check_int("warned", a.rc, STORE_OK);
    street_close(&s);
}

static bool count_installed(void *arg, const struct store_installed *installed)
{
    check_int("at", installed->at_ms, now_ms);
    (*(int64_t *)arg)++;
    return true;
}

static void a_report_replaces_the_one_before(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    int64_t n = 0, of_station = 0;
    street_open(&s, 1);
    struct store_installed list[] = {
        { .hash = "SHA256", .issuer_name_hash = "A1", .issuer_key_hash = "B1", .serial = "01" },
        { .hash = "SHA256", .issuer_name_hash = "A1", .issuer_key_hash = "B1", .serial = "02" },
        { .hash = "SHA256", .issuer_name_hash = "A1", .issuer_key_hash = "B1", .serial = "02" },
    };
    static const struct {
        const char *type;
        size_t n;
    } reports[] = { { "CentralSystemRootCertificate", 3 },
                    { "ManufacturerRootCertificate", 1 },
                    { "CentralSystemRootCertificate", 1 } };
    for (size_t i = 0; i < 3; i++) {
        assert_true(store_cert_installed(s.store, "CP1", reports[i].type, list, reports[i].n,
                                         now_ms, answer_to(&a)));
        street_wait(&s, &a);
        check_int("stored", a.rc, STORE_OK);
    }
    struct reader *r = street_reader(&s);
    assert_int_equal(reader_installed(r, NULL, count_installed, &n), STORE_OK);
    assert_int_equal(reader_installed(r, "CP1", count_installed, &of_station), STORE_OK);
    reader_close(r);
    check_int("all", n, 2);
    check_int("of the station", of_station, 2);
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_request_of_a_station_is_open),
        cmocka_unit_test(states_follow_each_other),
        cmocka_unit_test(newer_certificates_replace_older),
        cmocka_unit_test(a_report_replaces_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
