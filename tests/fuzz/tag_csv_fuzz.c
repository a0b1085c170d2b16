/* A table of tags that is read without a fault is a good apply file, and comes back from its own
 * export unchanged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/apply_file.h"
#include "cmd/noxd/tag_csv.h"
#include "tests/fuzz/fuzz.h"

static void check_faults(const struct tag_csv *csv)
{
    size_t kept = csv->n_faults < TAG_CSV_FAULTS ? csv->n_faults : TAG_CSV_FAULTS;
    for (size_t i = 0; i < kept; i++)
        if (csv->fault[i].line == 0 || csv->fault[i].text[0] == '\0')
            abort();
}

/* The file as one text per tag; with a head as CSV. */
static void write_all(const struct store_site *site, struct ocpp_text *csv, struct ocpp_text *json)
{
    tag_csv_head(csv);
    for (size_t i = 0; i < site->n_tags; i++) {
        tag_csv_row(&site->tag[i], csv);
        apply_write(apply_lists[APPLY_TAGS].object, &site->tag[i], json);
    }
}

static void read_back(const uint8_t *data, size_t size, const char *want, unsigned depth)
{
    struct tag_csv csv;
    struct apply_site file;
    struct apply_error error;
    struct ocpp_text text, json;
    ocpp_text_init(&text);
    ocpp_text_init(&json);
    bool good = tag_csv_read((const char *)data, size, &csv);
    check_faults(&csv);
    if (want != NULL && !good)
        abort(); /* our own export */
    if (good) {
        if (!apply_parse(json_pack("{s:O}", "tags", csv.tags), NULL, &file, &error))
            abort(); /* faults are to be found before */
        write_all(&file.site, &text, &json);
        if (want != NULL && strcmp(want, json.data) != 0)
            abort();
        if (depth > 0)
            read_back((const uint8_t *)text.data, text.len, json.data, depth - 1);
        apply_site_done(&file);
    }
    tag_csv_done(&csv);
    ocpp_text_done(&text);
    ocpp_text_done(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_back(data, size, NULL, 1);
    return 0;
}

static const char *const seeds[] = {
    "id_tag,customer\nA1,C-1\nA2,\"C, 2\"\n",
    "\xEF\xBB\xBF"
    "id_tag;status;groups\r\n04D0;Blocked;nord sued\r\n04D1;;\r\n",
    "id_tag,parent_id_tag,customer,auth_kind,status,expires,single_session,groups\r\n"
    "A,P,\"say \"\"hi\"\"\",rfid,Accepted,2027-12-31,true,a b c\r\n'=1,,,,,,no,\r\n",
    "expires_at\tid_tag\n2026-10-25T08:00:00Z\tX\n",
    "id_tag,id_tag\n",
};
FUZZ_MAIN(seeds)
