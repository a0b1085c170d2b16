/*
 * The words of HTTP's status line (RFC 9110 section 15), for all who answer by HTTP.
 */
#ifndef OCPP_SERVER_HTTP_STATUS_H
#define OCPP_SERVER_HTTP_STATUS_H

/* "Not Found"; "Error" for a status that nobody here answers.  Never NULL. */
const char *http_status_text(int status);

#endif
