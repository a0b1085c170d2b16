/*
 * Security events by their name (security white paper, chapter 8): which are critical, and which
 * of those an operator is woken for.
 */
#ifndef OCPP_CENTRAL_SECURITY_H
#define OCPP_CENTRAL_SECURITY_H

#include <stdbool.h>
#include <stddef.h>

#include "storage/records.h"

struct security_type {
    const char *name;
    bool critical; /* by the white paper */
    enum store_severity severity;
    const char *meaning; /* for people */
};

/* The last one (name "") stands for all names that the standard does not know. */
const struct security_type *security_type(const char *name);
const struct security_type *security_type_at(size_t i); /* NULL after the last */

#endif
