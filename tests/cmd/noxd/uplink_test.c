/* Readings of live meters as network servers send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/noxd/uplink.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define NOW      INT64_C(1764090000000) /* 2025-11-25T17:00:00Z */

#define THINGS(payload)                                                                         \
    "{'end_device_ids':{'device_id':'meter-7','application_ids':{'application_id':'grid'},"     \
    "'dev_eui':'A84041b931837A0A','dev_addr':'00BCB929'},'received_at':'2025-11-25T16:59:32Z'," \
    "'uplink_message':{'f_port':2,'received_at':'2025-11-25T16:59:31.5Z'" payload "}}"
#define CHIRP4(rest)                                                                             \
    "{'deduplicationId':'3ac7e3c4','time':'2025-11-25T16:59:30+00:00','deviceInfo':{'tenantId':" \
    "'5','deviceName':'meter-7','devEui':'a84041b931837a0a'},'fPort':2" rest "}"
#define CHIRP3(eui, rest)                                                                        \
    "{'applicationID':'1','deviceName':'meter-7','devEUI':'" eui "','rxInfo':[{'gatewayID':'A'," \
    "'time':'2025-11-25T16:59:29Z'}]" rest "}"

static json_t *parse_json(const char *text)
{
    json_error_t error;
    char copy[1024];
    snprintf(copy, sizeof(copy), "%s", text);
    for (char *c = copy; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    json_t *root = json_loads(copy, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        fail_msg("the test's JSON is wrong: %s in %s", error.text, copy);
    return root;
}

static const struct {
    const char *why, *text, *fields, *unit;
    int32_t ma[3];
    int64_t age_ms;
} good[] = {
    { "plain", "{'l1_a':12,'l2_a':13.4,'l3_a':0}", NULL, NULL, { 12000, 13400, 0 }, 0 },
    { "a list, with a time",
      "{'a_per_phase':[1,2,3],'at':'2025-11-25T17:59:00+01:00'}",
      NULL,
      NULL,
      { 1000, 2000, 3000 },
      60000 },
    { "plain amperes are amperes, whatever the unit of its uplinks",
      "{'a_per_phase':[1,2,3]}",
      NULL,
      "mA",
      { 1000, 2000, 3000 },
      0 },
    { "watts", "{'w_per_phase':[2300,230,0]}", NULL, NULL, { 10000, 1000, 0 }, 0 },
    { "watts by name, rounded up",
      "{'l1_w':1,'l2_w':0,'l3_w':231}",
      NULL,
      NULL,
      { 5, 0, 1005 },
      0 },
    { "feeding in is no room", "{'w_per_phase':[-5000,0,0]}", NULL, NULL, { 0, 0, 0 }, 0 },
    { "a clock that is ahead",
      "{'a_per_phase':[1,1,1],'at':'2025-11-25T18:00:00Z'}",
      NULL,
      NULL,
      { 1000, 1000, 1000 },
      0 },
    { "The Things Stack",
      THINGS(",'decoded_payload':{'l1_a':1,'l2_a':2,'l3_a':3}"),
      NULL,
      NULL,
      { 1000, 2000, 3000 },
      28500 },
    { "paths from the top",
      THINGS(",'decoded_payload':{'phase':[{'i':1500},{'i':2500},{'i':3500}]}"),
      "l1=uplink_message.decoded_payload.phase.0.i\nl2=uplink_message.decoded_payload.phase.1.i\n"
      "l3=uplink_message.decoded_payload.phase.2.i\n",
      "mA",
      { 1500, 2500, 3500 },
      28500 },
    { "paths from the payload, and a time of its own",
      THINGS(",'decoded_payload':{'a':{'b':2.3},'i2':1,'i3':0,'t':'2025-11-25T16:50:00Z'}"),
      "l1=a.b\nat=t\n",
      "kW",
      { 10000, 4348, 0 },
      600000 },
    { "ChirpStack 4",
      CHIRP4(",'object':{'current_l1':7,'current_l2':8,'current_l3':9.05}"),
      NULL,
      NULL,
      { 7000, 8000, 9050 },
      30000 },
    { "ChirpStack 3, older JSON",
      CHIRP3("a84041b931837a0a", ",'object':{'i1':7,'i2':8,'i3':9}"),
      NULL,
      NULL,
      { 7000, 8000, 9000 },
      31000 },
    { "ChirpStack 3, JSON of protocol buffers",
      CHIRP3("qEBBuTGDego=", ",'objectJSON':'{\\'i1\\':7,\\'i2\\':8,\\'i3\\':9}','publishedAt':"
                             "'2025-11-25T16:59:59Z'"),
      NULL,
      NULL,
      { 7000, 8000, 9000 },
      1000 },
};

static void forms_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(good); i++) {
        char path[UPLINK_DEVICE_MAX + 1] = "", text[UPLINK_TEXT] = "";
        json_t *root = parse_json(good[i].text);
        struct uplink_paths paths = { good[i].fields, good[i].unit };
        struct uplink u;
        int32_t ma[3];
        int64_t at_ms;
        if (!uplink_open(root, &u, text, sizeof(text)) ||
            !uplink_read(&u, &paths, NOW, ma, &at_ms, path, text))
            fail_msg("%s: %s", good[i].why, text);
        for (size_t p = 0; p < 3; p++)
            if (ma[p] != good[i].ma[p])
                fail_msg("%s: L%zu is %d", good[i].why, p + 1, (int)ma[p]);
        if (NOW - at_ms != good[i].age_ms)
            fail_msg("%s: is %lld ms old", good[i].why, (long long)(NOW - at_ms));
        if (u.form != UPLINK_PLAIN) {
            assert_true(uplink_is_of(&u, "A8-40-41-B9-31-83-7A-0A"));
            assert_true(uplink_is_of(&u, "a84041b931837a0a"));
            assert_true(uplink_is_of(&u, "meter-7"));
        }
        assert_false(uplink_is_of(&u, "meter-8"));
        assert_false(uplink_is_of(&u, ""));
        uplink_done(&u);
        json_decref(root);
    }
}

static const struct {
    const char *why, *text, *fields, *path, *word;
} bad[] = {
    { "nothing", "{}", NULL, "l1_a", "missing" },
    { "two phases", "{'l1_a':1,'l2_a':2}", NULL, "l3_a", "missing" },
    { "a list of two", "{'a_per_phase':[1,2]}", NULL, "a_per_phase", "list of three" },
    { "a number as list", "{'w_per_phase':5}", NULL, "w_per_phase", "list of three" },
    { "text in a list", "{'a_per_phase':[1,'2',3]}", NULL, "a_per_phase[1]", "number" },
    { "too much", "{'a_per_phase':[1,2,10001]}", NULL, "a_per_phase[2]", "unit" },
    { "no time", "{'a_per_phase':[1,2,3],'at':'now'}", NULL, "at", "time like" },
    { "time as number", "{'a_per_phase':[1,2,3],'at':1764090000}", NULL, "at", "time like" },
    { "no payload", THINGS(""), NULL, "uplink_message.decoded_payload", "payload formatter" },
    { "payload without phases", THINGS(",'decoded_payload':{'battery':3}"), NULL,
      "uplink_message.decoded_payload.l1_a", "missing" },
    { "null", THINGS(",'decoded_payload':{'l1_a':null,'l2_a':1,'l3_a':1}"), NULL,
      "uplink_message.decoded_payload.l1_a", "number" },
    { "a path that leads nowhere", THINGS(",'decoded_payload':{'a':[1]}"), "l1=a.1\n", "a.1",
      "missing" },
    { "a path into text", THINGS(",'decoded_payload':{'a':'x'}"), "l1=a.b\n", "a.b", "missing" },
    { "a path to text", CHIRP4(",'object':{'a':'12'}"), "l1=object.a\n", "object.a", "number" },
    { "time by a path that leads nowhere", CHIRP4(",'object':{'i1':1,'i2':1,'i3':1}"), "at=t\n",
      "t", "time like" },
};

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(bad); i++) {
        char path[UPLINK_DEVICE_MAX + 1] = "", text[UPLINK_TEXT] = "";
        json_t *root = parse_json(bad[i].text);
        struct uplink_paths paths = { bad[i].fields, NULL };
        struct uplink u;
        int32_t ma[3];
        int64_t at_ms;
        assert_true(uplink_open(root, &u, text, sizeof(text)));
        if (uplink_read(&u, &paths, NOW, ma, &at_ms, path, text))
            fail_msg("%s: was taken", bad[i].why);
        if (strcmp(path, bad[i].path) != 0 || strstr(text, bad[i].word) == NULL)
            fail_msg("%s: %s: %s", bad[i].why, path, text);
        uplink_done(&u);
        json_decref(root);
    }
}

static void odd_messages(void **state)
{
    struct uplink u;
    char text[UPLINK_TEXT];
    json_t *join = parse_json("{'end_device_ids':{'device_id':'m'},'join_accept':{}}");
    json_t *codec = parse_json(CHIRP3("qEBBuTGDego=", ",'objectJSON':'{'"));
    json_t *eui = parse_json(CHIRP3("qEBBuTGDego", ""));
    (void)state;
    assert_true(uplink_open(join, &u, text, sizeof(text)));
    assert_null(u.values);
    assert_string_equal(u.eui, "");
    assert_false(uplink_open(codec, &u, text, sizeof(text)));
    assert_non_null(strstr(text, "codec"));
    assert_true(uplink_open(eui, &u, text, sizeof(text)));
    assert_string_equal(u.eui, "");
    uplink_done(&u);
    json_decref(join);
    json_decref(codec);
    json_decref(eui);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_understood),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(odd_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
