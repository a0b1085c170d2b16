/*
 * What a file request says: path, ranges, form data, names.
 *
 * Pure: text in, numbers or a verdict out.  HTTP as in RFC 9110 (ranges: section 14), forms as in
 * RFC 7578.
 */
#ifndef OCPP_SERVER_FILE_REQUEST_H
#define OCPP_SERVER_FILE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FILE_TOKEN_CHARS = 43,  /* 256 bits in base64url */
    FILE_NAME_SIZE = 128,   /* of a clean name, with its end */
    FILE_BOUNDARY_MAX = 70, /* RFC 2046 section 5.1.1 */
    FILE_PART_HEAD_MAX = 4096,
};

/**
 * "/files/TOKEN/NAME" or "/files/TOKEN".
 * @param ret_token  FILE_TOKEN_CHARS + 1 bytes
 * @param ret_name   clean; "" when there is none
 * @return false: the path is none of a file
 */
bool file_path_split(const char *path, char *ret_token, char ret_name[FILE_NAME_SIZE]);

/* A name that is safe in any folder: letters, digits, dots, dashes and underscores, no dot at its
 * beginning; everything else becomes '_'.  Of a path the last part. */
void file_name_clean(const char *text, char ret_name[FILE_NAME_SIZE]);

enum file_range {
    FILE_WHOLE,     /* no range, several, or one that is not understood: the whole file */
    FILE_PART,      /* ret_first to ret_last, both within the file */
    FILE_NOT_THERE, /* begins behind the end: 416 */
};
/** The header Range; text NULL = absent. */
enum file_range file_range_read(const char *text, uint64_t size, uint64_t *ret_first,
                                uint64_t *ret_last);

/** "bytes FIRST-LAST/TOTAL" of an upload. @return false: it is none, or contradicts itself */
bool file_content_range_read(const char *text, uint64_t *ret_first, uint64_t *ret_last,
                             uint64_t *ret_total);

/** A decimal number without sign, nothing else. */
bool file_number_read(const char *text, uint64_t *ret_number);

/** Does a list of entity tags (If-None-Match, If-Range) name this one?  strong: W/ never does. */
bool file_etag_in(const char *list, const char *etag, bool strong);

/* --- multipart/form-data, as it comes --- */

enum file_form_rc {
    FILE_FORM_MORE,
    FILE_FORM_DONE, /* the first file is complete; what follows is not looked at */
    FILE_FORM_BAD,  /* no form, or its head is too long */
    FILE_FORM_SINK, /* the sink said no */
};

struct file_form {
    char mark[FILE_BOUNDARY_MAX + 5]; /* CR LF - - boundary */
    uint8_t back[FILE_BOUNDARY_MAX + 5];
    size_t mark_len, matched;
    int state;
    bool is_file; /* the part in hand */
    char head[FILE_PART_HEAD_MAX];
    size_t head_len;
    char name[FILE_NAME_SIZE]; /* of the file, clean; "" until it begins */
};

/** @return false: the header Content-Type is none of a form with a boundary */
bool file_form_init(struct file_form *f, const char *content_type);

/** Take some bytes; what belongs to the first part with a file name goes to the sink. */
enum file_form_rc file_form_take(struct file_form *f, const char *bytes, size_t n,
                                 bool (*sink)(void *arg, const char *bytes, size_t n), void *arg);

#endif
