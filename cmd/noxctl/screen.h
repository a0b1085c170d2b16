/*
 * The terminal as a screen: alternate buffer, keys without echo, size changes; everything is put
 * back at the end, also after Ctrl-C, SIGTERM and Ctrl-Z.
 */
#ifndef CMD_NOXCTL_SCREEN_H
#define CMD_NOXCTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct screen;

enum screen_event {
    SCREEN_NOTHING, /* the time has passed */
    SCREEN_RESIZED, /* also after Ctrl-Z and fg: paint again */
    SCREEN_KEY,
    SCREEN_ENDED, /* a signal wants the end */
};

enum screen_key {
    SCREEN_KEY_OTHER = 0, /* else a character, or one of these */
    SCREEN_KEY_UP = 256,
    SCREEN_KEY_DOWN,
    SCREEN_KEY_PAGE_UP,
    SCREEN_KEY_PAGE_DOWN,
    SCREEN_KEY_HOME,
    SCREEN_KEY_END,
};

/** Take over the terminal on standard output.  @return NULL when out of memory */
struct screen *screen_open(void);

/** Put everything back.  Raises the signal that ended it, unless it was Ctrl-C. */
void screen_close(struct screen *s);

/** Size of the terminal; $COLUMNS and $LINES do not count here. */
void screen_size(const struct screen *s, size_t *ret_columns, size_t *ret_rows);

/** Show lines, each ended by a line feed; the rest of the screen is cleared. */
void screen_show(struct screen *s, const char *lines, size_t n_rows);

/** Wait for a key, a signal or the end of the time. */
enum screen_event screen_wait(struct screen *s, int64_t deadline_mono_ms, int *ret_key);

#endif
