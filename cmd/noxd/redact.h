/*
 * Takes secrets out of the bytes of a message before it is kept or shown: what ocpp_redact() does
 * for a payload that has been read, for any bytes, and at next to no cost where there is nothing to
 * hide.
 */
#ifndef CMD_NOXD_REDACT_H
#define CMD_NOXD_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "ocpp/wire/text.h"

/* What stands in place of a secret. */
#define REDACTED "***"

/**
 * @param scratch  initialised; holds the clean text when there was something to hide
 * @return true: use scratch instead of the text
 */
bool redact(const char *text, size_t len, struct ocpp_text *scratch);

#endif
