#include "cmd/noxctl/width.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* First and last code point of a range that is not one column wide (Unicode 15, the parts that
 * occur in names and texts of people). */
static const struct {
    uint32_t first, last;
    uint8_t columns;
} ranges[] = {
    { 0x0300, 0x036f, 0 },   { 0x0483, 0x0489, 0 },   { 0x0591, 0x05bd, 0 },
    { 0x0610, 0x061a, 0 },   { 0x064b, 0x065f, 0 },   { 0x1100, 0x115f, 2 },
    { 0x1ab0, 0x1aff, 0 },   { 0x1dc0, 0x1dff, 0 },   { 0x200b, 0x200f, 0 },
    { 0x202a, 0x202e, 0 },   { 0x2060, 0x2064, 0 },   { 0x20d0, 0x20ff, 0 },
    { 0x231a, 0x231b, 2 },   { 0x23e9, 0x23ec, 2 },   { 0x2614, 0x2615, 2 },
    { 0x26a1, 0x26a1, 2 },   { 0x2e80, 0x303e, 2 },   { 0x3041, 0x33ff, 2 },
    { 0x3400, 0x4dbf, 2 },   { 0x4e00, 0x9fff, 2 },   { 0xa000, 0xa4cf, 2 },
    { 0xac00, 0xd7a3, 2 },   { 0xf900, 0xfaff, 2 },   { 0xfe00, 0xfe0f, 0 },
    { 0xfe20, 0xfe2f, 0 },   { 0xfe30, 0xfe6f, 2 },   { 0xff00, 0xff60, 2 },
    { 0xffe0, 0xffe6, 2 },   { 0x1f300, 0x1f64f, 2 }, { 0x1f680, 0x1f6ff, 2 },
    { 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 },
};

static size_t columns_of(uint32_t point)
{
    if (point < 0x300)
        return 1;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && point >= ranges[i].first; i++)
        if (point <= ranges[i].last)
            return ranges[i].columns;
    return 1;
}

/* Decode one code point; broken bytes count one each. @return bytes used, >= 1 unless at NUL */
static size_t decode(const char *text, uint32_t *ret_point)
{
    const unsigned char *p = (const unsigned char *)text;
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    *ret_point = 0xfffd;
    if (n == 1) {
        *ret_point = p[0];
        return p[0] != 0;
    }
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 1;
    uint32_t point = p[0] & (0xffU >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 1;
        point = point << 6 | (p[i] & 0x3f);
    }
    if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return 1;
    *ret_point = point;
    return n;
}

size_t width_of(const char *text)
{
    size_t columns = 0;
    uint32_t point;
    for (size_t n; (n = decode(text, &point)) > 0; text += n)
        columns += columns_of(point);
    return columns;
}

void width_append_cut(struct ocpp_text *out, const char *text, size_t columns)
{
    if (width_of(text) <= columns) {
        ocpp_text_append_str(out, text);
        return;
    }
    if (columns == 0)
        return;
    uint32_t point;
    size_t used = 0;
    for (size_t n; (n = decode(text, &point)) > 0; text += n) {
        used += columns_of(point);
        if (used > columns - 1)
            break;
        ocpp_text_append(out, text, n);
    }
    ocpp_text_append_str(out, "…");
}

size_t width_line(const char *text, size_t columns)
{
    size_t used = 0, at = 0, blank = 0;
    uint32_t point;
    for (size_t n; (n = decode(text + at, &point)) > 0; at += n) {
        used += columns_of(point);
        if (point == ' ')
            blank = at;
        if (used > columns && !(point == ' ' && used == columns + 1)) {
            if (blank > 0)
                return blank;
            return at > 0 ? at : n;
        }
    }
    return at;
}

static bool is_dangerous(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xfffd ||
           (point >= 0x200e && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

void width_append_clean(struct ocpp_text *out, const char *text)
{
    uint32_t point;
    for (size_t n; (n = decode(text, &point)) > 0; text += n) {
        if (is_dangerous(point))
            ocpp_text_append_str(out, "?");
        else
            ocpp_text_append(out, text, n);
    }
}
