/*
 * Tokens of the admin API over https: who may do what.
 *
 * A token is 32 random bytes in hexadecimal, shown once; kept is its SHA-256.  What a role may do
 * is one table (tokens.c).  The Unix socket needs none: who may open it may do everything.
 */
#ifndef CMD_NOXD_TOKENS_H
#define CMD_NOXD_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/records.h"

enum { TOKEN_NAME_MAX = 32, TOKEN_NODE_MAX = 48, TOKENS_MAX = 1000, TOKEN_TEXT_BYTES = 65 };

struct token {
    struct token *next;
    char name[TOKEN_NAME_MAX + 1], role[16], node[TOKEN_NODE_MAX + 1]; /* node "": all */
    uint8_t hash[32];
    int64_t made_at_ms;
    char who[64];
    int64_t used_at_ms; /* STORE_ABSENT = not since noxd started */
    bool gone;          /* removed; stays, because requests name it */
};

/* In the order of their names; removed ones among them. */
struct tokens {
    struct token *first;
    size_t n; /* that are not gone */
};

void tokens_done(struct tokens *t);

/** Add, or put another in the place of the same name.  @return false when out of memory */
bool tokens_put(struct tokens *t, const struct store_token *row);
void tokens_remove(struct tokens *t, const char *name);
const struct token *tokens_find(const struct tokens *t, const char *name);

/** A new one. @return false: no random numbers */
bool token_make(char ret_text[TOKEN_TEXT_BYTES], uint8_t ret_hash[32]);

/** @return whose it is, NULL = nobody's */
struct token *tokens_match(const struct tokens *t, const char *text);

/**
 * May it use this route?
 * @param path  of the route, as "/v1/grid/{node}/cap"
 * @param node  the grid node the request names, NULL = none
 */
bool token_may(const struct token *token, const char *method, const char *path, const char *node);

/** Words of the roles, NULL behind the last. */
const char *token_role(size_t i);
/** What a role is for, one phrase; NULL: there is no such role. */
const char *token_role_text(const char *role);
/** Can a token of the role be for one grid node only? */
bool token_role_has_node(const char *role);

#endif
