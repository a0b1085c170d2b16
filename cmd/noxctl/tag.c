/* Tags of customers and tariffs. */
#include <stdio.h>
#include <stdlib.h>
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
    { "GROUPS", "groups", CELL_TEXT, TABLE_CUT },
    { "PARENT", "parent_id_tag", CELL_TEXT, TABLE_WIDE },
    { "ONE SESSION", "single_session", CELL_YES_NO, TABLE_WIDE },
};
static const struct table tag_table = TABLE(tag_columns);

/* Names of groups as one text, for people. */
static void join_groups(json_t *tag)
{
    struct ocpp_text text;
    json_t *groups = json_object_get(tag, "groups");
    if (!json_is_array(groups))
        return;
    ocpp_text_init(&text);
    for (size_t i = 0; i < json_array_size(groups); i++)
        ocpp_text_append_format(&text, "%s%s", i > 0 ? " " : "",
                                json_string_value(json_array_get(groups, i)));
    json_object_set_new(tag, "groups", json_string(text.data));
    ocpp_text_done(&text);
}

static void join_all_groups(const struct ctl *ctl, json_t *answer)
{
    json_t *items = json_object_get(answer, "items");
    for (size_t i = 0; ctl->output != CTL_JSON && i < json_array_size(items); i++)
        join_groups(json_array_get(items, i));
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    static const char *const names[] = {
        "status", "customer", "group", "parent", "search", "limit"
    };
    json_t *answer = NULL;
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_append_str(&path, "/v1/tags");
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        filter_query(&path, names[i], ctl_flag(ctl, names[i]));
    enum ctl_exit rc = client_get(ctl, &answer, path.data);
    ocpp_text_done(&path);
    if (rc == CTL_OK) {
        join_all_groups(ctl, answer);
        rc = table_print(ctl, &tag_table, answer, "No tags. 'noxctl tag add IDTAG' adds one.");
        if (json_object_get(answer, "next"))
            ctl_note(ctl, "there are more; --limit shows more of them");
    }
    json_decref(answer);
    return rc;
}

/* @return new reference, NULL if there is none, or after a complaint */
static json_t *look_up(const struct ctl *ctl, const char *id_tag, enum ctl_exit *ret_rc)
{
    struct client_answer answer;
    char *path = client_path("/v1/tags/%s", id_tag);
    client_ask(ctl, "GET", path, NULL, &answer);
    free(path);
    json_t *found = answer.exit == CTL_OK ? json_incref(answer.json) : NULL;
    *ret_rc = answer.exit == CTL_NOT_FOUND ? CTL_OK : answer.exit;
    if (*ret_rc != CTL_OK)
        ctl_fail(answer.exit, "%s", answer.message);
    client_answer_done(&answer);
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
    json_t *tag = NULL;
    const char *station = ctl_flag(ctl, "station");
    enum ctl_exit rc = station
                           ? client_get(ctl, &tag, "/v1/tags/%s?station=%s", ctl->arg[0], station)
                           : client_get(ctl, &tag, "/v1/tags/%s", ctl->arg[0]);
    if (rc != CTL_OK)
        return rc;
    if (ctl->output != CTL_JSON)
        join_groups(tag);
    rc = table_print_one(ctl, &tag_table, tag);
    const json_t *at = member_at(tag, "at");
    if (at && ctl->output == CTL_TABLE)
        printf("at %s: %s: %s\n", member_text(at, "station"), member_text(at, "verdict"),
               member_text(at, "why"));
    json_decref(tag);
    return rc;
}

static enum ctl_exit put_tag(const struct ctl *ctl, const json_t *tag, const char *done)
{
    json_t *answer = NULL;
    const char *id_tag = member_text(tag, "id_tag");
    json_t *body = json_copy((json_t *)tag);
    json_object_del(body, "revision");
    enum ctl_exit rc = client_do(ctl, "PUT", body, &answer, "/v1/tags/%s", id_tag);
    json_decref(body);
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

/* "nord,sued", "none" */
static json_t *groups_of(const char *text)
{
    json_t *list = json_array();
    if (strcmp(text, "none") == 0)
        return list;
    while (*text != '\0') {
        size_t n = strcspn(text, ", ");
        if (n > 0)
            json_array_append_new(list, json_stringn(text, n));
        text += n;
        text += strspn(text, ", ");
    }
    return list;
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
    if (ctl_flag(ctl, "groups"))
        json_object_set_new(tag, "groups", groups_of(ctl_flag(ctl, "groups")));
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

static enum ctl_exit run_groups(struct ctl *ctl)
{
    enum ctl_exit rc;
    json_t *tag = fetch_tag(ctl, ctl->arg[0], &rc);
    if (!tag)
        return rc;
    json_object_set_new(tag, "groups", groups_of(ctl->arg[1]));
    rc = put_tag(ctl, tag,
                 strcmp(ctl->arg[1], "none") == 0 ? "may charge everywhere"
                                                  : "may charge in these groups");
    json_decref(tag);
    return rc;
}

/* --- tables of tags --- */

static const struct table_column change_columns[] = {
    { "CHANGE", "change", CELL_STATUS, 0 },
    { "TAG", "id", CELL_TEXT, 0 },
    { "DETAIL", "detail", CELL_TEXT, TABLE_WRAP },
};
static const struct table change_table = TABLE(change_columns);

static enum ctl_exit print_import(const struct ctl *ctl, const json_t *answer)
{
    const json_t *changes = member_at(answer, "changes");
    enum ctl_exit rc = CTL_OK;
    if (ctl->output == CTL_JSON)
        return ctl_print_json(ctl, answer);
    if (json_array_size(changes) > 0)
        rc = table_print(ctl, &change_table, changes, NULL);
    json_int_t n[4], shown = (json_int_t)json_array_size(changes);
    static const char *const names[] = { "added", "changed", "removed", "unchanged" };
    for (size_t i = 0; i < 4; i++)
        n[i] = json_integer_value(json_object_get(answer, names[i]));
    if (shown > 0 && shown < n[0] + n[1] + n[2])
        ctl_note(ctl, "(the first %d changes)", (int)shown);
    ctl_note(ctl, "%s%d added, %d changed, %d removed, %d unchanged",
             member_true(answer, "dry_run") ? "Dry run, nothing done: " : "", (int)n[0], (int)n[1],
             (int)n[2], (int)n[3]);
    return rc;
}

static enum ctl_exit complain(const struct client_answer *answer, const char *file)
{
    const json_t *lines = json_object_get(json_object_get(answer->json, "error"), "lines");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        ctl_fail(CTL_FAILED, "%s:%d: %s", file,
                 (int)json_integer_value(json_object_get(line, "line")), member_text(line, "text"));
    }
    return ctl_fail(answer->exit, "%s", answer->message);
}

static enum ctl_exit run_import(struct ctl *ctl)
{
    size_t len;
    const char *file = ctl->arg[0];
    if (ctl_flag(ctl, "delete-missing") && !ctl_flag(ctl, "dry-run") && !ctl_flag(ctl, "yes"))
        return ctl_fail(CTL_USAGE,
                        "nothing done: --delete-missing removes tags; look with --dry-run, then "
                        "add --yes");
    char *text = ctl_read_file(file, &len);
    if (!text)
        return CTL_FAILED;
    json_t *csv = strlen(text) == len ? json_stringn(text, len) : NULL;
    free(text);
    if (!csv)
        return ctl_fail(CTL_FAILED, "%s: is no UTF-8 text; save it as CSV in UTF-8", file);
    json_t *body = json_pack("{s:o}", "csv", csv);
    struct ocpp_text path;
    struct client_answer answer;
    ocpp_text_init(&path);
    ocpp_text_append_str(&path, "/v1/tags/import");
    filter_query(&path, "dry_run", ctl_flag(ctl, "dry-run") ? "1" : NULL);
    filter_query(&path, "delete_missing", ctl_flag(ctl, "delete-missing") ? "1" : NULL);
    client_ask(ctl, "POST", path.data, body, &answer);
    enum ctl_exit rc =
        answer.exit == CTL_OK ? print_import(ctl, answer.json) : complain(&answer, file);
    client_answer_done(&answer);
    ocpp_text_done(&path);
    json_decref(body);
    return rc;
}

static bool to_stdout(void *arg, const char *bytes, size_t n)
{
    (void)arg;
    return fwrite(bytes, 1, n, stdout) == n;
}

static enum ctl_exit run_export(struct ctl *ctl)
{
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_append_str(&path, "/v1/tags?format=csv");
    filter_query(&path, "group", ctl_flag(ctl, "group"));
    filter_query(&path, "customer", ctl_flag(ctl, "customer"));
    enum ctl_exit rc = client_stream(ctl, "GET", path.data, NULL, to_stdout, NULL);
    ocpp_text_done(&path);
    return rc;
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
    { "group", "NAME", 0, "only of this group" },
    { "parent", "IDTAG", 0, "only with this parent" },
    { "search", "TEXT", 0, "part of an idTag or customer" },
    { "limit", "N", 0, "at most so many" },
};
static const struct ctl_flag show_flags[] = {
    { "station", "STATION", 0, "may it charge there, and why not" },
};
static const struct ctl_flag import_flags[] = {
    { "dry-run", NULL, 0, "only show what would change" },
    { "delete-missing", NULL, 0, "remove tags that the file does not name (needs --yes)" },
    { "yes", NULL, 0, "yes, remove them" },
};
static const struct ctl_flag export_flags[] = {
    { "customer", "ID", 0, "only of this customer" },
    { "group", "NAME", 0, "only of this group" },
};
static const struct ctl_flag add_flags[] = {
    { "customer", "ID", 0, "whom its sessions are billed to" },
    { "kind", "KIND", 0, "rfid (default), app or direct" },
    { "expires", "DATE", 0, "last day on which it may charge" },
    { "parent", "IDTAG", 0, "tag of its group" },
    { "groups", "NAMES", 0, "only at stations of these groups: nord,sued" },
    { "single", NULL, 0, "only one session at a time" },
};

static const struct ctl_command commands[] = {
    { .name = "tag list",
      .args = "",
      .summary = "List RFID tags and app tokens",
      .flags = list_flags,
      .n_flags = ARRAY_SIZE(list_flags),
      .examples = "tag list --status Blocked\ntag list --search 04D0 --limit 20",
      .run = run_list },
    { .name = "tag show",
      .args = "IDTAG",
      .summary = "Show one tag",
      .flags = show_flags,
      .n_flags = ARRAY_SIZE(show_flags),
      .examples = "tag show 04D001A7C3E137\ntag show 04D001A7C3E137 --station DO-L0001",
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
    { .name = "tag groups",
      .args = "IDTAG NAMES",
      .summary = "Say where a tag may charge: groups of stations",
      .examples = "tag groups 04D001A7C3E137 nord,sued\ntag groups 04D001A7C3E137 none",
      .more = "Stations get their groups by 'noxctl apply'. A tag without groups may charge "
              "everywhere, except at stations that accept only tags of their groups "
              "(groups_only).",
      .run = run_groups },
    { .name = "tag import",
      .args = "FILE",
      .summary = "Bring tags in from a CSV file",
      .flags = import_flags,
      .n_flags = ARRAY_SIZE(import_flags),
      .examples = "tag import tags.csv --dry-run\ntag import tags.csv",
      .more = "The first line names the columns: id_tag, parent_id_tag, customer, auth_kind, "
              "status, expires, single_session, groups. Comma, semicolon or tab part them; names "
              "of groups stand with blanks between. Columns that are not there stay as they are; "
              "an empty cell sets the default. If a line is wrong nothing is changed.",
      .run = run_import },
    { .name = "tag export",
      .args = "",
      .summary = "Print tags as CSV, as 'tag import' takes them",
      .flags = export_flags,
      .n_flags = ARRAY_SIZE(export_flags),
      .examples = "tag export > tags.csv",
      .run = run_export },
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
