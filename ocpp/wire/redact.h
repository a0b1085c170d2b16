/*
 * Takes secrets out of messages before they are kept or shown: values of keys that hold a secret
 * (AuthorizationKey), passwords and one-time tokens in URLs.
 */
#ifndef OCPP_WIRE_REDACT_H
#define OCPP_WIRE_REDACT_H

#include <jansson.h>
#include <stdbool.h>

/** Does a configuration key of this name hold a secret?  Names as CiStrings. */
bool ocpp_key_is_secret(const char *key);

/** Does a text within a message carry one, as vendors' data do: "{\"AuthorizationKey\": ..."? */
bool ocpp_text_has_secret(const char *text);

/**
 * Replace the secrets of a payload, whichever message it belongs to, by "***".
 *
 * @param payload  changed in place; NULL is fine
 * @return true if there were any
 */
bool ocpp_redact(json_t *payload);

#endif
