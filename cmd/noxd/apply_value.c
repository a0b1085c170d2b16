/* Which type has which sides; apply_text.c, apply_number.c and apply_time.c have the types. */
#include "cmd/noxd/apply_value.h"

#include <string.h>

#include "cmd/noxd/apply_kind.h"

static const struct apply_kind *const kinds[] = {
    [APPLY_ID] = &apply_kind_id,
    [APPLY_TEXT] = &apply_kind_text,
    [APPLY_WORD] = &apply_kind_word,
    [APPLY_NAMES] = &apply_kind_names,
    [APPLY_CHOICE] = &apply_kind_choice,
    [APPLY_INT] = &apply_kind_int,
    [APPLY_BOOL] = &apply_kind_bool,
    [APPLY_AMPS] = &apply_kind_amps,
    [APPLY_AMPS3] = &apply_kind_amps3,
    [APPLY_PERCENT] = &apply_kind_percent,
    [APPLY_MONEY_E4] = &apply_kind_money_e4,
    [APPLY_CENTS] = &apply_kind_cents,
    [APPLY_MINUTES] = &apply_kind_minutes,
    [APPLY_CLOCK] = &apply_kind_clock,
    [APPLY_DAY_BEGIN] = &apply_kind_day_begin,
    [APPLY_DAY_END] = &apply_kind_day_end,
    [APPLY_DATE_TEXT] = &apply_kind_date_text,
    [APPLY_DEGREES] = &apply_kind_degrees,
    [APPLY_KEYS] = &apply_kind_keys,
    [APPLY_MICRO] = &apply_kind_micro,
    [APPLY_CALENDAR] = &apply_kind_calendar,
    [APPLY_HOURS] = &apply_kind_hours,
    [APPLY_PATHS] = &apply_kind_paths,
};

bool apply_value_read(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                      size_t size)
{
    return kinds[f->type]->read(f, json, at, ret_text, size);
}

void apply_value_write(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    kinds[f->type]->write(f, at, out);
}

void apply_value_schema(const struct apply_field *f, struct ocpp_text *out)
{
    kinds[f->type]->schema(f, out);
}

void apply_value_default(const struct apply_field *f, void *at)
{
    const struct apply_kind *kind = kinds[f->type];
    if (kind->is_text)
        *(const char **)at = f->fallback_text;
    else if (kind->size == sizeof(int64_t))
        *(int64_t *)at = f->fallback;
    else if (f->type == APPLY_BOOL)
        *(bool *)at = f->fallback != 0;
    else
        for (size_t i = 0; i < kind->size / sizeof(int32_t); i++)
            ((int32_t *)at)[i] = (int32_t)f->fallback;
}

bool apply_value_copy(const struct apply_field *f, void *at, const void *from,
                      struct ocpp_arena *arena)
{
    const struct apply_kind *kind = kinds[f->type];
    memcpy(at, from, kind->size);
    const char *text = kind->is_text ? *(const char *const *)from : NULL;
    if (text == NULL)
        return true;
    *(const char **)at = ocpp_arena_strdup(arena, text);
    return *(const char **)at != NULL;
}
