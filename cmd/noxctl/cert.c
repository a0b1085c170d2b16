/* Certificates: the CA, requests of stations, what was signed, what stations have installed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/call.h"
#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "cmd/noxctl/targets.h"

/* --- the CA --- */

static const struct table_column ca_columns[] = {
    { "CA", "subject", CELL_TEXT, 0 },
    { "issuer", "issuer", CELL_TEXT, 0 },
    { "key", "key", CELL_TEXT, 0 },
    { "signs here", "can_sign", CELL_YES_NO, 0 },
    { "valid from", "not_before", CELL_TIME, 0 },
    { "valid until", "not_after", CELL_TIME, 0 },
    { "serial", "serial", CELL_TEXT, 0 },
    { "SHA-256", "fingerprint", CELL_TEXT, 0 },
    { "files in", "file", CELL_TEXT, 0 },
    { "policy", "policy", CELL_TEXT, 0 },
    { "days of a certificate", "days", CELL_NUMBER, 0 },
};
static const struct table ca_table = TABLE(ca_columns);

static enum ctl_exit run_ca_show(struct ctl *ctl)
{
    json_t *ca = NULL;
    enum ctl_exit rc = client_get(ctl, &ca, "/v1/certs/ca");
    if (rc == CTL_OK)
        rc = table_print_one(ctl, &ca_table, ca);
    json_decref(ca);
    return rc;
}

static enum ctl_exit send_ca(const struct ctl *ctl, const char *method, json_t *body)
{
    json_t *ca = NULL;
    if (ctl_flag(ctl, "replace"))
        json_object_set_new(body, "replace", json_true());
    enum ctl_exit rc = client_do(ctl, method, body, &ca, "/v1/certs/ca");
    if (rc == CTL_OK)
        rc = table_print_one(ctl, &ca_table, ca);
    if (rc == CTL_OK && !json_is_true(json_object_get(ca, "can_sign")))
        ctl_note(ctl, "Its key is not here: 'noxctl cert csr REQUEST' gives out requests, 'noxctl "
                      "cert sign REQUEST --cert FILE' takes what was signed.");
    json_decref(ca);
    json_decref(body);
    return rc;
}

static enum ctl_exit run_ca_init(struct ctl *ctl)
{
    static const char *const texts[] = { "name", "organization", "key" };
    int64_t days;
    json_t *body = json_object();
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        if (ctl_flag(ctl, texts[i]))
            json_object_set_new(body, texts[i], json_string(ctl_flag(ctl, texts[i])));
    if (!ctl_flag_int(ctl, "days", 1, 36500, 3650, &days)) {
        json_decref(body);
        return CTL_USAGE;
    }
    json_object_set_new(body, "days", json_integer(days));
    return send_ca(ctl, "POST", body);
}

/* The text of a file that a flag names; owned by the caller. */
static enum ctl_exit file_of(const struct ctl *ctl, const char *flag, bool wanted, json_t *body,
                             const char *member)
{
    const char *path = ctl_flag(ctl, flag);
    size_t len;
    if (!path)
        return wanted ? ctl_fail(CTL_USAGE, "--%s FILE is missing", flag) : CTL_OK;
    char *text = ctl_read_file(path, &len);
    if (!text)
        return CTL_FAILED;
    json_t *value = json_stringn(text, len);
    memset(text, 0, len); /* it may be a key */
    free(text);
    if (!value)
        return ctl_fail(CTL_FAILED, "%s is no PEM text", path);
    json_object_set_new(body, member, value);
    return CTL_OK;
}

static enum ctl_exit run_ca_import(struct ctl *ctl)
{
    json_t *body = json_object();
    enum ctl_exit rc = file_of(ctl, "cert", true, body, "certificate");
    if (rc == CTL_OK)
        rc = file_of(ctl, "key", false, body, "key");
    if (rc == CTL_OK)
        return send_ca(ctl, "PUT", body);
    json_decref(body);
    return rc;
}

/* A member that is PEM, as it is; as JSON with -o json. */
static enum ctl_exit print_pem(const struct ctl *ctl, const char *member, const char *nothing,
                               const char *path, const char *arg)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, path, arg);
    const char *pem = json_string_value(json_object_get(answer, member));
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK && pem)
        fputs(pem, stdout);
    else if (rc == CTL_OK)
        rc = ctl_fail(CTL_NOT_FOUND, "%s", nothing);
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_ca_export(struct ctl *ctl)
{
    return print_pem(ctl, "pem", "no certificate", "/v1/certs/ca", NULL);
}

static enum ctl_exit run_crl(struct ctl *ctl)
{
    return print_pem(ctl, "pem", "no revocation list", "/v1/certs/crl", NULL);
}

/* --- requests --- */

static const struct table_column request_columns[] = {
    { "REQUEST", "id", CELL_NUMBER, 0 },         { "STATION", "station", CELL_TEXT, 0 },
    { "STATE", "state", CELL_STATUS, 0 },        { "SUBJECT", "subject", CELL_TEXT, TABLE_CUT },
    { "KEY", "key", CELL_TEXT, TABLE_WIDE },     { "RENEWAL", "renewal", CELL_YES_NO, TABLE_WIDE },
    { "ASKED", "asked_at", CELL_TIME, 0 },       { "BY", "who", CELL_TEXT, TABLE_WIDE },
    { "NOTE", "note", CELL_TEXT, TABLE_BELOW },  { "", "cn", CELL_TEXT, TABLE_CSV },
    { "", "changed_at", CELL_TEXT, TABLE_CSV },  { "", "why", CELL_TEXT, TABLE_CSV },
    { "", "fingerprint", CELL_TEXT, TABLE_CSV },
};
static const struct table request_table = TABLE(request_columns);

static enum ctl_exit run_pending(struct ctl *ctl)
{
    json_t *answer = NULL;
    const char *station = ctl_flag(ctl, "station");
    enum ctl_exit rc = station ? client_get(ctl, &answer, "/v1/certs/requests?station=%s", station)
                               : client_get(ctl, &answer, "/v1/certs/requests?all=%s",
                                            ctl_flag(ctl, "all") ? "true" : "false");
    if (rc == CTL_OK)
        rc = table_print(ctl, &request_table, answer,
                         "No open requests. 'noxctl cert renew STATION' asks a station for one.");
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_csr(struct ctl *ctl)
{
    return print_pem(ctl, "csr", "no request", "/v1/certs/requests/%s", ctl->arg[0]);
}

static enum ctl_exit decide_one(const struct ctl *ctl, const char *id, const char *verb,
                                const json_t *body, const char *done)
{
    json_t *answer = NULL;
    char path[80];
    snprintf(path, sizeof(path), "/v1/certs/requests/%%s/%s", verb);
    enum ctl_exit rc = client_do(ctl, "POST", body, &answer, path, id);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        ctl_note(ctl, "request %s of %s %s", id, member_text(answer, "station"), done);
    json_decref(answer);
    return rc;
}

static enum ctl_exit decide_all(const struct ctl *ctl, const char *verb, const char *done)
{
    enum ctl_exit last = CTL_OK;
    size_t n_failed = 0;
    json_t *nothing = json_object();
    for (size_t i = 0; i < ctl->n_args; i++) {
        enum ctl_exit rc = decide_one(ctl, ctl->arg[i], verb, nothing, done);
        n_failed += rc != CTL_OK;
        last = rc != CTL_OK ? rc : last;
    }
    json_decref(nothing);
    if (n_failed == 0 || ctl->n_args == 1)
        return last;
    return ctl_fail(CTL_PARTIAL, "%zu of %zu requests failed", n_failed, ctl->n_args);
}

static enum ctl_exit run_approve(struct ctl *ctl)
{
    return decide_all(
        ctl, "approve",
        "is approved; the station gets its certificate within seconds, or when it connects");
}

static enum ctl_exit run_reject(struct ctl *ctl)
{
    return decide_all(ctl, "reject", "is refused; the station may ask again");
}

static enum ctl_exit run_sign(struct ctl *ctl)
{
    json_t *body = json_object();
    enum ctl_exit rc = file_of(ctl, "cert", true, body, "chain");
    if (rc == CTL_OK)
        rc = decide_one(
            ctl, ctl->arg[0], "sign", body,
            "is signed; the station gets its certificate within seconds, or when it connects");
    json_decref(body);
    return rc;
}

/* --- certificates --- */

static const struct table_column cert_columns[] = {
    { "FINGERPRINT", "short", CELL_TEXT, TABLE_PLAIN },
    { "KIND", "kind", CELL_TEXT, 0 },
    { "STATION", "station", CELL_TEXT, 0 },
    { "STATE", "state", CELL_STATUS, 0 },
    { "SUBJECT", "subject", CELL_TEXT, TABLE_CUT },
    { "UNTIL", "not_after", CELL_TIME, 0 },
    { "DAYS", "days_left", CELL_NUMBER, TABLE_WIDE },
    { "", "fingerprint", CELL_TEXT, TABLE_CSV },
    { "", "issuer", CELL_TEXT, TABLE_CSV },
    { "", "serial", CELL_TEXT, TABLE_CSV },
    { "", "key", CELL_TEXT, TABLE_CSV },
    { "", "not_before", CELL_TEXT, TABLE_CSV },
    { "", "seen_at", CELL_TEXT, TABLE_CSV },
    { "", "revoked_at", CELL_TEXT, TABLE_CSV },
    { "", "note", CELL_TEXT, TABLE_CSV },
};
static const struct table cert_table = TABLE(cert_columns);

/* Twelve digits tell them apart and fit a table. */
static void shorten(json_t *answer)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        char text[13];
        snprintf(text, sizeof(text), "%.12s", member_text(item, "fingerprint"));
        json_object_set_new(item, "short", json_string(text));
    }
}

/* "30d", "30", "4w" */
static bool parse_days(const char *text, int64_t *ret_days)
{
    char *end;
    long long days = strtoll(text, &end, 10);
    if (end == text || days < 1 || days > 3650)
        return false;
    *ret_days = *end == 'w' ? 7 * days : days;
    return *end == '\0' || ((*end == 'd' || *end == 'w') && end[1] == '\0');
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    json_t *answer = NULL;
    const char *station = ctl_flag(ctl, "station"), *expiring = ctl_flag(ctl, "expiring");
    char days_text[24];
    int64_t days = 0;
    enum ctl_exit rc;
    if (expiring && !parse_days(expiring, &days))
        return ctl_fail(CTL_USAGE, "--expiring %s: give days or weeks, like 30d or 4w", expiring);
    snprintf(days_text, sizeof(days_text), "%lld", (long long)days);
    if (station)
        rc = client_get(ctl, &answer, "/v1/certs?station=%s", station);
    else if (ctl_flag(ctl, "revoked"))
        rc = client_get(ctl, &answer, "/v1/certs?revoked=true");
    else
        rc = client_get(ctl, &answer, "/v1/certs?ending_days=%s", days_text);
    if (rc == CTL_OK) {
        if (ctl->output == CTL_TABLE)
            shorten(answer);
        rc = table_print(ctl, &cert_table, answer,
                         expiring ? "Nothing ends so soon." : "No certificates yet.");
    }
    json_decref(answer);
    return rc;
}

static const struct table_column one_cert_columns[] = {
    { "subject", "subject", CELL_TEXT, 0 },
    { "issuer", "issuer", CELL_TEXT, 0 },
    { "kind", "kind", CELL_TEXT, 0 },
    { "station", "station", CELL_TEXT, 0 },
    { "state", "state", CELL_STATUS, 0 },
    { "key", "key", CELL_TEXT, 0 },
    { "valid from", "not_before", CELL_TIME, 0 },
    { "valid until", "not_after", CELL_TIME, 0 },
    { "days left", "days_left", CELL_NUMBER, 0 },
    { "serial", "serial", CELL_TEXT, 0 },
    { "SHA-256", "fingerprint", CELL_TEXT, 0 },
    { "of request", "request", CELL_NUMBER, 0 },
    { "first seen", "seen_at", CELL_TIME, 0 },
    { "replaced", "replaced_at", CELL_TIME, 0 },
    { "revoked", "revoked_at", CELL_TIME, 0 },
    { "note", "note", CELL_TEXT, 0 },
};
static const struct table one_cert_table = TABLE(one_cert_columns);

static enum ctl_exit run_show(struct ctl *ctl)
{
    json_t *cert = NULL;
    if (ctl_flag(ctl, "pem"))
        return print_pem(ctl, "pem", "no certificate", "/v1/certs/%s", ctl->arg[0]);
    enum ctl_exit rc = client_get(ctl, &cert, "/v1/certs/%s", ctl->arg[0]);
    if (rc == CTL_OK)
        rc = table_print_one(ctl, &one_cert_table, cert);
    json_decref(cert);
    return rc;
}

static enum ctl_exit run_revoke(struct ctl *ctl)
{
    json_t *answer = NULL, *nothing;
    if (!ctl_flag(ctl, "yes"))
        return ctl_fail(CTL_USAGE,
                        "nothing done: revoking %s needs --yes; it cannot be taken back, the "
                        "station then needs a new certificate",
                        ctl->arg[0]);
    nothing = json_object();
    enum ctl_exit rc = client_do(ctl, "POST", nothing, &answer, "/v1/certs/%s/revoke", ctl->arg[0]);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        ctl_note(ctl, "%s is revoked; %s; connections closed: %lld", ctl->arg[0],
                 json_is_true(json_object_get(answer, "crl"))
                     ? "it stands in the revocation list"
                     : "its CA must list it too, noxd itself does not let it in any more",
                 (long long)json_integer_value(json_object_get(answer, "closed")));
    json_decref(answer);
    json_decref(nothing);
    return rc;
}

/* --- stations --- */

static const struct {
    const char *word, *type;
} type_words[] = {
    { "CentralSystemRootCertificate", "CentralSystemRootCertificate" },
    { "ManufacturerRootCertificate", "ManufacturerRootCertificate" },
    { "central", "CentralSystemRootCertificate" },
    { "manufacturer", "ManufacturerRootCertificate" },
};

/* @return NULL after a complaint, or when there is none and none is needed (*ret_rc CTL_OK) */
static const char *type_of(const struct ctl *ctl, bool wanted, enum ctl_exit *ret_rc)
{
    const char *word = ctl_flag(ctl, "type");
    for (size_t i = 0; word && i < ARRAY_SIZE(type_words); i++)
        if (strcmp(type_words[i].word, word) == 0) {
            *ret_rc = CTL_OK;
            return type_words[i].type;
        }
    *ret_rc = CTL_OK;
    if (word || wanted)
        *ret_rc = ctl_fail(CTL_USAGE, "--type must be CentralSystemRootCertificate (or central) or "
                                      "ManufacturerRootCertificate (or manufacturer)");
    return NULL;
}

static enum ctl_exit run_targets(struct ctl *ctl, const char *path, json_t *body)
{
    size_t n;
    struct target_work work = call_work();
    work.path = path;
    work.body = body;
    work.make_body = NULL;
    enum ctl_exit rc = targets_count(ctl, 0, &n);
    if (rc == CTL_OK)
        rc = targets_run(ctl, n, &work);
    json_decref(body);
    return rc;
}

static enum ctl_exit run_install(struct ctl *ctl)
{
    enum ctl_exit rc;
    const char *type = type_of(ctl, true, &rc);
    if (!type)
        return rc;
    json_t *body = json_pack("{s:s}", "type", type);
    rc = file_of(ctl, "file", true, body, "certificate");
    if (rc == CTL_OK)
        return run_targets(ctl, "/v1/stations/%s/certs", body);
    json_decref(body);
    return rc;
}

static enum ctl_exit run_renew(struct ctl *ctl)
{
    enum ctl_exit rc = run_targets(ctl, "/v1/stations/%s/certs/renew", json_object());
    if (rc == CTL_REFUSED)
        ctl_note(ctl, "A station without a CpoName says no: start noxd with --cpo-name NAME, or "
                      "'noxctl station config set STATION CpoName NAME'.");
    return rc;
}

static const struct table_column installed_columns[] = {
    { "TYPE", "type", CELL_TEXT, TABLE_CUT },
    { "SUBJECT", "subject", CELL_TEXT, TABLE_CUT },
    { "SERIAL", "serial", CELL_TEXT, 0 },
    { "UNTIL", "not_after", CELL_TIME, 0 },
    { "HASH", "hash_algorithm", CELL_TEXT, TABLE_WIDE },
    { "REPORTED", "reported_at", CELL_TIME, TABLE_WIDE },
    { "", "issuer_name_hash", CELL_TEXT, TABLE_CSV },
    { "", "issuer_key_hash", CELL_TEXT, TABLE_CSV },
    { "", "fingerprint", CELL_TEXT, TABLE_CSV },
};
static const struct table installed_table = TABLE(installed_columns);

static enum ctl_exit run_installed(struct ctl *ctl)
{
    enum ctl_exit rc;
    json_t *answer = NULL, *body;
    const char *type = type_of(ctl, false, &rc);
    if (rc != CTL_OK)
        return rc;
    if (ctl_flag(ctl, "last")) {
        rc = client_get(ctl, &answer, "/v1/stations/%s/certs", ctl->arg[0]);
    } else {
        body = type ? json_pack("{s:s}", "type", type) : json_object();
        rc = client_do(ctl, "POST", body, &answer, "/v1/stations/%s/certs/query", ctl->arg[0]);
        json_decref(body);
    }
    if (rc == CTL_OK)
        rc = table_print(ctl, &installed_table, answer, "It reports no certificates.");
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_delete(struct ctl *ctl)
{
    json_t *answer = NULL, *data = NULL;
    const char *json = ctl_flag(ctl, "hash-data");
    if (json && !(data = json_loads(json, 0, NULL)))
        return ctl_fail(CTL_USAGE, "--hash-data is no JSON object");
    if (!json && ctl->n_args < 2)
        return ctl_fail(CTL_USAGE, "which one? 'noxctl cert installed %s' shows them", ctl->arg[0]);
    json_t *body = data ? json_pack("{s:o}", "hash_data", data)
                        : json_pack("{s:s}", "certificate", ctl->arg[1]);
    if (ctl_flag(ctl, "yes"))
        json_object_set_new(body, "confirm", json_true());
    enum ctl_exit rc =
        client_do(ctl, "POST", body, &answer, "/v1/stations/%s/certs/delete", ctl->arg[0]);
    const json_t *payload = json_object_get(answer, "payload");
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        ctl_print_json(ctl, answer);
    if (rc == CTL_OK && (rc = call_verdict(payload)) == CTL_OK)
        ctl_note(ctl, "%s: deleted", ctl->arg[0]);
    else if (rc == CTL_REFUSED)
        ctl_fail(rc, "%s: %s%s", ctl->arg[0], member_text(payload, "status"),
                 strcmp(member_text(payload, "status"), "Failed") == 0
                     ? " (it is in use for this very connection)"
                     : "");
    json_decref(answer);
    json_decref(body);
    return rc;
}

/* --- rows --- */

static const struct ctl_flag init_flags[] = {
    { "name", "CN", 0, "its name (default: NOX-Block station CA)" },
    { "organization", "O", 0, "its O (default: --cpo-name of noxd)" },
    { "key", "KIND", 0, "ec (default: P-256), ec384, rsa2048, rsa3072 or rsa4096" },
    { "days", "N", 0, "how long it is valid (default 3650)" },
    { "replace", NULL, 0, "although there is one; what that one signed stays valid" },
};
static const struct ctl_flag import_flags[] = {
    { "cert", "FILE", 0, "PEM: the CA first, then what is above it" },
    { "key", "FILE", 0, "its key; without it requests are signed elsewhere" },
    { "replace", NULL, 0, "although there is one; what that one signed stays valid" },
};
static const struct ctl_flag pending_flags[] = {
    { "all", NULL, 0, "also those that are done" },
    { "station", "STATION", 0, "all of this station" },
};
static const struct ctl_flag sign_flags[] = {
    { "cert", "FILE", 0, "PEM: the station's certificate first, then its chain" },
};
static const struct ctl_flag list_flags[] = {
    { "expiring", "DAYS", 0, "only those that end so soon: 30d, 4w" },
    { "station", "STATION", 0, "only of this station, with its older ones" },
    { "revoked", NULL, 0, "only revoked ones" },
};
static const struct ctl_flag show_flags[] = {
    { "pem", NULL, 0, "print the certificate itself" },
};
static const struct ctl_flag install_flags[] = {
    { "type", "TYPE", 0,
      "CentralSystemRootCertificate (central) or ManufacturerRootCertificate "
      "(manufacturer)" },
    { "file", "FILE", 0, "one certificate, PEM" },
};
static const struct ctl_flag installed_flags[] = {
    { "type", "TYPE", 0, "only ask for central or manufacturer roots" },
    { "last", NULL, 0, "do not ask the station: what it reported last" },
};
static const struct ctl_flag delete_flags[] = {
    { "hash-data", "JSON", 0,
      "instead of CERTIFICATE: hashAlgorithm, issuerNameHash, "
      "issuerKeyHash, serialNumber as the station reported them" },
    { "yes", NULL, 'y', "even if it is the last root of the central system" },
};

static const struct ctl_command commands[] = {
    { .name = "cert ca show",
      .args = "",
      .summary = "Show the CA that signs certificates of stations",
      .examples = "cert ca show",
      .run = run_ca_show },
    { .name = "cert ca init",
      .args = "",
      .summary = "Make a CA in noxd's directory",
      .flags = init_flags,
      .n_flags = ARRAY_SIZE(init_flags),
      .examples = "cert ca init --name 'Dortmund lamps' --organization DEW21",
      .more =
          "Its key lies in DIR/pki/ca.key, readable by noxd's user only. The wss listeners trust "
          "its certificates at once.",
      .run = run_ca_init },
    { .name = "cert ca import",
      .args = "",
      .summary = "Take a CA from elsewhere, with or without its key",
      .flags = import_flags,
      .n_flags = ARRAY_SIZE(import_flags),
      .examples = "cert ca import --cert sub-ca.pem --key sub-ca.key\n"
                  "cert ca import --cert ca.pem",
      .run = run_ca_import },
    { .name = "cert ca export",
      .args = "",
      .summary = "Print the CA's certificate as PEM",
      .examples = "cert ca export > ca.pem",
      .run = run_ca_export },
    { .name = "cert pending",
      .args = "",
      .summary = "List certificate requests of stations that are open",
      .flags = pending_flags,
      .n_flags = ARRAY_SIZE(pending_flags),
      .examples = "cert pending\ncert pending --all",
      .run = run_pending },
    { .name = "cert csr",
      .args = "REQUEST",
      .summary = "Print a certificate request as PEM, to have it signed elsewhere",
      .examples = "cert csr 7 > cp1.csr",
      .run = run_csr },
    { .name = "cert approve",
      .args = "REQUEST...",
      .summary = "Have requests signed by the CA and sent to their stations",
      .examples = "cert approve 7",
      .run = run_approve },
    { .name = "cert reject",
      .args = "REQUEST...",
      .summary = "Refuse requests",
      .examples = "cert reject 7 --why 'unknown serial number'",
      .run = run_reject },
    { .name = "cert sign",
      .args = "REQUEST",
      .summary = "Take what was signed elsewhere and send it to its station",
      .flags = sign_flags,
      .n_flags = ARRAY_SIZE(sign_flags),
      .examples = "cert sign 7 --cert cp1.pem",
      .run = run_sign },
    { .name = "cert list",
      .args = "",
      .summary = "List certificates: the CA, of stations, of servers, installed roots",
      .flags = list_flags,
      .n_flags = ARRAY_SIZE(list_flags),
      .examples = "cert list --expiring 30d\ncert list --station DO-L0001",
      .run = run_list },
    { .name = "cert show",
      .args = "FINGERPRINT",
      .summary = "Show one certificate; the beginning of its fingerprint is enough",
      .flags = show_flags,
      .n_flags = ARRAY_SIZE(show_flags),
      .examples = "cert show 4f0c22\ncert show 4f0c22 --pem",
      .run = run_show },
    { .name = "cert revoke",
      .args = "FINGERPRINT",
      .traits = CTL_CONFIRM,
      .summary = "Revoke a certificate: refuse it from now on and close its connection",
      .examples = "cert revoke 4f0c22 --yes --why 'lamp was stolen'",
      .run = run_revoke },
    { .name = "cert crl",
      .args = "",
      .summary = "Print the revocation list as PEM",
      .examples = "cert crl | openssl crl -noout -text",
      .run = run_crl },
    { .name = "cert install",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Install a root certificate in stations",
      .flags = install_flags,
      .n_flags = ARRAY_SIZE(install_flags),
      .examples = "cert install DO-L0001 --type central --file root.pem\n"
                  "cert install --all --type manufacturer --file maker.pem --yes",
      .run = run_install },
    { .name = "cert installed",
      .args = "STATION",
      .summary = "Ask a station which root certificates it has",
      .flags = installed_flags,
      .n_flags = ARRAY_SIZE(installed_flags),
      .examples = "cert installed DO-L0001\ncert installed DO-L0001 --last",
      .run = run_installed },
    { .name = "cert delete",
      .args = "STATION [CERTIFICATE]",
      .summary = "Delete a root certificate from a station",
      .flags = delete_flags,
      .n_flags = ARRAY_SIZE(delete_flags),
      .examples = "cert delete DO-L0001 3F21A0\ncert delete DO-L0001 'O=DEW21, CN=Old root'",
      .more = "CERTIFICATE is its serial number, its subject, its CN or eight digits of its "
              "fingerprint, as 'noxctl cert installed' shows them.",
      .run = run_delete },
    { .name = "cert renew",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Ask stations for a new certificate request",
      .examples = "cert renew DO-L0001\ncert renew --district Innenstadt-West --yes",
      .more = "With --cpo-name of noxd the station's key CpoName is set first, if it differs.",
      .run = run_renew },
};
const struct ctl_group ctl_group_cert = { "Certificates", commands, ARRAY_SIZE(commands) };
