#include "cmd/noxd/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/route.h"
#include "ocpp/wire/redact.h"

enum { BODY_SHOWN = 200 };

/* Requests that change nothing, or that have a record of their own. */
static const char *const unnoted[] = {
    "/v1/stations/{id}/calls", /* the call log */
    "/v1/stations/{id}/certs/query",
    "/v1/grid/prove",
    "/v1/firmware/pieces/{id}", /* the firmware that is made of them is noted */
    "/v1/grid/{node}/meter",    /* comes every minute */
    "/v1/grid/meters",
};

static bool is_change(const struct request *r)
{
    const char *dry_run = request_query(r, "dry_run");
    if (r->route == NULL || r->status < 200 || r->status >= 300 ||
        strcmp(r->route->method, "GET") == 0)
        return false;
    for (size_t i = 0; i < sizeof(unnoted) / sizeof(unnoted[0]); i++)
        if (strcmp(r->route->path, unnoted[i]) == 0)
            return false;
    return dry_run == NULL || strcmp(dry_run, "0") == 0 || strcmp(dry_run, "false") == 0;
}

/* Keys of CAs and stations come in bodies: those are not shown at all. */
static bool may_show(const struct request *r)
{
    return r->json != NULL && json_object_size(r->json) > 0 &&
           strstr(r->route->path, "/key") == NULL && strstr(r->route->path, "/certs") == NULL;
}

static void body_of(const struct request *r, char *ret_text, size_t size)
{
    json_t *copy = may_show(r) ? json_deep_copy(r->json) : NULL;
    ocpp_redact(copy);
    char *text = copy != NULL ? json_dumps(copy, JSON_COMPACT) : NULL;
    if (text != NULL)
        snprintf(ret_text, size, " %.*s%s", BODY_SHOWN, text,
                 strlen(text) > BODY_SHOWN ? "..." : "");
    free(text);
    json_decref(copy);
}

static void path_of(const struct request *r, char *ret_path, size_t size)
{
    size_t used = 0, n = 0;
    for (const char *p = r->route->path; *p != '\0' && used + 1 < size;) {
        if (*p != '{') {
            ret_path[used++] = *p++;
            continue;
        }
        int len = snprintf(ret_path + used, size - used, "%.100s", r->param[n++]);
        used += (size_t)len < size - used ? (size_t)len : size - used - 1;
        p = strchr(p, '}') + 1;
    }
    ret_path[used] = '\0';
}

void audit_note(const struct request *r)
{
    const struct admin_options *options = &r->admin->options;
    if (options->tell == NULL || !is_change(r))
        return;
    char path[320], body[BODY_SHOWN + 16] = "", text[900];
    path_of(r, path, sizeof(path));
    body_of(r, body, sizeof(body));
    const char *why = request_why(r);
    snprintf(text, sizeof(text), "%s: %s %s%s%s%.200s", request_who(r), r->route->method, path,
             body, why[0] != '\0' ? "; why: " : "", why);
    bool of_station = strncmp(r->route->path, "/v1/stations/{id}", 17) == 0;
    struct store_event event = { .at_ms = admin_now(r->admin).utc_ms,
                                 .name = "admin.change",
                                 .severity = STORE_INFO,
                                 .station = of_station ? r->param[0] : NULL,
                                 .connector = -1,
                                 .text = text };
    options->tell(options->arg, &event);
}
