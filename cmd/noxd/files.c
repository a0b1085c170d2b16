#include "cmd/noxd/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cmd/noxd/work.h"
#include "ocpp/server/file_request.h"

enum { TOKEN_BYTES = 32, BUCKETS = 1024, READ_BYTES = 65536, TELL_EVERY_MS = 10000 };
/* Of the disk, left to the database: without room for it no station is confirmed anything. */
static const uint64_t RESERVE_BYTES = UINT64_C(256) * 1024 * 1024;

/* A live address. */
struct grant {
    struct grant *next; /* of the same bucket */
    uint8_t hash[32];
    int64_t job;
    int32_t kind;
    int64_t firmware;
};

/* An upload that is kept; in order of age. */
struct kept {
    char name[160];
    uint64_t bytes;
};

/* One that is on its way: room is held for it. */
struct coming {
    struct coming *next;
    int64_t job;
    uint64_t bytes;
    bool storing;
};

struct files {
    struct files_options options;
    struct central *central;
    struct ws_server *ws;
    struct work *work;
    struct grant *bucket[BUCKETS];
    struct kept *kept;
    size_t n_kept, room_kept;
    struct coming *coming;
    int64_t told_mono_ms; /* of an upload that was refused, at last */
    uint64_t used;        /* bytes, with what is on its way */
    char folder[512];
};

/* --- paths --- */

static const char *const folders[] = { "firmware", "uploads", "tmp" };

void files_piece_path(const struct files *f, const char *id, char *ret_path, size_t size)
{
    snprintf(ret_path, size, "%s/tmp/firmware-%.40s.part", f->folder, id);
}

void files_upload_path(const struct files *f, const char *file, char *ret_path, size_t size)
{
    snprintf(ret_path, size, "%s/uploads/%s", f->folder, file);
}

void files_firmware_path(const struct files *f, const char *sha256, char *ret_path, size_t size)
{
    snprintf(ret_path, size, "%s/firmware/%s", f->folder, sha256);
}

static void part_path(const struct files *f, int64_t job, char *ret_path, size_t size)
{
    snprintf(ret_path, size, "%s/tmp/%" PRId64 ".part", f->folder, job);
}

/* --- removing, on the worker --- */

static void run_unlink(void *arg)
{
    unlink(arg);
}

static void unlink_later(struct files *f, const char *path)
{
    char *copy = strdup(path);
    if (copy != NULL && (f->work == NULL || !work_submit(f->work, run_unlink, free, copy))) {
        unlink(copy); /* at the end */
        free(copy);
    }
}

static void forget_kept(struct files *f, size_t i)
{
    f->used -= f->kept[i].bytes < f->used ? f->kept[i].bytes : f->used;
    memmove(&f->kept[i], &f->kept[i + 1], (f->n_kept - i - 1) * sizeof(f->kept[0]));
    f->n_kept--;
}

static bool remove_kept(struct files *f, size_t i, struct store_done done)
{
    char path[700], name[160];
    memcpy(name, f->kept[i].name, sizeof(name));
    files_upload_path(f, name, path, sizeof(path));
    unlink_later(f, path);
    forget_kept(f, i);
    return store_file_forget(f->options.store, name, done);
}

bool files_remove(struct files *f, const char *file, struct store_done done)
{
    for (size_t i = 0; i < f->n_kept; i++)
        if (strcmp(f->kept[i].name, file) == 0)
            return remove_kept(f, i, done);
    return false;
}

void files_remove_firmware(struct files *f, const char *sha256, uint64_t bytes)
{
    char path[700];
    files_firmware_path(f, sha256, path, sizeof(path));
    unlink_later(f, path);
    files_used(f, -(int64_t)bytes);
}

/* --- room --- */

void files_used(struct files *f, int64_t bytes)
{
    if (bytes < 0 && (uint64_t)-bytes > f->used)
        f->used = 0;
    else
        f->used += (uint64_t)bytes;
}

static bool disk_has_room(const struct files *f, uint64_t bytes)
{
    struct statvfs info;
    uint64_t wanted = RESERVE_BYTES + bytes;
    for (const struct coming *c = f->coming; c != NULL; c = c->next)
        wanted += c->bytes;
    return statvfs(f->folder, &info) != 0 || /* the write will tell */
           (uint64_t)info.f_bavail * info.f_frsize >= wanted;
}

bool files_make_room(struct files *f, uint64_t bytes, char *ret_text, size_t size)
{
    if (!disk_has_room(f, bytes)) {
        snprintf(ret_text, size,
                 "the disk of DIR/files has no room for %" PRIu64
                 " bytes beside the 256 MiB that are left to the database",
                 bytes);
        return false;
    }
    struct store_done nobody = { .fn = NULL };
    uint64_t uploads = 0, max = f->options.files_max_bytes;
    size_t n = 0;
    for (size_t i = 0; i < f->n_kept; i++)
        uploads += f->kept[i].bytes;
    if (bytes > max || f->used - (uploads < f->used ? uploads : f->used) > max - bytes) {
        snprintf(ret_text, size,
                 "the quota of DIR/files (%" PRIu64 " bytes) does not hold %" PRIu64
                 " more; raise --files-max-bytes or remove firmware",
                 max, bytes);
        return false;
    }
    for (; f->used > max - bytes && f->n_kept > 0; n++)
        remove_kept(f, 0, nobody);
    if (n > 0) {
        char text[160];
        snprintf(text, sizeof(text),
                 "the quota of DIR/files is reached: the %zu oldest upload%s removed", n,
                 n == 1 ? " was" : "s were");
        f->options.event(f->options.arg, "file.pruned", STORE_WARNING, text);
    }
    return true;
}

static struct coming *coming_of(struct files *f, int64_t job)
{
    for (struct coming *c = f->coming; c != NULL; c = c->next)
        if (c->job == job)
            return c;
    return NULL;
}

static void forget_coming(struct files *f, int64_t job)
{
    for (struct coming **p = &f->coming; *p != NULL; p = &(*p)->next)
        if ((*p)->job == job) {
            struct coming *c = *p;
            *p = c->next;
            files_used(f, -(int64_t)c->bytes);
            free(c);
            return;
        }
}

/* Once in a while: whoever is refused may ask again at once. */
static void tell_refused(struct files *f, const char *name, enum store_severity severity,
                         const char *text)
{
    int64_t now_mono_ms = loop_now(f->options.loop).mono_ms;
    if (f->told_mono_ms != 0 && now_mono_ms - f->told_mono_ms < TELL_EVERY_MS)
        return;
    f->told_mono_ms = now_mono_ms;
    f->options.event(f->options.arg, name, severity, text);
}

static int port_room(void *arg, int64_t job, uint64_t total, char *ret_text, size_t size)
{
    struct files *f = arg;
    struct coming *c = coming_of(f, job);
    if (c != NULL && c->storing) {
        snprintf(ret_text, size, "the file is complete and being stored");
        return 503;
    }
    if (total > f->options.upload_max_bytes) {
        snprintf(ret_text, size, "an upload may have at most %" PRIu64 " bytes",
                 f->options.upload_max_bytes);
        tell_refused(f, "file.too_large", STORE_WARNING,
                     "an upload was refused: raise --upload-max-bytes if it is wanted");
        return 413;
    }
    forget_coming(f, job); /* it is sent again, or goes on */
    if (!files_make_room(f, total, ret_text, size)) {
        tell_refused(f, "file.quota", STORE_ALARM, ret_text);
        return 507;
    }
    c = malloc(sizeof(*c));
    if (c == NULL) {
        snprintf(ret_text, size, "out of memory; try again");
        return 503;
    }
    *c = (struct coming){ .next = f->coming, .job = job, .bytes = total };
    f->coming = c;
    f->used += total;
    return 0;
}

/* --- addresses --- */

static void to_hex(const uint8_t *bytes, size_t n, char *ret_hex)
{
    for (size_t i = 0; i < n; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", bytes[i]);
}

static bool from_hex(const char *hex, uint8_t *ret_bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        if (strspn(hex + 2 * i, "0123456789abcdef") < 2 || sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        ret_bytes[i] = (uint8_t)byte;
    }
    return hex[2 * n] == '\0';
}

static bool hash_token(const char *token, uint8_t ret_hash[32])
{
    return EVP_Digest(token, strlen(token), ret_hash, NULL, EVP_sha256(), NULL) == 1;
}

static struct grant **bucket_of(struct files *f, const uint8_t hash[32])
{
    return &f->bucket[(hash[0] | hash[1] << 8) % BUCKETS];
}

static void drop_grants(struct files *f, int64_t job)
{
    for (size_t b = 0; b < BUCKETS; b++)
        for (struct grant **p = &f->bucket[b]; *p != NULL;) {
            struct grant *g = *p;
            if (g->job != job) {
                p = &g->next;
                continue;
            }
            *p = g->next;
            free(g);
        }
}

void files_job_changed(struct files *f, const struct store_file_job *job)
{
    bool is_over = job->state >= STORE_FILE_DONE || job->file != NULL;
    uint8_t hash[32];
    char path[700];
    if (job->token == NULL || !from_hex(job->token, hash, sizeof(hash)))
        return;
    struct grant **bucket = bucket_of(f, hash);
    for (struct grant *g = *bucket; g != NULL; g = g->next)
        if (g->job == job->id && memcmp(g->hash, hash, sizeof(hash)) == 0 && !is_over)
            return; /* as it was */
    drop_grants(f, job->id);
    if (is_over) {
        struct coming *c = coming_of(f, job->id);
        if (job->kind > STORE_FILE_SIGNED_FIRMWARE && (c == NULL || !c->storing)) {
            forget_coming(f, job->id);
            part_path(f, job->id, path, sizeof(path));
            unlink_later(f, path);
        }
        return;
    }
    struct grant *g = malloc(sizeof(*g));
    if (g == NULL)
        return;
    *g = (struct grant){ .next = *bucket,
                         .job = job->id,
                         .kind = job->kind,
                         .firmware = job->firmware };
    memcpy(g->hash, hash, sizeof(hash));
    *bucket = g;
}

static bool port_find(void *arg, const char *token, struct ws_file_grant *ret)
{
    struct files *f = arg;
    uint8_t hash[32];
    if (!hash_token(token, hash))
        return false;
    struct grant *g = *bucket_of(f, hash);
    while (g != NULL && CRYPTO_memcmp(g->hash, hash, sizeof(hash)) != 0)
        g = g->next;
    if (g == NULL)
        return false;
    *ret =
        (struct ws_file_grant){ .job = g->job, .is_upload = g->kind > STORE_FILE_SIGNED_FIRMWARE };
    central_file_moved(f->central, g->job);
    if (ret->is_upload) {
        part_path(f, g->job, ret->path, sizeof(ret->path));
        return true;
    }
    const struct store_firmware *fw = central_firmware_find(f->central, g->firmware);
    if (fw == NULL)
        return false;
    files_firmware_path(f, fw->sha256, ret->path, sizeof(ret->path));
    snprintf(ret->etag, sizeof(ret->etag), "\"%s\"", fw->sha256);
    return true;
}

/* 256 random bits in the alphabet of base64url. */
static bool make_token(char ret_token[FILE_TOKEN_CHARS + 1])
{
    uint8_t bytes[TOKEN_BYTES];
    char text[48];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)text, bytes, TOKEN_BYTES);
    for (size_t i = 0; i < FILE_TOKEN_CHARS; i++)
        ret_token[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
    ret_token[FILE_TOKEN_CHARS] = '\0';
    OPENSSL_cleanse(bytes, sizeof(bytes));
    OPENSSL_cleanse(text, sizeof(text));
    return true;
}

/* https where the station's profile has TLS, else http, of what the operator names; without
 * that as the station came. */
static const char *base_for(const struct files *f, void *link, int32_t security_profile)
{
    const char *const *url = f->options.public_url;
    const char *wanted = security_profile >= 2 ? "https://" : "http://";
    for (size_t i = 0; i < FILES_PUBLIC_MAX && url[i] != NULL; i++)
        if (strncmp(url[i], wanted, strlen(wanted)) == 0)
            return url[i];
    return url[0] != NULL ? url[0] : ws_server_base(link);
}

bool files_offer(struct files *f, void *link, struct central_offer *offer)
{
    char token[FILE_TOKEN_CHARS + 1], name[FILE_NAME_SIZE];
    uint8_t hash[32];
    const struct store_firmware *fw = central_firmware_find(f->central, offer->firmware);
    const char *base = base_for(f, link, offer->security_profile);
    if (base == NULL || !make_token(token) || !hash_token(token, hash))
        return false;
    if (fw != NULL)
        file_name_clean(fw->name, name);
    else
        file_name_clean(store_file_kind_text(offer->kind), name);
    size_t len = strlen(base);
    while (len > 0 && base[len - 1] == '/')
        len--;
    int n =
        snprintf(offer->url, sizeof(offer->url), "%.*s/files/%s/%s", (int)len, base, token, name);
    to_hex(hash, sizeof(hash), offer->token);
    OPENSSL_cleanse(token, sizeof(token));
    return n > 0 && (size_t)n < sizeof(offer->url);
}

/* --- an upload is complete --- */

struct storing {
    struct files *files;
    int64_t job;
    uint64_t ticket;
    char from[700], to[700], file[160], sha256[65], folder[600];
    int64_t bytes;
    bool good;
    int error;
};

static bool hash_file(int fd, char ret_hex[65], int64_t *ret_bytes)
{
    unsigned char *piece = malloc(READ_BYTES), digest[32];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = piece != NULL && ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    ssize_t n = 0;
    *ret_bytes = 0;
    while (good && (n = pread(fd, piece, READ_BYTES, (off_t)*ret_bytes)) > 0) {
        good = EVP_DigestUpdate(ctx, piece, (size_t)n) == 1;
        *ret_bytes += n;
    }
    good = good && n == 0 && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
    if (good)
        to_hex(digest, sizeof(digest), ret_hex);
    EVP_MD_CTX_free(ctx);
    free(piece);
    return good;
}

static void sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static void run_store(void *arg)
{
    struct storing *s = arg;
    int fd = open(s->from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    s->good = fd >= 0 && hash_file(fd, s->sha256, &s->bytes) && fsync(fd) == 0 &&
              rename(s->from, s->to) == 0;
    s->error = errno;
    if (fd >= 0)
        close(fd);
    if (s->good)
        sync_folder(s->folder);
}

static void answer_stored(void *arg, enum store_rc rc, const union store_result *result)
{
    struct storing *s = arg;
    (void)result;
    ws_files_answer(s->files->ws, s->ticket, rc == STORE_OK ? 201 : 503,
                    rc == STORE_OK ? "stored" : "the record cannot be written; try again");
    free(s);
}

static bool add_kept(struct files *f, const char *name, uint64_t bytes)
{
    size_t len = strlen(name);
    if (len >= sizeof(f->kept->name))
        return true; /* none of ours */
    if (f->n_kept == f->room_kept) {
        size_t room = f->room_kept > 0 ? 2 * f->room_kept : 64;
        struct kept *grown = realloc(f->kept, room * sizeof(*grown));
        if (grown == NULL)
            return false;
        f->kept = grown;
        f->room_kept = room;
    }
    struct kept *k = &f->kept[f->n_kept++];
    memcpy(k->name, name, len + 1);
    k->bytes = bytes;
    return true;
}

static void done_store(void *arg)
{
    struct storing *s = arg;
    struct files *f = s->files;
    struct store_done done = { answer_stored, s };
    forget_coming(f, s->job);
    if (s->good && add_kept(f, s->file, (uint64_t)s->bytes)) {
        f->used += (uint64_t)s->bytes;
        if (central_file_received(f->central, s->job, s->file, s->sha256, s->bytes, done,
                                  loop_now(f->options.loop)))
            return;
        remove_kept(f, f->n_kept - 1, (struct store_done){ .fn = NULL });
        ws_files_answer(f->ws, s->ticket, 404, "the request for this file is over");
    } else if (f->ws != NULL) {
        ws_files_answer(f->ws, s->ticket, s->error == ENOSPC ? 507 : 500,
                        "the file cannot be stored; try again");
    }
    free(s);
}

static void port_uploaded(void *arg, int64_t job, const char *name, uint64_t ticket)
{
    struct files *f = arg;
    struct coming *c = coming_of(f, job);
    struct storing *s = calloc(1, sizeof(*s));
    if (s == NULL || c == NULL || c->storing) {
        free(s);
        ws_files_answer(f->ws, ticket, 503, "try again");
        return;
    }
    c->storing = true;
    s->files = f;
    s->job = job;
    s->ticket = ticket;
    snprintf(s->file, sizeof(s->file), "%" PRId64 "-%s", job, name[0] != '\0' ? name : "upload");
    part_path(f, job, s->from, sizeof(s->from));
    files_upload_path(f, s->file, s->to, sizeof(s->to));
    snprintf(s->folder, sizeof(s->folder), "%s/uploads", f->folder);
    if (f->work != NULL && work_submit(f->work, run_store, done_store, s))
        return;
    c->storing = false;
    free(s);
    ws_files_answer(f->ws, ticket, 503, "out of memory; try again");
}

struct ws_file_port files_port(struct files *f)
{
    return (struct ws_file_port){ .arg = f,
                                  .find = port_find,
                                  .room = port_room,
                                  .uploaded = port_uploaded };
}

/* --- start and end --- */

static int by_age(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    long long left = strtoll(x->name, NULL, 10), right = strtoll(y->name, NULL, 10);
    return left < right ? -1 : left > right;
}

/* What is there; parts of uploads that no job waits for go. */
static void look_around(struct files *f)
{
    char path[1100];
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", f->folder, folders[i]);
        DIR *dir = opendir(path);
        const struct dirent *entry;
        while (dir != NULL && (entry = readdir(dir)) != NULL) {
            struct stat info;
            snprintf(path, sizeof(path), "%s/%s/%s", f->folder, folders[i], entry->d_name);
            if (lstat(path, &info) != 0 || !S_ISREG(info.st_mode))
                continue;
            if (i == 2) {
                int64_t job = strtoll(entry->d_name, NULL, 10);
                bool wanted = false;
                for (size_t b = 0; b < BUCKETS && !wanted; b++)
                    for (struct grant *g = f->bucket[b]; g != NULL; g = g->next)
                        wanted = wanted || g->job == job;
                if (!wanted)
                    unlink(path);
                continue;
            }
            f->used += (uint64_t)info.st_size;
            if (i == 1)
                add_kept(f, entry->d_name, (uint64_t)info.st_size);
        }
        if (dir != NULL)
            closedir(dir);
    }
    if (f->n_kept > 0)
        qsort(f->kept, f->n_kept, sizeof(f->kept[0]), by_age);
}

static void wake(void *arg)
{
    loop_wake(((const struct files *)arg)->options.loop);
}

struct files *files_new(const struct files_options *options, char *ret_text, size_t size)
{
    struct files *f = calloc(1, sizeof(*f));
    char path[600];
    snprintf(ret_text, size, "out of memory");
    if (f == NULL)
        return NULL;
    f->options = *options;
    snprintf(f->folder, sizeof(f->folder), "%s/files", options->data);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", f->folder, folders[i]);
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            snprintf(ret_text, size, "the folder %s cannot be made: %s", path, strerror(errno));
            free(f);
            return NULL;
        }
    }
    f->work = work_new(1, wake, f);
    if (f->work != NULL)
        return f;
    free(f);
    return NULL;
}

void files_start(struct files *f, struct central *central, struct ws_server *ws)
{
    f->central = central;
    f->ws = ws;
    if (ws != NULL)
        look_around(f);
}

void files_on_wake(struct files *f)
{
    if (f->work != NULL)
        work_pump(f->work);
}

void files_stop(struct files *f)
{
    struct work *work = f != NULL ? f->work : NULL;
    if (f == NULL)
        return;
    f->work = NULL;
    work_free(work);
}

void files_free(struct files *f)
{
    if (f == NULL)
        return;
    files_stop(f);
    while (f->coming != NULL)
        forget_coming(f, f->coming->job);
    for (size_t b = 0; b < BUCKETS; b++)
        while (f->bucket[b] != NULL) {
            struct grant *g = f->bucket[b];
            f->bucket[b] = g->next;
            free(g);
        }
    free(f->kept);
    free(f);
}

void files_view(const struct files *f, struct files_view *ret_view)
{
    *ret_view = (struct files_view){ .used = f->used,
                                     .max = f->options.files_max_bytes,
                                     .upload_max = f->options.upload_max_bytes,
                                     .uploads = f->n_kept,
                                     .transfers = ws_files_count(f->ws) };
}
