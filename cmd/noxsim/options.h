/*
 * The command line: commands, options, help.  Both the parser and --help work from one table.
 */
#ifndef CMD_NOXSIM_OPTIONS_H
#define CMD_NOXSIM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cmd/noxsim/faults.h"
#include "cmd/noxsim/vehicle.h"

enum command {
    COMMAND_RUN,
    COMMAND_REPLAY,
    COMMAND_GENERATE,
    COMMAND_CONNECT,
    COMMAND_STATION,
    COMMAND_END
};

struct options {
    enum command command;
    const char *file; /* replay */
    const char *url, *site, *keys, *ca, *trace, *report, *month, *state;
    const char *id, *key; /* station */
    int64_t connectors;
    const char *url2; /* the second --url, NULL = one was given */
    const char *vendor, *model, *firmware, *serial_prefix;
    const char *key_store, *manufacturer_ca, *manufacturer_crl, *cpo_name, *csr_key, *hash;
    int64_t security_profile; /* -1 = not given */
    const char *rate_unit;
    int64_t max_profiles, max_periods;
    bool switch_3to1;
    bool root_check, signed_firmware_only, security_events;
    uint32_t quirks;
    int64_t stations; /* 0 = as in the site */
    int64_t bad_firmware, list_max, list_per_message;
    int64_t time_warp, seed, duration_s, settle_s, meter_interval_s, sessions, plugged;
    double arrivals_per_hour, stay_hours; /* < 0 and 0: not given */
    struct faults faults;
    enum vehicle_mix cars;
    bool quiet;
};

enum options_rc { OPTIONS_OK, OPTIONS_HELP, OPTIONS_WRONG };

/**
 * @param ret_text  OPTIONS_HELP: unused, help was written to stdout; OPTIONS_WRONG: one sentence
 *                  that names the remedy
 */
enum options_rc options_parse(int argc, char **argv, struct options *ret, char *ret_text,
                              size_t size);

#endif
