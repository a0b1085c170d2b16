/*
 * What a certificate says, and the hash data by which stations name it.
 *
 * Pure: PEM text and the time go in, plain facts come out; no files, no clock, no OpenSSL type. All
 * functions of this library may be called on any thread.  What is malformed, oversized or hostile
 * is refused with one sentence for people.
 */
#ifndef OCPP_PKI_CERTIFICATE_H
#define OCPP_PKI_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PKI_PEM_MAX = 256 * 1024,  /* bytes of a PEM text that is looked at */
    PKI_CHAIN_MAX = 10000,     /* characters of CertificateSigned.certificateChain */
    PKI_ROOT_MAX = 5500,       /* characters of InstallCertificate.certificate, and of a CSR */
    PKI_CERTIFICATES_MAX = 64, /* in one text */
    PKI_NAME_SIZE = 256,       /* a distinguished name for people */
    PKI_PART_SIZE = 65,        /* CN, O: at most 64 characters (RFC 5280) */
    PKI_SERIAL_SIZE = 41,      /* 20 bytes in hex */
    PKI_FINGERPRINT_SIZE = 65, /* SHA-256 in hex */
    PKI_RSA_MIN_BITS = 2048,
    PKI_EC_MIN_BITS = 224,   /* white paper A00.FR.501, 502 */
    PKI_RSA_MAX_BITS = 8192, /* larger ones cost too much to check */
};

struct pki_certificate {
    char subject[PKI_NAME_SIZE], issuer[PKI_NAME_SIZE];  /* "O=DEW21, CN=CP-1" */
    char cn[PKI_PART_SIZE], organization[PKI_PART_SIZE]; /* of the subject; "" = none */
    char serial[PKI_SERIAL_SIZE];                        /* upper-case hex without leading zeros */
    char fingerprint[PKI_FINGERPRINT_SIZE];              /* SHA-256 of the DER, lower-case hex */
    char key[16];                                        /* "RSA 2048", "EC 256", "other" */
    int64_t not_before_ms, not_after_ms;
    bool is_ca, is_self_issued;
    bool for_clients; /* may be shown by a TLS client: no extended key usage, or clientAuth */
    bool for_servers;
};

/**
 * Certificates of a PEM text (other blocks are skipped, order kept).
 * @return how many, 0 with one sentence when there is none or one cannot be read
 */
size_t pki_count(const char *pem, size_t len, char *ret_text, size_t size);

/** Facts of the i-th certificate (0..). @return false with one sentence */
bool pki_read(const char *pem, size_t len, size_t i, struct pki_certificate *ret_certificate,
              char *ret_text, size_t size);

/** The i-th certificate alone, as PEM with LF; free() it. @return NULL with one sentence */
char *pki_one(const char *pem, size_t len, size_t i, char *ret_text, size_t size);

/* --- hash data: CertificateHashDataType, computed as for OCSP (RFC 6960 section 4.1.1) --- */

enum pki_hash { PKI_SHA256, PKI_SHA384, PKI_SHA512, PKI_HASHES };
const char *pki_hash_text(enum pki_hash hash); /* "SHA256" */

struct pki_hash_data {
    enum pki_hash hash;
    char issuer_name_hash[129], issuer_key_hash[129]; /* lower-case hex */
    char serial[PKI_SERIAL_SIZE];                     /* as in struct pki_certificate */
};

/**
 * Hash data of the first certificate of `pem`.
 * @param issuer_pem  certificates among which its issuer may be; NULL = only `pem` itself.  A root
 *                    is its own issuer.  Where the issuer is not known issuer_key_hash is ""
 */
bool pki_hash_data(const char *pem, size_t len, const char *issuer_pem, size_t issuer_len,
                   enum pki_hash hash, struct pki_hash_data *ret_data, char *ret_text, size_t size);

/* Serial numbers as stations write them: hex in any case, leading zeros or not. */
bool pki_serial_equal(const char *a, const char *b);
/* Hex without regard to case. */
bool pki_hex_equal(const char *a, const char *b);

/** Is the first certificate of `pem` signed by the first one of `ca_pem`? */
bool pki_is_issued_by(const char *pem, size_t len, const char *ca_pem, size_t ca_len);

#endif
