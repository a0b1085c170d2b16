/*
 * Capacity over time as text: the windows of a calendar and currents by the hour, as they stand in
 * a record of a grid node.
 *
 * A window is one line: days, from, to, and what it does, as people read it in a difference:
 *
 *     Mo-Fr 17:00 22:00 limit 40 reserve 10/10/0
 *     Mo-Su sunset-15 sunrise reserve 8
 *
 * Days are Mo Tu We Th Fr Sa Su (the day on which the window begins), ranges with "-", lists with
 * ",".  Edges are local times 00:00 to 24:00, or sunrise, sunset, dawn, dusk (civil twilight) with
 * an offset in minutes.  Currents are amperes with up to three decimals, one for all phases or
 * L1/L2/L3.  Pure: no I/O, no clock, no allocation.
 */
#ifndef STORAGE_WINDOWS_H
#define STORAGE_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_edge_kind {
    STORE_AT_CLOCK,
    STORE_AT_SUNRISE,
    STORE_AT_SUNSET,
    STORE_AT_DAWN,
    STORE_AT_DUSK
};

enum {
    STORE_WINDOWS_MAX = 64,      /* of a node */
    STORE_WINDOW_TEXT = 160,     /* room for one line with its NUL */
    STORE_HOURS = 168,           /* of a week, from Monday 00:00 */
    STORE_EDGE_OFFSET_MAX = 720, /* minutes, of the sun */
    STORE_WINDOW_MAX_MA = 10000000,
};

struct store_edge {
    enum store_edge_kind kind;
    int32_t minute; /* CLOCK: of the local day, 0..1440; else offset */
};

struct store_window {
    uint8_t days; /* bit 0 = Monday; never 0 */
    struct store_edge from, to;
    int32_t limit_ma[3];   /* all -1 = no limit of its own */
    int32_t reserve_ma[3]; /* >= 0 */
};

/** "Mo-Fr", "monday,Wed", "Sa,Su", "daily": names in English with two letters, three, or whole.
 * @return 0 when it is none */
uint8_t window_days_read(const char *text);
/** "17:00", "sunset", "dusk-15", "dawn+30". */
bool window_edge_read(const char *text, struct store_edge *ret_edge);
void window_edge_write(const struct store_edge *edge, char ret_text[16]);
bool window_has_sun(const struct store_window *w);

/** One line, without its end.  @param ret_text  STORE_WINDOW_TEXT bytes */
void window_write(const struct store_window *w, char *ret_text);
/** All lines of a calendar; NULL is none.
 * @param ret_window  room for `max`
 * @return how many there are; SIZE_MAX when a line is no window, or there are more than max */
size_t windows_read(const char *calendar, struct store_window *ret_window, size_t max);
/** Does an edge of it need the sun? */
bool windows_have_sun(const char *calendar);

/** Currents by the hour: 24 or 168 of them with blanks between, as in a window.
 * @param n  24 or 168
 * @param ret_text  as long as it needs, size >= 40 * n */
bool hours_write(int32_t (*ma)[3], size_t n, char *ret_text, size_t size);
/** @param ret_ma  of the week; those of a day count for each of its days */
bool hours_read(const char *text, int32_t ret_ma[STORE_HOURS][3]);

#endif
