#include "cmd/noxd/tokens.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what roles may do --- */

enum { RIGHTS_MAX = 10 };

static const struct role {
    const char *name, *text;
    bool has_node;                 /* may be for one grid node only */
    const char *right[RIGHTS_MAX]; /* "METHOD path"; a '*' at the end stands for anything */
} roles[] = {
    { "admin", "everything", false, { "*" } },
    { "read", "look at everything, change nothing", false, { "GET *" } },
    { "grid",
      "the grid operator: see the grid, set and end caps, feed meters",
      false,
      { "GET /v1/grid*", "GET /v1/status", "POST /v1/grid/{node}/cap", "DELETE /v1/grid/caps/{id}",
        "POST /v1/grid/{node}/meter", "POST /v1/grid/meters", "POST /v1/grid/prove" } },
    { "meter",
      "a meter or the network server that speaks for it: feed readings",
      true,
      { "POST /v1/grid/{node}/meter", "POST /v1/grid/meters" } },
};

static const struct role *role_of(const char *name)
{
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcmp(roles[i].name, name) == 0)
            return &roles[i];
    return NULL;
}

const char *token_role(size_t i)
{
    return i < sizeof(roles) / sizeof(roles[0]) ? roles[i].name : NULL;
}

const char *token_role_text(const char *role)
{
    const struct role *r = role_of(role);
    return r != NULL ? r->text : NULL;
}

bool token_role_has_node(const char *role)
{
    const struct role *r = role_of(role);
    return r != NULL && r->has_node;
}

static bool fits(const char *right, const char *wanted)
{
    size_t len = strlen(right);
    if (right[len - 1] == '*')
        return strncmp(right, wanted, len - 1) == 0;
    return strcmp(right, wanted) == 0;
}

bool token_may(const struct token *token, const char *method, const char *path, const char *node)
{
    char wanted[200];
    const struct role *role = role_of(token->role);
    snprintf(wanted, sizeof(wanted), "%s %s", method, path);
    if (role == NULL ||
        (token->node[0] != '\0' && (node == NULL || strcmp(token->node, node) != 0)))
        return false;
    for (size_t i = 0; i < RIGHTS_MAX && role->right[i] != NULL; i++)
        if (fits(role->right[i], wanted))
            return true;
    return false;
}

/* --- the list --- */

void tokens_done(struct tokens *t)
{
    while (t->first != NULL) {
        struct token *next = t->first->next;
        free(t->first);
        t->first = next;
    }
    t->n = 0;
}

static struct token *find(const struct tokens *t, const char *name)
{
    for (struct token *token = t->first; token != NULL; token = token->next)
        if (!token->gone && strcmp(token->name, name) == 0)
            return token;
    return NULL;
}

const struct token *tokens_find(const struct tokens *t, const char *name)
{
    return find(t, name);
}

void tokens_remove(struct tokens *t, const char *name)
{
    struct token *token = find(t, name);
    if (token == NULL)
        return;
    token->gone = true;
    t->n--;
}

bool tokens_put(struct tokens *t, const struct store_token *row)
{
    struct token *token = calloc(1, sizeof(*token)), **at = &t->first;
    if (token == NULL)
        return false;
    tokens_remove(t, row->name);
    snprintf(token->name, sizeof(token->name), "%s", row->name);
    snprintf(token->role, sizeof(token->role), "%s", row->role);
    snprintf(token->node, sizeof(token->node), "%s", row->node != NULL ? row->node : "");
    snprintf(token->who, sizeof(token->who), "%s", row->who);
    memcpy(token->hash, row->hash, sizeof(token->hash));
    token->made_at_ms = row->made_at_ms;
    token->used_at_ms = STORE_ABSENT;
    while (*at != NULL && strcmp((*at)->name, token->name) < 0)
        at = &(*at)->next;
    token->next = *at;
    *at = token;
    t->n++;
    return true;
}

/* --- the secret --- */

static void hash_of(const char *text, uint8_t ret_hash[32])
{
    SHA256((const unsigned char *)text, strlen(text), ret_hash);
}

bool token_make(char ret_text[TOKEN_TEXT_BYTES], uint8_t ret_hash[32])
{
    uint8_t bytes[(TOKEN_TEXT_BYTES - 1) / 2];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(ret_text + 2 * i, 3, "%02x", bytes[i]);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    hash_of(ret_text, ret_hash);
    return true;
}

struct token *tokens_match(const struct tokens *t, const char *text)
{
    uint8_t hash[32];
    if (text[0] == '\0')
        return NULL;
    hash_of(text, hash);
    for (struct token *token = t->first; token != NULL; token = token->next)
        if (!token->gone && CRYPTO_memcmp(token->hash, hash, sizeof(hash)) == 0)
            return token;
    return NULL;
}
