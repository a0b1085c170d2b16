#include "storage/windows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const day_name[7] = { "monday", "tuesday",  "wednesday", "thursday",
                                         "friday", "saturday", "sunday" };
static const char *const day_short[7] = { "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su" };
static const char *const sun_name[] = { [STORE_AT_SUNRISE] = "sunrise",
                                        [STORE_AT_SUNSET] = "sunset",
                                        [STORE_AT_DAWN] = "dawn",
                                        [STORE_AT_DUSK] = "dusk" };

/* --- days --- */

/* @return 0..6, -1 if it is none */
static int day_of(const char *text, size_t n)
{
    for (int d = 0; d < 7; d++) {
        bool whole = n == strlen(day_name[d]);
        if ((n == 2 || n == 3 || whole) && strncasecmp(text, day_name[d], n) == 0)
            return d;
    }
    return -1;
}

/* "Mo" or "Fr-Mo". */
static uint8_t range_read(const char *text, size_t n)
{
    const char *dash = memchr(text, '-', n);
    size_t first_n = dash != NULL ? (size_t)(dash - text) : n;
    int first = day_of(text, first_n);
    int last = dash != NULL ? day_of(dash + 1, n - first_n - 1) : first;
    uint8_t days = 0;
    if (first < 0 || last < 0)
        return 0;
    for (int d = first;; d = (d + 1) % 7) {
        days |= (uint8_t)(1U << d);
        if (d == last)
            return days;
    }
}

uint8_t window_days_read(const char *text)
{
    uint8_t days = 0;
    if (strcasecmp(text, "daily") == 0)
        return 0x7F;
    for (;;) {
        text += strspn(text, " ");
        size_t n = strcspn(text, ",");
        size_t used = n;
        while (used > 0 && text[used - 1] == ' ')
            used--;
        uint8_t more = range_read(text, used);
        if (more == 0)
            return 0;
        days |= more;
        if (text[n] == '\0')
            return days;
        text += n + 1;
    }
}

/* Three days or more in a row as a range. */
static void days_write(uint8_t days, char *ret_text, size_t size)
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (int d = 0; d < 7; d++) {
        int last = d;
        if ((days >> d & 1) == 0)
            continue;
        while (last < 6 && (days >> (last + 1) & 1) != 0)
            last++;
        if (last - d < 2)
            last = d;
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s", used > 0 ? "," : "",
                                 day_short[d]);
        if (last > d)
            used += (size_t)snprintf(ret_text + used, size - used, "-%s", day_short[last]);
        d = last;
    }
}

/* --- edges --- */

static bool clock_read(const char *text, int32_t *ret_minute)
{
    int hour = 0, minute = 0, n = 0;
    bool digits = strspn(text, "0123456789:") == strlen(text) && strlen(text) == 5;
    if (!digits || sscanf(text, "%2d:%2d%n", &hour, &minute, &n) != 2 || n != 5)
        return false;
    *ret_minute = hour * 60 + minute;
    return minute < 60 && *ret_minute <= 24 * 60;
}

bool window_edge_read(const char *text, struct store_edge *ret_edge)
{
    int32_t minute;
    if (clock_read(text, &minute)) {
        *ret_edge = (struct store_edge){ STORE_AT_CLOCK, minute };
        return true;
    }
    for (int k = STORE_AT_SUNRISE; k <= STORE_AT_DUSK; k++) {
        size_t n = strlen(sun_name[k]);
        char *end;
        if (strncmp(text, sun_name[k], n) != 0)
            continue;
        if (text[n] != '\0' && text[n] != '+' && text[n] != '-')
            return false;
        long offset = text[n] != '\0' ? strtol(text + n, &end, 10) : 0;
        if (text[n] != '\0' && (end == text + n || *end != '\0' || text[n + 1] == ' '))
            return false;
        if (offset < -STORE_EDGE_OFFSET_MAX || offset > STORE_EDGE_OFFSET_MAX)
            return false;
        *ret_edge = (struct store_edge){ (enum store_edge_kind)k, (int32_t)offset };
        return true;
    }
    return false;
}

void window_edge_write(const struct store_edge *edge, char ret_text[16])
{
    if (edge->kind == STORE_AT_CLOCK)
        snprintf(ret_text, 16, "%02d:%02d", (int)(edge->minute / 60) % 100,
                 (int)(edge->minute % 60));
    else if (edge->minute == 0)
        snprintf(ret_text, 16, "%s", sun_name[edge->kind]);
    else
        snprintf(ret_text, 16, "%s%+d", sun_name[edge->kind], (int)edge->minute);
}

bool window_has_sun(const struct store_window *w)
{
    return w->from.kind != STORE_AT_CLOCK || w->to.kind != STORE_AT_CLOCK;
}

/* --- currents --- */

static size_t amps_write(int32_t ma, char *ret_text, size_t size)
{
    int n = snprintf(ret_text, size, "%" PRId32 ".%03" PRId32, ma / 1000, ma % 1000);
    while (ret_text[n - 1] == '0')
        ret_text[--n] = '\0';
    if (ret_text[n - 1] == '.')
        ret_text[--n] = '\0';
    return (size_t)n;
}

/* "40" or "40/40/32.5" */
static size_t amps3_write(const int32_t ma[3], char *ret_text, size_t size)
{
    bool alike = ma[0] == ma[1] && ma[0] == ma[2];
    size_t used = amps_write(ma[0], ret_text, size);
    for (int p = 1; p < 3 && !alike; p++) {
        used += (size_t)snprintf(ret_text + used, size - used, "/");
        used += amps_write(ma[p], ret_text + used, size - used);
    }
    return used;
}

static bool amps_read(const char **text, int32_t *ret_ma)
{
    int64_t ma = 0;
    int places = -1;
    const char *c = *text;
    for (; (*c >= '0' && *c <= '9') || (*c == '.' && places < 0); c++) {
        if (*c == '.') {
            places = 0;
            continue;
        }
        if (places >= 0 && ++places > 3)
            return false;
        ma = ma * 10 + (*c - '0');
        if (ma > STORE_WINDOW_MAX_MA)
            return false;
    }
    if (c == *text || places == 0)
        return false;
    for (int i = places < 0 ? 0 : places; i < 3; i++)
        ma *= 10;
    if (ma > STORE_WINDOW_MAX_MA)
        return false;
    *ret_ma = (int32_t)ma;
    *text = c;
    return true;
}

static bool amps3_read(const char **text, int32_t ret_ma[3])
{
    if (!amps_read(text, &ret_ma[0]))
        return false;
    ret_ma[1] = ret_ma[2] = ret_ma[0];
    for (int p = 1; p < 3 && **text == '/'; p++) {
        ++*text;
        if (!amps_read(text, &ret_ma[p]))
            return false;
        if (p == 1 && **text != '/')
            return false;
    }
    return true;
}

/* --- windows --- */

static bool has_limit(const struct store_window *w)
{
    return w->limit_ma[0] >= 0;
}

static bool has_reserve(const struct store_window *w)
{
    return w->reserve_ma[0] > 0 || w->reserve_ma[1] > 0 || w->reserve_ma[2] > 0;
}

void window_write(const struct store_window *w, char *ret_text)
{
    char days[24], from[16], to[16];
    size_t size = STORE_WINDOW_TEXT;
    days_write(w->days, days, sizeof(days));
    window_edge_write(&w->from, from);
    window_edge_write(&w->to, to);
    size_t used = (size_t)snprintf(ret_text, size, "%s %s %s", days, from, to);
    if (has_limit(w)) {
        used += (size_t)snprintf(ret_text + used, size - used, " limit ");
        used += amps3_write(w->limit_ma, ret_text + used, size - used);
    }
    if (has_reserve(w)) {
        used += (size_t)snprintf(ret_text + used, size - used, " reserve ");
        amps3_write(w->reserve_ma, ret_text + used, size - used);
    }
}

/* The next word of a line; "" at its end. */
static void next_word(const char **text, char *ret_word, size_t size)
{
    *text += strspn(*text, " ");
    size_t n = strcspn(*text, " \n");
    snprintf(ret_word, size, "%.*s", (int)(n < size ? n : size - 1), *text);
    *text += n;
}

static bool current_read(const char **text, const char *what, struct store_window *w)
{
    char word[48];
    const char *amps = word;
    bool limit = strcmp(what, "limit") == 0;
    next_word(text, word, sizeof(word));
    if (!limit && strcmp(what, "reserve") != 0)
        return false;
    return amps3_read(&amps, limit ? w->limit_ma : w->reserve_ma) && *amps == '\0';
}

static bool window_read(const char **text, struct store_window *w)
{
    char word[48];
    *w = (struct store_window){ .limit_ma = { -1, -1, -1 } };
    next_word(text, word, sizeof(word));
    w->days = window_days_read(word);
    next_word(text, word, sizeof(word));
    bool good = w->days != 0 && window_edge_read(word, &w->from);
    next_word(text, word, sizeof(word));
    good = good && window_edge_read(word, &w->to);
    for (next_word(text, word, sizeof(word)); good && word[0] != '\0';
         next_word(text, word, sizeof(word)))
        good = current_read(text, word, w);
    return good;
}

size_t windows_read(const char *calendar, struct store_window *ret_window, size_t max)
{
    size_t n = 0;
    for (const char *at = calendar; at != NULL && *at != '\0'; n++) {
        if (n == max || !window_read(&at, &ret_window[n]))
            return SIZE_MAX;
        at += *at == '\n';
    }
    return n;
}

bool windows_have_sun(const char *calendar)
{
    struct store_window w;
    for (const char *at = calendar; at != NULL && *at != '\0'; at += *at == '\n') {
        if (!window_read(&at, &w))
            return false;
        if (window_has_sun(&w))
            return true;
    }
    return false;
}

/* --- hours --- */

bool hours_write(int32_t (*ma)[3], size_t n, char *ret_text, size_t size)
{
    size_t used = 0;
    if (size < 40 * n)
        return false;
    ret_text[0] = '\0';
    for (size_t h = 0; h < n; h++) {
        if (h > 0)
            ret_text[used++] = ' ';
        used += amps3_write(ma[h], ret_text + used, size - used);
    }
    return true;
}

bool hours_read(const char *text, int32_t ret_ma[STORE_HOURS][3])
{
    size_t n = 0;
    while (text != NULL && *text != '\0') {
        if (n == STORE_HOURS || !amps3_read(&text, ret_ma[n]))
            return false;
        n++;
        if (*text != ' ' && *text != '\0')
            return false;
        text += *text == ' ';
    }
    if (n != 24 && n != STORE_HOURS)
        return false;
    for (size_t h = n; h < STORE_HOURS; h++)
        memcpy(ret_ma[h], ret_ma[h - n], sizeof(ret_ma[h]));
    return true;
}
