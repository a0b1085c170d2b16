/*
 * The apply file by itself, for tests in other languages.
 *
 *   noxd_apply_tool           print the JSON Schema
 *   noxd_apply_tool FILE...   for each file "ok" or "PATH<tab>TEXT"
 */
#include <stdio.h>
#include <string.h>

#include "cmd/noxd/apply_file.h"

static void print_schema(void)
{
    struct ocpp_text out;
    ocpp_text_init(&out);
    apply_schema(&out);
    puts(out.data);
    ocpp_text_done(&out);
}

static void try_file(const char *path)
{
    static const struct store_site nothing;
    struct apply_site site;
    struct apply_error error = { "", "" };
    struct store_site merged;
    struct ocpp_arena arena;
    json_error_t syntax;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &syntax);
    ocpp_arena_init(&arena, 4096, 1 << 28);
    if (root == NULL)
        printf("\tline %d: %s\n", syntax.line, syntax.text);
    else if (!apply_parse(root, NULL, &site, &error) ||
             !apply_merge(&nothing, &site, &arena, &merged, &error))
        printf("%s\t%s\n", error.path, error.text);
    else
        puts("ok");
    if (root != NULL)
        apply_site_done(&site);
    ocpp_arena_done(&arena);
}

int main(int argc, char **argv)
{
    if (argc == 1)
        print_schema();
    for (int i = 1; i < argc; i++)
        try_file(argv[i]);
    return 0;
}
