#include "ocpp/wire/errors.h"

#include "ocpp/wire/text.h"

static const struct {
    enum ocpp_error_code code;
    const char *text;
} texts[] = {
    { OCPP_NOT_IMPLEMENTED, "NotImplemented" },
    { OCPP_NOT_SUPPORTED, "NotSupported" },
    { OCPP_INTERNAL_ERROR, "InternalError" },
    { OCPP_PROTOCOL_ERROR, "ProtocolError" },
    { OCPP_SECURITY_ERROR, "SecurityError" },
    { OCPP_FORMATION_VIOLATION, "FormationViolation" },
    { OCPP_PROPERTY_CONSTRAINT_VIOLATION, "PropertyConstraintViolation" },
    { OCPP_OCCURENCE_CONSTRAINT_VIOLATION, "OccurenceConstraintViolation" },
    { OCPP_TYPE_CONSTRAINT_VIOLATION, "TypeConstraintViolation" },
    { OCPP_GENERIC_ERROR, "GenericError" },
    /* Spellings of OCPP 2.0.1, read but never written: the first match of a code is written. */
    { OCPP_FORMATION_VIOLATION, "FormatViolation" },
    { OCPP_OCCURENCE_CONSTRAINT_VIOLATION, "OccurrenceConstraintViolation" },
    { OCPP_PROTOCOL_ERROR, "RpcFrameworkError" },
    { OCPP_NOT_SUPPORTED, "MessageTypeNotSupported" },
};

enum { N_TEXTS = sizeof(texts) / sizeof(texts[0]) };

const char *ocpp_error_text(enum ocpp_error_code code)
{
    for (size_t i = 0; i < N_TEXTS; i++)
        if (texts[i].code == code)
            return texts[i].text;
    return "";
}

enum ocpp_error_code ocpp_error_from_text(const char *text)
{
    for (size_t i = 0; i < N_TEXTS; i++)
        if (ocpp_ci_equal(texts[i].text, text))
            return texts[i].code;
    return OCPP_GENERIC_ERROR;
}

void ocpp_report_init(struct ocpp_report *report)
{
    report->code = OCPP_OK;
    report->path[0] = '\0';
    report->text[0] = '\0';
    report->violations = 0;
    report->first_violation[0] = '\0';
    report->zone_min = 0;
}
