#include "cmd/noxd/alarms.h"

#include <stdio.h>
#include <string.h>

static void copy(char *ret_text, size_t size, const char *text)
{
    snprintf(ret_text, size, "%s", text != NULL ? text : "");
}

/* Events about the grid name their node first: "DO-KAISER: the worst case ..." */
static void copy_node(const struct store_event *event, char *ret_node, size_t size)
{
    static const char grid[] = "grid.";
    const char *end = strstr(event->text, ": ");
    ret_node[0] = '\0';
    if (event->station != NULL || end == NULL || strncmp(event->name, grid, sizeof(grid) - 1) != 0)
        return;
    for (const char *next = end; next != NULL; next = strstr(end + 1, ": "))
        end = next; /* a node's name may have a colon, what follows has none */
    snprintf(ret_node, size, "%.*s", (int)(end - event->text), event->text);
}

static bool is_same(const struct alarm *a, const struct alarm *b)
{
    return a->connector == b->connector && strcmp(a->name, b->name) == 0 &&
           strcmp(a->node, b->node) == 0 && strcmp(a->station, b->station) == 0;
}

/* @return where the alarm's older self stands, or the place of the one that has to go */
static size_t place_of(struct alarms *alarms, struct alarm *alarm)
{
    for (size_t i = 0; i < alarms->n; i++) {
        if (!is_same(&alarms->item[i], alarm))
            continue;
        alarm->first_at_ms = alarms->item[i].first_at_ms;
        bool again = alarm->last_at_ms != alarms->item[i].last_at_ms; /* else told twice */
        alarm->count = alarms->item[i].count + (again ? 1 : 0);
        return i;
    }
    return alarms->n < ALARMS_MAX ? alarms->n++ : ALARMS_MAX - 1;
}

static void take(struct alarms *alarms, const struct store_event *event)
{
    struct alarm alarm = { .first_at_ms = event->at_ms,
                           .last_at_ms = event->at_ms,
                           .count = 1,
                           .connector = event->connector };
    copy(alarm.name, sizeof(alarm.name), event->name);
    copy(alarm.station, sizeof(alarm.station), event->station);
    copy(alarm.text, sizeof(alarm.text), event->text);
    copy_node(event, alarm.node, sizeof(alarm.node));
    size_t place = place_of(alarms, &alarm);
    memmove(&alarms->item[1], &alarms->item[0], place * sizeof(alarm));
    alarms->item[0] = alarm;
}

static bool is_of_station(void *station, const struct alarm *alarm)
{
    return strcmp(alarm->station, station) == 0;
}

void alarms_note(struct alarms *alarms, const struct store_event *event)
{
    char station[sizeof(alarms->item[0].station)];
    if (event->severity == STORE_ALARM) {
        take(alarms, event);
    } else if (event->station != NULL && strcmp(event->name, "station.boot") == 0) {
        copy(station, sizeof(station), event->station);
        alarms_forget(alarms, is_of_station, station);
    }
}

void alarms_forget(struct alarms *alarms, bool (*is_over)(void *arg, const struct alarm *alarm),
                   void *arg)
{
    size_t n = 0;
    for (size_t i = 0; i < alarms->n; i++) {
        if (is_over(arg, &alarms->item[i]))
            continue;
        if (n != i)
            alarms->item[n] = alarms->item[i];
        n++;
    }
    alarms->n = n;
}
