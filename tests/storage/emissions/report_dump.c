/* Writes a corrected month and its emissions into a directory, for report_oracle.py: report_dump
 * DIR */
#include "storage/billing/cdr.h"
#include "storage/emissions/report.h"
#include "tests/storage/billing/ledger.h"

static bool to_file(void *arg, const char *bytes, size_t n)
{
    return fwrite(bytes, 1, n, arg) == n;
}

static FILE *file_in(const char *dir, const char *name)
{
    char path[500];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        exit(1);
    return file;
}

static void dump_bills(struct reader *reader, const char *dir, const char *month)
{
    struct bill_export_result result;
    FILE *file = file_in(dir, month);
    if (bill_export(reader, month, BILL_JSON, (struct export_sink){ to_file, file }, &result))
        exit(1);
    fclose(file);
}

static void dump_report(struct reader *reader, const char *dir, const char *name, enum co2_by by,
                        enum co2_format format)
{
    struct co2_report_result result;
    FILE *file = file_in(dir, name);
    if (co2_report(reader, "2026-10", by, format, (struct export_sink){ to_file, file }, &result))
        exit(1);
    fclose(file);
}

static void tell_two_months(struct ledger *l)
{
    ledger_fill_month(l);
    ledger_visit(l, (struct visit){ .station = "L0018",
                                    .from = "2026-10-31T22:00:00",
                                    .to = "2026-10-31T23:00:00",
                                    .end_wh = 4321 });
    ledger_sql(l, "INSERT INTO period VALUES ('2026-10', 'closed');"
                  "UPDATE session SET meter_stop_wh = meter_stop_wh - 33 WHERE tx_id % 11 = 4");
    for (int64_t tx_id = 4; tx_id <= 60; tx_id += 11)
        if (cdr_correct(&l->db, tx_id, utc("2026-11-03T12:00:00"), NULL) != STORE_OK)
            exit(1);
}

int main(int argc, char **argv)
{
    struct ledger l;
    struct reader *reader;
    char text[256] = "";
    if (argc != 2)
        return 2;
    ledger_open(&l);
    tell_two_months(&l);
    if (reader_open(l.path, &reader, text, sizeof(text)) != STORE_OK)
        return 1;
    dump_bills(reader, argv[1], "2026-10");
    dump_bills(reader, argv[1], "2026-11");
    dump_report(reader, argv[1], "district.json", CO2_BY_DISTRICT, CO2_JSON);
    dump_report(reader, argv[1], "station.json", CO2_BY_STATION, CO2_JSON);
    dump_report(reader, argv[1], "district.csv", CO2_BY_DISTRICT, CO2_CSV_MACHINE);
    dump_report(reader, argv[1], "station.csv", CO2_BY_STATION, CO2_CSV_GERMAN);
    reader_close(reader);
    ledger_close(&l);
    return 0;
}
