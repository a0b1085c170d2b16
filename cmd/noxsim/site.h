/*
 * The street as noxsim needs it: stations, grid tree and tags of an apply file, keys of a CSV file.
 */
#ifndef CMD_NOXSIM_SITE_H
#define CMD_NOXSIM_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SITE_CONNECTORS_MAX = 8 };

struct site_node {
    char *id;
    int32_t parent;        /* index of an earlier node, -1 for a root */
    int32_t limit_ma[3];   /* by grid phase */
    int32_t foreign_ma[3]; /* other load below it */
};

struct site_station {
    char *id;
    char *key;         /* password of Basic authentication; NULL = none */
    int32_t node;      /* -1 = hangs on no grid node */
    int32_t n_phases;  /* wired terminals, 1 to 3 */
    int8_t wiring[3];  /* terminal L1..L3 -> grid phase 0..2 */
    int32_t rating_ma; /* per phase */
    int32_t n_connectors;
    int32_t number[SITE_CONNECTORS_MAX]; /* connectorId of each */
};

struct site {
    struct site_node *node; /* parents before their children */
    size_t n_nodes;
    struct site_station *station;
    size_t n_stations;
    char **tag;       /* of all */
    bool *tag_usable; /* not blocked, not expired */
    size_t n_tags, n_usable_tags;
};

/**
 * Read an apply file (see `noxctl apply --schema`).
 *
 * @param now_ms    tags that expire before count as not usable
 * @param ret_text  one sentence with file and member on failure
 */
bool site_read(const char *path, int64_t now_ms, struct site *ret_site, char *ret_text,
               size_t size);

/** Keep the first n stations, or add stations SIM-0001.. like the last one until there are n. */
bool site_resize(struct site *site, size_t n);

/** A street without a file: n stations SIM-0001.. of 3 x 16 A, no grid, one tag. */
bool site_make(size_t n, struct site *ret_site);

/**
 * Read `station,key` and give the stations their keys; a station without a line has none.
 *
 * @param ret_n  stations that have a key now
 */
bool site_read_keys(struct site *site, const char *path, size_t *ret_n, char *ret_text,
                    size_t size);

void site_done(struct site *site);

#endif
