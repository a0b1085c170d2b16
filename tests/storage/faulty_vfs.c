#include "tests/storage/faulty_vfs.h"

#include <assert.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHADOWS = 8 };

/* A write that is not synced yet. */
struct pending {
    struct pending *next;
    sqlite3_int64 offset; /* < 0: truncate to size */
    sqlite3_int64 size;
    unsigned char bytes[];
};

/* What is safe of one file. */
struct shadow {
    char path[200];
    unsigned char *bytes;
    sqlite3_int64 size, room;
    struct pending *first, *last;
};

struct disk {
    struct faulty faulty;
    sqlite3_vfs vfs, *real;
    struct shadow shadow[SHADOWS];
    size_t n_shadows;
};

struct file {
    sqlite3_file base;
    struct disk *disk;
    struct shadow *shadow; /* NULL for files that need not survive */
    sqlite3_file *real;
};

static struct disk *disk; /* SQLite knows one default VFS per process */

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct file *)(void *)f)->real;
}

static bool fails(struct disk *d)
{
    struct faulty *f = &d->faulty;
    f->n_calls++;
    if (f->countdown < 0 || f->countdown-- > 0)
        return false;
    f->countdown = f->for_ever ? 0 : -1;
    return true;
}

/* --- shadows --- */

static void shadow_put(struct shadow *s, const void *bytes, sqlite3_int64 size,
                       sqlite3_int64 offset)
{
    sqlite3_int64 end = offset + size;
    if (end > s->room) {
        s->room = 2 * end;
        s->bytes = realloc(s->bytes, (size_t)s->room);
        assert(s->bytes != NULL);
    }
    if (offset > s->size)
        memset(s->bytes + s->size, 0, (size_t)(offset - s->size));
    memcpy(s->bytes + offset, bytes, (size_t)size);
    s->size = end > s->size ? end : s->size;
}

static void shadow_apply(struct shadow *s, const struct pending *p)
{
    if (p->offset < 0)
        s->size = p->size < s->size ? p->size : s->size;
    else
        shadow_put(s, p->bytes, p->size, p->offset);
}

static void shadow_forget(struct shadow *s)
{
    for (struct pending *p = s->first, *next; p != NULL; p = next) {
        next = p->next;
        free(p);
    }
    s->first = s->last = NULL;
}

static void shadow_sync(struct shadow *s)
{
    for (const struct pending *p = s->first; p != NULL; p = p->next)
        shadow_apply(s, p);
    shadow_forget(s);
}

static void shadow_note(struct file *f, const void *bytes, sqlite3_int64 size, sqlite3_int64 offset)
{
    struct shadow *s = f->shadow;
    if (s == NULL)
        return;
    size_t n = offset < 0 ? 0 : (size_t)size;
    struct pending *p = malloc(sizeof(*p) + n);
    assert(p != NULL);
    *p = (struct pending){ .offset = offset, .size = size };
    if (n > 0)
        memcpy(p->bytes, bytes, n);
    if (s->last != NULL)
        s->last->next = p;
    else
        s->first = p;
    s->last = p;
}

static struct shadow *shadow_find(struct disk *d, const char *path)
{
    for (size_t i = 0; i < d->n_shadows; i++)
        if (strcmp(d->shadow[i].path, path) == 0)
            return &d->shadow[i];
    return NULL;
}

static struct shadow *shadow_of(struct disk *d, const char *path)
{
    struct shadow *s = shadow_find(d, path);
    if (s != NULL || !d->faulty.keep_shadows)
        return s;
    assert(d->n_shadows < SHADOWS && strlen(path) < sizeof(s->path));
    s = &d->shadow[d->n_shadows++];
    snprintf(s->path, sizeof(s->path), "%s", path);
    return s;
}

/* --- files --- */

static int file_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}

static int file_read(sqlite3_file *f, void *to, int n, sqlite3_int64 offset)
{
    return real_of(f)->pMethods->xRead(real_of(f), to, n, offset);
}

static int file_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 offset)
{
    struct file *file = (struct file *)(void *)f;
    struct faulty *faulty = &file->disk->faulty;
    sqlite3_int64 size = 0;
    real_of(f)->pMethods->xFileSize(real_of(f), &size);
    sqlite3_int64 grows = offset + n > size ? offset + n - size : 0;
    if (fails(file->disk))
        return faulty->error;
    if (grows > faulty->room)
        return SQLITE_FULL;
    int rc = real_of(f)->pMethods->xWrite(real_of(f), from, n, offset);
    if (rc == SQLITE_OK && faulty->room != INT64_MAX)
        faulty->room -= grows;
    if (rc == SQLITE_OK)
        shadow_note(file, from, n, offset);
    return rc;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct file *file = (struct file *)(void *)f;
    if (fails(file->disk))
        return SQLITE_IOERR_TRUNCATE;
    int rc = real_of(f)->pMethods->xTruncate(real_of(f), size);
    if (rc == SQLITE_OK)
        shadow_note(file, NULL, size, -1);
    return rc;
}

static int file_sync(sqlite3_file *f, int flags)
{
    struct file *file = (struct file *)(void *)f;
    if (fails(file->disk))
        return file->disk->faulty.error == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
    if (file->shadow != NULL)
        shadow_sync(file->shadow);
    /* The test ends the process, not the machine: the real sync would only cost time. */
    (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret_size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), ret_size);
}

static int file_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int file_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int file_reserved(sqlite3_file *f, int *ret_reserved)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret_reserved);
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int file_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int file_traits(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int file_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, ret);
}

static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int file_shm_unmap(sqlite3_file *f, int remove)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
    struct disk *d = vfs->pAppData;
    struct file *file = (struct file *)(void *)f;
    bool lasts = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    file->disk = d;
    file->real = (sqlite3_file *)(void *)(file + 1);
    file->shadow = lasts && path != NULL ? shadow_of(d, path) : NULL;
    int rc = d->real->xOpen(d->real, path, file->real, flags, ret_flags);
    file->base.pMethods = file->real->pMethods != NULL ? &methods : NULL;
    return rc;
}

/* Deleting a file is taken as safe at once; the store never deletes but at close. */
static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
    struct disk *d = vfs->pAppData;
    struct shadow *s = shadow_find(d, path);
    if (s != NULL) {
        shadow_forget(s);
        s->size = 0;
    }
    return d->real->xDelete(d->real, path, sync_dir);
}

struct faulty *faulty_install(void)
{
    sqlite3_initialize();
    disk = calloc(1, sizeof(*disk));
    assert(disk != NULL);
    disk->faulty =
        (struct faulty){ .room = INT64_MAX, .countdown = -1, .error = SQLITE_IOERR_WRITE };
    disk->real = sqlite3_vfs_find(NULL);
    disk->vfs = *disk->real;
    disk->vfs.zName = "faulty";
    disk->vfs.pAppData = disk;
    disk->vfs.szOsFile = (int)sizeof(struct file) + disk->real->szOsFile;
    disk->vfs.xOpen = vfs_open;
    disk->vfs.xDelete = vfs_delete;
    sqlite3_vfs_register(&disk->vfs, 1);
    return &disk->faulty;
}

void faulty_remove(void)
{
    sqlite3_vfs_unregister(&disk->vfs);
    sqlite3_vfs_register(disk->real, 1);
    for (size_t i = 0; i < disk->n_shadows; i++) {
        shadow_forget(&disk->shadow[i]);
        free(disk->shadow[i].bytes);
    }
    free(disk);
    disk = NULL;
}

static void write_file(const char *dir, const char *name, const unsigned char *bytes, size_t n)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert(fd >= 0);
    for (size_t done = 0; done < n;) {
        ssize_t w = write(fd, bytes + done, n - done);
        assert(w > 0);
        done += (size_t)w;
    }
    close(fd);
}

void faulty_power_cut(const char *to_dir, unsigned seed)
{
    for (size_t i = 0; i < disk->n_shadows; i++) {
        const struct shadow *s = &disk->shadow[i];
        struct shadow copy = { .size = 0 };
        if (s->size > 0)
            shadow_put(&copy, s->bytes, s->size, 0);
        for (const struct pending *p = s->first; p != NULL; p = p->next) {
            seed = seed * 1103515245 + 12345;
            if ((seed >> 16 & 3) != 0) /* a quarter of them reached the disk, in any order */
                continue;
            shadow_apply(&copy, p);
        }
        if (copy.size > 0)
            write_file(to_dir, strrchr(s->path, '/') + 1, copy.bytes, (size_t)copy.size);
        free(copy.bytes);
    }
}
