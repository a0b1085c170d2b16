#include "cmd/noxsim/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/noxsim/csv.h"

#define REGISTER_MAX_WH INT64_C(2000000000) /* meterStart is an int32 */

/* FILE.lists/STATION.list; what may not stand in a file name is percent-encoded. */
static bool list_path(const char *path, const char *station, char *ret, size_t size)
{
    size_t len = (size_t)snprintf(ret, size, "%s.lists/", path);
    for (const char *at = station; *at != '\0' && len + 10 < size; at++) {
        bool is_plain = *at > ' ' && *at < 127 && strchr("/%.", *at) == NULL;
        len += (size_t)snprintf(ret + len, size - len, is_plain ? "%c" : "%%%02X",
                                (unsigned)(unsigned char)*at);
    }
    return len + 10 < size && snprintf(ret + len, size - len, ".list") == 5;
}

static bool read_lists(const char *path, const struct site *site, struct point *const *point,
                       char *text, size_t size)
{
    char list[4200];
    for (size_t i = 0; i < site->n_stations; i++)
        if (!list_path(path, site->station[i].id, list, sizeof(list)) ||
            !point_read_local_list(point[i], list, text, size))
            return false;
    return true;
}

static bool write_lists(const char *path, const struct site *site, struct point *const *point,
                        char *text, size_t size)
{
    char list[4200];
    bool has_folder = false;
    for (size_t i = 0; i < site->n_stations; i++) {
        if (!point_local_list_changed(point[i]))
            continue;
        snprintf(list, sizeof(list), "%.4000s.lists", path);
        has_folder = has_folder || mkdir(list, 0777) == 0 || errno == EEXIST;
        if (!list_path(path, site->station[i].id, list, sizeof(list)) ||
            !point_write_local_list(point[i], list, text, size))
            return false;
    }
    return true;
}

static bool read_int(const char *text, int64_t max, int64_t *ret)
{
    char *end;
    errno = 0;
    int64_t value = strtoll(text, &end, 10);
    if (text[0] == '\0' || *end != '\0' || errno != 0 || value < 0 || value > max)
        return false;
    *ret = value;
    return true;
}

static void set_register(const struct site *site, struct point *const *point, const char *station,
                         int64_t connector, int64_t wh)
{
    for (size_t i = 0; i < site->n_stations; i++) {
        const struct site_station *s = &site->station[i];
        for (size_t k = 0; k < point_outlets(point[i]); k++)
            if (s->number[k] == connector && strcmp(s->id, station) == 0)
                point_set_register_wh(point[i], k, wh);
    }
}

static bool take_rows(const struct csv *csv, const char *path, const struct site *site,
                      struct point *const *point, char *text, size_t size)
{
    int station = csv_column(csv, "station"), connector = csv_column(csv, "connector");
    int reading = csv_column(csv, "register_wh");
    if (station < 0 || connector < 0 || reading < 0) {
        snprintf(text, size, "--state: %s needs the header station,connector,register_wh", path);
        return false;
    }
    for (size_t i = 0; i < csv->n_rows; i++) {
        int64_t number, wh;
        char *const *field = csv->row[i].field;
        if (!read_int(field[connector], INT32_MAX, &number) ||
            !read_int(field[reading], REGISTER_MAX_WH, &wh)) {
            snprintf(text, size,
                     "--state: %s, line %zu: connector and register_wh are whole numbers; without "
                     "the file all meters begin at 0",
                     path, csv->row[i].line);
            return false;
        }
        set_register(site, point, field[station], number, wh);
    }
    return true;
}

bool state_read(const char *path, const struct site *site, struct point *const *point,
                char *ret_text, size_t size)
{
    struct csv csv;
    if (!read_lists(path, site, point, ret_text, size))
        return false;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return true;
    if (!csv_read_file(path, &csv, ret_text, size))
        return false;
    bool good = take_rows(&csv, path, site, point, ret_text, size);
    csv_done(&csv);
    return good;
}

static bool write_rows(FILE *out, const struct site *site, struct point *const *point)
{
    fputs("station,connector,register_wh\n", out);
    for (size_t i = 0; i < site->n_stations; i++)
        for (size_t k = 0; k < point_outlets(point[i]); k++)
            fprintf(out, "\"%s\",%" PRId32 ",%" PRId64 "\n", site->station[i].id,
                    site->station[i].number[k], point_register_wh(point[i], k));
    return ferror(out) == 0;
}

bool state_write(const char *path, const struct site *site, struct point *const *point,
                 char *ret_text, size_t size)
{
    char fresh[4096];
    int len = snprintf(fresh, sizeof(fresh), "%s.new", path);
    FILE *out = len > 0 && (size_t)len < sizeof(fresh) ? fopen(fresh, "w") : NULL;
    bool good = out != NULL && write_rows(out, site, point);
    if (out != NULL)
        good = fclose(out) == 0 && good;
    if (good && rename(fresh, path) == 0)
        return write_lists(path, site, point, ret_text, size);
    snprintf(ret_text, size, "--state: %s cannot be written: %s", path, strerror(errno));
    return false;
}
