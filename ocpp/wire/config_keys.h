/*
 * The configuration keys of OCPP 1.6 (chapter 9) and of the security white paper (chapter 7): for
 * hints and comparison, never a veto, as makers add keys of their own.
 */
#ifndef OCPP_WIRE_CONFIG_KEYS_H
#define OCPP_WIRE_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum ocpp_key_type { OCPP_KEY_TEXT, OCPP_KEY_INT, OCPP_KEY_BOOL, OCPP_KEY_LIST };
enum ocpp_key_access { OCPP_KEY_READ, OCPP_KEY_READ_WRITE, OCPP_KEY_WRITE, OCPP_KEY_EITHER };

struct ocpp_config_key {
    const char *name, *profile;
    enum ocpp_key_type type;
    enum ocpp_key_access access; /* EITHER: as the station likes */
    bool required;
    const char *unit;    /* "" none */
    const char *usual;   /* a common value, "" none */
    const char *meaning; /* for people */
};

/** All of them, by profile. */
const struct ocpp_config_key *ocpp_config_keys(size_t *ret_n);
/** @return NULL if the standard has no such key; names as CiStrings */
const struct ocpp_config_key *ocpp_config_key(const char *name);
const char *ocpp_key_type_text(enum ocpp_key_type type);
const char *ocpp_key_access_text(enum ocpp_key_access access);

/**
 * Do two values of a key mean the same?  Booleans in any case, numbers by their value, lists
 * without regard to blanks and case (those of the standard also to order).
 */
bool ocpp_config_equal(const char *key, const char *a, const char *b);

/** What is odd about a value of this key, as a sentence without subject; NULL if nothing. */
const char *ocpp_config_hint(const char *key, const char *value);

/** Does the list hold this entry?  Without regard to case and blanks. */
bool ocpp_list_has(const char *list, const char *entry, size_t entry_len);
/** The next entry of a list with commas, without blanks around. @return its length, 0 = the end */
size_t ocpp_list_next(const char **at, const char **ret_entry);

/** Patterns: * is any text, ? any character; case does not count.  NULL matches everything; text
 * NULL is "". */
bool ocpp_pattern_fits(const char *pattern, const char *text);

#endif
