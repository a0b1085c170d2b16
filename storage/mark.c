#include "storage/mark.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/conn.h"

enum { MARK_SIZE = 256 };

static const char form[] = "noxd.mark 1\n"
                           "identity %32s\n"
                           "leases %020" PRId64 "\n"
                           "longest_ms %020" PRId64 "\n"
                           "inode %020" PRIu64 "\n";

/** @return its length; the whole buffer behind it is blank */
static size_t mark_text(const struct mark *mark, uint64_t inode, char text[MARK_SIZE])
{
    int len =
        snprintf(text, MARK_SIZE, form, mark->identity, mark->number, mark->longest_ms, inode);
    int64_t digest = digest64(text);
    len +=
        snprintf(text + len, MARK_SIZE - (size_t)len, "check %016" PRIx64 "\n", (uint64_t)digest);
    return (size_t)len;
}

static bool read_text(const char *text, struct mark *ret_mark, uint64_t *ret_inode)
{
    char again[MARK_SIZE];
    struct mark m = { .number = 0 };
    if (sscanf(text,
               "noxd.mark 1 identity %32s leases %" SCNd64 " longest_ms %" SCNd64 " inode %" SCNu64,
               m.identity, &m.number, &m.longest_ms, ret_inode) != 4)
        return false;
    mark_text(&m, *ret_inode, again);
    if (strcmp(text, again) != 0)
        return false;
    *ret_mark = m;
    return true;
}

enum mark_state mark_open(struct mark_file *f, const char *path, struct mark *ret_mark)
{
    char text[MARK_SIZE + 1] = "";
    struct stat info;
    uint64_t inode = 0;
    *ret_mark = (struct mark){ .number = 0 };
    *f = (struct mark_file){ .fd = open(path, O_RDWR | O_CLOEXEC) };
    snprintf(f->path, sizeof(f->path), "%s", path);
    if (f->fd < 0)
        return access(path, F_OK) == 0 ? MARK_DAMAGED : MARK_NONE;
    bool good = pread(f->fd, text, MARK_SIZE, 0) > 0 && fstat(f->fd, &info) == 0 &&
                read_text(text, ret_mark, &inode);
    if (good && inode == (uint64_t)info.st_ino) {
        f->inode = inode;
        return MARK_FOUND;
    }
    mark_close(f); /* the next one is made anew */
    return good ? MARK_MOVED : MARK_DAMAGED;
}

static bool sync_folder(const char *path)
{
    char folder[600];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    int fd = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static bool put(int fd, const struct mark *mark, uint64_t inode)
{
    char text[MARK_SIZE];
    size_t len = mark_text(mark, inode, text);
    return pwrite(fd, text, len, 0) == (ssize_t)len;
}

static const char *make(struct mark_file *f, const struct mark *mark)
{
    char path[610];
    struct stat info;
    snprintf(path, sizeof(path), "%s.new", f->path);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return "the mark beside the database cannot be made";
    if (fstat(fd, &info) != 0 || !put(fd, mark, (uint64_t)info.st_ino) || fsync(fd) != 0 ||
        rename(path, f->path) != 0 || !sync_folder(f->path)) {
        close(fd);
        unlink(path);
        return "the mark beside the database cannot be made";
    }
    f->fd = fd;
    f->inode = (uint64_t)info.st_ino;
    return NULL;
}

const char *mark_write(struct mark_file *f, const struct mark *mark, bool synced)
{
    if (f->fd < 0)
        return make(f, mark);
    if (!put(f->fd, mark, f->inode) || (synced && fdatasync(f->fd) != 0))
        return "the mark beside the database cannot be written";
    return NULL;
}

void mark_close(struct mark_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}
