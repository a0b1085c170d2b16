/*
 * With libFuzzer the seeds come from the target, too: they start the corpus through the custom
 * mutator's occasional replacement of an input.
 */
#include "tests/fuzz/fuzz.h"

enum { SEED_EVERY = 1000 };

const char *const *fuzz_seeds(size_t *ret_n);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    if (seed % SEED_EVERY != 0 && size > 2)
        return LLVMFuzzerMutate(data, size, max_size);
    size_t n;
    const char *const *seeds = fuzz_seeds(&n);
    const char *text = seeds[seed / SEED_EVERY % n];
    size_t len = strlen(text) < max_size ? strlen(text) : max_size;
    memcpy(data, text, len);
    return LLVMFuzzerMutate(data, len, max_size);
}
