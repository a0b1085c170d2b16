/*
 * Any bytes as what a file request says: path, ranges, entity tags, and a form in two pieces, which
 * must give the same as in one.
 */
#include <stdlib.h>
#include <string.h>

#include "ocpp/server/file_request.h"
#include "tests/fuzz/fuzz.h"

struct taken {
    char *bytes;
    size_t n, room;
};

static bool take(void *arg, const char *bytes, size_t n)
{
    struct taken *t = arg;
    if (t->n + n > t->room)
        abort(); /* more than went in */
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    return true;
}

static enum file_form_rc run(const char *bytes, size_t n, size_t cut, struct taken *t,
                             struct file_form *form)
{
    t->n = 0;
    if (!file_form_init(form, "multipart/form-data; boundary=B"))
        abort();
    enum file_form_rc rc = file_form_take(form, bytes, cut, take, t);
    return rc == FILE_FORM_MORE ? file_form_take(form, bytes + cut, n - cut, take, t) : rc;
}

static void check_form(const char *bytes, size_t n)
{
    struct file_form *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
    struct taken one = { malloc(n + 1), 0, n }, two = { malloc(n + 1), 0, n };
    if (a == NULL || b == NULL || one.bytes == NULL || two.bytes == NULL)
        abort();
    enum file_form_rc rc = run(bytes, n, n, &one, a);
    for (size_t cut = 0; cut < n && cut < 60; cut++)
        if (run(bytes, n, cut * n / 60, &two, b) != rc || two.n != one.n ||
            memcmp(one.bytes, two.bytes, one.n) != 0 || strcmp(a->name, b->name) != 0)
            abort();
    free(one.bytes);
    free(two.bytes);
    free(a);
    free(b);
}

static void check_text(const char *text)
{
    char token[FILE_TOKEN_CHARS + 1] = "", name[FILE_NAME_SIZE] = "";
    uint64_t first = 0, last = 0, total = 0;
    struct file_form form;
    if (file_path_split(text, token, name) &&
        (strlen(token) > FILE_TOKEN_CHARS || name[0] == '.' || strpbrk(name, "/\\\r\n ") != NULL))
        abort();
    file_name_clean(text, name);
    if (name[0] == '.' || strpbrk(name, "/\\\r\n ") != NULL)
        abort();
    if (file_range_read(text, 1000, &first, &last) == FILE_PART && (first > last || last >= 1000))
        abort();
    if (file_content_range_read(text, &first, &last, &total) && (first > last || last >= total))
        abort();
    file_etag_in(text, "\"tag\"", true);
    file_number_read(text, &total);
    file_form_init(&form, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size + 1);
    if (exact == NULL)
        abort();
    if (size > 0)
        memcpy(exact, data, size);
    exact[size] = '\0';
    check_text(exact);
    check_form(exact, size);
    free(exact);
    return 0;
}

static const char *const seeds[] = {
    "bytes=0-99",
    "bytes=-7",
    "bytes 0-99/1000",
    "/files/abcDEF-_0123/lamp.bin",
    "/files/x/../../etc/passwd",
    "\"tag\", W/\"other\"",
    "multipart/form-data; boundary=\"a;b\"",
    "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.log\"\r\n\r\nhello\r\n--B--\r\n",
    ("--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--B\r\ncontent-disposition: "
     "form-data; filename=b\r\n\r\n\r\n--\r\n--B"),
};
FUZZ_MAIN(seeds)
