/*
 * Tables of the feature profile Local Auth List Management.
 */
#include "ocpp/wire/messages.h"
#include "ocpp/wire/rows.h"

#define T struct ocpp_authorization_data
static const struct ocpp_field authorization_data_fields[] = {
    OCPP_STR(T, id_tag, "idTag", 20),
    OCPP_OPT_OBJECT(T, id_tag_info, "idTagInfo", id_tag_info),
};
#undef T
OCPP_OBJECT_TABLE(authorization_data, "AuthorizationData", authorization_data_fields, false);

OCPP_EMPTY_TABLE(get_local_list_version_req, "GetLocalListVersion.req", false);

#define T struct ocpp_get_local_list_version_conf
static const struct ocpp_field get_local_list_version_conf_fields[] = {
    OCPP_INT(T, list_version, "listVersion", -1, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(get_local_list_version_conf, "GetLocalListVersion.conf",
                  get_local_list_version_conf_fields, true);

#define T struct ocpp_send_local_list_req
static const struct ocpp_field send_local_list_req_fields[] = {
    OCPP_INT(T, list_version, "listVersion", 1, INT32_MAX),
    OCPP_OPT_LIST(T, local_authorization_list, n_local_authorization_list, "localAuthorizationList",
                  authorization_data, 0),
    OCPP_ENUM(T, update_type, "updateType", update_type),
};
#undef T
OCPP_OBJECT_TABLE(send_local_list_req, "SendLocalList.req", send_local_list_req_fields, false);

#define T struct ocpp_send_local_list_conf
static const struct ocpp_field send_local_list_conf_fields[] = {
    OCPP_ENUM(T, status, "status", update_status),
};
#undef T
OCPP_OBJECT_TABLE(send_local_list_conf, "SendLocalList.conf", send_local_list_conf_fields, true);
