/*
 * The key store of a charge point (white paper, chapters 3 to 5): its private key and certificate
 * chain, the root certificates it trusts, and the few settings that go with them.
 *
 * With a folder everything in it outlasts a run; without one it is kept in memory.  OpenSSL stays
 * inside.  Certificates are PEM text, instants UTC milliseconds.
 */
#ifndef CMD_NOXSIM_VAULT_H
#define CMD_NOXSIM_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/wire/messages_security.h"

struct vault;

struct vault_options {
    const char *folder;            /* of this station, made when something is kept; NULL = memory */
    const char *ca_file;           /* central system roots as delivered; NULL = none */
    const char *manufacturer_file; /* roots of the manufacturer as delivered; NULL = none */
    const char *manufacturer_crl_file; /* what they have revoked; NULL = not looked at */
    bool uses_rsa;                     /* keys: RSA 2048 instead of EC P-256 */
};

/** @return NULL with one sentence; what was delivered counts only where the folder holds no roots
 */
struct vault *vault_open(const struct vault_options *options, char *ret_text, size_t size);
void vault_free(struct vault *vault);

/* --- settings: "password" (hex), "profile", "cpo-name" --- */

/** @return lent until it is set again; NULL = never set */
const char *vault_text(const struct vault *vault, const char *name);
void vault_set_text(struct vault *vault, const char *name, const char *text);

/* --- roots, M03 to M05 --- */

/** @param check  AdditionalRootCertificateCheck: an old central root must have signed the new one
 *  @param max    CertificateStoreMaxLength
 *  @return OCPP_CERTIFICATE_STATUS_*; *ret_why is a static phrase when it is not accepted */
int32_t vault_install(struct vault *vault, int32_t use, const char *pem, bool check, size_t max,
                      int64_t at_ms, const char **ret_why);

/** @return OCPP_DELETE_CERTIFICATE_STATUS_*: _FAILED for the root of the present connection and
 *          for the station's own certificate */
int32_t vault_delete(struct vault *vault, const struct ocpp_certificate_hash_data *hash);

/** @param hash_algorithm  OCPP_HASH_ALGORITHM_*
 *  @return the list in the arena, NULL when there are none */
const struct ocpp_certificate_hash_data *vault_list(const struct vault *vault, int32_t use,
                                                    int32_t hash_algorithm,
                                                    struct ocpp_arena *arena, size_t *ret_n);
bool vault_has_root(const struct vault *vault, int32_t use);

/* --- the station's own certificate, A02 and A03 --- */

/** Make a new key pair and ask for a certificate of it. @return PEM to free, NULL on failure */
char *vault_request(struct vault *vault, const char *common_name, const char *organization);
/** CertificateSigned: of the last key asked for, to a known root, of this station, in time.
 *  @return false with a phrase */
bool vault_take(struct vault *vault, const char *chain_pem, const char *common_name, int64_t at_ms,
                const char **ret_why);
bool vault_has_certificate(const struct vault *vault, int64_t at_ms);
/** @return when it ends; INT64_MAX without one */
int64_t vault_ends_ms(const struct vault *vault);

/* --- TLS and firmware --- */

/** Before a handshake: what to trust and what to show. @param ssl  SSL of OpenSSL */
void vault_arm(struct vault *vault, void *ssl, bool shows_certificate, int64_t at_ms);
/** The connection stands: remember its root; superseded roots go (AdditionalRootCertificateCheck).
 */
void vault_connected(struct vault *vault, void *ssl);

enum vault_signer { VAULT_SIGNER_GOOD, VAULT_SIGNER_INVALID, VAULT_SIGNER_REVOKED };
/** L01: a signing certificate that leads to a root of the manufacturer. */
enum vault_signer vault_check_signer(const struct vault *vault, const char *pem, int64_t at_ms);

/* SHA-256 of a file that comes in pieces. */
struct vault_digest;
struct vault_digest *vault_digest_new(void);
void vault_digest_add(struct vault_digest *digest, const char *data, size_t len);
/** Is this the signature (base64; RSA-PSS, RSA PKCS#1 v1.5 or ECDSA) of what was added? */
bool vault_digest_verify(struct vault_digest *digest, const char *signer_pem,
                         const char *signature_base64);
void vault_digest_free(struct vault_digest *digest);

#endif
