/*
 * The folder of --data: made if missing, ours alone while we run.
 */
#ifndef CMD_NOXD_DATA_DIR_H
#define CMD_NOXD_DATA_DIR_H

#include <stdbool.h>
#include <stddef.h>

struct data_dir {
    int lock_fd; /* -1 = none */
    char db_path[512], socket_path[512], mark_path[512];
    char pki_path[512];
    char ca_path[512], crl_path[512]; /* of the local CA; need not exist */
};

/**
 * Make the folder (mode 0700) with files/ and pki/, take its lock.
 * @return false with one sentence that names the folder and says what to do
 */
bool data_dir_open(const char *path, struct data_dir *ret_dir, char *ret_text, size_t size);
/* Paths of the local CA in a folder of --data. */
void data_dir_pki(const char *path, struct data_dir *ret_dir);
void data_dir_close(struct data_dir *dir);

#endif
