/* What an apply file may say: the one description that parser, writer and schema work from. */
#include <string.h>
#include <strings.h>

#include "cmd/noxd/apply_file.h"

#define AT(type, member) .offset = offsetof(type, member)
#define N(array)         (sizeof(array) / sizeof((array)[0]))

enum { ID_MAX = 48, TEXT_MAX = 120, LONG_TEXT_MAX = 500, AMPS_MAX_MA = 10000000 };

static const char *const kind_words[] = { "connection", "transformer", "feeder",
                                          "cabinet",    "circuit",     NULL };
static const char *const green_words[] = { "off", "co2", "price", NULL };
static const char *const unit_words[] = { "A", "mA", "W", "kW", NULL };
static const char *const path_words[] = { "l1", "l2", "l3", "at", NULL };

/* The first tells whether there is a meter: 0 is none. */
static const struct apply_field meter_fields[] = {
    { "silent_after_s", APPLY_INT, false, AT(struct store_grid_node, meter_silent_after_s),
      .min = 10, .max = 86400,
      .what = "seconds without a reading until silent_a is assumed; default: 300",
      .example = "300" },
    { "guard_a", APPLY_AMPS3, true, AT(struct store_grid_node, meter_guard_ma), .max = AMPS_MAX_MA,
      .what = "added to each reading: what other load may rise by until the next one has had its "
              "effect",
      .example = "6" },
    { "silent_a", APPLY_AMPS3, true, AT(struct store_grid_node, meter_silent_ma),
      .max = AMPS_MAX_MA, .what = "other load that is assumed while the meter is silent",
      .example = "[40, 40, 40]" },
    { "includes_charging", APPLY_BOOL, false, AT(struct store_grid_node, meter_includes),
      .what = "the current of the charging points below is in the reading; it is taken out of it" },
    { "device", APPLY_TEXT, false, AT(struct store_grid_node, meter_device), .max = TEXT_MAX,
      .what = "its EUI or device id in the uplinks of a LoRaWAN network server",
      .example = "\"A84041B931837A0A\"" },
    { "fields", APPLY_PATHS, false, AT(struct store_grid_node, meter_fields), .words = path_words,
      .what = "where the currents of L1, L2, L3 (and the time) stand in an uplink: names with "
              "dots between; default: l1_a, l2_a, l3_a of the decoded payload",
      .example = "{\"l1\": \"decoded_payload.phase.1.current\"}" },
    { "unit", APPLY_WORD, false, AT(struct store_grid_node, meter_unit), .words = unit_words,
      .what = "of those values: A, mA, or W and kW per phase (at 230 V); default: A",
      .example = "\"A\"" },
};
static const struct apply_object meter_object = { "meter", "a live meter of the load at a node",
                                                  meter_fields, N(meter_fields),
                                                  sizeof(struct store_grid_node) };

static const struct apply_field grid_fields[] = {
    { "id", APPLY_ID, true, AT(struct store_grid_node, id), .max = ID_MAX,
      .what = "name of the node, unique", .example = "\"DO-KAISER\"" },
    { "parent", APPLY_ID, false, AT(struct store_grid_node, parent), .max = ID_MAX,
      .what = "node it is fed from; none for the grid connection itself",
      .example = "\"DO-ONS-KAISER\"" },
    { "name", APPLY_TEXT, false, AT(struct store_grid_node, name), .max = TEXT_MAX,
      .what = "for people; default: the id" },
    { "limit_a", APPLY_AMPS3, true, AT(struct store_grid_node, limit_ma), .max = AMPS_MAX_MA,
      .what = "most current per phase, amperes: one number, or a list for L1, L2, L3",
      .example = "63" },
    { "foreign_a", APPLY_AMPS3, false, AT(struct store_grid_node, foreign_ma), .max = AMPS_MAX_MA,
      .what = "reserved per phase for other load below this node, amperes",
      .example = "[10, 10, 10]" },
    { "single_phase_max_a", APPLY_AMPS, false, AT(struct store_grid_node, single_max_ma),
      .max = AMPS_MAX_MA,
      .what = "most current of all single-phase sessions per phase (unbalance); 0 = no such rule" },
    { "kind", APPLY_WORD, false, AT(struct store_grid_node, kind), .words = kind_words,
      .what = "what it is, for people", .example = "\"feeder\"" },
    { "latitude", APPLY_DEGREES, false, AT(struct store_grid_node, lat_e7), .min = -900000000,
      .max = 900000000, .fallback = STORE_ABSENT,
      .what = "degrees (WGS 84), for the sun in calendars here and below", .example = "51.5142" },
    { "longitude", APPLY_DEGREES, false, AT(struct store_grid_node, lon_e7), .min = -1800000000,
      .max = 1800000000, .fallback = STORE_ABSENT, .what = "degrees (WGS 84), east is positive",
      .example = "7.4762" },
    { "calendar", APPLY_CALENDAR, false, AT(struct store_grid_node, calendar),
      .what = "windows of the week with a lower limit_a, or with a reserve_a for other load; edges "
              "are local times, or sunrise, sunset, dawn, dusk with an offset in minutes; all "
              "windows that are open count",
      .example = "[{\"days\": \"Mo-Fr\", \"from\": \"17:00\", \"to\": \"21:00\", "
                 "\"limit_a\": 40}, {\"from\": \"dusk-15\", \"to\": \"dawn+15\", "
                 "\"reserve_a\": [6, 6, 6]}]" },
    { "foreign_by_hour_a", APPLY_HOURS, false, AT(struct store_grid_node, foreign_by_hour),
      .what = "other load by local hour, in place of foreign_a: 24 currents of a day, or 168 of a "
              "week from Monday 00:00" },
    { "meter", APPLY_OBJECT, false, .object = &meter_object,
      .what = "a live meter of the other load here; while it speaks it counts in place of "
              "foreign_a and foreign_by_hour_a",
      .example = "{\"guard_a\": 6, \"silent_a\": 40}" },
    { "green", APPLY_CHOICE, false, AT(struct store_grid_node, green), .words = green_words,
      .what = "move what can wait into hours with little CO2, or a low price",
      .example = "\"off\"" },
};
static const struct apply_object grid_object = { "grid node", "a connection, a feeder, a circuit",
                                                 grid_fields, N(grid_fields),
                                                 sizeof(struct store_grid_node) };

static const struct apply_field connector_fields[] = {
    { "id", APPLY_INT, true, AT(struct store_connector, connector), .min = 1, .max = 64,
      .what = "number of the connector at the station, from 1", .example = "1" },
    { "evse_id", APPLY_ID, false, AT(struct store_connector, evse_id), .max = ID_MAX,
      .what = "public id of the charging point", .example = "\"DE*DOX*E0001*1\"" },
    { "max_w", APPLY_INT, false, AT(struct store_connector, max_w), .max = 1000000,
      .what = "most power, W; 0 or left out: 230 V x rating x phases", .example = "11040" },
};
static const struct apply_object connector_object = { "connector", "one socket or cable",
                                                      connector_fields, N(connector_fields),
                                                      sizeof(struct store_connector) };

static const char *const wiring_words[] = { "RST", "STR", "TRS", "RTS", "TSR", "SRT", "R",  "S",
                                            "T",   "RS",  "ST",  "TR",  "SR",  "TS",  "RT", NULL };
static const char *const class_words[] = { "leasing",   "sticky", "forgetful",
                                           "unmanaged", "auto",   NULL };

static const struct apply_field station_fields[] = {
    { "id", APPLY_ID, true, AT(struct store_station, id), .max = ID_MAX,
      .what = "chargePointId: the last part of the URL the station connects to",
      .example = "\"DO-L0001\"" },
    { "security_profile", APPLY_INT, false, AT(struct store_station, security_profile), .max = 3,
      .fallback = 1,
      .what = "0 no key (closed networks only), 1 ws and key, 2 wss and key, 3 wss and client "
              "certificate",
      .example = "1" },
    { "grid_node", APPLY_ID, false, AT(struct store_station, grid_node), .max = ID_MAX,
      .what = "node it hangs on; without one its current is not managed",
      .example = "\"DO-KAISER\"" },
    { "wiring", APPLY_WORD, false, AT(struct store_station, wiring), .fallback_text = "RST",
      .words = wiring_words,
      .what = "grid phases (R = L1, S = L2, T = L3) on the station's terminals L1, L2, L3",
      .example = "\"RST\"" },
    { "rating_a", APPLY_AMPS, false, AT(struct store_station, rating_ma), .min = 6000,
      .max = 500000, .fallback = 16000, .what = "most current per phase that it can give, amperes",
      .example = "16" },
    { "safe_a", APPLY_AMPS, false, AT(struct store_station, safe_ma), .max = 500000,
      .what = "current it falls back to when nobody talks to it: 0, or at least min_a",
      .example = "6" },
    { "min_a", APPLY_AMPS, false, AT(struct store_station, min_ma), .min = 6000, .max = 500000,
      .fallback = 6000, .what = "least useful current, amperes (IEC 61851-1: 6)" },
    { "weight", APPLY_INT, false, AT(struct store_station, weight), .min = 1, .max = 1000,
      .fallback = 1, .what = "its share when there is not enough for all" },
    { "priority", APPLY_INT, false, AT(struct store_station, priority), .max = 9,
      .what = "larger is served first, whatever the weights: 0 (normal) to 9" },
    { "class", APPLY_CHOICE, false, AT(struct store_station, class), .words = class_words,
      .fallback = 4,
      .what = "how it behaves when a limit ends: auto as evidence shows, until then sticky; "
              "leasing falls to safe_a; sticky keeps the last limit; forgetful and unmanaged count "
              "at rating_a always" },
    { "tariff", APPLY_ID, false, AT(struct store_station, tariff), .max = ID_MAX,
      .what = "id of a tariff; without one its sessions cost nothing",
      .example = "\"LATERNE-2026\"" },
    { "operator", APPLY_ID, false, AT(struct store_station, operator_id), .max = ID_MAX,
      .what = "id of the operator", .example = "\"DE*DOX\"" },
    { "district", APPLY_TEXT, false, AT(struct store_station, district), .max = TEXT_MAX,
      .what = "part of the town, for reports", .example = "\"Innenstadt-Ost\"" },
    { "street", APPLY_TEXT, false, AT(struct store_station, street), .max = TEXT_MAX,
      .what = "where it stands", .example = "\"Kaiserstraße\"" },
    { "house_no", APPLY_TEXT, false, AT(struct store_station, house_no), .max = 20,
      .what = "nearest house number", .example = "\"3\"" },
    { "postcode", APPLY_TEXT, false, AT(struct store_station, postcode), .max = 20,
      .what = "as text", .example = "\"44135\"" },
    { "city", APPLY_TEXT, false, AT(struct store_station, city), .max = TEXT_MAX, .what = "town",
      .example = "\"Dortmund\"" },
    { "lat", APPLY_DEGREES, false, AT(struct store_station, lat_e7), .min = -900000000,
      .max = 900000000, .fallback = STORE_ABSENT, .what = "latitude, degrees (WGS 84)",
      .example = "51.5142" },
    { "lon", APPLY_DEGREES, false, AT(struct store_station, lon_e7), .min = -1800000000,
      .max = 1800000000, .fallback = STORE_ABSENT, .what = "longitude, degrees (WGS 84)",
      .example = "7.4762" },
    { "meter_serial", APPLY_TEXT, false, AT(struct store_station, meter_serial), .max = TEXT_MAX,
      .what = "serial number of its meter" },
    { "strict", APPLY_BOOL, false, AT(struct store_station, strict),
      .what = "refuse messages that break the standard (for acceptance tests)" },
    { "lax_subprotocol", APPLY_BOOL, false, AT(struct store_station, lax_subprotocol),
      .what = "let it in although it names no websocket subprotocol" },
    { "certificate_cn", APPLY_TEXT, false, AT(struct store_station, certificate_cn), .max = 64,
      .what = "CN of its client certificate where that is not its id: its serial number",
      .example = "\"SN-4711\"" },
    { "groups", APPLY_NAMES, false, AT(struct store_station, groups), .max = 40,
      .what = "names of the groups it is in: tags with groups may charge where one of theirs is",
      .example = "[\"nord\", \"fleet-1\"]" },
    { "groups_only", APPLY_BOOL, false, AT(struct store_station, groups_only),
      .what = "only tags that have one of its groups may charge here" },
    { "local_list", APPLY_BOOL, false, AT(struct store_station, local_list), .fallback = 1,
      .what = "keep its local authorization list, if it supports one" },
    { "connectors", APPLY_LIST, false, .object = &connector_object,
      .what = "its sockets; a new station without this list gets connector 1",
      .example = "[{\"id\": 1, \"evse_id\": \"DE*DOX*E0001*1\", \"max_w\": 11040}]" },
};
static const struct apply_object station_object = { "station", "a charge point", station_fields,
                                                    N(station_fields),
                                                    sizeof(struct store_station) };

static const char *const auth_kind_words[] = { "rfid", "app", "direct", NULL };
static const char *const tag_status_words[] = { "Accepted", "Blocked", NULL };

static const struct apply_field tag_fields[] = {
    { "id_tag", APPLY_TEXT, true, AT(struct store_tag, id_tag), .max = 20,
      .what = "what stations send as idTag; upper and lower case are the same",
      .example = "\"04D001A7C3E1F1\"" },
    { "parent_id_tag", APPLY_TEXT, false, AT(struct store_tag, parent_id_tag), .max = 20,
      .what = "group: tags of one group may end each other's sessions" },
    { "customer", APPLY_TEXT, false, AT(struct store_tag, customer), .max = TEXT_MAX,
      .what = "who pays", .example = "\"C-1001\"" },
    { "auth_kind", APPLY_WORD, false, AT(struct store_tag, auth_kind), .words = auth_kind_words,
      .what = "what the tag is" },
    { "status", APPLY_CHOICE, false, AT(struct store_tag, status), .min = STORE_AUTH_ACCEPTED,
      .fallback = STORE_AUTH_ACCEPTED, .words = tag_status_words,
      .what = "Blocked: no new sessions" },
    { "expires", APPLY_DAY_END, false, AT(struct store_tag, expires_at_ms),
      .fallback = STORE_ABSENT,
      .what = "last day on which it is valid (local), or an instant with time and zone",
      .example = "\"2027-12-31\"" },
    { "single_session", APPLY_BOOL, false, AT(struct store_tag, single_session),
      .what = "a second session at the same time is refused (ConcurrentTx)" },
    { "groups", APPLY_NAMES, false, AT(struct store_tag, groups), .max = 40,
      .what = "it may charge only at stations that have one of these groups; none: everywhere",
      .example = "[\"nord\"]" },
};
static const struct apply_object tag_object = { "tag", "an RFID tag or app token", tag_fields,
                                                N(tag_fields), sizeof(struct store_tag) };

static const struct apply_field blocking_fields[] = {
    { "after_min", APPLY_MINUTES, true, AT(struct store_tariff, blocking_after_s),
      .max = 60 * 100000, .fallback = -1,
      .what = "minutes from the start of the session that are free", .example = "240" },
    { "per_min", APPLY_MONEY_E4, true, AT(struct store_tariff, blocking_e4_per_min), .max = 1000000,
      .what = "price of each further minute, as text", .example = "\"0.10\"" },
    { "from", APPLY_CLOCK, false, AT(struct store_tariff, blocking_from_min), .max = 1440,
      .what = "local time of day from which minutes count; from = to: all day",
      .example = "\"08:00\"" },
    { "to", APPLY_CLOCK, false, AT(struct store_tariff, blocking_to_min), .max = 1440,
      .what = "local time of day to which minutes count", .example = "\"22:00\"" },
    { "cap", APPLY_CENTS, false, AT(struct store_tariff, blocking_cap_cents), .max = 1000000,
      .fallback = -1, .what = "most per session, as text", .example = "\"12.00\"" },
};
static const struct apply_object blocking_object = { "blocking fee", "a fee for staying long",
                                                     blocking_fields, N(blocking_fields), 0 };

static const struct apply_field tariff_fields[] = {
    { "id", APPLY_ID, true, AT(struct store_tariff, id), .max = ID_MAX,
      .what = "name of the tariff; its versions share it", .example = "\"LATERNE-2026\"" },
    { "version", APPLY_INT, false, AT(struct store_tariff, version), .min = 1, .max = 1000000,
      .fallback = 1, .what = "a change of price is a new version; sessions keep theirs",
      .example = "1" },
    { "valid_from", APPLY_DAY_BEGIN, true, AT(struct store_tariff, valid_from_ms),
      .what = "first day (local) of sessions that start with this version",
      .example = "\"2026-01-01\"" },
    { "currency", APPLY_WORD, false, AT(struct store_tariff, currency), .fallback_text = "EUR",
      .words = (const char *const[]){ "EUR", "CHF", "GBP", "DKK", "SEK", "NOK", "PLN", "CZK", "HUF",
                                      "RON", "USD", NULL },
      .what = "ISO 4217" },
    { "prices_include_vat", APPLY_BOOL, false, AT(struct store_tariff, tax_included), .fallback = 1,
      .what = "prices are gross" },
    { "vat_percent", APPLY_PERCENT, false, AT(struct store_tariff, vat_bp), .max = 10000,
      .fallback = 1900, .what = "value added tax", .example = "19" },
    { "price_per_kwh", APPLY_MONEY_E4, true, AT(struct store_tariff, price_e4_per_kwh),
      .max = 1000000, .what = "as text, at most four decimals", .example = "\"0.4900\"" },
    { "per_session", APPLY_CENTS, false, AT(struct store_tariff, flat_cents), .max = 1000000,
      .what = "flat fee of each session, as text", .example = "\"0.00\"" },
    { "blocking", APPLY_OBJECT, false, .object = &blocking_object,
      .what = "fee for staying long; null = none" },
    { "text_de", APPLY_TEXT, false, AT(struct store_tariff, alt_text_de), .max = LONG_TEXT_MAX,
      .what = "the tariff in German words" },
    { "text_en", APPLY_TEXT, false, AT(struct store_tariff, alt_text_en), .max = LONG_TEXT_MAX,
      .what = "the tariff in English words" },
};
static const struct apply_object tariff_object = { "tariff", "one version of a tariff",
                                                   tariff_fields, N(tariff_fields),
                                                   sizeof(struct store_tariff) };

static const char *const factor_kind_words[] = { "grid_location", "grid_market",  "consumption",
                                                 "nox_tailpipe",  "co2_tailpipe", NULL };
static const char *const factor_unit_words[] = { "g/kWh", "kWh/100km", "g/km", NULL };
static const char *const factor_state_words[] = { "final", "preliminary", "estimated", "assumed",
                                                  NULL };
#define FACTOR_MAX 1000000000000

static const struct apply_field factor_fields[] = {
    { "kind", APPLY_WORD, true, AT(struct store_factor, kind), .words = factor_kind_words,
      .what = "what it converts", .example = "\"grid_location\"" },
    { "year", APPLY_INT, true, AT(struct store_factor, year), .min = 1990, .max = 2100,
      .what = "the year that the value describes", .example = "2024" },
    { "value", APPLY_MICRO, false, AT(struct store_factor, mid_e6), .max = FACTOR_MAX,
      .fallback = STORE_ABSENT, .what = "the value, when there is one; else low, mid and high",
      .example = "363" },
    { "low", APPLY_MICRO, false, AT(struct store_factor, low_e6), .max = FACTOR_MAX,
      .fallback = STORE_ABSENT, .what = "lower end of a range" },
    { "mid", APPLY_MICRO, false, AT(struct store_factor, mid_e6), .max = FACTOR_MAX,
      .fallback = STORE_ABSENT, .what = "middle of a range" },
    { "high", APPLY_MICRO, false, AT(struct store_factor, high_e6), .max = FACTOR_MAX,
      .fallback = STORE_ABSENT, .what = "upper end of a range" },
    { "unit", APPLY_WORD, true, AT(struct store_factor, unit), .words = factor_unit_words,
      .what = "grid_*: g/kWh; consumption: kWh/100km; *_tailpipe: g/km", .example = "\"g/kWh\"" },
    { "state", APPLY_WORD, true, AT(struct store_factor, state), .words = factor_state_words,
      .what = "how sure it is", .example = "\"estimated\"" },
    { "source", APPLY_TEXT, true, AT(struct store_factor, source), .max = LONG_TEXT_MAX,
      .what = "publication it is taken from", .example = "\"UBA Climate Change 13/2025\"" },
    { "revised", APPLY_DATE_TEXT, false, AT(struct store_factor, revised),
      .what = "date of the publication or of reading it", .example = "\"2025-04-15\"" },
};
static const struct apply_object factor_object = { "factor", "an emission factor", factor_fields,
                                                   N(factor_fields), sizeof(struct store_factor) };

static const struct apply_field match_fields[] = {
    { "vendor", APPLY_TEXT, false, AT(struct store_template, vendor), .max = TEXT_MAX,
      .what = "as the station says it; * is any text, ? any character; case does not count",
      .example = "\"NOX*\"" },
    { "model", APPLY_TEXT, false, AT(struct store_template, model), .max = TEXT_MAX,
      .what = "likewise", .example = "\"Lamp-11*\"" },
    { "firmware", APPLY_TEXT, false, AT(struct store_template, firmware), .max = TEXT_MAX,
      .what = "likewise", .example = "\"1.4.*\"" },
    { "stations", APPLY_NAMES, false, AT(struct store_template, stations), .max = ID_MAX,
      .what = "ids of stations, with * and ?", .example = "[\"DO-L00*\"]" },
    { "groups", APPLY_NAMES, false, AT(struct store_template, groups), .max = 40,
      .what = "stations in one of these groups, with * and ?", .example = "[\"nord\"]" },
};
static const struct apply_object match_object = { "match", "which stations a template is for",
                                                  match_fields, N(match_fields), 0 };

static const struct apply_field template_fields[] = {
    { "id", APPLY_ID, true, AT(struct store_template, id), .max = ID_MAX,
      .what = "name of the template", .example = "\"lamp-defaults\"" },
    { "match", APPLY_OBJECT, false, .object = &match_object,
      .what = "which stations it is for; left out: all", .example = "{\"model\": \"Lamp-11*\"}" },
    { "priority", APPLY_INT, false, AT(struct store_template, priority), .min = -1000, .max = 1000,
      .what = "the higher outranks; then what matches more narrowly" },
    { "reboot", APPLY_BOOL, false, AT(struct store_template, reboot),
      .what = "reset a station that is idle when new values wait for a reboot" },
    { "keys", APPLY_KEYS, true, AT(struct store_template, keys),
      .what = "configuration keys and the values they shall have; null: leave it as it is",
      .example = "{\"HeartbeatInterval\": 300, \"LocalAuthorizeOffline\": true}" },
};
static const struct apply_object template_object = { "template",
                                                     "configuration that stations shall have",
                                                     template_fields, N(template_fields),
                                                     sizeof(struct store_template) };

/* --- order by key --- */

static int by_node(const void *a, const void *b)
{
    const struct store_grid_node *x = *(const struct store_grid_node *const *)a;
    const struct store_grid_node *y = *(const struct store_grid_node *const *)b;
    return strcmp(x->id, y->id);
}

static int by_station(const void *a, const void *b)
{
    const struct store_station *x = *(const struct store_station *const *)a;
    const struct store_station *y = *(const struct store_station *const *)b;
    return strcmp(x->id, y->id);
}

static int by_connector(const void *a, const void *b)
{
    const struct store_connector *x = *(const struct store_connector *const *)a;
    const struct store_connector *y = *(const struct store_connector *const *)b;
    int order = strcmp(x->station, y->station);
    return order != 0 ? order : (x->connector > y->connector) - (x->connector < y->connector);
}

static int by_tag(const void *a, const void *b)
{
    const struct store_tag *x = *(const struct store_tag *const *)a;
    const struct store_tag *y = *(const struct store_tag *const *)b;
    return strcasecmp(x->id_tag, y->id_tag);
}

static int by_tariff(const void *a, const void *b)
{
    const struct store_tariff *x = *(const struct store_tariff *const *)a;
    const struct store_tariff *y = *(const struct store_tariff *const *)b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->version > y->version) - (x->version < y->version);
}

static int by_factor(const void *a, const void *b)
{
    const struct store_factor *x = *(const struct store_factor *const *)a;
    const struct store_factor *y = *(const struct store_factor *const *)b;
    int order = strcmp(x->kind, y->kind);
    return order != 0 ? order : (x->year > y->year) - (x->year < y->year);
}

static int by_template(const void *a, const void *b)
{
    const struct store_template *x = *(const struct store_template *const *)a;
    const struct store_template *y = *(const struct store_template *const *)b;
    return strcmp(x->id, y->id);
}

#define IN_SITE(member, n) offsetof(struct store_site, member), offsetof(struct store_site, n)

const struct apply_list apply_lists[APPLY_LISTS] = {
    [APPLY_GRID] = { "grid",
                     "the tree of shared connections",
                     &grid_object,
                     { "id", NULL },
                     IN_SITE(grid, n_grid),
                     by_node },
    [APPLY_STATIONS] = { "stations",
                         "charge points",
                         &station_object,
                         { "id", NULL },
                         IN_SITE(station, n_stations),
                         by_station },
    [APPLY_TAGS] = { "tags",
                     "who may charge",
                     &tag_object,
                     { "id_tag", NULL },
                     IN_SITE(tag, n_tags),
                     by_tag },
    [APPLY_TARIFFS] = { "tariffs",
                        "what it costs",
                        &tariff_object,
                        { "id", "version" },
                        IN_SITE(tariff, n_tariffs),
                        by_tariff },
    [APPLY_FACTORS] = { "factors",
                        "emission factors, each with its source",
                        &factor_object,
                        { "kind", "year" },
                        IN_SITE(factor, n_factors),
                        by_factor },
    [APPLY_TEMPLATES] = { "templates",
                          "configuration that stations shall have",
                          &template_object,
                          { "id", NULL },
                          IN_SITE(config_template, n_templates),
                          by_template },
};

const struct apply_list apply_connector_list = {
    "connectors", "sockets", &connector_object, { "id", NULL }, IN_SITE(connector, n_connectors),
    by_connector
};
