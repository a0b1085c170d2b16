/* Firmware, diagnostics and logs of stations, and the uploads that noxd keeps. */
#include "cmd/noxctl/file.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/noxctl/call.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"

enum { PIECE_BYTES = 4 * 1024 * 1024, POLL_MS = 300, WAIT_S = 600 };

/* --- firmware --- */

static const struct table_column firmware_columns[] = {
    { "ID", "id", CELL_NUMBER, 0 },           { "VERSION", "version", CELL_TEXT, 0 },
    { "VENDOR", "vendor", CELL_TEXT, 0 },     { "MODEL", "model", CELL_TEXT, 0 },
    { "BYTES", "bytes", CELL_NUMBER, 0 },     { "SIGNED", "signed", CELL_YES_NO, 0 },
    { "NAME", "name", CELL_TEXT, TABLE_CUT }, { "ADDED", "added_at", CELL_TIME, TABLE_WIDE },
    { "WHO", "who", CELL_TEXT, TABLE_WIDE },  { "SHA256", "sha256", CELL_TEXT, TABLE_CSV },
};
static const struct table firmware_table = TABLE(firmware_columns);

static enum ctl_exit run_firmware_list(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/firmware");
    if (rc == CTL_OK)
        rc = table_print(ctl, &firmware_table, answer,
                         "No firmware yet; add one: noxctl firmware add FILE --version V");
    json_decref(answer);
    return rc;
}

static enum ctl_exit send_piece(struct ctl *ctl, const char *id, int64_t offset, const char *bytes,
                                size_t n)
{
    char path[100];
    struct client_answer answer;
    snprintf(path, sizeof(path), "/v1/firmware/pieces/%s?offset=%" PRId64, id, offset);
    client_put(ctl, path, bytes, n, &answer);
    enum ctl_exit rc = answer.exit;
    if (rc != CTL_OK)
        ctl_fail(rc, "%s", answer.message);
    client_answer_done(&answer);
    return rc;
}

/* In pieces, so that neither side holds the whole. */
static enum ctl_exit send_file(struct ctl *ctl, const char *id, char ret_sha256[65])
{
    FILE *in = fopen(ctl->arg[0], "rb");
    char *piece = malloc(PIECE_BYTES);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    unsigned char digest[32];
    enum ctl_exit rc = CTL_OK;
    int64_t offset = 0;
    size_t n;
    if (!in || !piece || !hash || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
        rc = ctl_fail(CTL_FAILED, "%s: %s", ctl->arg[0], strerror(errno));
    while (rc == CTL_OK && (n = fread(piece, 1, PIECE_BYTES, in)) > 0) {
        EVP_DigestUpdate(hash, piece, n);
        rc = send_piece(ctl, id, offset, piece, n);
        offset += (int64_t)n;
    }
    if (rc == CTL_OK && (ferror(in) || offset == 0))
        rc = ctl_fail(CTL_FAILED, "%s: %s", ctl->arg[0],
                      offset == 0 ? "the file is empty" : strerror(errno));
    if (rc == CTL_OK && EVP_DigestFinal_ex(hash, digest, NULL) == 1)
        for (size_t i = 0; i < sizeof(digest); i++)
            snprintf(ret_sha256 + 2 * i, 3, "%02x", digest[i]);
    EVP_MD_CTX_free(hash);
    free(piece);
    if (in)
        fclose(in);
    return rc;
}

/* The file may hold the signature as it is, or in base64. */
static enum ctl_exit put_signature(json_t *body, const char *path)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"
                                   "/= \r\n";
    size_t len;
    char *bytes = ctl_read_file(path, &len);
    if (!bytes)
        return CTL_FAILED;
    if (len > 4096) {
        free(bytes);
        return ctl_fail(CTL_USAGE, "%s is too long to be a signature", path);
    }
    char text[6000];
    size_t used = 0;
    if (len > 0 && strspn(bytes, alphabet) == len) {
        for (size_t i = 0; i < len; i++)
            if (!strchr(" \r\n", bytes[i]))
                text[used++] = bytes[i];
        text[used] = '\0';
    } else {
        EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes, (int)len);
    }
    free(bytes);
    json_object_set_new(body, "signature", json_string(text));
    return CTL_OK;
}

static enum ctl_exit put_signing(struct ctl *ctl, json_t *body)
{
    const char *signature = ctl_flag(ctl, "signature"), *cert = ctl_flag(ctl, "cert");
    size_t len;
    if (!signature != !cert)
        return ctl_fail(CTL_USAGE, "--signature FILE and --cert FILE belong together");
    if (!signature)
        return CTL_OK;
    enum ctl_exit rc = put_signature(body, signature);
    char *pem = rc == CTL_OK ? ctl_read_file(cert, &len) : NULL;
    if (rc == CTL_OK && !pem)
        rc = CTL_FAILED;
    if (pem)
        json_object_set_new(body, "certificate", json_string(pem));
    free(pem);
    return rc;
}

static enum ctl_exit run_firmware_add(struct ctl *ctl)
{
    const char *base = strrchr(ctl->arg[0], '/'), *version = ctl_flag(ctl, "version");
    unsigned char random[8];
    char id[17], sha256[65] = "";
    json_t *answer = NULL;
    if (!version)
        return ctl_fail(CTL_USAGE, "say what stations report when they run it: --version V");
    if (RAND_bytes(random, sizeof(random)) != 1)
        return ctl_fail(CTL_FAILED, "the system gave no random numbers");
    for (size_t i = 0; i < sizeof(random); i++)
        snprintf(id + 2 * i, 3, "%02x", random[i]);
    json_t *body = json_pack("{ssssss}", "upload", id, "version", version, "name",
                             base ? base + 1 : ctl->arg[0]);
    static const char *const texts[] = { "vendor", "model" };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        if (ctl_flag(ctl, texts[i]))
            json_object_set_new(body, texts[i], json_string(ctl_flag(ctl, texts[i])));
    if (ctl_flag(ctl, "no-check"))
        json_object_set_new(body, "check", json_false());
    enum ctl_exit rc = put_signing(ctl, body);
    if (rc == CTL_OK)
        rc = send_file(ctl, id, sha256);
    json_object_set_new(body, "sha256", json_string(sha256));
    if (rc == CTL_OK)
        rc = client_do(ctl, "POST", body, &answer, "/v1/firmware");
    if (rc == CTL_OK && ctl->output == CTL_TABLE)
        printf("firmware %" PRId64 ": version %s, sha256 %s\n", member_int(answer, "id"), version,
               sha256);
    else if (rc == CTL_OK)
        rc = ctl_print_json(ctl, answer);
    json_decref(body);
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_firmware_remove(struct ctl *ctl)
{
    if (!ctl_flag(ctl, "yes"))
        return ctl_fail(CTL_USAGE, "nothing done: removing firmware %s needs --yes", ctl->arg[0]);
    enum ctl_exit rc = client_do(ctl, "DELETE", NULL, NULL, "/v1/firmware/%s", ctl->arg[0]);
    if (rc == CTL_OK)
        ctl_note(ctl, "firmware %s: is removed", ctl->arg[0]);
    return rc;
}

/* --- requests to stations --- */

static enum ctl_exit judge_job(const json_t *answer, json_t *item)
{
    const json_t *payload = member_at(answer, "payload");
    const char *status = member_text(payload, "status");
    char text[64];
    bool failed = strcmp(member_text(answer, "state"), "failed") == 0;
    snprintf(text, sizeof(text), "%s, job %" PRId64, *status ? status : "taken",
             member_int(answer, "id"));
    json_object_set_new(item, "result", json_string(text));
    json_object_set_new(item, "job", json_integer((json_int_t)member_int(answer, "id")));
    if (failed)
        json_object_set_new(item, "message", json_string(member_text(answer, "note")));
    return failed ? CTL_REFUSED : CTL_OK;
}

static bool put_time(const struct ctl *ctl, json_t *body, const char *flag, const char *member,
                     enum instant_side side)
{
    const char *text = ctl_flag(ctl, flag);
    char utc[32];
    if (!text)
        return true;
    if (!instant_read(ctl, flag, text, side, utc))
        return false;
    json_object_set_new(body, member, json_string(utc));
    return true;
}

static bool put_common(const struct ctl *ctl, json_t *body)
{
    const char *url = ctl_flag(ctl, "url");
    if (url)
        json_object_set_new(body, "url", json_string(url));
    return file_put_int(ctl, body, "retries", "retries", 0, 100) &&
           file_put_int(ctl, body, "retry-interval", "retry_interval_s", 0, 86400);
}

static enum ctl_exit ask_all(struct ctl *ctl, size_t n_names, const char *path, const json_t *body)
{
    struct target_work work = call_work();
    work.path = path;
    work.body = body;
    work.judge = judge_job;
    work.single = NULL;
    return targets_run(ctl, n_names, &work);
}

static enum ctl_exit run_firmware_update(struct ctl *ctl)
{
    bool external = ctl_flag(ctl, "url") != NULL;
    size_t n_names;
    int64_t firmware = 0;
    enum ctl_exit rc = targets_count(ctl, external ? 0 : 1, &n_names);
    if (rc != CTL_OK)
        return rc;
    if (!external &&
        !file_number(ctl->arg[ctl->n_args - 1], "firmware (noxctl firmware list)", &firmware))
        return CTL_USAGE;
    json_t *body = json_object();
    if (!external)
        json_object_set_new(body, "firmware", json_integer((json_int_t)firmware));
    if (ctl_flag(ctl, "version"))
        json_object_set_new(body, "version", json_string(ctl_flag(ctl, "version")));
    if (ctl_flag(ctl, "signed"))
        json_object_set_new(body, "signed", json_true());
    if (ctl_flag(ctl, "no-check"))
        json_object_set_new(body, "wrong_signature", json_true());
    rc = put_common(ctl, body) && put_time(ctl, body, "at", "at", INSTANT_NEXT) &&
                 put_time(ctl, body, "install-at", "install_at", INSTANT_NEXT)
             ? ask_all(ctl, n_names, "/v1/stations/%s/firmware", body)
             : CTL_USAGE;
    json_decref(body);
    return rc;
}

/* --- uploads: ask, wait, fetch --- */

static bool write_file(void *arg, const char *data, size_t len)
{
    return fwrite(data, 1, len, arg) == len;
}

static enum ctl_exit fetch(struct ctl *ctl, const char *file, const char *to)
{
    FILE *out = strcmp(to, "-") == 0 ? stdout : fopen(to, "wb");
    if (!out)
        return ctl_fail(CTL_FAILED, "%s: %s", to, strerror(errno));
    char *path = client_path("/v1/files/%s", file);
    enum ctl_exit rc = client_stream(ctl, "GET", path, NULL, write_file, out);
    free(path);
    if (out != stdout && fclose(out) != 0 && rc == CTL_OK)
        rc = ctl_fail(CTL_FAILED, "%s: %s", to, strerror(errno));
    else if (rc == CTL_OK && out != stdout)
        ctl_note(ctl, "%s", to);
    return rc;
}

static const struct table_column job_columns[] = {
    { "JOB", "id", CELL_NUMBER, 0 },         { "STATION", "station", CELL_TEXT, 0 },
    { "KIND", "kind", CELL_TEXT, 0 },        { "STATE", "state", CELL_STATUS, 0 },
    { "STATUS", "status", CELL_TEXT, 0 },    { "FILE", "file", CELL_TEXT, 0 },
    { "BYTES", "bytes", CELL_NUMBER, 0 },    { "CHANGED", "changed_at", CELL_TIME_S, TABLE_WIDE },
    { "WHO", "who", CELL_TEXT, TABLE_WIDE }, { "NOTE", "note", CELL_TEXT, TABLE_BELOW },
};
static const struct table job_table = TABLE(job_columns);

static bool is_over(const json_t *job)
{
    static const char *const going[] = { "waiting", "sending", "running" };
    for (size_t i = 0; i < ARRAY_SIZE(going); i++)
        if (strcmp(member_text(job, "state"), going[i]) == 0)
            return false;
    return true;
}

/* Until it is over. */
static enum ctl_exit wait_job(struct ctl *ctl, int64_t id, int64_t until_mono_ms, json_t **ret_job)
{
    char number[24];
    snprintf(number, sizeof(number), "%" PRId64, id);
    for (;;) {
        json_t *job = NULL;
        enum ctl_exit rc = client_get(ctl, &job, "/v1/file-jobs/%s", number);
        if (rc != CTL_OK || is_over(job) || stream_now_mono_ms() > until_mono_ms) {
            *ret_job = job;
            return rc;
        }
        json_decref(job);
        nanosleep(&(struct timespec){ 0, POLL_MS * 1000000L }, NULL);
    }
}

static enum ctl_exit finish_job(struct ctl *ctl, const json_t *job)
{
    const char *folder = ctl_flag(ctl, "out"), *file = member_text(job, "file");
    char to[1024];
    if (!is_over(job))
        return CTL_TIMED_OUT;
    if (*file && folder) {
        snprintf(to, sizeof(to), "%s/%s", folder, file);
        enum ctl_exit rc = fetch(ctl, file, to);
        if (rc != CTL_OK)
            return rc;
    }
    return strcmp(member_text(job, "state"), "done") == 0 ? CTL_OK : CTL_REFUSED;
}

/* Each station is asked before any is waited for. */
static enum ctl_exit ask_and_wait(struct ctl *ctl, size_t n_names, const char *path,
                                  const json_t *body)
{
    int64_t wait_s = WAIT_S;
    if (ctl_flag(ctl, "wait") && !ctl_flag_int(ctl, "wait", 1, 86400, WAIT_S, &wait_s))
        return CTL_USAGE;
    json_t *names = json_array(), *jobs = json_array(), *items = json_array();
    enum ctl_exit rc = targets_names(ctl, n_names, names), last = CTL_OK;
    size_t n_bad = 0, n = json_array_size(names);
    for (size_t i = 0; rc == CTL_OK && i < n; i++) {
        struct client_answer answer;
        char *at = client_path(path, json_string_value(json_array_get(names, i)));
        client_ask(ctl, "POST", at, body, &answer);
        free(at);
        if (answer.exit == CTL_OK)
            json_array_append_new(jobs, json_integer((json_int_t)member_int(answer.json, "id")));
        else {
            last = ctl_fail(answer.exit, "%s: %s", json_string_value(json_array_get(names, i)),
                            answer.message);
            n_bad++;
        }
        client_answer_done(&answer);
    }
    int64_t until_mono_ms = stream_now_mono_ms() + wait_s * 1000;
    for (size_t i = 0; rc == CTL_OK && i < json_array_size(jobs); i++) {
        json_t *job = NULL;
        rc = wait_job(ctl, json_integer_value(json_array_get(jobs, i)), until_mono_ms, &job);
        enum ctl_exit one = rc == CTL_OK ? finish_job(ctl, job) : rc;
        n_bad += one != CTL_OK;
        last = one != CTL_OK ? one : last;
        if (job)
            json_array_append_new(items, job);
    }
    if (rc == CTL_OK && json_array_size(items) > 0) {
        json_t *answer = json_pack("{sO}", "items", items);
        rc = table_print(ctl, &job_table, answer, NULL);
        json_decref(answer);
    }
    json_decref(names);
    json_decref(jobs);
    json_decref(items);
    if (rc != CTL_OK || n_bad == 0)
        return rc;
    return n == 1 ? last : CTL_PARTIAL;
}

static enum ctl_exit get_upload(struct ctl *ctl, const char *path, json_t *body)
{
    size_t n_names;
    bool waits = ctl_flag(ctl, "wait") || ctl_flag(ctl, "out");
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    if (rc == CTL_OK &&
        !(put_common(ctl, body) && put_time(ctl, body, "from", "from", INSTANT_LAST) &&
          put_time(ctl, body, "to", "to", INSTANT_LAST)))
        rc = CTL_USAGE;
    if (rc == CTL_OK)
        rc = waits ? ask_and_wait(ctl, n_names, path, body) : ask_all(ctl, n_names, path, body);
    json_decref(body);
    return rc;
}

static enum ctl_exit run_diagnostics_get(struct ctl *ctl)
{
    return get_upload(ctl, "/v1/stations/%s/diagnostics", json_object());
}

static enum ctl_exit run_log_get(struct ctl *ctl)
{
    const char *type = ctl_flag(ctl, "type");
    return get_upload(ctl, "/v1/stations/%s/log",
                      json_pack("{ss}", "type", type ? type : "security"));
}

/* --- what is kept --- */

static enum ctl_exit run_file_list(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/files");
    if (rc == CTL_OK)
        rc = table_print(ctl, &job_table, answer,
                         "No uploads are kept; ask for some: noxctl diagnostics get STATION");
    if (rc == CTL_OK && ctl->terminal)
        ctl_note(ctl, "%" PRId64 " of %" PRId64 " bytes are used (with firmware).",
                 member_int(answer, "used_bytes"), member_int(answer, "max_bytes"));
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_file_jobs(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = ctl->n_args > 0
                           ? client_get(ctl, &answer, "/v1/file-jobs?station=%s", ctl->arg[0])
                           : client_get(ctl, &answer, "/v1/file-jobs");
    if (rc == CTL_OK)
        rc = table_print(ctl, &job_table, answer, "No transfers yet.");
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_file_abort(struct ctl *ctl)
{
    enum ctl_exit rc = client_do(ctl, "POST", NULL, NULL, "/v1/file-jobs/%s/abort", ctl->arg[0]);
    if (rc == CTL_OK)
        ctl_note(ctl, "job %s: is ended", ctl->arg[0]);
    return rc;
}

static enum ctl_exit run_file_get(struct ctl *ctl)
{
    return fetch(ctl, ctl->arg[0], ctl->n_args > 1 ? ctl->arg[1] : ctl->arg[0]);
}

static enum ctl_exit run_file_remove(struct ctl *ctl)
{
    if (!ctl_flag(ctl, "yes"))
        return ctl_fail(CTL_USAGE, "nothing done: removing %s needs --yes", ctl->arg[0]);
    enum ctl_exit rc = client_do(ctl, "DELETE", NULL, NULL, "/v1/files/%s", ctl->arg[0]);
    if (rc == CTL_OK)
        ctl_note(ctl, "%s: is removed", ctl->arg[0]);
    return rc;
}

/* --- rows --- */

#define RETRY_FLAGS                                                           \
    { "retries", "N", 0, "how often the station tries again by itself" },     \
    {                                                                         \
        "retry-interval", "SECONDS", 0, "how long it waits between two tries" \
    }

static const struct ctl_flag add_flags[] = {
    { "version", "V", 0, "firmwareVersion that stations report when they run it" },
    { "vendor", "NAME", 0, "for which vendor" },
    { "model", "NAME", 0, "for which model" },
    { "signature", "FILE", 0, "signature over the file (SHA-256; RSA or ECDSA), binary or base64" },
    { "cert", "FILE", 0, "certificate of who signed it (PEM)" },
    { "no-check", NULL, 0, "take it although signature and certificate do not fit" },
};
static const struct ctl_flag update_flags[] = {
    { "url", "URL", 0, "fetch it from there (ftp, http, https) instead of from noxd" },
    { "version", "V", 0, "version expected after it (default: the firmware's)" },
    { "at", "TIME", 0, "not to be fetched before " INSTANT_NEXT_HELP },
    { "install-at", "TIME", 0, "not to be installed before (with --signed), as --at" },
    { "signed", NULL, 0, "SignedUpdateFirmware, with signature and certificate" },
    { "no-check", NULL, 0, "send a wrong signature on purpose, to see that it is refused" },
    RETRY_FLAGS,
};
static const struct ctl_flag rollout_flags[] = {
    { "canary", "N", 0, "so many first, the others only when all of these are done (default 0)" },
    { "max-parallel", "N", 0, "at most so many at once (default 10)" },
    { "stop-after-failures", "N", 0, "pause after so many failures (default 1)" },
    { "model", "NAME", 0, "only stations that report this model" },
    { "window", "HH:MM-HH:MM", 0, "begin with stations only then (local time)" },
    { "force", NULL, 0, "do not wait for running sessions to end" },
    { "signed", NULL, 0, "SignedUpdateFirmware" },
    RETRY_FLAGS,
};
static const struct ctl_flag diagnostics_flags[] = {
    { "from", "TIME", 0, "what happened since " INSTANT_LAST_HELP },
    { "to", "TIME", 0, "what happened until, as --from" },
    { "wait", "SECONDS", 0, "wait so long for the file" },
    { "out", "DIR", 0, "wait, and put the file there" },
    { "url", "URL", 0, "upload there (ftp, http, https) instead of to noxd" },
    RETRY_FLAGS,
};
static const struct ctl_flag log_flags[] = {
    { "type", "TYPE", 0, "security (default) or diagnostics" },
    { "from", "TIME", 0, "what happened since " INSTANT_LAST_HELP },
    { "to", "TIME", 0, "what happened until, as --from" },
    { "wait", "SECONDS", 0, "wait so long for the file" },
    { "out", "DIR", 0, "wait, and put the file there" },
    { "url", "URL", 0, "upload there instead of to noxd" },
    RETRY_FLAGS,
};

enum { MANY = CTL_TARGETS | CTL_CHANGES };

static const struct ctl_command commands[] = {
    { .name = "firmware add",
      .args = "FILE",
      .summary = "Add a firmware file that stations can fetch",
      .flags = add_flags,
      .n_flags = ARRAY_SIZE(add_flags),
      .examples = "firmware add lamp-2.1.bin --version 2.1.0 --model NB-11\n"
                  "firmware add lamp-2.1.bin --version 2.1.0 --signature lamp.sig --cert maker.pem",
      .run = run_firmware_add },
    { .name = "firmware list",
      .args = "",
      .summary = "List firmware",
      .examples = "firmware list",
      .run = run_firmware_list },
    { .name = "firmware remove",
      .args = "FIRMWARE",
      .traits = CTL_CONFIRM,
      .summary = "Remove a firmware file",
      .examples = "firmware remove 3 --yes",
      .run = run_firmware_remove },
    { .name = "firmware update",
      .args = "STATION... [FIRMWARE]",
      .traits = MANY,
      .summary = "Have stations fetch and install a firmware now",
      .flags = update_flags,
      .n_flags = ARRAY_SIZE(update_flags),
      .examples = "firmware update DO-L0001 3\n"
                  "firmware update DO-L0001 3 --signed --install-at 2026-11-01T02:00\n"
                  "firmware update DO-L0001 --url ftp://files.example/lamp.bin --version 2.1.0",
      .more = "The URL given to a station is made for it and good until the job is over. What the "
              "station says of its progress: noxctl file jobs STATION.",
      .run = run_firmware_update },
    { .name = "firmware rollout",
      .args = "[STATION...] FIRMWARE",
      .traits = MANY,
      .summary = "Bring a firmware to many stations, canaries first",
      .flags = rollout_flags,
      .n_flags = ARRAY_SIZE(rollout_flags),
      .examples = "firmware rollout 3 --all --canary 3 --max-parallel 10 --stop-after-failures 2 "
                  "--yes\n"
                  "firmware rollout 3 --grid DO-KAISER --window 22:00-05:00 --yes",
      .more =
          "It goes on over restarts of noxd. Stations that are offline, or where a session runs, "
          "are waited for. When too many fail, or a canary, it pauses: look at it, then resume, "
          "retry or abort it.",
      .run = file_rollout_start },
    { .name = "firmware rollouts",
      .args = "[ROLLOUT]",
      .summary = "List rollouts, or show one with its stations",
      .examples = "firmware rollouts\nfirmware rollouts 2",
      .run = file_rollouts },
    { .name = "firmware pause",
      .args = "ROLLOUT",
      .summary = "Begin with no further stations",
      .examples = "firmware pause 2",
      .run = file_rollout_pause },
    { .name = "firmware resume",
      .args = "ROLLOUT",
      .summary = "Go on; what has failed so far counts no more",
      .examples = "firmware resume 2",
      .run = file_rollout_resume },
    { .name = "firmware retry",
      .args = "ROLLOUT",
      .summary = "Try those that failed again, and go on",
      .examples = "firmware retry 2",
      .run = file_rollout_retry },
    { .name = "firmware abort",
      .args = "ROLLOUT",
      .summary = "End a rollout; stations that are at it finish",
      .examples = "firmware abort 2",
      .run = file_rollout_abort },
    { .name = "diagnostics get",
      .args = "STATION...",
      .traits = CTL_TARGETS,
      .summary = "Have stations upload their diagnostics (GetDiagnostics)",
      .flags = diagnostics_flags,
      .n_flags = ARRAY_SIZE(diagnostics_flags),
      .examples = "diagnostics get DO-L0001 --out .\n"
                  "diagnostics get DO-L0001 --from 2026-10-01 --wait 300",
      .run = run_diagnostics_get },
    { .name = "log get",
      .args = "STATION...",
      .traits = CTL_TARGETS,
      .summary = "Have stations upload their security or diagnostics log (GetLog)",
      .flags = log_flags,
      .n_flags = ARRAY_SIZE(log_flags),
      .examples = "log get DO-L0001 --type security --out .",
      .run = run_log_get },
    { .name = "file list",
      .args = "",
      .summary = "List the uploads that are kept",
      .examples = "file list",
      .run = run_file_list },
    { .name = "file jobs",
      .args = "[STATION]",
      .summary = "List transfers: firmware, diagnostics, logs, newest first",
      .examples = "file jobs\nfile jobs DO-L0001",
      .run = run_file_jobs },
    { .name = "file abort",
      .args = "JOB",
      .summary = "End a transfer: its URL is no longer good",
      .examples = "file abort 17",
      .run = run_file_abort },
    { .name = "file get",
      .args = "FILE [TO]",
      .summary = "Fetch an upload (TO - is standard output)",
      .examples = "file get 17-security-log\nfile get 17-security-log - | less",
      .run = run_file_get },
    { .name = "file remove",
      .args = "FILE",
      .traits = CTL_CONFIRM,
      .summary = "Remove an upload",
      .examples = "file remove 17-security-log --yes",
      .run = run_file_remove },
};
const struct ctl_group ctl_group_file = { "Files and firmware", commands, ARRAY_SIZE(commands) };
