#include "cmd/noxctl/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct stream {
    int fd;
    SSL_CTX *tls_context; /* NULL unless STREAM_TLS */
    SSL *tls;
};

static bool parse_host(const char *text, const char *port, struct stream_address *ret)
{
    size_t len = text[0] == '[' ? strcspn(text, "]") : strcspn(text, ":/");
    const char *host = text;
    const char *rest = text + len;
    if (text[0] == '[') {
        host++;
        len--;
        rest += *rest == ']';
    }
    if (len == 0 || len >= sizeof(ret->host))
        return false;
    memcpy(ret->host, host, len);
    ret->host[len] = '\0';
    snprintf(ret->port, sizeof(ret->port), "%s", port);
    if (*rest == ':') {
        size_t digits = strspn(rest + 1, "0123456789");
        if (digits == 0 || digits >= sizeof(ret->port))
            return false;
        snprintf(ret->port, sizeof(ret->port), "%.*s", (int)digits, rest + 1);
        rest += 1 + digits;
    }
    return *rest == '\0' || strcmp(rest, "/") == 0;
}

bool stream_parse_address(const char *url, struct stream_address *ret_address)
{
    if (strncmp(url, "unix:", 5) == 0) {
        const char *path = strncmp(url + 5, "//", 2) == 0 ? url + 7 : url + 5;
        ret_address->kind = STREAM_UNIX;
        int n = snprintf(ret_address->path, sizeof(ret_address->path), "%s", path);
        return *path && (size_t)n < sizeof(ret_address->path);
    }
    if (strncmp(url, "http://", 7) == 0) {
        ret_address->kind = STREAM_TCP;
        return parse_host(url + 7, "80", ret_address);
    }
    if (strncmp(url, "https://", 8) == 0) {
        ret_address->kind = STREAM_TLS;
        return parse_host(url + 8, "443", ret_address);
    }
    return false;
}

int64_t stream_now_mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static enum stream_rc wait_for(int fd, short events, int64_t deadline_mono_ms)
{
    for (;;) {
        int64_t left_ms = deadline_mono_ms - stream_now_mono_ms();
        if (left_ms <= 0)
            return STREAM_TIMED_OUT;
        struct pollfd p = { .fd = fd, .events = events };
        int n = poll(&p, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
        if (n > 0)
            return STREAM_OK;
        if (n < 0 && errno != EINTR)
            return STREAM_FAILED;
    }
}

static enum stream_rc connect_fd(int fd, const struct sockaddr *address, socklen_t len,
                                 int64_t deadline_mono_ms)
{
    if (connect(fd, address, len) == 0)
        return STREAM_OK;
    if (errno == EACCES || errno == EPERM)
        return STREAM_DENIED;
    if (errno != EINPROGRESS && errno != EAGAIN)
        return STREAM_UNREACHABLE;
    enum stream_rc rc = wait_for(fd, POLLOUT, deadline_mono_ms);
    int error = 0;
    socklen_t size = sizeof(error);
    if (rc == STREAM_OK &&
        (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)) {
        errno = error;
        rc = STREAM_UNREACHABLE;
    }
    return rc;
}

static int new_socket(int family)
{
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

static enum stream_rc open_unix(const char *path, int64_t deadline_mono_ms, int *ret_fd,
                                char *ret_text, size_t size)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(address.sun_path)) {
        snprintf(ret_text, size, "the path %s is too long for a socket (at most %zu bytes)", path,
                 sizeof(address.sun_path) - 1);
        return STREAM_UNREACHABLE;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = new_socket(AF_UNIX);
    if (fd < 0)
        return STREAM_FAILED;
    enum stream_rc rc =
        connect_fd(fd, (struct sockaddr *)&address, sizeof(address), deadline_mono_ms);
    if (rc != STREAM_OK) {
        snprintf(ret_text, size, "%s", strerror(errno));
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return STREAM_OK;
}

static enum stream_rc open_tcp(const struct stream_address *address, int64_t deadline_mono_ms,
                               int *ret_fd, char *ret_text, size_t size)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
    int error = getaddrinfo(address->host, address->port, &hints, &list);
    if (error != 0) {
        snprintf(ret_text, size, "%s: %s", address->host, gai_strerror(error));
        return STREAM_UNREACHABLE;
    }
    enum stream_rc rc = STREAM_UNREACHABLE;
    for (struct addrinfo *a = list; a && rc != STREAM_OK; a = a->ai_next) {
        int fd = new_socket(a->ai_family);
        if (fd < 0)
            continue;
        rc = connect_fd(fd, a->ai_addr, a->ai_addrlen, deadline_mono_ms);
        if (rc == STREAM_OK) {
            *ret_fd = fd;
        } else {
            snprintf(ret_text, size, "%s", strerror(errno));
            close(fd);
        }
    }
    freeaddrinfo(list);
    return rc;
}

/* What to do after a TLS function has returned n <= 0. */
static enum stream_rc tls_wait(struct stream *stream, int n, int64_t deadline_mono_ms)
{
    switch (SSL_get_error(stream->tls, n)) {
    case SSL_ERROR_WANT_READ:
        return wait_for(stream->fd, POLLIN, deadline_mono_ms);
    case SSL_ERROR_WANT_WRITE:
        return wait_for(stream->fd, POLLOUT, deadline_mono_ms);
    case SSL_ERROR_ZERO_RETURN:
        return STREAM_CLOSED;
    default:
        return STREAM_FAILED;
    }
}

static enum stream_rc open_tls(struct stream *stream, const struct stream_address *address,
                               int64_t deadline_mono_ms, char *ret_text, size_t size)
{
    stream->tls_context = SSL_CTX_new(TLS_client_method());
    if (!stream->tls_context)
        return STREAM_FAILED;
    signal(SIGPIPE, SIG_IGN); /* TLS writes without MSG_NOSIGNAL */
    SSL_CTX_set_min_proto_version(stream->tls_context, TLS1_2_VERSION);
    SSL_CTX_set_verify(stream->tls_context, SSL_VERIFY_PEER, NULL);
    int trusted = address->ca
                      ? SSL_CTX_load_verify_locations(stream->tls_context, address->ca, NULL)
                      : SSL_CTX_set_default_verify_paths(stream->tls_context);
    stream->tls = trusted == 1 ? SSL_new(stream->tls_context) : NULL;
    if (!stream->tls) {
        snprintf(ret_text, size, "cannot read trusted certificates from %s",
                 address->ca ? address->ca : "the system");
        return STREAM_FAILED;
    }
    SSL_set_tlsext_host_name(stream->tls, address->host);
    SSL_set1_host(stream->tls, address->host);
    SSL_set_fd(stream->tls, stream->fd);
    for (;;) {
        int n = SSL_connect(stream->tls);
        if (n == 1)
            return STREAM_OK;
        enum stream_rc rc = tls_wait(stream, n, deadline_mono_ms);
        if (rc == STREAM_OK)
            continue;
        long verdict = SSL_get_verify_result(stream->tls);
        snprintf(ret_text, size, "%s",
                 verdict != X509_V_OK ? X509_verify_cert_error_string(verdict)
                                      : "no TLS connection could be made");
        return rc == STREAM_TIMED_OUT ? rc : STREAM_UNREACHABLE;
    }
}

enum stream_rc stream_open(const struct stream_address *address, int64_t deadline_mono_ms,
                           struct stream **ret_stream, char *ret_text, size_t size)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return STREAM_FAILED;
    stream->fd = -1;
    snprintf(ret_text, size, "%s", "no connection could be made");
    enum stream_rc rc =
        address->kind == STREAM_UNIX
            ? open_unix(address->path, deadline_mono_ms, &stream->fd, ret_text, size)
            : open_tcp(address, deadline_mono_ms, &stream->fd, ret_text, size);
    if (rc == STREAM_OK && address->kind == STREAM_TLS)
        rc = open_tls(stream, address, deadline_mono_ms, ret_text, size);
    if (rc != STREAM_OK) {
        stream_close(stream);
        return rc;
    }
    *ret_stream = stream;
    return STREAM_OK;
}

void stream_close(struct stream *stream)
{
    if (!stream)
        return;
    SSL_free(stream->tls);
    SSL_CTX_free(stream->tls_context);
    if (stream->fd >= 0)
        close(stream->fd);
    free(stream);
}

static enum stream_rc write_some(struct stream *stream, const char *data, size_t len,
                                 int64_t deadline_mono_ms, size_t *ret_len)
{
    *ret_len = 0;
    if (stream->tls) {
        ERR_clear_error();
        int n = SSL_write(stream->tls, data, len > INT_MAX ? INT_MAX : (int)len);
        if (n <= 0)
            return tls_wait(stream, n, deadline_mono_ms);
        *ret_len = (size_t)n;
        return STREAM_OK;
    }
    ssize_t n = send(stream->fd, data, len, MSG_NOSIGNAL);
    if (n >= 0) {
        *ret_len = (size_t)n;
        return STREAM_OK;
    }
    if (errno == EAGAIN || errno == EINTR)
        return wait_for(stream->fd, POLLOUT, deadline_mono_ms);
    return errno == EPIPE || errno == ECONNRESET ? STREAM_CLOSED : STREAM_FAILED;
}

enum stream_rc stream_write(struct stream *stream, const char *data, size_t len,
                            int64_t deadline_mono_ms)
{
    while (len > 0) {
        size_t n;
        enum stream_rc rc = write_some(stream, data, len, deadline_mono_ms, &n);
        if (rc != STREAM_OK)
            return rc;
        data += n;
        len -= n;
    }
    return STREAM_OK;
}

enum stream_rc stream_read(struct stream *stream, char *ret_data, size_t size,
                           int64_t deadline_mono_ms, size_t *ret_len)
{
    for (;;) {
        enum stream_rc rc;
        if (stream->tls) {
            ERR_clear_error();
            int n = SSL_read(stream->tls, ret_data, size > INT_MAX ? INT_MAX : (int)size);
            if (n > 0) {
                *ret_len = (size_t)n;
                return STREAM_OK;
            }
            rc = tls_wait(stream, n, deadline_mono_ms);
        } else {
            ssize_t n = recv(stream->fd, ret_data, size, 0);
            if (n > 0) {
                *ret_len = (size_t)n;
                return STREAM_OK;
            }
            if (n == 0)
                return STREAM_CLOSED;
            if (errno != EAGAIN && errno != EINTR)
                return errno == ECONNRESET ? STREAM_CLOSED : STREAM_FAILED;
            rc = wait_for(stream->fd, POLLIN, deadline_mono_ms);
        }
        if (rc != STREAM_OK)
            return rc;
    }
}
