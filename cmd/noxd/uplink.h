/*
 * The reading of a live meter from JSON as it is sent to us: plain, or the uplink of a LoRaWAN
 * network server (The Things Stack v3, ChirpStack v3 and v4; forms and sources: API.md).
 *
 * Pure: no I/O, no clock.  What a path does not lead to is named in the error.
 */
#ifndef CMD_NOXD_UPLINK_H
#define CMD_NOXD_UPLINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UPLINK_MAX_MA = 10000000, UPLINK_DEVICE_MAX = 120, UPLINK_TEXT = 300 };

enum uplink_form { UPLINK_PLAIN, UPLINK_THINGS_STACK, UPLINK_CHIRPSTACK };

struct uplink {
    enum uplink_form form;
    json_t *root; /* lent */
    /* names of the device, "" = not said; EUIs in upper-case hexadecimal */
    char id[UPLINK_DEVICE_MAX + 1], eui[17];
    json_t *values; /* the decoded payload; NULL: the message carries none (a join, a status) */
    const char *values_at; /* its path, for people */
    json_t *kept;          /* ours, where the payload came as text; uplink_done() ends it */
    int64_t at_ms;         /* by the network server; INT64_MIN = not said */
};

/** Find out what it is.  @return false with one sentence when its own members contradict its form
 */
bool uplink_open(json_t *root, struct uplink *ret_uplink, char *ret_text, size_t size);
void uplink_done(struct uplink *u);
/** Does a device, as the operator names it (EUI in any writing, or id), mean this one? */
bool uplink_is_of(const struct uplink *u, const char *device);

/** What the operator has set for the meter. */
struct uplink_paths {
    const char *fields; /* lines "l1=path", "at=path"; NULL = the usual names */
    const char *unit;   /* A | mA | W | kW; NULL = A */
};
/**
 * The three currents.  Power is taken per phase at 230 V; a current below 0 (feeding in) counts as
 * 0, for it may end at any moment.
 *
 * @param now_ms    counts where no time is said, or a later one
 * @param ret_path  which member is wrong, "" = the whole; UPLINK_DEVICE_MAX + 1 bytes
 * @param ret_text  one sentence that names it; UPLINK_TEXT bytes
 */
bool uplink_read(const struct uplink *u, const struct uplink_paths *paths, int64_t now_ms,
                 int32_t ret_ma[3], int64_t *ret_at_ms, char *ret_path, char *ret_text);

#endif
