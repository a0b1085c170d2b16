#include "tests/bench/message.h"

#include <stdbool.h>
#include <string.h>

/* Where the text grows.  No printf: the load must cost less than what it measures. */
struct text {
    char *at;
};

static void put(struct text *t, const char *words)
{
    size_t len = strlen(words);
    memcpy(t->at, words, len);
    t->at += len;
}

static void put_number(struct text *t, uint64_t n)
{
    char digits[20];
    size_t len = 0;
    do {
        digits[sizeof(digits) - ++len] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    memcpy(t->at, digits + sizeof(digits) - len, len);
    t->at += len;
}

/* With leading zeros. */
static void put_digits(struct text *t, uint64_t n, size_t width)
{
    for (size_t i = width; i-- > 0; n /= 10)
        t->at[i] = (char)('0' + n % 10);
    t->at += width;
}

/* Days since 1970-01-01 to year, month, day of the Gregorian calendar (years from 1970 on). */
static void civil_of(int64_t day, uint32_t ret_ymd[3])
{
    static const uint32_t before_month[] = {
        0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334
    };
    uint32_t left = (uint32_t)day, year = 1970, month = 12;
    for (;; year++) {
        bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        uint32_t days = is_leap ? 366 : 365;
        if (left >= days) {
            left -= days;
            continue;
        }
        while (month > 1 && left < before_month[month - 1] + (is_leap && month > 2))
            month--;
        ret_ymd[0] = year;
        ret_ymd[1] = month;
        ret_ymd[2] = left - (before_month[month - 1] + (is_leap && month > 2)) + 1;
        return;
    }
}

/* 2026-10-24T20:15:00.000Z */
static void put_time(struct text *t, int64_t at_ms)
{
    uint32_t ymd[3];
    uint64_t ms = (uint64_t)(at_ms % 86400000);
    civil_of(at_ms / 86400000, ymd);
    put_digits(t, ymd[0], 4);
    put(t, "-");
    put_digits(t, ymd[1], 2);
    put(t, "-");
    put_digits(t, ymd[2], 2);
    put(t, "T");
    put_digits(t, ms / 3600000, 2);
    put(t, ":");
    put_digits(t, ms / 60000 % 60, 2);
    put(t, ":");
    put_digits(t, ms / 1000 % 60, 2);
    put(t, ".");
    put_digits(t, ms % 1000, 3);
    put(t, "Z");
}

static void put_boot(struct text *t, const struct message_source *s, const char *station)
{
    (void)s;
    put(t, "\"BootNotification\",{\"chargePointVendor\":\"Bench\",\"chargePointModel\":\"Lamp\","
           "\"chargePointSerialNumber\":\"");
    put(t, station);
    put(t, "\",\"firmwareVersion\":\"1.0\"}");
}

static void put_start(struct text *t, const struct message_source *s, const char *station)
{
    put(t, "\"StartTransaction\",{\"connectorId\":1,\"idTag\":\"T");
    put(t, station);
    put(t, "\",\"meterStart\":");
    put_number(t, (uint64_t)s->register_wh);
    put(t, ",\"timestamp\":\"");
    put_time(t, s->last_at_ms);
    put(t, "\"}");
}

static void put_meter(struct text *t, const struct message_source *s, const char *station)
{
    (void)station;
    put(t, "\"MeterValues\",{\"connectorId\":1,");
    if (s->transaction != 0) {
        put(t, "\"transactionId\":");
        put_number(t, (uint64_t)s->transaction);
        put(t, ",");
    }
    put(t, "\"meterValue\":[{\"timestamp\":\"");
    put_time(t, s->last_at_ms);
    put(t, "\",\"sampledValue\":[{\"value\":\"");
    put_number(t, (uint64_t)s->register_wh);
    put(t, "\",\"context\":\"Sample.Periodic\",\"measurand\":\"Energy.Active.Import.Register\","
           "\"unit\":\"Wh\"},{\"value\":\"");
    put_number(t, 6000 + s->last_id % 5000);
    put(t, "\",\"context\":\"Sample.Periodic\",\"measurand\":\"Power.Active.Import\","
           "\"unit\":\"W\"}]}]}");
}

static void put_status(struct text *t, const struct message_source *s, const char *station)
{
    (void)station;
    put(t, "\"StatusNotification\",{\"connectorId\":1,\"errorCode\":\"NoError\",\"status\":\"");
    put(t, s->last_id % 2 == 0 ? "Charging" : "SuspendedEV");
    put(t, "\",\"timestamp\":\"");
    put_time(t, s->last_at_ms);
    put(t, "\"}");
}

static void put_heartbeat(struct text *t, const struct message_source *s, const char *station)
{
    (void)s, (void)station;
    put(t, "\"Heartbeat\",{}");
}

static void (*const put_kind[])(struct text *, const struct message_source *, const char *) = {
    [MESSAGE_BOOT] = put_boot,     [MESSAGE_START] = put_start,         [MESSAGE_METER] = put_meter,
    [MESSAGE_STATUS] = put_status, [MESSAGE_HEARTBEAT] = put_heartbeat,
};

size_t message_write(struct message_source *source, enum message_kind kind, const char *station,
                     int64_t now_ms, char ret_text[MESSAGE_MAX])
{
    source->last_id++;
    source->register_wh++;
    source->last_at_ms = now_ms > source->last_at_ms ? now_ms : source->last_at_ms + 1;
    struct text t = { ret_text };
    put(&t, "[2,\"");
    put_number(&t, source->last_id);
    put(&t, "\",");
    put_kind[kind](&t, source, station);
    put(&t, "]");
    return (size_t)(t.at - ret_text);
}

enum message_kind message_pick(const struct message_mix *mix, uint32_t dice)
{
    uint32_t percent = dice % 100;
    if (percent < mix->status_percent)
        return MESSAGE_STATUS;
    if (percent < mix->status_percent + mix->heartbeat_percent)
        return MESSAGE_HEARTBEAT;
    return MESSAGE_METER;
}
