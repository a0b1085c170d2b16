/* Recorded sessions: local time, exact energy, lamps; and those that noxsim makes itself. */
#include "tests/cmd/noxsim/check_sim.h"

#include <stdlib.h>
#include <unistd.h>

#include "cmd/noxsim/berlin.h"
#include "cmd/noxsim/csv.h"
#include "cmd/noxsim/generate.h"
#include "cmd/noxsim/recording.h"
#include "ocpp/wire/iso8601.h"

static int64_t utc(const char *text)
{
    int64_t ms;
    assert_true(ocpp_time_parse(text, &ms, NULL));
    return ms;
}

static const struct {
    const char *why, *local;
    bool second;
    const char *utc;
} times[] = {
    { "winter", "2019-01-15 12:00", false, "2019-01-15T11:00:00Z" },
    { "summer", "2019-07-15 12:00", false, "2019-07-15T10:00:00Z" },
    { "before the hour that is left out", "2019-03-31 01:59", false, "2019-03-31T00:59:00Z" },
    { "in the hour that is left out", "2019-03-31 02:30", false, "2019-03-31T01:30:00Z" },
    { "after it", "2019-03-31 03:00", false, "2019-03-31T01:00:00Z" },
    { "twice, first", "2019-10-27 02:30", false, "2019-10-27T00:30:00Z" },
    { "twice, second", "2019-10-27 02:30", true, "2019-10-27T01:30:00Z" },
    { "once is once", "2019-10-27 03:00", true, "2019-10-27T02:00:00Z" },
    { "another year", "2026-10-25 01:59", false, "2026-10-24T23:59:00Z" },
    { "March that ends on a Sunday", "2024-03-31 12:00", false, "2024-03-31T10:00:00Z" },
};

static void test_local_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        int64_t local;
        char back[20];
        assert_true(berlin_parse_local(times[i].local, &local));
        int64_t got = berlin_to_utc_ms(local, times[i].second);
        check_int(times[i].why, got, utc(times[i].utc));
        berlin_format(got, back, sizeof(back));
        if (strstr(times[i].why, "left out") == NULL || strstr(times[i].why, "before") != NULL)
            check_text(times[i].why, back, times[i].local);
    }
    int64_t begin, end;
    assert_true(berlin_month("2019-10", &begin, &end));
    check_int("a month of 745 hours", end - begin, INT64_C(745) * 3600000);
    assert_true(berlin_month("2019-12", &begin, &end));
    check_int("next year", end, utc("2019-12-31T23:00:00Z"));
    static const char *const wrong[] = { "2019-13", "2019-1", "19-10", "2019-10-01", "" };
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        if (berlin_month(wrong[i], &begin, &end))
            fail_msg("\"%s\" counts as a month", wrong[i]);
}

static const struct {
    const char *kwh;
    int64_t wh; /* -1 = refused */
} energies[] = {
    { "12.34", 12340 }, { "0.01", 10 },   { "7", 7000 },    { "1.001", 1001 },
    { "0", 0 },         { "1e1", 10000 }, { "0.0001", -1 }, { "1,5", -1 },
    { "", -1 },         { "-1", -1 },     { "NaN", -1 },
};

static void test_energy(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(energies); i++) {
        int64_t wh = -1;
        bool good = recording_wh(energies[i].kwh, &wh);
        check_int(energies[i].kwh, good ? wh : -1, energies[i].wh);
    }
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

#define HEAD "session_id,user_id,plugin_time,plugout_time,energy_kwh,connection_h\n"

static const struct {
    const char *why, *rows;
    const char *month;
    size_t n, lamps;
    int64_t wh;
    const char *begin, *end; /* of the first */
} files[] = {
    { "one session", HEAD "1,u,2019-11-02 18:30,2019-11-03 07:00,12.5,12.5\n", "2019-11", 1, 1,
      12500, "2019-11-02T17:30:00Z", "2019-11-03T06:00:00Z" },
    { "the month is that of the end",
      HEAD "1,u,2019-10-31 18:30,2019-11-01 07:00,1,\n2,u,2019-11-30 18:30,2019-12-01 07:00,2,\n",
      "2019-11", 1, 1, 1000, "2019-10-31T17:30:00Z", "2019-11-01T06:00:00Z" },
    { "a missing end is left out",
      HEAD "1,u,2019-11-02 18:30,,3,\n2,u,2019-11-02 19:00,2019-11-02 20:00,2,\n", NULL, 1, 1, 2000,
      "2019-11-02T18:00:00Z", "2019-11-02T19:00:00Z" },
    { "two at once need two lamps",
      HEAD "1,u,2019-11-02 18:00,2019-11-02 20:00,1,\n2,v,2019-11-02 19:00,2019-11-02 21:00,1,\n",
      NULL, 2, 2, 2000, "2019-11-02T17:00:00Z", "2019-11-02T19:00:00Z" },
    { "one after the other needs one",
      HEAD "2,v,2019-11-02 20:00,2019-11-02 21:00,1,\n1,u,2019-11-02 18:00,2019-11-02 20:00,1,\n",
      NULL, 2, 1, 2000, "2019-11-02T17:00:00Z", "2019-11-02T19:00:00Z" },
    { "the doubled hour: the duration decides for the first",
      HEAD "1,u,2019-10-27 02:10,2019-10-27 02:20,1,1.167\n", NULL, 1, 1, 1000,
      "2019-10-27T00:10:00Z", "2019-10-27T01:20:00Z" },
    { "the doubled hour: an end that seems to lie before the begin",
      HEAD "1,u,2019-10-27 02:50,2019-10-27 02:10,1,\n", NULL, 1, 1, 1000, "2019-10-27T00:50:00Z",
      "2019-10-27T01:10:00Z" },
    { "no minute at all", HEAD "1,u,2019-11-02 18:30,2019-11-02 18:30,0.01,0.008\n", NULL, 1, 1, 10,
      "2019-11-02T17:30:00Z", "2019-11-02T17:30:00Z" },
};

static const struct {
    const char *why, *text, *month, *names;
} wrong_files[] = {
    { "no column", "plugin_time,plugout_time\n", NULL, "energy_kwh" },
    { "no time", HEAD "1,u,yesterday,2019-11-02 18:30,1,\n", NULL, "line 2, plugin_time" },
    { "no energy", HEAD "1,u,2019-11-02 18:00,2019-11-02 18:30,x,\n", NULL, "line 2, energy_kwh" },
    { "backwards", HEAD "1,u,2019-11-02 18:00,2019-11-02 17:30,1,\n", NULL, "before plugin_time" },
    { "no month", HEAD, "November", "2019-11" },
};

static void test_files(void **state)
{
    (void)state;
    char path[] = "/tmp/noxsim-recording-XXXXXX", text[300];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        struct recording r;
        size_t lamps;
        write_file(path, files[i].rows);
        if (!recording_read(path, files[i].month, 0, &r, text, sizeof(text)))
            fail_msg("%s: %s", files[i].why, text);
        check_int(files[i].why, (int64_t)r.n, (int64_t)files[i].n);
        check_int(files[i].why, r.energy_wh, files[i].wh);
        check_int(files[i].why, r.session[0].begin_ms, utc(files[i].begin));
        check_int(files[i].why, r.session[0].end_ms, utc(files[i].end));
        assert_true(recording_assign(&r, 0, &lamps));
        check_int(files[i].why, (int64_t)lamps, (int64_t)files[i].lamps);
        recording_done(&r);
    }
    for (size_t i = 0; i < ARRAY_SIZE(wrong_files); i++) {
        struct recording r;
        write_file(path, wrong_files[i].text);
        if (recording_read(path, wrong_files[i].month, 0, &r, text, sizeof(text)))
            fail_msg("%s: was read", wrong_files[i].why);
        check_names(wrong_files[i].why, text, wrong_files[i].names);
    }
    unlink(path);
}

static void test_course(void **state)
{
    (void)state;
    struct recorded s = { .begin_ms = 1000000,
                          .end_ms = 1000000 + 4 * 3600000,
                          .energy_wh = 12345 };
    check_int("the least usual power", recorded_power_w(&s), 3680);
    check_int("before", recorded_energy_wh(&s, 0), 0);
    check_int("begin", recorded_energy_wh(&s, s.begin_ms), 0);
    check_int("an hour", recorded_energy_wh(&s, s.begin_ms + 3600000), 3680);
    check_int("end", recorded_energy_wh(&s, s.end_ms), 12345);
    check_int("later", recorded_energy_wh(&s, INT64_MAX), 12345);
    int64_t last = 0;
    for (int64_t t = s.begin_ms; t <= s.end_ms; t += 7919) {
        int64_t wh = recorded_energy_wh(&s, t);
        assert_true(wh >= last && wh <= s.energy_wh);
        last = wh;
    }
    s.energy_wh = 40000;
    check_int("more power", recorded_power_w(&s), 11040);
    s.energy_wh = 80000;
    check_int("as much as it takes", recorded_power_w(&s), 20000);
    s.end_ms = s.begin_ms;
    check_int("no time at all", recorded_energy_wh(&s, s.end_ms), 80000);
}

static char *generated(const struct generate_options *o, size_t *ret_n)
{
    char *text = NULL, why[200];
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_true(generate_csv(o, out, ret_n, why, sizeof(why)));
    fclose(out);
    return text;
}

static void test_generate(void **state)
{
    (void)state;
    struct generate_options o = { .month = "2026-10", .stations = 10, .seed = 7 };
    char path[] = "/tmp/noxsim-generate-XXXXXX", text[300];
    size_t n, again, other, lamps;
    char *first = generated(&o, &n), *second = generated(&o, &again);
    check_text("the same seed, the same bytes", second, first);
    o.seed = 8;
    char *third = generated(&o, &other);
    assert_string_not_equal(first, third);
    close(mkstemp(path));
    write_file(path, first);
    struct recording r;
    if (!recording_read(path, "2026-10", 0, &r, text, sizeof(text)))
        fail_msg("%s", text);
    check_int("all end in the month", (int64_t)r.n, (int64_t)n);
    assert_true(n > 200 && recording_assign(&r, 0, &lamps) && lamps <= 10);
    size_t evening = 0;
    for (size_t i = 0; i < r.n; i++) {
        const struct recorded *s = &r.session[i];
        int64_t local = s->begin_ms + berlin_offset_h(s->begin_ms) * INT64_C(3600000);
        evening += local % 86400000 >= 16 * 3600000;
        assert_true(s->energy_wh <= 40000 && s->end_ms > s->begin_ms);
        assert_true(recorded_power_w(s) <= 11040);
    }
    assert_true(evening * 2 > r.n);
    recording_done(&r);
    unlink(path);
    free(first);
    free(second);
    free(third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local_time), cmocka_unit_test(test_energy),
        cmocka_unit_test(test_files),      cmocka_unit_test(test_course),
        cmocka_unit_test(test_generate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
