#include "tests/ocpp/wire/check_wire.h"

#include "ocpp/wire/arena.h"

static void memory_is_aligned_and_apart(void **state)
{
    (void)state;
    struct ocpp_arena arena;
    ocpp_arena_init(&arena, 256, 4096);
    char *previous = NULL;
    for (size_t bytes = 0; bytes < 60; bytes++) {
        char *memory = ocpp_arena_alloc(&arena, bytes);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % sizeof(void *), 0);
        memset(memory, (int)bytes, bytes);
        if (previous && bytes > 1)
            assert_int_equal(previous[0], bytes - 1);
        previous = memory;
    }
    ocpp_arena_done(&arena);
    assert_int_equal(arena.total_bytes, 0);
}

static void limit_is_hard(void **state)
{
    (void)state;
    struct ocpp_arena arena;
    ocpp_arena_init(&arena, 256, 1024);
    size_t total = 0;
    while (ocpp_arena_alloc(&arena, 64))
        total += 64;
    assert_int_equal(total, 1024);
    assert_null(ocpp_arena_alloc(&arena, 1));
    assert_null(ocpp_arena_alloc(&arena, SIZE_MAX));
    assert_true(arena.total_bytes <= 1024);
    ocpp_arena_reset(&arena);
    assert_non_null(ocpp_arena_alloc(&arena, 64));
    ocpp_arena_done(&arena);
}

static void reset_keeps_the_first_chunk(void **state)
{
    (void)state;
    struct ocpp_arena arena;
    ocpp_arena_init(&arena, 256, 100000);
    void *first = ocpp_arena_alloc(&arena, 16);
    for (int i = 0; i < 50; i++)
        assert_non_null(ocpp_arena_alloc(&arena, 100));
    ocpp_arena_reset(&arena);
    assert_int_equal(arena.total_bytes, 256);
    assert_ptr_equal(ocpp_arena_alloc(&arena, 16), first);
    ocpp_arena_done(&arena);
    ocpp_arena_done(&arena);
    ocpp_arena_done(NULL);
}

static void huge_first_chunk_is_not_kept(void **state)
{
    (void)state;
    struct ocpp_arena arena;
    ocpp_arena_init(&arena, 256, 100000);
    assert_non_null(ocpp_arena_alloc(&arena, 50000));
    ocpp_arena_reset(&arena);
    assert_int_equal(arena.total_bytes, 0);
    char *copy = ocpp_arena_strdup(&arena, "CP-7");
    assert_string_equal(copy, "CP-7");
    ocpp_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_and_apart),
        cmocka_unit_test(limit_is_hard),
        cmocka_unit_test(reset_keeps_the_first_chunk),
        cmocka_unit_test(huge_first_chunk_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
