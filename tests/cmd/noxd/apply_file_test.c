#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/noxd/apply_file.h"
#include "cmd/noxd/jout.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static json_t *parse_json(const char *text)
{
    json_error_t error;
    char copy[2048];
    size_t i = 0;
    for (; text[i] != '\0' && i < sizeof(copy) - 1; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    copy[i] = '\0';
    json_t *root = json_loads(copy, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        fail_msg("the test's JSON is wrong: %s in %s", error.text, copy);
    return root;
}

/* A file upon what is known; both end by done(). */
struct reading {
    struct apply_site file;
    struct apply_error error;
    struct ocpp_arena arena;
    struct store_site merged;
    bool good;
};

static void read_upon(struct reading *r, const struct store_site *base, const char *text)
{
    static const struct store_site nothing;
    *r = (struct reading){ .good = false };
    ocpp_arena_init(&r->arena, 4096, 1 << 24);
    r->good =
        apply_parse(parse_json(text), base, &r->file, &r->error) &&
        apply_merge(base != NULL ? base : &nothing, &r->file, &r->arena, &r->merged, &r->error);
}

static void done(struct reading *r)
{
    apply_site_done(&r->file);
    ocpp_arena_done(&r->arena);
}

#define NODE(members)    "{'grid':[{'id':'G','limit_a':63," members "}]}"
#define WINDOW(members)  NODE("'calendar':[{'from':'17:00','to':'18:00','limit_a':1},{" members "}]")
#define METER(members)   NODE("'meter':{'guard_a':6,'silent_a':40," members "}")
#define STATION(members) "{'stations':[{'id':'A'},{'id':'B'," members "}]}"
#define TARIFF(members) \
    "{'tariffs':[{'id':'T','valid_from':'2026-01-01','price_per_kwh':'0.49'" members "}]}"
#define FACTOR(kind, unit, members)                            \
    "{'factors':[{'kind':'" kind "','year':2024,'unit':'" unit \
    "','state':'final','source':'S'" members "}]}"

static const struct {
    const char *why, *file, *path, *word;
} bad[] = {
    { "a list as file", "[]", "", "object" },
    { "unknown list", "{'station':[]}", "station", "did you mean stations" },
    { "unknown list like none", "{'xyzxyz':[]}", "xyzxyz", "--schema" },
    { "list is an object", "{'grid':{}}", "grid", "list" },
    { "entry is text", "{'grid':['G']}", "grid[0]", "object" },
    { "node without id", "{'grid':[{'limit_a':1}]}", "grid[0].id", "missing" },
    { "node without limit", "{'grid':[{'id':'G'}]}", "grid[0].limit_a", "missing" },
    { "limit null", "{'grid':[{'id':'G','limit_a':null}]}", "grid[0].limit_a", "number" },
    { "limit as text", "{'grid':[{'id':'G','limit_a':'63'}]}", "grid[0].limit_a", "list of three" },
    { "limit of two phases", "{'grid':[{'id':'G','limit_a':[1,2]}]}", "grid[0].limit_a",
      "list of three" },
    { "limit below 0", "{'grid':[{'id':'G','limit_a':[1,2,-1]}]}", "grid[0].limit_a", "L3" },
    { "limit too large", "{'grid':[{'id':'G','limit_a':1e9}]}", "grid[0].limit_a", "to 10000 A" },
    { "limit too fine", "{'grid':[{'id':'G','limit_a':63.25}]}", "grid[0].limit_a", "1 decimal" },
    { "foreign above limit", "{'grid':[{'id':'G','limit_a':10,'foreign_a':[1,11,1]}]}",
      "grid[0].foreign_a", "L2" },
    { "kind unknown", NODE("'kind':'fedeer'"), "grid[0].kind", "did you mean feeder" },
    { "place without longitude", NODE("'latitude':51"), "grid[0].longitude", "belong together" },
    { "calendar an object", NODE("'calendar':{}"), "grid[0].calendar", "list of windows" },
    { "window as text", NODE("'calendar':['17:00']"), "grid[0].calendar", "window 1: must be" },
    { "window without end", WINDOW("'from':'17:00','limit_a':1"), "grid[0].calendar",
      "window 2: to must be a local time" },
    { "no such time", WINDOW("'from':'24:01','to':'18:00','limit_a':1"), "grid[0].calendar",
      "window 2: from must" },
    { "offset too far", WINDOW("'from':'dusk-721','to':'18:00','limit_a':1"), "grid[0].calendar",
      "720" },
    { "no such star", WINDOW("'from':'moonrise','to':'18:00','limit_a':1"), "grid[0].calendar",
      "dusk" },
    { "no such day", WINDOW("'days':'Mo-Fri,Xy','from':'17:00','to':'18:00','limit_a':1"),
      "grid[0].calendar", "days must name days" },
    { "window of no length", WINDOW("'from':'17:00','to':'17:00','limit_a':1"), "grid[0].calendar",
      "00:00 to 24:00" },
    { "window that does nothing", WINDOW("'from':'17:00','to':'18:00'"), "grid[0].calendar",
      "neither limit_a nor reserve_a" },
    { "window with a limit below 0", WINDOW("'from':'17:00','to':'18:00','limit_a':-1"),
      "grid[0].calendar", "window 2: limit_a must be from 0" },
    { "window with an unknown member", WINDOW("'from':'17:00','to':'18:00','limit':1"),
      "grid[0].calendar", "limit is not known" },
    { "sun without a place", WINDOW("'from':'dusk','to':'dawn','limit_a':1"), "grid[0].calendar",
      "latitude" },
    { "hours of half a day", NODE("'foreign_by_hour_a':[1,2,3,4,5,6,7,8,9,10,11,12]"),
      "grid[0].foreign_by_hour_a", "24 currents" },
    { "meter without a guard", NODE("'meter':{'silent_a':1}"), "grid[0].meter.guard_a", "missing" },
    { "meter without an assumption", NODE("'meter':{'guard_a':1}"), "grid[0].meter.silent_a",
      "missing" },
    { "meter that may not be silent", METER("'silent_after_s':5"), "grid[0].meter.silent_after_s",
      "from 10" },
    { "meter in horse power", METER("'unit':'PS'"), "grid[0].meter.unit", "must be one of" },
    { "path with an empty name", METER("'fields':{'l1':'a..b'}"), "grid[0].meter.fields",
      "l1 must be names" },
    { "path of a fourth phase", METER("'fields':{'l4':'a'}"), "grid[0].meter.fields",
      "l4 is not known" },
    { "one device at two nodes",
      "{'grid':[{'id':'G','limit_a':1,'meter':{'guard_a':0,'silent_a':0,'device':'AB'}},"
      "{'id':'H','limit_a':1,'meter':{'guard_a':0,'silent_a':0,'device':'ab'}}]}",
      "grid[1].meter.device", "meter of G" },
    { "green in colours", NODE("'green':'yes'"), "grid[0].green", "must be one of" },
    { "priority above 9", STATION("'priority':10"), "stations[1].priority", "0 to 9" },
    { "its own parent", "{'grid':[{'id':'G','parent':'G','limit_a':1}]}", "grid[0].parent",
      "itself" },
    { "parent unknown",
      "{'grid':[{'id':'GRID','limit_a':1},{'id':'H','parent':'GRIT','limit_a':1}]}",
      "grid[1].parent", "did you mean GRID" },
    { "parents in a circle",
      "{'grid':[{'id':'A','limit_a':1},{'id':'B','parent':'D','limit_a':1},"
      "{'id':'C','parent':'B','limit_a':1},{'id':'D','parent':'C','limit_a':1}]}",
      "grid[1].parent", "circle" },
    { "node twice",
      "{'grid':[{'id':'G','limit_a':1},{'id':'H','limit_a':1},{'id':'G','limit_a':2}]}",
      "grid[2].id", "grid[0]" },
    { "id with a slash", "{'stations':[{'id':'A/B'}]}", "stations[0].id", "'/'" },
    { "id with a blank at its end", "{'stations':[{'id':'A '}]}", "stations[0].id", "blank" },
    { "id empty", "{'stations':[{'id':''}]}", "stations[0].id", "empty" },
    { "id a number", "{'stations':[{'id':7}]}", "stations[0].id", "quotes" },
    { "id too long", "{'stations':[{'id':'0123456789012345678901234567890123456789012345678'}]}",
      "stations[0].id", "48" },
    { "id with a control character", "{'stations':[{'id':'A\\u0007'}]}", "stations[0].id",
      "control" },
    { "unknown member", STATION("'rating':16"), "stations[1].rating", "did you mean rating_a" },
    { "station twice", "{'stations':[{'id':'A'},{'id':'A'}]}", "stations[1].id", "twice" },
    { "profile out of range", STATION("'security_profile':4"), "stations[1].security_profile",
      "0 to 3" },
    { "profile not whole", STATION("'security_profile':1.5"), "stations[1].security_profile",
      "whole" },
    { "node unknown", STATION("'grid_node':'X'"), "stations[1].grid_node", "add a node" },
    { "tariff unknown", STATION("'tariff':'X'"), "stations[1].tariff", "add a tariff" },
    { "wiring unknown", STATION("'wiring':'RSS'"), "stations[1].wiring", "did you mean RST" },
    { "wiring in words", STATION("'wiring':'three phases'"), "stations[1].wiring", "must be one" },
    { "rating below 6 A", STATION("'rating_a':5.9"), "stations[1].rating_a", "from 6 to 500 A" },
    { "safe below least", STATION("'safe_a':5"), "stations[1].safe_a", "0 or at least" },
    { "safe above rating", STATION("'safe_a':17"), "stations[1].safe_a", "rating_a" },
    { "least above rating", STATION("'min_a':17"), "stations[1].min_a", "rating_a" },
    { "weight 0", STATION("'weight':0"), "stations[1].weight", "from 1" },
    { "class unknown", STATION("'class':'leasin'"), "stations[1].class", "did you mean leasing" },
    { "latitude without longitude", STATION("'lat':51"), "stations[1].lon", "belong together" },
    { "latitude out of range", STATION("'lat':91,'lon':7"), "stations[1].lat", "-90 to 90" },
    { "strict as text", STATION("'strict':'yes'"), "stations[1].strict", "true or false" },
    { "connectors no list", STATION("'connectors':{}"), "stations[1].connectors", "list" },
    { "connector without id", STATION("'connectors':[{'max_w':1}]"), "stations[1].connectors[0].id",
      "missing" },
    { "connector 0", STATION("'connectors':[{'id':0}]"), "stations[1].connectors[0].id",
      "from 1 to 64" },
    { "connector twice", STATION("'connectors':[{'id':1},{'id':1}]"), "stations[1].connectors",
      "twice" },
    { "connector with unknown member", STATION("'connectors':[{'id':1,'evse_i':'E'}]"),
      "stations[1].connectors[0].evse_i", "did you mean evse_id" },
    { "tag too long", "{'tags':[{'id_tag':'012345678901234567890'}]}", "tags[0].id_tag", "20" },
    { "tag twice but for case", "{'tags':[{'id_tag':'ab'},{'id_tag':'AB'}]}", "tags[1].id_tag",
      "tags[0]" },
    { "tag status", "{'tags':[{'id_tag':'A','status':'blocked'}]}", "tags[0].status",
      "did you mean Blocked" },
    { "no such day", "{'tags':[{'id_tag':'A','expires':'2026-02-30'}]}", "tags[0].expires",
      "date like" },
    { "instant without zone", "{'tags':[{'id_tag':'A','expires':'2026-02-03T04:05:06'}]}",
      "tags[0].expires", "zone" },
    { "price as number", "{'tariffs':[{'id':'T','valid_from':'2026-01-01','price_per_kwh':0.49}]}",
      "tariffs[0].price_per_kwh", "must be text" },
    { "price with a comma",
      "{'tariffs':[{'id':'T','valid_from':'2026-01-01','price_per_kwh':'0,49'}]}",
      "tariffs[0].price_per_kwh", "point" },
    { "price too fine",
      "{'tariffs':[{'id':'T','valid_from':'2026-01-01','price_per_kwh':'0.49001'}]}",
      "tariffs[0].price_per_kwh", "4 decimals" },
    { "price below 0", "{'tariffs':[{'id':'T','valid_from':'2026-01-01','price_per_kwh':'-0.1'}]}",
      "tariffs[0].price_per_kwh", "digits" },
    { "price too high",
      "{'tariffs':[{'id':'T','valid_from':'2026-01-01','price_per_kwh':'100.0001'}]}",
      "tariffs[0].price_per_kwh", "0 to 100" },
    { "tariff without beginning", "{'tariffs':[{'id':'T','price_per_kwh':'0.49'}]}",
      "tariffs[0].valid_from", "missing" },
    { "version twice",
      "{'tariffs':[{'id':'T','valid_from':'2026-01-01','price_per_kwh':'1'},"
      "{'id':'T','version':1,'valid_from':'2026-01-02','price_per_kwh':'2'}]}",
      "tariffs[1].id", "twice" },
    { "currency unknown", TARIFF(",'currency':'EURO'"), "tariffs[0].currency", "did you mean EUR" },
    { "VAT as text", TARIFF(",'vat_percent':'19'"), "tariffs[0].vat_percent", "number" },
    { "VAT too fine", TARIFF(",'vat_percent':19.001"), "tariffs[0].vat_percent", "2 decimals" },
    { "blocking without price", TARIFF(",'blocking':{'after_min':1}"),
      "tariffs[0].blocking.per_min", "missing" },
    { "blocking at no time of day",
      TARIFF(",'blocking':{'after_min':1,'per_min':'1','from':'24:01'}"),
      "tariffs[0].blocking.from", "24:00" },
    { "blocking with unknown member", TARIFF(",'blocking':{'after_min':1,'per_min':'1','max':'1'}"),
      "tariffs[0].blocking.max", "not known" },
    { "blocking a list", TARIFF(",'blocking':[]"), "tariffs[0].blocking", "object" },
    { "factor of unknown kind", FACTOR("grid", "g/kWh", ",'value':1"), "factors[0].kind",
      "must be one of" },
    { "factor in another unit", FACTOR("nox_tailpipe", "g/kWh", ",'value':1"), "factors[0].unit",
      "convert" },
    { "factor without value", FACTOR("grid_location", "g/kWh", ""), "factors[0].value", "missing" },
    { "factor with half a range", FACTOR("grid_location", "g/kWh", ",'low':1,'mid':2"),
      "factors[0].mid", "missing" },
    { "factor with a crooked range", FACTOR("grid_location", "g/kWh", ",'low':3,'mid':2,'high':4"),
      "factors[0].mid", "below low" },
    { "factor with two values",
      FACTOR("grid_location", "g/kWh", ",'value':1,'low':1,'mid':2,'high':3"), "factors[0].value",
      "differs" },
    { "factor without source",
      "{'factors':[{'kind':'grid_location','year':2024,'unit':'g/kWh','state':'final','value':1}]}",
      "factors[0].source", "missing" },
    { "factor of no year", FACTOR("grid_location", "g/kWh", ",'value':1,'revised':'2025'"),
      "factors[0].revised", "date" },
};

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(bad); i++) {
        struct reading r;
        read_upon(&r, NULL, bad[i].file);
        if (r.good)
            fail_msg("%s: was taken", bad[i].why);
        if (strcmp(r.error.path, bad[i].path) != 0)
            fail_msg("%s: path is %s, not %s (%s)", bad[i].why, r.error.path, bad[i].path,
                     r.error.text);
        if (strstr(r.error.text, bad[i].word) == NULL)
            fail_msg("%s: \"%s\" does not say \"%s\"", bad[i].why, r.error.text, bad[i].word);
        done(&r);
    }
}

static void defaults_and_units(void **state)
{
    struct reading r;
    (void)state;
    read_upon(&r, NULL,
              "{'grid':[{'id':'G','limit_a':[63,32.5,0],'foreign_a':0}],"
              "'stations':[{'id':'S','grid_node':'G','wiring':'R'},"
              "{'id':'U','rating_a':32,'connectors':[{'id':2},{'id':1,'max_w':7000}]}],"
              "'tags':[{'id_tag':'t','expires':'2026-10-25'}],"
              "'tariffs':[{'id':'T','valid_from':'2026-03-29','price_per_kwh':'0.4999',"
              "'blocking':{'after_min':240,'per_min':'0.1','to':'24:00'}}],"
              "'factors':[{'kind':'grid_location','year':2024,'value':363.5,'unit':'g/kWh',"
              "'state':'final','source':'S'}]}");
    if (!r.good)
        fail_msg("%s", r.error.text);
    const struct store_site *s = &r.file.site;
    assert_int_equal(s->grid[0].limit_ma[1], 32500);
    assert_string_equal(s->grid[0].name, "G");
    assert_int_equal(s->station[0].rating_ma, 16000);
    assert_int_equal(s->station[0].safe_ma, 0);
    assert_int_equal(s->station[0].security_profile, 1);
    assert_int_equal(s->station[0].weight, 1);
    assert_true(s->station[0].lat_e7 == STORE_ABSENT);
    assert_int_equal(s->n_connectors, 3);
    assert_string_equal(s->connector[0].station, "S");
    assert_int_equal(s->connector[0].max_w, 3680);
    assert_int_equal(s->connector[1].connector, 2);
    assert_int_equal(s->connector[1].max_w, 3 * 32 * 230);
    assert_int_equal(s->connector[2].max_w, 7000);
    /* Valid through the day on which the clocks go back: until 23:00 UTC. */
    assert_true(s->tag[0].expires_at_ms == INT64_C(1792969200000));
    assert_int_equal(s->tag[0].status, STORE_AUTH_ACCEPTED);
    assert_true(s->tariff[0].valid_from_ms == INT64_C(1774738800000));
    assert_int_equal(s->tariff[0].price_e4_per_kwh, 4999);
    assert_int_equal(s->tariff[0].blocking_after_s, 240 * 60);
    assert_int_equal(s->tariff[0].blocking_e4_per_min, 1000);
    assert_int_equal(s->tariff[0].blocking_to_min, 1440);
    assert_int_equal(s->tariff[0].blocking_cap_cents, -1);
    assert_int_equal(s->tariff[0].vat_bp, 1900);
    assert_true(s->tariff[0].tax_included);
    assert_true(s->factor[0].low_e6 == 363500000 && s->factor[0].high_e6 == 363500000);
    done(&r);
}

static void what_is_not_named_stays(void **state)
{
    struct reading first, second, third;
    (void)state;
    read_upon(&first, NULL,
              "{'grid':[{'id':'G','limit_a':63,'name':'Netz'}],"
              "'stations':[{'id':'S','grid_node':'G','street':'Weg','class':'sticky',"
              "'connectors':[{'id':1,'evse_id':'E1'},{'id':2,'evse_id':'E2'}]}],"
              "'tariffs':[{'id':'T','valid_from':'2026-01-01','price_per_kwh':'0.49',"
              "'blocking':{'after_min':240,'per_min':'0.1','cap':'12'}}]}");
    assert_true(first.good);
    read_upon(&second, &first.merged,
              "{'grid':[{'id':'G','limit_a':32}],"
              "'stations':[{'id':'S','house_no':'7','connectors':[{'id':2,'max_w':5}]}],"
              "'tariffs':[{'id':'T','text_en':'new'}]}");
    if (!second.good)
        fail_msg("%s", second.error.text);
    done(&first); /* nothing may point there any more */
    const struct store_site *s = &second.file.site;
    assert_string_equal(s->grid[0].name, "Netz");
    assert_int_equal(s->grid[0].limit_ma[0], 32000);
    assert_string_equal(s->station[0].street, "Weg");
    assert_string_equal(s->station[0].house_no, "7");
    assert_int_equal(s->station[0].class, 1);
    assert_int_equal(s->n_connectors, 1);
    assert_string_equal(s->connector[0].evse_id, "E2");
    assert_int_equal(s->connector[0].max_w, 5);
    assert_int_equal(s->tariff[0].blocking_after_s, 240 * 60);
    assert_int_equal(s->tariff[0].blocking_cap_cents, 1200);
    read_upon(&third, s,
              "{'stations':[{'id':'S','street':null,'class':null}],"
              "'tariffs':[{'id':'T','blocking':null}]}");
    assert_true(third.good);
    assert_null(third.file.site.station[0].street);
    assert_int_equal(third.file.site.station[0].class, 4);
    assert_int_equal(third.file.site.tariff[0].blocking_after_s, -1);
    assert_int_equal(third.file.site.n_connectors, 0);
    done(&third);
    done(&second);
}

static void capacity_over_time_is_kept_in_one_form(void **state)
{
    struct reading first, second, third;
    (void)state;
    read_upon(&first, NULL,
              "{'grid':[{'id':'G','limit_a':63,'latitude':51.5,'longitude':7.5},"
              "{'id':'H','parent':'G','limit_a':32,'kind':'circuit','green':'co2',"
              "'calendar':[{'days':'monday,tue-fr','from':'17:00','to':'24:00','limit_a':[9,9,9]},"
              "{'from':'dusk-15','to':'dawn','reserve_a':[6.5,0,6]}],"
              "'foreign_by_hour_a':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,[1,2,3]],"
              "'meter':{'guard_a':6,'silent_a':[20,21,22],'device':'AB','fields':{'l2':'p.q'}}}],"
              "'stations':[{'id':'S','grid_node':'H','priority':3}]}");
    if (!first.good)
        fail_msg("%s", first.error.text);
    const struct store_grid_node *n = &first.file.site.grid[1];
    assert_string_equal(n->calendar,
                        "Mo-Fr 17:00 24:00 limit 9\nMo-Su dusk-15 dawn reserve 6.5/0/6\n");
    assert_string_equal(n->foreign_by_hour, "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1/2/3");
    assert_int_equal(n->meter_silent_after_s, 300);
    assert_int_equal(n->meter_guard_ma[2], 6000);
    assert_int_equal(n->meter_silent_ma[1], 21000);
    assert_string_equal(n->meter_fields, "l2=p.q\n");
    assert_int_equal(n->green, STORE_GREEN_CO2);
    assert_int_equal(first.file.site.station[0].priority, 3);
    read_upon(&second, &first.merged, "{'grid':[{'id':'H','limit_a':16,'calendar':[]}]}");
    assert_true(second.good);
    assert_null(second.file.site.grid[0].calendar);
    assert_int_equal(second.file.site.grid[0].meter_silent_ma[2], 22000);
    assert_string_equal(second.file.site.grid[0].meter_device, "AB");
    read_upon(&third, &first.merged,
              "{'grid':[{'id':'H','meter':null},{'id':'G','latitude':null,'longitude':null}]}");
    assert_false(third.good); /* the dusk of H has lost its place */
    assert_string_equal(third.error.path, "grid[0].calendar");
    assert_int_equal(third.file.site.grid[0].meter_silent_after_s, 0);
    assert_null(third.file.site.grid[0].meter_device);
    done(&third);
    done(&second);
    done(&first);
}

static void the_merged_site_is_complete_and_in_order(void **state)
{
    struct reading first, second;
    (void)state;
    read_upon(&first, NULL,
              "{'grid':[{'id':'A','parent':'R','limit_a':1},{'id':'R','limit_a':2}],"
              "'stations':[{'id':'S'},{'id':'T'}],'tags':[{'id_tag':'X'}]}");
    assert_true(first.good);
    assert_string_equal(first.merged.grid[0].id, "R");
    assert_string_equal(first.file.site.grid[0].id, "R"); /* as the store wants it */
    read_upon(&second, &first.merged,
              "{'grid':[{'id':'C','parent':'B','limit_a':3},{'id':'B','parent':'A','limit_a':3},"
              "{'id':'A','limit_a':4}],'stations':[{'id':'T','rating_a':32},{'id':'U'}],"
              "'tags':[{'id_tag':'x','customer':'C'}]}");
    if (!second.good)
        fail_msg("%s", second.error.text);
    const struct store_site *m = &second.merged;
    assert_int_equal(m->n_grid, 4);
    for (size_t i = 0; i < m->n_grid; i++) {
        bool found = m->grid[i].parent == NULL;
        for (size_t k = 0; k < i; k++)
            found = found || strcmp(m->grid[k].id, m->grid[i].parent) == 0;
        assert_true(found);
    }
    assert_int_equal(m->n_stations, 3);
    assert_int_equal(m->station[1].rating_ma, 32000);
    assert_string_equal(m->station[2].id, "U");
    assert_int_equal(m->n_connectors, 3);
    assert_int_equal(m->n_tags, 1);
    assert_string_equal(m->tag[0].customer, "C");
    done(&second);
    done(&first);
}

/* What is written can be read again and means the same. */
static void writing_and_reading_are_inverse(void **state)
{
    static const char *const lists[] = { "grid", "stations", "tags", "tariffs", "factors" };
    struct reading r;
    (void)state;
    read_upon(&r, NULL,
              "{'grid':[{'id':'G','limit_a':[63,32.5,0],'single_phase_max_a':20,'latitude':1,"
              "'longitude':-7.5,'calendar':[{'days':'Sa,Su','from':'dawn+5','to':'01:00',"
              "'limit_a':[1,2,3.5]},{'days':'We','from':'00:00','to':'24:00','reserve_a':1}],"
              "'foreign_by_hour_a':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,[1,2,3]],"
              "'meter':{'guard_a':6,'silent_a':40,'unit':'mA','fields':{'at':'a.0','l1':'b'}}}],"
              "'stations':[{'id':'S \\u00e4\\\"','wiring':'ST','rating_a':13.5,'lat':-51.0000001,"
              "'lon':7,'strict':true,'class':'unmanaged'}],"
              "'tags':[{'id_tag':'T','status':'Blocked','expires':'2026-03-29','auth_kind':'app'}],"
              "'tariffs':[{'id':'T','version':3,'valid_from':'2026-01-01T12:00:00Z',"
              "'price_per_kwh':'0.4905','vat_percent':7.5,'per_session':'1.5',"
              "'blocking':{'after_min':1,'per_min':'0.0123','from':'23:59'}}],"
              "'factors':[{'kind':'nox_tailpipe','year':2024,'low':0.000001,'mid':0.1,'high':0.5,"
              "'unit':'g/km','state':'assumed','source':'S','revised':'2025-01-01'}]}");
    assert_true(r.good);
    for (size_t i = 0; i < N(lists); i++) {
        const struct apply_list *list = &apply_lists[i];
        struct ocpp_text out, again_out;
        struct apply_site again;
        struct apply_error error;
        const char *const *items =
            (const char *const *)(const void *)((const char *)&r.file.site + list->items_offset);
        ocpp_text_init(&out);
        ocpp_text_init(&again_out);
        ocpp_text_append_format(&out, "{\"%s\":[{", lists[i]);
        size_t skip = out.len;
        apply_write(list->object, *items, &out);
        ocpp_text_append_str(&out, "}]}");
        if (!apply_parse(json_loads(out.data, 0, NULL), NULL, &again, &error))
            fail_msg("%s: %s in %s", lists[i], error.text, out.data);
        items = (const char *const *)(const void *)((const char *)&again.site + list->items_offset);
        apply_write(list->object, *items, &again_out);
        ocpp_text_truncate(&out, out.len - 3);
        if (strcmp(out.data + skip, again_out.data) != 0)
            fail_msg("%s: %s became %s", lists[i], out.data + skip, again_out.data);
        apply_site_done(&again);
        ocpp_text_done(&out);
        ocpp_text_done(&again_out);
    }
    done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(defaults_and_units),
        cmocka_unit_test(what_is_not_named_stays),
        cmocka_unit_test(capacity_over_time_is_kept_in_one_form),
        cmocka_unit_test(the_merged_site_is_complete_and_in_order),
        cmocka_unit_test(writing_and_reading_are_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
