#include "tests/storage/billing/page.h"

#include <stdlib.h>
#include <string.h>

static bool take(void *arg, const char *bytes, size_t n)
{
    struct page *page = arg;
    if (page->limit > 0 && page->n + n > page->limit)
        return false;
    char *more = realloc(page->text, page->n + n + 1);
    if (more == NULL)
        return false;
    memcpy(more + page->n, bytes, n);
    page->text = more;
    page->n += n;
    page->text[page->n] = '\0';
    return true;
}

struct export_sink page_sink(struct page *page)
{
    return (struct export_sink){ take, page };
}

void page_done(struct page *page)
{
    free(page->text);
    *page = (struct page){ .text = NULL };
}
