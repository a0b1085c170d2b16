/* Making and locking the data folder. */
#include "cmd/noxd/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOCKET_PATH_MAX = 107 }; /* sun_path */

static bool make_folder(const char *path, char *ret_text, size_t size)
{
    struct stat info;
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        snprintf(ret_text, size, "cannot make the folder %s: %s", path, strerror(errno));
        return false;
    }
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode) && access(path, R_OK | W_OK | X_OK) == 0)
        return true;
    snprintf(ret_text, size, "%s cannot be used: it must be a folder that noxd may write to", path);
    return false;
}

static bool make_inside(const char *path, const char *name, char *ret_text, size_t size)
{
    char inside[600];
    snprintf(inside, sizeof(inside), "%s/%s", path, name);
    return make_folder(inside, ret_text, size);
}

/* flock: given up by the kernel when the process ends, however it ends. */
static bool take_lock(const char *path, struct data_dir *dir, char *ret_text, size_t size)
{
    char name[600], holder[32] = "";
    snprintf(name, sizeof(name), "%s/noxd.lock", path);
    dir->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (dir->lock_fd < 0) {
        snprintf(ret_text, size, "cannot open %s: %s", name, strerror(errno));
        return false;
    }
    if (flock(dir->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t len = read(dir->lock_fd, holder, sizeof(holder) - 1);
        holder[len > 0 ? strcspn(holder, "\n") : 0] = '\0';
        snprintf(ret_text, size,
                 "another noxd (process %s) runs on %s: end it first, or give this one a folder "
                 "of its own with --data",
                 holder[0] != '\0' ? holder : "unknown", path);
        close(dir->lock_fd);
        dir->lock_fd = -1;
        return false;
    }
    int len = snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());
    if (ftruncate(dir->lock_fd, 0) == 0 && pwrite(dir->lock_fd, holder, (size_t)len, 0) != len)
        return true; /* only the number for people is missing: the disk is full */
    return true;
}

void data_dir_pki(const char *path, struct data_dir *ret_dir)
{
    snprintf(ret_dir->pki_path, sizeof(ret_dir->pki_path), "%s/pki", path);
    snprintf(ret_dir->ca_path, sizeof(ret_dir->ca_path), "%s/pki/ca.pem", path);
    snprintf(ret_dir->crl_path, sizeof(ret_dir->crl_path), "%s/pki/crl.pem", path);
}

bool data_dir_open(const char *path, struct data_dir *ret_dir, char *ret_text, size_t size)
{
    struct data_dir dir = { .lock_fd = -1 };
    if ((size_t)snprintf(dir.socket_path, sizeof(dir.socket_path), "%s/admin.sock", path) >
        SOCKET_PATH_MAX) {
        snprintf(ret_text, size,
                 "--data %s is too long: its admin.sock may have %d characters, so use a shorter "
                 "path (a relative one or a symbolic link)",
                 path, SOCKET_PATH_MAX);
        return false;
    }
    snprintf(dir.db_path, sizeof(dir.db_path), "%s/nox.db", path);
    snprintf(dir.mark_path, sizeof(dir.mark_path), "%s/noxd.mark", path);
    data_dir_pki(path, &dir);
    if (!make_folder(path, ret_text, size) || !take_lock(path, &dir, ret_text, size))
        return false;
    if (!make_inside(path, "files", ret_text, size) || !make_inside(path, "pki", ret_text, size)) {
        data_dir_close(&dir);
        return false;
    }
    *ret_dir = dir;
    return true;
}

void data_dir_close(struct data_dir *dir)
{
    if (dir->lock_fd >= 0)
        close(dir->lock_fd);
    dir->lock_fd = -1;
}
