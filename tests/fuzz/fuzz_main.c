#include <dirent.h>
#include <stdio.h>
#include <time.h>

#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 16384, CORPUS_MAX = 1000, CHECK_CLOCK_EVERY = 64 };

struct input {
    uint8_t data[INPUT_MAX];
    size_t size;
};

/* xorshift64*: the same inputs in every run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static size_t below(uint64_t *state, size_t n)
{
    return n ? (size_t)(next_random(state) % n) : 0;
}

static void insert(struct input *in, size_t at, const void *bytes, size_t n)
{
    if (in->size + n > INPUT_MAX)
        return;
    memmove(in->data + at + n, in->data + at, in->size - at);
    memcpy(in->data + at, bytes, n);
    in->size += n;
}

static void erase(struct input *in, size_t at, size_t n)
{
    if (n > in->size - at)
        n = in->size - at;
    memmove(in->data + at, in->data + at + n, in->size - at - n);
    in->size -= n;
}

static const char *const tokens[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "1e-9",
    "\\u0000",
    "\\ud800",
    "2147483648",
    "-9223372036854775808",
    "{}",
    "[]",
    "\"\"",
    "\"x\"",
    "9999",
    "+02",
    "Z",
    ".",
    "e",
    "|",
    "kWh",
    "\xff",
    "\xc3",
    "\xe2\x82\xac",
    "L1",
    "1.5",
    "2026-01-31T12:00:00Z",
};

static void mutate(struct input *in, uint64_t *state)
{
    size_t at = below(state, in->size + 1);
    uint8_t byte = (uint8_t)next_random(state);
    const char *token = tokens[below(state, sizeof(tokens) / sizeof(tokens[0]))];
    switch (below(state, 6)) {
    case 0:
        if (at < in->size)
            in->data[at] = byte;
        return;
    case 1:
        if (at < in->size)
            in->data[at] ^= (uint8_t)(1u << (byte & 7));
        return;
    case 2:
        insert(in, at, &byte, 1);
        return;
    case 3:
        insert(in, at, token, strlen(token));
        return;
    case 4:
        erase(in, at, 1 + below(state, 8));
        return;
    default: { /* repeat a piece */
        uint8_t piece[64];
        size_t n = below(state, in->size - at < sizeof(piece) ? in->size - at : sizeof(piece));
        memcpy(piece, in->data + at, n);
        insert(in, at, piece, n);
    }
    }
}

/* What inputs are made from: the seeds of the target, then the files of its corpus. */
struct corpus {
    struct input *at;
    size_t n;
};

static void keep(struct corpus *corpus, const void *bytes, size_t n)
{
    struct input *in = &corpus->at[corpus->n++];
    in->size = n < INPUT_MAX ? n : INPUT_MAX;
    memcpy(in->data, bytes, in->size);
}

static void keep_file(struct corpus *corpus, const char *name)
{
    static char bytes[INPUT_MAX];
    char path[600];
    snprintf(path, sizeof(path), "%s/%s", FUZZ_CORPUS, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return;
    keep(corpus, bytes, fread(bytes, 1, sizeof(bytes), file));
    fclose(file);
}

static void corpus_read(struct corpus *corpus, const char *const *seeds, size_t n_seeds)
{
    corpus->at = calloc(CORPUS_MAX, sizeof(*corpus->at));
    if (!corpus->at)
        abort();
    for (size_t i = 0; i < n_seeds && corpus->n < CORPUS_MAX; i++)
        keep(corpus, seeds[i], strlen(seeds[i]));
    struct dirent **entry = NULL;
    int n = scandir(FUZZ_CORPUS, &entry, NULL, alphasort); /* in the same order everywhere */
    for (int i = 0; i < n; i++) {
        if (entry[i]->d_name[0] != '.' && corpus->n < CORPUS_MAX)
            keep_file(corpus, entry[i]->d_name);
        free(entry[i]);
    }
    free(entry);
}

/* An exact copy on the heap, so that reading one byte too far is seen. */
static void run_one(const struct input *in)
{
    uint8_t *copy = malloc(in->size ? in->size : 1);
    if (!copy)
        abort();
    memcpy(copy, in->data, in->size);
    LLVMFuzzerTestOneInput(copy, in->size);
    free(copy);
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int fuzz_run(int argc, char **argv, const char *const *seeds, size_t n_seeds)
{
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 2;
    uint64_t state = argc > 2 ? strtoull(argv[2], NULL, 0) | 1 : 1;
    static struct input in;
    struct corpus corpus = { .n = 0 };
    unsigned long n_runs = 0;
    corpus_read(&corpus, seeds, n_seeds);
    for (size_t i = 0; i < corpus.n; i++)
        run_one(&corpus.at[i]);
    double end = seconds_now() + seconds;
    while (n_runs % CHECK_CLOCK_EVERY || seconds_now() < end) {
        if (n_runs % 16 == 0 || in.size == 0)
            in = corpus.at[below(&state, corpus.n)];
        mutate(&in, &state);
        run_one(&in);
        n_runs++;
    }
    printf("%zu seeds, %lu inputs\n", corpus.n, n_runs);
    free(corpus.at);
    return 0;
}
