#include "tests/bench/frame.h"

#include <stdio.h>
#include <string.h>

static void base64(const char *in, char *ret_text)
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = strlen(in);
    char *out = ret_text;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t b = (uint32_t)(uint8_t)in[i] << 16;
        b |= i + 1 < len ? (uint32_t)(uint8_t)in[i + 1] << 8 : 0;
        b |= i + 2 < len ? (uint32_t)(uint8_t)in[i + 2] : 0;
        *out++ = letter[b >> 18];
        *out++ = letter[b >> 12 & 63];
        *out++ = i + 1 < len ? letter[b >> 6 & 63] : '=';
        *out++ = i + 2 < len ? letter[b & 63] : '=';
    }
    *out = '\0';
}

size_t frame_upgrade_request(const char *host, int port, const char *station, const char *key,
                             char *ret_text, size_t size)
{
    char login[96], coded[144], line[192] = "";
    if (key != NULL) {
        int len = snprintf(login, sizeof(login), "%s:%s", station, key);
        if (len < 0 || (size_t)len >= sizeof(login))
            return 0;
        base64(login, coded);
        snprintf(line, sizeof(line), "Authorization: Basic %s\r\n", coded);
    }
    int n = snprintf(ret_text, size,
                     "GET /ocpp/%s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Key: bm94LWJlbmNoLXN0YXRpbw==\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp1.6\r\n%s\r\n",
                     station, host, port, line);
    return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

size_t frame_upgrade_answer(const char *in, size_t len, bool *ret_ok)
{
    for (size_t i = 3; i < len; i++) {
        if (in[i] != '\n' || memcmp(in + i - 3, "\r\n\r\n", 4) != 0)
            continue;
        *ret_ok = len >= 12 && memcmp(in, "HTTP/1.1 101", 12) == 0;
        return i + 1;
    }
    return 0;
}

static void mask_bytes(char *payload, size_t len, uint32_t mask)
{
    uint64_t wide = (uint64_t)mask << 32 | mask;
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t word;
        memcpy(&word, payload + i, 8);
        word ^= wide;
        memcpy(payload + i, &word, 8);
    }
    uint8_t rest[8];
    memcpy(rest, &wide, 8);
    for (size_t k = 0; i < len; i++, k++)
        payload[i] = (char)((uint8_t)payload[i] ^ rest[k]);
}

char *frame_seal(enum frame_opcode opcode, char *payload, size_t len, uint32_t mask,
                 size_t *ret_len)
{
    char *head = payload - (len < 126 ? 6 : 8);
    memcpy(payload - 4, &mask, 4);
    head[0] = (char)(0x80 | (unsigned)opcode);
    if (len < 126) {
        head[1] = (char)(0x80 | len);
    } else {
        head[1] = (char)(0x80 | 126);
        head[2] = (char)(len >> 8 & 255);
        head[3] = (char)(len & 255);
    }
    mask_bytes(payload, len, mask);
    *ret_len = (size_t)(payload - head) + len;
    return head;
}

size_t frame_read(const char *in, size_t len, struct frame *ret_frame)
{
    const uint8_t *b = (const uint8_t *)in;
    if (len < 2)
        return 0;
    size_t head = 2, payload = b[1] & 127;
    size_t wide = payload == 126 ? 2 : payload == 127 ? 8 : 0;
    if (len < head + wide)
        return 0;
    if (wide > 0)
        payload = 0;
    for (size_t i = 0; i < wide; i++)
        payload = payload << 8 | b[head + i];
    head += wide;
    if (payload > len - head)
        return 0;
    ret_frame->opcode = b[0] & 15;
    ret_frame->is_final = (b[0] & 0x80) != 0;
    ret_frame->payload = in + head;
    ret_frame->len = payload;
    return head + payload;
}
