/* What the three programs share: the clock, stamped packets, and just enough of HTTP.
 *
 * A packet of video carries 32 hex digits at its end: when it was sent (ns of CLOCK_MONOTONIC), and
 * its number among the packets of video. Digits because binary ones would look like start codes.
 * A packet that is cut in two by the end of a write has the stamp 0: it says nothing about latency.
 */
#ifndef COMMON_H
#define COMMON_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    PACKET = 188,
    STAMP_AT = PACKET - 32,
    NUMBER_AT = PACKET - 16,
    PMT_PID = 0x1000,
    VIDEO_PID = 0x100,
};

static inline int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void put_hex(uint8_t *at, uint64_t value) {
    for (int i = 15; i >= 0; i--, value >>= 4) at[i] = "0123456789abcdef"[value & 15];
}

static inline uint64_t get_hex(const uint8_t *at) {
    uint64_t value = 0;
    for (int i = 0; i < 16; i++) value = value << 4 | ((at[i] & 15) + (at[i] > '9' ? 9 : 0));
    return value;
}

static inline int pid_of(const uint8_t *packet) {
    return (packet[1] & 0x1f) << 8 | packet[2];
}

static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

static inline int epoll_set(int epoll, int operation, int fd, uint32_t events, void *owner) {
    struct epoll_event event = {.events = events, .data.ptr = owner};
    return epoll_ctl(epoll, operation, fd, &event);
}

/* Listens on a port of 127.0.0.1. */
static inline int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 512)) fail("listen");
    return fd;
}

/* Begins to connect to a port of 127.0.0.1. */
static inline int connect_to(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (fd < 0) fail("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        fail("connect");
    return fd;
}

/* Returns a descriptor that becomes readable every `ms`. */
static inline int every_ms(int ms) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct itimerspec when = {
        .it_interval = {ms / 1000, ms % 1000 * 1000000},
        .it_value = {ms / 1000, ms % 1000 * 1000000},
    };
    timerfd_settime(fd, 0, &when, NULL);
    return fd;
}

static inline void drain_timer(int fd) {
    uint64_t ticks;
    if (read(fd, &ticks, sizeof ticks) < 0) return;
}

/* Closes a connection with a reset, so that neither side keeps anything of it. */
static inline void reset_connection(int fd) {
    struct linger at_once = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

/* Returns the number after `--name` in the arguments, or what it is without. */
static inline double option(int count, char **values, const char *name, double otherwise) {
    for (int i = 1; i + 1 < count; i++)
        if (!strcmp(values[i], name)) return atof(values[i + 1]);
    return otherwise;
}

static inline const char *text_option(int count, char **values, const char *name) {
    for (int i = 1; i + 1 < count; i++)
        if (!strcmp(values[i], name)) return values[i + 1];
    return "";
}

/* The chunked transfer coding, taken off as bytes come in. */
struct dechunker {
    uint64_t left; /* bytes of the current chunk that are to come, its line end included */
    uint64_t size;
    bool in_size_line;
    bool started;
    bool over;
};

/* Takes the coding off `n` bytes in place and returns how many of the body are left. */
static inline size_t dechunk(struct dechunker *d, uint8_t *bytes, size_t n) {
    size_t out = 0, at = 0;
    if (!d->started) d->started = d->in_size_line = true;
    while (at < n && !d->over) {
        if (d->in_size_line) {
            uint8_t c = bytes[at++];
            if (c == '\n') {
                d->in_size_line = false;
                d->over = d->size == 0;
                d->left = d->size + 2;
                d->size = 0;
            } else if (c != '\r') {
                d->size = d->size << 4 | ((c & 15) + (c > '9' ? 9 : 0));
            }
            continue;
        }
        size_t taken = d->left < n - at ? d->left : n - at;
        size_t body = d->left <= 2 ? 0 : taken < d->left - 2 ? taken : d->left - 2;
        memmove(bytes + out, bytes + at, body);
        out += body;
        at += taken;
        d->left -= taken;
        d->in_size_line = d->left == 0;
    }
    return out;
}

#endif
