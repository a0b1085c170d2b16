/*
 * A type of value of the apply file, by its sides, and what the files of types share.
 */
#ifndef CMD_NOXD_APPLY_KIND_H
#define CMD_NOXD_APPLY_KIND_H

#include "cmd/noxd/apply_file.h"

struct apply_kind {
    bool (*read)(const struct apply_field *f, json_t *json, void *at, char *ret_text, size_t size);
    void (*write)(const struct apply_field *f, const void *at, struct ocpp_text *out);
    void (*schema)(const struct apply_field *f, struct ocpp_text *out);
    size_t size;  /* of the value at `at` */
    bool is_text; /* a const char * that is lent */
};

extern const struct apply_kind apply_kind_id, apply_kind_text, apply_kind_word, apply_kind_names,
    apply_kind_choice, apply_kind_int, apply_kind_bool, apply_kind_amps, apply_kind_amps3,
    apply_kind_percent, apply_kind_money_e4, apply_kind_cents, apply_kind_minutes, apply_kind_clock,
    apply_kind_day_begin, apply_kind_day_end, apply_kind_date_text, apply_kind_degrees,
    apply_kind_keys, apply_kind_micro, apply_kind_calendar, apply_kind_hours, apply_kind_paths;

/* Returns false, so that it can end a function. */
bool apply_fail(char *ret_text, size_t size, const char *text);
void apply_write_text(const struct apply_field *f, const void *at, struct ocpp_text *out);
/* "type", with null where the value may be absent. */
void apply_schema_type(const struct apply_field *f, const char *type, struct ocpp_text *out);

#endif
