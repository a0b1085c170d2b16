/*
 * Deviations of real stations, each switched on by `--quirk NAME` for the whole street, so that a
 * central system can be tried against them.  One table with name, what it does, and how.
 */
#ifndef CMD_NOXSIM_QUIRKS_H
#define CMD_NOXSIM_QUIRKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum quirk {
    QUIRK_NO_BOOT,
    QUIRK_ALWAYS_BOOT,
    QUIRK_NO_SUBPROTOCOL,
    QUIRK_TRAILING_SLASH,
    QUIRK_HEX_KEY,
    QUIRK_SAME_IDS,
    QUIRK_NUMERIC_IDS,
    QUIRK_NULL_FIELDS,
    QUIRK_EXTRA_FIELDS,
    QUIRK_LONG_FIELDS,
    QUIRK_EMPTY_VENDOR,
    QUIRK_NO_ZONE,
    QUIRK_KWH,
    QUIRK_NUMBER_VALUES,
    QUIRK_BARE_VALUES,
    QUIRK_LOWER_CASE,
    QUIRK_NO_TX_ID,
    QUIRK_ODD_ERRORS,
    QUIRK_END
};

const char *quirk_name(enum quirk quirk);
/* One sentence without subject. */
const char *quirk_summary(enum quirk quirk);

/**
 * Add a quirk to a set (bits by enum quirk).
 *
 * @param ret_text  one sentence on failure
 */
bool quirks_parse(uint32_t *set, const char *name, char *ret_text, size_t size);

/** Does the set change what a message looks like? */
bool quirks_touch(uint32_t set);

/**
 * A message as such a station writes it.
 *
 * @return the text to free; NULL = as it is
 */
char *quirks_apply(uint32_t set, const char *text, size_t len);

#endif
