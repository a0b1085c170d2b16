/*
 * Prints the tables of all actions as one JSON array, for schema_compare.py.
 */
#include <stdio.h>

#include "ocpp/wire/action.h"

int main(void)
{
    size_t n;
    const struct ocpp_action *actions = ocpp_actions(&n);
    struct ocpp_text text;
    ocpp_text_init(&text);
    for (size_t i = 0; i < n; i++) {
        ocpp_text_append_str(&text, i > 0 ? ",\n" : "[");
        ocpp_describe_json(&actions[i], &text);
    }
    ocpp_text_append_str(&text, "]");
    bool is_good = !text.failed && puts(text.data) >= 0;
    ocpp_text_done(&text);
    return is_good ? 0 : 1;
}
