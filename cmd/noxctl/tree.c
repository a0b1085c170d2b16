#include "cmd/noxctl/tree.h"

#include <stdbool.h>
#include <string.h>

#include "cmd/noxctl/member.h"

enum { DEPTH_MAX = 64 };

static bool is_root(const json_t *nodes, const json_t *node)
{
    const char *parent = member_text(node, "parent");
    return *parent == '\0' || !member_find(nodes, "id", parent);
}

/* A node is named once, whatever the parents say: the list never grows longer than theirs. */
static void append_below(const json_t *nodes, const json_t *node, json_t *out)
{
    size_t n = json_array_size(nodes);
    const char *id = member_text(node, "id");
    json_array_append(out, (json_t *)node);
    for (size_t i = 0; *id && i < n && json_array_size(out) < n; i++) {
        const json_t *child = json_array_get(nodes, i);
        if (child != node && strcmp(member_text(child, "parent"), id) == 0)
            append_below(nodes, child, out);
    }
}

json_t *tree_ordered(const json_t *nodes)
{
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(nodes); i++)
        if (is_root(nodes, json_array_get(nodes, i)))
            append_below(nodes, json_array_get(nodes, i), out);
    return out;
}

size_t tree_depth(const json_t *nodes, const json_t *node)
{
    size_t depth = 0;
    while (node && depth < DEPTH_MAX && !is_root(nodes, node)) {
        node = member_find(nodes, "id", member_text(node, "parent"));
        depth++;
    }
    return depth;
}
