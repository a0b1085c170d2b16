/*
 * Lines of text for a terminal: cut at its width, coloured or not.
 *
 * Everything that is painted counts as text from outside: control characters become "?".
 */
#ifndef CMD_NOXCTL_PAINT_H
#define CMD_NOXCTL_PAINT_H

#include <stdbool.h>
#include <stddef.h>

#include "ocpp/wire/text.h"

/* Colours: what stands between ESC [ and m; NULL = none. */
#define PAINT_GOOD   "32"
#define PAINT_CARE   "33"
#define PAINT_BAD    "31"
#define PAINT_NOTE   "36"
#define PAINT_DIM    "2"
#define PAINT_HEAD   "1"
#define PAINT_TITLE  "7"
#define PAINT_SECOND "34"
#define PAINT_ALARM  "7;31" /* on a line of PAINT_TITLE */

struct paint {
    struct ocpp_text *out;
    size_t columns; /* 0 = without limit */
    bool color;
    size_t used;  /* columns of the line that is being painted */
    size_t lines; /* finished */
};

/** Columns that are left on the line; SIZE_MAX without limit. */
size_t paint_room(const struct paint *p);

/** Add a text; what does not fit is cut off with "…". */
void paint_text(struct paint *p, const char *color, const char *text);
void paint_format(struct paint *p, const char *color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Add a text in a field of `width` columns, cut or filled up with blanks. */
void paint_cell(struct paint *p, const char *color, const char *text, size_t width, bool right);

/** Add a sign n times. */
void paint_repeat(struct paint *p, const char *color, const char *sign, size_t n);

/** Blanks up to a column; nothing when it is passed already. */
void paint_to(struct paint *p, size_t column);

/** End the line. */
void paint_end(struct paint *p);

/** @return the colour of a word such as "Charging", "Rejected", "alarm"; NULL = none */
const char *paint_color_of(const char *word);

#endif
