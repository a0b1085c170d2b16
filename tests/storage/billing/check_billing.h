/*
 * What the tests of storage/billing and storage/emissions need: cmocka in the right order, messages
 * that name the case.
 */
#ifndef TESTS_STORAGE_BILLING_CHECK_BILLING_H
#define TESTS_STORAGE_BILLING_CHECK_BILLING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static inline void check_int(const char *why, int64_t got, int64_t want)
{
    if (got != want)
        fail_msg("%s: got %lld, want %lld", why, (long long)got, (long long)want);
}

static inline void check_text(const char *why, const char *got, const char *want)
{
    if (got == NULL || want == NULL ? got != want : strcmp(got, want) != 0)
        fail_msg("%s: got \"%s\", want \"%s\"", why, got ? got : "(none)", want ? want : "(none)");
}

/* "2026-10-24T20:15:00" in UTC to milliseconds, without the code under test. */
static inline int64_t utc(const char *text)
{
    static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    int y, mo, d, h, mi, s;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &y, &mo, &d, &h, &mi, &s) != 6)
        fail_msg("no instant: %s", text);
    int leaps = (mo > 2 ? y : y - 1) / 4 - (mo > 2 ? y : y - 1) / 100 + (mo > 2 ? y : y - 1) / 400;
    int64_t days = (int64_t)(y - 1970) * 365 + leaps - 477 + before[mo - 1] + d - 1;
    return (((days * 24 + h) * 60 + mi) * 60 + s) * 1000;
}

#endif
