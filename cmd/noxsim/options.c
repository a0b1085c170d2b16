#include "cmd/noxsim/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxsim/console.h"
#include "cmd/noxsim/profiles.h"
#include "cmd/noxsim/quirks.h"
#include "ocpp/wire/field.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define COUNT_MAX         INT64_C(1000000)

enum {
    RUN = 1 << COMMAND_RUN,
    REPLAY = 1 << COMMAND_REPLAY,
    GENERATE = 1 << COMMAND_GENERATE,
    CONNECT = 1 << COMMAND_CONNECT,
    STATION = 1 << COMMAND_STATION,
    FLEET = RUN | REPLAY | CONNECT,
    ONLINE = FLEET | STATION
};

enum type { TEXT, NUMBER, DECIMAL, SWITCH, FAULT, CARS, URL, QUIRK, CHOICE };

#define AT(member) offsetof(struct options, member)

/* Options in the order of the help. */
static const struct row {
    const char *name, *value;
    unsigned commands, required; /* sets of commands */
    enum type type;
    size_t offset;
    int64_t min, max;
    const char *help;
} rows[] = {
    { "url", "URL", ONLINE, ONLINE, URL, AT(url), 0, 0,
      "the central system, ws://HOST:PORT/ocpp or wss://...; the station's id is appended; twice for "
      "both: wss from security profile 2 on" },
    { "site", "FILE", FLEET, RUN | REPLAY, TEXT, AT(site), 0, 0,
      "stations, grid and tags: the file that `noxctl apply -f` takes" },
    { "id", "ID", STATION, STATION, TEXT, AT(id), 0, 0, "the station" },
    { "key", "PASSWORD", STATION, 0, TEXT, AT(key), 0, 0,
      "its password; visible to all users of this computer, so only for tests" },
    { "connectors", "N", STATION, 0, NUMBER, AT(connectors), 1, 8, "so many (default 1)" },
    { "keys", "FILE", FLEET, 0, TEXT, AT(keys), 0, 0,
      "CSV with the columns station,key: passwords of the stations" },
    { "ca", "FILE", ONLINE, 0, TEXT, AT(ca), 0, 0,
      "certificates to trust for wss (default: the system's)" },
    { "stations", "N", RUN | CONNECT | GENERATE, 0, NUMBER, AT(stations), 1, COUNT_MAX,
      "so many stations; more than the site has are called SIM-0001 and so on" },
    { "time-warp", "N", ONLINE, 0, NUMBER, AT(time_warp), 1, COUNT_MAX,
      "simulated seconds per second, the same as noxd's (default 1)" },
    { "arrivals-per-hour", "X", RUN, 0, DECIMAL, AT(arrivals_per_hour), 0, COUNT_MAX,
      "cars that come, in the whole street and simulated hour (default: one per two stations)" },
    { "plugged", "N", RUN, 0, NUMBER, AT(plugged), 0, COUNT_MAX,
      "so many cars are there at the beginning (default 0)" },
    { "cars", "MIX", RUN, 0, CARS, AT(cars), 0, 0,
      "which cars come: mixed (default), three-phase or one-phase" },
    { "stay-hours", "X", RUN, 0, DECIMAL, AT(stay_hours), 0, 1000,
      "how long cars stay on average (default: by the time of day, many over night)" },
    { "duration", "S", RUN | CONNECT | STATION, 0, NUMBER, AT(duration_s), 1, INT64_C(1000000000),
      "end after so many simulated seconds (default: at Ctrl-C)" },
    { "settle", "S", RUN, 0, NUMBER, AT(settle_s), 0, INT64_C(1000000000),
      "no car comes and no fault happens in the first simulated seconds (default 0)" },
    { "month", "YYYY-MM", REPLAY | GENERATE, GENERATE, TEXT, AT(month), 0, 0,
      "sessions that end in this local month" },
    { "sessions", "N", REPLAY | GENERATE, 0, NUMBER, AT(sessions), 1, INT64_C(100000000),
      "replay: only the first so many; generate: so many (default: one per station and day)" },
    { "meter-interval", "S", ONLINE, 0, NUMBER, AT(meter_interval_s), 1, 86400,
      "the stations refuse a MeterValueSampleInterval below (default 1; replay: 900)" },
    { "fault", "NAME[=RATE][@ID,..]", ONLINE, 0, FAULT, AT(faults), 0, 0,
      "switch a fault on, perhaps only at some stations; may be given more than once" },
    { "vendor", "TEXT", ONLINE, 0, TEXT, AT(vendor), 0, 0,
      "chargePointVendor (default NOX-Block)" },
    { "model", "TEXT", ONLINE, 0, TEXT, AT(model), 0, 0, "chargePointModel (default noxsim lamp)" },
    { "firmware", "TEXT", ONLINE, 0, TEXT, AT(firmware), 0, 0,
      "firmwareVersion until an update (default 1.0-sim)" },
    { "bad-firmware", "N", ONLINE, 0, NUMBER, AT(bad_firmware), 1, COUNT_MAX,
      "at the first so many stations no new firmware can be installed" },
    { "list-max", "N", ONLINE, 0, NUMBER, AT(list_max), 1, 100000,
      "LocalAuthListMaxLength (default 10000)" },
    { "list-per-message", "N", ONLINE, 0, NUMBER, AT(list_per_message), 1, 10000,
      "SendLocalListMaxLength (default 1000)" },
    { "rate-unit", "UNIT", ONLINE, 0, CHOICE, AT(rate_unit), 0, 0,
      "of charging profiles that are taken: A, W or both (default)" },
    { "max-profiles", "N", ONLINE, 0, NUMBER, AT(max_profiles), 1, PROFILES_MAX,
      "MaxChargingProfilesInstalled (default 12)" },
    { "max-periods", "N", ONLINE, 0, NUMBER, AT(max_periods), 1, PROFILE_PERIODS_MAX,
      "ChargingScheduleMaxPeriods (default 24)" },
    { "switch-3to1", NULL, ONLINE, 0, SWITCH, AT(switch_3to1), 0, 0,
      "ConnectorSwitch3to1PhaseSupported: numberPhases 1 is obeyed" },
    { "serial-prefix", "TEXT", ONLINE, 0, TEXT, AT(serial_prefix), 0, 0,
      "goes in front of the id in the serial number, which is also the CN of certificates" },
    { "key-store", "DIR", ONLINE, 0, TEXT, AT(key_store), 0, 0,
      "keys, certificates, roots, passwords, security profiles: a folder for each station" },
    { "security-profile", "N", ONLINE, 0, NUMBER, AT(security_profile), 0, 3,
      "at the beginning (default: 2 for wss, 3 with a certificate, 1 with a password, else 0)" },
    { "manufacturer-ca", "FILE", ONLINE, 0, TEXT, AT(manufacturer_ca), 0, 0,
      "roots for the certificates that sign firmware (PEM), as delivered" },
    { "manufacturer-crl", "FILE", ONLINE, 0, TEXT, AT(manufacturer_crl), 0, 0,
      "what they have revoked (PEM): such firmware is answered RevokedCertificate" },
    { "cpo-name", "TEXT", ONLINE, 0, TEXT, AT(cpo_name), 0, 0,
      "CpoName as delivered: the organization in certificate requests" },
    { "csr-key", "KIND", ONLINE, 0, CHOICE, AT(csr_key), 0, 0,
      "ec (P-256, default) or rsa (2048)" },
    { "hash", "KIND", ONLINE, 0, CHOICE, AT(hash), 0, 0,
      "of certificate ids: sha256 (default), sha384 or sha512" },
    { "root-check", NULL, ONLINE, 0, SWITCH, AT(root_check), 0, 0,
      "AdditionalRootCertificateCheck: a new root must be signed by the one before it" },
    { "signed-firmware-only", NULL, ONLINE, 0, SWITCH, AT(signed_firmware_only), 0, 0,
      "UpdateFirmware is answered NotSupported" },
    { "security-events", NULL, ONLINE, 0, SWITCH, AT(security_events), 0, 0,
      "tell StartupOfTheDevice and the like (default with --key-store)" },
    { "quirk", "NAME", ONLINE, 0, QUIRK, AT(quirks), 0, 0,
      "a deviation of real stations; may be given more than once" },
    { "seed", "N", RUN | REPLAY | GENERATE | CONNECT | STATION, 0, NUMBER, AT(seed), 0, INT64_MAX,
      "the same seed gives the same cars, drivers and faults (default 1)" },
    { "state", "FILE", RUN | STATION, 0, TEXT, AT(state), 0, 0,
      "CSV of the meters: read at the start if it is there, written every minute and at the end; "
      "beside it FILE.lists/ with the local authorization lists" },
    { "trace", "FILE", RUN | REPLAY, 0, TEXT, AT(trace), 0, 0,
      "CSV of what is allowed, drawn and wanted on each node and phase, every simulated second" },
    { "report", "FILE", FLEET, 0, TEXT, AT(report), 0, 0,
      "write the summary at the end (JSON) to a file, too" },
    { "quiet", NULL, ONLINE, 0, SWITCH, AT(quiet), 0, 0, "no progress and no summary for people" },
};

static const struct command_row {
    const char *name, *arguments, *summary, *about, *examples;
} commands[COMMAND_END] = {
    [COMMAND_RUN] = { "run", "", "a street of lamps with cars that come and go",
                      "Cars arrive at random, draw what their batteries take and their lamps allow, "
                      "and leave.\nEvery station obeys its charging profiles as OCPP 1.6 says.\n",
                      "  noxsim run --url ws://127.0.0.1:9016/ocpp --site cmd/example/site.json "
                      "--keys sim-keys.csv --time-warp 30\n"
                      "  noxsim run --url ws://127.0.0.1:9016/ocpp --site site.json --keys keys.csv "
                      "--time-warp 20 --arrivals-per-hour 60 \\\n"
                      "      --settle 300 --duration 7200 --fault link=4 --fault lost-answers=0.05 "
                      "--trace trace.csv --report report.json\n" },
    [COMMAND_REPLAY] = { "replay", "FILE.csv", "recorded sessions, driven through the stations",
                         "Each session takes the first lamp that is free and begins, is metered and "
                         "ends at its recorded instants,\nwith exactly its recorded energy; the "
                         "meter follows the recording, not the charging profile.\nStart noxd with "
                         "--time-start a few days before the first session and the same "
                         "--time-warp:\nwhat is already past is delivered at once.  Ends when every "
                         "StopTransaction is confirmed.\n",
                         "  noxsim replay sessions.csv --url ws://127.0.0.1:9016/ocpp --site "
                         "site.json --keys keys.csv --month 2019-11 --time-warp 30000\n" },
    [COMMAND_GENERATE] = { "generate", "", "believable sessions as CSV, for replay",
                           "Writes sessions of a residential street to stdout: arrivals after work, "
                           "nights, 3 to 40 kWh.\n",
                           "  noxsim generate --month 2026-10 --stations 24 --seed 7 > "
                           "sessions.csv\n" },
    [COMMAND_CONNECT] = { "connect", "", "many stations that only connect, boot and stay",
                          "Tells how long it took until all were accepted.\n",
                          "  noxsim connect --url ws://127.0.0.1:9016/ocpp --stations 2000\n" },
    [COMMAND_STATION] = { "station", "",
                          "one station by hand: commands from stdin, frames on stdout",
                          "Shows every frame (> sent, < received) and carries out one command per "
                          "line; they wait until the\nfirst BootNotification was answered.  The end of "
                          "the input is the end.  Exit code 1 if a wait was in vain.\n",
                          "  noxsim station --url ws://127.0.0.1:9016/ocpp --id CP-7 --key secret\n"
                          "  printf '%s\\n' plug 'tap TAG1' 'wait RemoteStopTransaction 60' | \\\n"
                          "      noxsim station --url ws://127.0.0.1:9016/ocpp --id CP-7\n" },
};

static bool has(const struct row *row, enum command command)
{
    return row->commands & 1U << command;
}

static void print_option(const struct row *row, enum command command)
{
    char left[40];
    snprintf(left, sizeof(left), "--%s%s%s", row->name, row->value != NULL ? " " : "",
             row->value != NULL ? row->value : "");
    printf("  %-24s %s%s\n", left, row->help, row->required & 1U << command ? " (required)" : "");
}

static void print_faults(void)
{
    printf("\nfaults:\n");
    for (int i = 0; i < FAULT_END; i++) {
        const struct fault_row *f = fault_row((enum fault)i);
        printf("  %-18s %s\n  %-18s (%s, usual %g)\n", f->name, f->summary, "", f->unit, f->usual);
    }
}

static void print_quirks(void)
{
    printf("\nquirks:\n");
    for (int i = 0; i < QUIRK_END; i++)
        printf("  %-18s the station %s\n", quirk_name((enum quirk)i), quirk_summary((enum quirk)i));
}

static void print_command_help(enum command command)
{
    const struct command_row *c = &commands[command];
    printf("usage: noxsim %s%s%s [options]\n\n%s\noptions:\n", c->name,
           c->arguments[0] != '\0' ? " " : "", c->arguments, c->about);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (has(&rows[i], command))
            print_option(&rows[i], command);
    if (command != COMMAND_GENERATE) {
        print_faults();
        print_quirks();
    }
    if (command == COMMAND_STATION) {
        printf("\nstdin:\n");
        console_print_help();
    }
    printf("\nexamples:\n%s", c->examples);
}

static void print_help(void)
{
    printf("usage: noxsim COMMAND [options]\n\n"
           "Simulated OCPP 1.6-J charge points over real sockets, with meters, cars and faults.\n\n"
           "commands:\n");
    for (int i = 0; i < COMMAND_END; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    printf("\n`noxsim COMMAND --help` lists the options of a command, with examples.\n"
           "\nexamples:\n%s",
           commands[COMMAND_RUN].examples);
}

struct parser {
    struct options *o;
    char *text;
    size_t size;
};

static const char *command_name_at(const void *names, size_t i)
{
    (void)names;
    return commands[i].name;
}

static bool find_command(struct parser *p, const char *word)
{
    for (int i = 0; i < COMMAND_END; i++)
        if (strcmp(commands[i].name, word) == 0) {
            p->o->command = (enum command)i;
            return true;
        }
    const char *near = ocpp_nearest(word, command_name_at, NULL, COMMAND_END);
    snprintf(p->text, p->size, "there is no command \"%.40s\"; %s%s%s", word,
             near != NULL ? "did you mean " : "noxsim --help lists them", near != NULL ? near : "",
             near != NULL ? "?" : "");
    return false;
}

static const char *option_name_at(const void *names, size_t i)
{
    (void)names;
    return rows[i].name;
}

static const struct row *find_option(struct parser *p, const char *word)
{
    char name[41];
    size_t len = strcspn(word, "=");
    snprintf(name, sizeof(name), "%.*s", (int)(len < 40 ? len : 40), word);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        if (has(&rows[i], p->o->command))
            return &rows[i];
        snprintf(p->text, p->size, "noxsim %s has no --%s", commands[p->o->command].name, name);
        return NULL;
    }
    const char *near = ocpp_nearest(name, option_name_at, NULL, ARRAY_SIZE(rows));
    snprintf(p->text, p->size, "unknown option --%s; %s%s", name,
             near != NULL ? "did you mean --" : "see noxsim COMMAND --help",
             near != NULL ? near : "");
    return NULL;
}

static bool take_number(struct parser *p, const struct row *row, const char *value)
{
    char *end;
    errno = 0;
    int64_t number = strtoll(value, &end, 10);
    if (value[0] == '\0' || *end != '\0' || errno != 0 || number < row->min || number > row->max) {
        snprintf(p->text, p->size,
                 "--%s: \"%.40s\" is no whole number from %" PRId64 " to %" PRId64, row->name,
                 value, row->min, row->max);
        return false;
    }
    memcpy((char *)p->o + row->offset, &number, sizeof(number));
    return true;
}

static bool take_decimal(struct parser *p, const struct row *row, const char *value)
{
    char *end;
    double number = strtod(value, &end);
    if (value[0] == '\0' || *end != '\0' ||
        !(number >= (double)row->min && number <= (double)row->max)) {
        snprintf(p->text, p->size, "--%s: \"%.40s\" is no number from %" PRId64 " to %" PRId64,
                 row->name, value, row->min, row->max);
        return false;
    }
    memcpy((char *)p->o + row->offset, &number, sizeof(number));
    return true;
}

static bool take_cars(struct parser *p, const char *value)
{
    for (int mix = 0; mix < VEHICLE_MIX_END; mix++)
        if (strcmp(vehicle_mix_name((enum vehicle_mix)mix), value) == 0) {
            p->o->cars = (enum vehicle_mix)mix;
            return true;
        }
    snprintf(p->text, p->size, "--cars: \"%.40s\" is none of mixed, three-phase, one-phase", value);
    return false;
}

static bool take_url(struct parser *p, const char *value)
{
    struct options *o = p->o;
    if (o->url2 != NULL) {
        snprintf(p->text, p->size, "--url can be given twice: one of ws and one of wss");
        return false;
    }
    if (o->url == NULL)
        o->url = value;
    else
        o->url2 = value;
    return true;
}

static bool take_choice(struct parser *p, const struct row *row, const char *value)
{
    static const struct {
        const char *option, *value;
    } choices[] = { { "csr-key", "ec" },     { "csr-key", "rsa" }, { "hash", "sha256" },
                    { "hash", "sha384" },    { "rate-unit", "A" }, { "rate-unit", "W" },
                    { "rate-unit", "both" }, { "hash", "sha512" } };
    for (size_t i = 0; i < ARRAY_SIZE(choices); i++)
        if (strcmp(choices[i].option, row->name) == 0 && strcmp(choices[i].value, value) == 0) {
            memcpy((char *)p->o + row->offset, &choices[i].value, sizeof(value));
            return true;
        }
    snprintf(p->text, p->size, "--%s: \"%.40s\" is none of: %s", row->name, value, row->help);
    return false;
}

static bool take_value(struct parser *p, const struct row *row, const char *value)
{
    bool yes = true;
    switch (row->type) {
    case TEXT:
        memcpy((char *)p->o + row->offset, &value, sizeof(value));
        return true;
    case NUMBER:
        return take_number(p, row, value);
    case DECIMAL:
        return take_decimal(p, row, value);
    case FAULT:
        return faults_parse(&p->o->faults, value, p->text, p->size);
    case CARS:
        return take_cars(p, value);
    case URL:
        return take_url(p, value);
    case QUIRK:
        return quirks_parse(&p->o->quirks, value, p->text, p->size);
    case CHOICE:
        return take_choice(p, row, value);
    case SWITCH:
        memcpy((char *)p->o + row->offset, &yes, sizeof(yes));
        return true;
    }
    return false;
}

/* --name VALUE or --name=VALUE; a fault's own = belongs to its value. */
static bool take_option(struct parser *p, int argc, char **argv, int *i)
{
    const char *word = argv[*i] + 2, *value = strchr(word, '=');
    const struct row *row = find_option(p, word);
    if (row == NULL)
        return false;
    if (row->value == NULL && value != NULL) {
        snprintf(p->text, p->size, "--%s takes no value", row->name);
        return false;
    }
    if (row->value != NULL && value == NULL && *i + 1 >= argc) {
        snprintf(p->text, p->size, "--%s needs a value: --%s %s", row->name, row->name, row->value);
        return false;
    }
    value = row->value == NULL ? "" : value != NULL ? value + 1 : argv[++*i];
    return take_value(p, row, value);
}

static bool check(struct parser *p)
{
    const struct options *o = p->o;
    const char *missing = NULL;
    if (o->command == COMMAND_GENERATE)
        missing = o->month == NULL ? "--month YYYY-MM" : NULL;
    else if (o->url == NULL)
        missing = "--url ws://HOST:PORT/ocpp";
    else if (o->command == COMMAND_STATION)
        missing = o->id == NULL ? "--id ID" : NULL;
    else if (o->site == NULL && o->command != COMMAND_CONNECT)
        missing = "--site FILE";
    else if (o->command == COMMAND_CONNECT && o->site == NULL && o->stations == 0)
        missing = "--stations N or --site FILE";
    else if (o->command == COMMAND_REPLAY && o->file == NULL)
        missing = "the CSV file with the sessions";
    if (missing != NULL)
        snprintf(p->text, p->size, "noxsim %s needs %s", commands[o->command].name, missing);
    return missing == NULL;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool take_words(struct parser *p, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && argv[i][2] != '\0') {
            if (!take_option(p, argc, argv, &i))
                return false;
        } else if (p->o->command == COMMAND_REPLAY && p->o->file == NULL && argv[i][0] != '-') {
            p->o->file = argv[i];
        } else {
            snprintf(p->text, p->size, "noxsim %s does not know what to do with \"%.40s\"",
                     commands[p->o->command].name, argv[i]);
            return false;
        }
    }
    return check(p);
}

enum options_rc options_parse(int argc, char **argv, struct options *ret, char *ret_text,
                              size_t size)
{
    struct parser p = { .o = ret, .text = ret_text, .size = size };
    *ret = (struct options){ .time_warp = 1,
                             .seed = 1,
                             .arrivals_per_hour = -1,
                             .security_profile = -1,
                             .serial_prefix = "",
                             .vendor = "NOX-Block",
                             .model = "noxsim lamp",
                             .firmware = "1.0-sim" };
    if (argc < 2) {
        snprintf(ret_text, size, "which command? noxsim --help lists them");
        return OPTIONS_WRONG;
    }
    if (is_help(argv[1]) || strcmp(argv[1], "help") == 0) {
        print_help();
        return OPTIONS_HELP;
    }
    if (!find_command(&p, argv[1]))
        return OPTIONS_WRONG;
    for (int i = 2; i < argc; i++)
        if (is_help(argv[i])) {
            print_command_help(ret->command);
            return OPTIONS_HELP;
        }
    return take_words(&p, argc, argv) ? OPTIONS_OK : OPTIONS_WRONG;
}
