/* The report: golden page of the example month, corrections, factors of the store. */
#include "tests/storage/billing/ledger.h"

#include "storage/billing/cdr.h"
#include "storage/emissions/report.h"
#include "tests/storage/billing/page.h"

static int open_ledger(void **state)
{
    struct ledger *l = calloc(1, sizeof(*l));
    assert_non_null(l);
    ledger_open(l);
    *state = l;
    return 0;
}

static int close_ledger(void **state)
{
    ledger_close(*state);
    free(*state);
    return 0;
}

static enum store_rc report(struct ledger *l, const char *month, enum co2_by by,
                            enum co2_format format, struct page *page,
                            struct co2_report_result *ret_result)
{
    char text[256] = "";
    struct reader *reader = NULL;
    if (reader_open(l->path, &reader, text, sizeof(text)) != STORE_OK)
        fail_msg("%s", text);
    enum store_rc rc = co2_report(reader, month, by, format, page_sink(page), ret_result);
    reader_close(reader);
    return rc;
}

static void tell_the_example_month(struct ledger *l)
{
    ledger_visit(l, (struct visit){ .from = "2026-10-01T08:00:00",
                                    .to = "2026-10-02T08:00:00",
                                    .end_wh = 12345678 });
    ledger_visit(l, (struct visit){ .station = "L0018",
                                    .from = "2026-10-01T08:00:00",
                                    .to = "2026-10-31T22:59:59",
                                    .end_wh = 8765432 });
    ledger_visit(l, (struct visit){ .station = "L0018",
                                    .from = "2026-10-31T22:59:59",
                                    .to = "2026-10-31T23:00:00", /* November */
                                    .begin_wh = 8765432,
                                    .end_wh = 8765433 });
}

static const char table[] =
    "Emissions of charging, 2026-10 (month of Europe/Berlin)\n"
    "NOx and tailpipe: avoided by cars not driven, a modelled range; net: avoided CO2 less grid CO2.\n"
    "\n"
    "district        sessions    energy grid CO2 driven NOx low NOx mid NOx high tailpipe net CO2\n"
    "                               kWh       kg km mid      kg      kg       kg   kg mid  kg mid\n"
    "Innenstadt-Nord        1  8765.432 3181.852  43827   2.191   8.327   24.653   6574.1  3392.2\n"
    "Innenstadt-West        1 12345.678 4481.481  61728   3.086  11.728   34.722   9259.3  4777.8\n"
    "total                  2 21111.110 7663.333 105555   5.277  20.055   59.375  15833.4  8170.0\n"
    "\n"
    "Factors (low / mid / high effect where they differ)\n"
    "grid_location  2024  363 g/kWh, estimated, revised 2026-11-23\n"
    "                     UBA Climate Change 13/2025, p. 21\n"
    "consumption    2016  24 / 20 / 16 kWh/100km, assumed, revised 2026-11-23\n"
    "                     choice within ADAC Ecotest 15.5 to 29.7 kWh/100km and charging losses of 10 to\n"
    "                     25 %\n"
    "nox_tailpipe   2026  0.06 / 0.19 / 0.45 g/km, assumed, revised 2026-11-23\n"
    "                     low: limit of Euro 6; mid: car fleet 2026, from the trend of UBA Texte\n"
    "                     101/2025; high: car fleet 2016\n"
    "co2_tailpipe   2016  140 / 150 / 160 g/km, assumed, revised 2026-11-23\n"
    "                     about 150 g/km: fuel of cars 2018 (TREMOD, UBA) by their distance (KBA)\n"
    "Avoided NOx per kWh, low / mid / high: 0.25 / 0.95 / 2.81 g.\n"
    "\n"
    "Method\n";

static void check_width(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++) {
        width = *text == '\n' ? 0 : width + (((unsigned char)*text & 0xC0) != 0x80);
        if (width > 100)
            fail_msg("a line is wider than 100: %.100s", text - 100);
    }
}

static void the_example_as_table(void **state)
{
    struct ledger *l = *state;
    struct page page = { .text = NULL };
    struct co2_report_result result;
    tell_the_example_month(l);
    check_int("report", report(l, "2026-10", CO2_BY_DISTRICT, CO2_TABLE, &page, &result), STORE_OK);
    if (page.n < sizeof(table) - 1 || memcmp(page.text, table, sizeof(table) - 1) != 0)
        fail_msg("the page is\n%s\nand not\n%s", page.text, table);
    assert_non_null(strstr(page.text, "\nLimits\n- What is avoided is a comparison"));
    assert_non_null(strstr(page.text, "fewer than 5 sessions"));
    check_width(page.text);
    page_done(&page);
    check_int("rows", result.rows, 2);
    check_int("sessions", result.sessions, 2);
    check_int("energy", result.energy_wh, 21111110);
    check_int("grid", result.co2_location_g, 7663333);
    check_int("NOx low", result.nox_avoided_g[0], 5277);
    check_int("NOx mid", result.nox_avoided_g[1], 20055);
    check_int("NOx high", result.nox_avoided_g[2], 59375);
    check_int("tailpipe mid", result.tailpipe_g[1], 15833400);
}

static const char machine[] =
    "period,operator,district,station,points,sessions,energy_kwh,estimated_kwh,co2_location_kg,"
    "co2_market_kg,co2_hourly_kg,hourly_coverage_pct,km_low,km_mid,km_high,nox_avoided_kg_low,"
    "nox_avoided_kg_mid,nox_avoided_kg_high,co2_tailpipe_kg_low,co2_tailpipe_kg_mid,"
    "co2_tailpipe_kg_high,co2_net_kg_low,co2_net_kg_mid,co2_net_kg_high,factor_set,edition\r\n"
    "2026-10,DE*XYZ,Innenstadt-Nord,,1,1,8765.432,0.000,3181.852,,,,36523,43827,54784,2.191,8.327,"
    "24.653,5113.2,6574.1,8765.4,1931.3,3392.2,5583.6,\"grid_location@2024;"
    "consumption@2016;nox_tailpipe@2026;co2_tailpipe@2016\",\r\n"
    "2026-10,DE*XYZ,Innenstadt-West,,1,1,12345.678,0.000,4481.481,,,,51440,61728,77160,3.086,11.728,"
    "34.722,7201.6,9259.3,12345.7,2720.2,4777.8,7864.2,\"grid_location@2024;"
    "consumption@2016;nox_tailpipe@2026;co2_tailpipe@2016\",\r\n";

static const char german[] =
    "\xEF\xBB\xBFZeitraum;Betreiber;Stadtbezirk;Station;Ladepunkte;Ladevorgänge;Energie [kWh];"
    "davon geschätzt [kWh];CO2 ortsbasiert [kg];CO2 marktbasiert [kg];CO2 stündlich [kg];"
    "Abdeckung [%];Fahrleistung niedrig [km];Fahrleistung mittel [km];Fahrleistung hoch [km];"
    "vermiedene NOx niedrig [kg];vermiedene NOx mittel [kg];vermiedene NOx hoch [kg];"
    "vermiedenes Auspuff-CO2 niedrig [kg];vermiedenes Auspuff-CO2 mittel [kg];"
    "vermiedenes Auspuff-CO2 hoch [kg];CO2 netto niedrig [kg];CO2 netto mittel [kg];"
    "CO2 netto hoch [kg];Faktorensatz;Ausgabe\r\n"
    "2026-10;DE*XYZ;Innenstadt-Nord;L0018;1;1;8765,432;0,000;3181,852;;;;36523;43827;54784;2,191;"
    "8,327;24,653;5113,2;6574,1;8765,4;1931,3;3392,2;5583,6;\"grid_location@2024;"
    "consumption@2016;nox_tailpipe@2026;co2_tailpipe@2016\";\r\n"
    "2026-10;DE*XYZ;Innenstadt-West;L0017;1;1;12345,678;0,000;4481,481;;;;51440;61728;77160;3,086;"
    "11,728;34,722;7201,6;9259,3;12345,7;2720,2;4777,8;7864,2;\"grid_location@2024;"
    "consumption@2016;nox_tailpipe@2026;co2_tailpipe@2016\";\r\n";

static void the_example_as_csv(void **state)
{
    struct ledger *l = *state;
    struct page page = { .text = NULL };
    struct co2_report_result result;
    tell_the_example_month(l);
    check_int("report", report(l, "2026-10", CO2_BY_DISTRICT, CO2_CSV_MACHINE, &page, &result),
              STORE_OK);
    check_text("machine", page.text, machine);
    page_done(&page);
    check_int("report", report(l, "2026-10", CO2_BY_STATION, CO2_CSV_GERMAN, &page, &result),
              STORE_OK);
    check_text("German", page.text, german);
    page_done(&page);
}

static void check_result(struct ledger *l, const char *why, const char *month, int64_t rows,
                         int64_t sessions, int64_t energy_wh)
{
    struct page page = { .text = NULL };
    struct co2_report_result result;
    check_int(why, report(l, month, CO2_BY_STATION, CO2_JSON, &page, &result), STORE_OK);
    check_int(why, result.rows, rows);
    check_int(why, result.sessions, sessions);
    check_int(why, result.energy_wh, energy_wh);
    page_done(&page);
}

/* Wherever they are booked, records count in the month in which the session ended, and once. */
static void corrections_count_once(void **state)
{
    struct ledger *l = *state;
    int64_t tx_id = ledger_visit(l, (struct visit){ .from = "2026-08-12T18:00:00",
                                                    .to = "2026-08-12T20:00:00",
                                                    .end_wh = 12000 });
    ledger_visit(l, (struct visit){ .station = "L0018", /* no energy: no session */
                                    .from = "2026-08-13T18:00:00",
                                    .to = "2026-08-13T20:00:00" });
    check_result(l, "first", "2026-08", 2, 1, 12000);
    ledger_sql(l, "INSERT INTO period VALUES ('2026-08', 'closed');"
                  "UPDATE session SET meter_stop_wh = 11500 WHERE meter_stop_wh = 12000");
    check_int("correct", cdr_correct(&l->db, tx_id, utc("2026-09-02T08:00:00"), NULL), STORE_OK);
    check_result(l, "corrected", "2026-08", 2, 1, 11500);
    check_result(l, "the month of booking", "2026-09", 0, 0, 0);
    ledger_sql(l, "UPDATE session SET meter_stop_wh = 0 WHERE meter_stop_wh = 11500");
    check_int("correct", cdr_correct(&l->db, tx_id, utc("2026-09-03T08:00:00"), NULL), STORE_OK);
    check_result(l, "taken back", "2026-08", 2, 0, 0);
}

static void an_empty_month_has_a_page(void **state)
{
    struct ledger *l = *state;
    struct page page = { .text = NULL };
    struct co2_report_result result;
    check_int("report", report(l, "2026-10", CO2_BY_DISTRICT, CO2_TABLE, &page, &result), STORE_OK);
    assert_non_null(strstr(page.text, "\ntotal            0"));
    check_int("rows", result.rows, 0);
    page_done(&page);
}

static void wide_and_nameless(void **state)
{
    struct ledger *l = *state;
    struct page page = { .text = NULL };
    struct co2_report_result result;
    ledger_sql(l,
               "UPDATE station SET district = 'Überaus langer Name eines Stadtbezirks mit Ümläuten'"
               " WHERE id = 'L0018'");
    tell_the_example_month(l);
    ledger_visit(l, (struct visit){ .station = "L0019",
                                    .from = "2026-10-05T08:00:00",
                                    .to = "2026-10-05T09:00:00",
                                    .end_wh = INT32_MAX });
    check_int("report", report(l, "2026-10", CO2_BY_DISTRICT, CO2_TABLE, &page, &result), STORE_OK);
    check_width(page.text);
    assert_non_null(strstr(page.text, "…"));
    assert_non_null(strstr(page.text, " (no d"));
    page_done(&page);
}

static void the_stores_factors(void **state)
{
    struct ledger *l = *state;
    struct page page = { .text = NULL };
    struct co2_report_result result;
    tell_the_example_month(l);
    ledger_sql(l,
               "INSERT INTO factor VALUES ('grid_location', 2025, 344500000, 344500000, 344500000,"
               " 'g/kWh', 'preliminary', 'UBA \"2027\"', '2027-04-15'),"
               " ('grid_market', 2026, 0, 0, 0, 'g/kWh', 'final', 'guarantees of origin', NULL)");
    check_int("report", report(l, "2026-10", CO2_BY_DISTRICT, CO2_JSON, &page, &result), STORE_OK);
    assert_non_null(strstr(page.text, "{\"kind\":\"grid_location\",\"year\":2025,\"value\":344.5,"
                                      "\"unit\":\"g/kWh\",\"state\":\"preliminary\",\"source\":"
                                      "\"UBA \\\"2027\\\"\",\"revised\":\"2027-04-15\","
                                      "\"applied_to\":2026}"));
    assert_non_null(strstr(page.text, "\"co2_location_g\":4253086,\"co2_market_g\":0,"));
    page_done(&page);
    ledger_sql(l, "INSERT INTO factor VALUES ('consumption', 2026, 0, 0, 0, 'kWh/100km', 'final',"
                  " 'nobody', NULL)");
    check_int("report", report(l, "2026-10", CO2_BY_DISTRICT, CO2_JSON, &page, &result),
              STORE_MISSING);
    check_text("in words", result.missing,
               "factor consumption of 2026 cannot be used: apply it again"
               " in kWh/100km, from 1 to 200");
    check_int("nothing is written", (int64_t)page.n, 0);
    check_int("no month", report(l, "2026", CO2_BY_DISTRICT, CO2_JSON, &page, &result),
              STORE_CONFLICT);
    check_int("too early", report(l, "2015-01", CO2_BY_DISTRICT, CO2_JSON, &page, &result),
              STORE_MISSING);
    page.limit = 10;
    check_int("stop", report(l, "2025-10", CO2_BY_DISTRICT, CO2_JSON, &page, &result),
              STORE_STOPPED);
    page_done(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_example_as_table, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(the_example_as_csv, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(corrections_count_once, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(an_empty_month_has_a_page, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(wide_and_nameless, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(the_stores_factors, open_ledger, close_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
