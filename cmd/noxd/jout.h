/*
 * Writes JSON members in order: key and value, commas where they belong.
 *
 * Appends to a growing text (ocpp/wire/text.h), so errors are looked at once, at the end.  key NULL
 * = an entry of a list.  Absent values (NULL, STORE_ABSENT) become null.
 */
#ifndef CMD_NOXD_JOUT_H
#define CMD_NOXD_JOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/wire/text.h"

/* bracket: '{' or '[' to open, '}' or ']' to close. */
void jout_open(struct ocpp_text *out, const char *key, char bracket);
void jout_close(struct ocpp_text *out, char bracket);

/* Only the key: the value comes by the next call, with key NULL. */
void jout_key(struct ocpp_text *out, const char *key);
void jout_text(struct ocpp_text *out, const char *key, const char *value);
/* "" counts as absent, too. */
void jout_text_or_null(struct ocpp_text *out, const char *key, const char *value);
void jout_int(struct ocpp_text *out, const char *key, int64_t value);
void jout_bool(struct ocpp_text *out, const char *key, bool value);
void jout_null(struct ocpp_text *out, const char *key);
/* RFC 3339 UTC with milliseconds. */
void jout_time(struct ocpp_text *out, const char *key, int64_t utc_ms);
/* Milliampere as amperes, rounded to at most one decimal; below 0 = null. */
void jout_amps(struct ocpp_text *out, const char *key, int64_t ma);
/* List of three; entries below 0 = null. */
void jout_amps3(struct ocpp_text *out, const char *key, const int64_t ma[3]);
void jout_amps3_of32(struct ocpp_text *out, const char *key, const int32_t ma[3]);
/* value / 10^decimals as a JSON number without trailing zeros. */
void jout_decimal(struct ocpp_text *out, const char *key, int64_t value, int decimals);
/* JSON text as it is; NULL = null. */
void jout_raw(struct ocpp_text *out, const char *key, const char *json);

/* The number itself, "-12.5": value / 10^decimals, at least `least` decimals. */
void jout_append_decimal(struct ocpp_text *out, int64_t value, int decimals, int least);

#endif
