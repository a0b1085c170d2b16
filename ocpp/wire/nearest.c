/*
 * "Did you mean": the name nearest to a wrong one.
 */
#include <string.h>

#include "ocpp/wire/field.h"

enum { NAME_MAX_LEN = 48 };

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Edits (insert, delete, replace a letter) between two names of at most NAME_MAX_LEN letters. */
static size_t edit_distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t row[NAME_MAX_LEN + 1];
    for (size_t j = 0; j <= n_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t above = row[j];
            size_t replace = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            row[j] = least(above + 1, row[j - 1] + 1, replace);
            diagonal = above;
        }
    }
    return row[n_b];
}

const char *ocpp_nearest(const char *wrong, const char *(*name_at)(const void *, size_t),
                         const void *names, size_t n)
{
    size_t n_wrong = strlen(wrong);
    if (n_wrong == 0 || n_wrong > NAME_MAX_LEN)
        return NULL;
    const char *best = NULL;
    /* At most two letters and less than half of the word are wrong; further away is no help. */
    size_t best_distance = n_wrong < 5 ? (n_wrong + 1) / 2 : 3;
    for (size_t i = 0; i < n; i++) {
        const char *name = name_at(names, i);
        size_t n_name = strlen(name);
        if (n_name > NAME_MAX_LEN)
            continue;
        size_t distance = edit_distance(wrong, n_wrong, name, n_name);
        if (distance < best_distance && distance < n_name) {
            best = name;
            best_distance = distance;
        }
    }
    return best;
}
