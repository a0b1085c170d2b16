/*
 * How the rows of the message tables are written; only msg_*.c include this.
 *
 * T is the struct.  A row takes the member's place from it; a member of another type than the row
 * describes does not compile.  OCPP_X() is required, OCPP_OPT_X() is optional.
 */
#ifndef OCPP_WIRE_ROWS_H
#define OCPP_WIRE_ROWS_H

#include "ocpp/wire/field.h"

/* The place of a member, or an error of the compiler if it is not of the given type. */
#define OCPP_PLACE(T, member, ctype) \
    _Generic(&((T *)0)->member, ctype * : (uint16_t)offsetof(T, member))

#define OCPP_ROW(need, T, member, ctype, json, kind) \
    .name = (json), .type = (kind), .required = (need), .offset = OCPP_PLACE(T, member, ctype)

#define OCPP_ROW_STR(need, T, member, json, kind, most)                    \
    {                                                                      \
        OCPP_ROW(need, T, member, const char *, json, kind), .max = (most) \
    }
#define OCPP_STR(T, member, json, most) OCPP_ROW_STR(true, T, member, json, OCPP_TYPE_STRING, most)
#define OCPP_OPT_STR(T, member, json, most) \
    OCPP_ROW_STR(false, T, member, json, OCPP_TYPE_STRING, most)
#define OCPP_OPT_ANY_TEXT(T, member, json) \
    OCPP_ROW_STR(false, T, member, json, OCPP_TYPE_ANY_TEXT, 0)

#define OCPP_ROW_INT(need, T, member, json, kind, least, most)                        \
    {                                                                                 \
        OCPP_ROW(need, T, member, int32_t, json, kind), .min = (least), .max = (most) \
    }
#define OCPP_INT(T, member, json, least, most) \
    OCPP_ROW_INT(true, T, member, json, OCPP_TYPE_INT, least, most)
#define OCPP_OPT_INT(T, member, json, least, most) \
    OCPP_ROW_INT(false, T, member, json, OCPP_TYPE_INT, least, most)
#define OCPP_TENTHS(T, member, json, least, most) \
    OCPP_ROW_INT(true, T, member, json, OCPP_TYPE_TENTHS, least, most)
#define OCPP_OPT_TENTHS(T, member, json, least, most) \
    OCPP_ROW_INT(false, T, member, json, OCPP_TYPE_TENTHS, least, most)

#define OCPP_BOOL(T, member, json)                              \
    {                                                           \
        OCPP_ROW(true, T, member, int8_t, json, OCPP_TYPE_BOOL) \
    }
#define OCPP_TIME(T, member, json)                               \
    {                                                            \
        OCPP_ROW(true, T, member, int64_t, json, OCPP_TYPE_TIME) \
    }
#define OCPP_OPT_TIME(T, member, json)                            \
    {                                                             \
        OCPP_ROW(false, T, member, int64_t, json, OCPP_TYPE_TIME) \
    }

/* e: an enum's short name, its table is ocpp_enum_e. */
#define OCPP_ENUM(T, member, json, e)                                                       \
    {                                                                                       \
        OCPP_ROW(true, T, member, int32_t, json, OCPP_TYPE_ENUM), .members = &ocpp_enum_##e \
    }
#define OCPP_OPT_ENUM(T, member, json, e)                                                    \
    {                                                                                        \
        OCPP_ROW(false, T, member, int32_t, json, OCPP_TYPE_ENUM), .members = &ocpp_enum_##e \
    }
#define OCPP_OPT_ENUM_TEXT(T, member, text_member, json, e)                                     \
    {                                                                                           \
        OCPP_ROW(false, T, member, int32_t, json, OCPP_TYPE_ENUM),                              \
            .members = &ocpp_enum_##e, .offset_extra = OCPP_PLACE(T, text_member, const char *) \
    }

/* s: an object's short name, its struct is struct ocpp_s and its table ocpp_s_object. */
#define OCPP_OBJECT(T, member, json, s)                                             \
    {                                                                               \
        OCPP_ROW(true, T, member, const struct ocpp_##s *, json, OCPP_TYPE_OBJECT), \
            .object = &ocpp_##s##_object                                            \
    }
#define OCPP_OPT_OBJECT(T, member, json, s)                                          \
    {                                                                                \
        OCPP_ROW(false, T, member, const struct ocpp_##s *, json, OCPP_TYPE_OBJECT), \
            .object = &ocpp_##s##_object                                             \
    }

#define OCPP_ROW_LIST(need, T, member, n_member, json, s, least)                  \
    {                                                                             \
        OCPP_ROW(need, T, member, const struct ocpp_##s *, json, OCPP_TYPE_LIST), \
            .offset_extra = OCPP_PLACE(T, n_member, size_t), .min = (least),      \
            .object = &ocpp_##s##_object                                          \
    }
#define OCPP_LIST(T, member, n_member, json, s, least) \
    OCPP_ROW_LIST(true, T, member, n_member, json, s, least)
#define OCPP_OPT_LIST(T, member, n_member, json, s, least) \
    OCPP_ROW_LIST(false, T, member, n_member, json, s, least)
#define OCPP_OPT_STR_LIST(T, member, n_member, json, most)                            \
    {                                                                                 \
        OCPP_ROW(false, T, member, const char *const *, json, OCPP_TYPE_STRING_LIST), \
            .offset_extra = OCPP_PLACE(T, n_member, size_t), .max = (most)            \
    }

#define OCPP_OBJECT_TABLE(s, title, rows, is_soft)    \
    const struct ocpp_object ocpp_##s##_object = {    \
        .name = (title),                              \
        .fields = (rows),                             \
        .n_fields = sizeof(rows) / sizeof((rows)[0]), \
        .size = sizeof(struct ocpp_##s),              \
        .soft = (is_soft),                            \
    }
#define OCPP_EMPTY_TABLE(s, title, is_soft)        \
    const struct ocpp_object ocpp_##s##_object = { \
        .name = (title),                           \
        .size = sizeof(struct ocpp_##s),           \
        .soft = (is_soft),                         \
    }

#endif
