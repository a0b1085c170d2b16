/* The monthly list: golden bytes, repetition, other locales and zones, cells that bite. */
#include "tests/storage/billing/ledger.h"

#include <locale.h>
#include <openssl/evp.h>
#include <time.h>

#include "storage/billing/cdr.h"
#include "storage/billing/export.h"
#include "storage/billing/out.h"
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

static void export(struct ledger *l, const char *month, enum bill_format format,
                   struct page *ret_page, struct bill_export_result *ret_result)
{
    char text[256] = "";
    struct reader *reader = NULL;
    if (reader_open(l->path, &reader, text, sizeof(text)) != STORE_OK)
        fail_msg("%s", text);
    *ret_page = (struct page){ .text = NULL };
    check_int(month, bill_export(reader, month, format, page_sink(ret_page), ret_result), STORE_OK);
    reader_close(reader);
}

static void check_page(struct ledger *l, const char *why, enum bill_format format, const char *want)
{
    struct page page;
    struct bill_export_result result;
    export(l, "2026-10", format, &page, &result);
    check_text(why, page.text, want);
    page_done(&page);
}

/* A night across the end of summer time. */
static void the_worked_example(struct ledger *l)
{
    ledger_visit(l, (struct visit){ .from = "2026-10-24T20:15:00",
                                    .to = "2026-10-25T08:25:00",
                                    .begin_wh = 1000000,
                                    .end_wh = 1031207,
                                    .customer = "p:5f1c03a2" });
}

static const char german[] =
    "\xEF\xBB\xBF"
    "Belegnummer;CDR-ID;Art;Bezugsbeleg;Buchungsmonat;Leistungsmonat;Vorgang;OCPP-Transaktion;"
    "EVSE-ID;Station;Stadtbezirk;Beginn;Ende;Dauer [s];Zugang;Kundenbezug;Zählernummer;"
    "Zählerstand Beginn [kWh];Zählerstand Ende [kWh];Energie [kWh];Messwertstatus;Tarif;"
    "Arbeitspreis [EUR/kWh];Energiebetrag [EUR];Blockierminuten;Blockierentgelt [EUR];"
    "Sonstiges [EUR];Brutto [EUR];Netto [EUR];USt [%];USt-Betrag [EUR];Währung;Hinweise;Nachweis"
    "\r\n"
    "1;C-2026-000001;Normal;;2026-10;2026-10;S-000001;1;DE*XYZ*E0017*1;L0017;Innenstadt-West;"
    "2026-10-24T22:15:00+02:00;2026-10-25T09:25:00+01:00;43800;rfid;p:5f1c03a2;000044010001;"
    "1000,000;1031,207;31,207;unsigned;T-2026@1;0,4900;15,29;85;8,50;0,00;23,79;19,99;19,00;3,80;"
    "EUR;;\r\n";

static const char machine[] =
    "cdr_no,cdr_id,kind,ref_cdr_no,booking_period,service_period,session_id,transaction_id,evse_id,"
    "station_id,district,start_local,end_local,duration_s,auth_kind,customer_ref,meter_serial,"
    "meter_begin_kwh,meter_end_kwh,energy_kwh,value_state,tariff,energy_price,energy_amount,"
    "blocking_min,blocking_amount,other_amount,gross_amount,net_amount,vat_percent,vat_amount,"
    "currency,flags,evidence\r\n"
    "1,C-2026-000001,normal,,2026-10,2026-10,S-000001,1,DE*XYZ*E0017*1,L0017,Innenstadt-West,"
    "2026-10-24T22:15:00+02:00,2026-10-25T09:25:00+01:00,43800,rfid,p:5f1c03a2,000044010001,"
    "1000.000,1031.207,31.207,unsigned,T-2026@1,0.4900,15.29,85,8.50,0.00,23.79,19.99,19.00,3.80,"
    "EUR,,\r\n";

static const char json[] =
    "{\"period\":\"2026-10\",\"zone\":\"Europe/Berlin\",\"rows\":[\n"
    "{\"cdr_no\":1,\"cdr_id\":\"C-2026-000001\",\"kind\":\"normal\",\"ref_cdr_no\":null,"
    "\"booking_period\":\"2026-10\",\"service_period\":\"2026-10\",\"session_id\":\"S-000001\","
    "\"transaction_id\":1,\"evse_id\":\"DE*XYZ*E0017*1\",\"station_id\":\"L0017\","
    "\"district\":\"Innenstadt-West\",\"start_local\":\"2026-10-24T22:15:00+02:00\","
    "\"end_local\":\"2026-10-25T09:25:00+01:00\",\"duration_s\":43800,\"auth_kind\":\"rfid\","
    "\"customer_ref\":\"p:5f1c03a2\",\"meter_serial\":\"000044010001\",\"meter_begin_wh\":1000000,"
    "\"meter_end_wh\":1031207,\"energy_wh\":31207,\"value_state\":\"unsigned\","
    "\"tariff\":\"T-2026@1\",\"energy_price_e4\":4900,\"energy_cents\":1529,\"blocking_min\":85,"
    "\"blocking_cents\":850,\"other_cents\":0,\"gross_cents\":2379,\"net_cents\":1999,"
    "\"vat_bp\":1900,\"vat_cents\":380,\"currency\":\"EUR\",\"flags\":[],\"evidence\":null}\n"
    "],\"totals\":{\"rows\":1,\"energy_wh\":31207,\"gross_cents\":2379,\"net_cents\":1999,"
    "\"vat_cents\":380}}\n";

static void golden_bytes(void **state)
{
    struct ledger *l = *state;
    the_worked_example(l);
    check_page(l, "German", BILL_CSV_GERMAN, german);
    check_page(l, "machine", BILL_CSV_MACHINE, machine);
    check_page(l, "JSON", BILL_JSON, json);
}

static void an_empty_month(void **state)
{
    struct ledger *l = *state;
    check_page(
        l, "JSON", BILL_JSON,
        "{\"period\":\"2026-10\",\"zone\":\"Europe/Berlin\",\"rows\":[],\"totals\":{\"rows\":0,"
        "\"energy_wh\":0,\"gross_cents\":0,\"net_cents\":0,\"vat_cents\":0}}\n");
    struct page page;
    struct bill_export_result result;
    export(l, "2026-10", BILL_CSV_MACHINE, &page, &result);
    check_int("only the heading", (int64_t)page.n, (int64_t)(strchr(machine, '\n') + 1 - machine));
    page_done(&page);
}

static const char *const zones[] = { "UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Caracas" };
static const char *const locales[] = { "C",          "de_DE.UTF-8", "de_DE.utf8", "de_AT.utf8",
                                       "fr_FR.utf8", "ar_EG.utf8",  "tr_TR.utf8" };

/* Locales that are not installed change nothing, and so test nothing; LC_ALL is set anyway. */
static void other_locales_and_zones(void **state)
{
    struct ledger *l = *state;
    the_worked_example(l);
    for (size_t i = 0; i < ARRAY_SIZE(locales); i++) {
        setenv("LC_ALL", locales[i], 1);
        setenv("TZ", zones[i % ARRAY_SIZE(zones)], 1);
        tzset();
        if (setlocale(LC_ALL, "") != NULL)
            print_message("locale %s: decimal point \"%s\"\n", locales[i],
                          localeconv()->decimal_point);
        check_page(l, locales[i], BILL_CSV_GERMAN, german);
        check_page(l, locales[i], BILL_CSV_MACHINE, machine);
        check_page(l, locales[i], BILL_JSON, json);
    }
    setlocale(LC_ALL, "C");
}

static void check_digest(const struct page *page, const char *want)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    unsigned int n = 0;
    assert_true(EVP_Digest(page->text, page->n, digest, &n, EVP_sha256(), NULL) == 1);
    for (unsigned int i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    check_text("SHA-256", want, hex);
}

static void same_data_same_bytes(void **state)
{
    static const enum bill_format formats[] = { BILL_CSV_MACHINE, BILL_CSV_GERMAN, BILL_JSON };
    struct ledger *l = *state;
    ledger_fill_month(l);
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        struct page a, b;
        struct bill_export_result first, second;
        export(l, "2026-10", formats[i], &a, &first);
        export(l, "2026-10", formats[i], &b, &second);
        check_text("again", b.text, a.text);
        check_text("digest again", second.sha256, first.sha256);
        check_digest(&a, first.sha256);
        check_int("rows", first.rows, ledger_number(l, "SELECT count(*) FROM cdr"));
        check_int("energy", first.energy_wh, ledger_number(l, "SELECT sum(energy_wh) FROM cdr"));
        check_int("gross", first.gross_cents, ledger_number(l, "SELECT sum(gross_cents) FROM cdr"));
        check_int("net", first.net_cents, ledger_number(l, "SELECT sum(net_cents) FROM cdr"));
        check_int("vat", first.vat_cents, ledger_number(l, "SELECT sum(vat_cents) FROM cdr"));
        page_done(&a);
        page_done(&b);
    }
}

/* A closed month keeps its bytes while the next one takes corrections and the street changes. */
static void a_closed_month_never_changes(void **state)
{
    struct ledger *l = *state;
    struct page before, after;
    struct bill_export_result first, second;
    ledger_fill_month(l);
    ledger_sql(l, "INSERT INTO period VALUES ('2026-10', 'closed')");
    export(l, "2026-10", BILL_CSV_GERMAN, &before, &first);
    ledger_sql(l, "UPDATE session SET meter_stop_wh = meter_stop_wh - 100, flags = flags | 256,"
                  " auth_status = 2 WHERE tx_id = 11");
    check_int("correct", cdr_correct(&l->db, 11, utc("2026-11-02T08:00:00"), NULL), STORE_OK);
    ledger_sql(l, "UPDATE station SET district = 'Hombruch', operator_id = 'DE*NEW',"
                  " meter_serial = '9'; UPDATE connector SET evse_id = 'DE*NEW*E1';"
                  "UPDATE tariff SET price_e4_per_kwh = 9900");
    export(l, "2026-10", BILL_CSV_GERMAN, &after, &second);
    check_text("closed month", after.text, before.text);
    check_text("closed month", second.sha256, first.sha256);
    page_done(&before);
    page_done(&after);
}

static void what_is_no_month(void **state)
{
    struct ledger *l = *state;
    struct page page = { .text = NULL };
    struct bill_export_result result = { .rows = -7 };
    struct reader *reader = NULL;
    char text[256];
    check_int("open", reader_open(l->path, &reader, text, sizeof(text)), STORE_OK);
    check_int("month", bill_export(reader, "2026-13", BILL_JSON, page_sink(&page), &result),
              STORE_CONFLICT);
    check_int("nothing is written", (int64_t)page.n, 0);
    check_int("result is untouched", result.rows, -7);
    reader_close(reader);
}

static void a_sink_that_stops(void **state)
{
    struct ledger *l = *state;
    struct bill_export_result result;
    ledger_fill_month(l);
    for (size_t limit = 1; limit < 20000; limit += 4096) {
        struct page page = { .limit = limit };
        struct reader *reader = NULL;
        char text[256];
        check_int("open", reader_open(l->path, &reader, text, sizeof(text)), STORE_OK);
        check_int("stop", bill_export(reader, "2026-10", BILL_JSON, page_sink(&page), &result),
                  STORE_STOPPED);
        reader_close(reader);
        page_done(&page);
    }
}

/* --- cells --- */

struct cell {
    const char *text, *words;
    int64_t number;
};
static const struct out_word translations[] = { { "late", "Nachlauf" }, { NULL, NULL } };
static const struct out_column cell_columns[] = {
    { "text", "Text; mit", "text", OUT_TEXT, offsetof(struct cell, text), 0, translations },
    { "words", "Worte", "words", OUT_WORDS, offsetof(struct cell, words), 0, NULL },
    { "number", "Zahl", "number_e3", OUT_NUMBER, offsetof(struct cell, number), 3, NULL },
};

static const struct {
    const char *why;
    struct cell cell;
    const char *machine, *german, *json;
} cells[] = {
    { "absent",
      { NULL, NULL, STORE_ABSENT },
      ",,",
      ";;",
      "{\"text\":null,\"words\":[],\"number_e3\":null}" },
    { "formula =",
      { "=HYPERLINK(A1)", "a", 0 },
      "'=HYPERLINK(A1),a,0.000",
      "'=HYPERLINK(A1);a;0,000",
      "{\"text\":\"=HYPERLINK(A1)\",\"words\":[\"a\"],\"number_e3\":0}" },
    { "formula +",
      { "+1", "", -1 },
      "'+1,,-0.001",
      "'+1;;-0,001",
      "{\"text\":\"+1\",\"words\":[],\"number_e3\":-1}" },
    { "formula - , negative numbers are no text",
      { "-1", NULL, -5880 },
      "'-1,,-5.880",
      "'-1;;-5,880",
      "{\"text\":\"-1\",\"words\":[],\"number_e3\":-5880}" },
    { "formula @ with quotes",
      { "@SUM(\"a\")", NULL, 1000 },
      "\"'@SUM(\"\"a\"\")\",,1.000",
      "\"'@SUM(\"\"a\"\")\";;1,000",
      "{\"text\":\"@SUM(\\\"a\\\")\",\"words\":[],\"number_e3\":1000}" },
    { "tab",
      { "\t=1", NULL, 12 },
      "'\t=1,,0.012",
      "'\t=1;;0,012",
      "{\"text\":\"\\u0009=1\",\"words\":[],\"number_e3\":12}" },
    { "carriage return",
      { "\r=1", NULL, 1 },
      "\"'\r=1\",,0.001",
      "\"'\r=1\";;0,001",
      "{\"text\":\"\\u000d=1\",\"words\":[],\"number_e3\":1}" },
    { "separators and lines",
      { "a,b\n", "gap;late", 999 },
      "\"a,b\n\",\"gap;late\",0.999",
      "\"a,b\n\";\"gap;late\";0,999",
      "{\"text\":\"a,b\\u000a\",\"words\":[\"gap\",\"late\"],\"number_e3\":999}" },
    { "a word with its German",
      { "late", NULL, 1234567 },
      "late,,1234.567",
      "Nachlauf;;1234,567",
      "{\"text\":\"late\",\"words\":[],\"number_e3\":1234567}" },
    { "beyond ASCII",
      { "Köln \\ €", NULL, INT64_MAX },
      "Köln \\ €,,9223372036854775.807",
      "Köln \\ €;;9223372036854775,807",
      "{\"text\":\"Köln \\\\ €\",\"words\":[],\"number_e3\":9223372036854775807}" },
    { "the lowest number",
      { "", NULL, INT64_MIN + 1 },
      ",,-9223372036854775.807",
      ";;-9223372036854775,807",
      "{\"text\":\"\",\"words\":[],\"number_e3\":-9223372036854775807}" },
};

static void check_cell(const char *why, const struct cell *cell, int form, const char *want)
{
    struct out out;
    struct page page = { .text = NULL };
    char sha256[65], line[200];
    struct out_table table = { cell_columns, ARRAY_SIZE(cell_columns) };
    out_begin(&out, page_sink(&page));
    if (form == 2)
        out_json_row(&out, table, cell);
    else
        out_csv_row(&out, (struct out_csv){ form == 1 }, table, cell);
    check_int(why, out_end(&out, sha256), STORE_OK);
    snprintf(line, sizeof(line), "%s%s", want, form == 2 ? "" : "\r\n");
    check_text(why, page.text, line);
    page_done(&page);
}

static void cells_that_bite(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cells); i++) {
        check_cell(cells[i].why, &cells[i].cell, 0, cells[i].machine);
        check_cell(cells[i].why, &cells[i].cell, 1, cells[i].german);
        check_cell(cells[i].why, &cells[i].cell, 2, cells[i].json);
    }
}

static const struct {
    int64_t value;
    int digits;
    const char *want;
} decimals[] = {
    { 0, 0, "0" },
    { 0, 2, "0.00" },
    { -1, 2, "-0.01" },
    { 5, 1, "0.5" },
    { 100, 2, "1.00" },
    { -5880, 3, "-5.880" },
    { 7, 18, "0.000000000000000007" },
    { INT64_MIN, 0, "-9223372036854775808" },
    { INT64_MIN, 18, "-9.223372036854775808" },
};

static void decimals_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(decimals); i++) {
        char text[OUT_DECIMAL_SIZE];
        out_format_decimal(decimals[i].value, decimals[i].digits, '.', text);
        check_text("decimal", text, decimals[i].want);
    }
}

static void flags_are_words(void **state)
{
    struct ledger *l = *state;
    struct page page;
    struct bill_export_result result;
    ledger_visit(l, (struct visit){ .from = "2026-10-01T08:00:00",
                                    .to = "2026-10-01T09:00:00",
                                    .begin_wh = 5000,
                                    .end_wh = 4000,
                                    .start_flags = STORE_FLAG_TAG_NOT_ACCEPTED,
                                    .stop_flags = STORE_FLAG_LATE });
    ledger_visit(l, (struct visit){ .from = "2026-10-02T08:00:00",
                                    .to = "2026-10-02T09:00:00",
                                    .begin_wh = 4000,
                                    .end_wh = 5000,
                                    .start_flags = 0xFFFFFFFF });
    export(l, "2026-10", BILL_CSV_MACHINE, &page, &result);
    assert_non_null(strstr(page.text, ",\"tag-not-accepted;meter-backwards;late\",\r\n"));
    page_done(&page);
    export(l, "2026-10", BILL_JSON, &page, &result);
    assert_non_null(strstr(page.text, "[\"tag-not-accepted\",\"meter-backwards\",\"late\"]"));
    page_done(&page);
}

/* A station that is not billed and nobody has told us about. */
static void what_is_not_known_is_empty(void **state)
{
    struct ledger *l = *state;
    struct page page;
    struct bill_export_result result;
    ledger_visit(l, (struct visit){ .station = "L0019",
                                    .from = "2026-10-01T08:00:00",
                                    .to = "2026-10-01T07:00:00",
                                    .end_wh = 1234 });
    export(l, "2026-10", BILL_CSV_MACHINE, &page, &result);
    const char *row = strchr(page.text, '\n') + 1;
    check_text("row", row,
               "1,C-2026-000001,normal,,2026-10,2026-10,S-000001,1,,L0019,,"
               "2026-10-01T10:00:00+02:00,2026-10-01T09:00:00+02:00,0,rfid,k-17,,0.000,1.234,1.234,"
               "unsigned,,0.0000,0.00,0,0.00,0.00,0.00,0.00,0.00,0.00,EUR,stop-before-start,\r\n");
    page_done(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(golden_bytes, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(an_empty_month, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(other_locales_and_zones, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(same_data_same_bytes, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_closed_month_never_changes, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(what_is_no_month, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_sink_that_stops, open_ledger, close_ledger),
        cmocka_unit_test(cells_that_bite),
        cmocka_unit_test(decimals_are_exact),
        cmocka_unit_test_setup_teardown(flags_are_words, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_empty, open_ledger, close_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
