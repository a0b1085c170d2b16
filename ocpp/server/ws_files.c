/*
 * Files by HTTP, on sockets that libwebsockets has read a request from.
 *
 * Its own server is no use for the rest: between a request and the end of the answer it does not
 * read, but is woken for what could be read, and while reading is switched off it does not write
 * either.  So it is told to read no more, and we read and write ourselves (through its SSL object
 * where there is TLS), woken by an epoll instance of our own that the loop watches as one
 * descriptor.
 */
#include "ocpp/server/ws_files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ocpp/server/http_status.h"
#include "ocpp/server/ws_state.h"

enum {
    FILES_AT_ONCE = 96,
    FILES_OF_JOB = 16,     /* of those: one station does not take the places of all */
    ANSWERS_AT_ONCE = 512, /* with those that are only told no; then they are cut off unheard */
    PIECE_BYTES = 32768,
    LOOK_MS = 1000,
    WINDOW_MS = 60000,   /* in which at least ... */
    WINDOW_BYTES = 4096, /* ... so many bytes move, or the peer is cut */
    LINGER_MS = 3000,    /* what a peer goes on sending is read so long */
    READS_AT_ONCE = 4,
    EVENTS_AT_ONCE = 16,
    RETRY_AFTER_S = 20,
    HEADER_SIZE = 512,
};

enum file_step {
    SENDING,
    RECEIVING,
    STORING,
    ANSWERING, /* the last words are being written */
    LINGERING, /* all is said: wait for the peer to hang up, so that it hears all of it */
    OVER,
};

struct ws_file {
    struct ws_link *link;
    uint32_t wanted; /* EPOLLIN, EPOLLOUT: what it waits for */
    struct ws_file_grant grant;
    uint64_t ticket;
    int fd, socket; /* of the file; of the peer, which belongs to libwebsockets */
    enum file_step step;
    bool is_head, is_form;
    bool is_served;              /* it has one of the places */
    uint64_t at, end, total;     /* next byte, behind the last one of this request, of the whole */
    uint64_t body_len, body_got; /* of the request */
    uint64_t moved, seen;        /* bytes; the second at the beginning of the window */
    int64_t window_mono_ms, answered_mono_ms;
    char name[FILE_NAME_SIZE];
    struct file_form *form;
    char *out; /* to be written: room for PIECE_BYTES */
    size_t out_at, out_len;
};

static int64_t mono_now(const struct ws_link *link)
{
    return loop_now(link->server->options.loop).mono_ms;
}

/* --- answers --- */

/* --- the socket --- */

enum { IO_AGAIN = -1, IO_FAILED = -2 };

static ssize_t tls_result(SSL *ssl, int n)
{
    if (n > 0)
        return n;
    int error = SSL_get_error(ssl, n);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return IO_AGAIN;
    return error == SSL_ERROR_ZERO_RETURN ? 0 : IO_FAILED;
}

static ssize_t io_read(struct ws_file *f, char *buf, size_t n)
{
    SSL *ssl = f->link->tls ? lws_get_ssl(f->link->wsi) : NULL;
    if (ssl != NULL) {
        ERR_clear_error();
        return tls_result(ssl, SSL_read(ssl, buf, (int)n));
    }
    ssize_t got = recv(f->socket, buf, n, MSG_DONTWAIT);
    return got >= 0 ? got : errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
}

static ssize_t io_write(struct ws_file *f, const char *bytes, size_t n)
{
    SSL *ssl = f->link->tls ? lws_get_ssl(f->link->wsi) : NULL;
    if (ssl != NULL) {
        ERR_clear_error();
        return tls_result(ssl, SSL_write(ssl, bytes, (int)n));
    }
    ssize_t put = send(f->socket, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    return put >= 0 ? put : errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
}

static void want(struct ws_file *f, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = f };
    if (f->wanted == events)
        return;
    f->wanted = events;
    epoll_ctl(f->link->server->files_epoll, EPOLL_CTL_MOD, f->socket, &event);
}

static void hang_up(struct ws_file *f)
{
    f->step = OVER;
    /* Not even to be told that the peer has gone. */
    epoll_ctl(f->link->server->files_epoll, EPOLL_CTL_DEL, f->socket, NULL);
    ws_link_kill(f->link);
}

/* Another may be served. */
static void leave_place(struct ws_file *f)
{
    f->link->server->n_files -= f->is_served;
    f->is_served = false;
}

static void linger(struct ws_file *f)
{
    SSL *ssl = f->link->tls ? lws_get_ssl(f->link->wsi) : NULL;
    if (ssl != NULL)
        SSL_shutdown(ssl);
    shutdown(f->socket, SHUT_WR);
    f->step = LINGERING;
    leave_place(f);
    f->answered_mono_ms = mono_now(f->link);
    want(f, EPOLLIN);
}

/* Say something; nothing else waits to be written. */
static void say(struct ws_file *f, const char *text, size_t len)
{
    memcpy(f->out, text, len);
    f->out_at = 0;
    f->out_len = len;
    want(f, EPOLLOUT);
}

/* The last words; the connection ends when they are written and nothing more comes. */
static int answer(struct ws_link *link, int status, const char *extra, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static int answer(struct ws_link *link, int status, const char *extra, const char *format, ...)
{
    struct ws_file *f = link->file;
    char body[400], text[1200];
    va_list args;
    va_start(args, format);
    vsnprintf(body, sizeof(body) - 1, format, args);
    va_end(args);
    if (body[0] != '\0')
        strncat(body, "\n", sizeof(body) - strlen(body) - 1);
    int len =
        snprintf(text, sizeof(text),
                 "HTTP/1.1 %d %s\r\n%sContent-Type: text/plain; charset=utf-8\r\n"
                 "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                 status, http_status_text(status), extra, strlen(body), f->is_head ? "" : body);
    f->step = ANSWERING;
    leave_place(f);
    say(f, text, (size_t)len);
    return 0;
}

static void refused_token(struct ws_link *link)
{
    struct ws_server *w = link->server;
    char address[INET6_ADDRSTRLEN];
    int64_t now_mono_ms = mono_now(link);
    limiter_take(w->by_address, &link->peer, sizeof(link->peer), now_mono_ms);
    w->counters.refused++;
    if (!limiter_take(w->by_record, &link->peer, sizeof(link->peer), now_mono_ms) ||
        !bucket_take(&w->records, 1, 200, 20, now_mono_ms))
        return;
    ws_peer_text(link, address, sizeof(address));
    ws_event(w, "file.refused", STORE_WARNING, NULL,
             "a file was asked for from %s by a token that is none, or none any more", address);
}

/* --- headers --- */

/* NULL when it is absent or longer than anything sensible. */
static const char *header(struct ws_link *link, enum lws_token_indexes token, char *buf)
{
    if (lws_hdr_total_length(link->wsi, token) <= 0 ||
        lws_hdr_copy(link->wsi, buf, HEADER_SIZE, token) < 0)
        return NULL;
    return buf;
}

static void http_date(time_t at, char *buf, size_t size)
{
    /* Names of days and months are English whatever the locale. */
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm t;
    gmtime_r(&at, &t);
    snprintf(buf, size, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * t.tm_wday, t.tm_mday,
             months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* --- downloads --- */

/* If-Range: a part is wanted only of the file that is meant. */
static enum file_range wanted_range(struct ws_link *link, const char *date)
{
    struct ws_file *f = link->file;
    char range[HEADER_SIZE], same[HEADER_SIZE];
    uint64_t first = 0, last = 0;
    const char *text = header(link, WSI_TOKEN_HTTP_RANGE, range);
    const char *only_if = header(link, WSI_TOKEN_HTTP_IF_RANGE, same);
    if (only_if != NULL && strcmp(only_if, date) != 0 &&
        !file_etag_in(only_if, f->grant.etag, true))
        text = NULL;
    enum file_range which = file_range_read(text, f->total, &first, &last);
    f->at = which == FILE_PART ? first : 0;
    f->end = which == FILE_PART ? last + 1 : f->total;
    return which;
}

static bool is_known(struct ws_link *link, const char *date)
{
    char text[HEADER_SIZE];
    const char *tags = header(link, WSI_TOKEN_HTTP_IF_NONE_MATCH, text);
    if (tags != NULL)
        return file_etag_in(tags, link->file->grant.etag, false);
    const char *since = header(link, WSI_TOKEN_HTTP_IF_MODIFIED_SINCE, text);
    return since != NULL && strcmp(since, date) == 0;
}

static int send_file(struct ws_link *link)
{
    struct ws_file *f = link->file;
    struct stat info;
    char date[40], extra[300], part[100] = "";
    f->fd = open(f->grant.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (f->fd < 0 || fstat(f->fd, &info) != 0 || !S_ISREG(info.st_mode))
        return answer(link, 404, "", "the file is not there any more");
    f->total = (uint64_t)info.st_size;
    http_date(info.st_mtime, date, sizeof(date));
    int len = snprintf(extra, sizeof(extra),
                       "ETag: %s\r\nLast-Modified: %s\r\nAccept-Ranges: bytes\r\n"
                       "Cache-Control: no-store\r\n",
                       f->grant.etag, date);
    if (is_known(link, date))
        return answer(link, 304, extra, "%s", "");
    enum file_range which = wanted_range(link, date);
    if (which == FILE_NOT_THERE) {
        snprintf(extra + len, sizeof(extra) - (size_t)len, "Content-Range: bytes */%" PRIu64 "\r\n",
                 f->total);
        return answer(link, 416, extra, "the file has %" PRIu64 " bytes", f->total);
    }
    if (which == FILE_PART)
        snprintf(part, sizeof(part), "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n",
                 f->at, f->end - 1, f->total);
    char head[800];
    len = snprintf(head, sizeof(head),
                   "HTTP/1.1 %d %s\r\n%s%sContent-Type: application/octet-stream\r\n"
                   "Content-Length: %" PRIu64 "\r\nConnection: close\r\n\r\n",
                   which == FILE_PART ? 206 : 200, http_status_text(which == FILE_PART ? 206 : 200),
                   extra, part, f->end - f->at);
    if (f->is_head)
        f->at = f->end;
    say(f, head, (size_t)len);
    return 0;
}

/* @return false: all is written, or the file is shorter than promised (the peer sees it) */
static bool next_piece(struct ws_file *f)
{
    struct ws_file_port *port = &f->link->server->options.files;
    size_t n = f->end - f->at < PIECE_BYTES ? (size_t)(f->end - f->at) : PIECE_BYTES;
    ssize_t got = n > 0 ? pread(f->fd, f->out, n, (off_t)f->at) : 0;
    if (got <= 0)
        return false;
    f->at += (uint64_t)got;
    f->out_at = 0;
    f->out_len = (size_t)got;
    if (port->moved != NULL)
        port->moved(port->arg, f->grant.job, f->at, f->total);
    return true;
}

/* --- uploads --- */

static bool keep_bytes(void *arg, const char *bytes, size_t n)
{
    struct ws_file *f = arg;
    while (n > 0) {
        ssize_t put = pwrite(f->fd, bytes, n, (off_t)f->at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes += put;
        n -= (size_t)put;
        f->at += (uint64_t)put;
    }
    return true;
}

static int not_kept(struct ws_link *link)
{
    int error = errno;
    bool full = error == ENOSPC || error == EDQUOT;
    if (full && link->file->fd >= 0 && ftruncate(link->file->fd, 0) != 0)
        error = errno; /* the room is given back: others need it more */
    if (bucket_take(&link->server->records, 1, 200, 20, mono_now(link)))
        ws_event(link->server, "file.failed", STORE_ALARM, NULL, "an upload cannot be written: %s",
                 strerror(error));
    return answer(link, full ? 507 : 500, "", "%s",
                  full ? "the disk is full; try again later" : "the file cannot be written");
}

static int store_upload(struct ws_link *link)
{
    struct ws_file *f = link->file;
    struct ws_file_port *port = &link->server->options.files;
    char range[80] = "";
    want(f, 0);
    if (f->is_form && ftruncate(f->fd, (off_t)f->at) != 0)
        return not_kept(link);
    if (!f->is_form && f->end < f->total) { /* a part; more will come */
        snprintf(range, sizeof(range), "Range: bytes=0-%" PRIu64 "\r\n", f->end - 1);
        return answer(link, 200, range, "%" PRIu64 " of %" PRIu64 " bytes", f->end, f->total);
    }
    f->step = STORING;
    port->uploaded(port->arg, f->grant.job, f->name, f->ticket);
    return 0;
}

/* One part after the other, without a gap.  Nothing is touched yet. @return false: it is answered
 */
static bool find_place(struct ws_link *link, uint64_t length)
{
    struct ws_file *f = link->file;
    char text[HEADER_SIZE], have[80];
    uint64_t first, last, total;
    struct stat info;
    const char *range = header(link, WSI_TOKEN_HTTP_CONTENT_RANGE, text);
    f->at = 0;
    f->total = f->end = length;
    if (range == NULL)
        return true;
    if (f->is_form || !file_content_range_read(range, &first, &last, &total) ||
        last - first + 1 != length) {
        answer(link, 400, "", "Content-Range does not fit the length of the body");
        return false;
    }
    if (fstat(f->fd, &info) != 0) {
        not_kept(link);
        return false;
    }
    if (first > (uint64_t)info.st_size) {
        snprintf(have, sizeof(have), "Range: bytes=0-%lld\r\n", (long long)info.st_size - 1);
        answer(link, 409, info.st_size > 0 ? have : "",
               "only %lld bytes are here: go on from there", (long long)info.st_size);
        return false;
    }
    f->at = first;
    f->end = last + 1;
    f->total = total;
    return true;
}

/* @return false: it is answered */
static bool accept_body(struct ws_link *link, uint64_t *ret_length)
{
    struct ws_file *f = link->file;
    char text[HEADER_SIZE];
    if (lws_hdr_total_length(link->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
        answer(link, 411, "", "uploads in chunks are not taken: send Content-Length");
        return false;
    }
    const char *length = header(link, WSI_TOKEN_HTTP_CONTENT_LENGTH, text);
    if (length == NULL || !file_number_read(length, ret_length)) {
        answer(link, 411, "", "say how long the file is: send Content-Length");
        return false;
    }
    f->body_len = *ret_length;
    const char *type = header(link, WSI_TOKEN_HTTP_CONTENT_TYPE, text);
    if (f->is_form && type != NULL && strncasecmp(type, "multipart/", 10) == 0) {
        f->form = malloc(sizeof(*f->form));
        if (f->form == NULL || !file_form_init(f->form, type)) {
            answer(link, 400, "", "the form has no boundary");
            return false;
        }
    } else {
        f->is_form = false;
    }
    return true;
}

/* Only the newest connection writes a file. */
static void end_others(struct ws_link *link)
{
    for (struct ws_link *l = link->server->list[WS_FILES].first; l != NULL; l = l->next)
        if (l != link && l->file != NULL && l->file->grant.is_upload &&
            l->file->grant.job == link->file->grant.job && l->file->step == RECEIVING)
            hang_up(l->file);
}

static int receive_file(struct ws_link *link)
{
    struct ws_file *f = link->file;
    struct ws_file_port *port = &link->server->options.files;
    char text[HEADER_SIZE];
    uint64_t length = 0;
    if (!accept_body(link, &length))
        return 0;
    f->fd = open(f->grant.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f->fd < 0)
        return not_kept(link);
    if (!find_place(link, length))
        return 0;
    int refused = port->room(port->arg, f->grant.job, f->total, text, sizeof(text));
    if (refused != 0) /* what is here stays as it is: it may be complete, and just being stored */
        return answer(link, refused, "", "%s", text);
    end_others(link);
    if (ftruncate(f->fd, (off_t)f->at) != 0)
        return not_kept(link);
    f->step = RECEIVING;
    const char *expect = header(link, WSI_TOKEN_HTTP_EXPECT, text);
    if (expect != NULL && strcasecmp(expect, "100-continue") == 0)
        say(f, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    return length == 0 ? store_upload(link) : 0;
}

static int no_form(struct ws_link *link)
{
    return answer(link, 400, "", "the form holds no file: send one, as curl -F file=@NAME does");
}

static int body_end(struct ws_link *link)
{
    struct ws_file *f = link->file;
    if (f->is_form && file_form_take(f->form, "", 0, keep_bytes, f) != FILE_FORM_DONE)
        return no_form(link);
    return store_upload(link);
}

static int take_body(struct ws_link *link, const char *bytes, size_t n)
{
    struct ws_file *f = link->file;
    struct ws_file_port *port = &link->server->options.files;
    f->moved += n;
    f->body_got += n;
    if (f->is_form) {
        enum file_form_rc rc = file_form_take(f->form, bytes, n, keep_bytes, f);
        if (rc == FILE_FORM_BAD)
            return no_form(link);
        if (rc == FILE_FORM_SINK)
            return not_kept(link);
        if (f->form->name[0] != '\0')
            memcpy(f->name, f->form->name, sizeof(f->name));
    } else if (!keep_bytes(f, bytes, n)) {
        return not_kept(link);
    }
    if (port->moved != NULL)
        port->moved(port->arg, f->grant.job, f->moved, f->total);
    return f->body_got >= f->body_len ? body_end(link) : 0;
}

/* What libwebsockets had read together with the head. */
int ws_files_body(struct ws_link *link, const char *bytes, size_t n)
{
    struct ws_file *f = link->file;
    if (f == NULL || f->step != RECEIVING || n > f->body_len - f->body_got)
        return 0;
    return take_body(link, bytes, n);
}

/* --- what the loop says --- */

static void read_some(struct ws_file *f)
{
    char *piece = (char *)f->link->server->scratch;
    for (int n = 0; n < READS_AT_ONCE && f->step == RECEIVING; n++) {
        uint64_t left = f->body_len - f->body_got;
        ssize_t got = io_read(f, piece, left < SCRATCH_BYTES ? (size_t)left : SCRATCH_BYTES);
        if (got == IO_AGAIN)
            return;
        if (got <= 0) {
            hang_up(f); /* what has come is kept: it may go on from there */
            return;
        }
        if (take_body(f->link, piece, (size_t)got) != 0)
            hang_up(f);
    }
    if (f->step == RECEIVING && f->link->tls)
        want(f, EPOLLIN | EPOLLOUT); /* TLS may hold bytes that no descriptor announces */
}

static void discard(struct ws_file *f)
{
    char *piece = (char *)f->link->server->scratch;
    ssize_t got = IO_AGAIN;
    for (int n = 0; n < READS_AT_ONCE; n++)
        if ((got = io_read(f, piece, SCRATCH_BYTES)) <= 0)
            break;
    if (got == 0 || got == IO_FAILED)
        hang_up(f);
}

/* One piece per turn: the others have theirs. */
static void write_some(struct ws_file *f)
{
    if (f->out_at == f->out_len && f->step == SENDING && !next_piece(f)) {
        linger(f);
        return;
    }
    if (f->out_at < f->out_len) {
        ssize_t put = io_write(f, f->out + f->out_at, f->out_len - f->out_at);
        if (put == IO_FAILED || put == 0) {
            hang_up(f);
            return;
        }
        if (put > 0) {
            f->out_at += (size_t)put;
            f->moved += (uint64_t)put;
        }
    }
    if (f->out_at == f->out_len && f->step == ANSWERING)
        linger(f);
    else if (f->out_at == f->out_len && f->step == RECEIVING)
        want(f, EPOLLIN);
}

static void on_event(struct ws_file *f)
{
    if (f->step == LINGERING) {
        discard(f);
        return;
    }
    if (f->step == STORING) { /* the peer has gone: its file is stored all the same */
        hang_up(f);
        return;
    }
    if (f->step == SENDING || f->step == ANSWERING || f->out_at < f->out_len)
        write_some(f);
    if (f->step == RECEIVING && f->out_at == f->out_len) {
        want(f, EPOLLIN);
        read_some(f);
    }
}

static void on_events(void *arg)
{
    struct ws_server *w = arg;
    struct epoll_event event[EVENTS_AT_ONCE];
    int n = epoll_wait(w->files_epoll, event, EVENTS_AT_ONCE, 0);
    for (int i = 0; i < n; i++) {
        struct ws_file *f = event[i].data.ptr;
        if (f->step != OVER)
            on_event(f);
    }
}

static bool watch(struct ws_server *w)
{
    if (w->files_watch.wsi != NULL)
        return true;
    w->files_epoll = epoll_create1(EPOLL_CLOEXEC);
    w->files_watch = (struct loop_watch){ .on_readable = on_events, .arg = w };
    if (w->files_epoll >= 0 && loop_watch(w->options.loop, w->files_epoll, &w->files_watch))
        return true;
    if (w->files_epoll >= 0)
        close(w->files_epoll);
    return false;
}

void ws_files_answer(struct ws_server *w, uint64_t ticket, int status, const char *text)
{
    for (struct ws_link *l = w->list[WS_FILES].first; l != NULL; l = l->next)
        if (l->file != NULL && l->file->ticket == ticket && l->file->step == STORING) {
            if (answer(l, status, "", "%s", text) != 0)
                ws_link_kill(l);
            return;
        }
}

/* Asked for an upload: how much is here already (to go on from there). */
static int tell_size(struct ws_link *link)
{
    struct stat info;
    char head[200];
    bool known = stat(link->file->grant.path, &info) == 0;
    int len = snprintf(head, sizeof(head),
                       "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\nAccept-Ranges: bytes\r\n"
                       "Connection: close\r\n\r\n",
                       known ? (long long)info.st_size : 0LL);
    link->file->step = ANSWERING;
    say(link->file, head, (size_t)len);
    return 0;
}

/* --- the request --- */

static int serve(struct ws_link *link, int method)
{
    struct ws_file *f = link->file;
    bool is_put = method == LWSHUMETH_PUT || method == LWSHUMETH_POST;
    bool is_get = method == LWSHUMETH_GET || method == LWSHUMETH_HEAD;
    f->is_head = method == LWSHUMETH_HEAD;
    f->is_form = method == LWSHUMETH_POST;
    if (f->grant.is_upload && is_put)
        return receive_file(link);
    if (!f->grant.is_upload && is_get)
        return send_file(link);
    if (f->grant.is_upload && f->is_head)
        return tell_size(link);
    return answer(link, 405, f->grant.is_upload ? "Allow: PUT, POST\r\n" : "Allow: GET, HEAD\r\n",
                  "this address is for %s", f->grant.is_upload ? "an upload" : "a download");
}

bool ws_files_is(struct ws_link *link)
{
    char *uri = NULL;
    int len = 0;
    return link->server->options.files.find != NULL &&
           lws_http_get_uri_and_method(link->wsi, &uri, &len) >= 0 && uri != NULL && len >= 6 &&
           strncmp(uri, "/files", 6) == 0 && (len == 6 || uri[6] == '/');
}

static void file_free(struct ws_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    free(f->form);
    free(f->out);
    free(f);
}

static struct ws_file *file_new(struct ws_link *link)
{
    struct ws_server *w = link->server;
    struct ws_file *f = watch(w) ? calloc(1, sizeof(*f)) : NULL;
    struct epoll_event event = { .events = 0, .data.ptr = f };
    if (f == NULL)
        return NULL;
    f->fd = -1;
    f->link = link;
    f->socket = lws_get_socket_fd(link->wsi);
    f->ticket = ++w->tickets;
    f->window_mono_ms = mono_now(link);
    f->out = malloc(PIECE_BYTES);
    if (f->out != NULL && epoll_ctl(w->files_epoll, EPOLL_CTL_ADD, f->socket, &event) == 0)
        return f;
    file_free(f);
    return NULL;
}

static bool takes_place(struct ws_link *link)
{
    struct ws_server *w = link->server;
    size_t of_job = 0;
    if (w->n_files >= FILES_AT_ONCE)
        return false;
    for (struct ws_link *l = w->list[WS_FILES].first; l != NULL; l = l->next)
        of_job +=
            l->file != NULL && l->file->is_served && l->file->grant.job == link->file->grant.job;
    if (of_job >= FILES_OF_JOB)
        return false;
    link->file->is_served = true;
    w->n_files++;
    return true;
}

static int begin(struct ws_link *link, int method, const char *path)
{
    struct ws_server *w = link->server;
    struct ws_file *f = link->file;
    char token[FILE_TOKEN_CHARS + 1] = "", extra[40];
    if (!file_path_split(path, token, f->name) ||
        !w->options.files.find(w->options.files.arg, token, &f->grant)) {
        refused_token(link);
        if (w->list[WS_FILES].n > ANSWERS_AT_ONCE)
            return -1;
        return answer(link, 404, "", "there is no such file, or it is not offered any more");
    }
    if (takes_place(link))
        return serve(link, method);
    if (w->list[WS_FILES].n > ANSWERS_AT_ONCE)
        return -1;
    snprintf(extra, sizeof(extra), "Retry-After: %d\r\n", RETRY_AFTER_S);
    return answer(link, 503, extra, "too many transfers at once; try again");
}

int ws_files_begin(struct ws_link *link)
{
    char path[HEADER_SIZE] = "";
    char *uri = NULL;
    int len = 0;
    int method = lws_http_get_uri_and_method(link->wsi, &uri, &len);
    link->decided = true;
    if (link->file != NULL || link->server->quiet || (link->file = file_new(link)) == NULL)
        return -1;
    ws_list_move(link, WS_FILES, mono_now(link));
    lws_rx_flow_control(link->wsi, 0);
    lws_set_timeout(link->wsi, NO_PENDING_TIMEOUT, 0);
    if (link->tls)
        SSL_set_mode(lws_get_ssl(link->wsi),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    snprintf(path, sizeof(path), "%.*s", len, uri);
    int rc = begin(link, method, path);
    if (rc == 0 && link->file->step == RECEIVING)
        want(link->file, EPOLLIN | EPOLLOUT); /* TLS may hold some of it already */
    return rc;
}

void ws_files_end(struct ws_link *link)
{
    struct ws_file *f = link->file;
    if (f == NULL)
        return;
    link->file = NULL;
    leave_place(f);
    epoll_ctl(link->server->files_epoll, EPOLL_CTL_DEL, f->socket, NULL);
    file_free(f);
}

/* --- time --- */

static bool is_too_slow(struct ws_file *f, int64_t now_mono_ms)
{
    if (f->step == LINGERING)
        return now_mono_ms - f->answered_mono_ms >= LINGER_MS;
    if (f->step == STORING) {
        f->window_mono_ms = now_mono_ms; /* it is us who take our time */
        return false;
    }
    if (now_mono_ms - f->window_mono_ms < WINDOW_MS)
        return false;
    bool slow = f->moved - f->seen < WINDOW_BYTES;
    f->seen = f->moved;
    f->window_mono_ms = now_mono_ms;
    return slow;
}

int64_t ws_files_tick(struct ws_server *w, int64_t now_mono_ms)
{
    if (w->list[WS_FILES].first == NULL)
        return INT64_MAX;
    if (now_mono_ms < w->files_look_mono_ms)
        return w->files_look_mono_ms;
    w->files_look_mono_ms = now_mono_ms + LOOK_MS;
    for (struct ws_link *l = w->list[WS_FILES].first; l != NULL; l = l->next) {
        if (l->file == NULL || l->file->step == OVER || is_too_slow(l->file, now_mono_ms))
            ws_link_kill(l);
        else
            lws_set_timeout(l->wsi, NO_PENDING_TIMEOUT, 0); /* its own are shorter than ours */
    }
    return w->files_look_mono_ms;
}

size_t ws_files_count(const struct ws_server *w)
{
    return w->list[WS_FILES].n;
}
