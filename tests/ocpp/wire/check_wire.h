/*
 * What all tests of ocpp/wire need: cmocka in the right order, messages that name the case.
 */
#ifndef TESTS_OCPP_WIRE_CHECK_WIRE_H
#define TESTS_OCPP_WIRE_CHECK_WIRE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* NULL compares like a text of its own. */
static inline void check_text(const char *why, const char *got, const char *want)
{
    if ((got == NULL) != (want == NULL) || (got && strcmp(got, want) != 0))
        fail_msg("%s: got \"%s\", want \"%s\"", why, got ? got : "(none)", want ? want : "(none)");
}

static inline void check_int(const char *why, int64_t got, int64_t want)
{
    if (got != want)
        fail_msg("%s: got %lld, want %lld", why, (long long)got, (long long)want);
}

#endif
