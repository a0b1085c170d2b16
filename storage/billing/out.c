#include "storage/billing/out.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

/* --- bytes --- */

void out_begin(struct out *o, struct export_sink sink)
{
    o->sink = sink;
    o->used = 0;
    o->digest = EVP_MD_CTX_new();
    bool good = o->digest != NULL && EVP_DigestInit_ex(o->digest, EVP_sha256(), NULL) == 1;
    o->rc = good ? STORE_OK : STORE_IO;
}

static void flush(struct out *o)
{
    if (o->rc == STORE_OK && EVP_DigestUpdate(o->digest, o->buffer, o->used) != 1)
        o->rc = STORE_IO;
    if (o->rc == STORE_OK && o->used > 0 && !o->sink.write(o->sink.arg, o->buffer, o->used))
        o->rc = STORE_STOPPED;
    o->used = 0;
}

static bool finish_digest(struct out *o, char ret_sha256[65])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_DigestFinal_ex(o->digest, digest, &size) != 1 || size != 32)
        return false;
    for (unsigned int i = 0; i < size; i++)
        snprintf(ret_sha256 + 2 * i, 3, "%02x", digest[i]);
    return true;
}

enum store_rc out_end(struct out *o, char ret_sha256[65])
{
    flush(o);
    if (o->rc == STORE_OK && !finish_digest(o, ret_sha256))
        o->rc = STORE_IO;
    if (o->rc != STORE_OK)
        ret_sha256[0] = '\0';
    EVP_MD_CTX_free(o->digest);
    o->digest = NULL;
    return o->rc;
}

void out_bytes(struct out *o, const char *bytes, size_t n)
{
    while (n > 0 && o->rc == STORE_OK) {
        size_t room = sizeof(o->buffer) - o->used, take = n < room ? n : room;
        memcpy(o->buffer + o->used, bytes, take);
        o->used += take;
        bytes += take;
        n -= take;
        if (o->used == sizeof(o->buffer))
            flush(o);
    }
}

void out_text(struct out *o, const char *text)
{
    out_bytes(o, text, strlen(text));
}

/* --- numbers --- */

void out_format_decimal(int64_t value, int digits, char mark, char ret_text[OUT_DECIMAL_SIZE])
{
    assert(digits >= 0 && digits <= 18);
    char reversed[OUT_DECIMAL_SIZE];
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t n = 0, at = 0;
    for (int i = 0; i <= digits || rest > 0; i++, rest /= 10) {
        if (i == digits && digits > 0)
            reversed[n++] = mark;
        reversed[n++] = (char)('0' + rest % 10);
    }
    if (value < 0)
        ret_text[at++] = '-';
    while (n > 0)
        ret_text[at++] = reversed[--n];
    ret_text[at] = '\0';
}

void out_decimal(struct out *o, int64_t value, int digits, char mark)
{
    char text[OUT_DECIMAL_SIZE];
    out_format_decimal(value, digits, mark, text);
    out_text(o, text);
}

/* --- values of a row --- */

static const char *text_of(const void *row, const struct out_column *column)
{
    const char *text;
    memcpy(&text, (const char *)row + column->offset, sizeof(text));
    return text;
}

static int64_t number_of(const void *row, const struct out_column *column)
{
    int64_t number;
    memcpy(&number, (const char *)row + column->offset, sizeof(number));
    return number;
}

/* --- CSV --- */

/* Lists in a cell are joined by ';': quoting both separators keeps the two forms alike. */
static bool needs_quotes(const char *text)
{
    return strpbrk(text, ",;\"\r\n") != NULL;
}

static void csv_text(struct out *o, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    bool quotes = needs_quotes(text);
    out_text(o, quotes ? "\"" : "");
    if (strchr("=+-@\t\r", *text) != NULL)
        out_text(o, "'");
    for (; *text != '\0'; text++) {
        if (*text == '"')
            out_text(o, "\"");
        out_bytes(o, text, 1);
    }
    out_text(o, quotes ? "\"" : "");
}

static const char *in_german(const char *word, const struct out_word *words)
{
    for (; word != NULL && words != NULL && words->word != NULL; words++)
        if (strcmp(word, words->word) == 0)
            return words->german;
    return word;
}

static void csv_cell(struct out *o, struct out_csv csv, const struct out_column *column,
                     const void *row)
{
    if (column->kind == OUT_NUMBER) {
        int64_t number = number_of(row, column);
        if (number != STORE_ABSENT)
            out_decimal(o, number, column->digits, csv.is_german ? ',' : '.');
        return;
    }
    const char *text = text_of(row, column);
    csv_text(o, csv.is_german ? in_german(text, column->words) : text);
}

static const char *separator(struct out_csv csv)
{
    return csv.is_german ? ";" : ",";
}

void out_csv_header(struct out *o, struct out_csv csv, struct out_table table)
{
    if (csv.is_german)
        out_text(o, "\xEF\xBB\xBF");
    for (size_t i = 0; i < table.n; i++) {
        out_text(o, i > 0 ? separator(csv) : "");
        csv_text(o, csv.is_german ? table.column[i].german : table.column[i].english);
    }
    out_text(o, "\r\n");
}

void out_csv_row(struct out *o, struct out_csv csv, struct out_table table, const void *row)
{
    for (size_t i = 0; i < table.n; i++) {
        out_text(o, i > 0 ? separator(csv) : "");
        csv_cell(o, csv, &table.column[i], row);
    }
    out_text(o, "\r\n");
}

/* --- JSON --- */

static void json_characters(struct out *o, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char escape[8];
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20) {
            snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)c);
            out_text(o, escape);
            continue;
        }
        if (c == '"' || c == '\\')
            out_text(o, "\\");
        out_bytes(o, text + i, 1);
    }
}

static void json_string(struct out *o, const char *text, size_t n)
{
    out_text(o, "\"");
    json_characters(o, text, n);
    out_text(o, "\"");
}

void out_json_string(struct out *o, const char *text)
{
    if (text == NULL)
        out_text(o, "null");
    else
        json_string(o, text, strlen(text));
}

static void json_words(struct out *o, const char *words)
{
    out_text(o, "[");
    while (words != NULL && *words != '\0') {
        size_t n = strcspn(words, ";");
        json_string(o, words, n);
        words += n;
        if (*words == ';') {
            out_text(o, ",");
            words++;
        }
    }
    out_text(o, "]");
}

static void json_value(struct out *o, const struct out_column *column, const void *row)
{
    if (column->kind == OUT_TEXT)
        out_json_string(o, text_of(row, column));
    else if (column->kind == OUT_WORDS)
        json_words(o, text_of(row, column));
    else if (number_of(row, column) == STORE_ABSENT)
        out_text(o, "null");
    else
        out_decimal(o, number_of(row, column), 0, '.');
}

void out_json_row(struct out *o, struct out_table table, const void *row)
{
    for (size_t i = 0; i < table.n; i++) {
        out_text(o, i > 0 ? "," : "{");
        out_json_string(o, table.column[i].json);
        out_text(o, ":");
        json_value(o, &table.column[i], row);
    }
    out_text(o, "}");
}
