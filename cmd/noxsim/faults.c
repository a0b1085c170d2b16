#include "cmd/noxsim/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/field.h"

static const char per_hour[] = "per station and hour";
static const char of_messages[] = "share of messages";
static const char of_downloads[] = "share of attempts to download";
static const char of_stations[] = "share of stations";

static const struct fault_row rows[FAULT_END] = {
    [FAULT_LINK] = { "link", per_hour, 2, 3600,
                     "the connection is cut; the station is back after 5 to 300 seconds" },
    [FAULT_HALF_OPEN] = { "half-open", per_hour, 1, 3600,
                          "nothing arrives in either direction although the connection stands; "
                          "after 1 to 5 minutes the station opens a new one" },
    [FAULT_LOST_ANSWERS] = { "lost-answers", of_messages, 0.05, 1,
                             "requests to the station or its answers vanish, and the station "
                             "misses answers to its own requests" },
    [FAULT_REBOOT] = { "reboot", per_hour, 0.5, 3600,
                       "the station loses power for 20 to 120 seconds; charging profiles survive" },
    [FAULT_SLOW] = { "slow", of_messages, 0.1, 1,
                     "the station works off a request, or answers it, 2 to 40 seconds late" },
    [FAULT_WRONG_CLOCK] = { "wrong-clock", of_stations, 0.2, 1,
                            "the station's clock is off by up to an hour, whatever it is told" },
    [FAULT_IGNORES_PROFILES] = { "ignores-profiles", of_stations, 0.1, 1,
                                 "the station says Accepted and gives its full current" },
    [FAULT_IGNORES_LEASES] = { "ignores-leases", of_stations, 0.1, 1,
                               "the station goes on with the limit of a charging profile when its "
                               "first period has ended, and says that it does not" },
    [FAULT_REJECT_PROFILES] = { "reject-profiles", of_stations, 0.1, 1,
                                "the station rejects every charging profile" },
    [FAULT_FORGETFUL] = { "forgetful", of_stations, 0.1, 1,
                          "the station forgets its charging profiles when its link breaks or it "
                          "boots" },
    [FAULT_DOWNLOAD_CUT] = { "download-cut", of_downloads, 0.5, 1,
                             "a download of firmware is cut on the way; the station goes on where it "
                             "stopped" },
};

const struct fault_row *fault_row(enum fault fault)
{
    return &rows[fault];
}

static const char *name_at(const void *names, size_t i)
{
    return ((const struct fault_row *)names)[i].name;
}

static bool unknown(const char *name, char *ret_text, size_t size)
{
    const char *near = ocpp_nearest(name, name_at, rows, FAULT_END);
    snprintf(ret_text, size, "there is no fault \"%.40s\"; %s%s%s", name,
             near != NULL ? "did you mean " : "noxsim run --help lists them",
             near != NULL ? near : "", near != NULL ? "?" : "");
    return false;
}

bool faults_parse(struct faults *faults, const char *text, char *ret_text, size_t size)
{
    char name[41], *end = NULL;
    size_t len = strcspn(text, "=@");
    const char *only = strchr(text, '@');
    snprintf(name, sizeof(name), "%.*s", (int)(len < 40 ? len : 40), text);
    for (int i = 0; i < FAULT_END; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        double rate = only != NULL && rows[i].unit == of_stations ? 1 : rows[i].usual;
        if (text[len] == '=')
            rate = strtod(text + len + 1, &end);
        if (end != NULL && ((*end != '\0' && end != only) || end == text + len + 1 ||
                            !(rate >= 0 && rate <= rows[i].most))) {
            snprintf(ret_text, size, "the rate of %s is a %s, from 0 to %g", rows[i].name,
                     rows[i].unit, rows[i].most);
            return false;
        }
        faults->rate[i] = rate;
        faults->only[i] = only != NULL ? only + 1 : NULL;
        return true;
    }
    return unknown(name, ret_text, size);
}

static bool is_listed(const char *ids, const char *id)
{
    size_t len = strlen(id);
    for (; *ids != '\0'; ids += strcspn(ids, ",") + (strchr(ids, ',') != NULL))
        if (strncmp(ids, id, len) == 0 && (ids[len] == ',' || ids[len] == '\0'))
            return true;
    return false;
}

double fault_rate(const struct faults *faults, enum fault fault, const char *station)
{
    const char *only = faults->only[fault];
    return only == NULL || is_listed(only, station) ? faults->rate[fault] : 0;
}
