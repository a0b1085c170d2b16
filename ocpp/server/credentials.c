/* Basic authentication: decoding and comparing. */
#include "ocpp/server/credentials.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>
#include <strings.h>

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Padding is optional: some stations leave it out. */
static bool base64_decode(const char *text, size_t n, struct credentials *out)
{
    uint32_t bits = 0;
    int n_bits = 0;
    while (n > 0 && text[n - 1] == '=')
        n--;
    out->len = 0;
    for (size_t i = 0; i < n; i++) {
        int value = base64_value(text[i]);
        if (value < 0 || out->len == sizeof(out->bytes))
            return false;
        bits = bits << 6 | (uint32_t)value;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out->bytes[out->len++] = (uint8_t)(bits >> n_bits);
        }
    }
    return n_bits < 6; /* a single letter more carries no byte */
}

bool credentials_parse(const char *header, struct credentials *ret_credentials)
{
    if (strncasecmp(header, "Basic", 5) != 0 || header[5] != ' ')
        return false;
    header += strspn(header + 5, " ") + 5;
    size_t len = strcspn(header, " \t\r\n");
    struct credentials *c = ret_credentials;
    return base64_decode(header, len, c) && memchr(c->bytes, ':', c->len) != NULL;
}

size_t credentials_user_len(const struct credentials *c)
{
    const uint8_t *colon = memchr(c->bytes, ':', c->len);
    return colon != NULL ? (size_t)(colon - c->bytes) : c->len;
}

bool credentials_user_is(const struct credentials *c, const char *identity, const uint8_t **ret_key,
                         size_t *ret_key_len)
{
    size_t len = strlen(identity);
    if (c->len <= len || memcmp(c->bytes, identity, len) != 0 || c->bytes[len] != ':')
        return false;
    *ret_key = c->bytes + len + 1;
    *ret_key_len = c->len - len - 1;
    return true;
}

static void salted_hash(const uint8_t *key, size_t len, const uint8_t *salt, uint8_t *ret_hash)
{
    uint8_t salted[KEY_SALT_BYTES + CREDENTIALS_MAX];
    memcpy(salted, salt, KEY_SALT_BYTES);
    memcpy(salted + KEY_SALT_BYTES, key, len);
    SHA256(salted, KEY_SALT_BYTES + len, ret_hash);
    OPENSSL_cleanse(salted, sizeof(salted));
}

bool credentials_hash(const uint8_t *key, size_t len, uint8_t ret_salt[KEY_SALT_BYTES],
                      uint8_t ret_hash[KEY_HASH_BYTES])
{
    if (len > CREDENTIALS_MAX || RAND_bytes(ret_salt, KEY_SALT_BYTES) != 1)
        return false;
    salted_hash(key, len, ret_salt, ret_hash);
    return true;
}

static bool hash_matches(const uint8_t *key, size_t len, const uint8_t *salt, const uint8_t *hash)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    salted_hash(key, len, salt, digest);
    return CRYPTO_memcmp(digest, hash, sizeof(digest)) == 0;
}

/* -1 for what is no digit. */
static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes of hexadecimal text; the key itself again when it is none, so that the work is the same. */
static size_t hex_decode(const uint8_t *key, size_t len, uint8_t *out)
{
    bool is_hex = len % 2 == 0;
    for (size_t i = 0; i < len; i++)
        is_hex = hex_value(key[i]) >= 0 && is_hex;
    if (!is_hex) {
        memcpy(out, key, len);
        return len;
    }
    for (size_t i = 0; i < len / 2; i++)
        out[i] = (uint8_t)(hex_value(key[2 * i]) * 16 + hex_value(key[2 * i + 1]));
    return len / 2;
}

bool credentials_key_matches(const uint8_t *key, size_t len, const uint8_t salt[KEY_SALT_BYTES],
                             const uint8_t hash[KEY_HASH_BYTES])
{
    uint8_t decoded[CREDENTIALS_MAX];
    if (len > CREDENTIALS_MAX)
        return false;
    size_t decoded_len = hex_decode(key, len, decoded);
    bool as_sent = hash_matches(key, len, salt, hash);
    bool as_hex = hash_matches(decoded, decoded_len, salt, hash);
    OPENSSL_cleanse(decoded, sizeof(decoded));
    return as_sent | as_hex;
}
