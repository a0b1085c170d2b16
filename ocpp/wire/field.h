/*
 * Messages described as const tables, and the code that works on any of them: decode, encode,
 * check, validate.
 *
 * Values in the structs have one uniform form, there are no has_ flags:
 *   strings     const char *, NULL = absent; lent by the JSON tree or the arena
 *   integers    int32_t, absent = OCPP_INT_ABSENT
 *   booleans    int8_t 0 or 1, absent = OCPP_BOOL_ABSENT
 *   times       int64_t UTC milliseconds, absent = OCPP_TIME_ABSENT
 *   enums       int32_t 1..n in the order of the table, 0 = absent, OCPP_ENUM_UNKNOWN = received
 *               text that is no member
 *   decimals    int32_t tenths, absent = OCPP_INT_ABSENT
 *   objects     const struct pointer, NULL = absent
 *   lists       const pointer and size_t n_<member>; NULL and 0 = absent
 */
#ifndef OCPP_WIRE_FIELD_H
#define OCPP_WIRE_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/wire/arena.h"
#include "ocpp/wire/enums.h"
#include "ocpp/wire/errors.h"
#include "ocpp/wire/text.h"

#define OCPP_INT_ABSENT  INT32_MIN
#define OCPP_BOOL_ABSENT (-1)
#define OCPP_TIME_ABSENT INT64_MIN

/* More entries in one received list than this are cut off (lenient) or refused (strict). */
enum { OCPP_LIST_MAX = 10000 };

enum ocpp_type {
    OCPP_TYPE_STRING,
    OCPP_TYPE_ANY_TEXT, /* a string; a received object or number becomes its JSON text */
    OCPP_TYPE_INT,
    OCPP_TYPE_BOOL,
    OCPP_TYPE_TIME,
    OCPP_TYPE_ENUM,
    OCPP_TYPE_TENTHS, /* number with at most one decimal */
    OCPP_TYPE_OBJECT,
    OCPP_TYPE_LIST, /* of objects */
    OCPP_TYPE_STRING_LIST,
};

/* One member of an object.  Rows are written with the macros of rows.h. */
struct ocpp_field {
    const char *name; /* as in JSON */
    enum ocpp_type type;
    bool required;
    uint16_t offset;       /* of the value in the struct */
    uint16_t offset_extra; /* lists: of n_<member>; enums: of <member>_text or 0 */
    int32_t min;           /* integers and tenths; lists: least number of entries to send */
    int32_t max;           /* integers and tenths; strings: length in characters, 0 = any */
    const struct ocpp_enum *members;
    const struct ocpp_object *object; /* of objects and lists */
};

struct ocpp_object {
    const char *name; /* "StartTransaction.req", "IdTagInfo" */
    const struct ocpp_field *fields;
    size_t n_fields; /* < 64 */
    size_t size;     /* of the struct */
    bool soft;       /* lenient decoding never fails unless the payload is no object */
};

enum ocpp_mode { OCPP_LENIENT, OCPP_STRICT };

/**
 * Decode a payload into a struct.
 *
 * Lenient: unknown members, wrong lengths, numbers for strings and the like are counted in the
 * report and read as well as possible.  Strict: the first deviation is an error.
 *
 * @param json        lent; NULL and JSON null count as {}.  Strings of the struct point into it:
 *                    it must live as long as the struct is used
 * @param ret_struct  of object->size bytes; undefined after an error
 * @param report      initialised by the caller; added to; may be NULL
 * @return OCPP_OK or the code to answer with.  OCPP_INTERNAL_ERROR: the arena's limit was reached
 */
enum ocpp_error_code ocpp_decode(const struct ocpp_object *object, json_t *json,
                                 enum ocpp_mode mode, struct ocpp_arena *arena, void *ret_struct,
                                 struct ocpp_report *report);

/** Set all members of a struct to absent. */
void ocpp_clear(const struct ocpp_object *object, void *ret_struct);

/**
 * Append a struct as compact JSON.
 *
 * @return false, and nothing appended, if ocpp_check() finds an error or memory ran out
 */
bool ocpp_encode(const struct ocpp_object *object, const void *in, struct ocpp_text *out);

/**
 * Check a struct against its table: required members, limits, enums.
 *
 * @param report  may be NULL
 */
enum ocpp_error_code ocpp_check(const struct ocpp_object *object, const void *in,
                                struct ocpp_report *report);

/**
 * Check JSON text of an operator against the table, strictly: no unknown members, no coercion.
 * The report names the path and the remedy.
 *
 * @param json  lent; NULL counts as {}
 */
enum ocpp_error_code ocpp_validate(const struct ocpp_object *object, json_t *json,
                                   struct ocpp_report *report);

/** @return the number of characters (code points) of UTF-8 text */
size_t ocpp_utf8_length(const char *text);

/** @return the name in a list of n nearest to the wrong one, or NULL if none is similar */
const char *ocpp_nearest(const char *wrong, const char *(*name_at)(const void *, size_t),
                         const void *names, size_t n);

#endif
