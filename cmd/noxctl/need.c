/* What a driver told of a session: session need. */
#include "cmd/noxctl/need.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"

static bool take_depart(const struct ctl *ctl, const char *text, json_t *body)
{
    char utc[32];
    if (!instant_read(ctl, "depart", text, INSTANT_NEXT, utc))
        return false;
    json_object_set_new(body, "depart", json_string(utc));
    return true;
}

/* "20", "20.5kWh", "800Wh"; kWh is meant where nothing is said. */
static bool take_energy(const char *text, json_t *body)
{
    char *end;
    double value = strtod(text, &end);
    bool is_wh = strcmp(end, "Wh") == 0, good = isdigit((unsigned char)text[0]);
    good = good && text + strspn(text, "0123456789.") == end; /* no 0x10, no 1e3 */
    if (!good || (*end != '\0' && !is_wh && strcmp(end, "kWh") != 0) || !(value < 1e6)) {
        ctl_fail(CTL_USAGE, "--energy %s: an energy like 20, 20.5kWh or 800Wh is needed", text);
        return false;
    }
    json_object_set_new(body, "energy_wh",
                        json_integer((json_int_t)(is_wh ? value + 0.5 : value * 1000 + 0.5)));
    return true;
}

static bool take_min(const char *text, json_t *body)
{
    int64_t tenths;
    if (!ctl_parse_tenths(text, &tenths)) {
        ctl_fail(CTL_USAGE, "--min-amps %s: amperes with at most one decimal are needed", text);
        return false;
    }
    json_object_set_new(body, "min_a", json_real((double)tenths / 10));
    return true;
}

static bool take_priority(const struct ctl *ctl, json_t *body)
{
    int64_t priority;
    if (!ctl_flag(ctl, "priority"))
        return true;
    if (!ctl_flag_int(ctl, "priority", 0, 9, 0, &priority))
        return false;
    json_object_set_new(body, "priority", json_integer(priority));
    return true;
}

bool need_take(const struct ctl *ctl, json_t *body)
{
    const char *depart = ctl_flag(ctl, "depart"), *energy = ctl_flag(ctl, "energy");
    const char *min = ctl_flag(ctl, "min-amps");
    return (!depart || take_depart(ctl, depart, body)) && (!energy || take_energy(energy, body)) &&
           (!min || take_min(min, body)) && take_priority(ctl, body);
}

static void tell(const struct ctl *ctl, const json_t *answer)
{
    struct ocpp_text text;
    const json_t *need = member_at(answer, "need");
    ocpp_text_init(&text);
    if (member_at(answer, "tx_id"))
        ocpp_text_append_format(&text, "Session %" PRId64 " at %s: ", member_int(answer, "tx_id"),
                                member_text(answer, "station"));
    else
        ocpp_text_append_format(&text, "The next session at %s: ", member_text(answer, "station"));
    if (!need)
        ocpp_text_append_str(&text, "nothing is told of it any more");
    const char *comma = "";
    static const struct {
        const char *member, *before, *after;
        enum cell_kind kind;
    } part[] = { { "energy_wh", "", " kWh", CELL_KWH },
                 { "depart", "until ", "", CELL_TIME },
                 { "min_a", "not less than ", " A", CELL_AMPS },
                 { "priority", "priority ", "", CELL_NUMBER } };
    for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
        if (!member_at(need, part[i].member))
            continue;
        ocpp_text_append_format(&text, "%s%s", comma, part[i].before);
        cell_append(&text, member_at(need, part[i].member), part[i].kind);
        ocpp_text_append_str(&text, part[i].after);
        comma = ", ";
    }
    if (member_at(answer, "energy_wh") && member_at(need, "energy_wh")) {
        ocpp_text_append_str(&text, "; received so far ");
        cell_append(&text, member_at(answer, "energy_wh"), CELL_KWH);
        ocpp_text_append_str(&text, " kWh");
    }
    ctl_note(ctl, "%s.", text.data);
    if (*member_text(answer, "note"))
        ctl_note(ctl, "Note: %s.", member_text(answer, "note"));
    ocpp_text_done(&text);
}

enum ctl_exit need_tell(struct ctl *ctl, const char *target, const json_t *body)
{
    json_t *answer = NULL;
    enum ctl_exit rc =
        client_do(ctl, body ? "POST" : "DELETE", body, &answer, "/v1/sessions/%s/need", target);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        tell(ctl, answer);
    json_decref(answer);
    return rc;
}

enum ctl_exit run_session_need(struct ctl *ctl)
{
    json_t *body = json_object();
    bool clear = ctl_flag(ctl, "clear") != NULL;
    enum ctl_exit rc = need_take(ctl, body) ? CTL_OK : CTL_USAGE;
    if (rc == CTL_OK && clear && json_object_size(body) > 0)
        rc = ctl_fail(CTL_USAGE, "--clear takes back everything; leave the other flags out");
    if (rc == CTL_OK && !clear && json_object_size(body) == 0)
        rc = ctl_fail(CTL_USAGE, "nothing is told: give --depart and --energy, --min-amps or "
                                 "--priority; 'noxctl session show' has what was told");
    if (rc == CTL_OK)
        rc = need_tell(ctl, ctl->arg[0], clear ? NULL : body);
    json_decref(body);
    return rc;
}
