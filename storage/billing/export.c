#include "storage/billing/export.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "storage/billing/calendar.h"
#include "storage/billing/out.h"

/* A record as it is printed. */
struct line {
    int64_t no, ref_no;
    const char *id, *kind, *booking_period, *service_period, *session_id;
    int64_t tx_id;
    const char *evse_id, *station, *district, *start_local, *end_local;
    int64_t duration_s;
    const char *auth_kind, *customer, *meter_serial;
    int64_t meter_start_wh, meter_stop_wh, energy_wh;
    const char *value_state, *tariff;
    int64_t price_e4_per_kwh, energy_cents, blocking_min, blocking_cents, other_cents;
    int64_t gross_cents, net_cents, vat_bp, vat_cents;
    const char *currency, *flags, *evidence;
};

static const struct out_word kinds[] = {
    { "normal", "Normal" },      { "late", "Nachlauf" }, { "credit", "Storno" },
    { "replacement", "Ersatz" }, { NULL, NULL },
};

#define TEXT(english, german, json, member)                                     \
    {                                                                           \
        english, german, json, OUT_TEXT, offsetof(struct line, member), 0, NULL \
    }
#define NUMBER(english, german, json, member, digits)                                  \
    {                                                                                  \
        english, german, json, OUT_NUMBER, offsetof(struct line, member), digits, NULL \
    }
static const struct out_column columns[] = {
    NUMBER("cdr_no", "Belegnummer", "cdr_no", no, 0),
    TEXT("cdr_id", "CDR-ID", "cdr_id", id),
    { "kind", "Art", "kind", OUT_TEXT, offsetof(struct line, kind), 0, kinds },
    NUMBER("ref_cdr_no", "Bezugsbeleg", "ref_cdr_no", ref_no, 0),
    TEXT("booking_period", "Buchungsmonat", "booking_period", booking_period),
    TEXT("service_period", "Leistungsmonat", "service_period", service_period),
    TEXT("session_id", "Vorgang", "session_id", session_id),
    NUMBER("transaction_id", "OCPP-Transaktion", "transaction_id", tx_id, 0),
    TEXT("evse_id", "EVSE-ID", "evse_id", evse_id),
    TEXT("station_id", "Station", "station_id", station),
    TEXT("district", "Stadtbezirk", "district", district),
    TEXT("start_local", "Beginn", "start_local", start_local),
    TEXT("end_local", "Ende", "end_local", end_local),
    NUMBER("duration_s", "Dauer [s]", "duration_s", duration_s, 0),
    TEXT("auth_kind", "Zugang", "auth_kind", auth_kind),
    TEXT("customer_ref", "Kundenbezug", "customer_ref", customer),
    TEXT("meter_serial", "Zählernummer", "meter_serial", meter_serial),
    NUMBER("meter_begin_kwh", "Zählerstand Beginn [kWh]", "meter_begin_wh", meter_start_wh, 3),
    NUMBER("meter_end_kwh", "Zählerstand Ende [kWh]", "meter_end_wh", meter_stop_wh, 3),
    NUMBER("energy_kwh", "Energie [kWh]", "energy_wh", energy_wh, 3),
    TEXT("value_state", "Messwertstatus", "value_state", value_state),
    TEXT("tariff", "Tarif", "tariff", tariff),
    NUMBER("energy_price", "Arbeitspreis [EUR/kWh]", "energy_price_e4", price_e4_per_kwh, 4),
    NUMBER("energy_amount", "Energiebetrag [EUR]", "energy_cents", energy_cents, 2),
    NUMBER("blocking_min", "Blockierminuten", "blocking_min", blocking_min, 0),
    NUMBER("blocking_amount", "Blockierentgelt [EUR]", "blocking_cents", blocking_cents, 2),
    NUMBER("other_amount", "Sonstiges [EUR]", "other_cents", other_cents, 2),
    NUMBER("gross_amount", "Brutto [EUR]", "gross_cents", gross_cents, 2),
    NUMBER("net_amount", "Netto [EUR]", "net_cents", net_cents, 2),
    NUMBER("vat_percent", "USt [%]", "vat_bp", vat_bp, 2),
    NUMBER("vat_amount", "USt-Betrag [EUR]", "vat_cents", vat_cents, 2),
    TEXT("currency", "Währung", "currency", currency),
    { "flags", "Hinweise", "flags", OUT_WORDS, offsetof(struct line, flags), 0, NULL },
    TEXT("evidence", "Nachweis", "evidence", evidence),
};
static const struct out_table table = { columns, sizeof(columns) / sizeof(columns[0]) };

struct run {
    struct out out;
    enum bill_format format;
    struct bill_export_result result;
};

static void join_flags(uint32_t flags, char *ret_text, size_t size)
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (int bit = 0; bit < 32; bit++) {
        uint32_t flag = flags & UINT32_C(1) << bit;
        if (flag == 0)
            continue;
        int n = snprintf(ret_text + used, size - used, "%s%s", used > 0 ? ";" : "",
                         store_flag_text(flag));
        assert(n > 0 && (size_t)n < size - used); /* 32 names of at most 20 characters */
        used += (size_t)n;
    }
}

/* Texts that are made for one line. */
struct made {
    char session_id[24], start_local[26], end_local[26], tariff[160], flags[700];
};

static void make_texts(const struct store_cdr *cdr, struct made *ret_made)
{
    const struct store_session *s = &cdr->session;
    snprintf(ret_made->session_id, sizeof(ret_made->session_id), "S-%06lld", (long long)s->tx_id);
    cal_format_local(s->started_at_ms, ret_made->start_local);
    cal_format_local(s->stopped_at_ms, ret_made->end_local);
    ret_made->tariff[0] = '\0';
    if (s->tariff != NULL && s->tariff_version > 0)
        snprintf(ret_made->tariff, sizeof(ret_made->tariff), "%.140s@%d", s->tariff,
                 (int)s->tariff_version);
    join_flags(cdr->flags, ret_made->flags, sizeof(ret_made->flags));
}

static int64_t duration_s(const struct store_session *s)
{
    return s->stopped_at_ms > s->started_at_ms ? (s->stopped_at_ms - s->started_at_ms) / 1000 : 0;
}

static struct line line_of(const struct store_cdr *cdr, const struct made *made)
{
    const struct store_session *s = &cdr->session;
    return (struct line){
        .no = cdr->no,
        .ref_no = cdr->ref_no > 0 ? cdr->ref_no : STORE_ABSENT,
        .id = cdr->id,
        .kind = cdr->kind,
        .booking_period = cdr->booking_period,
        .service_period = cdr->service_period,
        .session_id = made->session_id,
        .tx_id = s->tx_id,
        .evse_id = s->evse_id,
        .station = s->station,
        .district = s->district,
        .start_local = made->start_local,
        .end_local = made->end_local,
        .duration_s = duration_s(s),
        .auth_kind = s->auth_kind,
        .customer = s->customer,
        .meter_serial = cdr->meter_serial,
        .meter_start_wh = s->meter_start_wh,
        .meter_stop_wh = s->meter_stop_wh,
        .energy_wh = cdr->energy_wh,
        .value_state = cdr->value_state,
        .tariff = made->tariff,
        .price_e4_per_kwh = cdr->price_e4_per_kwh,
        .energy_cents = cdr->energy_cents,
        .blocking_min = cdr->blocking_min,
        .blocking_cents = cdr->blocking_cents,
        .other_cents = cdr->other_cents,
        .gross_cents = cdr->gross_cents,
        .net_cents = cdr->net_cents,
        .vat_bp = cdr->vat_bp,
        .vat_cents = cdr->vat_cents,
        .currency = cdr->currency,
        .flags = made->flags,
    };
}

static void count(struct bill_export_result *sum, const struct store_cdr *cdr)
{
    sum->rows++;
    sum->energy_wh += cdr->energy_wh;
    sum->gross_cents += cdr->gross_cents;
    sum->net_cents += cdr->net_cents;
    sum->vat_cents += cdr->vat_cents;
}

static bool write_cdr(void *arg, const struct store_cdr *cdr)
{
    struct run *run = arg;
    struct made made;
    make_texts(cdr, &made);
    struct line line = line_of(cdr, &made);
    if (run->format == BILL_JSON) {
        out_text(&run->out, run->result.rows > 0 ? ",\n" : "\n");
        out_json_row(&run->out, table, &line);
    } else {
        struct out_csv csv = { .is_german = run->format == BILL_CSV_GERMAN };
        out_csv_row(&run->out, csv, table, &line);
    }
    count(&run->result, cdr);
    return run->out.rc == STORE_OK;
}

static void write_head(struct run *run, const char *month)
{
    if (run->format != BILL_JSON) {
        struct out_csv csv = { .is_german = run->format == BILL_CSV_GERMAN };
        out_csv_header(&run->out, csv, table);
        return;
    }
    out_text(&run->out, "{\"period\":");
    out_json_string(&run->out, month);
    out_text(&run->out, ",\"zone\":\"Europe/Berlin\",\"rows\":[");
}

#define SUM(name)                                                                         \
    {                                                                                     \
        NULL, NULL, #name, OUT_NUMBER, offsetof(struct bill_export_result, name), 0, NULL \
    }
static const struct out_column sums[] = {
    SUM(rows), SUM(energy_wh), SUM(gross_cents), SUM(net_cents), SUM(vat_cents),
};

static void write_tail(struct run *run)
{
    if (run->format != BILL_JSON)
        return;
    struct out_table totals = { sums, sizeof(sums) / sizeof(sums[0]) };
    out_text(&run->out, run->result.rows > 0 ? "\n],\"totals\":" : "],\"totals\":");
    out_json_row(&run->out, totals, &run->result);
    out_text(&run->out, "}\n");
}

enum store_rc bill_export(struct reader *r, const char *month, enum bill_format format,
                          struct export_sink sink, struct bill_export_result *ret_result)
{
    struct run run = { .format = format };
    int64_t from_ms, to_ms;
    if (!cal_month_range(month, &from_ms, &to_ms))
        return STORE_CONFLICT;
    out_begin(&run.out, sink);
    write_head(&run, month);
    enum store_rc read = reader_cdrs(r, month, write_cdr, &run);
    write_tail(&run);
    enum store_rc written = out_end(&run.out, run.result.sha256);
    if (read != STORE_OK)
        return read;
    if (written == STORE_OK)
        *ret_result = run.result;
    return written;
}
