#include "ocpp/wire/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct ocpp_arena_chunk {
    struct ocpp_arena_chunk *next;
    size_t size; /* of data */
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

void ocpp_arena_init(struct ocpp_arena *arena, size_t chunk_bytes, size_t limit_bytes)
{
    *arena = (struct ocpp_arena){ .chunk_bytes = chunk_bytes, .limit_bytes = limit_bytes };
}

static void free_chunks(struct ocpp_arena *arena, struct ocpp_arena_chunk *chunk)
{
    while (chunk) {
        struct ocpp_arena_chunk *next = chunk->next;
        arena->total_bytes -= chunk->size;
        free(chunk);
        chunk = next;
    }
}

void ocpp_arena_reset(struct ocpp_arena *arena)
{
    struct ocpp_arena_chunk *first = arena->first;
    if (!first)
        return;
    if (first->size > arena->chunk_bytes) { /* made for one huge message: not worth keeping */
        ocpp_arena_done(arena);
        return;
    }
    free_chunks(arena, first->next);
    first->next = NULL;
    first->used = 0;
    arena->last = first;
}

void ocpp_arena_done(struct ocpp_arena *arena)
{
    if (!arena)
        return;
    free_chunks(arena, arena->first);
    arena->first = NULL;
    arena->last = NULL;
}

static struct ocpp_arena_chunk *add_chunk(struct ocpp_arena *arena, size_t bytes)
{
    size_t size = bytes > arena->chunk_bytes ? bytes : arena->chunk_bytes;
    if (size > arena->limit_bytes - arena->total_bytes)
        size = bytes; /* the last chunk may be a small one */
    if (size > arena->limit_bytes - arena->total_bytes)
        return NULL;
    struct ocpp_arena_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (!chunk)
        return NULL;
    chunk->next = NULL;
    chunk->size = size;
    chunk->used = 0;
    if (arena->last)
        arena->last->next = chunk;
    else
        arena->first = chunk;
    arena->last = chunk;
    arena->total_bytes += size;
    return chunk;
}

void *ocpp_arena_alloc(struct ocpp_arena *arena, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    if (bytes > arena->limit_bytes || bytes > SIZE_MAX / 2)
        return NULL;
    bytes = bytes ? (bytes + align - 1) / align * align : align;
    struct ocpp_arena_chunk *chunk = arena->last;
    if (!chunk || chunk->size - chunk->used < bytes)
        chunk = add_chunk(arena, bytes);
    if (!chunk)
        return NULL;
    void *memory = chunk->data + chunk->used;
    chunk->used += bytes;
    return memory;
}

char *ocpp_arena_strdup(struct ocpp_arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = ocpp_arena_alloc(arena, size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}
