/*
 * What the tests of noxsim need: cmocka in the right order, messages that name the case.
 */
#ifndef TESTS_CMD_NOXSIM_CHECK_SIM_H
#define TESTS_CMD_NOXSIM_CHECK_SIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
    if (strcmp(got, want) != 0)
        fail_msg("%s: got \"%s\", want \"%s\"", why, got, want);
}

/* The text must name what is wrong. */
static inline void check_names(const char *why, const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("%s: \"%s\" does not name \"%s\"", why, text, part);
}

#endif
