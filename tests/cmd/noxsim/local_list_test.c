/* The local authorization list: what is taken, what is refused, and that it outlasts a run. */
#include "tests/cmd/noxsim/check_sim.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd/noxsim/local_list.h"

enum { FULL = OCPP_UPDATE_TYPE_FULL, DIFF = OCPP_UPDATE_TYPE_DIFFERENTIAL };
enum {
    ACCEPTED = OCPP_UPDATE_STATUS_ACCEPTED,
    FAILED = OCPP_UPDATE_STATUS_FAILED,
    MISMATCH = OCPP_UPDATE_STATUS_VERSION_MISMATCH
};

/* One message of a story: tags in one text, '-' in front = delete, '!' = blocked. */
static const struct {
    const char *why;
    int32_t version, type;
    const char *tags;
    int32_t status;
    int32_t then_version;
    const char *then; /* the list after it */
} story[] = {
    { "a differential fills an empty list", 3, DIFF, "b a", ACCEPTED, 3, "a b" },
    { "not newer", 3, DIFF, "c", MISMATCH, 3, "a b" },
    { "older", 2, DIFF, "c", MISMATCH, 3, "a b" },
    { "delete, add, change", 4, DIFF, "-A c !b", ACCEPTED, 4, "!b c" },
    { "deleting what is not there does no harm", 5, DIFF, "-x", ACCEPTED, 5, "!b c" },
    { "an empty differential changes nothing", 6, DIFF, "", ACCEPTED, 6, "!b c" },
    { "a tag twice, in another case", 7, DIFF, "d D", FAILED, 6, "!b c" },
    { "version 0", 0, FULL, "d", FAILED, 6, "!b c" },
    { "a full list has no deletions", 7, FULL, "d -c", FAILED, 6, "!b c" },
    { "a full list replaces, also by an older version", 2, FULL, "d e", ACCEPTED, 2, "d e" },
    { "more than one message may have", 8, DIFF, "1 2 3 4 5", FAILED, 2, "d e" },
    { "more than the list may have", 8, DIFF, "1 2 3 4", FAILED, 2, "d e" },
    { "a tag of 21 characters", 8, DIFF, "123456789012345678901", FAILED, 2, "d e" },
    { "an empty full list clears", 9, FULL, "", ACCEPTED, 0, "" },
    { "version 0 is below everything", 1, DIFF, "z", ACCEPTED, 1, "z" },
};

static size_t fill(const char *tags, char text[static 160], struct ocpp_authorization_data *entry,
                   struct ocpp_id_tag_info *info)
{
    size_t n = 0;
    snprintf(text, 160, "%s", tags);
    for (char *at = strtok(text, " "); at != NULL; at = strtok(NULL, " "), n++) {
        bool deletes = *at == '-', blocked = *at == '!';
        info[n] =
            (struct ocpp_id_tag_info){ .status = blocked ? OCPP_AUTH_BLOCKED : OCPP_AUTH_ACCEPTED,
                                       .expiry_date_ms = OCPP_TIME_ABSENT,
                                       .parent_id_tag = "FLEET" };
        entry[n] = (struct ocpp_authorization_data){ .id_tag = at + (deletes || blocked),
                                                     .id_tag_info = deletes ? NULL : &info[n] };
    }
    return n;
}

static void write_out(const struct local_list *list, char *ret, size_t size)
{
    size_t len = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < list->n; i++)
        len += (size_t)snprintf(ret + len, size - len, "%s%s%s", i > 0 ? " " : "",
                                list->entry[i].status == OCPP_AUTH_BLOCKED ? "!" : "",
                                list->entry[i].tag);
}

static void test_story(void **state)
{
    struct local_list list = { .n = 0 };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(story); i++) {
        char text[160], now[160];
        struct ocpp_authorization_data entry[8];
        struct ocpp_id_tag_info info[8];
        struct ocpp_send_local_list_req req = { .list_version = story[i].version,
                                                .update_type = story[i].type,
                                                .local_authorization_list = entry };
        req.n_local_authorization_list = fill(story[i].tags, text, entry, info);
        int32_t status = local_list_update(&list, &req, 5, 4);
        write_out(&list, now, sizeof(now));
        if (status != story[i].status || list.version != story[i].then_version ||
            strcmp(now, story[i].then) != 0)
            fail_msg("%s: status %d, version %d, \"%s\"", story[i].why, (int)status,
                     (int)list.version, now);
    }
    assert_non_null(local_list_find(&list, "Z"));
    assert_null(local_list_find(&list, "y"));
    local_list_done(&list);
}

static void test_expiry(void **state)
{
    struct local_entry e = { .status = OCPP_AUTH_ACCEPTED, .expiry_ms = 1000 };
    (void)state;
    assert_int_equal(local_entry_status(&e, 999), OCPP_AUTH_ACCEPTED);
    assert_int_equal(local_entry_status(&e, 1000), OCPP_AUTH_EXPIRED);
    e.expiry_ms = OCPP_TIME_ABSENT;
    assert_int_equal(local_entry_status(&e, 1000), OCPP_AUTH_ACCEPTED);
    e.status = OCPP_AUTH_BLOCKED;
    assert_int_equal(local_entry_status(&e, 1000), OCPP_AUTH_BLOCKED);
}

static void test_file(void **state)
{
    char path[] = "/tmp/noxsim-list-XXXXXX", text[200] = "";
    struct local_entry entry[] = {
        { .tag = "A,B\"C", .parent = "P,1", .status = OCPP_AUTH_ACCEPTED, .expiry_ms = 42 },
        { .tag = "b", .status = OCPP_AUTH_BLOCKED, .expiry_ms = OCPP_TIME_ABSENT }
    };
    struct local_list list = { .entry = entry, .n = 2, .version = 17 }, back = { .n = 0 };
    (void)state;
    close(mkstemp(path));
    assert_true(local_list_write(path, &list, text, sizeof(text)));
    assert_true(local_list_read(path, &back, text, sizeof(text)));
    assert_int_equal(back.version, 17);
    assert_int_equal(back.n, 2);
    assert_memory_equal(back.entry, entry, sizeof(entry));
    FILE *file = fopen(path, "w");
    fputs("#version,3\n9,short\n", file);
    fclose(file);
    assert_false(local_list_read(path, &back, text, sizeof(text)));
    check_names("a broken file", text, path);
    unlink(path);
    assert_int_equal(back.n, 2);
    assert_true(local_list_read(path, &back, text, sizeof(text)));
    local_list_done(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_story),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
