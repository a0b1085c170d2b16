/* Writes a month in all forms into a directory, for export_read.py:  export_dump DIR */
#include "storage/billing/export.h"
#include "tests/storage/billing/ledger.h"

static bool to_file(void *arg, const char *bytes, size_t n)
{
    return fwrite(bytes, 1, n, arg) == n;
}

static void dump(struct reader *reader, const char *dir, const char *name, enum bill_format format)
{
    char path[500];
    struct bill_export_result result;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || bill_export(reader, "2026-10", format,
                                    (struct export_sink){ to_file, file }, &result) != STORE_OK)
        exit(1);
    fclose(file);
    printf("%s %lld %lld %lld %lld %lld %s\n", name, (long long)result.rows,
           (long long)result.energy_wh, (long long)result.gross_cents, (long long)result.net_cents,
           (long long)result.vat_cents, result.sha256);
}

int main(int argc, char **argv)
{
    struct ledger l;
    struct reader *reader;
    char text[256] = "";
    if (argc != 2)
        return 2;
    ledger_open(&l);
    ledger_fill_month(&l);
    ledger_visit(&l, (struct visit){ .from = "2026-10-31T20:00:00",
                                     .to = "2026-10-31T22:59:59",
                                     .begin_wh = 100,
                                     .end_wh = 90,
                                     .customer = "=1+1;\"x\"" });
    if (reader_open(l.path, &reader, text, sizeof(text)) != STORE_OK)
        return 1;
    dump(reader, argv[1], "machine.csv", BILL_CSV_MACHINE);
    dump(reader, argv[1], "german.csv", BILL_CSV_GERMAN);
    dump(reader, argv[1], "month.json", BILL_JSON);
    reader_close(reader);
    ledger_close(&l);
    return 0;
}
