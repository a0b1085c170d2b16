/*
 * The table of all routes.
 */
#ifndef CMD_NOXD_ROUTE_H
#define CMD_NOXD_ROUTE_H

#include "cmd/noxd/admin_state.h"

enum route_body {
    BODY_NONE,
    BODY_JSON, /* an object; the request's json */
    BODY_FILE, /* large; parsed by the route on a worker */
};

struct route {
    const char *method, *path; /* "/v1/stations/{id}/key" */
    void (*run)(struct request *r);
    enum route_body body;
    const char *query; /* names that may be given, blanks between; "" = none */
    const char *summary;
};

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/**
 * @param path        decoded; a {member} is one segment, only {idTag} may hold '/'
 * @param ret_param   PARAMS_MAX texts, allocated; NULL where there is none
 * @param ret_allow   for ROUTE_NO_METHOD: "GET, PUT"
 */
enum route_match route_find(const char *method, const char *path, const struct route **ret_route,
                            char *ret_param[PARAMS_MAX], char ret_allow[64]);

const struct route *route_at(size_t i); /* NULL after the last */
/* The path most like a wrong one, NULL if none is similar. */
const char *route_nearest(const char *path);
/* The name, of those that the route takes, most like a wrong one; false if none is similar. */
bool route_query_nearest(const struct route *route, const char *name, char ret_name[32]);
bool route_takes_query(const struct route *route, const char *name);

/* --- the routes, by group --- */
void route_index(struct request *r);
void route_status(struct request *r);
void route_top(struct request *r);
void route_metrics(struct request *r);
void route_stations(struct request *r);
void route_station(struct request *r);
void route_station_limit(struct request *r); /* route_limit.c */
void route_station_put(struct request *r);
void route_station_delete(struct request *r);
void route_station_key(struct request *r);
/* The key goes to the station, and is ours when it has taken it (route_security.c). */
void route_station_key_push(struct request *r);
void route_station_key_rollback(struct request *r);
void route_station_profile(struct request *r);
void route_station_registration(struct request *r);
void route_station_class(struct request *r);
void route_station_call(struct request *r);
void route_station_config(struct request *r);
void route_calls(struct request *r);
void route_station_profiles(struct request *r);
void route_reservations(struct request *r);
void route_reservation_create(struct request *r);
void route_connectors(struct request *r);
void route_config_drift(struct request *r);
void route_config_apply(struct request *r);
void route_templates(struct request *r);
void route_template_put(struct request *r);
void route_template_delete(struct request *r);
void route_quirks(struct request *r);
void route_violations(struct request *r);
void route_waiting(struct request *r);
void route_refused(struct request *r);
void route_sessions(struct request *r);
void route_session(struct request *r);
void route_session_need(struct request *r); /* route_need.c */
void route_session_need_clear(struct request *r);
void route_session_close(struct request *r);
void route_orphans(struct request *r);
void route_tags(struct request *r);
void route_tag(struct request *r);
void route_local_lists(struct request *r);
void route_local_list(struct request *r);
void route_local_list_sync(struct request *r);
void route_tags_import(struct request *r);
void route_tag_put(struct request *r);
void route_tag_delete(struct request *r);
void route_tariffs(struct request *r);
void route_factors(struct request *r);
/* --- green hours (route_series.c) --- */
void route_series_editions(struct request *r);
void route_series(struct request *r);
void route_series_import(struct request *r);
void route_grid_plan(struct request *r);
void route_green(struct request *r); /* route_report.c */
void route_grid(struct request *r);
void route_grid_limit(struct request *r);
void route_grid_prove(struct request *r);
void route_grid_simulate(struct request *r); /* route_simulate.c */
/* --- caps and meters: route_cap.c, route_meter.c --- */
void route_grid_cap(struct request *r);
void route_grid_caps(struct request *r);
void route_grid_cap_end(struct request *r);
void route_grid_meter(struct request *r);
void route_grid_meters(struct request *r);
/* route_grid.c: the node in the path, 404 if there is none; currents of the body, -1 = as they are
 */
bool route_grid_node(struct request *r, struct central_node_view *ret_node);
bool route_member_amps3(struct request *r, const char *name, int32_t ma[3]);
/* The proof; q->out has its members.  `then` gets `rest`, which is its own, by grid_proof_rest()
 * and ends q->state by that. */
void grid_ask_proof(struct request *r, void (*then)(struct request *r, struct question *q),
                    void *rest);
void *grid_proof_rest(struct question *q);
void route_events(struct request *r);
void route_frames(struct request *r);
void route_doctor(struct request *r);
void route_doctor_station(struct request *r);
void route_security(struct request *r);
void route_security_counts(struct request *r);
void route_refused_clear(struct request *r);
void route_tokens(struct request *r);
void route_token_add(struct request *r);
void route_token_remove(struct request *r);
void route_frames_live(struct request *r);
void route_apply(struct request *r);
void route_apply_schema(struct request *r);
void route_billing(struct request *r);
void route_emissions(struct request *r);

/* --- route_station.c: shared by routes that ask stations --- */
/* What came of a central_ask() as the request's answer; arg is the request, whose reference ends.
 */
void route_call_reply(void *arg, const struct central_reply *reply);
/* Has the body no other members?  Else answers 422 with the nearest name. */
bool route_only_members(struct request *r, const char *const *names, size_t n);

/* --- certificates (route_cert.c, route_cert_station.c) --- */
void route_cert_ca(struct request *r);
void route_cert_ca_init(struct request *r);
void route_cert_ca_import(struct request *r);
void route_cert_crl(struct request *r);
void route_cert_requests(struct request *r);
void route_cert_request(struct request *r);
void route_cert_approve(struct request *r);
void route_cert_reject(struct request *r);
void route_cert_sign(struct request *r);
void route_certs(struct request *r);
void route_cert(struct request *r);
void route_cert_revoke(struct request *r);
void route_station_certs(struct request *r);
void route_station_cert_install(struct request *r);
void route_station_cert_query(struct request *r);
void route_station_cert_delete(struct request *r);
void route_station_cert_renew(struct request *r);
/* 404 with the nearest name (route_station.c). */
void request_fail_no_station(struct request *r);
/* --- files: route_file.c, route_firmware.c --- */
/* Members of the body, and the number in the path; false: answered. */
bool route_number(struct request *r, const char *what, int64_t *ret_number);
bool route_member_time(struct request *r, const char *member, int64_t *ret_at_ms);
bool route_member_int(struct request *r, const char *member, int64_t min, int64_t max,
                      int64_t fallback, int64_t *ret);
bool route_member_flag(struct request *r, const char *member, bool fallback, bool *ret);
bool route_member_text(struct request *r, const char *member, const char **ret);
void route_station_firmware(struct request *r);
void route_station_diagnostics(struct request *r);
void route_station_log(struct request *r);
void route_file_jobs(struct request *r);
void route_file_job(struct request *r);
void route_file_job_abort(struct request *r);
void route_files(struct request *r);
void route_file_get(struct request *r);
void route_file_delete(struct request *r);
void route_firmware(struct request *r);
void route_firmware_piece(struct request *r);
void route_firmware_add(struct request *r);
void route_firmware_delete(struct request *r);
void route_rollouts(struct request *r);
void route_rollout(struct request *r);
void route_rollout_start(struct request *r);
void route_rollout_control(struct request *r);

#endif
