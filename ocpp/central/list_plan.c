#include "ocpp/central/list_plan.h"

#include <stdio.h>
#include <string.h>

enum {
    ENTRY_BYTES = 150, /* names and punctuation of an entry at most */
    ID_TAG_MAX = 20,   /* characters; longer ones cannot be sent */
};

static char class_of(const char *tag_groups)
{
    return tag_groups != NULL && tag_groups[0] != '\0' ? '0' : '1';
}

static bool fits(const struct list_scope *scope, const char *key, const char *tag_groups)
{
    if (scope->cut == NULL)
        return true;
    char class = class_of(tag_groups);
    return class != scope->cut[0] ? class < scope->cut[0] : strcmp(key, scope->cut + 1) <= 0;
}

static bool can_be_sent(const char *id_tag)
{
    size_t n = 0;
    for (const char *p = id_tag; *p != '\0'; p++)
        n += ((unsigned char)*p & 0xC0) != 0x80;
    return n <= ID_TAG_MAX;
}

static bool is_allowed(const struct list_scope *scope, const char *tag_groups)
{
    return groups_allow(tag_groups, scope->groups, scope->groups_only);
}

static bool wants(const struct list_scope *scope, const struct tag *tag)
{
    return !tag->gone && is_allowed(scope, tag->groups) && fits(scope, tag->key, tag->groups) &&
           can_be_sent(tag->id_tag);
}

bool list_wants(const struct list_scope *scope, const char *id_tag, const char *tag_groups)
{
    char key[TAG_KEY_SIZE];
    tag_key(id_tag, key);
    return is_allowed(scope, tag_groups) && fits(scope, key, tag_groups) && can_be_sent(id_tag);
}

size_t list_count(const struct tags *t, const struct list_scope *scope)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_sets; i++)
        if (t->set[i].n > 0 && is_allowed(scope, t->set[i].groups))
            n += t->set[i].n;
    return n;
}

static uint64_t mix(uint64_t h, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (h ^ 0xFF) * UINT64_C(1099511628211);
}

int64_t list_digest(const struct list_scope *scope, int32_t max_entries)
{
    char rest[32];
    snprintf(rest, sizeof(rest), "%d %d", (int)scope->groups_only, (int)max_entries);
    uint64_t h = mix(mix(UINT64_C(14695981039346656037), scope->groups), rest);
    return (int64_t)(h >> 1);
}

/* It is not wanted, but may be in the list: then it has to go.  What was never there needs not. */
static bool may_be_in_list(const struct list_scope *scope, const struct tag *tag, int32_t base)
{
    if (tag->revision <= base || !can_be_sent(tag->id_tag))
        return false; /* the full list came later and did not have it */
    if (tag->moved > base)
        return true; /* it had other groups since */
    return tag->gone && is_allowed(scope, tag->groups) && fits(scope, tag->key, tag->groups);
}

void list_next(const struct tags *t, const struct list_scope *scope, int32_t upto, int32_t base,
               const struct list_limits *limits, struct list_part *part)
{
    size_t bytes = 0, walked = 0, i = tags_log_after(t, upto);
    part->n = part->n_put = 0;
    part->upto = upto;
    for (; i < t->n_log && walked < limits->walk && part->n < limits->entries; i++, walked++) {
        const struct tag *tag = t->log[i].tag;
        bool put = tag != NULL && wants(scope, tag);
        if (put || (tag != NULL && may_be_in_list(scope, tag, base))) {
            bytes += ENTRY_BYTES + strlen(tag->id_tag) +
                     (put && tag->parent != NULL ? strlen(tag->parent) : 0);
            if (bytes > limits->bytes && part->n > 0)
                break;
            part->entry[part->n++] = (struct list_entry){ tag, !put };
            part->n_put += put;
        }
        part->upto = t->log[i].revision;
    }
    part->is_last = i == t->n_log;
    if (part->is_last)
        part->upto = t->state.revision;
}

bool list_is_shorter_full(const struct tags *t, const struct list_scope *scope, int32_t upto,
                          int32_t base, size_t walk)
{
    size_t whole = list_count(t, scope), n = 0, i = tags_log_after(t, upto);
    if (t->n_log - i <= whole)
        return false;
    for (size_t walked = 0; i < t->n_log; i++, walked++) {
        const struct tag *tag = t->log[i].tag;
        if (walked == walk)
            return true;
        if (tag != NULL && (wants(scope, tag) || may_be_in_list(scope, tag, base)))
            n++;
        if (n > whole)
            return true;
    }
    return false;
}

/* --- the cut --- */

static size_t count_tied(const struct tags *t, const struct list_scope *scope)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_sets; i++)
        if (class_of(t->set[i].groups) == '0' && is_allowed(scope, t->set[i].groups))
            n += t->set[i].n;
    return n;
}

void list_cut_begin(const struct tags *t, const struct list_scope *scope, size_t max_entries,
                    struct list_cutter *ret_cutter)
{
    size_t fit = max_entries - max_entries / 20, tied = count_tied(t, scope);
    bool lies_in_tied = tied >= fit;
    *ret_cutter = (struct list_cutter){ .class = lies_in_tied ? '0' : '1',
                                        .left = lies_in_tied ? fit : fit - tied };
}

bool list_cut_step(const struct tags *t, const struct list_scope *scope, size_t walk,
                   struct list_cutter *cutter, char ret_cut[LIST_CUT_SIZE])
{
    for (; walk > 0 && cutter->left > 0; walk--) {
        const struct tag *tag = tags_next(t, cutter->key);
        if (tag == NULL)
            cutter->left = 0;
        else
            snprintf(cutter->key, sizeof(cutter->key), "%s", tag->key);
        if (tag != NULL && class_of(tag->groups) == cutter->class && is_allowed(scope, tag->groups))
            cutter->left--;
    }
    if (cutter->left > 0)
        return false;
    snprintf(ret_cut, LIST_CUT_SIZE, "%c%s", cutter->class, cutter->key);
    return true;
}
