/*
 * Messages of the feature profile Local Auth List Management.
 *
 * See messages.h for how values are represented.
 */
#ifndef OCPP_WIRE_MESSAGES_LOCAL_AUTH_H
#define OCPP_WIRE_MESSAGES_LOCAL_AUTH_H

#include "ocpp/wire/field.h"
#include "ocpp/wire/messages_core.h"

/* AuthorizationData, OCPP 1.6 chapter 7. */
struct ocpp_authorization_data {
    const char *id_tag; /* CiString20 */
    const struct ocpp_id_tag_info *id_tag_info;
};

/* GetLocalListVersion.req, OCPP 1.6 section 6.27. */
struct ocpp_get_local_list_version_req {
    char unused; /* the object has no members */
};

/* GetLocalListVersion.conf, OCPP 1.6 section 6.28. */
struct ocpp_get_local_list_version_conf {
    int32_t list_version; /* >= -1 */
};

/* SendLocalList.req, OCPP 1.6 section 6.41. */
struct ocpp_send_local_list_req {
    int32_t list_version; /* >= 1 */
    const struct ocpp_authorization_data *local_authorization_list;
    size_t n_local_authorization_list;
    int32_t update_type; /* OCPP_UPDATE_TYPE_* */
};

/* SendLocalList.conf, OCPP 1.6 section 6.42. */
struct ocpp_send_local_list_conf {
    int32_t status; /* OCPP_UPDATE_STATUS_* */
};

extern const struct ocpp_object ocpp_authorization_data_object;
extern const struct ocpp_object ocpp_get_local_list_version_req_object;
extern const struct ocpp_object ocpp_get_local_list_version_conf_object;
extern const struct ocpp_object ocpp_send_local_list_req_object;
extern const struct ocpp_object ocpp_send_local_list_conf_object;

#endif
