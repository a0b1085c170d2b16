/* What the scheduler decided, and what stations said to it: kept, found by station and time. */
#include "tests/storage/street.h"

#include <stdio.h>

/* The rows in order: kind, answer and limit of each, and the last one. */
struct found {
    int64_t n;
    char order[120];
    struct store_decision last;
    char reason[40], node[20];
};

static bool take(void *arg, const struct store_decision *d)
{
    struct found *f = arg;
    size_t used = strlen(f->order);
    snprintf(f->order + used, sizeof(f->order) - used, "%s%s %d %s", used > 0 ? ", " : "",
             store_decision_kind_text(d->kind), (int)(d->limit_ma / 1000),
             store_decision_answer_text(d->answer));
    f->n++;
    f->last = *d;
    snprintf(f->reason, sizeof(f->reason), "%s", d->reason);
    snprintf(f->node, sizeof(f->node), "%s", d->node != NULL ? d->node : "-");
    return true;
}

static struct found find(struct street *s, const struct reader_decision_filter *filter)
{
    struct found f = { .n = 0 };
    struct reader *r = street_reader(s);
    assert_int_equal(reader_decisions(r, filter, take, &f), STORE_OK);
    reader_close(r);
    return f;
}

static void lease_decided(struct street *s, uint32_t seq, int64_t at_ms, int32_t kind, int32_t ma)
{
    struct answer a = { .came = false };
    struct store_decision d = { .station = "CP1",
                                .connector = 1,
                                .seq = seq,
                                .tx_id = 7,
                                .at_ms = at_ms,
                                .kind = kind,
                                .limit_ma = ma,
                                .end_at_ms = at_ms + 15 * MINUTE,
                                .reason = "fair share",
                                .node = "N",
                                .phase = 1 };
    struct store_lease lease = { .station = d.station,
                                 .connector = 1,
                                 .tx_id = 7,
                                 .seq = seq,
                                 .limit_ma = ma,
                                 .start_at_ms = at_ms,
                                 .end_at_ms = d.end_at_ms,
                                 .at_ms = at_ms,
                                 .decision = &d };
    assert_true(store_lease(s->store, &lease, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
}

static void answered(struct street *s, uint32_t seq, int64_t at_ms, int32_t what, bool no_lease)
{
    struct answer a = { .came = false };
    struct store_lease_outcome outcome = { .station = "CP1",
                                           .connector = 1,
                                           .tx_id = 7,
                                           .seq = seq,
                                           .at_ms = at_ms,
                                           .installed = what == STORE_DECISION_ACCEPTED,
                                           .older_end_ms = at_ms + MINUTE,
                                           .answer = what,
                                           .answered_at_ms = at_ms + 300,
                                           .no_lease = no_lease };
    assert_true(store_lease_outcome(s->store, &outcome, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
}

struct lease_count {
    int n, n_accepted;
};

static bool count_lease(void *arg, const struct store_lease *lease)
{
    struct lease_count *c = arg;
    c->n++;
    c->n_accepted += lease->accepted;
    return true;
}

static struct lease_count counted(struct street *s)
{
    struct lease_count c = { .n = 0 };
    struct reader *r = street_reader(s);
    assert_int_equal(reader_leases(r, NOON, count_lease, &c), STORE_OK);
    reader_close(r);
    return c;
}

static int leases(struct street *s)
{
    return counted(s).n;
}

static void decisions_are_found_by_station_and_time(void **state)
{
    (void)state;
    struct street s;
    struct answer a = { .came = false };
    struct store_decision safe = { .station = "CP1",
                                   .connector = 1,
                                   .seq = 1,
                                   .at_ms = NOON,
                                   .kind = STORE_DECISION_SAFE,
                                   .limit_ma = 6000,
                                   .safe_ma = 6000,
                                   .end_at_ms = INT64_MAX,
                                   .reason = "safe current of the station",
                                   .phase = -1 };
    street_open(&s, 1);
    assert_true(store_decision(s.store, &safe, answer_to(&a)));
    street_wait(&s, &a);
    assert_int_equal(a.rc, STORE_OK);
    answered(&s, 1, NOON, STORE_DECISION_ACCEPTED, true);
    lease_decided(&s, 2, NOON + MINUTE, STORE_DECISION_RAISE, 16000);
    answered(&s, 2, NOON + MINUTE, STORE_DECISION_UNKNOWN, false);
    check_int("without an answer its lease stays", leases(&s), 1);
    lease_decided(&s, 3, NOON + 2 * MINUTE, STORE_DECISION_LOWER, 6000);
    street_reopen(&s);
    struct found all = find(&s, &(struct reader_decision_filter){ .station = "CP1",
                                                                  .until_ms = STORE_ABSENT,
                                                                  .since_ms = STORE_ABSENT });
    check_text("newest first", all.order, "lower 6 open, raise 16 no answer, safe 6 accepted");
    check_int("without end", all.last.end_at_ms == INT64_MAX, 1);
    check_int("answered", all.last.answered_at_ms, NOON + 300);
    check_text("bound by no node", all.node, "-");
    struct found then = find(&s, &(struct reader_decision_filter){ .station = "CP1",
                                                                   .connector = 1,
                                                                   .until_ms = NOON + 90000,
                                                                   .since_ms = NOON,
                                                                   .limit = 1 });
    check_text("at a time", then.order, "raise 16 no answer");
    check_text("why", then.reason, "fair share");
    check_text("where", then.node, "N");
    check_int("on which phase", then.last.phase, 1);
    check_int("of another connector",
              find(&s, &(struct reader_decision_filter){ .station = "CP1",
                                                         .connector = 2,
                                                         .until_ms = STORE_ABSENT,
                                                         .since_ms = STORE_ABSENT })
                  .n,
              0);
    street_close(&s);
}

static void what_was_accepted_is_known(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    lease_decided(&s, 1, NOON, STORE_DECISION_RAISE, 10000);
    check_int("before the answer", counted(&s).n_accepted, 0);
    answered(&s, 1, NOON, STORE_DECISION_ACCEPTED, false);
    check_int("after it", counted(&s).n_accepted, 1);
    lease_decided(&s, 2, NOON + MINUTE, STORE_DECISION_RAISE, 16000);
    answered(&s, 2, NOON + MINUTE, STORE_DECISION_UNKNOWN, false);
    answered(&s, 3, NOON + MINUTE, STORE_DECISION_ACCEPTED, false); /* was not written */
    street_reopen(&s);
    check_int("the younger one is not", counted(&s).n_accepted, 1);
    check_int("both count", counted(&s).n, 2);
    answered(&s, 2, NOON + MINUTE, STORE_DECISION_ACCEPTED, false);
    check_int("late, but it came", counted(&s).n_accepted, 2);
    street_close(&s);
}

struct hours {
    size_t rows;
    int32_t n;
    int64_t hour_ms;
};

static bool take_hour(void *arg, const struct reader_writes *w)
{
    struct hours *h = arg;
    check_text("whose", w->station, "CP1");
    check_int("connector", w->connector, 1);
    h->rows++;
    h->n += w->n;
    h->hour_ms = w->hour_ms;
    return true;
}

static struct hours hours_since(struct street *s, int64_t since_ms)
{
    struct hours h = { .rows = 0 };
    struct reader *r = street_reader(s);
    assert_int_equal(reader_writes(r, since_ms, take_hour, &h), STORE_OK);
    reader_close(r);
    return h;
}

static void writes_are_counted_by_the_hour(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    lease_decided(&s, 1, NOON - 61 * MINUTE, STORE_DECISION_RAISE, 16000);
    lease_decided(&s, 2, NOON + MINUTE, STORE_DECISION_RENEW, 16000); /* open */
    lease_decided(&s, 3, NOON + 2 * MINUTE, STORE_DECISION_RENEW, 16000);
    answered(&s, 3, NOON + 2 * MINUTE, STORE_DECISION_UNKNOWN, false);
    lease_decided(&s, 4, NOON + 3 * MINUTE, STORE_DECISION_RENEW, 16000);
    answered(&s, 4, NOON + 3 * MINUTE, STORE_DECISION_REJECTED, false);
    lease_decided(&s, 5, NOON + 4 * MINUTE, STORE_DECISION_RENEW, 16000);
    answered(&s, 5, NOON + 4 * MINUTE, STORE_DECISION_NOT_SENT, false);
    struct hours all = hours_since(&s, 0), late = hours_since(&s, NOON);
    check_int("hours", (int64_t)all.rows, 2);
    check_int("what may have been written", all.n, 3);
    check_int("hours since then", (int64_t)late.rows, 1);
    check_int("... and writes", late.n, 2);
    check_int("of the hour", late.hour_ms, NOON / 3600000 * 3600000);
    street_close(&s);
}

/* A day's worth beyond 90 days goes, in slices, and the younger ones stay. */
static void decisions_are_kept_for_ninety_days(void **state)
{
    (void)state;
    struct street s;
    struct store_done nobody = { .fn = NULL };
    struct store_decision d = { .station = "CP1",
                                .connector = 1,
                                .reason = "x",
                                .phase = -1,
                                .kind = 1 };
    street_open(&s, 1);
    for (uint32_t i = 1; i <= 3000; i++) {
        d.seq = i;
        d.at_ms = i <= 500 ? NOON : NOON + 91 * 24 * HOUR;
        assert_true(store_decision(s.store, &d, nobody));
    }
    street_reopen(&s); /* all is written */
    for (uint32_t i = 0; i < 1500; i++) {
        d.seq++;
        assert_true(store_decision(s.store, &d, nobody));
    }
    street_reopen(&s);
    struct found f = find(&s, &(struct reader_decision_filter){ .station = "CP1",
                                                                .until_ms = NOON + HOUR,
                                                                .since_ms = STORE_ABSENT });
    check_int("old ones are gone", f.n, 0);
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_are_found_by_station_and_time),
        cmocka_unit_test(what_was_accepted_is_known),
        cmocka_unit_test(writes_are_counted_by_the_hour),
        cmocka_unit_test(decisions_are_kept_for_ninety_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
