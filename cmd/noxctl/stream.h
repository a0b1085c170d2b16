/*
 * A byte stream to noxd: its Unix socket, or TCP, or TLS; blocking with a deadline.
 */
#ifndef CMD_NOXCTL_STREAM_H
#define CMD_NOXCTL_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stream_kind { STREAM_UNIX, STREAM_TCP, STREAM_TLS };

struct stream_address {
    enum stream_kind kind;
    char path[256]; /* STREAM_UNIX */
    char host[256]; /* else */
    char port[8];
    const char *ca; /* file with trusted certificates, NULL = those of the system */
};

enum stream_rc {
    STREAM_OK = 0,
    STREAM_CLOSED,      /* the peer has closed the stream */
    STREAM_TIMED_OUT,   /* the deadline passed */
    STREAM_UNREACHABLE, /* nobody listens, or it may not be trusted */
    STREAM_DENIED,      /* no permission for the socket */
    STREAM_FAILED,
};

struct stream;

/** "unix:PATH", "http://HOST[:PORT]", "https://HOST[:PORT]". @return false if it is none */
bool stream_parse_address(const char *url, struct stream_address *ret_address);

/** Monotonic milliseconds, for deadlines. */
int64_t stream_now_mono_ms(void);

/** @param ret_text  one sentence when the result is not STREAM_OK */
enum stream_rc stream_open(const struct stream_address *address, int64_t deadline_mono_ms,
                           struct stream **ret_stream, char *ret_text, size_t size);
void stream_close(struct stream *stream); /* NULL is fine */

enum stream_rc stream_write(struct stream *stream, const char *data, size_t len,
                            int64_t deadline_mono_ms);

/** Read what is there, at least one byte. */
enum stream_rc stream_read(struct stream *stream, char *ret_data, size_t size,
                           int64_t deadline_mono_ms, size_t *ret_len);

#endif
