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

static void append_below(const json_t *nodes, const json_t *node, size_t depth, json_t *out)
{
    json_array_append(out, (json_t *)node);
    for (size_t i = 0; depth < DEPTH_MAX && i < json_array_size(nodes); i++) {
        const json_t *child = json_array_get(nodes, i);
        if (child != node && strcmp(member_text(child, "parent"), member_text(node, "id")) == 0)
            append_below(nodes, child, depth + 1, out);
    }
}

json_t *tree_ordered(const json_t *nodes)
{
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(nodes); i++)
        if (is_root(nodes, json_array_get(nodes, i)))
            append_below(nodes, json_array_get(nodes, i), 0, out);
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
