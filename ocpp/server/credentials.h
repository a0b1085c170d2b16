/*
 * HTTP Basic authentication of stations (OCPP-J 1.6 section 6.2.2, security white paper A00).
 *
 * Pure: text and bytes in, a verdict out.  A password is a string of bytes with a length: it may
 * hold NUL, ':' and what is not UTF-8.
 */
#ifndef OCPP_SERVER_CREDENTIALS_H
#define OCPP_SERVER_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest decoded `user:password` that is looked at: an identity and a key in hexadecimal. */
enum { CREDENTIALS_MAX = 320, KEY_SALT_BYTES = 16, KEY_HASH_BYTES = 32 };

struct credentials {
    uint8_t bytes[CREDENTIALS_MAX]; /* user:password */
    size_t len;
};

/**
 * Decode the value of an Authorization header.
 * @return false if it is not `Basic` and base64, has no ':' or is too long
 */
bool credentials_parse(const char *header, struct credentials *ret_credentials);

/** Length of the user name: up to the first ':'. */
size_t credentials_user_len(const struct credentials *c);

/**
 * Is the user name this identity?  Identities may contain ':', so the whole identity is compared,
 * not what stands before the first ':'.
 * @param ret_key, ret_key_len  the rest behind `identity:`; written only when true is returned
 */
bool credentials_user_is(const struct credentials *c, const char *identity, const uint8_t **ret_key,
                         size_t *ret_key_len);

/**
 * Does salt and SHA-256(salt || key) belong to this key?  Tried as it is and, because some stations
 * send the hexadecimal text of AuthorizationKey, decoded from that text.  The time it takes does
 * not depend on the outcome.
 */
bool credentials_key_matches(const uint8_t *key, size_t len, const uint8_t salt[KEY_SALT_BYTES],
                             const uint8_t hash[KEY_HASH_BYTES]);

/**
 * A new random salt and SHA-256(salt || key): enough for a random key of 128 bits or more, and
 * cheap when a whole district comes back.
 * @return false when the key is too long or the system gives no random numbers
 */
bool credentials_hash(const uint8_t *key, size_t len, uint8_t ret_salt[KEY_SALT_BYTES],
                      uint8_t ret_hash[KEY_HASH_BYTES]);

#endif
