/*
 * The flags of noxd: one const table from which the parser, --help and the man page come.
 *
 * To add a flag: a member of struct config, a row in flags[] (config.c), its use in main.c.
 */
#ifndef CMD_NOXD_CONFIG_H
#define CMD_NOXD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CONFIG_LISTENERS_MAX = 8, CONFIG_TEXTS_MAX = 4 };

struct config_address {
    char host[256]; /* without brackets */
    int port;       /* 0 = any free one */
};
struct config_addresses {
    struct config_address at[CONFIG_LISTENERS_MAX];
    size_t n;
};

struct config_texts {
    const char *at[CONFIG_TEXTS_MAX];
    size_t n;
};

/* All text is lent by argv or the environment. */
struct config {
    const char *data;
    struct config_addresses listen, tls_listen, admin_listen;
    struct config_texts tls_cert, tls_key; /* pairs, in order */
    const char *tls_client_ca, *tls_client_crl, *cpo_name;
    int64_t unknown_stations; /* 0 reject, 1 pending */
    int64_t local_lists;      /* 0 off, 1 on */
    int64_t log_format;       /* 0 text, 1 json */
    int64_t log_level;        /* enum log_level */
    int64_t heartbeat_s, ping_s, meter_interval_s, call_timeout_s, lease_min;
    int64_t max_db_bytes;                       /* 0 = no quota */
    int64_t frames_keep_days, frames_max_bytes; /* 0 = frames are not kept */
    int64_t cert_policy;                        /* enum central_cert_policy */
    int64_t cert_days;
    struct config_texts public_url;
    int64_t upload_max_bytes, files_max_bytes;
    int64_t time_warp;
    int64_t time_start_ms; /* STORE_ABSENT = not given */
    bool check, version, help, man;
};

/**
 * Read the command line.  Later flags win; listeners add up.
 * @param getenv_of  for the default of --data: STATE_DIRECTORY, NOX_DATA
 * @return false with one sentence that names the flag and the remedy
 */
bool config_parse(int argc, char *const *argv, const char *(*getenv_of)(const char *name),
                  struct config *ret_config, char *ret_text, size_t size);

/* "127.0.0.1:9016", "[::1]:9016", "localhost:0". */
bool config_address_parse(const char *text, struct config_address *ret_address);

void config_print_help(FILE *out);
/* The man page noxd(8) in roff. */
void config_print_man(FILE *out, const char *version);

/* Names of the flags in order ("--data", ...), NULL behind the last; for tests. */
const char *config_flag_name(size_t i);

#endif
