/*
 * Any bytes as a segment of kept frames, as an index, and as a message that may hold secrets:
 * nothing is read outside, whatever is found lies within, and what was cleaned has no secret left.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/frames_scan.h"
#include "cmd/noxd/redact.h"
#include "tests/fuzz/fuzz.h"

static void check_span(const char *bytes, size_t size, struct frame_span span)
{
    if (span.at < bytes || span.at > bytes + size || span.len > (size_t)(bytes + size - span.at))
        abort();
}

static void check_segment(const char *bytes, size_t size, struct frames_scan *scan)
{
    struct frames_cursor c = { bytes, size, 0 };
    struct frames_view view;
    struct frame_record r;
    struct frame_seen seen;
    struct ocpp_text line;
    ocpp_text_init(&line);
    while (frames_next_block(&c, &view)) {
        while (frames_next(&view, &r)) {
            check_span(bytes, size, r.station);
            check_span(bytes, size, r.address);
            check_span(bytes, size, r.text);
            frames_scan_take(scan, &r, &seen);
            ocpp_text_reset(&line);
            frames_write_line(&line, &r, &seen, r.no % 2 == 0 ? FRAMES_JSON : FRAMES_TEXT);
        }
    }
    ocpp_text_done(&line);
}

/* The same bytes within a block whose sums are right. */
static void check_block(const char *bytes, size_t size, struct frames_scan *scan)
{
    size_t room = size + 2 * FRAMES_BLOCK_HEAD + 128;
    char *block = malloc(room);
    struct frames_block b;
    struct frame_record r = { .no = 1, .kind = FRAME_IN, .text = { bytes, size } };
    if (block == NULL)
        abort();
    frames_block_begin(&b, block, room);
    if (!frames_block_add(&b, &r))
        abort();
    memcpy(block + FRAMES_BLOCK_HEAD, bytes, size); /* records of any kind */
    b.len = FRAMES_BLOCK_HEAD + size;
    b.n = 1000;
    size_t n = frames_block_end(&b);
    check_segment(block, n, scan);
    free(block);
}

static void check_redact(const char *bytes, size_t size)
{
    struct ocpp_text clean;
    ocpp_text_init(&clean);
    if (redact(bytes, size, &clean)) {
        struct ocpp_text again;
        ocpp_text_init(&again);
        if (redact(clean.data, clean.len, &again) &&
            (again.len != clean.len || memcmp(again.data, clean.data, clean.len) != 0))
            abort(); /* something was left */
        ocpp_text_done(&again);
    }
    ocpp_text_done(&clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frames_scan scan;
    struct frames_filter filter = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
    char text[100];
    char *exact = malloc(size > 0 ? size : 1); /* so that reading too far is seen */
    if (exact == NULL || !frames_scan_begin(&scan, &filter, text, sizeof(text)))
        abort();
    if (size > 0)
        memcpy(exact, data, size);
    check_segment(exact, size, &scan);
    check_block(exact, size, &scan);
    check_redact(exact, size);
    frames_scan_done(&scan);
    free(exact);
    return 0;
}

static const char *const seeds[] = {
    ("\xd0\x0f\x01\x07\x04"
     "CP-1\x00\x00\x16[2,\"1\",\"Heartbeat\",{}]"),
    "[2,\"1\",\"ChangeConfiguration\",{\"key\":\"AuthorizationKey\",\"value\":\"00\"}]",
    "{\"location\":\"ftp://me:pw@h/files/T0K3N/b\",\"data\":\"{\\\"AuthorizationKey\\\":1}\"}",
    "NXF1",
};
FUZZ_MAIN(seeds)
