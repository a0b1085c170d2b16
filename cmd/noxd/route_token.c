/* Tokens of the admin API over https: shown, made, removed. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"

static void put_token(struct ocpp_text *out, const struct token *token)
{
    jout_text(out, "name", token->name);
    jout_text(out, "role", token->role);
    jout_text(out, "may", token_role_text(token->role));
    jout_text_or_null(out, "node", token->node[0] != '\0' ? token->node : NULL);
    jout_time(out, "made_at", token->made_at_ms);
    jout_text(out, "made_by", token->who);
    jout_time(out, "used_at", token->used_at_ms);
}

void route_tokens(struct request *r)
{
    const struct admin *a = r->admin;
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "items", '[');
    for (const struct token *token = a->tokens.first; token != NULL; token = token->next) {
        if (token->gone)
            continue;
        jout_open(&r->out, NULL, '{');
        put_token(&r->out, token);
        jout_close(&r->out, '}');
    }
    jout_close(&r->out, ']');
    jout_open(&r->out, "listens", '[');
    for (size_t i = 0; admin_web_url(a, i) != NULL; i++)
        jout_text(&r->out, NULL, admin_web_url(a, i));
    jout_close(&r->out, ']');
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

/* --- a new one --- */

struct making {
    struct request *request;
    struct store_token row;
    char name[TOKEN_NAME_MAX + 1], role[16], node[TOKEN_NODE_MAX + 1], who[WHO_MAX + 1];
    char text[TOKEN_TEXT_BYTES];
};

static bool is_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@";
    size_t len = strlen(name);
    return len >= 1 && len <= TOKEN_NAME_MAX && strspn(name, letters) == len;
}

static bool is_node(const struct admin *a, const char *id)
{
    struct central_node_view node;
    for (size_t i = 0; central_node_view(a->options.central, i, admin_now(a), &node); i++)
        if (strcmp(node.id, id) == 0)
            return true;
    return false;
}

static bool fail_role(struct request *r)
{
    char all[120] = "";
    for (size_t i = 0; token_role(i) != NULL; i++)
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i > 0 ? ", " : "",
                 token_role(i));
    request_fail(r, 422, "invalid-data", "role", "role: must be one of %s", all);
    return false;
}

static bool read_wish(struct request *r, const char **name, const char **role, const char **node)
{
    static const char *const members[] = { "name", "role", "node" };
    if (!route_only_members(r, members, sizeof(members) / sizeof(members[0])) ||
        !route_member_text(r, "name", name) || !route_member_text(r, "role", role) ||
        !route_member_text(r, "node", node))
        return false;
    if (*name == NULL || !is_name(*name)) {
        request_fail(r, 422, "invalid-data", "name",
                     "name: must be 1 to %d letters, digits, '-', '_', '.' or '@'", TOKEN_NAME_MAX);
        return false;
    }
    if (*role == NULL || token_role_text(*role) == NULL)
        return fail_role(r);
    if (*node != NULL && !token_role_has_node(*role)) {
        request_fail(r, 422, "invalid-data", "node",
                     "node: a token of role %s is for the whole grid; leave node out", *role);
        return false;
    }
    if (*node != NULL && !is_node(r->admin, *node)) {
        request_fail(r, 404, "not-found", "node",
                     "there is no grid node %.48s; 'noxctl grid show' names all", *node);
        return false;
    }
    return true;
}

static void making_free(struct making *m)
{
    OPENSSL_cleanse(m, sizeof(*m));
    free(m);
}

static void on_kept(void *arg, enum store_rc rc, const union store_result *result)
{
    struct making *m = arg;
    struct request *r = m->request;
    (void)result;
    if (rc != STORE_OK) {
        request_fail_rc(r, rc, NULL, NULL);
    } else if (!tokens_put(&r->admin->tokens, &m->row)) {
        request_fail(r, 503, "overloaded", NULL,
                     "out of memory: it is stored, but valid only after a restart of noxd");
    } else {
        jout_open(&r->out, NULL, '{');
        put_token(&r->out, tokens_find(&r->admin->tokens, m->name));
        jout_text(&r->out, "token", m->text);
        jout_close(&r->out, '}');
        request_answer(r, 201);
    }
    making_free(m);
    request_unref(r);
}

void route_token_add(struct request *r)
{
    struct admin *a = r->admin;
    const char *name = NULL, *role = NULL, *node = NULL;
    if (!read_wish(r, &name, &role, &node) || !admin_can_write(r))
        return;
    if (tokens_find(&a->tokens, name) != NULL) {
        request_fail(r, 409, "exists", "name",
                     "there is a token %s; 'noxctl token remove %s' first, or choose another name",
                     name, name);
        return;
    }
    if (a->tokens.n >= TOKENS_MAX) {
        request_fail(r, 409, "too-many", NULL, "there are %d tokens: remove those that nobody uses",
                     TOKENS_MAX);
        return;
    }
    struct making *m = calloc(1, sizeof(*m));
    if (m == NULL || !token_make(m->text, m->row.hash)) {
        free(m);
        request_fail(r, 503, "overloaded", NULL, "no memory or no random numbers; try again");
        return;
    }
    m->request = r;
    snprintf(m->name, sizeof(m->name), "%s", name);
    snprintf(m->role, sizeof(m->role), "%s", role);
    snprintf(m->node, sizeof(m->node), "%s", node != NULL ? node : "");
    snprintf(m->who, sizeof(m->who), "%s", request_who(r));
    m->row.name = m->name;
    m->row.role = m->role;
    m->row.node = node != NULL ? m->node : NULL;
    m->row.who = m->who;
    m->row.made_at_ms = admin_now(a).utc_ms;
    request_ref(r);
    if (!store_token(a->options.store, &m->row, (struct store_done){ on_kept, m })) {
        making_free(m);
        admin_not_taken(r);
    }
}

/* Valid no more at once; the answer says that it stays so. */
void route_token_remove(struct request *r)
{
    struct admin *a = r->admin;
    if (!admin_can_write(r))
        return;
    struct store_done done = admin_written(r, "token", false);
    if (!store_token_remove(a->options.store, r->param[0], done)) {
        admin_not_taken(r);
        return;
    }
    tokens_remove(&a->tokens, r->param[0]);
}
