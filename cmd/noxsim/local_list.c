#include "cmd/noxsim/local_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static int by_tag(const void *a, const void *b)
{
    return strcasecmp(((const struct local_entry *)a)->tag, ((const struct local_entry *)b)->tag);
}

const struct local_entry *local_list_find(const struct local_list *list, const char *tag)
{
    size_t low = 0, high = list->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcasecmp(tag, list->entry[middle].tag);
        if (order == 0)
            return &list->entry[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

int32_t local_entry_status(const struct local_entry *entry, int64_t at_ms)
{
    bool is_over = entry->expiry_ms != OCPP_TIME_ABSENT && entry->expiry_ms <= at_ms;
    return entry->status == OCPP_AUTH_ACCEPTED && is_over ? OCPP_AUTH_EXPIRED : entry->status;
}

/* Entries of a message, sorted; one without status (to be deleted) has 0.
 * @return NULL if one is not legal, or out of memory */
static struct local_entry *take_entries(const struct ocpp_send_local_list_req *req)
{
    size_t n = req->n_local_authorization_list;
    struct local_entry *list = calloc(n + 1, sizeof(*list));
    bool good = list != NULL;
    for (size_t i = 0; good && i < n; i++) {
        const struct ocpp_authorization_data *in = &req->local_authorization_list[i];
        const struct ocpp_id_tag_info *info = in->id_tag_info;
        good =
            in->id_tag != NULL && in->id_tag[0] != '\0' && strlen(in->id_tag) <= LOCAL_TAG_MAX &&
            strchr(in->id_tag, '\n') == NULL &&
            (info == NULL ? req->update_type == OCPP_UPDATE_TYPE_DIFFERENTIAL : info->status > 0);
        if (!good)
            break;
        list[i].expiry_ms = info != NULL ? info->expiry_date_ms : OCPP_TIME_ABSENT;
        list[i].status = info != NULL ? info->status : 0;
        snprintf(list[i].tag, sizeof(list[i].tag), "%.20s", in->id_tag);
        if (info != NULL && info->parent_id_tag != NULL)
            snprintf(list[i].parent, sizeof(list[i].parent), "%.20s", info->parent_id_tag);
    }
    if (good)
        qsort(list, n, sizeof(*list), by_tag);
    for (size_t i = 1; good && i < n; i++)
        good = by_tag(&list[i - 1], &list[i]) != 0;
    if (good)
        return list;
    free(list);
    return NULL;
}

/* The old list with the changes in it; both are sorted. @return NULL when out of memory */
static struct local_entry *merge(const struct local_list *old, const struct local_entry *change,
                                 size_t n_changes, size_t *ret_n)
{
    struct local_entry *fresh = calloc(old->n + n_changes + 1, sizeof(*fresh));
    size_t i = 0, k = 0, n = 0;
    while (fresh != NULL && (i < old->n || k < n_changes)) {
        int order = i == old->n ? 1 : k == n_changes ? -1 : by_tag(&old->entry[i], &change[k]);
        if (order < 0) {
            fresh[n++] = old->entry[i++];
            continue;
        }
        if (change[k].status != 0)
            fresh[n++] = change[k];
        k++;
        i += order == 0;
    }
    *ret_n = n;
    return fresh;
}

int32_t local_list_update(struct local_list *list, const struct ocpp_send_local_list_req *req,
                          size_t max_entries, size_t max_per_message)
{
    size_t n = req->n_local_authorization_list;
    bool is_full = req->update_type == OCPP_UPDATE_TYPE_FULL;
    if (req->list_version <= 0 || req->update_type <= 0 || n > max_per_message)
        return OCPP_UPDATE_STATUS_FAILED;
    if (!is_full && req->list_version <= list->version)
        return OCPP_UPDATE_STATUS_VERSION_MISMATCH;
    struct local_entry *fresh = take_entries(req);
    if (fresh != NULL && !is_full) {
        struct local_entry *change = fresh;
        fresh = merge(list, change, n, &n);
        free(change);
    }
    if (fresh == NULL || n > max_entries) {
        free(fresh);
        return OCPP_UPDATE_STATUS_FAILED;
    }
    free(list->entry);
    list->entry = n > 0 ? fresh : NULL;
    list->n = n;
    list->version = n > 0 ? req->list_version : 0; /* section 5.10: 0 says that it is empty */
    if (n == 0)
        free(fresh);
    return OCPP_UPDATE_STATUS_ACCEPTED;
}

void local_list_put(struct local_list *list, const char *tag, const struct ocpp_id_tag_info *info,
                    size_t max_entries)
{
    struct ocpp_authorization_data one = { .id_tag = tag, .id_tag_info = info };
    struct ocpp_send_local_list_req req = { .list_version = list->version + 1,
                                            .local_authorization_list = &one,
                                            .n_local_authorization_list = 1,
                                            .update_type = OCPP_UPDATE_TYPE_DIFFERENTIAL };
    if (list->n >= max_entries && local_list_find(list, tag) == NULL)
        memmove(list->entry, list->entry + 1, --list->n * sizeof(*list->entry));
    local_list_update(list, &req, max_entries, 1);
}

void local_list_done(struct local_list *list)
{
    free(list->entry);
    *list = (struct local_list){ .n = 0 };
}

/* --- on disk --- */

static const char format_head[] = "#version,%" SCNd32;

/* LENGTH,TAG,STATUS,EXPIRY,PARENT: a tag may contain commas and quotes, so its length goes first.
 */
static bool read_entry(const char *line, struct local_entry *ret)
{
    int len = 0, at = 0, more = 0;
    if (sscanf(line, "%d,%n", &len, &at) != 1 || len < 1 || len > LOCAL_TAG_MAX ||
        strlen(line + at) < (size_t)len + 1)
        return false;
    *ret = (struct local_entry){ .status = 0 };
    memcpy(ret->tag, line + at, (size_t)len);
    if (sscanf(line + at + len, ",%" SCNd32 ",%" SCNd64 ",%n", &ret->status, &ret->expiry_ms,
               &more) != 2 ||
        more == 0)
        return false;
    const char *parent = line + at + len + more;
    size_t parent_len = strcspn(parent, "\n");
    if (parent_len > LOCAL_TAG_MAX)
        return false;
    memcpy(ret->parent, parent, parent_len);
    return true;
}

static bool read_lines(FILE *in, struct local_list *list)
{
    char line[160];
    size_t room = 0;
    if (fgets(line, sizeof(line), in) == NULL || sscanf(line, format_head, &list->version) != 1)
        return false;
    while (fgets(line, sizeof(line), in) != NULL) {
        if (list->n == room) {
            room = room > 0 ? 2 * room : 256;
            struct local_entry *more = realloc(list->entry, room * sizeof(*more));
            if (more == NULL)
                return false;
            list->entry = more;
        }
        if (!read_entry(line, &list->entry[list->n]))
            return false;
        list->n++;
    }
    return ferror(in) == 0;
}

bool local_list_read(const char *path, struct local_list *ret_list, char *ret_text, size_t size)
{
    struct local_list list = { .n = 0 };
    FILE *in = fopen(path, "r");
    if (in == NULL && errno == ENOENT)
        return true;
    bool good = in != NULL && read_lines(in, &list);
    if (in != NULL)
        fclose(in);
    if (good) {
        qsort(list.entry, list.n, list.n > 0 ? sizeof(*list.entry) : 1, by_tag);
        local_list_done(ret_list);
        *ret_list = list;
        return true;
    }
    local_list_done(&list);
    snprintf(ret_text, size,
             "%s is no local list of noxsim; without the file the station has an empty list", path);
    return false;
}

static bool write_lines(FILE *out, const struct local_list *list)
{
    fprintf(out, "#version,%" PRId32 "\n", list->version);
    for (size_t i = 0; i < list->n; i++) {
        const struct local_entry *e = &list->entry[i];
        fprintf(out, "%zu,%s,%" PRId32 ",%" PRId64 ",%s\n", strlen(e->tag), e->tag, e->status,
                e->expiry_ms, e->parent);
    }
    return ferror(out) == 0;
}

bool local_list_write(const char *path, const struct local_list *list, char *ret_text, size_t size)
{
    char fresh[4096];
    int len = snprintf(fresh, sizeof(fresh), "%s.new", path);
    FILE *out = len > 0 && (size_t)len < sizeof(fresh) ? fopen(fresh, "w") : NULL;
    bool good = out != NULL && write_lines(out, list);
    if (out != NULL)
        good = fclose(out) == 0 && good;
    if (good && rename(fresh, path) == 0)
        return true;
    snprintf(ret_text, size, "--state: %s cannot be written: %s", path, strerror(errno));
    return false;
}
