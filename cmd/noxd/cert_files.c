#include "cmd/noxd/cert_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 600, CRL_DAYS = 30, REVOKED_MAX = 100000 };

static const int64_t day_ms = 86400000;

int64_t cert_now_ms(void)
{
    return (int64_t)time(NULL) * 1000;
}

static bool say(char *ret_text, size_t size, const char *what, const char *path)
{
    snprintf(ret_text, size, "%s %s: %s", what, path, strerror(errno));
    return false;
}

char *cert_file_read(const char *dir, const char *name)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *in = fopen(path, "re");
    char *text = in != NULL ? malloc(PKI_PEM_MAX + 1) : NULL;
    if (text != NULL) {
        size_t n = fread(text, 1, PKI_PEM_MAX, in);
        text[n] = '\0';
    }
    if (in != NULL)
        fclose(in);
    return text;
}

/* --- writing: a new file beside, synced, renamed --- */

static bool write_whole(int fd, const char *text)
{
    size_t n = strlen(text);
    while (n > 0) {
        ssize_t written = write(fd, text, n);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            text += written;
            n -= (size_t)written;
        }
    }
    return fsync(fd) == 0;
}

static bool write_beside(const char *path, const char *text)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write_whole(fd, text);
    if (fd >= 0 && close(fd) != 0)
        good = false;
    return good;
}

static void sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static bool put_file(const char *dir, const char *name, const char *text, char *ret_text,
                     size_t size)
{
    char path[PATH_SIZE], beside[PATH_SIZE + 8];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    snprintf(beside, sizeof(beside), "%s.new", path);
    if (!write_beside(beside, text) || rename(beside, path) != 0)
        return say(ret_text, size, "cannot write", path);
    sync_dir(dir);
    return true;
}

/* --- the CA --- */

struct pki_authority *cert_files_authority(const char *dir, bool *ret_missing, char *ret_text,
                                           size_t size)
{
    char *cert = cert_file_read(dir, "ca.pem");
    *ret_missing = cert == NULL && errno == ENOENT;
    if (cert == NULL) {
        if (*ret_missing)
            snprintf(ret_text, size,
                     "there is no CA yet: 'noxctl cert ca init' makes one, 'noxctl "
                     "cert ca import' takes yours");
        else
            say(ret_text, size, "cannot read", dir);
        return NULL;
    }
    char *key = cert_file_read(dir, "ca.key");
    size_t key_len = key != NULL ? strlen(key) : 0;
    struct pki_authority *a = pki_authority_new(cert, strlen(cert), key, key_len, ret_text, size);
    free(cert);
    /* Between the two renames of put_authority(), or ended there. */
    cert = a == NULL && key != NULL ? cert_file_read(dir, "ca.pem.new") : NULL;
    if (cert != NULL) {
        char none[8];
        a = pki_authority_new(cert, strlen(cert), key, key_len, none, sizeof(none));
    }
    free(cert);
    pki_secret_free(key);
    return a;
}

static bool is_pair(const char *dir, const char *cert_name)
{
    char none[8];
    char *cert = cert_file_read(dir, cert_name), *key = cert_file_read(dir, "ca.key");
    struct pki_authority *a =
        cert != NULL && key != NULL
            ? pki_authority_new(cert, strlen(cert), key, strlen(key), none, sizeof(none))
            : NULL;
    bool fit = a != NULL;
    pki_authority_free(a);
    free(cert);
    pki_secret_free(key);
    return fit;
}

void cert_files_recover(const char *dir)
{
    char path[PATH_SIZE], beside[PATH_SIZE + 8];
    snprintf(path, sizeof(path), "%s/ca.pem", dir);
    snprintf(beside, sizeof(beside), "%s.new", path);
    if (access(beside, F_OK) != 0)
        return;
    if (!is_pair(dir, "ca.pem") && is_pair(dir, "ca.pem.new"))
        rename(beside, path);
    else
        unlink(beside);
    sync_dir(dir);
}

/* A CA that is in the older file, still valid and not in the new text. */
static bool is_kept(const char *older, size_t i, const char *newer, char **ret_pem)
{
    char none[8];
    struct pki_certificate c;
    if (!pki_read(older, strlen(older), i, &c, none, sizeof(none)) || !c.is_ca ||
        !c.is_self_issued || c.not_after_ms <= cert_now_ms())
        return false;
    *ret_pem = pki_one(older, strlen(older), i, none, sizeof(none));
    if (*ret_pem != NULL && strstr(newer, *ret_pem) == NULL)
        return true;
    free(*ret_pem);
    return false;
}

/* What CAs before this one have revoked: their keys are not here any more. */
static bool keep_crl(const char *dir, char *ret_text, size_t size)
{
    char *crl = cert_file_read(dir, "crl.pem"); /* with those before it */
    bool good = crl == NULL || put_file(dir, "crl-before.pem", crl, ret_text, size);
    free(crl);
    return good;
}

/* The new CA, then those before it. */
static char *with_older(const char *dir, const char *cert_pem)
{
    char none[8], *older = cert_file_read(dir, "ca.pem"), *one;
    size_t n = older != NULL ? pki_count(older, strlen(older), none, sizeof(none)) : 0;
    size_t room = strlen(cert_pem) + (older != NULL ? strlen(older) : 0) + PKI_CERTIFICATES_MAX + 2;
    char *all = malloc(room);
    size_t used = all != NULL ? (size_t)snprintf(all, room, "%s", cert_pem) : 0;
    for (size_t i = 0; all != NULL && i < n; i++)
        if (is_kept(older, i, cert_pem, &one)) {
            used += (size_t)snprintf(all + used, room - used, "%s", one);
            free(one);
        }
    free(older);
    return all;
}

static bool put_authority(const char *dir, const char *cert_pem, const char *key_pem,
                          char *ret_text, size_t size)
{
    char path[PATH_SIZE], key[PATH_SIZE], beside[PATH_SIZE + 8];
    char *all = with_older(dir, cert_pem);
    snprintf(ret_text, size, "out of memory");
    snprintf(path, sizeof(path), "%s/ca.pem", dir);
    snprintf(beside, sizeof(beside), "%s.new", path);
    snprintf(key, sizeof(key), "%s/ca.key", dir);
    bool good = all != NULL && keep_crl(dir, ret_text, size);
    /* The certificate lies ready before the key changes, so that an end in between can be made
     * good: cert_files_recover(). */
    if (good && !write_beside(beside, all))
        good = say(ret_text, size, "cannot write", beside);
    if (good)
        sync_dir(dir);
    if (good && key_pem != NULL)
        good = put_file(dir, "ca.key", key_pem, ret_text, size);
    else if (good && unlink(key) != 0 && errno != ENOENT)
        good = say(ret_text, size, "cannot remove", key);
    if (good && rename(beside, path) != 0)
        good = say(ret_text, size, "cannot write", path);
    sync_dir(dir);
    free(all);
    return good;
}

/* One writer at a time. @return -1 with one sentence; close() it */
static int take_turn(const char *dir, char *ret_text, size_t size)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/lock", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return fd;
    say(ret_text, size, "cannot lock", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

bool cert_files_put_authority(const char *dir, const char *cert_pem, const char *key_pem,
                              char *ret_text, size_t size)
{
    int turn = take_turn(dir, ret_text, size);
    bool good = turn >= 0 && put_authority(dir, cert_pem, key_pem, ret_text, size);
    if (turn >= 0)
        close(turn);
    return good;
}

/* --- the revocation list --- */

struct revoked_list {
    struct pki_revoked *item;
    size_t n, room;
    const char *issuer;
};

static bool grow(struct revoked_list *list)
{
    size_t room = list->room > 0 ? 2 * list->room : 64;
    struct pki_revoked *grown =
        room <= REVOKED_MAX ? realloc(list->item, room * sizeof(*grown)) : NULL;
    if (grown == NULL)
        return false;
    list->item = grown;
    list->room = room;
    return true;
}

static bool take_revoked(void *arg, const struct store_certificate *cert)
{
    struct revoked_list *list = arg;
    if (strcmp(cert->issuer, list->issuer) != 0)
        return true; /* of another CA: noxd itself closes the door to it */
    if (list->n == list->room && !grow(list)) {
        list->n = SIZE_MAX;
        return false;
    }
    struct pki_revoked *item = &list->item[list->n++];
    snprintf(item->serial, sizeof(item->serial), "%s", cert->serial);
    item->at_ms = cert->revoked_at_ms;
    return true;
}

static bool put_crl_files(const char *dir, const char *crl, char *ret_text, size_t size)
{
    char *before = cert_file_read(dir, "crl-before.pem");
    size_t room = strlen(crl) + (before != NULL ? strlen(before) : 0) + 1;
    char *all = malloc(room);
    bool good = all != NULL;
    if (good) {
        snprintf(all, room, "%s%s", crl, before != NULL ? before : "");
        good = put_file(dir, "crl.pem", all, ret_text, size);
    } else {
        snprintf(ret_text, size, "out of memory");
    }
    free(all);
    free(before);
    return good;
}

static bool put_crl(const char *dir, struct reader *db, size_t *ret_n, char *ret_text, size_t size)
{
    bool missing;
    struct reader_cert_filter filter = { .revoked = true };
    struct revoked_list list = { .n = 0 };
    struct pki_authority *a = cert_files_authority(dir, &missing, ret_text, size);
    if (a == NULL)
        return false;
    list.issuer = pki_authority_certificate(a)->subject;
    int64_t now_ms = cert_now_ms();
    char *crl = NULL;
    if (reader_certificates(db, &filter, take_revoked, &list) != STORE_OK || list.n == SIZE_MAX)
        snprintf(ret_text, size, "what is revoked cannot be read from the database");
    else
        crl = pki_crl(a, list.item, list.n, now_ms / 1000, now_ms, now_ms + CRL_DAYS * day_ms,
                      ret_text, size);
    bool good = crl != NULL && put_crl_files(dir, crl, ret_text, size);
    *ret_n = good ? list.n : 0;
    free(crl);
    free(list.item);
    pki_authority_free(a);
    return good;
}

bool cert_files_put_crl(const char *dir, const char *db_path, size_t *ret_n, char *ret_text,
                        size_t size)
{
    struct reader *db = NULL;
    int turn = take_turn(dir, ret_text, size);
    /* The database is looked at in one's turn: a list never lacks what an earlier one had. */
    bool good = turn >= 0 && reader_open(db_path, &db, ret_text, size) == STORE_OK &&
                put_crl(dir, db, ret_n, ret_text, size);
    reader_close(db);
    if (turn >= 0)
        close(turn);
    return good;
}

struct store_certificate cert_record(const struct pki_certificate *c, const char *pem, int32_t kind,
                                     const char *station, int64_t at_ms)
{
    return (struct store_certificate){ .fingerprint = c->fingerprint,
                                       .kind = kind,
                                       .station = station,
                                       .subject = c->subject,
                                       .issuer = c->issuer,
                                       .cn = c->cn,
                                       .serial = c->serial,
                                       .key = c->key,
                                       .pem = pem,
                                       .not_before_ms = c->not_before_ms,
                                       .not_after_ms = c->not_after_ms,
                                       .added_at_ms = at_ms,
                                       .note = "" };
}
