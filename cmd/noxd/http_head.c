#include "cmd/noxd/http_head.h"

#include <string.h>
#include <strings.h>

/* A part of the bytes, not terminated. */
struct span {
    const char *at;
    size_t len;
};

static enum http_rc bad(struct http_fault *ret_fault, int status, const char *code,
                        const char *text)
{
    *ret_fault = (struct http_fault){ status, code, text };
    return HTTP_BAD;
}

static enum http_rc bad_request(struct http_fault *ret_fault, const char *text)
{
    return bad(ret_fault, 400, "bad-request", text);
}

/* The next line without its end; a lone LF ends one, too. @return false if it is not complete */
static bool next_line(const char *bytes, size_t n, size_t *at, struct span *ret_line)
{
    const char *end = *at < n ? memchr(bytes + *at, '\n', n - *at) : NULL;
    if (end == NULL)
        return false;
    ret_line->at = bytes + *at;
    ret_line->len = (size_t)(end - ret_line->at);
    *at += ret_line->len + 1;
    if (ret_line->len > 0 && ret_line->at[ret_line->len - 1] == '\r')
        ret_line->len--;
    return true;
}

static struct span word(struct span *line)
{
    const char *blank = memchr(line->at, ' ', line->len);
    struct span first = { line->at, blank != NULL ? (size_t)(blank - line->at) : line->len };
    size_t skip = first.len < line->len ? first.len + 1 : first.len;
    line->at += skip;
    line->len -= skip;
    return first;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes into out, terminated. @return false on a bad escape or a NUL */
static bool decode(struct span in, char **out)
{
    char *to = *out;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.at[i];
        if (c == '%') {
            int high = i + 2 < in.len ? hex_value(in.at[i + 1]) : -1;
            int low = i + 2 < in.len ? hex_value(in.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return false;
        *to++ = c;
    }
    *to++ = '\0';
    *out = to;
    return true;
}

/* --- the request line --- */

static bool add_query(struct http_head *head, struct span item, char **out)
{
    const char *equals = memchr(item.at, '=', item.len);
    struct span name = { item.at, equals != NULL ? (size_t)(equals - item.at) : item.len };
    head->query[head->n_query].name = *out;
    if (!decode(name, out))
        return false;
    head->query[head->n_query].value = "1";
    if (equals != NULL) {
        head->query[head->n_query].value = *out;
        if (!decode((struct span){ equals + 1, item.len - name.len - 1 }, out))
            return false;
    }
    head->n_query++;
    return true;
}

static enum http_rc read_query(struct http_head *head, struct span query, char *out,
                               struct http_fault *ret_fault)
{
    while (query.len > 0) {
        const char *end = memchr(query.at, '&', query.len);
        struct span item = { query.at, end != NULL ? (size_t)(end - query.at) : query.len };
        size_t used = item.len + (end != NULL ? 1 : 0);
        query.at += used;
        query.len -= used;
        if (item.len == 0)
            continue;
        if (head->n_query == HTTP_QUERY_MAX)
            return bad_request(ret_fault, "there are more than 16 parameters");
        if (!add_query(head, item, &out))
            return bad_request(ret_fault, "a '%' in the query is not followed by two hex digits");
    }
    return HTTP_OK;
}

static enum http_rc read_target(struct http_head *head, struct span target,
                                struct http_fault *ret_fault)
{
    char *out = head->text;
    if (target.len > HTTP_TARGET_MAX)
        return bad(ret_fault, 414, "too-large", "the path is longer than 4096 bytes");
    if (target.len == 0 || target.at[0] != '/')
        return bad_request(ret_fault, "the path must begin with '/'");
    const char *mark = memchr(target.at, '?', target.len);
    struct span path = { target.at, mark != NULL ? (size_t)(mark - target.at) : target.len };
    head->path = out;
    if (!decode(path, &out))
        return bad_request(ret_fault, "a '%' in the path is not followed by two hex digits");
    if (mark == NULL)
        return HTTP_OK;
    return read_query(head, (struct span){ mark + 1, target.len - path.len - 1 }, out, ret_fault);
}

static enum http_rc read_request_line(struct http_head *head, struct span line,
                                      struct http_fault *ret_fault)
{
    struct span method = word(&line), target = word(&line), version = line;
    if (method.len == 0 || method.len >= sizeof(head->method) || version.len != 8 ||
        memcmp(version.at, "HTTP/", 5) != 0)
        return bad_request(ret_fault, "the first line is no HTTP request");
    if (memcmp(version.at, "HTTP/1.", 7) != 0)
        return bad(ret_fault, 505, "bad-request", "only HTTP/1.1 is spoken here");
    memcpy(head->method, method.at, method.len);
    head->method[method.len] = '\0';
    head->keep_alive = version.at[7] != '0';
    return read_target(head, target, ret_fault);
}

/* --- headers --- */

static bool is_name(struct span s, const char *name)
{
    return s.len == strlen(name) && strncasecmp(s.at, name, s.len) == 0;
}

static struct span trim(struct span s)
{
    while (s.len > 0 && (s.at[0] == ' ' || s.at[0] == '\t')) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
        s.len--;
    return s;
}

static enum http_rc read_length(struct http_head *head, struct span value,
                                struct http_fault *ret_fault)
{
    uint64_t length = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return bad_request(ret_fault, "Content-Length must be a number");
        uint64_t digit = (uint64_t)(value.at[i] - '0');
        length = length > (UINT64_MAX - digit) / 10 ? UINT64_MAX : length * 10 + digit;
    }
    if (value.len == 0 || (head->has_length && head->length != length))
        return bad_request(ret_fault, "Content-Length must be one number");
    head->has_length = true;
    head->length = length;
    return HTTP_OK;
}

/* Bytes of the UTF-8 character at s; 0 = it is none (RFC 3629). */
static size_t utf8_size(const unsigned char *s, size_t n)
{
    size_t size = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] < 0xe0 ? 0 : 3;
    size = s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : s[0] >= 0xf5 ? 0 : size;
    if (size > n)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool is_bad = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
                  (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f);
    return is_bad ? 0 : size;
}

static bool is_control(const unsigned char *s, size_t size)
{
    return s[0] < 0x20 || s[0] == 0x7f || (size == 2 && s[0] == 0xc2 && s[1] < 0xa0);
}

/* For records and logs: whatever came, it ends as one line of UTF-8 that fits. */
static void read_why(struct http_head *head, struct span value)
{
    char bytes[4 * HTTP_WHY_MAX], *end = bytes;
    size_t len = 0;
    value.len = value.len < sizeof(bytes) - 1 ? value.len : sizeof(bytes) - 1;
    if (!decode(value, &end)) {
        memcpy(bytes, value.at, value.len);
        end = bytes + value.len + 1;
    }
    size_t n = (size_t)(end - bytes) - 1;
    const unsigned char *s = (const unsigned char *)bytes;
    for (size_t at = 0, size; at<n; at += size> 0 ? size : 1) {
        size = utf8_size(s + at, n - at);
        size_t room = size > 0 ? size : 1;
        if (len + room > HTTP_WHY_MAX)
            break;
        if (size == 0 || is_control(s + at, size))
            head->why[len++] = size == 0 ? '?' : ' ';
        else
            memcpy(head->why + len, bytes + at, size);
        len += size == 0 || is_control(s + at, size) ? 0 : size;
    }
    head->why[len] = '\0';
}

static void read_bearer(struct http_head *head, struct span value)
{
    static const char scheme[] = "Bearer ";
    head->bearer[0] = '\0';
    if (value.len < sizeof(scheme) || strncasecmp(value.at, scheme, sizeof(scheme) - 1) != 0)
        return;
    struct span token =
        trim((struct span){ value.at + sizeof(scheme) - 1, value.len - (sizeof(scheme) - 1) });
    if (token.len <= HTTP_BEARER_MAX && memchr(token.at, '\0', token.len) == NULL) {
        memcpy(head->bearer, token.at, token.len);
        head->bearer[token.len] = '\0';
    }
}

static enum http_rc read_header(struct http_head *head, struct span line,
                                struct http_fault *ret_fault)
{
    const char *colon = memchr(line.at, ':', line.len);
    if (colon == NULL || colon == line.at || line.at[0] == ' ' || line.at[0] == '\t')
        return bad_request(ret_fault, "a header is no \"Name: value\"");
    struct span name = { line.at, (size_t)(colon - line.at) };
    struct span value = trim((struct span){ colon + 1, line.len - name.len - 1 });
    if (is_name(name, "Content-Length"))
        return read_length(head, value, ret_fault);
    if (is_name(name, "Transfer-Encoding"))
        head->is_chunked = true;
    else if (is_name(name, "Connection") && is_name(value, "close"))
        head->keep_alive = false;
    else if (is_name(name, "Connection") && is_name(value, "keep-alive"))
        head->keep_alive = true;
    else if (is_name(name, "X-Nox-Why"))
        read_why(head, value);
    else if (is_name(name, "Authorization"))
        read_bearer(head, value);
    else if (is_name(name, "Expect") && is_name(value, "100-continue"))
        head->is_continued = true;
    return HTTP_OK;
}

static enum http_rc more(size_t n, struct http_fault *ret_fault)
{
    if (n < HTTP_HEAD_MAX)
        return HTTP_MORE;
    return bad(ret_fault, 431, "too-large", "the head of the request is longer than 16 KiB");
}

enum http_rc http_head_read(const char *bytes, size_t n, struct http_head *ret_head,
                            size_t *ret_used, struct http_fault *ret_fault)
{
    struct span line = { bytes, 0 };
    size_t at = 0;
    n = n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX;
    do /* empty lines before a request are ignored (RFC 9112 section 2.2) */
        if (!next_line(bytes, n, &at, &line))
            return more(n, ret_fault);
    while (line.len == 0);
    memset(ret_head, 0, offsetof(struct http_head, text));
    ret_head->n_query = 0;
    ret_head->has_length = ret_head->is_chunked = ret_head->is_continued = false;
    ret_head->length = 0;
    ret_head->why[0] = ret_head->bearer[0] = '\0';
    enum http_rc rc = read_request_line(ret_head, line, ret_fault);
    while (rc == HTTP_OK) {
        if (!next_line(bytes, n, &at, &line))
            return more(n, ret_fault);
        if (line.len == 0)
            break;
        rc = read_header(ret_head, line, ret_fault);
    }
    *ret_used = at;
    return rc;
}
