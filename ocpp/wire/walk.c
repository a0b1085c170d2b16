#include "ocpp/wire/walk.h"

#include <stdio.h>
#include <string.h>

/* Append to a text in a fixed buffer; what does not fit is cut. */
static void append(char *buf, size_t size, size_t *len, const char *text)
{
    size_t room = size - 1 - *len;
    size_t n = strlen(text);
    if (n > room)
        n = room;
    memcpy(buf + *len, text, n);
    *len += n;
    buf[*len] = '\0';
}

static void print_step(const struct ocpp_path *path, char *buf, size_t size, size_t *len)
{
    if (!path->up)
        return;
    print_step(path->up, buf, size, len);
    if (path->name) {
        if (*len > 0)
            append(buf, size, len, ".");
        append(buf, size, len, path->name);
        return;
    }
    char index[32];
    snprintf(index, sizeof(index), "[%zu]", path->index);
    append(buf, size, len, index);
}

void ocpp_path_print(const struct ocpp_path *path, char *buf, size_t size)
{
    size_t len = 0;
    buf[0] = '\0';
    print_step(path, buf, size, &len);
    if (len == 0)
        append(buf, size, &len, "the payload");
}

/* "<path> <sentence>" */
__attribute__((format(printf, 4, 0))) static void print_sentence(char *buf, size_t size,
                                                                 const struct ocpp_path *path,
                                                                 const char *format, va_list args)
{
    char where[80];
    ocpp_path_print(path, where, sizeof(where));
    size_t len = 0;
    append(buf, size, &len, where);
    append(buf, size, &len, " ");
    vsnprintf(buf + len, size - len, format, args);
}

enum ocpp_error_code ocpp_report_fail(struct ocpp_report *report, const struct ocpp_path *path,
                                      enum ocpp_error_code code, const char *format, va_list args)
{
    report->code = code;
    ocpp_path_print(path, report->path, sizeof(report->path));
    print_sentence(report->text, sizeof(report->text), path, format, args);
    return code;
}

void ocpp_report_violation(struct ocpp_report *report, const struct ocpp_path *path,
                           const char *format, va_list args)
{
    if (report->violations++ == 0)
        print_sentence(report->first_violation, sizeof(report->first_violation), path, format,
                       args);
}

void ocpp_enum_list(const struct ocpp_enum *members, char *buf, size_t size)
{
    size_t len = 0;
    buf[0] = '\0';
    for (int32_t i = 0; i < members->n; i++) {
        if (i > 0)
            append(buf, size, &len, ", ");
        append(buf, size, &len, members->texts[i]);
    }
    if (len == size - 1 && size > 4)
        memcpy(buf + size - 4, "...", 4);
}
