/* `noxctl apply`: what is refused, in which words; that the second time changes nothing. */
#include <sys/stat.h>

#include "tests/storage/street.h"

/* A good site that each case spoils in one place. */
struct plan {
    struct store_grid_node grid[3];
    struct store_station station[2];
    struct store_connector connector[2];
    struct store_tag tag[2];
    struct store_tariff tariff[2];
    struct store_factor factor[2];
    struct store_site site;
};

static void make_plan(struct plan *p)
{
    memset(p, 0, sizeof(*p));
    /* children before parents on purpose */
    p->grid[0] = (struct store_grid_node){ .id = "LEAF",
                                           .parent = "MID",
                                           .name = "Ende",
                                           .limit_ma = { 32000, 32000, 32000 } };
    p->grid[1] = (struct store_grid_node){ .id = "MID",
                                           .parent = "ROOT",
                                           .limit_ma = { 63000, 63000, 63000 } };
    p->grid[2] = (struct store_grid_node){ .id = "ROOT", .limit_ma = { 100000, 100000, 100000 } };
    p->station[0] = a_station("DO-1");
    p->station[1] = a_station("DO-2");
    p->station[0].grid_node = p->station[1].grid_node = "LEAF";
    p->station[0].tariff = p->station[1].tariff = "T1";
    p->connector[0] = (struct store_connector){ .station = "DO-1",
                                                .connector = 1,
                                                .evse_id = "DE*X*E1",
                                                .max_w = 11040 };
    p->connector[1] = (struct store_connector){ .station = "DO-2",
                                                .connector = 1,
                                                .evse_id = "DE*X*E2",
                                                .max_w = 11040 };
    p->tag[0] = (struct store_tag){ .id_tag = "04A1",
                                    .auth_kind = "rfid",
                                    .status = STORE_AUTH_ACCEPTED,
                                    .expires_at_ms = STORE_ABSENT };
    p->tag[1] = p->tag[0];
    p->tag[1].id_tag = "04B2";
    p->tariff[0] = (struct store_tariff){ .id = "T1",
                                          .version = 1,
                                          .valid_from_ms = NOON,
                                          .currency = "EUR",
                                          .tax_included = true,
                                          .vat_bp = 1900,
                                          .price_e4_per_kwh = 4900,
                                          .blocking_after_s = 14400,
                                          .blocking_e4_per_min = 1000,
                                          .blocking_from_min = 480,
                                          .blocking_to_min = 1320,
                                          .blocking_cap_cents = 1200 };
    p->tariff[1] = p->tariff[0];
    p->tariff[1].version = 2;
    p->factor[0] =
        (struct store_factor){ "grid_location", 2026, 1, 2, 3, "g/kWh", "final", "UBA", NULL };
    p->factor[1] = p->factor[0];
    p->factor[1].year = 2025;
    p->site = (struct store_site){ .grid = p->grid,
                                   .n_grid = 3,
                                   .station = p->station,
                                   .n_stations = 2,
                                   .connector = p->connector,
                                   .n_connectors = 2,
                                   .tag = p->tag,
                                   .n_tags = 2,
                                   .tariff = p->tariff,
                                   .n_tariffs = 2,
                                   .factor = p->factor,
                                   .n_factors = 2 };
}

/* --- what is refused --- */

static void no_node_id(struct plan *p)
{
    p->grid[1].id = "";
}
static void node_twice(struct plan *p)
{
    p->grid[1].id = "LEAF";
}
static void unknown_parent(struct plan *p)
{
    p->grid[1].parent = "RUHR";
}
static void own_parent(struct plan *p)
{
    p->grid[1].parent = "MID";
}
static void circle(struct plan *p)
{
    p->grid[2].parent = "LEAF";
}
static void negative_limit(struct plan *p)
{
    p->grid[0].limit_ma[1] = -1000;
}
static void negative_foreign(struct plan *p)
{
    p->grid[0].foreign_ma[2] = -500;
}
static void foreign_above(struct plan *p)
{
    p->grid[0].foreign_ma[0] = 40000;
}
static void negative_single(struct plan *p)
{
    p->grid[0].single_max_ma = -1;
}
static void station_without_id(struct plan *p)
{
    p->station[1].id = NULL;
}
static void station_with_slash(struct plan *p)
{
    p->station[1].id = "DO/2";
}
static void station_too_long(struct plan *p)
{
    p->station[1].id = "DO-0123456789012345678901234567890123456789012345";
}
static void station_twice(struct plan *p)
{
    p->station[1].id = "DO-1";
}
static void station_other_case(struct plan *p)
{
    p->station[1].id = "do-1";
}
static void unknown_node(struct plan *p)
{
    p->station[0].grid_node = "LAEF";
}
static void unknown_tariff(struct plan *p)
{
    p->station[0].tariff = "T9";
}
static void bad_profile(struct plan *p)
{
    p->station[0].security_profile = 4;
}
static void bad_wiring(struct plan *p)
{
    p->station[0].wiring = "RSR";
}
static void long_wiring(struct plan *p)
{
    p->station[0].wiring = "RSTR";
}
static void no_wiring(struct plan *p)
{
    p->station[0].wiring = "";
}
static void no_rating(struct plan *p)
{
    p->station[0].rating_ma = 0;
}
static void safe_above(struct plan *p)
{
    p->station[0].safe_ma = 20000;
}
static void safe_small(struct plan *p)
{
    p->station[0].safe_ma = 3000;
}
static void min_above(struct plan *p)
{
    p->station[0].min_ma = 17000;
}
static void bad_class(struct plan *p)
{
    p->station[0].class = 7;
}
static void bad_lat(struct plan *p)
{
    p->station[0].lat_e7 = 910000000;
}
static void bad_lon(struct plan *p)
{
    p->station[0].lon_e7 = -1810000000;
}
static void connector_zero(struct plan *p)
{
    p->connector[0].connector = 0;
}
static void connector_many(struct plan *p)
{
    p->connector[0].connector = 65;
}
static void connector_twice(struct plan *p)
{
    p->connector[1].station = "DO-1";
}
static void connector_of_nobody(struct plan *p)
{
    p->connector[1].station = "DO-9";
}
static void evse_twice(struct plan *p)
{
    p->connector[1].evse_id = "DE*X*E1";
}
static void negative_power(struct plan *p)
{
    p->connector[0].max_w = -1;
}
static void no_tag(struct plan *p)
{
    p->tag[0].id_tag = "";
}
static void tag_other_case(struct plan *p)
{
    p->tag[1].id_tag = "04a1";
}
static void tag_status(struct plan *p)
{
    p->tag[0].status = STORE_AUTH_INVALID;
}
static void tag_kind(struct plan *p)
{
    p->tag[0].auth_kind = "nfc";
}
static void no_tariff_id(struct plan *p)
{
    p->tariff[0].id = NULL;
}
static void tariff_version(struct plan *p)
{
    p->tariff[0].version = 0;
}
static void tariff_twice(struct plan *p)
{
    p->tariff[1].version = 1;
}
static void no_valid_from(struct plan *p)
{
    p->tariff[0].valid_from_ms = STORE_ABSENT;
}
static void bad_currency(struct plan *p)
{
    p->tariff[0].currency = "Euro";
}
static void bad_vat(struct plan *p)
{
    p->tariff[0].vat_bp = 10001;
}
static void bad_price(struct plan *p)
{
    p->tariff[0].price_e4_per_kwh = -1;
}
static void bad_flat(struct plan *p)
{
    p->tariff[0].flat_cents = -1;
}
static void bad_per_min(struct plan *p)
{
    p->tariff[0].blocking_e4_per_min = -1;
}
static void bad_from(struct plan *p)
{
    p->tariff[0].blocking_from_min = 1441;
}
static void bad_to(struct plan *p)
{
    p->tariff[0].blocking_to_min = -1;
}
static void bad_kind(struct plan *p)
{
    p->factor[0].kind = "soot";
}
static void bad_year(struct plan *p)
{
    p->factor[0].year = 26;
}
static void bad_range(struct plan *p)
{
    p->factor[0].mid_e6 = 9;
}
static void bad_unit(struct plan *p)
{
    p->factor[0].unit = "kg";
}
static void bad_state(struct plan *p)
{
    p->factor[0].state = "done";
}
static void no_source(struct plan *p)
{
    p->factor[0].source = NULL;
}
static void factor_twice(struct plan *p)
{
    p->factor[1].year = 2026;
}

static const struct {
    void (*spoil)(struct plan *p);
    const char *want[3]; /* the item, the field, the remedy */
} refusals[] = {
    { no_node_id, { "grid[1]", "id is missing", "give the node a name" } },
    { node_twice, { "grid LEAF", "id stands twice", "remove one" } },
    { unknown_parent, { "grid MID", "parent RUHR is unknown", "add it to grid" } },
    { own_parent, { "grid MID", "parent MID", "name a parent nearer" } },
    { circle, { "grid ", "parent ", "a tree has no circles" } },
    { negative_limit, { "grid LEAF", "limit_a of L2 is -1.0", "0 or more" } },
    { negative_foreign, { "grid LEAF", "foreign_a of L3 is -0.5", "0 or more" } },
    { foreign_above, { "grid LEAF", "foreign_a of L1 is 40.0, more than limit_a 32.0", "lower" } },
    { negative_single, { "grid LEAF", "single_max_a", "use 0" } },
    { station_without_id, { "stations[1]", "id is missing", "name the station" } },
    { station_with_slash, { "stations[1]", "id must have 1 to 48", "no space or slash" } },
    { station_too_long, { "stations[1]", "id must have 1 to 48", "URL" } },
    { station_twice, { "stations DO-1", "id stands twice", "remove one" } },
    { station_other_case, { "do-1", "differs only in case", "use another id" } },
    { unknown_node, { "stations DO-1", "grid_node LAEF is unknown", "add it to grid" } },
    { unknown_tariff, { "stations DO-1", "tariff T9 is unknown", "add it to tariffs" } },
    { bad_profile, { "stations DO-1", "security_profile is 4", "use 0, 1, 2 or 3" } },
    { bad_wiring, { "stations DO-1", "wiring RSR", "RST, STR or R" } },
    { long_wiring, { "stations DO-1", "wiring RSTR", "RST, STR or R" } },
    { no_wiring, { "stations DO-1", "wiring", "RST, STR or R" } },
    { no_rating, { "stations DO-1", "rating_a is 0.0", "name the most" } },
    { safe_above, { "stations DO-1", "safe_a 20.0 is more than rating_a 16.0", "lower safe_a" } },
    { safe_small, { "stations DO-1", "safe_a 3.0", "must be 0 or at least min_a 6.0" } },
    { min_above, { "stations DO-1", "min_a 17.0 is more than rating_a 16.0", "lower min_a" } },
    { bad_class, { "stations DO-1", "class", "use leasing" } },
    { bad_lat, { "stations DO-1", "lat", "between -90 and 90" } },
    { bad_lon, { "stations DO-1", "lon", "between -180 and 180" } },
    { connector_zero, { "stations DO-1", "connector id is 0", "count from 1 to 64" } },
    { connector_many, { "stations DO-1", "connector id is 65", "count from 1 to 64" } },
    { connector_twice, { "stations DO-1", "connector 1 stands twice", "remove one" } },
    { connector_of_nobody, { "connectors", "station DO-9 is unknown", "add it to stations" } },
    { evse_twice, { "stations DO-", "evse_id DE*X*E1", "correct one of the two" } },
    { negative_power, { "stations DO-1", "max_w of connector 1", "rated power" } },
    { no_tag, { "tags[0]", "id_tag is missing", "name the token" } },
    { tag_other_case, { "tags ", "id_tag is the same as", "remove one" } },
    { tag_status, { "tags 04A1", "status", "Accepted or Blocked" } },
    { tag_kind, { "tags 04A1", "auth_kind nfc", "use rfid, app or direct" } },
    { no_tariff_id, { "tariffs[0]", "id is missing", "name the tariff" } },
    { tariff_version, { "tariffs T1", "version is 0", "count from 1" } },
    { tariff_twice, { "tariffs T1", "version 1 stands twice", "remove one" } },
    { no_valid_from, { "tariffs T1", "valid_from is missing", "name the first day" } },
    { bad_currency, { "tariffs T1", "currency", "three letters" } },
    { bad_vat, { "tariffs T1", "vat_percent", "between 0 and 100" } },
    { bad_price, { "tariffs T1", "price_per_kwh is negative", "use 0" } },
    { bad_flat, { "tariffs T1", "flat is negative", "use 0" } },
    { bad_per_min, { "tariffs T1", "blocking.per_min is negative", "leave blocking out" } },
    { bad_from, { "tariffs T1", "blocking.from", "between 00:00 and 24:00" } },
    { bad_to, { "tariffs T1", "blocking.to", "between 00:00 and 24:00" } },
    { bad_kind, { "factors[0]", "kind soot is unknown", "use grid_location" } },
    { bad_year, { "factors grid_location", "year 26", "between 1990 and 2200" } },
    { bad_range, { "factors grid_location 2026", "low, mid and high must rise", "one value" } },
    { bad_unit, { "factors grid_location 2026", "unit", "g/kWh, kWh/100km or g/km" } },
    { bad_state, { "factors grid_location 2026", "state", "final, preliminary" } },
    { no_source, { "factors grid_location 2026", "source is missing", "published" } },
    { factor_twice, { "factors grid_location", "year 2026 stands twice", "remove one" } },
};

static int64_t rows(struct street *s)
{
    return street_number(s,
                         "SELECT (SELECT count(*) FROM grid_node) + (SELECT count(*) FROM"
                         " station) + (SELECT count(*) FROM connector) + (SELECT count(*) FROM"
                         " tag) + (SELECT count(*) FROM tariff) + (SELECT count(*) FROM factor)");
}

static void bad_input_is_refused_with_a_remedy(void **state)
{
    (void)state;
    struct street s;
    struct plan p;
    street_open(&s, 1);
    int64_t before = rows(&s);
    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        make_plan(&p);
        refusals[i].spoil(&p);
        struct answer a = street_apply(&s, &p.site, i % 2 == 1);
        if (a.rc != STORE_CONFLICT)
            fail_msg("case %zu (%s) was not refused: %s", i, refusals[i].want[1],
                     store_rc_text(a.rc));
        for (size_t k = 0; k < 3; k++)
            if (strstr(a.error, refusals[i].want[k]) == NULL)
                fail_msg("case %zu: \"%s\" does not say \"%s\"", i, a.error, refusals[i].want[k]);
        check_int("nothing of it is kept", rows(&s), before);
    }
    make_plan(&p);
    assert_int_equal(street_apply(&s, &p.site, false).rc, STORE_OK);
    street_close(&s);
}

/* --- against what is there --- */

static int64_t log_size(struct street *s)
{
    struct stat st;
    char path[200];
    snprintf(path, sizeof(path), "%s-wal", s->path);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void twice_changes_nothing(void **state)
{
    (void)state;
    struct street s;
    struct plan p;
    street_open(&s, 0);
    make_plan(&p);
    struct answer a = street_apply(&s, &p.site, false);
    assert_int_equal(a.rc, STORE_OK);
    check_int("changes", (int64_t)a.result.apply.n_changes, 13);
    assert_null(strstr(a.changes, "changed"));
    int64_t before = log_size(&s);
    a = street_apply(&s, &p.site, false);
    assert_null(strstr(a.changes, "added"));
    assert_null(strstr(a.changes, ";changed"));
    check_text("order", a.changes,
               "unchanged grid ROOT;unchanged grid MID;unchanged grid LEAF;unchanged tariffs T1;"
               "unchanged tariffs T1;unchanged factors grid_location 2026;unchanged factors "
               "grid_location 2025;unchanged stations DO-1;unchanged stations DO-2;unchanged "
               "connectors DO-1/1;unchanged connectors DO-2/1;unchanged tags 04A1;unchanged tags "
               "04B2;");
    check_int("bytes written", log_size(&s) - before, 0);
    street_close(&s);
}

static void changes_are_named(void **state)
{
    (void)state;
    struct street s;
    struct plan p;
    street_open(&s, 0);
    make_plan(&p);
    street_apply(&s, &p.site, false);
    p.grid[1].limit_ma[0] = p.grid[1].limit_ma[1] = p.grid[1].limit_ma[2] = 80000;
    p.grid[2].foreign_ma[1] = 10500;
    p.station[0].rating_ma = 32000;
    p.station[0].class = 2;
    p.station[0].district = "Nord";
    p.station[0].lat_e7 = 515142000;
    p.station[1].tariff = NULL;
    p.station[1].strict = true;
    p.connector[1].evse_id = NULL;
    p.tag[0].id_tag = "04a1";
    p.tag[0].status = STORE_AUTH_BLOCKED;
    p.tag[0].expires_at_ms = NOON;
    p.factor[0].low_e6 = 0;
    static const char want[] =
        "changed grid ROOT foreign_a L2 0 -> 10.5;changed grid MID limit_a 63 -> 80;"
        "changed factors grid_location 2026 low 0.000001 -> 0;"
        "changed stations DO-1 rating_a 16 -> 32, class leasing -> forgetful, district Mitte -> "
        "Nord, lat none -> 51.5142;"
        "changed stations DO-2 tariff T1 -> none, strict no -> yes;"
        "changed connectors DO-2/1 evse_id DE*X*E2 -> none;"
        "changed tags 04a1 status Accepted -> Blocked, expires none -> 2026-10-25T12:00:00Z, "
        "id_tag 04A1 -> 04a1;";
    for (int dry = 1; dry >= 0; dry--) {
        struct answer a = street_apply(&s, &p.site, dry == 1);
        char changed[sizeof(a.changes)] = "";
        for (char *save, *c = strtok_r(a.changes, ";", &save); c != NULL;
             c = strtok_r(NULL, ";", &save))
            if (strncmp(c, "unchanged", 9) != 0)
                snprintf(changed + strlen(changed), sizeof(changed) - strlen(changed), "%s;", c);
        check_text(dry ? "dry run" : "apply", changed, want);
        check_int("written", street_number(&s, "SELECT rating_ma FROM station WHERE id = 'DO-1'"),
                  dry ? 16000 : 32000);
    }
    check_int("stations", street_number(&s, "SELECT count(*) FROM station"), 2);
    street_close(&s);
}

static void a_tariff_version_never_changes(void **state)
{
    (void)state;
    struct street s;
    struct plan p;
    street_open(&s, 0);
    make_plan(&p);
    street_apply(&s, &p.site, false);
    p.tariff[1].price_e4_per_kwh = 5900;
    struct answer a = street_apply(&s, &p.site, false);
    assert_int_equal(a.rc, STORE_CONFLICT);
    assert_non_null(strstr(a.error, "tariffs T1: version 2"));
    assert_non_null(strstr(a.error, "price_per_kwh 0.49 -> 0.59"));
    assert_non_null(strstr(a.error, "add version 3"));
    p.tariff[1].version = 3;
    assert_int_equal(street_apply(&s, &p.site, false).rc, STORE_OK);
    street_close(&s);
}

static void circle_through_what_is_stored(void **state)
{
    (void)state;
    struct street s;
    struct plan p;
    street_open(&s, 0);
    make_plan(&p);
    street_apply(&s, &p.site, false);
    struct store_grid_node root = p.grid[2];
    root.parent = "LEAF";
    struct store_site site = { .grid = &root, .n_grid = 1 };
    struct answer a = street_apply(&s, &site, false);
    assert_int_equal(a.rc, STORE_CONFLICT);
    assert_non_null(strstr(a.error, "grid ROOT: parent LEAF"));
    /* turned over completely it is a tree again */
    p.grid[0].parent = NULL;
    p.grid[1].parent = "LEAF";
    p.grid[2].parent = "MID";
    a = street_apply(&s, &p.site, false);
    if (a.rc != STORE_OK)
        fail_msg("%s", a.error);
    street_close(&s);
}

static void references_to_what_is_stored(void **state)
{
    (void)state;
    struct street s;
    struct plan p;
    street_open(&s, 0);
    make_plan(&p);
    street_apply(&s, &p.site, false);
    struct store_station more = a_station("DO-3");
    more.grid_node = "MID";
    more.tariff = "T1";
    struct store_connector k = { .station = "DO-2", .connector = 2, .evse_id = "DE*X*E3" };
    struct store_site site = { .station = &more,
                               .n_stations = 1,
                               .connector = &k,
                               .n_connectors = 1 };
    assert_int_equal(street_apply(&s, &site, false).rc, STORE_OK);
    more = a_station("do-3");
    more.grid_node = more.tariff = NULL;
    struct answer a = street_apply(&s, &site, false);
    assert_int_equal(a.rc, STORE_CONFLICT);
    assert_non_null(strstr(a.error, "id differs only in case from station DO-3"));
    k.evse_id = "DE*X*E1";
    site.n_stations = 0;
    a = street_apply(&s, &site, false);
    assert_non_null(strstr(a.error, "evse_id DE*X*E1"));
    street_close(&s);
}

static void an_evse_id_may_move(void **state)
{
    (void)state;
    struct street s;
    struct plan p;
    struct answer a;
    street_open(&s, 0);
    make_plan(&p);
    street_apply(&s, &p.site, false);
    p.connector[0].evse_id = "DE*X*E2";
    p.connector[1].evse_id = "DE*X*E1";
    assert_int_equal(street_apply(&s, &p.site, false).rc, STORE_OK);
    /* a lamp that was taken down with sessions gives its EVSE id to the next one */
    struct store_tx_start tx = a_start("DO-1", 0, NOON);
    street_start(&s, &tx);
    assert_true(store_station_remove(s.store, "DO-1", answer_to(&a)));
    street_wait(&s, &a);
    struct store_station next = p.station[0];
    next.id = "DO-1B";
    struct store_connector k = { .station = "DO-1B", .connector = 1, .evse_id = "DE*X*E2" };
    struct store_site site = { .station = &next,
                               .n_stations = 1,
                               .connector = &k,
                               .n_connectors = 1 };
    assert_int_equal(street_apply(&s, &site, false).rc, STORE_OK);
    street_close(&s);
}

static void defaults(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 0);
    struct store_station bare = { .id = "X",
                                  .rating_ma = 16000,
                                  .lat_e7 = STORE_ABSENT,
                                  .lon_e7 = STORE_ABSENT };
    struct store_site site = { .station = &bare, .n_stations = 1 };
    assert_int_equal(street_apply(&s, &site, false).rc, STORE_OK);
    check_text("twice", street_apply(&s, &site, false).changes, "unchanged stations X;");
    check_int("defaults",
              street_number(&s, "SELECT wiring = 'RST' AND min_ma = 6000 AND weight = 1"
                                " FROM station"),
              1);
    street_close(&s);
}

static void what_stations_say_survives_apply(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    struct plan p;
    static const uint8_t salt[16], hash[32];
    street_open(&s, 0);
    make_plan(&p);
    street_apply(&s, &p.site, false);
    struct store_boot boot = { .station = "DO-1", .vendor = "V", .meter_serial = "M", .at_ms = 1 };
    assert_true(store_boot(s.store, &boot, answer_to(&a)));
    street_wait(&s, &a);
    assert_true(store_station_key(s.store, "DO-1", salt, hash, answer_to(&a)));
    street_wait(&s, &a);
    assert_true(store_registration(s.store, "DO-1", STORE_REG_PENDING, answer_to(&a)));
    street_wait(&s, &a);
    p.station[0].street = "Lange Straße";
    a = street_apply(&s, &p.site, false);
    assert_non_null(strstr(a.changes, "changed stations DO-1 street none -> Lange Straße;"));
    check_int("kept",
              street_number(&s, "SELECT vendor = 'V' AND registration = 2 AND key_hash IS"
                                " NOT NULL FROM station WHERE id = 'DO-1'"),
              1);
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_input_is_refused_with_a_remedy),
        cmocka_unit_test(twice_changes_nothing),
        cmocka_unit_test(changes_are_named),
        cmocka_unit_test(a_tariff_version_never_changes),
        cmocka_unit_test(circle_through_what_is_stored),
        cmocka_unit_test(references_to_what_is_stored),
        cmocka_unit_test(an_evse_id_may_move),
        cmocka_unit_test(defaults),
        cmocka_unit_test(what_stations_say_survives_apply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
