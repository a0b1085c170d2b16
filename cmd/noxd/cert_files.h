/*
 * The files of the local CA in DIR/pki/: ca.pem (trusted by the wss listeners), ca.key (0600,
 * absent when the CA signs elsewhere), crl.pem, crl-before.pem (lists of CAs before this one).
 *
 * They are the truth: whoever signs reads them anew.  Any thread but the loop's.  Times of
 * certificates are the machine's own, as those of TLS are; simulated time does not apply.
 */
#ifndef CMD_NOXD_CERT_FILES_H
#define CMD_NOXD_CERT_FILES_H

#include "ocpp/pki/authority.h"
#include "storage/reader.h"

int64_t cert_now_ms(void);

/* Whole file, at most PKI_PEM_MAX; free() it (pki_secret_free() a key).  NULL: missing or
 * unreadable; errno says why. */
char *cert_file_read(const char *dir, const char *name);

/**
 * The CA.
 * @param ret_missing  true: there is none, which is no trouble
 * @return NULL with one sentence
 */
struct pki_authority *cert_files_authority(const char *dir, bool *ret_missing, char *ret_text,
                                           size_t size);

/**
 * Put a CA in place: both files appear complete or not at all.  CAs that were there before stay
 * trusted (behind the new one) until their end, so that stations can renew.
 * @param key_pem  NULL: it signs elsewhere
 * @return false with one sentence
 */
bool cert_files_put_authority(const char *dir, const char *cert_pem, const char *key_pem,
                              char *ret_text, size_t size);

/** At the start: end what cert_files_put_authority() had begun when noxd was killed. */
void cert_files_recover(const char *dir);

/**
 * Write crl.pem from what is revoked in the database.
 * @param ret_n  certificates in it
 * @return false with one sentence; a CA without its key writes none
 */
bool cert_files_put_crl(const char *dir, const char *db_path, size_t *ret_n, char *ret_text,
                        size_t size);

/* For the store: facts of a certificate as its record; strings lent by `c` and `pem`. */
struct store_certificate cert_record(const struct pki_certificate *c, const char *pem, int32_t kind,
                                     const char *station, int64_t at_ms);

#endif
