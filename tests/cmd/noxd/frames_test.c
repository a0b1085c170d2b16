#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "cmd/noxd/frames.h"
#include "cmd/noxd/frames_scan.h"
#include "cmd/noxd/redact.h"

static const int64_t T0 = INT64_C(1790000000000);
static const int64_t DAY = INT64_C(86400000);

static struct frame_span span(const char *text)
{
    return (struct frame_span){ text, strlen(text) };
}

static struct frame_record record(const char *station, int kind, const char *text, int64_t at_ms)
{
    return (struct frame_record){ .at_ms = at_ms,
                                  .kind = (uint8_t)kind,
                                  .connection = 7,
                                  .station = span(station),
                                  .text = span(text) };
}

/* --- folders --- */

static char folder[64];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/nox-frames-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    char path[400];
    DIR *dir = opendir(folder);
    (void)state;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    if (dir != NULL)
        closedir(dir);
    return rmdir(folder);
}

static struct frames *open_frames(int64_t keep_ms, int64_t max_bytes, int64_t reserve)
{
    char text[200];
    struct frames_options options = { .dir = folder,
                                      .keep_ms = keep_ms,
                                      .max_bytes = max_bytes,
                                      .reserve_bytes = reserve,
                                      .buffer_bytes = 65536 };
    struct frames *f = frames_open(&options, text, sizeof(text));
    if (f == NULL)
        fail_msg("%s", text);
    return f;
}

static bool collect(void *arg, const char *bytes, size_t n)
{
    ocpp_text_append(arg, bytes, n);
    return true;
}

/* What a walk finds, as one text; `last` as in the walk. */
static int64_t find(const struct frames_filter *filter, int64_t last, struct ocpp_text *out)
{
    struct frames_scan scan;
    char text[200];
    ocpp_text_reset(out);
    assert_true(frames_scan_begin(&scan, filter, text, sizeof(text)));
    struct frames_walk walk = { .scan = &scan,
                                .format = FRAMES_TEXT,
                                .last = last,
                                .write = collect,
                                .arg = out };
    int64_t n = frames_walk(folder, &walk);
    frames_scan_done(&scan);
    return n;
}

static struct frames_filter everything(void)
{
    return (struct frames_filter){ .from_ms = INT64_MIN, .to_ms = INT64_MAX };
}

/* --- blocks --- */

static void block_comes_back(void **state)
{
    (void)state;
    char bytes[4096];
    struct frames_block b;
    struct frame_record in[] = {
        record("CP-1", FRAME_OPENED, "ws", T0),
        record("CP-1", FRAME_IN, "[2,\"1\",\"Heartbeat\",{}]", T0 + 5),
        record("", FRAME_REFUSED, "", T0 - 100), /* a clock that was set back */
        record("CP-1", FRAME_CLOSED, "by the station", T0 + DAY),
    };
    in[0].address = span("10.0.0.1");
    in[3].code = 65535;
    frames_block_begin(&b, bytes, sizeof(bytes));
    for (size_t i = 0; i < 4; i++) {
        in[i].no = 100 + i;
        assert_true(frames_block_add(&b, &in[i]));
    }
    size_t n = frames_block_end(&b);
    struct frames_cursor c = { bytes, n, 0 };
    struct frames_view view;
    assert_true(frames_next_block(&c, &view));
    assert_int_equal(view.first_ms, T0 - 100);
    assert_int_equal(view.last_ms, T0 + DAY);
    for (size_t i = 0; i < 4; i++) {
        struct frame_record r;
        assert_true(frames_next(&view, &r));
        assert_int_equal(r.no, 100 + i);
        assert_int_equal(r.at_ms, in[i].at_ms);
        assert_int_equal(r.kind, in[i].kind);
        assert_int_equal(r.code, in[i].code);
        assert_int_equal(r.connection, 7);
        assert_int_equal(r.text.len, in[i].text.len);
        assert_memory_equal(r.text.at, in[i].text.at, r.text.len);
        assert_int_equal(r.address.len, in[i].address.len);
    }
    struct frame_record r;
    assert_false(frames_next(&view, &r));
    assert_false(frames_next_block(&c, &view));
}

static void full_block_takes_no_more(void **state)
{
    (void)state;
    char bytes[300];
    struct frames_block b;
    struct frame_record r = record("CP-1", FRAME_IN, "0123456789", T0);
    frames_block_begin(&b, bytes, sizeof(bytes));
    unsigned n = 0;
    while (frames_block_add(&b, &r))
        n++;
    assert_in_range(n, 1, 20);
    assert_int_equal(b.n, n);
    assert_true(frames_block_end(&b) <= sizeof(bytes));
}

/* Three blocks in memory; then one of them is hurt in every possible place. */
static void torn_and_damaged_blocks_are_skipped(void **state)
{
    (void)state;
    char bytes[1024], hurt[1024];
    size_t at[4] = { 0 };
    for (size_t i = 0; i < 3; i++) {
        struct frames_block b;
        struct frame_record r = record("CP-1", FRAME_IN, "some text", T0);
        r.no = i;
        frames_block_begin(&b, bytes + at[i], sizeof(bytes) - at[i]);
        frames_block_add(&b, &r);
        at[i + 1] = at[i] + frames_block_end(&b);
    }
    for (size_t len = 0; len <= at[3]; len++) { /* a torn tail */
        struct frames_cursor c = { bytes, len, 0 };
        struct frames_view view;
        size_t n = 0;
        while (frames_next_block(&c, &view))
            n++;
        assert_int_equal(n, len >= at[3] ? 3 : len >= at[2] ? 2 : len >= at[1] ? 1 : 0);
    }
    for (size_t i = at[1]; i < at[2]; i++) { /* the middle one is damaged */
        memcpy(hurt, bytes, at[3]);
        hurt[i] = (char)(hurt[i] ^ 0x40);
        struct frames_cursor c = { hurt, at[3], 0 };
        struct frames_view view;
        uint64_t seen = 0;
        while (frames_next_block(&c, &view))
            seen = seen * 10 + view.no + 1;
        if (seen != 13)
            fail_msg("damage at %zu: blocks %d", i - at[1], (int)seen);
    }
}

/* --- the recorder --- */

static void kept_frames_are_found(void **state)
{
    (void)state;
    struct ocpp_text out;
    ocpp_text_init(&out);
    struct frames *f = open_frames(7 * DAY, 1 << 20, 1);
    static const struct {
        const char *station, *text;
        int kind;
    } said[] = {
        { "A", "ws", FRAME_OPENED },
        { "A", "[2,\"1\",\"Heartbeat\",{}]", FRAME_IN },
        { "B", "[2,\"1\",\"Authorize\",{\"idTag\":\"X\"}]", FRAME_IN },
        { "A", "[3,\"1\",{\"currentTime\":\"now\"}]", FRAME_OUT },
        { "B", "[4,\"1\",\"InternalError\",\"\",{}]", FRAME_OUT },
        { "A", "cut", FRAME_CLOSED },
    };
    for (size_t i = 0; i < 6; i++) {
        struct frame_record r =
            record(said[i].station, said[i].kind, said[i].text, T0 + 10 * (int64_t)i);
        frames_add(f, &r);
    }
    frames_sync(f);
    struct frames_filter filter = everything();
    assert_int_equal(find(&filter, 0, &out), 6);
    assert_int_equal(find(&filter, 2, &out), 2);
    assert_non_null(strstr(out.data, "InternalError"));
    filter.station[0] = "B";
    filter.n_stations = 1;
    assert_int_equal(find(&filter, 0, &out), 2);
    assert_non_null(strstr(out.data, "(Authorize, 20 ms)"));
    filter = everything();
    filter.action = "heartbeat"; /* any case; with its answer */
    assert_int_equal(find(&filter, 0, &out), 2);
    filter = everything();
    filter.errors = true; /* the CALLERROR, and the cut */
    assert_int_equal(find(&filter, 0, &out), 2);
    filter = everything();
    filter.regex = "currentTime|idTag";
    assert_int_equal(find(&filter, 0, &out), 2);
    filter = everything();
    filter.text = "idTag\":\"X";
    filter.kinds = 1u << FRAME_IN;
    assert_int_equal(find(&filter, 0, &out), 1);
    filter = everything();
    filter.from_ms = T0 + 30;
    filter.to_ms = T0 + 50;
    assert_int_equal(find(&filter, 0, &out), 2);
    frames_close(f);
    filter = everything(); /* after a restart, by the index as well */
    f = open_frames(7 * DAY, 1 << 20, 1);
    struct frame_record r = record("C", FRAME_IN, "later", T0 + 100);
    frames_add(f, &r);
    frames_sync(f);
    assert_int_equal(find(&filter, 0, &out), 7);
    assert_int_equal(find(&filter, 3, &out), 3);
    filter.station[0] = "A";
    filter.n_stations = 1;
    assert_int_equal(find(&filter, 0, &out), 4);
    frames_close(f);
    ocpp_text_done(&out);
}

static void old_ones_go(void **state)
{
    (void)state;
    struct frames *f = open_frames(DAY, 256 * 1024, 1);
    struct frames_counters counters;
    struct ocpp_text out;
    char text[2000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 1000; i++) {
        struct frame_record r = record("A", FRAME_IN, text, T0 + i);
        frames_add(f, &r);
        if (i % 10 == 0)
            frames_sync(f);
    }
    frames_sync(f);
    frames_counters(f, &counters);
    assert_int_equal(counters.dropped, 0);
    assert_int_equal(counters.kept, 1000);
    assert_in_range(counters.bytes, 100 * 1024, 256 * 1024);
    ocpp_text_init(&out);
    struct frames_filter filter = everything();
    assert_in_range(find(&filter, 0, &out), 50, 130);
    /* A day and a bit later all of that is too old. */
    struct frame_record r = record("A", FRAME_IN, "news", T0 + DAY + DAY / 4);
    frames_add(f, &r);
    frames_sync(f);
    r = record("A", FRAME_IN, "more", T0 + 2 * DAY);
    frames_add(f, &r);
    frames_sync(f);
    int64_t left = find(&filter, 0, &out);
    assert_in_range(left, 1, 30);
    frames_close(f);
    ocpp_text_done(&out);
}

static void a_full_disk_drops_and_counts(void **state)
{
    (void)state;
    struct frames_counters counters;
    struct frames *f = open_frames(DAY, 1 << 20, INT64_MAX / 2); /* never so much free */
    struct frame_record r = record("A", FRAME_IN, "text", T0);
    for (int i = 0; i < 10; i++)
        frames_add(f, &r);
    frames_sync(f);
    frames_counters(f, &counters);
    assert_int_equal(counters.kept, 0);
    assert_int_equal(counters.dropped, 10);
    assert_non_null(strstr(counters.trouble, "left to the database"));
    frames_close(f);
}

static void a_slow_disk_drops_and_counts(void **state)
{
    (void)state;
    struct frames_counters counters;
    struct frames *f = open_frames(DAY, 1 << 20, 1);
    char text[60000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 400; i++) { /* faster than any thread is woken */
        struct frame_record r = record("A", FRAME_IN, text, T0);
        frames_add(f, &r);
    }
    frames_sync(f);
    frames_counters(f, &counters);
    assert_true(counters.dropped > 0);
    assert_int_equal(counters.kept + counters.dropped, 400);
    struct frame_record r = record("A", FRAME_IN, "goes on", T0);
    frames_add(f, &r);
    frames_sync(f);
    struct frames_counters after;
    frames_counters(f, &after);
    assert_int_equal(after.kept, counters.kept + 1);
    frames_close(f);
}

static void killed_in_the_middle(void **state)
{
    (void)state;
    char path[100];
    struct ocpp_text out;
    struct frames *f = open_frames(7 * DAY, 1 << 20, 1);
    struct frame_record r = record("A", FRAME_IN, "first", T0);
    frames_add(f, &r);
    frames_close(f);
    /* As kill -9 leaves it: no index, and half a block at the end. */
    frames_path(folder, 1, "index", path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    frames_path(folder, 1, "frames", path, sizeof(path));
    struct frames_bytes bytes;
    assert_true(frames_load(path, &bytes));
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_true(fd >= 0 && write(fd, bytes.at, bytes.len - 3) == (ssize_t)(bytes.len - 3));
    close(fd);
    frames_bytes_done(&bytes);
    f = open_frames(7 * DAY, 1 << 20, 1);
    r = record("A", FRAME_IN, "second", T0 + 1);
    frames_add(f, &r);
    frames_sync(f);
    ocpp_text_init(&out);
    struct frames_filter filter = everything();
    assert_int_equal(find(&filter, 0, &out), 2);
    assert_non_null(strstr(out.data, "second"));
    frames_close(f);
    ocpp_text_done(&out);
}

static void nothing_is_kept_when_off(void **state)
{
    (void)state;
    struct frames_counters counters;
    struct frames *f = open_frames(0, 1 << 20, 1);
    struct frame_record r = record("A", FRAME_IN, "text", T0);
    frames_add(f, &r);
    assert_true(r.no > 0);
    frames_counters(f, &counters);
    assert_false(counters.is_on);
    frames_close(f);
}

/* --- a look at a message --- */

static void looks(void **state)
{
    (void)state;
    static const struct {
        const char *text, *id, *action;
        enum frame_message message;
    } cases[] = {
        { "[2,\"a\",\"Heartbeat\",{}]", "a", "Heartbeat", FRAME_CALL },
        { " [ 2 , 17 , \"Heartbeat\" , null ]", "17", "Heartbeat", FRAME_CALL },
        { "[3,\"a\\\"b\",{}]", "a\\\"b", "", FRAME_RESULT },
        { "[4,\"x\"", "x", "", FRAME_ERROR },
        { "[2,\"a\"", "", "", FRAME_NO_MESSAGE },
        { "[2,\"a\",\"Heart", "", "", FRAME_NO_MESSAGE },
        { "[5,\"a\",{}]", "", "", FRAME_NO_MESSAGE },
        { "{}", "", "", FRAME_NO_MESSAGE },
        { "", "", "", FRAME_NO_MESSAGE },
        { "[2,\"a\\", "", "", FRAME_NO_MESSAGE },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct frame_look look;
        frame_look(span(cases[i].text), &look);
        if (look.message != cases[i].message)
            fail_msg("%s: %d", cases[i].text, (int)look.message);
        if (look.message == FRAME_NO_MESSAGE)
            continue;
        assert_int_equal(look.id.len, strlen(cases[i].id));
        assert_memory_equal(look.id.at, cases[i].id, look.id.len);
        assert_int_equal(look.action.len, strlen(cases[i].action));
    }
}

/* --- secrets --- */

static void secrets_are_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want; /* NULL: unchanged */
    } cases[] = {
        { "[2,\"1\",\"Heartbeat\",{}]", NULL },
        { "[2,\"1\",\"ChangeConfiguration\",{\"key\":\"MeterValueSampleInterval\",\"value\":\"60\"}]",
          NULL },
        { "[2,\"1\",\"ChangeConfiguration\",{\"key\":\"AuthorizationKey\",\"value\":\"0011AABB\"}]",
          "[2,\"1\",\"ChangeConfiguration\",{\"key\":\"AuthorizationKey\",\"value\":\"***\"}]" },
        { "[2,\"1\",\"ChangeConfiguration\",{\"value\":\"0011AABB\",\"key\":\"authorizationkey\"}]",
          "[2,\"1\",\"ChangeConfiguration\",{\"value\":\"***\",\"key\":\"authorizationkey\"}]" },
        { "[2,\"1\",\"ChangeConfiguration\",{\"key\":\"WifiPassword\",\"value\":\"hunter2\"}]",
          "[2,\"1\",\"ChangeConfiguration\",{\"key\":\"WifiPassword\",\"value\":\"***\"}]" },
        { "[3,\"1\",{\"configurationKey\":[{\"key\":\"AuthorizationKey\",\"readonly\":false,\"value\":\"s\"},"
          "{\"key\":\"K\",\"readonly\":true,\"value\":\"v\"}]}]",
          "[3,\"1\",{\"configurationKey\":[{\"key\":\"AuthorizationKey\",\"readonly\":false,\"value\":"
          "\"***\"},{\"key\":\"K\",\"readonly\":true,\"value\":\"v\"}]}]" },
        { "[2,\"1\",\"GetConfiguration\",{\"key\":[\"AuthorizationKey\"]}]", NULL },
        { "[2,\"1\",\"DataTransfer\",{\"vendorId\":\"x\",\"data\":\"{\\\"Password\\\":\\\"p\\\"}\"}]",
          "[2,\"1\",\"DataTransfer\",{\"vendorId\":\"x\",\"data\":\"***\"}]" },
        { "[2,\"1\",\"DataTransfer\",{\"vendorId\":\"V\",\"data\":\"{\\\"AuthorizationKey\\\":\\\"s\\\"}\"}]",
          "[2,\"1\",\"DataTransfer\",{\"vendorId\":\"V\",\"data\":\"***\"}]" },
        { "[2,\"1\",\"DataTransfer\",{\"AuthorizationKey\":\"s\"}]",
          "[2,\"1\",\"DataTransfer\",{\"AuthorizationKey\":\"***\"}]" },
        { "[2,\"1\",\"ChangeConfiguration\",{\"key\":\"AuthorizationKey\",\"value\":\"0011",
          "(a message that cannot be read and names a secret)" },
        { "[2,\"1\",\"UpdateFirmware\",{\"location\":\"http://h:1/files/T0K3N/fw.bin\",\"retrieveDate\":\"x\"}]",
          "[2,\"1\",\"UpdateFirmware\",{\"location\":\"http://h:1/files/***/fw.bin\",\"retrieveDate\":\"x\"}]" },
        { "{\"location\":\"https:\\/\\/h\\/files\\/T0K3N\\/\"}",
          "{\"location\":\"https:\\/\\/h\\/files\\/***\\/\"}" },
        { "{\"location\":\"ftp://me:pw@h/files/a/b\"}",
          "{\"location\":\"ftp://***@h/files/***/b\"}" },
        { "{\"location\":\"http://h/files/T0K3N\"}", "{\"location\":\"http://h/files/***\"}" },
        /* a quote within a string that holds JSON: the message stays readable */
        { "{\"data\":\"{\\\"to\\\":\\\"http://h/files/T0K3N\\\"}\"}",
          "{\"data\":\"{\\\"to\\\":\\\"http://h/files/***\\\"}\"}" },
        { "{\"data\":\"{\\\"to\\\":\\\"ftp://me:p\\u0040w@h\\\"}\"}",
          "{\"data\":\"{\\\"to\\\":\\\"ftp://***@h\\\"}\"}" },
        { "{\"location\":\"http://h/profiles/fw@2.bin\"}", NULL },
        { "/", NULL },
        { "//@", NULL },
        { "/files/", NULL },
        { "k", NULL },
    };
    struct ocpp_text scratch;
    ocpp_text_init(&scratch);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = strlen(cases[i].text);
        char *exact = malloc(len);
        memcpy(exact, cases[i].text, len);
        bool hidden = redact(exact, len, &scratch);
        free(exact);
        if (hidden != (cases[i].want != NULL) ||
            (hidden && strcmp(scratch.data, cases[i].want) != 0))
            fail_msg("%s\nbecame\n%s", cases[i].text, hidden ? scratch.data : "(itself)");
    }
    ocpp_text_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_comes_back),
        cmocka_unit_test(full_block_takes_no_more),
        cmocka_unit_test(torn_and_damaged_blocks_are_skipped),
        cmocka_unit_test_setup_teardown(kept_frames_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(old_ones_go, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_drops_and_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slow_disk_drops_and_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(killed_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_kept_when_off, setup, teardown),
        cmocka_unit_test(looks),
        cmocka_unit_test(secrets_are_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
