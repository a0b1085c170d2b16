/*
 * The order of the grid's nodes for people: each followed by those below it.
 */
#ifndef CMD_NOXCTL_TREE_H
#define CMD_NOXCTL_TREE_H

#include <jansson.h>
#include <stddef.h>

/**
 * @param nodes  in any order; whose parent is missing counts as a root
 * @return list of the same nodes, owned by the caller
 */
json_t *tree_ordered(const json_t *nodes);

/** Levels between a node and its root. */
size_t tree_depth(const json_t *nodes, const json_t *node);

#endif
