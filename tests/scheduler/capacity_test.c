/* Capacity over time: the sun, calendars, hours, meters, caps, and what is proven of a year. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/capacity.h"
#include "scheduler/sun.h"

static const int64_t MINUTE = 60000, HOUR = 3600000, DAY = 86400000;

/* Days from 1970-01-01 of a date of the Gregorian calendar. */
static int64_t day_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 12 : month;
    return 365LL * y + y / 4 - y / 100 + y / 400 + (153 * (m - 3) + 2) / 5 + day - 719469;
}

static int64_t utc(int year, int month, int day, int hour, int minute)
{
    return day_of(year, month, day) * DAY + hour * HOUR + minute * MINUTE;
}

/* Central Europe: summer time from the last Sunday of March, 1:00 UTC, to that of October. */
static int64_t berlin(int64_t utc_ms)
{
    for (int year = 2024; year <= 2028; year++) {
        int64_t march = day_of(year, 3, 31), october = day_of(year, 10, 31);
        int64_t from = (march - (march + 4) % 7) * DAY + HOUR;
        int64_t to = (october - (october + 4) % 7) * DAY + HOUR;
        if (utc_ms >= from && utc_ms < to)
            return utc_ms + 2 * HOUR;
    }
    return utc_ms + HOUR;
}

/* --- the sun --- */

static const struct {
    const char *why; /* published by */
    double lat_deg, lon_deg;
    int year, month, day, zone_min;
    enum sched_edge_kind kind;
    int hour, minute; /* local */
} suns[] = {
    { "Berlin, geoastro.de: latest sunrise", 52.51, 13.41, 2002, 12, 30, 0, SCHED_AT_SUNRISE, 7,
      17 },
    { "Berlin, geoastro.de: earliest sunset", 52.51, 13.41, 2002, 12, 14, 0, SCHED_AT_SUNSET, 14,
      52 },
    { "London, almanac, summer", 51.5074, -0.1278, 2023, 6, 21, 60, SCHED_AT_SUNRISE, 4, 43 },
    { "London, almanac, summer", 51.5074, -0.1278, 2023, 6, 21, 60, SCHED_AT_SUNSET, 21, 21 },
    { "London, almanac, winter", 51.5074, -0.1278, 2023, 12, 21, 0, SCHED_AT_SUNRISE, 8, 4 },
    { "London, almanac, winter", 51.5074, -0.1278, 2023, 12, 21, 0, SCHED_AT_SUNSET, 15, 53 },
    { "Decorah, Luther College", 43.30, -91.79, 2010, 9, 1, -300, SCHED_AT_SUNRISE, 6, 32 },
    { "Decorah, Luther College", 43.30, -91.79, 2010, 9, 1, -300, SCHED_AT_SUNSET, 19, 41 },
    { "Decorah, Luther College", 43.30, -91.79, 2010, 9, 1, -300, SCHED_AT_DAWN, 6, 2 },
    { "Decorah, Luther College", 43.30, -91.79, 2010, 9, 1, -300, SCHED_AT_DUSK, 20, 11 },
    { "Decorah, Luther College", 43.30, -91.79, 2010, 9, 30, -300, SCHED_AT_SUNRISE, 7, 4 },
    { "Decorah, Luther College", 43.30, -91.79, 2010, 9, 30, -300, SCHED_AT_DUSK, 19, 18 },
    { "Sydney, almanac, summer", -33.8688, 151.2093, 2024, 12, 21, 660, SCHED_AT_SUNRISE, 5, 41 },
    { "Sydney, almanac, summer", -33.8688, 151.2093, 2024, 12, 21, 660, SCHED_AT_SUNSET, 20, 5 },
    { "New York, almanac", 40.7128, -74.006, 2024, 6, 20, -240, SCHED_AT_SUNSET, 20, 30 },
    { "Tromsoe, the sun stays up: midnight", 69.65, 18.96, 2024, 6, 21, 120, SCHED_AT_SUNRISE, 0,
      46 },
    { "Tromsoe, the sun stays up: midnight", 69.65, 18.96, 2024, 6, 21, 120, SCHED_AT_SUNSET, 24,
      46 },
    { "Tromsoe, the sun stays down: noon", 69.65, 18.96, 2024, 12, 21, 60, SCHED_AT_SUNRISE, 11,
      42 },
    { "Tromsoe, the sun stays down: noon", 69.65, 18.96, 2024, 12, 21, 60, SCHED_AT_SUNSET, 11,
      42 },
};

static void test_sun(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(suns) / sizeof(suns[0]); i++) {
        int64_t midnight_ms =
            utc(suns[i].year, suns[i].month, suns[i].day, 0, 0) - suns[i].zone_min * MINUTE;
        int64_t wanted_ms = midnight_ms + suns[i].hour * HOUR + suns[i].minute * MINUTE + 30000;
        int64_t off_ms =
            sun_event_ms(suns[i].kind, suns[i].lat_deg, suns[i].lon_deg, midnight_ms + DAY / 2) -
            wanted_ms;
        if (llabs(off_ms) > 2 * MINUTE)
            fail_msg("%s %d-%d: off by %lld s", suns[i].why, suns[i].month, suns[i].day,
                     (long long)off_ms / 1000);
    }
}

/* --- one node --- */

#define CLOCK(h, m)                  \
    {                                \
        SCHED_AT_CLOCK, (h)*60 + (m) \
    }
#define ALL(ma)          \
    {                    \
        (ma), (ma), (ma) \
    }

enum { MON = 1, SUN = 64, EVERY_DAY = 127 };

static struct sched_node_conf node(const struct sched_window *window, size_t n)
{
    return (struct sched_node_conf){ .parent = -1,
                                     .limit_ma = ALL(100000),
                                     .foreign_ma = ALL(1000),
                                     .window = window,
                                     .n_windows = n,
                                     .has_place = true,
                                     .lat_deg = 51.514,
                                     .lon_deg = 7.468 };
}

static struct capacity make(const struct sched_node_conf *conf)
{
    struct capacity c;
    assert_true(capacity_init(&c, conf, berlin, utc(2026, 1, 1, 0, 0), NULL, 0));
    return c;
}

static const struct {
    const char *why;
    struct sched_window window;
    int64_t from_ms, until_ms; /* offsets from the midnight of 2026 that follow */
    int month, day;
} windows[] = {
    { "office hours on a Monday",
      { MON, CLOCK(8, 0), CLOCK(17, 0), ALL(40000), ALL(0) },
      8 * 3600000LL,
      17 * 3600000LL,
      1,
      5 },
    { "over midnight",
      { MON, CLOCK(22, 0), CLOCK(6, 0), ALL(40000), ALL(0) },
      22 * 3600000LL,
      30 * 3600000LL,
      1,
      5 },
    { "a whole day",
      { SUN, CLOCK(0, 0), CLOCK(24, 0), ALL(40000), ALL(0) },
      0,
      24 * 3600000LL,
      1,
      4 },
    { "a whole day from noon",
      { SUN, CLOCK(12, 0), CLOCK(12, 0), ALL(40000), ALL(0) },
      12 * 3600000LL,
      36 * 3600000LL,
      1,
      4 },
    { "the night on which summer time begins",
      { SUN, CLOCK(1, 0), CLOCK(4, 0), ALL(40000), ALL(0) },
      1 * 3600000LL,
      3 * 3600000LL,
      3,
      29 },
    { "the night on which it ends, longer",
      { SUN, CLOCK(1, 0), CLOCK(2, 30), ALL(40000), ALL(0) },
      1 * 3600000LL,
      3 * 3600000LL + 1800000,
      10,
      25 },
};

static void test_windows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        struct sched_node_conf conf = node(&windows[i].window, 1);
        struct capacity c = make(&conf);
        int64_t midnight_ms = calendar_utc_ms(
            &c.calendar, day_of(2026, windows[i].month, windows[i].day) * DAY, false);
        struct sched_capacity before, first, last, after;
        int64_t from_ms = midnight_ms + windows[i].from_ms;
        int64_t until_ms = midnight_ms + windows[i].until_ms;
        capacity_at(&c, from_ms - 1, 0, CAPACITY_HELD, &before);
        capacity_at(&c, from_ms, 0, CAPACITY_HELD, &first);
        capacity_at(&c, until_ms - 1, 0, CAPACITY_HELD, &last);
        capacity_at(&c, until_ms, 0, CAPACITY_HELD, &after);
        if (before.until_ms != from_ms || first.until_ms != until_ms || last.until_ms != until_ms ||
            before.limit_ma[0] != 100000 || first.limit_ma[1] != 40000 ||
            last.limit_ma[2] != 40000 || after.limit_ma[0] != 100000)
            fail_msg("%s: %lld..%lld (%lld) limits %d %d %d %d", windows[i].why,
                     (long long)(before.until_ms - midnight_ms) / 60000,
                     (long long)(first.until_ms - midnight_ms) / 60000,
                     (long long)(last.until_ms - midnight_ms) / 60000, before.limit_ma[0],
                     first.limit_ma[0], last.limit_ma[0], after.limit_ma[0]);
        assert_string_equal(first.limit_why, "limit of a window of the week");
        capacity_done(&c);
    }
}

static void test_dusk_to_dawn(void **state)
{
    (void)state;
    struct sched_window w = { EVERY_DAY,
                              { SCHED_AT_DUSK, -30 },
                              { SCHED_AT_DAWN, 30 },
                              ALL(-1),
                              ALL(5000) };
    struct sched_node_conf conf = node(&w, 1);
    struct capacity c = make(&conf);
    struct sched_capacity got;
    int n_nights = 0;
    capacity_at(&c, utc(2026, 6, 21, 12, 0), 0, CAPACITY_HELD, &got);
    assert_int_equal(got.foreign_ma[0], 1000);
    capacity_at(&c, utc(2026, 6, 21, 23, 0), 0, CAPACITY_HELD, &got);
    assert_int_equal(got.foreign_ma[0], 6000);
    assert_string_equal(got.foreign_why, "fixed reserve and reserve of a window");
    for (int64_t at_ms = utc(2026, 1, 1, 12, 0); at_ms < utc(2027, 1, 1, 12, 0);) {
        capacity_at(&c, at_ms, 0, CAPACITY_HELD, &got);
        n_nights += got.foreign_ma[0] == 6000;
        assert_true(got.until_ms > at_ms && got.until_ms - at_ms < 18 * HOUR);
        at_ms = got.until_ms;
    }
    assert_int_equal(n_nights, 365);
    assert_int_equal(c.least_ma[0], 94000);
    capacity_done(&c);

    conf.lat_deg = 69.65; /* in winter it is night all day, in summer never */
    w.from = (struct sched_edge){ SCHED_AT_SUNSET, 0 };
    w.to = (struct sched_edge){ SCHED_AT_SUNRISE, 0 };
    c = make(&conf);
    for (int hour = 0; hour < 48; hour++) {
        capacity_at(&c, utc(2026, 12, 21, 0, 0) + hour * HOUR, 0, CAPACITY_HELD, &got);
        assert_int_equal(got.foreign_ma[0], 6000);
        capacity_at(&c, utc(2026, 6, 21, 3, 0) + hour * HOUR, 0, CAPACITY_HELD, &got);
        assert_int_equal(got.foreign_ma[0], 1000);
    }
    capacity_done(&c);
}

static void test_hours_and_meter(void **state)
{
    (void)state;
    static int32_t hour[SCHED_HOURS][3];
    for (int h = 0; h < SCHED_HOURS; h++)
        hour[h][0] = hour[h][1] = hour[h][2] = 1000 * h;
    struct sched_window w = { EVERY_DAY, CLOCK(20, 0), CLOCK(6, 0), ALL(-1), ALL(5000) };
    struct sched_node_conf conf = node(&w, 1);
    conf.foreign_hour_ma = (const int32_t(*)[3])hour;
    struct capacity c = make(&conf);
    struct sched_capacity got;
    int64_t noon_ms = utc(2026, 1, 6, 11, 20); /* a Tuesday, 12:20 there */
    capacity_at(&c, noon_ms, noon_ms, CAPACITY_HELD, &got);
    assert_int_equal(got.foreign_ma[0], 36000);
    assert_int_equal(got.until_ms, noon_ms + 40 * MINUTE);
    assert_string_equal(got.foreign_why, "usual load of this hour");
    capacity_done(&c);

    conf.meter = (struct sched_meter_conf){ .present = true,
                                            .guard_ma = ALL(2000),
                                            .silent_ma = ALL(50000),
                                            .silent_after_ms = 300000 };
    c = make(&conf);
    capacity_at(&c, noon_ms, noon_ms, CAPACITY_HELD, &got);
    assert_int_equal(got.foreign_ma[0], 50000); /* nothing heard yet */
    c.reading = (struct sched_reading){ .ma = { 9000, -3000, 8000 }, .at_ms = noon_ms };
    capacity_at(&c, noon_ms + 1000, noon_ms + 1000, CAPACITY_HELD, &got);
    assert_int_equal(got.foreign_ma[0], 11000);
    assert_int_equal(got.foreign_ma[1], 2000); /* what flows back may stop any time */
    capacity_at(&c, noon_ms + 12 * HOUR, noon_ms + 1000, CAPACITY_HELD, &got);
    assert_int_equal(got.foreign_ma[0], 16000); /* and the reserve that began since */
    capacity_at(&c, noon_ms + 2 * HOUR, noon_ms + 1000, CAPACITY_FORECAST, &got);
    assert_int_equal(got.foreign_ma[0], 38000);
    capacity_at(&c, noon_ms + 300000, noon_ms + 300000, CAPACITY_HELD, &got);
    assert_int_equal(got.foreign_ma[0], 50000);
    c.reading.at_ms = noon_ms + 12 * HOUR; /* measured with the window's load */
    capacity_at(&c, noon_ms + 12 * HOUR, noon_ms + 12 * HOUR, CAPACITY_HELD, &got);
    assert_int_equal(got.foreign_ma[0], 11000);
    assert_int_equal(c.least_ma[0], 45000); /* silent, at night */
    capacity_done(&c);
}

static void test_caps(void **state)
{
    (void)state;
    struct sched_node_conf conf = node(NULL, 0);
    struct capacity c = make(&conf);
    struct sched_cap cap = { .id = 7,
                             .limit_ma = { 200000, 30000, 30000 },
                             .from_ms = 1000,
                             .until_ms = 2000 };
    struct sched_capacity got;
    int64_t least_ma[3];
    assert_true(capacity_cap_set(&c, &cap, 0));
    capacity_at(&c, 999, 0, CAPACITY_HELD, &got);
    assert_int_equal(got.limit_ma[1], 100000);
    assert_int_equal(got.until_ms, 1000);
    capacity_at(&c, 1000, 0, CAPACITY_HELD, &got);
    assert_int_equal(got.limit_ma[0], 100000); /* it can only lower */
    assert_int_equal(got.limit_ma[1], 30000);
    assert_int_equal(got.until_ms, 2000);
    assert_int_equal(got.cap_id, 7);
    capacity_least(&c, 0, least_ma);
    assert_int_equal(least_ma[1], 29000);
    capacity_least(&c, 2000, least_ma);
    assert_int_equal(least_ma[1], 99000);
    for (cap.id = 100; cap.id < 100 + SCHED_NODE_CAPS - 1; cap.id++)
        assert_true(capacity_cap_set(&c, &cap, 0));
    assert_false(capacity_cap_set(&c, &cap, 1999));
    assert_true(capacity_cap_set(&c, &cap, 2000)); /* the others have ended */
    assert_int_equal(c.n_caps, 1);
    capacity_done(&c);
}

/* --- proof --- */

static void test_proof_of_a_year(void **state)
{
    (void)state;
    struct sched_window w[] = {
        { EVERY_DAY, CLOCK(17, 0), CLOCK(21, 0), ALL(20000), ALL(0) },
        { EVERY_DAY, { SCHED_AT_SUNSET, 0 }, { SCHED_AT_SUNRISE, 0 }, ALL(-1), { 0, 9000, 0 } },
    };
    struct sched_node_conf grid[] = { node(w, 2), node(NULL, 0) };
    struct sched_point_conf point[2];
    for (int i = 0; i < 2; i++)
        point[i] = (struct sched_point_conf){ .node = i,
                                              .n_phases = 3,
                                              .wiring = { 0, 1, 2 },
                                              .rating_ma = 16000,
                                              .safe_ma = 6000,
                                              .min_ma = 6000,
                                              .weight = 1,
                                              .commissioned = true,
                                              .safe_confirmed = true };
    grid[1].parent = 0;
    struct sched_conf conf = { .node = grid,
                               .n_nodes = 2,
                               .point = point,
                               .n_points = 2,
                               .tuning = sched_default_tuning(),
                               .local_ms = berlin };
    struct sched_culprit culprit[4];
    char text[200];
    int64_t june_ms = utc(2026, 6, 1, 0, 0);
    assert_true(sched_check(&conf, text, sizeof(text)));
    size_t n = sched_prove_all(&conf, june_ms, culprit, 4);
    assert_int_equal(n, 1);
    assert_int_equal(culprit[0].node, 0);
    assert_int_equal(culprit[0].phase, 1);
    assert_int_equal(culprit[0].sum_ma, 12000);
    assert_int_equal(culprit[0].safe_ma, 12000);
    assert_int_equal(culprit[0].capacity_ma, 10000);
    assert_int_equal(culprit[0].limit_ma, 20000);
    assert_int_equal(culprit[0].foreign_ma, 10000);
    /* in summer the sun sets after nine: the first evening is one of August */
    assert_true(culprit[0].first_ms > utc(2026, 8, 5, 0, 0));
    assert_true(culprit[0].first_ms < utc(2026, 8, 25, 0, 0));
    assert_int_equal(culprit[0].at_ms, culprit[0].first_ms);
    assert_false(sched_prove(&conf, NULL, NULL, NULL));
    point[1].class = SCHED_UNMANAGED; /* 6 + 16 A: all phases in the evening */
    n = sched_prove_all(&conf, june_ms, culprit, 1);
    assert_int_equal(n, 3);
    assert_int_equal(culprit[0].rating_ma, 16000);
    assert_int_equal(culprit[0].first_ms, utc(2026, 6, 1, 15, 0));
    point[0].safe_ma = point[1].safe_ma = 0;
    point[1].class = SCHED_LEASING;
    assert_int_equal(sched_prove_all(&conf, june_ms, culprit, 4), 0);
    assert_true(sched_prove(&conf, NULL, NULL, NULL));
    struct sched_node_cap cap = { 1, { 5, ALL(4000), utc(2028, 1, 1, 0, 0), INT64_MAX } };
    point[1].safe_ma = 6000;
    conf.cap = &cap;
    conf.n_caps = 1;
    n = sched_prove_all(&conf, june_ms, culprit, 4);
    assert_int_equal(n, 3);
    assert_int_equal(culprit[0].node, 1);
    assert_int_equal(culprit[0].first_ms, cap.cap.from_ms);
    assert_string_equal(culprit[0].limit_why, "cap from outside");
}

/* In the night in which an hour comes twice, a window until 2:30 and one from 2:45 meet; in the one
 * that lacks it, what would begin and end in it is not lost, and meets the hours around. */
static void test_jumps_of_the_clock(void **state)
{
    (void)state;
    struct sched_window night[2] = {
        { .days = 64,
          .from = { SCHED_AT_CLOCK, 60 },
          .to = { SCHED_AT_CLOCK, 150 },
          .limit_ma = ALL(-1),
          .reserve_ma = ALL(15000) },
        { .days = 64,
          .from = { SCHED_AT_CLOCK, 165 },
          .to = { SCHED_AT_CLOCK, 300 },
          .limit_ma = ALL(-1),
          .reserve_ma = ALL(10000) },
    };
    struct sched_node_conf grid = node(night, 2);
    struct sched_point_conf point = { .node = 0,
                                      .n_phases = 3,
                                      .wiring = { 0, 1, 2 },
                                      .rating_ma = 16000,
                                      .safe_ma = 10000,
                                      .min_ma = 6000,
                                      .weight = 1,
                                      .commissioned = true,
                                      .safe_confirmed = true };
    struct sched_conf conf = { .node = &grid,
                               .n_nodes = 1,
                               .point = &point,
                               .n_points = 1,
                               .tuning = sched_default_tuning(),
                               .local_ms = berlin };
    struct sched_culprit culprit[3];
    for (int p = 0; p < 3; p++) {
        grid.limit_ma[p] = 30000;
        grid.foreign_ma[p] = 0;
    }
    assert_int_equal(sched_prove_all(&conf, utc(2026, 6, 1, 0, 0), culprit, 3), 3);
    assert_int_equal(culprit[0].first_ms, utc(2026, 10, 25, 0, 45));
    assert_int_equal(culprit[0].until_ms, utc(2026, 10, 25, 1, 30));
    assert_int_equal(culprit[0].capacity_ma, 5000);
    struct capacity c;
    int64_t least_ma[3];
    assert_true(capacity_init(&c, &grid, berlin, utc(2026, 6, 1, 0, 0), NULL, 0));
    capacity_least(&c, 0, least_ma);
    assert_int_equal(least_ma[0], 5000);
    capacity_done(&c);
    night[0].from.minute = 130; /* 2:10 to 2:20: is from 1:10 to 3:20 when there is no 2 o'clock */
    night[0].to.minute = 140;
    assert_int_equal(sched_prove_all(&conf, utc(2026, 11, 1, 0, 0), culprit, 3), 3);
    assert_int_equal(culprit[0].at_ms / DAY, utc(2027, 3, 28, 0, 0) / DAY);
}

/* --- as events --- */

static int32_t granted(struct sched *s, int64_t now_ms)
{
    struct sched_command cmd[4];
    struct sched_point_view view;
    for (size_t n = sched_round(s, now_ms, cmd, 4); n > 0; n--)
        sched_answer(s, cmd[n - 1].point, cmd[n - 1].seq, SCHED_ACCEPTED, now_ms);
    sched_point_view(s, 0, now_ms, &view);
    return view.granted_ma;
}

static int count_incidents(struct sched *s, enum sched_incident_kind kind)
{
    struct sched_incident incident;
    int n = 0;
    while (sched_take_incident(s, &incident))
        n += incident.kind == kind;
    return n;
}

static void test_events(void **state)
{
    (void)state;
    struct sched_node_conf n = node(NULL, 0);
    struct sched_point_conf p = { .node = 0,
                                  .n_phases = 3,
                                  .wiring = { 0, 1, 2 },
                                  .rating_ma = 16000,
                                  .min_ma = 6000,
                                  .weight = 1,
                                  .commissioned = true,
                                  .safe_confirmed = true };
    n.meter = (struct sched_meter_conf){ .present = true,
                                         .guard_ma = ALL(1000),
                                         .silent_ma = ALL(92000),
                                         .silent_after_ms = 120000 };
    struct sched_conf conf = { .node = &n,
                               .n_nodes = 1,
                               .point = &p,
                               .n_points = 1,
                               .tuning = sched_default_tuning() };
    int64_t t = utc(2026, 1, 6, 12, 0);
    const int32_t low_ma[3] = ALL(10000);
    struct sched *s = sched_new(&conf, t);
    assert_non_null(s);
    sched_skew(s, 0, 0);
    sched_link(s, 0, true, t);
    sched_session_start(s, 0, 1, t);
    assert_int_equal(granted(s, t + 1000), 8000); /* nothing heard of the meter */
    sched_meter(s, 0, low_ma, t + 2000, t + 2000);
    assert_int_equal(granted(s, t + 70000), 16000);
    sched_meter(s, 0, (const int32_t[3])ALL(90000), t + 1000, t + 70000); /* older */
    assert_true(sched_next_ms(s) <= t + 122000); /* comes by itself when it falls silent */
    assert_int_equal(granted(s, t + 122000), 8000);
    assert_int_equal(count_incidents(s, SCHED_METER_SILENT), 1);
    sched_meter(s, 0, low_ma, t + 999000, t + 130000); /* from the future: as of now */
    assert_int_equal(count_incidents(s, SCHED_METER_RETURNED), 1);
    assert_int_equal(granted(s, t + 260000), 8000); /* silent again */

    int64_t horizon_ms = 900000 + 5000 + 60000 + 15000, from_ms = t + 2 * HOUR;
    struct sched_cap cap = { 1, ALL(7000), from_ms, from_ms + HOUR };
    struct sched_capacity at;
    n.meter.present = false;
    sched_free(s);
    s = sched_new(&conf, t);
    sched_skew(s, 0, 0);
    sched_link(s, 0, true, t);
    sched_session_start(s, 0, 1, t);
    assert_int_equal(granted(s, t + 1000), 16000);
    assert_true(sched_cap_set(s, 0, &cap, t + 2000));
    assert_false(sched_cap_set(s, 1, &cap, t + 2000));
    sched_capacity_at(s, 0, from_ms, t + 2000, &at);
    assert_int_equal(at.limit_ma[0], 7000);
    assert_int_equal(at.cap_id, 1);
    for (int64_t now_ms = t + 2000; now_ms < from_ms - horizon_ms; now_ms += MINUTE)
        assert_int_equal(granted(s, now_ms), 16000); /* with leases, which it had not before */
    assert_true(sched_next_ms(s) <= from_ms - horizon_ms);
    assert_int_equal(granted(s, from_ms - horizon_ms), 6000);
    sched_cap_end(s, 1, from_ms - horizon_ms + 1000);
    sched_cap_end(s, 99, from_ms - horizon_ms + 1000);
    assert_int_equal(granted(s, from_ms - horizon_ms + 120000), 16000);
    sched_free(s);
}

/* --- what is refused --- */

static void test_refusals(void **state)
{
    (void)state;
    struct sched_window good = { MON, CLOCK(8, 0), CLOCK(17, 0), ALL(40000), ALL(0) };
    static int32_t hour[SCHED_HOURS][3];
    for (int i = 0; i < 12; i++) {
        struct sched_window w = good;
        struct sched_node_conf n = node(&w, 1);
        struct sched_node_cap cap = { 0, { 1, ALL(1), 5, 6 } };
        struct sched_conf conf = { .node = &n,
                                   .n_nodes = 1,
                                   .tuning = sched_default_tuning(),
                                   .cap = &cap,
                                   .n_caps = 1 };
        char text[200] = "";
        n.meter = (struct sched_meter_conf){ .present = true, .silent_after_ms = 60000 };
        n.foreign_hour_ma = (const int32_t(*)[3])hour;
        hour[3][1] = 0;
        assert_true(sched_check(&conf, text, sizeof(text)));
        switch (i) {
        case 0:
            w.days = 0;
            break;
        case 1:
            w.from.minute = 1441;
            break;
        case 2:
            w.to = (struct sched_edge){ SCHED_AT_DUSK, 721 };
            break;
        case 3:
            w.to.kind = SCHED_AT_DUSK, w.to.minute = 0, n.has_place = false;
            break;
        case 4:
            w.limit_ma[1] = 100001;
            break;
        case 5:
            w.reserve_ma[2] = -1;
            break;
        case 6:
            n.meter.silent_after_ms = 0;
            break;
        case 7:
            n.meter.guard_ma[0] = -1;
            break;
        case 8:
            n.lat_deg = 91;
            break;
        case 9:
            hour[3][1] = -5;
            break;
        case 10:
            cap.cap.until_ms = 5;
            break;
        case 11:
            cap.node = 1;
            break;
        }
        assert_false(sched_check(&conf, text, sizeof(text)));
        assert_true(strlen(text) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sun),          cmocka_unit_test(test_windows),
        cmocka_unit_test(test_dusk_to_dawn), cmocka_unit_test(test_hours_and_meter),
        cmocka_unit_test(test_caps),         cmocka_unit_test(test_proof_of_a_year),
        cmocka_unit_test(test_refusals),     cmocka_unit_test(test_jumps_of_the_clock),
        cmocka_unit_test(test_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
