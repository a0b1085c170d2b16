#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/noxd/doctor.h"

static const int64_t NOW = INT64_C(1790000000000);

static void similar_names(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool similar;
    } cases[] = {
        { "DO-L0001", "do-l0001", true },
        { "DO-L0001", "DO_L0001", true },
        { "DO-L0001", "DOL0001", true },
        { "DO-L0001", "L0001", true },
        { "DO-L0001", "CP-DO-L0001", true },
        { "DO-L0001", "DO-L001", true },
        { "LAMP-0001", "LAPM-0001", true },
        { "DO-L0001", "DO-L0002", false },
        { "DO-L0001", "DO-L0011", false },
        { "S0001", "S0010", false },
        { "A1", "B1", false },
        { "", "DO-L0001", false },
        { "-", "DO-L0001", false },
        { "DO-L0001", "/steve/x", false },
        { "LAMP-0001", "LAMP-1000", false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (doctor_is_similar(cases[i].a, cases[i].b) != cases[i].similar ||
            doctor_is_similar(cases[i].b, cases[i].a) != cases[i].similar)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
}

static struct doctor_facts healthy(void)
{
    struct doctor_facts f = { .now_ms = NOW, .id = "CP-1", .known = true, .url = "ws://h/ocpp/" };
    f.station.online = f.station.has_key = true;
    f.station.security_profile = 1;
    f.station.registration = STORE_REG_ACCEPTED;
    f.station.last_violation = "";
    f.station.connected_at_ms = f.station.booted_at_ms = f.station.seen_at_ms = NOW - 1000;
    f.has_link = f.pinged = true;
    f.rtt_us = 30000;
    return f;
}

/* One thing is changed, one finding must come first. */
static void each_fact_has_its_finding(void **state)
{
    (void)state;
    struct doctor_findings out;
    static const struct alarms alarms = { .item = { { .station = "CP-1", .name = "grid.cap" } },
                                          .n = 1 };
    static const struct doctor_connector faulted = { .number = 2, .status = "Faulted" };
    for (int i = 0; i < 19; i++) {
        struct doctor_facts f = healthy();
        const char *want = NULL;
        enum doctor_severity severity = DOCTOR_BAD;
        switch (i) {
        case 0:
            break;
        case 1:
            f.rtt_us = -1;
            want = "no-pong";
            break;
        case 2:
            f.rtt_us = 1500000;
            want = "slow";
            severity = DOCTOR_WARNING;
            break;
        case 3:
            f.station.clock_skew_ms = -90000;
            want = "clock";
            severity = DOCTOR_WARNING;
            break;
        case 4:
            f.station.clock_skew_ms = 900000;
            want = "clock";
            break;
        case 5:
            f.station.registration = STORE_REG_REJECTED;
            want = "rejected";
            break;
        case 6:
            f.station.has_key = false;
            want = "no-key";
            break;
        case 7:
            f.link.tls = true;
            f.link.peer_until_s = NOW / 1000 - 10;
            want = "client-certificate";
            break;
        case 8:
            f.link.tls = true;
            f.link.server_until_s = NOW / 1000 + 5 * 86400;
            want = "server-certificate";
            severity = DOCTOR_WARNING;
            break;
        case 9:
            f.alarms = &alarms;
            want = "alarm";
            break;
        case 10:
            f.connector = &faulted;
            f.n_connectors = 1;
            want = "faulted";
            break;
        case 11:
            f.link.waiting_frames = 3;
            want = "does-not-read";
            severity = DOCTOR_WARNING;
            break;
        case 12:
            f.station.security_profile = 0;
            f.station.has_key = false;
            want = "no-security";
            severity = DOCTOR_NOTE;
            break;
        case 13:
            f.balanced = true;
            f.station.counts = SCHED_STICKY;
            f.station.class = 4;
            f.station.evidence = "nothing is known yet";
            want = "sticky";
            severity = DOCTOR_NOTE;
            break;
        case 14:
            f.balanced = f.station.demoted = true;
            f.station.counts = SCHED_STICKY;
            f.station.evidence = "drew its limit after the end of a lease";
            want = "sticky";
            severity = DOCTOR_WARNING;
            break;
        case 15:
            f.balanced = true;
            f.station.counts = SCHED_FORGETFUL;
            f.station.evidence = "by its configuration";
            want = "forgetful";
            severity = DOCTOR_WARNING;
            break;
        case 16:
            f.balanced = true;
            f.station.counts = SCHED_UNMANAGED;
            f.station.class = 4;
            f.station.evidence = "says that it has no smart charging";
            want = "unmanaged";
            severity = DOCTOR_WARNING;
            break;
        case 17:
            f.station.profile_writes = 101;
            f.station.profile_writes_most = 100;
            want = "writes";
            severity = DOCTOR_WARNING;
            break;
        default:
            f.station.online = f.has_link = f.pinged = false;
            want = "offline";
        }
        doctor_judge(&f, &out);
        if (want == NULL ? out.n != 0
                         : out.n == 0 || strcmp(out.item[0].code, want) != 0 ||
                               out.item[0].severity != severity || out.item[0].text[0] == '\0')
            fail_msg("case %d: %s instead of %s", i, out.n > 0 ? out.item[0].code : "nothing",
                     want != NULL ? want : "nothing");
    }
}

static void the_worst_comes_first(void **state)
{
    (void)state;
    struct doctor_findings f = { .n = 0 };
    doctor_add(&f, DOCTOR_NOTE, "a", "", "%s", "1");
    doctor_add(&f, DOCTOR_BAD, "b", "", "%s", "2");
    doctor_add(&f, DOCTOR_WARNING, "c", "", "%s", "3");
    doctor_add(&f, DOCTOR_BAD, "d", "", "%s", "4");
    doctor_sort(&f);
    assert_string_equal(f.item[0].code, "b");
    assert_string_equal(f.item[1].code, "d");
    assert_string_equal(f.item[2].code, "c");
    assert_string_equal(f.item[3].code, "a");
    for (int i = 0; i < 100; i++)
        doctor_add(&f, DOCTOR_NOTE, "e", "", "%d", i);
    assert_int_equal(f.n, DOCTOR_FINDINGS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(similar_names),
        cmocka_unit_test(each_fact_has_its_finding),
        cmocka_unit_test(the_worst_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
