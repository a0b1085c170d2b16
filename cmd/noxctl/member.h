/*
 * Reading JSON of noxd with patience: a member that is missing, null or of another type is "not
 * known", never an error.
 */
#ifndef CMD_NOXCTL_MEMBER_H
#define CMD_NOXCTL_MEMBER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMBER_UNKNOWN INT64_MIN

/** @param path  "storage.text"  @return the value, lent; NULL if missing or null */
const json_t *member_at(const json_t *json, const char *path);

/** @return a text, lent; "" if unknown */
const char *member_text(const json_t *json, const char *path);

/** @return a whole number (a fraction is rounded), MEMBER_UNKNOWN if it is none */
int64_t member_int(const json_t *json, const char *path);

/** @return a number in tenths, rounded; MEMBER_UNKNOWN if it is none */
int64_t member_tenths(const json_t *json, const char *path);
int64_t member_value_tenths(const json_t *value);

/** @return an instant in UTC milliseconds, MEMBER_UNKNOWN if it is none */
int64_t member_time_ms(const json_t *json, const char *path);

bool member_true(const json_t *json, const char *path);

/** @return the list `items` of an answer, or the answer if it is a list; NULL if there is none */
const json_t *member_items(const json_t *answer);

/** @return the first item whose member is this text, lent; NULL if there is none */
const json_t *member_find(const json_t *items, const char *path, const char *text);

#endif
