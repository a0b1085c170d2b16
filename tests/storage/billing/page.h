/*
 * What an export wrote, in memory; and a sink that stops.
 */
#ifndef TESTS_STORAGE_BILLING_PAGE_H
#define TESTS_STORAGE_BILLING_PAGE_H

#include "storage/billing/export.h"

struct page {
    char *text; /* terminated */
    size_t n;
    size_t limit; /* bytes after which the sink stops, 0 = never */
};

struct export_sink page_sink(struct page *page);
void page_done(struct page *page);

#endif
