/*
 * Memory of one message: allocate by moving a pointer, release everything at once.
 *
 * An arena belongs to its creator and to one thread.  It asks malloc for chunks and keeps the first
 * one over a reset, so a station that sends the usual messages allocates nothing any more.
 */
#ifndef OCPP_WIRE_ARENA_H
#define OCPP_WIRE_ARENA_H

#include <stddef.h>

struct ocpp_arena_chunk;

struct ocpp_arena {
    struct ocpp_arena_chunk *first;
    struct ocpp_arena_chunk *last;
    size_t chunk_bytes; /* size of an ordinary chunk */
    size_t limit_bytes; /* all chunks together never exceed this */
    size_t total_bytes; /* of all chunks now held */
};

/**
 * Prepare an arena; nothing is allocated before the first use.
 *
 * @param chunk_bytes  usable size of the first chunk, e.g. 4096
 * @param limit_bytes  hard limit of everything the arena holds; >= chunk_bytes
 */
void ocpp_arena_init(struct ocpp_arena *arena, size_t chunk_bytes, size_t limit_bytes);

/** Give back all allocations; the first chunk stays for the next message. */
void ocpp_arena_reset(struct ocpp_arena *arena);

/** Free everything.  Accepts NULL and a zeroed arena. */
void ocpp_arena_done(struct ocpp_arena *arena);

/**
 * @return uninitialised memory for any type, valid until reset or done; NULL when the limit is
 *         reached or malloc failed
 */
void *ocpp_arena_alloc(struct ocpp_arena *arena, size_t bytes);

/** @return a copy of the text, or NULL like ocpp_arena_alloc() */
char *ocpp_arena_strdup(struct ocpp_arena *arena, const char *text);

#endif
