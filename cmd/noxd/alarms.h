/*
 * Alarms that are in force: one for each trouble, however often it was reported.
 *
 * Pure: no clock, no allocation.  Who shows them first forgets those that are over.
 */
#ifndef CMD_NOXD_ALARMS_H
#define CMD_NOXD_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/records.h"

enum { ALARMS_MAX = 64 };

/* Told apart by name, node, station and connector. */
struct alarm {
    int64_t first_at_ms, last_at_ms, count;
    int32_t connector;                               /* -1 if about none */
    char name[48], node[64], station[64], text[256]; /* node, station: "" if about none */
};

/* The newest first; when it is full the one that was silent longest goes. */
struct alarms {
    struct alarm item[ALARMS_MAX];
    size_t n;
};

/** An event: an alarm comes in or is counted again; the boot of a station ends its alarms. */
void alarms_note(struct alarms *alarms, const struct store_event *event);

/** Remove those that are over. */
void alarms_forget(struct alarms *alarms, bool (*is_over)(void *arg, const struct alarm *alarm),
                   void *arg);

#endif
