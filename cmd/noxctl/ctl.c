#include "cmd/noxctl/ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 * 1024 * 1024 };

const char *ctl_flag(const struct ctl *ctl, const char *name)
{
    for (size_t i = ctl->n_flags; i > 0; i--) /* the last one counts */
        if (strcmp(ctl->flag[i - 1].name, name) == 0)
            return ctl->flag[i - 1].value;
    return NULL;
}

bool ctl_parse_int(const char *text, int64_t *ret_value)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || errno)
        return false;
    *ret_value = value;
    return true;
}

bool ctl_parse_tenths(const char *text, int64_t *ret_tenths)
{
    int64_t value = 0;
    const char *p = text;
    if (*p < '0' || *p > '9')
        return false;
    for (; *p >= '0' && *p <= '9' && p - text < 9; p++)
        value = value * 10 + (*p - '0');
    value *= 10;
    if (*p == '.' && p[1] >= '0' && p[1] <= '9') {
        value += p[1] - '0';
        p += 2;
    }
    if (*p)
        return false;
    *ret_tenths = value;
    return true;
}

bool ctl_flag_int(const struct ctl *ctl, const char *name, int64_t min, int64_t max,
                  int64_t standard, int64_t *ret_value)
{
    const char *text = ctl_flag(ctl, name);
    int64_t value = standard;
    if (text && (!ctl_parse_int(text, &value) || value < min || value > max)) {
        ctl_fail(CTL_USAGE, "--%s %s: a whole number from %" PRId64 " to %" PRId64 " is needed",
                 name, text, min, max);
        return false;
    }
    *ret_value = value;
    return true;
}

__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list args)
{
    char text[1024];
    vsnprintf(text, sizeof(text), format, args);
    for (char *p = text; *p; p++) /* may quote what a station sent: no escape sequences */
        if ((unsigned char)*p < 0x20 && *p != '\n')
            *p = '?';
    fprintf(stderr, "noxctl: %s\n", text);
}

enum ctl_exit ctl_fail(enum ctl_exit code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return code;
}

void ctl_note(const struct ctl *ctl, const char *format, ...)
{
    if (ctl->output != CTL_TABLE)
        return;
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

enum ctl_exit ctl_print_json(const struct ctl *ctl, const json_t *json)
{
    size_t flags = JSON_ENCODE_ANY | (ctl->terminal ? JSON_INDENT(2) : JSON_COMPACT);
    if (json_dumpf(json, stdout, flags | JSON_REAL_PRECISION(12)) != 0)
        return ctl_fail(CTL_FAILED, "cannot write to standard output");
    putchar('\n');
    return CTL_OK;
}

char *ctl_read_file(const char *path, size_t *ret_len)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!file) {
        ctl_fail(CTL_FAILED, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    size_t cap = 4096, len = 0, got = 0;
    char *data = malloc(cap);
    while (data && (got = fread(data + len, 1, cap - len - 1, file)) > 0) {
        len += got;
        if (cap - len > 1)
            continue;
        char *more = cap < FILE_MAX ? realloc(data, cap * 2) : NULL;
        if (!more) {
            free(data);
            data = NULL;
            break;
        }
        data = more;
        cap *= 2;
    }
    bool failed = ferror(file) != 0;
    if (file != stdin)
        fclose(file);
    if (!data || failed) {
        ctl_fail(CTL_FAILED, "cannot read %s: %s", path, failed ? "input error" : "too large");
        free(data);
        return NULL;
    }
    data[len] = '\0';
    *ret_len = len;
    return data;
}
