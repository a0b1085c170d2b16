/*
 * The local authorization list of a charge point, OCPP 1.6 sections 3.5.2, 5.10 and 5.15.
 *
 * Pure but for local_list_read() and local_list_write().  Nothing is allocated before the first
 * entry.  Tags are CiStrings: they match without regard to case.
 */
#ifndef CMD_NOXSIM_LOCAL_LIST_H
#define CMD_NOXSIM_LOCAL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/wire/messages_local_auth.h"

enum { LOCAL_TAG_MAX = 20 };

struct local_entry {
    int64_t expiry_ms; /* UTC, OCPP_TIME_ABSENT = never */
    int32_t status;    /* OCPP_AUTH_* */
    char tag[LOCAL_TAG_MAX + 1], parent[LOCAL_TAG_MAX + 1];
};

/* Zeroed = empty. */
struct local_list {
    struct local_entry *entry; /* by tag */
    size_t n;
    int32_t version; /* 0 = the list is empty */
};

/**
 * SendLocalList: all of it or nothing.
 *
 * @param max_entries      LocalAuthListMaxLength
 * @param max_per_message  SendLocalListMaxLength
 * @return OCPP_UPDATE_STATUS_ACCEPTED, _FAILED (a tag twice, an entry without status in a full
 *         list, too long) or _VERSION_MISMATCH (differential, not newer than what is here)
 */
int32_t local_list_update(struct local_list *list, const struct ocpp_send_local_list_req *req,
                          size_t max_entries, size_t max_per_message);

/** Add or change one entry, for a cache: when it is full the first one goes. */
void local_list_put(struct local_list *list, const char *tag, const struct ocpp_id_tag_info *info,
                    size_t max_entries);

/** @return the entry, or NULL; lent until the next update */
const struct local_entry *local_list_find(const struct local_list *list, const char *tag);

/** @return OCPP_AUTH_*: the entry's status at an instant (UTC), expired when its time is over */
int32_t local_entry_status(const struct local_entry *entry, int64_t at_ms);

/**
 * Read what local_list_write() wrote: `#version,N`, then a line for each entry: the length of the
 * tag, the tag, OCPP_AUTH_*, expiry in UTC milliseconds, parent tag.
 *
 * @return true also when there is no such file
 */
bool local_list_read(const char *path, struct local_list *ret_list, char *ret_text, size_t size);

/** The file is replaced at once or stays as it was. */
bool local_list_write(const char *path, const struct local_list *list, char *ret_text, size_t size);

void local_list_done(struct local_list *list);

#endif
