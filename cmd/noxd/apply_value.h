/*
 * One value of the apply file, by its type: read, write, default, copy, schema.
 */
#ifndef CMD_NOXD_APPLY_VALUE_H
#define CMD_NOXD_APPLY_VALUE_H

#include "cmd/noxd/apply_file.h"

/** @return false with what is wrong and what to write instead (without path) */
bool apply_value_read(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                      size_t size);
/* Append it as JSON; absent = null. */
void apply_value_write(const struct apply_field *f, const void *at, struct ocpp_text *out);
void apply_value_default(const struct apply_field *f, void *at);
/** Texts go into the arena. @return false when memory is out */
bool apply_value_copy(const struct apply_field *f, void *at, const void *from,
                      struct ocpp_arena *arena);
/* Append the members of its JSON Schema (type, limits, pattern), without brackets. */
void apply_value_schema(const struct apply_field *f, struct ocpp_text *out);

#endif
