#include "ocpp/central/tags.h"

#include <stdlib.h>
#include <string.h>

enum { GONE_MAX = 20000 /* deletions that are remembered, as in the store */ };

void tag_key(const char *id_tag, char key[TAG_KEY_SIZE])
{
    size_t len = 0, characters = 0;
    for (const char *p = id_tag; *p != '\0' && len < TAG_KEY_SIZE - 1; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80 && characters++ == TAG_COMPARED)
            break;
        key[len++] = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
    key[len] = '\0';
}

/* --- groups --- */

static bool has_name(const char *names, const char *name, size_t len)
{
    while (*names != '\0') {
        size_t n = strcspn(names, " ");
        if (n == len && memcmp(names, name, len) == 0)
            return true;
        names += n;
        names += strspn(names, " ");
    }
    return false;
}

bool groups_allow(const char *tag_groups, const char *station_groups, bool station_only)
{
    if (tag_groups == NULL || tag_groups[0] == '\0')
        return !station_only;
    for (const char *p = tag_groups; station_groups != NULL && *p != '\0';) {
        size_t n = strcspn(p, " ");
        if (n > 0 && has_name(station_groups, p, n))
            return true;
        p += n;
        p += strspn(p, " ");
    }
    return false;
}

static int compare_groups(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

/* Finds or makes. */
static struct tag_set *set_of(struct tags *t, const char *groups)
{
    size_t low = 0, high = t->n_sets;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_groups(t->set[middle].groups, groups) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < t->n_sets && compare_groups(t->set[low].groups, groups) == 0)
        return &t->set[low];
    if (t->n_sets == t->room_sets) {
        size_t room = t->room_sets > 0 ? 2 * t->room_sets : 16;
        struct tag_set *grown = realloc(t->set, room * sizeof(*grown));
        if (grown == NULL)
            return NULL;
        t->set = grown;
        t->room_sets = room;
    }
    char *copy = groups != NULL ? strdup(groups) : NULL;
    if (groups != NULL && copy == NULL)
        return NULL;
    memmove(&t->set[low + 1], &t->set[low], (t->n_sets - low) * sizeof(*t->set));
    t->set[low] = (struct tag_set){ .groups = copy };
    t->n_sets++;
    return &t->set[low];
}

/* --- one tag in one block --- */

static uint32_t hash_of(const char *key)
{
    uint32_t h = 2166136261U;
    for (; *key != '\0'; key++)
        h = (h ^ (unsigned char)*key) * 16777619U;
    h ^= h >> 15;
    return h * 2246822519U;
}

static const char *put_text(char **at, const char *text)
{
    if (text == NULL)
        return NULL;
    size_t n = strlen(text) + 1;
    char *copy = memcpy(*at, text, n);
    *at += n;
    return copy;
}

static size_t room_of(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

static struct tag *tag_new(const struct store_tag *in)
{
    char key[TAG_KEY_SIZE];
    tag_key(in->id_tag, key);
    bool is_key = strcmp(key, in->id_tag) == 0; /* mostly: then it stands there once */
    size_t size = sizeof(struct tag) + (is_key ? 0 : strlen(key) + 1) + room_of(in->id_tag) +
                  room_of(in->parent_id_tag) + room_of(in->customer) + room_of(in->auth_kind) +
                  room_of(in->groups);
    struct tag *tag = malloc(size);
    if (tag == NULL)
        return NULL;
    char *at = (char *)(tag + 1);
    *tag = (struct tag){ .expires_at_ms = in->expires_at_ms,
                         .priority = hash_of(key),
                         .revision = in->revision,
                         .moved = in->moved,
                         .status = (int8_t)in->status,
                         .single_session = in->single_session };
    tag->id_tag = put_text(&at, in->id_tag);
    tag->key = is_key ? tag->id_tag : put_text(&at, key);
    tag->parent = put_text(&at, in->parent_id_tag);
    tag->customer = put_text(&at, in->customer);
    tag->auth_kind = put_text(&at, in->auth_kind);
    tag->groups = put_text(&at, in->groups);
    return tag;
}

/* --- the treap: by key, a heap by priority --- */

static void split(struct tag *node, const char *key, struct tag **ret_less, struct tag **ret_more)
{
    while (node != NULL) {
        if (strcmp(node->key, key) < 0) {
            *ret_less = node;
            ret_less = &node->right;
            node = node->right;
        } else {
            *ret_more = node;
            ret_more = &node->left;
            node = node->left;
        }
    }
    *ret_less = *ret_more = NULL;
}

static struct tag *find(struct tag *node, const char *key)
{
    while (node != NULL) {
        int order = strcmp(key, node->key);
        if (order == 0)
            return node;
        node = order < 0 ? node->left : node->right;
    }
    return NULL;
}

/* The key is not there yet. */
static void insert(struct tag **root, struct tag *tag)
{
    while (*root != NULL && (*root)->priority >= tag->priority)
        root = strcmp(tag->key, (*root)->key) < 0 ? &(*root)->left : &(*root)->right;
    split(*root, tag->key, &tag->left, &tag->right);
    *root = tag;
}

static struct tag *take(struct tag **root, const char *key)
{
    while (*root != NULL) {
        int order = strcmp(key, (*root)->key);
        if (order == 0)
            break;
        root = order < 0 ? &(*root)->left : &(*root)->right;
    }
    struct tag *tag = *root;
    if (tag == NULL)
        return NULL;
    struct tag *left = tag->left, *right = tag->right;
    while (left != NULL && right != NULL) {
        if (left->priority >= right->priority) {
            *root = left;
            root = &left->right;
            left = left->right;
        } else {
            *root = right;
            root = &right->left;
            right = right->left;
        }
    }
    *root = left != NULL ? left : right;
    return tag;
}

/* Without recursion: turned to the right until there is nothing on the left. */
static void free_all(struct tag *node)
{
    while (node != NULL) {
        struct tag *left = node->left, *next = node->right;
        if (left != NULL) {
            node->left = left->right;
            left->right = node;
            node = left;
            continue;
        }
        free(node);
        node = next;
    }
}

/* --- the hash table --- */

static struct tag **bucket_of(const struct tags *t, uint32_t hash)
{
    return &t->bucket[hash & (t->n_buckets - 1)];
}

/* Room for one more; of a large table some milliseconds at each doubling. */
static bool hash_room(struct tags *t)
{
    struct tags grown = { .n_buckets = t->n_buckets > 0 ? 2 * t->n_buckets : 64 };
    if (t->n < t->n_buckets)
        return true;
    grown.bucket = calloc(grown.n_buckets, sizeof(struct tag *));
    if (grown.bucket == NULL)
        return t->n_buckets > 0; /* longer chains do as well */
    for (size_t i = 0; i < t->n_buckets; i++)
        for (struct tag *tag = t->bucket[i], *next; tag != NULL; tag = next) {
            struct tag **to = bucket_of(&grown, tag->priority);
            next = tag->chain;
            tag->chain = *to;
            *to = tag;
        }
    free(t->bucket);
    t->bucket = grown.bucket;
    t->n_buckets = grown.n_buckets;
    return true;
}

static void hash_add(struct tags *t, struct tag *tag)
{
    struct tag **to = bucket_of(t, tag->priority);
    tag->chain = *to;
    *to = tag;
}

static void hash_drop(struct tags *t, const struct tag *tag)
{
    struct tag **at = bucket_of(t, tag->priority);
    while (*at != tag)
        at = &(*at)->chain;
    *at = tag->chain;
}

const struct tag *tags_find(const struct tags *t, const char *id_tag)
{
    char key[TAG_KEY_SIZE];
    tag_key(id_tag, key);
    const struct tag *tag = t->n_buckets > 0 ? *bucket_of(t, hash_of(key)) : NULL;
    while (tag != NULL && strcmp(tag->key, key) != 0)
        tag = tag->chain;
    return tag;
}

const struct tag *tags_next(const struct tags *t, const char *key)
{
    const struct tag *node = t->root, *found = NULL;
    while (node != NULL) {
        if (strcmp(node->key, key) > 0) {
            found = node;
            node = node->left;
        } else {
            node = node->right;
        }
    }
    return found;
}

/* --- the log --- */

size_t tags_log_after(const struct tags *t, int32_t revision)
{
    size_t low = 0, high = t->n_log;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->log[middle].revision <= revision)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void log_compact(struct tags *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_log; i++)
        if (t->log[i].tag != NULL)
            t->log[n++] = t->log[i];
    t->n_log = n;
    t->n_holes = 0;
}

static bool log_room(struct tags *t)
{
    if (t->n_holes > 1000 && t->n_holes > t->n_log / 2)
        log_compact(t);
    if (t->n_log < t->room_log)
        return true;
    size_t room = t->room_log > 0 ? 2 * t->room_log : 64;
    struct tag_log_entry *grown = realloc(t->log, room * sizeof(*grown));
    if (grown == NULL)
        return false;
    t->log = grown;
    t->room_log = room;
    return true;
}

static void log_add(struct tags *t, struct tag *tag)
{
    t->log[t->n_log++] = (struct tag_log_entry){ tag->revision, tag };
}

static void log_drop(struct tags *t, const struct tag *tag)
{
    size_t i = tags_log_after(t, tag->revision - 1);
    for (; i < t->n_log && t->log[i].revision == tag->revision; i++)
        if (t->log[i].tag == tag) {
            t->log[i].tag = NULL;
            t->n_holes++;
            return;
        }
}

/* --- changes --- */

static void forget(struct tags *t, struct tag *tag)
{
    log_drop(t, tag);
    free(tag);
}

static bool same_groups(const struct tag *tag, const char *groups)
{
    return compare_groups(tag->groups, groups) == 0;
}

bool tags_put(struct tags *t, const struct store_tag *in)
{
    if (in->revision <= t->state.revision && t->n_log > 0)
        return true;
    struct tag *tag = tag_new(in);
    struct tag_set *set = set_of(t, in->groups);
    if (tag == NULL || set == NULL || !log_room(t) || !hash_room(t)) {
        free(tag);
        return false;
    }
    set->n++;
    struct tag *old = take(&t->root, tag->key), *was_gone = take(&t->gone, tag->key);
    if (old != NULL) {
        tag->moved = same_groups(old, in->groups) ? old->moved : tag->revision;
        set_of(t, old->groups)->n--;
        hash_drop(t, old);
        forget(t, old);
        t->n--;
    }
    if (was_gone != NULL) {
        tag->moved = tag->revision;
        forget(t, was_gone);
        t->n_gone--;
    }
    insert(&t->root, tag);
    hash_add(t, tag);
    t->n++;
    log_add(t, tag);
    if (tag->revision > t->state.revision)
        t->state.revision = tag->revision;
    return true;
}

/* The oldest deletions are forgotten. */
static void prune(struct tags *t)
{
    for (size_t i = tags_log_after(t, t->state.floor); i < t->n_log && t->n_gone > GONE_MAX; i++) {
        struct tag *tag = t->log[i].tag;
        if (tag == NULL || !tag->gone)
            continue;
        t->state.floor = tag->revision;
        take(&t->gone, tag->key);
        t->n_gone--;
        forget(t, tag);
    }
}

static void add_gone(struct tags *t, struct tag *tag)
{
    tag->gone = true;
    insert(&t->gone, tag);
    t->n_gone++;
    log_add(t, tag);
    if (tag->revision > t->state.revision)
        t->state.revision = tag->revision;
    prune(t);
}

bool tags_gone(struct tags *t, const char *id_tag, int32_t revision)
{
    char key[TAG_KEY_SIZE];
    tag_key(id_tag, key);
    if (revision <= t->state.revision)
        return true;
    if (!log_room(t))
        return false;
    struct tag *tag = take(&t->root, key);
    if (tag == NULL)
        return true;
    t->n--;
    hash_drop(t, tag);
    set_of(t, tag->groups)->n--;
    log_drop(t, tag);
    tag->revision = revision;
    add_gone(t, tag);
    return true;
}

/* --- all at once --- */

static int by_revision(const void *a, const void *b)
{
    const struct tag_log_entry *x = a, *y = b;
    return (x->revision > y->revision) - (x->revision < y->revision);
}

static bool load_tag(struct tags *t, const struct store_tag *in)
{
    struct tag *tag = tag_new(in);
    struct tag_set *set = set_of(t, in->groups);
    if (tag == NULL || set == NULL || !log_room(t) || !hash_room(t)) {
        free(tag);
        return false;
    }
    if (find(t->root, tag->key) != NULL) {
        free(tag);
        return true;
    }
    set->n++;
    insert(&t->root, tag);
    hash_add(t, tag);
    t->n++;
    log_add(t, tag);
    return true;
}

static bool load_gone(struct tags *t, const struct store_tag_gone *in)
{
    struct store_tag as_tag = { .id_tag = in->id_tag,
                                .groups = in->groups,
                                .revision = in->revision,
                                .moved = in->moved };
    struct tag *tag = tag_new(&as_tag);
    if (tag == NULL || !log_room(t)) {
        free(tag);
        return false;
    }
    tag->gone = true;
    insert(&t->gone, tag);
    t->n_gone++;
    log_add(t, tag);
    return true;
}

bool tags_load(struct tags *t, const struct store_site *site)
{
    bool good = true;
    tags_done(t);
    t->state = site->tag_state;
    for (size_t i = 0; i < site->n_tags && good; i++)
        good = load_tag(t, &site->tag[i]);
    for (size_t i = 0; i < site->n_tags_gone && good; i++)
        good = load_gone(t, &site->tag_gone[i]);
    if (t->n_log > 0)
        qsort(t->log, t->n_log, sizeof(*t->log), by_revision);
    return good;
}

void tags_done(struct tags *t)
{
    free_all(t->root);
    free_all(t->gone);
    free(t->bucket);
    free(t->log);
    for (size_t i = 0; i < t->n_sets; i++)
        free(t->set[i].groups);
    free(t->set);
    *t = (struct tags){ .n = 0 };
}
