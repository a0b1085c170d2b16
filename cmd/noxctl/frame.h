/*
 * One picture of the live view, painted from the answer of GET /v1/top.
 *
 * No terminal, no clock: the same answer and view give the same bytes.  All durations are counted
 * to the answer's own `now`.
 */
#ifndef CMD_NOXCTL_FRAME_H
#define CMD_NOXCTL_FRAME_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ocpp/wire/text.h"

struct frame_view {
    size_t columns;
    size_t rows;    /* 0 = as many as it takes */
    size_t first;   /* first connector that is shown */
    bool only_cars; /* leave out connectors without a session */
    bool color;
    bool keys;           /* say which keys there are */
    const char *hint;    /* NULL = none */
    const char *trouble; /* why the picture is old, NULL = it is not */
};

struct frame_extent {
    size_t n_connectors; /* in the list */
    size_t n_shown;      /* lines for them */
};

/** Append at most view->rows lines. */
void frame_append(struct ocpp_text *out, const json_t *top, const struct frame_view *view,
                  struct frame_extent *ret_extent);

#endif
