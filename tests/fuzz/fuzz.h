/*
 * Fuzz targets run in two ways.  With libFuzzer (option NOX_FUZZ) as usual.  Without, FUZZ_MAIN is
 * a plain program that mutates the seeds for some seconds from a fixed start, so that every test
 * run tries some hundred thousand odd inputs under the sanitizers.
 *
 *   ./rpc_fuzz [seconds [start]]
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Run the mutation loop.  @return the exit code */
int fuzz_run(int argc, char **argv, const char *const *seeds, size_t n_seeds);

/** @return the data as text, cut at the first NUL; free() it */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

#ifdef NOX_LIBFUZZER
#define FUZZ_MAIN(seeds)                             \
    const char *const *fuzz_seeds(size_t *ret_n);    \
    const char *const *fuzz_seeds(size_t *ret_n)     \
    {                                                \
        *ret_n = sizeof(seeds) / sizeof((seeds)[0]); \
        return (seeds);                              \
    }
#else
#define FUZZ_MAIN(seeds)                                                          \
    int main(int argc, char **argv)                                               \
    {                                                                             \
        return fuzz_run(argc, argv, (seeds), sizeof(seeds) / sizeof((seeds)[0])); \
    }
#endif

#endif
