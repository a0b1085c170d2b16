/*
 * How many columns of a terminal a UTF-8 text takes.
 */
#ifndef CMD_NOXCTL_WIDTH_H
#define CMD_NOXCTL_WIDTH_H

#include <stddef.h>

#include "ocpp/wire/text.h"

/** Columns of a text: umlauts 1, combining marks 0, East Asian wide signs and emoji 2. */
size_t width_of(const char *text);

/** Append at most `columns` columns of a text, with "…" at the end when it was cut. */
void width_append_cut(struct ocpp_text *out, const char *text, size_t columns);

/**
 * Break a text into lines.
 *
 * @return bytes of the first line: up to a blank where there is one, at most `columns` wide
 *         unless a single sign is wider; 0 only for ""
 */
size_t width_line(const char *text, size_t columns);

/** Append a text from outside: control characters and broken UTF-8 become "?". */
void width_append_clean(struct ocpp_text *out, const char *text);

#endif
