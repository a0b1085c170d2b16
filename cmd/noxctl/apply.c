/* The declarative way in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/text.h"

static const struct table_column columns[] = {
    { "CHANGE", "change", CELL_STATUS, 0 },
    { "LIST", "list", CELL_TEXT, 0 },
    { "ID", "id", CELL_TEXT, 0 },
    { "DETAIL", "detail", CELL_TEXT, TABLE_WRAP },
};
static const struct table table = TABLE(columns);

static size_t count(const json_t *changes, const char *kind)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(changes); i++)
        n += strcmp(member_text(json_array_get(changes, i), "change"), kind) == 0;
    return n;
}

/* What is new or different, then one line that sums up. */
static enum ctl_exit print_people(const struct ctl *ctl, const json_t *answer)
{
    const json_t *changes = member_at(answer, "changes");
    size_t n = json_array_size(changes), unchanged = count(changes, "unchanged");
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    json_t *shown = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *change = json_array_get(changes, i);
        if (strcmp(member_text(change, "change"), "unchanged") != 0)
            json_array_append(shown, change);
    }
    if (json_array_size(shown) > 0)
        table_paint(&p, &table, shown);
    json_decref(shown);
    size_t added = count(changes, "added"), changed = count(changes, "changed");
    paint_format(&p, PAINT_HEAD, "%s%zu added, %zu changed, %zu unchanged",
                 member_true(answer, "dry_run") ? "Dry run, nothing done: " : "", added, changed,
                 unchanged);
    if (n > added + changed + unchanged)
        paint_format(&p, PAINT_HEAD, ", %zu other", n - added - changed - unchanged);
    paint_end(&p);
    return table_paint_out(&p);
}

static enum ctl_exit print_changes(const struct ctl *ctl, const json_t *answer)
{
    if (ctl->output == CTL_JSON)
        return ctl_print_json(ctl, answer);
    if (ctl->output == CTL_TABLE)
        return print_people(ctl, answer);
    const json_t *changes = member_at(answer, "changes");
    return table_print(ctl, &table, changes, NULL);
}

static enum ctl_exit print_schema(const struct ctl *ctl)
{
    json_t *schema = NULL;
    enum ctl_exit rc = client_get(ctl, &schema, "/v1/apply/schema");
    if (rc == CTL_OK && json_dumpf(schema, stdout, JSON_INDENT(2)) == 0)
        putchar('\n');
    else if (rc == CTL_OK)
        rc = ctl_fail(CTL_FAILED, "cannot write to standard output");
    json_decref(schema);
    return rc;
}

/* @return NULL after a complaint that names the place */
static json_t *read_site(const char *path)
{
    size_t len;
    json_error_t error;
    char *text = ctl_read_file(path, &len);
    json_t *site = text ? json_loadb(text, len, JSON_REJECT_DUPLICATES, &error) : NULL;
    if (text && !site)
        ctl_fail(CTL_FAILED, "%s:%d:%d: %s", path, error.line, error.column, error.text);
    free(text);
    return site;
}

static enum ctl_exit run_apply(struct ctl *ctl)
{
    const char *file = ctl_flag(ctl, "file");
    if (ctl_flag(ctl, "schema"))
        return print_schema(ctl);
    if (!file)
        return ctl_fail(CTL_USAGE, "which file? noxctl apply -f site.json (- is standard input)");
    json_t *site = read_site(file), *answer = NULL;
    if (!site)
        return CTL_FAILED;
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_append_str(&path, "/v1/apply");
    filter_query(&path, "dry_run", ctl_flag(ctl, "dry-run") ? "1" : NULL);
    filter_query(&path, "force", ctl_flag(ctl, "force") ? "1" : NULL);
    enum ctl_exit rc = client_do(ctl, "POST", site, &answer, path.data);
    ocpp_text_done(&path);
    if (rc == CTL_OK)
        rc = print_changes(ctl, answer);
    json_decref(answer);
    json_decref(site);
    return rc;
}

static const struct ctl_flag flags[] = {
    { "file", "FILE", 'f', "JSON with any of: grid, stations, tags, tariffs, factors" },
    { "dry-run", NULL, 0, "only show what would change" },
    { "force", NULL, 0, "apply although the safe currents do not fit" },
    { "schema", NULL, 0, "print the JSON Schema of the file" },
};

static const struct ctl_command commands[] = {
    { .name = "apply",
      .args = "",
      .summary = "Bring grid, stations, tags, tariffs and factors in from a file",
      .flags = flags,
      .n_flags = ARRAY_SIZE(flags),
      .examples = "apply -f site.json --dry-run\napply -f site.json\napply --schema",
      .more = "Applying a file twice changes nothing. What the file does not name stays as it is.",
      .run = run_apply },
};
const struct ctl_group ctl_group_apply = { "Configuration", commands, ARRAY_SIZE(commands) };
