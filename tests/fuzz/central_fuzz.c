/*
 * Lines as a day of two stations at the central system over an inline store: any bytes as frames,
 * in sequence, with time, lost connections, commands of an operator, certificates, files, restarts.
 *
 * Whatever comes: what we write is a legal frame; each CALL is answered at most once, under its own
 * id, and was answered when storage works and the connection stands; one request of ours waits at a
 * time; more than a node's limit is never granted, and never in the ledger without being told.
 *
 *   [2,...    a frame of the station, as it is (also everything that is nothing else)
 *   @1        the station that is meant from now on; +  it connects anew; -  its socket ends
 *   t 9000    time goes on, in ms
 *   p ACTION ANSWER      from now on it answers so ("nothing", "CALLERROR", {...})
 *   ! ACTION {...}       an operator's request; ? the same, and it may wait for the station
 *   f 3 / u 1 / r        a transfer of this kind; its upload has come; a rollout to both
 *   v 1                  pause, resume, abort or retry it
 *   a 1 / d 1            approve or refuse a certificate request; c a client certificate is shown
 *   R 2                  a reservation;  l  bring the local list into step;  k  its configuration
 *   q {...}              the operator's quirks;  P 2  proved by this security profile
 *   s / w / x            storage stalls, works; the central system restarts
 */
#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "ocpp/wire/rpc.h"
#include "storage/reader.h"
#include "tests/fuzz/fuzz.h"
#include "tests/scenario/world.h"

enum {
    STATIONS = 2,
    LIMIT_MA = 20000, /* two lamps of 16 A cannot both have all */
    FRAME_MAX = 60,   /* commands in one input: not all of the time is to go into one */
    RESTARTS_MAX = 2,
    STEP_MAX_MS = 7200000,
    REST_MS = 180000,
};
#define BEGIN_MS INT64_C(1790000000000)

static const char *const names[STATIONS] = { "CP0", "CP1" };

struct run {
    struct world w;
    struct world_station *of; /* meant now */
    json_t *asked[STATIONS];  /* ids of CALLs on this connection -> [times not answered, action] */
    bool is_raw;              /* an operator has sent what was not judged before */
    int restarts;
};

static size_t number_of(const struct run *run, const struct world_station *s)
{
    return (size_t)(s - run->w.station);
}

/* --- what must hold --- */

static void check_conf(const char *action_name, json_t *payload)
{
    const struct ocpp_action *action = ocpp_action_find(action_name);
    struct ocpp_report report;
    ocpp_report_init(&report);
    if (action == NULL || ocpp_validate(action->conf, payload, &report) != OCPP_OK)
        abort(); /* our answer is against the standard */
}

static void check_answer(struct run *run, struct world_station *s, json_t *frame)
{
    json_t *asked = run->asked[number_of(run, s)], *entry;
    json_int_t type = json_integer_value(json_array_get(frame, 0));
    char *text = json_dumps(frame, JSON_COMPACT);
    struct ocpp_frame parsed;
    struct ocpp_report report;
    if (ocpp_rpc_parse(text, strlen(text), &parsed, &report) != OCPP_RPC_OK)
        abort();
    entry = json_object_get(asked, parsed.id);
    json_int_t open = json_integer_value(json_array_get(entry, 0));
    if (open < 1 || (type != OCPP_CALLRESULT && type != OCPP_CALLERROR))
        abort(); /* nobody asked, or it was answered before */
    const char *action = json_string_value(json_array_get(entry, 1));
    if (type == OCPP_CALLRESULT && action != NULL)
        check_conf(action, parsed.payload);
    json_array_set_new(entry, 0, json_integer(open - 1));
    ocpp_frame_done(&parsed);
    free(text);
}

static void check_request(struct run *run, json_t *frame)
{
    const char *name = json_string_value(json_array_get(frame, 2));
    const struct ocpp_action *action = ocpp_action_find(name);
    struct ocpp_report report;
    ocpp_report_init(&report);
    if (run->is_raw)
        return;
    if (action == NULL || (action->direction & OCPP_TO_STATION) == 0 ||
        ocpp_validate(action->req, json_array_get(frame, 3), &report) != OCPP_OK)
        abort();
}

/* @return the worst of all points is above the limit: by a station's doing, never by ours */
static bool check_grid(struct run *run)
{
    struct central_node_view node;
    if (!central_node_view(run->w.central, 0, run->w.now, &node))
        abort();
    bool above = false;
    for (int p = 0; p < 3; p++) {
        if (node.load.granted_ma[p] > LIMIT_MA)
            abort();
        above = above || node.load.reserved_ma[p] > LIMIT_MA;
    }
    return above;
}

static bool is_told(struct run *run, const char *event)
{
    json_t *told;
    size_t i;
    json_array_foreach(run->w.events, i, told)
    {
        if (strncmp(json_string_value(told), event, strlen(event)) == 0)
            return true;
    }
    return false;
}

static void check(struct run *run)
{
    json_t *frame;
    size_t k;
    for (size_t i = 0; i < STATIONS; i++) {
        struct world_station *s = &run->w.station[i];
        json_array_foreach(s->answers, k, frame) check_answer(run, s, frame);
        json_array_clear(s->answers);
        json_array_foreach(s->requests, k, frame) check_request(run, frame);
        json_array_clear(s->requests);
    }
    check_grid(run);
}

/* CALLs that a working system leaves without an answer, on the connection on which they came. */
static void check_all_answered(struct run *run)
{
    const char *id;
    json_t *entry;
    for (size_t i = 0; i < STATIONS; i++) {
        if (run->w.station[i].session == NULL)
            continue;
        json_object_foreach(run->asked[i], id, entry)
        {
            if (json_integer_value(json_array_get(entry, 0)) != 0)
                abort();
        }
    }
}

/* --- commands --- */

/* One request of ours at a time: before the station has answered no other may come. */
static bool on_request(struct world *w, struct world_station *s, const char *id, const char *action,
                       json_t *payload)
{
    json_t *frame;
    size_t i, n = 0;
    (void)w;
    (void)id;
    (void)action;
    (void)payload;
    json_array_foreach(s->requests, i, frame) n += json_array_size(frame) == 4;
    if (n > 0)
        abort();
    return false;
}

/* An id that is used twice may stand for two actions. */
static void note_call(struct run *run, const char *text, size_t len)
{
    struct ocpp_frame frame;
    struct ocpp_report report;
    enum ocpp_rpc_rc rc = ocpp_rpc_parse(text, len, &frame, &report);
    if (rc == OCPP_RPC_ERROR || (rc == OCPP_RPC_OK && frame.type == OCPP_CALL)) {
        json_t *asked = run->asked[number_of(run, run->of)];
        json_t *entry = json_object_get(asked, frame.id);
        const char *before = json_string_value(json_array_get(entry, 1));
        json_int_t open = json_integer_value(json_array_get(entry, 0));
        bool differs = entry != NULL && (before == NULL || frame.action == NULL ||
                                         strcmp(before, frame.action) != 0);
        json_object_set_new(asked, frame.id,
                            json_pack("[I,s?]", open + 1, differs ? NULL : frame.action));
    }
    ocpp_frame_done(&frame);
}

static void send_frame(struct run *run, const char *text, size_t len)
{
    if (run->of->session == NULL)
        return;
    note_call(run, text, len);
    char *exact = malloc(len > 0 ? len : 1); /* so that reading too far is seen */
    if (exact == NULL)
        abort();
    memcpy(exact, text, len);
    central_on_frame(run->w.central, run->of->session, exact, len, run->w.now);
    free(exact);
}

static void come(struct run *run)
{
    json_object_clear(run->asked[number_of(run, run->of)]);
    if (!world_connect(&run->w, run->of))
        abort();
}

/* The payload is not looked at but must be JSON: noxd sends nothing else. */
static void ask(struct run *run, char *words, int64_t wait_ms)
{
    char *payload = strchr(words, ' ');
    if (payload == NULL)
        return;
    *payload++ = '\0';
    json_t *json = json_loads(payload, 0, NULL);
    const struct ocpp_action *action = ocpp_action_find(words);
    char *text = json_is_object(json) ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text != NULL && action != NULL && (action->direction & OCPP_TO_STATION) != 0) {
        struct central_ask wish = { .station = run->of->id,
                                    .action = words,
                                    .payload_json = text,
                                    .wait_ms = wait_ms,
                                    .who = "otto",
                                    .why = "fuzz" };
        run->is_raw = true;
        central_ask(run->w.central, &wish, NULL, NULL, run->w.now);
    }
    free(text);
    json_decref(json);
}

static void set_policy(struct run *run, char *words)
{
    char *answer = strchr(words, ' ');
    if (answer == NULL || strlen(answer) > 1500)
        return;
    *answer++ = '\0';
    json_object_set_new(run->of->policy, words, json_string(answer)); /* not if it is no UTF-8 */
}

static void transfer(struct run *run, int64_t kind)
{
    struct central_file_order order = { .station = run->of->id,
                                        .kind = 1 + (int32_t)(kind % STORE_FILE_DIAGNOSTICS_LOG),
                                        .start_at_ms = STORE_ABSENT,
                                        .install_at_ms = STORE_ABSENT,
                                        .from_ms = STORE_ABSENT,
                                        .to_ms = STORE_ABSENT,
                                        .retries = -1,
                                        .retry_s = -1,
                                        .who = "otto",
                                        .why = "fuzz" };
    char text[200];
    order.firmware = order.kind <= STORE_FILE_SIGNED_FIRMWARE ? 1 : 0;
    if (!central_firmware(run->w.central, &world_firmware))
        abort();
    central_file_start(run->w.central, &order, NULL, NULL, run->w.now, text, sizeof(text));
}

static void upload(struct run *run, int64_t job)
{
    struct store_done nobody = { .fn = NULL };
    central_file_received(run->w.central, job, "upload", "00", 5, nobody, run->w.now);
}

static void rollout(struct run *run)
{
    struct store_rollout r = { .firmware = 1,
                               .canary = 1,
                               .max_parallel = 1,
                               .stop_after = 1,
                               .retries = -1,
                               .retry_s = -1,
                               .note = "",
                               .who = "otto",
                               .why = "fuzz",
                               .at_ms = run->w.now.utc_ms };
    if (central_firmware_find(run->w.central, 1) != NULL)
        central_rollout_start(run->w.central, &r, names, STATIONS,
                              (struct store_done){ .fn = NULL }, run->w.now);
}

static void steer(struct run *run, int64_t verb)
{
    char text[200];
    central_rollout_control(run->w.central, 1, (enum central_rollout_verb)(verb % 4), "otto",
                            (struct store_done){ .fn = NULL }, run->w.now, text, sizeof(text));
}

static void reserve(struct run *run, int64_t connector)
{
    struct central_reservation wish = { .connector = (int32_t)(connector % 3),
                                        .id_tag = "A1",
                                        .expires_at_ms = run->w.now.utc_ms + 600000 };
    struct central_ask rest = { .station = run->of->id, .who = "otto", .why = "fuzz" };
    central_reserve(run->w.central, &wish, &rest, NULL, NULL, run->w.now);
}

static void on_configured(void *arg, const struct central_config_result *result)
{
    (void)arg;
    (void)result;
}

static void on_decided(void *arg, enum store_rc rc)
{
    (void)arg;
    (void)rc;
}

static void restart(struct run *run)
{
    if (run->restarts++ >= RESTARTS_MAX)
        return;
    run->w.storage_stalls = false;
    world_pump(&run->w);
    check(run);
    for (size_t i = 0; i < STATIONS; i++)
        json_object_clear(run->asked[i]);
    if (!world_restart(&run->w))
        abort();
}

/* @return false: it is none of these */
static bool operate(struct run *run, char *line, int64_t n)
{
    struct world *w = &run->w;
    char text[200];
    switch (line[0]) {
    case '!':
        ask(run, line + 2, 0);
        return true;
    case '?':
        ask(run, line + 2, 600000);
        return true;
    case 'f':
        transfer(run, n);
        return true;
    case 'u':
        upload(run, n);
        return true;
    case 'r':
        rollout(run);
        return true;
    case 'v':
        steer(run, n);
        return true;
    case 'a':
    case 'd':
        central_cert_decide(w->central, run->of->id, n, line[0] == 'a', "otto", "fuzz", on_decided,
                            NULL, w->now);
        return true;
    case 'R':
        reserve(run, n);
        return true;
    case 'l':
        central_local_list_sync(w->central, run->of->id, n % 2 == 1, w->now);
        return true;
    case 'k':
        central_config_apply(w->central, run->of->id, "otto", "fuzz", on_configured, NULL, w->now);
        return true;
    case 'q':
        central_quirks(w->central, line + 1, strlen(line + 1), text, sizeof(text));
        return true;
    default:
        return false;
    }
}

static bool live(struct run *run, char *line, int64_t n)
{
    struct world *w = &run->w;
    switch (line[0]) {
    case '@':
        run->of = &w->station[n % STATIONS];
        return true;
    case '+':
        come(run);
        return true;
    case '-':
        world_disconnect(w, run->of);
        return true;
    case 't':
        world_after(w, n % STEP_MAX_MS);
        return true;
    case 'p':
        set_policy(run, line + 2);
        return true;
    case 'c':
        world_show(w, run->of, "f1", w->now.utc_ms - n % STEP_MAX_MS);
        return true;
    case 'P':
        if (run->of->session != NULL)
            central_proved(w->central, run->of->session, (int32_t)(n % 4), n % 8 >= 4, w->now);
        return true;
    case 's':
        w->storage_stalls = true;
        return true;
    case 'w':
        w->storage_stalls = false;
        return true;
    case 'x':
        restart(run);
        return true;
    default:
        return false;
    }
}

static void do_line(struct run *run, char *line, size_t len)
{
    char *end = line + (len > 2 ? 2 : len);
    int64_t n = len > 1 && line[1] != '\0' ? strtoll(line[1] == ' ' ? end : line + 1, NULL, 10) : 0;
    n = n < 0 || n > INT32_MAX ? 0 : n;
    bool is_command = strlen(line) >= 2 || (len == 1 && strchr("+-rlkswxc", line[0]) != NULL);
    if (!is_command || (!operate(run, line, n) && !live(run, line, n)))
        send_frame(run, line, len);
    world_pump(&run->w);
    check(run);
}

/* --- one input --- */

static bool configure(struct run *run)
{
    static const struct store_grid_node node = { .id = "N",
                                                 .name = "N",
                                                 .limit_ma = { LIMIT_MA, LIMIT_MA, LIMIT_MA } };
    static const struct store_tag tag[] = { { .id_tag = "A1",
                                              .status = STORE_AUTH_ACCEPTED,
                                              .expires_at_ms = STORE_ABSENT,
                                              .auth_kind = "rfid",
                                              .parent_id_tag = "P" },
                                            { .id_tag = "B1",
                                              .status = STORE_AUTH_BLOCKED,
                                              .expires_at_ms = BEGIN_MS + 60000,
                                              .auth_kind = "app",
                                              .single_session = true } };
    struct store_station station[STATIONS];
    struct store_connector connector[2 * STATIONS];
    for (size_t i = 0; i < STATIONS; i++) {
        station[i] = (struct store_station){ .id = names[i],
                                             .grid_node = "N",
                                             .wiring = i == 0 ? "RST" : "S",
                                             .rating_ma = 16000,
                                             .min_ma = 6000,
                                             .weight = 1,
                                             .lat_e7 = STORE_ABSENT,
                                             .lon_e7 = STORE_ABSENT,
                                             .local_list = true,
                                             .strict = i == 1 };
        for (size_t k = 0; k < 2; k++)
            connector[2 * i + k] = (struct store_connector){ .station = names[i],
                                                             .connector = (int32_t)k + 1,
                                                             .max_w = 11040,
                                                             .safe_confirmed_ma = -1 };
    }
    struct store_site site = { .grid = &node,
                               .n_grid = 1,
                               .station = station,
                               .n_stations = STATIONS,
                               .connector = connector,
                               .n_connectors = 2 * STATIONS,
                               .tag = tag,
                               .n_tags = 2 };
    char text[200];
    return world_apply(&run->w, &site, text, sizeof(text));
}

/* The database of a configured site, made once. */
static const void *site_db(size_t *ret_size)
{
    static char bytes[1 << 20];
    static size_t size;
    struct run run = { .restarts = 0 };
    if (size == 0) {
        if (access("/dev/shm", W_OK) == 0)
            setenv("TMPDIR", "/dev/shm", 0); /* in memory */
        if (!world_open(&run.w, BEGIN_MS) || !configure(&run) || !world_restart(&run.w))
            abort();
        store_close(run.w.store); /* nothing is left in a log beside it */
        FILE *file = fopen(run.w.db, "rb");
        size = file != NULL ? fread(bytes, 1, sizeof(bytes), file) : 0;
        if (size == 0 || size == sizeof(bytes))
            abort();
        fclose(file);
        run.w.store = NULL;
        world_close(&run.w);
    }
    *ret_size = size;
    return bytes;
}

static void begin(struct run *run)
{
    size_t size;
    const void *db = site_db(&size);
    if (!world_open_copy(&run->w, BEGIN_MS, db, size))
        abort();
    run->w.on_call = on_request;
    for (size_t i = 0; i < STATIONS; i++) {
        world_station(&run->w, names[i]);
        run->asked[i] = json_object();
    }
    run->of = &run->w.station[0];
    come(run);
}

static void end(struct run *run)
{
    run->w.storage_stalls = false;
    world_pump(&run->w);
    world_after(&run->w, REST_MS);
    world_pump(&run->w);
    check(run);
    check_all_answered(run);
    if (check_grid(run) && !is_told(run, "grid.excess"))
        abort();
    world_close(&run->w);
    for (size_t i = 0; i < STATIONS; i++)
        json_decref(run->asked[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run *run = calloc(1, sizeof(*run));
    char *text = malloc(size + 1), *line = text;
    if (run == NULL || text == NULL)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    begin(run);
    for (int n = 0; n < FRAME_MAX && line < text + size; n++) {
        char *stop = memchr(line, '\n', (size_t)(text + size - line));
        if (stop == NULL)
            stop = text + size;
        *stop = '\0';
        do_line(run, line, (size_t)(stop - line));
        line = stop + 1;
    }
    end(run);
    free(text);
    free(run);
    return 0;
}

static const char *const seeds[] = {
    "[2,\"1\",\"BootNotification\",{\"chargePointVendor\":\"V\",\"chargePointModel\":\"M\"}]\n"
    "[2,\"2\",\"StatusNotification\",{\"connectorId\":1,\"errorCode\":\"NoError\",\"status\":"
    "\"Preparing\"}]\n"
    "[2,\"3\",\"StartTransaction\",{\"connectorId\":1,\"idTag\":\"A1\",\"meterStart\":0,"
    "\"timestamp\":\"2026-09-21T14:13:20Z\"}]\nt 60000\n"
    "[2,\"4\",\"MeterValues\",{\"connectorId\":1,\"transactionId\":1,\"meterValue\":[{"
    "\"timestamp\":\"2026-09-21T14:14:20Z\",\"sampledValue\":[{\"value\":\"9.5\","
    "\"measurand\":\"Current.Import\",\"phase\":\"L1\"}]}]}]\n"
    "[2,\"5\",\"StopTransaction\",{\"transactionId\":1,\"meterStop\":100,\"timestamp\":"
    "\"2026-09-21T15:13:20Z\"}]\n",
    "p SetChargingProfile nothing\n[2,\"1\",\"Heartbeat\",{}]\n-\n@1\n+\nx\n",
};
FUZZ_MAIN(seeds)
