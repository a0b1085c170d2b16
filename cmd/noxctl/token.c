/* Tokens: who may use the admin API over https. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"

static const struct table_column columns[] = {
    { "NAME", "name", CELL_TEXT, 0 },           { "ROLE", "role", CELL_TEXT, 0 },
    { "NODE", "node", CELL_TEXT, 0 },           { "MAY", "may", CELL_TEXT, TABLE_CUT },
    { "LAST USED", "used_at", CELL_TIME, 0 },   { "MADE", "made_at", CELL_TIME, TABLE_WIDE },
    { "BY", "made_by", CELL_TEXT, TABLE_WIDE },
};
static const struct table table = TABLE(columns);

static enum ctl_exit run_list(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/tokens");
    if (rc == CTL_OK)
        rc = table_print(ctl, &table, answer,
                         "No tokens. 'noxctl token add NAME --role ROLE' makes one.");
    json_decref(answer);
    return rc;
}

static const struct table_column new_columns[] = {
    { "name", "name", CELL_TEXT, 0 },   { "role", "role", CELL_TEXT, 0 },
    { "node", "node", CELL_TEXT, 0 },   { "may", "may", CELL_TEXT, 0 },
    { "token", "token", CELL_TEXT, 0 },
};
static const struct table new_table = TABLE(new_columns);

static void tell_use(const struct ctl *ctl)
{
    json_t *all = NULL;
    if (ctl->output != CTL_TABLE || client_get(ctl, &all, "/v1/tokens") != CTL_OK)
        return;
    const char *url = json_string_value(json_array_get(member_at(all, "listens"), 0));
    ctl_note(ctl, "The token is shown this once. It is sent as: Authorization: Bearer TOKEN");
    if (url)
        ctl_note(ctl, "noxd listens at %s", url);
    else
        ctl_note(ctl, "noxd does not listen for it yet: start it with --admin-listen ADDR:PORT, "
                      "--tls-cert and --tls-key");
    json_decref(all);
}

static enum ctl_exit run_add(struct ctl *ctl)
{
    const char *role = ctl_flag(ctl, "role");
    if (!role)
        return ctl_fail(CTL_USAGE, "say what it is for: --role admin, read, grid or meter");
    json_t *body =
        json_pack("{ss ss ss*}", "name", ctl->arg[0], "role", role, "node", ctl_flag(ctl, "node"));
    json_t *answer = NULL;
    enum ctl_exit rc = client_do(ctl, "POST", body, &answer, "/v1/tokens");
    if (rc == CTL_OK)
        rc = table_print_one(ctl, &new_table, answer);
    if (rc == CTL_OK)
        tell_use(ctl);
    json_decref(answer);
    json_decref(body);
    return rc;
}

static enum ctl_exit run_remove(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_do(ctl, "DELETE", NULL, &answer, "/v1/tokens/%s", ctl->arg[0]);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        ctl_note(ctl, "%s is valid no more.", ctl->arg[0]);
    json_decref(answer);
    return rc;
}

static const struct ctl_flag add_flags[] = {
    { "role", "ROLE", 0, "admin (everything), read, grid (caps and meters) or meter" },
    { "node", "NODE", 0, "role meter: only this grid node" },
};

static const struct ctl_command commands[] = {
    { .name = "token list",
      .args = "",
      .summary = "Show who may use the admin API over https, and who does",
      .examples = "token list",
      .run = run_list },
    { .name = "token add",
      .args = "NAME",
      .summary = "Make a token for https; it is shown once",
      .flags = add_flags,
      .n_flags = ARRAY_SIZE(add_flags),
      .examples = "token add netz --role grid\ntoken add lorawan --role meter\n"
                  "token add kaiser-meter --role meter --node DO-KAISER",
      .more = "noxd --admin-listen serves the admin API by https; each request shows a token "
              "(Authorization: Bearer TOKEN). The socket in the data directory needs none.",
      .run = run_add },
    { .name = "token remove",
      .args = "NAME",
      .summary = "A token is valid no more, at once",
      .examples = "token remove netz",
      .run = run_remove },
};
const struct ctl_group ctl_group_token = { "Access over https", commands, ARRAY_SIZE(commands) };
