/* Tags of customers and tariffs. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/text.h"

static const struct table_column tag_columns[] = {
    { "TAG", "id_tag", CELL_TEXT, 0 },
    { "STATUS", "status", CELL_STATUS, 0 },
    { "CUSTOMER", "customer", CELL_TEXT, TABLE_CUT },
    { "KIND", "auth_kind", CELL_TEXT, 0 },
    { "EXPIRES", "expires", CELL_TEXT, 0 },
    { "PARENT", "parent_id_tag", CELL_TEXT, TABLE_WIDE },
    { "ONE SESSION", "single_session", CELL_YES_NO, TABLE_WIDE },
};
static const struct table tag_table = TABLE(tag_columns);

static bool is_wanted(const struct ctl *ctl, const json_t *tag)
{
    return filter_text(ctl, "status", tag, "status") &&
           filter_text(ctl, "customer", tag, "customer");
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/tags");
    if (rc == CTL_OK) {
        filter_items(ctl, answer, is_wanted);
        rc = table_print(ctl, &tag_table, answer, "No tags. 'noxctl tag add IDTAG' adds one.");
    }
    json_decref(answer);
    return rc;
}

/* idTags are compared without regard to case. @return new reference, NULL if there is none */
static json_t *look_up(const struct ctl *ctl, const char *id_tag, enum ctl_exit *ret_rc)
{
    json_t *answer = NULL, *found = NULL;
    *ret_rc = client_get(ctl, &answer, "/v1/tags");
    const json_t *items = member_items(answer);
    for (size_t i = 0; *ret_rc == CTL_OK && !found && i < json_array_size(items); i++) {
        json_t *tag = json_array_get(items, i);
        if (ocpp_ci_equal(member_text(tag, "id_tag"), id_tag))
            found = json_incref(tag);
    }
    json_decref(answer);
    return found;
}

/* @return new reference, NULL after a complaint */
static json_t *fetch_tag(const struct ctl *ctl, const char *id_tag, enum ctl_exit *ret_rc)
{
    json_t *found = look_up(ctl, id_tag, ret_rc);
    if (*ret_rc == CTL_OK && !found)
        *ret_rc = ctl_fail(CTL_NOT_FOUND, "no tag '%s'; 'noxctl tag list' lists them", id_tag);
    return found;
}

static enum ctl_exit run_show(struct ctl *ctl)
{
    enum ctl_exit rc;
    json_t *tag = fetch_tag(ctl, ctl->arg[0], &rc);
    if (tag)
        rc = table_print_one(ctl, &tag_table, tag);
    json_decref(tag);
    return rc;
}

static enum ctl_exit put_tag(const struct ctl *ctl, const json_t *tag, const char *done)
{
    json_t *answer = NULL;
    const char *id_tag = member_text(tag, "id_tag");
    enum ctl_exit rc = client_do(ctl, "PUT", tag, &answer, "/v1/tags/%s", id_tag);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        ctl_note(ctl, "%s: %s", id_tag, done);
    json_decref(answer);
    return rc;
}

/* Adding must not unblock, or make another's, what is there. */
static enum ctl_exit check_new(const struct ctl *ctl, const char *id_tag)
{
    enum ctl_exit rc;
    json_t *tag = look_up(ctl, id_tag, &rc);
    const char *id = member_text(tag, "id_tag"), *status = member_text(tag, "status");
    if (tag && strcmp(status, "Blocked") == 0)
        rc = ctl_fail(CTL_CONFLICT,
                      "%s is there already (%s); 'noxctl tag unblock %s' lets it "
                      "charge again",
                      id, status, id);
    else if (tag)
        rc = ctl_fail(CTL_CONFLICT,
                      "%s is there already (%s); change it by 'noxctl apply', or "
                      "remove it first ('noxctl tag remove %s')",
                      id, status, id);
    json_decref(tag);
    return rc;
}

static enum ctl_exit run_add(struct ctl *ctl)
{
    static const char *const members[][2] = {
        { "customer", "customer" },
        { "expires", "expires" },
        { "parent", "parent_id_tag" },
    };
    enum ctl_exit rc = check_new(ctl, ctl->arg[0]);
    if (rc != CTL_OK)
        return rc;
    const char *kind = ctl_flag(ctl, "kind");
    json_t *tag = json_pack("{ssssss}", "id_tag", ctl->arg[0], "auth_kind", kind ? kind : "rfid",
                            "status", "Accepted");
    for (size_t i = 0; i < ARRAY_SIZE(members); i++)
        if (ctl_flag(ctl, members[i][0]))
            json_object_set_new(tag, members[i][1], json_string(ctl_flag(ctl, members[i][0])));
    if (ctl_flag(ctl, "single"))
        json_object_set_new(tag, "single_session", json_true());
    rc = put_tag(ctl, tag, "may charge");
    json_decref(tag);
    return rc;
}

static enum ctl_exit set_one(const struct ctl *ctl, const char *id_tag, const char *status,
                             const char *done)
{
    enum ctl_exit rc;
    json_t *tag = fetch_tag(ctl, id_tag, &rc);
    if (!tag)
        return rc;
    json_object_set_new(tag, "status", json_string(status));
    rc = put_tag(ctl, tag, done);
    json_decref(tag);
    return rc;
}

/* All are tried, whatever becomes of one. */
static enum ctl_exit set_status(struct ctl *ctl, const char *status, const char *done)
{
    enum ctl_exit last = CTL_OK;
    size_t n_failed = 0;
    for (size_t i = 0; i < ctl->n_args; i++) {
        enum ctl_exit rc = set_one(ctl, ctl->arg[i], status, done);
        n_failed += rc != CTL_OK;
        last = rc != CTL_OK ? rc : last;
    }
    if (n_failed == 0 || ctl->n_args == 1)
        return last;
    return ctl_fail(CTL_PARTIAL, "%zu of %zu tags failed", n_failed, ctl->n_args);
}

static enum ctl_exit run_block(struct ctl *ctl)
{
    return set_status(ctl, "Blocked", "is blocked");
}

static enum ctl_exit run_unblock(struct ctl *ctl)
{
    return set_status(ctl, "Accepted", "may charge again");
}

static enum ctl_exit run_remove(struct ctl *ctl)
{
    if (!ctl_flag(ctl, "yes"))
        return ctl_fail(CTL_USAGE,
                        "nothing done: removing tag %s needs --yes ('noxctl tag block' "
                        "keeps it on record)",
                        ctl->arg[0]);
    enum ctl_exit rc = client_do(ctl, "DELETE", NULL, NULL, "/v1/tags/%s", ctl->arg[0]);
    if (rc == CTL_OK)
        ctl_note(ctl, "%s: is removed", ctl->arg[0]);
    return rc;
}

/* --- tariffs --- */

static const struct table_column tariff_columns[] = {
    { "TARIFF", "id", CELL_TEXT, 0 },
    { "VERSION", "version", CELL_NUMBER, 0 },
    { "FROM", "valid_from", CELL_TEXT, 0 },
    { "PER kWh", "price_per_kwh", CELL_TEXT, 0 },
    { "CURRENCY", "currency", CELL_TEXT, TABLE_WIDE },
    { "VAT %", "vat_percent", CELL_NUMBER, TABLE_WIDE },
    { "TEXT", "text_de", CELL_TEXT, TABLE_WRAP },
    { "", "prices_include_vat", CELL_YES_NO, TABLE_CSV },
    { "", "blocking.after_min", CELL_NUMBER, TABLE_CSV },
    { "", "blocking.per_min", CELL_TEXT, TABLE_CSV },
    { "", "blocking.from", CELL_TEXT, TABLE_CSV },
    { "", "blocking.to", CELL_TEXT, TABLE_CSV },
    { "", "blocking.cap", CELL_TEXT, TABLE_CSV },
};
static const struct table tariff_table = TABLE(tariff_columns);

static bool is_wanted_tariff(const struct ctl *ctl, const json_t *tariff)
{
    return ctl->n_args == 0 || strcmp(member_text(tariff, "id"), ctl->arg[0]) == 0;
}

static enum ctl_exit run_tariff_list(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/tariffs");
    if (rc == CTL_OK) {
        filter_items(ctl, answer, is_wanted_tariff);
        rc = table_print(ctl, &tariff_table, answer,
                         "No tariffs. 'noxctl apply -f FILE' brings some (list `tariffs`).");
    }
    json_decref(answer);
    return rc;
}

static const struct table_column one_tariff_columns[] = {
    { "tariff", "id", CELL_TEXT, 0 },
    { "version", "version", CELL_NUMBER, 0 },
    { "valid from", "valid_from", CELL_TEXT, 0 },
    { "currency", "currency", CELL_TEXT, 0 },
    { "per kWh", "price_per_kwh", CELL_TEXT, 0 },
    { "flat", "flat", CELL_TEXT, 0 },
    { "VAT [%]", "vat_percent", CELL_NUMBER, 0 },
    { "prices with VAT", "prices_include_vat", CELL_YES_NO, 0 },
    { "blocking fee after [min]", "blocking.after_min", CELL_NUMBER, 0 },
    { "blocking fee per min", "blocking.per_min", CELL_TEXT, 0 },
    { "blocking fee from", "blocking.from", CELL_TEXT, 0 },
    { "blocking fee to", "blocking.to", CELL_TEXT, 0 },
    { "blocking fee at most", "blocking.cap", CELL_TEXT, 0 },
    { "German text", "text_de", CELL_TEXT, 0 },
    { "English text", "text_en", CELL_TEXT, 0 },
};
static const struct table one_tariff_table = TABLE(one_tariff_columns);

static enum ctl_exit print_versions(const struct ctl *ctl, const json_t *versions)
{
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    for (size_t i = 0; i < json_array_size(versions); i++) {
        if (i > 0)
            paint_end(&p);
        table_paint_one(&p, &one_tariff_table, json_array_get(versions, i));
    }
    return table_paint_out(&p);
}

static enum ctl_exit run_tariff_show(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/tariffs");
    if (rc == CTL_OK) {
        filter_items(ctl, answer, is_wanted_tariff);
        if (json_array_size(member_items(answer)) == 0)
            rc = ctl_fail(CTL_NOT_FOUND, "no tariff '%s'; 'noxctl tariff list' lists them",
                          ctl->arg[0]);
        else if (ctl->output == CTL_TABLE)
            rc = print_versions(ctl, member_items(answer));
        else
            rc = table_print(ctl, &tariff_table, answer, NULL);
    }
    json_decref(answer);
    return rc;
}

/* --- rows --- */

static const struct ctl_flag list_flags[] = {
    { "status", "STATUS", 0, "only Accepted or Blocked" },
    { "customer", "ID", 0, "only of this customer" },
};
static const struct ctl_flag add_flags[] = {
    { "customer", "ID", 0, "whom its sessions are billed to" },
    { "kind", "KIND", 0, "rfid (default), app or direct" },
    { "expires", "DATE", 0, "last day on which it may charge" },
    { "parent", "IDTAG", 0, "tag of its group" },
    { "single", NULL, 0, "only one session at a time" },
};

static const struct ctl_command commands[] = {
    { .name = "tag list",
      .args = "",
      .summary = "List RFID tags and app tokens",
      .flags = list_flags,
      .n_flags = ARRAY_SIZE(list_flags),
      .examples = "tag list --status Blocked",
      .run = run_list },
    { .name = "tag show",
      .args = "IDTAG",
      .summary = "Show one tag",
      .examples = "tag show 04D001A7C3E137",
      .run = run_show },
    { .name = "tag add",
      .args = "IDTAG",
      .summary = "Let a tag charge",
      .flags = add_flags,
      .n_flags = ARRAY_SIZE(add_flags),
      .examples = "tag add 04D041A7C3E1AB --customer C-1041",
      .run = run_add },
    { .name = "tag block",
      .args = "IDTAG...",
      .summary = "Block tags; running sessions go on",
      .examples = "tag block 04D001A7C3E137",
      .run = run_block },
    { .name = "tag unblock",
      .args = "IDTAG...",
      .summary = "Let blocked tags charge again",
      .examples = "tag unblock 04D001A7C3E137",
      .run = run_unblock },
    { .name = "tag remove",
      .args = "IDTAG",
      .traits = CTL_CONFIRM,
      .summary = "Remove a tag",
      .examples = "tag remove 04D001A7C3E137 --yes",
      .run = run_remove },
    { .name = "tariff list",
      .args = "",
      .summary = "List tariff versions",
      .examples = "tariff list",
      .run = run_tariff_list },
    { .name = "tariff show",
      .args = "TARIFF",
      .summary = "Show all versions of a tariff",
      .examples = "tariff show LATERNE-2026",
      .run = run_tariff_show },
};
const struct ctl_group ctl_group_tag = { "Tags and tariffs", commands, ARRAY_SIZE(commands) };
