#include "cmd/noxd/frames_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char MAGIC[4] = { 'N', 'X', 'F', '1' };
static const char INDEX_MAGIC[8] = "NXI1\n";

const char *frame_kind_text(int kind)
{
    static const char *const text[FRAME_KINDS] = { "", "in", "out", "opened", "closed", "refused" };
    return kind > 0 && kind < FRAME_KINDS ? text[kind] : "";
}

/* --- numbers --- */

static void put_number(char *to, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (char)(value >> (8 * i) & 0xFF);
}

static uint64_t get_number(const char *from, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value |= (uint64_t)(unsigned char)from[i] << (8 * i);
    return value;
}

static char *put_varint(char *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (char)(value | 0x80);
    *to++ = (char)value;
    return to;
}

static bool get_varint(const char **at, const char *end, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        unsigned char byte = (unsigned char)*(*at)++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t value)
{
    uint64_t half = value >> 1;
    return (int64_t)((value & 1) != 0 ? ~half : half);
}

/* Finds damage, not forgery. */
static uint64_t sum_of(const char *bytes, size_t len)
{
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ len;
    for (; len >= 8; bytes += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        h = (h ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
        h ^= h >> 32;
    }
    for (; len > 0; bytes++, len--)
        h = (h ^ (unsigned char)*bytes) * UINT64_C(0xC4CEB9FE1A85EC53);
    return h ^ (h >> 29);
}

/* --- a block being filled --- */

void frames_block_begin(struct frames_block *b, char *bytes, size_t room)
{
    *b = (struct frames_block){ .bytes = bytes, .room = room, .len = FRAMES_BLOCK_HEAD };
}

static char *put_span(char *to, struct frame_span span)
{
    to = put_varint(to, span.len);
    if (span.len > 0)
        memcpy(to, span.at, span.len);
    return to + span.len;
}

static struct frame_span cut(struct frame_span span)
{
    if (span.len > FRAMES_NAME_MAX)
        span.len = FRAMES_NAME_MAX;
    return span;
}

bool frames_block_add(struct frames_block *b, const struct frame_record *r)
{
    struct frame_span station = cut(r->station), address = cut(r->address);
    size_t most = 64 + station.len + address.len + r->text.len; /* six varints and a kind */
    if (b->room - b->len < most)
        return false;
    if (b->n == 0) {
        b->first_no = r->no;
        b->first_ms = b->last_ms = r->at_ms;
    }
    char *to = b->bytes + b->len;
    to = put_varint(to, zigzag(r->at_ms - b->before_ms));
    *to++ = (char)r->kind;
    to = put_varint(to, r->connection);
    to = put_span(to, station);
    to = put_varint(to, r->code);
    to = put_span(to, address);
    to = put_span(to, r->text);
    b->len = (size_t)(to - b->bytes);
    b->before_ms = r->at_ms;
    b->first_ms = r->at_ms < b->first_ms ? r->at_ms : b->first_ms;
    b->last_ms = r->at_ms > b->last_ms ? r->at_ms : b->last_ms;
    b->n++;
    return true;
}

/*
 * Head: 0 magic, 4 bytes of records, 8 their sum, 16 number of the first record, 24 the earliest
 * instant, 32 the latest, 40 count of records, 44 zero, 48 sum of 0..47.
 */
size_t frames_block_end(struct frames_block *b)
{
    if (b->n == 0)
        return 0;
    char *head = b->bytes;
    size_t n_bytes = b->len - FRAMES_BLOCK_HEAD;
    memcpy(head, MAGIC, sizeof(MAGIC));
    put_number(head + 4, n_bytes, 4);
    put_number(head + 8, sum_of(head + FRAMES_BLOCK_HEAD, n_bytes), 8);
    put_number(head + 16, b->first_no, 8);
    put_number(head + 24, (uint64_t)b->first_ms, 8);
    put_number(head + 32, (uint64_t)b->last_ms, 8);
    put_number(head + 40, b->n, 4);
    put_number(head + 44, 0, 4);
    put_number(head + 48, sum_of(head, 48), 8);
    return b->len;
}

/* --- reading --- */

static bool is_head(const char *head)
{
    return memcmp(head, MAGIC, sizeof(MAGIC)) == 0 && get_number(head + 48, 8) == sum_of(head, 48);
}

/* @return the next place that looks like a head, or the end */
static size_t find_head(const struct frames_cursor *c, size_t at)
{
    while (c->len - at >= FRAMES_BLOCK_HEAD) {
        const char *found = memchr(c->bytes + at, MAGIC[0], c->len - at - FRAMES_BLOCK_HEAD + 1);
        if (found == NULL)
            break;
        at = (size_t)(found - c->bytes);
        if (is_head(found))
            return at;
        at++;
    }
    return c->len;
}

bool frames_next_block(struct frames_cursor *c, struct frames_view *ret_view)
{
    for (;;) {
        c->at = find_head(c, c->at);
        if (c->at >= c->len)
            return false;
        const char *head = c->bytes + c->at, *records = head + FRAMES_BLOCK_HEAD;
        size_t n_bytes = (size_t)get_number(head + 4, 4);
        if (n_bytes > FRAMES_BLOCK_MAX || n_bytes > c->len - c->at - FRAMES_BLOCK_HEAD ||
            sum_of(records, n_bytes) != get_number(head + 8, 8)) {
            c->at++; /* torn or damaged: there may be a whole one behind it */
            continue;
        }
        *ret_view = (struct frames_view){ .at = records,
                                          .end = records + n_bytes,
                                          .no = get_number(head + 16, 8),
                                          .first_ms = (int64_t)get_number(head + 24, 8),
                                          .last_ms = (int64_t)get_number(head + 32, 8),
                                          .left = (uint32_t)get_number(head + 40, 4) };
        c->at += FRAMES_BLOCK_HEAD + n_bytes;
        return true;
    }
}

static bool get_span(const char **at, const char *end, struct frame_span *ret_span)
{
    uint64_t len;
    if (!get_varint(at, end, &len) || len > (uint64_t)(end - *at))
        return false;
    *ret_span = (struct frame_span){ *at, (size_t)len };
    *at += len;
    return true;
}

bool frames_next(struct frames_view *v, struct frame_record *ret_record)
{
    uint64_t step, code;
    struct frame_record r = { .no = v->no };
    if (v->left == 0 || !get_varint(&v->at, v->end, &step) || v->at == v->end)
        return false;
    r.kind = (uint8_t)*v->at++;
    if (r.kind == 0 || r.kind >= FRAME_KINDS || !get_varint(&v->at, v->end, &r.connection) ||
        !get_span(&v->at, v->end, &r.station) || !get_varint(&v->at, v->end, &code) ||
        code > UINT16_MAX || !get_span(&v->at, v->end, &r.address) ||
        !get_span(&v->at, v->end, &r.text))
        return false;
    r.code = (uint16_t)code;
    /* Wrapped sums are defined, and a forged block may hold anything. */
    v->at_ms = (int64_t)((uint64_t)v->at_ms + (uint64_t)unzigzag(step));
    r.at_ms = v->at_ms;
    v->left--;
    v->no++;
    *ret_record = r;
    return true;
}

/* --- index --- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum { INDEX_HEAD = 40 }; /* magic, sum of the rest, first, last, count */

bool frames_index_read(const char *path, struct frames_index *ret_index)
{
    struct frames_bytes file = { .at = NULL };
    bool good = frames_load(path, &file);
    char *bytes = file.at;
    size_t len = file.len;
    struct frames_index index = { .memory = bytes };
    good = good && len >= INDEX_HEAD && memcmp(bytes, INDEX_MAGIC, 8) == 0 &&
           get_number(bytes + 8, 8) == sum_of(bytes + 16, len - 16);
    if (good) {
        index.first_ms = (int64_t)get_number(bytes + 16, 8);
        index.last_ms = (int64_t)get_number(bytes + 24, 8);
        index.n_stations = (size_t)get_number(bytes + 32, 8);
        good = index.n_stations <= len - INDEX_HEAD;
    }
    if (good)
        good = (index.station = calloc(index.n_stations + 1, sizeof(*index.station))) != NULL;
    const char *name = bytes != NULL ? bytes + INDEX_HEAD : NULL;
    for (size_t i = 0; good && i < index.n_stations; i++) {
        index.station[i] = name;
        name += strlen(name) + 1;
        good = name <= bytes + len;
    }
    if (good)
        *ret_index = index;
    else
        frames_index_done(&index);
    return good;
}

bool frames_index_write(const char *path, const struct frames_index *index)
{
    size_t len = INDEX_HEAD;
    for (size_t i = 0; i < index->n_stations; i++)
        len += strlen(index->station[i]) + 1;
    char *bytes = malloc(len);
    if (bytes == NULL)
        return false;
    memcpy(bytes, INDEX_MAGIC, 8);
    put_number(bytes + 16, (uint64_t)index->first_ms, 8);
    put_number(bytes + 24, (uint64_t)index->last_ms, 8);
    put_number(bytes + 32, index->n_stations, 8);
    char *to = bytes + INDEX_HEAD;
    for (size_t i = 0; i < index->n_stations; i++) {
        size_t n = strlen(index->station[i]) + 1;
        memcpy(to, index->station[i], n);
        to += n;
    }
    put_number(bytes + 8, sum_of(bytes + 16, len - 16), 8);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, bytes, len) == (ssize_t)len;
    if (fd >= 0 && close(fd) != 0)
        good = false;
    free(bytes);
    if (!good)
        unlink(path);
    return good;
}

bool frames_index_has(const struct frames_index *index, const char *station)
{
    return index->n_stations > 0 && bsearch(&station, index->station, index->n_stations,
                                            sizeof(*index->station), compare_names) != NULL;
}

void frames_index_done(struct frames_index *index)
{
    free(index->memory);
    free(index->station);
    *index = (struct frames_index){ .memory = NULL };
}

/* --- names --- */

static size_t name_slot(const struct frames_names *names, const char *at, size_t len)
{
    size_t i = (size_t)sum_of(at, len) & (names->n_slots - 1);
    while (names->slot[i] != NULL &&
           (strncmp(names->slot[i], at, len) != 0 || names->slot[i][len] != '\0'))
        i = (i + 1) & (names->n_slots - 1);
    return i;
}

static bool names_grow(struct frames_names *names)
{
    struct frames_names more = { .n_slots = names->n_slots > 0 ? 2 * names->n_slots : 256,
                                 .n = names->n };
    more.slot = calloc(more.n_slots, sizeof(*more.slot));
    if (more.slot == NULL)
        return false;
    for (size_t i = 0; i < names->n_slots; i++)
        if (names->slot[i] != NULL)
            more.slot[name_slot(&more, names->slot[i], strlen(names->slot[i]))] = names->slot[i];
    free(names->slot);
    *names = more;
    return true;
}

bool frames_names_add(struct frames_names *names, struct frame_span name)
{
    if (2 * (names->n + 1) > names->n_slots && !names_grow(names))
        return false;
    if (name.len > 0 && memchr(name.at, '\0', name.len) != NULL)
        return true; /* no station has such a name */
    size_t i = name_slot(names, name.len > 0 ? name.at : "", name.len);
    if (names->slot[i] != NULL)
        return true;
    char *copy = malloc(name.len + 1);
    if (copy == NULL)
        return false;
    if (name.len > 0)
        memcpy(copy, name.at, name.len);
    copy[name.len] = '\0';
    names->slot[i] = copy;
    names->n++;
    return true;
}

void frames_names_done(struct frames_names *names)
{
    for (size_t i = 0; i < names->n_slots; i++)
        free(names->slot[i]);
    free(names->slot);
    *names = (struct frames_names){ .slot = NULL };
}

bool frames_names_index(const struct frames_names *names, struct frames_index *ret_index)
{
    const char **station = calloc(names->n + 1, sizeof(*station));
    size_t n = 0;
    if (station == NULL)
        return false;
    for (size_t i = 0; i < names->n_slots; i++)
        if (names->slot[i] != NULL)
            station[n++] = names->slot[i];
    qsort(station, n, sizeof(*station), compare_names);
    ret_index->station = station;
    ret_index->n_stations = n;
    return true;
}

/* --- the folder --- */

void frames_path(const char *dir, uint64_t number, const char *ext, char *buf, size_t size)
{
    snprintf(buf, size, "%s/%010" PRIu64 ".%s", dir, number, ext);
}

static int64_t file_bytes(const char *dir, uint64_t number, const char *ext)
{
    char path[600];
    struct stat info;
    frames_path(dir, number, ext, path, sizeof(path));
    return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static bool segment_number(const char *name, uint64_t *ret_number)
{
    char *end;
    if (strspn(name, "0123456789") < 10 || strlen(name) > 30)
        return false;
    *ret_number = strtoull(name, &end, 10);
    return strcmp(end, ".frames") == 0;
}

static int compare_segments(const void *a, const void *b)
{
    const struct frames_segment *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

struct frames_segment *frames_list(const char *dir, size_t *ret_n)
{
    struct frames_segment *list = NULL;
    size_t n = 0, room = 0;
    DIR *folder = opendir(dir);
    *ret_n = 0;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        uint64_t number;
        if (!segment_number(entry->d_name, &number))
            continue;
        if (n == room) {
            room = room > 0 ? 2 * room : 64;
            struct frames_segment *grown = realloc(list, room * sizeof(*list));
            if (grown == NULL)
                break;
            list = grown;
        }
        list[n++] = (struct frames_segment){ number, file_bytes(dir, number, "frames") +
                                                         file_bytes(dir, number, "index") };
    }
    if (folder != NULL)
        closedir(folder);
    if (n > 0)
        qsort(list, n, sizeof(*list), compare_segments);
    *ret_n = n;
    return list;
}

bool frames_load(const char *path, struct frames_bytes *ret_bytes)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    size_t len = 0, room = good ? (size_t)info.st_size : 0;
    char *bytes = good ? malloc(room + 1) : NULL;
    while (bytes != NULL && len < room) {
        ssize_t n = read(fd, bytes + len, room - len);
        if (n <= 0)
            break; /* what could be read is shown */
        len += (size_t)n;
    }
    if (fd >= 0)
        close(fd);
    if (bytes == NULL)
        return false;
    bytes[len] = '\0';
    *ret_bytes = (struct frames_bytes){ bytes, len };
    return true;
}

void frames_bytes_done(struct frames_bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct frames_bytes){ .at = NULL };
}
