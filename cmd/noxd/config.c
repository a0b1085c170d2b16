/* The table of flags, the parser and the two texts made from it. */
#include "cmd/noxd/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/log.h"
#include "ocpp/wire/field.h"
#include "ocpp/wire/iso8601.h"
#include "storage/records.h"

enum flag_kind {
    FLAG_SWITCH,    /* bool */
    FLAG_TEXT,      /* const char * */
    FLAG_TEXTS,     /* struct config_texts, may be given more than once */
    FLAG_ADDRESSES, /* struct config_addresses, may be given more than once */
    FLAG_NUMBER,    /* int64_t from min to max */
    FLAG_BYTES,     /* the same, with K, M, G or T behind it */
    FLAG_CHOICE,    /* int64_t: index in `choices`, separated by '|' */
    FLAG_TIME,      /* int64_t: UTC milliseconds */
};

struct flag {
    const char *group; /* heading printed before it; NULL = as the one above */
    const char *name, *argument;
    enum flag_kind kind;
    size_t offset;
    int64_t min, max, preset;
    const char *help;
};

#define AT(member) offsetof(struct config, member)
static const struct flag flags[] = {
    { "Where", "--data", "DIR", FLAG_TEXT, AT(data), 0, 0, 0,
      "Everything noxd keeps is there: nox.db, noxd.mark, admin.sock, files/, pki/. It is made if it is missing. "
      "Default: $STATE_DIRECTORY, else $NOX_DATA, else ./nox-data." },
    { NULL, "--max-db-bytes", "N", FLAG_NUMBER, AT(max_db_bytes), 0, INT64_MAX, 0,
      "Quota of the database file. When it is full stations are not confirmed anything until there "
      "is room again. 0 (default): no quota." },
    { NULL, "--frames-keep-days", "N", FLAG_NUMBER, AT(frames_keep_days), 0, 3650, 7,
      "Every frame to and from stations is kept so long in DIR/frames (noxctl frames). Default 7; 0: "
      "frames are not kept." },
    { NULL, "--frames-max-bytes", "N", FLAG_BYTES, AT(frames_max_bytes), 0, INT64_MAX, 512 << 20,
      "Most that the kept frames may take, as 512M (default) or 2G; the oldest go first. 0: frames are "
      "not kept. They also leave 256 MiB of the disk free." },
    { "Stations", "--listen", "ADDR:PORT", FLAG_ADDRESSES, AT(listen), 0, 0, 0,
      "Listen for stations by ws. May be given more than once; port 0 is any free one. Default, when "
      "no listener is named: 127.0.0.1:9016." },
    { NULL, "--tls-listen", "ADDR:PORT", FLAG_ADDRESSES, AT(tls_listen), 0, 0, 0,
      "Listen for stations by wss (conventional port: 9017). Needs --tls-cert and --tls-key; may be "
      "given more than once." },
    { NULL, "--tls-cert", "FILE", FLAG_TEXTS, AT(tls_cert), 0, 0, 0,
      "PEM file of the server certificate and its chain. Given twice, with an RSA and an ECDSA "
      "certificate, every station finds a cipher suite it has. Read again on SIGHUP." },
    { NULL, "--tls-key", "FILE", FLAG_TEXTS, AT(tls_key), 0, 0, 0,
      "PEM file of its private key; as often as --tls-cert and in the same order." },
    { NULL, "--tls-client-ca", "FILE", FLAG_TEXT, AT(tls_client_ca), 0, 0, 0,
      "PEM file of the CAs that issue certificates to stations (security profile 3). Stations of "
      "other profiles need none. DIR/pki/ca.pem, the local CA, is trusted too when it exists." },
    { NULL, "--tls-client-crl", "FILE", FLAG_TEXT, AT(tls_client_crl), 0, 0, 0,
      "PEM file of the certificates these CAs have revoked. Read again on SIGHUP. DIR/pki/crl.pem "
      "is looked at too when it exists." },
    { NULL, "--admin-listen", "ADDR:PORT", FLAG_ADDRESSES, AT(admin_listen), 0, 0, 0,
      "Serve the admin API by https as well, to who shows a token (noxctl token add): for meters, the "
      "grid operator, noxctl elsewhere. Uses --tls-cert and --tls-key; may be given more than once. "
      "Default: only on DIR/admin.sock." },
    { NULL, "--cpo-name", "NAME", FLAG_TEXT, AT(cpo_name), 0, 0, 0,
      "The operator's name: the O that client certificates and certificate requests of stations must "
      "have; set in stations that report another CpoName. Default: any." },
    { NULL, "--unknown-stations", "reject|pending", FLAG_CHOICE, AT(unknown_stations), 0, 1, 0,
      "reject (default): who is not in the database is refused and recorded (noxctl station refused). "
      "pending: is taken in as Pending until an operator accepts it." },
    { NULL, "--local-lists", "off|on", FLAG_CHOICE, AT(local_lists), 0, 1, 1,
      "on (default): stations that support it are kept a local authorization list of the tags that "
      "may charge there (noxctl local-list). off: lists stay as they are." },
    { NULL, "--heartbeat-s", "N", FLAG_NUMBER, AT(heartbeat_s), 1, 86400, 300,
      "Interval of heartbeats, told to stations at boot. Default 300." },
    { NULL, "--ping-s", "N", FLAG_NUMBER, AT(ping_s), 1, 3600, 45,
      "A station that has been silent so long is sent a websocket ping; silent for two thirds longer "
      "(5 s at least) its connection is cut. Default 45." },
    { NULL, "--meter-interval-s", "N", FLAG_NUMBER, AT(meter_interval_s), 0, 86400, 60,
      "Interval of meter values set in stations that share a grid connection. Default 60; 0: leave "
      "what the station has." },
    { NULL, "--call-timeout-s", "N", FLAG_NUMBER, AT(call_timeout_s), 1, 3600, 30,
      "A request to a station counts as unanswered after this. Default 30." },
    { NULL, "--lease-min", "N", FLAG_NUMBER, AT(lease_min), 1, 1440, 15,
      "Length of a lease: a limit given to a station falls to its safe current after this unless it "
      "is renewed. Default 15." },
    { "Certificates", "--cert-policy", "manual|renewals|auto", FLAG_CHOICE, AT(cert_policy), 0, 2,
      1,
      "Which certificate requests of stations are signed without asking (noxctl cert pending). renewals "
      "(default): of stations that show a valid certificate of the local CA for the same CN; the first "
      "one needs 'noxctl cert approve'. manual: none. auto: all." },
    { NULL, "--cert-days", "N", FLAG_NUMBER, AT(cert_days), 1, 3650, 365,
      "How long certificates of stations are valid that the local CA signs. Default 365." },
    { "Files", "--public-url", "URL", FLAG_TEXTS, AT(public_url), 0, 0, 0,
      "How stations reach the listeners for firmware, diagnostics and logs, as http://HOST:PORT or "
      "https://HOST:PORT; may be given more than once. Stations of security profile 2 and 3 are "
      "offered an https one, others http. Default: the name and port by which the station came." },
    { NULL, "--upload-max-bytes", "N", FLAG_NUMBER, AT(upload_max_bytes), 1, INT64_MAX, 67108864,
      "The longest upload of a station that is taken. Default 67108864 (64 MiB)." },
    { NULL, "--files-max-bytes", "N", FLAG_NUMBER, AT(files_max_bytes), 1, INT64_MAX, 2147483648,
      "Quota of DIR/files. When it is reached the oldest uploads are removed, firmware never. "
      "Uploads also leave 256 MiB of the disk free. Default 2147483648 (2 GiB)." },
    { "Log", "--log-format", "text|json", FLAG_CHOICE, AT(log_format), 0, 1, 0,
      "One line per event on stderr. Default text." },
    { NULL, "--log-level", "debug|info|warning|error", FLAG_CHOICE, AT(log_level), 0, 3, LOG_INFO,
      "The least important events that are logged; debug shows every frame. Default info." },
    { "Simulation", "--time-warp", "N", FLAG_NUMBER, AT(time_warp), 1, 100000, 1,
      "Simulated seconds per second, for simulated stations only (noxsim --time-warp N). Default 1: "
      "the real clock." },
    { NULL, "--time-start", "TIME", FLAG_TIME, AT(time_start_ms), 0, 0, STORE_ABSENT,
      "Where simulated time begins, as 2026-10-01T00:00:00Z. Default with --time-warp: the later of "
      "now and the newest instant in the database, so that time never runs back." },
    { "Other", "--check", NULL, FLAG_SWITCH, AT(check), 0, 0, 0,
      "Check flags, files and database, start nothing." },
    { NULL, "--version", NULL, FLAG_SWITCH, AT(version), 0, 0, 0, "Print the version." },
    { NULL, "--help", NULL, FLAG_SWITCH, AT(help), 0, 0, 0, "Print this text." },
    { NULL, "--man", NULL, FLAG_SWITCH, AT(man), 0, 0, 0, "Print the man page (man -l -)." },
};
#undef AT
enum { N_FLAGS = sizeof(flags) / sizeof(flags[0]) };

static const struct {
    const char *command, *what;
} examples[] = {
    { "noxd", "for a first look: data in ./nox-data, stations of this machine only" },
    { "noxd --data /var/lib/noxd --listen 0.0.0.0:9016", "stations of a trusted network (or VPN)" },
    { "noxd --tls-listen 0.0.0.0:9017 --tls-cert server.pem --tls-key server.key",
      "stations by wss over the internet" },
    { "noxd --tls-listen 0.0.0.0:9017 --tls-cert rsa.pem --tls-key rsa.key --tls-cert ec.pem ...",
      "with both kinds of certificate; --tls-client-ca for those of stations" },
    { "noxd --time-warp 60 --time-start 2026-10-01T00:00:00Z",
      "a simulated hour per minute, from the first of October" },
};

/* --- values --- */

bool config_address_parse(const char *text, struct config_address *ret_address)
{
    const char *colon = strrchr(text, ':');
    char *end;
    if (colon == NULL || colon == text || colon[1] < '0' || colon[1] > '9')
        return false;
    errno = 0;
    long port = strtol(colon + 1, &end, 10);
    size_t len = (size_t)(colon - text);
    if (errno != 0 || *end != '\0' || port > 65535)
        return false;
    bool bracketed = text[0] == '[' && len > 2 && colon[-1] == ']';
    if (bracketed) {
        text++;
        len -= 2;
    }
    if (len >= sizeof(ret_address->host) || (!bracketed && memchr(text, ':', len) != NULL))
        return false;
    memcpy(ret_address->host, text, len);
    ret_address->host[len] = '\0';
    ret_address->port = (int)port;
    return true;
}

static bool choice_of(const char *choices, const char *text, int64_t *ret_index)
{
    size_t len = strlen(text);
    for (int64_t i = 0;; i++) {
        size_t n = strcspn(choices, "|");
        if (n == len && strncmp(choices, text, n) == 0) {
            *ret_index = i;
            return true;
        }
        if (choices[n] == '\0')
            return false;
        choices += n + 1;
    }
}

/* "512M": units of 1024. */
static bool bytes_of(const struct flag *f, const char *text, int64_t *ret_bytes)
{
    static const char units[] = "KMGT";
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
    int shift = unit != NULL ? 10 * (int)(unit - units + 1) : 0;
    if (errno != 0 || end == text || number < 0 || end[unit != NULL] != '\0' ||
        number > (f->max >> shift) || number << shift < f->min)
        return false;
    *ret_bytes = number << shift;
    return true;
}

static bool number_of(const struct flag *f, const char *text, int64_t *ret_number)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < f->min || number > f->max)
        return false;
    *ret_number = number;
    return true;
}

static bool set_address(const struct flag *f, struct config_addresses *list, const char *text,
                        char *ret_text, size_t size)
{
    if (list->n == CONFIG_LISTENERS_MAX) {
        snprintf(ret_text, size, "%s can be given %d times at most", f->name, CONFIG_LISTENERS_MAX);
        return false;
    }
    if (config_address_parse(text, &list->at[list->n])) {
        list->n++;
        return true;
    }
    snprintf(ret_text, size,
             "%s %s is no ADDR:PORT: write it as 127.0.0.1:9016, [::1]:9016 or 0.0.0.0:9016",
             f->name, text);
    return false;
}

static bool add_text(const struct flag *f, struct config_texts *list, const char *text,
                     char *ret_text, size_t size)
{
    if (list->n < CONFIG_TEXTS_MAX) {
        list->at[list->n++] = text;
        return true;
    }
    snprintf(ret_text, size, "%s can be given %d times at most", f->name, CONFIG_TEXTS_MAX);
    return false;
}

static bool set_value(const struct flag *f, struct config *c, const char *text, char *ret_text,
                      size_t size)
{
    void *at = (char *)c + f->offset;
    bool had_zone = false;
    switch (f->kind) {
    case FLAG_SWITCH:
        *(bool *)at = true;
        return true;
    case FLAG_TEXT:
        *(const char **)at = text;
        return true;
    case FLAG_TEXTS:
        return add_text(f, at, text, ret_text, size);
    case FLAG_ADDRESSES:
        return set_address(f, at, text, ret_text, size);
    case FLAG_NUMBER:
        snprintf(ret_text, size, "%s %s: give a whole number from %lld to %lld", f->name, text,
                 (long long)f->min, (long long)f->max);
        return number_of(f, text, at);
    case FLAG_BYTES:
        snprintf(ret_text, size, "%s %s: give bytes, as 1500000, 512M or 2G", f->name, text);
        return bytes_of(f, text, at);
    case FLAG_CHOICE:
        snprintf(ret_text, size, "%s %s: choose one of %s", f->name, text, f->argument);
        return choice_of(f->argument, text, at);
    case FLAG_TIME:
        snprintf(ret_text, size, "%s %s is no time: write it as 2026-10-01T00:00:00Z", f->name,
                 text);
        return ocpp_time_parse(text, at, &had_zone) && had_zone;
    }
    return false;
}

/* --- the command line --- */

const char *config_flag_name(size_t i)
{
    return i < N_FLAGS ? flags[i].name : NULL;
}

static const char *name_at(const void *names, size_t i)
{
    return ((const struct flag *)names)[i].name;
}

static const struct flag *flag_find(const char *name, size_t len)
{
    for (size_t i = 0; i < N_FLAGS; i++)
        if (strlen(flags[i].name) == len && strncmp(flags[i].name, name, len) == 0)
            return &flags[i];
    return NULL;
}

static bool say_unknown(const char *word, size_t len, char *ret_text, size_t size)
{
    char name[48];
    snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : sizeof(name) - 1), word);
    const char *near = ocpp_nearest(name, name_at, flags, N_FLAGS);
    if (name[0] != '-')
        snprintf(ret_text, size, "unexpected word '%s': all settings are flags, see noxd --help",
                 name);
    else if (near != NULL)
        snprintf(ret_text, size, "unknown flag %s: did you mean %s?", name, near);
    else
        snprintf(ret_text, size, "unknown flag %s: see noxd --help", name);
    return false;
}

static bool parse_words(int argc, char *const *argv, struct config *c, char *ret_text, size_t size)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        const char *equals = strchr(word, '=');
        size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
        const struct flag *f = flag_find(word, len);
        if (f == NULL && strcmp(word, "-h") == 0)
            f = flag_find("--help", 6);
        if (f == NULL)
            return say_unknown(word, len, ret_text, size);
        const char *value = equals != NULL ? equals + 1 : NULL;
        if (f->argument == NULL && value != NULL) {
            snprintf(ret_text, size, "%s takes no value", f->name);
            return false;
        }
        if (f->argument != NULL && value == NULL) {
            if (i + 1 == argc) {
                snprintf(ret_text, size, "%s needs a value: %s %s", f->name, f->name, f->argument);
                return false;
            }
            value = argv[++i];
        }
        if (value == NULL)
            value = ""; /* of a switch: not looked at */
        if (!set_value(f, c, value, ret_text, size))
            return false;
    }
    return true;
}

static bool is_consistent(struct config *c, char *ret_text, size_t size)
{
    const char *wrong = NULL;
    if (c->tls_listen.n > 0 && (c->tls_cert.n == 0 || c->tls_key.n == 0))
        wrong = "--tls-listen needs --tls-cert FILE and --tls-key FILE; certs/make-pki makes them "
                "for a try";
    else if (c->admin_listen.n > 0 && (c->tls_cert.n == 0 || c->tls_key.n == 0))
        wrong =
            "--admin-listen needs --tls-cert FILE and --tls-key FILE; certs/make-pki makes them "
            "for a try";
    else if (c->tls_listen.n == 0 && (c->tls_client_ca != NULL || c->tls_client_crl != NULL))
        wrong = "client CAs are given but no --tls-listen ADDR:PORT";
    else if (c->tls_listen.n == 0 && c->admin_listen.n == 0 &&
             (c->tls_cert.n > 0 || c->tls_key.n > 0))
        wrong = "a certificate is given but no --tls-listen ADDR:PORT";
    else if (c->tls_cert.n != c->tls_key.n)
        wrong = "--tls-cert and --tls-key belong together: give each as often as the other, in the "
                "same order";
    for (size_t i = 0; i < c->public_url.n; i++)
        if (strncmp(c->public_url.at[i], "http://", 7) != 0 &&
            strncmp(c->public_url.at[i], "https://", 8) != 0)
            wrong = "--public-url must be http://HOST:PORT or https://HOST:PORT, without a path";
    if (wrong != NULL)
        snprintf(ret_text, size, "%s", wrong);
    return wrong == NULL;
}

static const char *data_by_default(const char *(*getenv_of)(const char *name))
{
    static const char *const names[] = { "STATE_DIRECTORY", "NOX_DATA" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv_of(names[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return "./nox-data";
}

bool config_parse(int argc, char *const *argv, const char *(*getenv_of)(const char *name),
                  struct config *ret_config, char *ret_text, size_t size)
{
    struct config c = { .data = NULL };
    for (size_t i = 0; i < N_FLAGS; i++)
        if (flags[i].kind == FLAG_NUMBER || flags[i].kind == FLAG_BYTES ||
            flags[i].kind == FLAG_CHOICE || flags[i].kind == FLAG_TIME)
            memcpy((char *)&c + flags[i].offset, &flags[i].preset, sizeof(int64_t));
    if (!parse_words(argc, argv, &c, ret_text, size) || !is_consistent(&c, ret_text, size))
        return false;
    if (c.data == NULL)
        c.data = data_by_default(getenv_of);
    if (c.data[0] == '\0') {
        snprintf(ret_text, size, "--data must name a folder");
        return false;
    }
    if (c.listen.n == 0 && c.tls_listen.n == 0)
        config_address_parse("127.0.0.1:9016", &c.listen.at[c.listen.n++]);
    *ret_config = c;
    return true;
}

/* --- texts --- */

enum { HELP_INDENT = 6, HELP_WIDTH = 92 };

static void print_wrapped(FILE *out, const char *text)
{
    size_t column = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (column > 0 && column + 1 + len > HELP_WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        fprintf(out, "%*s%.*s", column == 0 ? HELP_INDENT : 1, "", (int)len, text);
        column += (column == 0 ? HELP_INDENT : 1) + len;
        text += len + strspn(text + len, " ");
    }
    fputc('\n', out);
}

void config_print_help(FILE *out)
{
    fprintf(out, "usage: noxd [FLAG]...\n\n"
                 "The central system of NOX-Block: charging points connect by OCPP 1.6-J to "
                 "ws://HOST:PORT/ocpp/<chargePointId>.\n");
    for (size_t i = 0; i < N_FLAGS; i++) {
        const struct flag *f = &flags[i];
        if (f->group != NULL)
            fprintf(out, "\n%s\n", f->group);
        fprintf(out, "  %s%s%s\n", f->name, f->argument != NULL ? " " : "",
                f->argument != NULL ? f->argument : "");
        print_wrapped(out, f->help);
    }
    fprintf(out, "\nExamples\n");
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
        fprintf(out, "  %s\n      %s\n", examples[i].command, examples[i].what);
    fprintf(out, "\nSignals: TERM or INT ends it in order (a second one at once), HUP reads "
                 "certificates and quirks.json again.\n"
                 "Exit codes: 0 ended in order, 1 failed, 2 wrong flags. Admin: noxctl --help.\n");
}

/* roff: a dash is \-, and no line begins with '.' or '\''. */
static void print_roff(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text != '\0'; text++)
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
}

static void print_man_flags(FILE *out)
{
    fputs(".SH OPTIONS\n", out);
    for (size_t i = 0; i < N_FLAGS; i++) {
        const struct flag *f = &flags[i];
        if (f->group != NULL)
            fprintf(out, ".SS %s\n", f->group);
        fputs(".TP\n.B ", out);
        print_roff(out, f->name);
        if (f->argument != NULL) {
            fputs(" \\fI", out);
            print_roff(out, f->argument);
            fputs("\\fR", out);
        }
        fputc('\n', out);
        print_roff(out, f->help);
        fputc('\n', out);
    }
}

void config_print_man(FILE *out, const char *version)
{
    fprintf(out,
            ".TH NOXD 8 \"\" \"noxd %s\" \"NOX-Block\"\n"
            ".SH NAME\nnoxd \\- central system for charging points (OCPP 1.6\\-J)\n"
            ".SH SYNOPSIS\n.B noxd\n[\\fIFLAG\\fR]...\n"
            ".SH DESCRIPTION\nnoxd talks to charging points over websockets, shares a limited "
            "grid connection among them, records every session and serves the admin API that\n"
            ".BR noxctl (1)\nuses. Stations connect to ws://HOST:PORT/ocpp/<chargePointId> with "
            "the subprotocol ocpp1.6. When it is ready it prints one line\n.I noxd: ready\nwith "
            "its addresses on stdout, and tells systemd (Type=notify).\n",
            version);
    print_man_flags(out);
    fputs(
        ".SH SIGNALS\n.TP\n.BR SIGTERM \", \" SIGINT\nEnd in order: no new stations, what was "
        "received is stored and answered, stations are closed with 1001. A second one ends at "
        "once.\n.TP\n.B SIGHUP\nRead the certificate files and quirks.json again; connections stay.\n"
        ".SH EXIT STATUS\n0 ended in order; 1 failed; 2 wrong flags.\n"
        ".SH FILES\n.TP\n.I DIR/nox.db\nThe database.\n.TP\n.I DIR/admin.sock\nThe admin API "
        "(HTTP and JSON on a Unix socket).\n.TP\n.I DIR/noxd.lock\nHeld while noxd runs.\n.TP\n.I DIR/noxd.mark\nWhich leases nox.db must "
        "know; when a backup of nox.db is put back, leave it.\n"
        ".SH ENVIRONMENT\n.TP\n.BR STATE_DIRECTORY \", \" NOX_DATA\nThe default of "
        "\\-\\-data.\n.TP\n.B NOTIFY_SOCKET\nSet by systemd.\n.SH EXAMPLES\n",
        out);
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        fputs(".TP\n.B ", out);
        print_roff(out, examples[i].command);
        fputc('\n', out);
        print_roff(out, examples[i].what);
        fputc('\n', out);
    }
    fputs(".SH SEE ALSO\n.BR noxctl (1),\n.BR noxsim (1)\n", out);
}
