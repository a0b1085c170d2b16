/*
 * The error codes of CALLERROR (OCPP-J 1.6 section 4.2.3) and the report on a message.
 */
#ifndef OCPP_WIRE_ERRORS_H
#define OCPP_WIRE_ERRORS_H

#include <stddef.h>
#include <stdint.h>

enum ocpp_error_code {
    OCPP_OK = 0,
    OCPP_NOT_IMPLEMENTED, /* action unknown */
    OCPP_NOT_SUPPORTED,   /* action known, but not for this direction or switched off */
    OCPP_INTERNAL_ERROR,
    OCPP_PROTOCOL_ERROR,
    OCPP_SECURITY_ERROR,                 /* also: station not accepted yet */
    OCPP_FORMATION_VIOLATION,            /* payload is no object, elements missing */
    OCPP_PROPERTY_CONSTRAINT_VIOLATION,  /* value outside its limits */
    OCPP_OCCURENCE_CONSTRAINT_VIOLATION, /* required member missing (spelling of the wire) */
    OCPP_TYPE_CONSTRAINT_VIOLATION,      /* wrong JSON type */
    OCPP_GENERIC_ERROR,
};

/** @return the exact spelling of the wire; "" for OCPP_OK */
const char *ocpp_error_text(enum ocpp_error_code code);

/**
 * Accepts the spellings of OCPP 2.0.1 as well (FormatViolation, OccurrenceConstraintViolation),
 * without regard to case.
 *
 * @return OCPP_GENERIC_ERROR for an unknown text
 */
enum ocpp_error_code ocpp_error_from_text(const char *text);

/* What was found in a message.  The first hard error ends the work; deviations are only counted. */
struct ocpp_report {
    enum ocpp_error_code code;
    char path[80];             /* of the hard error, e.g. "meterValue[0].timestamp" */
    char text[200];            /* one sentence for people: "meterStart must be an integer" */
    unsigned violations;       /* deviations tolerated */
    char first_violation[160]; /* the first of them, with path; "" if none */
    /* Given by the reader of the message: what time stamps without zone mean, minutes east of UTC,
     * or OCPP_ZONE_CET. */
    int32_t zone_min;
};

enum { OCPP_ZONE_CET = 10000 }; /* central European time, with summer time */

/** Must be called before a report is used; the functions of this library add to it. */
void ocpp_report_init(struct ocpp_report *report);

#endif
