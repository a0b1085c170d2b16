/*
 * Records and live views as JSON (API.md, "Members of the answers").  Each appends one object.
 */
#ifndef CMD_NOXD_VIEWS_H
#define CMD_NOXD_VIEWS_H

#include "cmd/noxd/admin_state.h"

void view_storage(const struct admin *a, struct ocpp_text *out); /* with its key "storage" */
void view_counters(const struct admin *a, struct ocpp_text *out);
/* Those in force; forgets those that are over. */
void view_alarms_forget(struct admin *a); /* those that are over */
void view_alarms(struct admin *a, struct ocpp_text *out);
/* i and k as in central.h. */
void view_connector(const struct admin *a, size_t i, size_t k, struct ocpp_text *out);
/* The members of a station that come from live state, without brackets. */
void view_station_live(const struct admin *a, size_t i, struct ocpp_text *out);
/* All nodes as the entries of a list; with their points if asked. */
void view_grid(const struct admin *a, bool with_points, struct ocpp_text *out);
/* All connectors as the entries of a list. */
void view_connectors(const struct admin *a, struct ocpp_text *out);

/* Members without brackets, so that more can follow. */
/* As member "need": what was told of a session, or null. */
void view_need(const struct central_need *need, struct ocpp_text *out);
/* Members of one grid node, without its points. */
void view_node(const struct admin *a, const struct central_node_view *node, struct ocpp_text *out);
void view_session(const struct store_session *session, struct ocpp_text *out);
void view_event(int64_t seq, const struct store_event *event, struct ocpp_text *out);
const char *view_registration(int32_t registration); /* NULL if it is none */

#endif
