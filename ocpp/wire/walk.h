/*
 * What decoding and checking share: where in a message we are, and how to say so.  Internal.
 */
#ifndef OCPP_WIRE_WALK_H
#define OCPP_WIRE_WALK_H

#include <stdarg.h>

#include "ocpp/wire/field.h"

/* A step on the way from the payload to a value; kept on the stack, printed only when needed. */
struct ocpp_path {
    const struct ocpp_path *up; /* NULL: the payload itself */
    const char *name;           /* of the member; NULL for an entry of a list */
    size_t index;               /* of the entry */
};

/** Print "meterValue[0].timestamp", or "the payload" for the root. */
void ocpp_path_print(const struct ocpp_path *path, char *buf, size_t size);

/** Record a hard error: "<path> <sentence>".  @return code */
enum ocpp_error_code ocpp_report_fail(struct ocpp_report *report, const struct ocpp_path *path,
                                      enum ocpp_error_code code, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

/** Count a tolerated deviation, and keep the text of the first. */
void ocpp_report_violation(struct ocpp_report *report, const struct ocpp_path *path,
                           const char *format, va_list args) __attribute__((format(printf, 3, 0)));

/** Print the names an enum allows, as far as they fit: "Hard, Soft". */
void ocpp_enum_list(const struct ocpp_enum *members, char *buf, size_t size);

#endif
