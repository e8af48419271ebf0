/* The limit: what a fan-out costs when nothing but the system calls is left.
 *
 *     limit --port 8081 --engine 6878 [--coalesce-ms 0]
 *
 * One thread, one epoll. What one read of the upstream brings is framed once into a ring shared by
 * all viewers, and sent to each at once without ever blocking. With `coalesce-ms` the upstream is
 * read on a timer instead. A viewer that fell behind is sent from the ring; the upstream waits while
 * one that moves is about to fall out of it; one that does not move for a second is cut.
 */
#include "common.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

enum { MAX_VIEWERS = 1024, MAX_STREAMS = 64, RING = 8 << 20, READ_SIZE = 256 << 10, FRAME = 10 };

struct viewer;

struct stream {
    struct viewer *viewers[1024];
    int viewer_count;
    char path[128];
    int fd;
    bool in_body, paused;
    struct dechunker dechunker;
    uint8_t *ring;  /* mapped twice in a row, so that what wraps is in one piece */
    int64_t head;   /* bytes ever written to it */
};

struct viewer {
    int fd;
    struct stream *stream;
    int64_t at;     /* bytes of the ring it was sent */
    bool waiting;   /* for its socket to take more */
    int unsent;     /* by the kernel, at the last look */
    int64_t moved;
};

static struct stream streams[MAX_STREAMS];
static struct viewer viewers[MAX_VIEWERS];
static int epoll_fd, engine_port, coalesce;

static uint8_t *make_ring(void) {
    int memory = memfd_create("ring", MFD_CLOEXEC);
    if (memory < 0 || ftruncate(memory, RING)) fail("ring");
    uint8_t *ring = mmap(NULL, 2 * RING, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int half = 0; half < 2; half++)
        mmap(ring + half * RING, RING, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory, 0);
    close(memory);
    return ring;
}

static void cut(struct viewer *v) {
    struct stream *s = v->stream;
    for (int i = 0; s && i < s->viewer_count; i++)
        if (s->viewers[i] == v) s->viewers[i] = s->viewers[--s->viewer_count];
    reset_connection(v->fd);
    v->fd = -1;
    v->stream = NULL;
}

static void send_to(struct viewer *v) {
    struct stream *s = v->stream;
    while (v->at < s->head) {
        ssize_t n = send(v->fd, s->ring + v->at % RING, s->head - v->at, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN) {
                cut(v);
                return;
            }
            if (!v->waiting) {
                v->waiting = true;
                v->moved = now_ns();
                epoll_set(epoll_fd, EPOLL_CTL_MOD, v->fd, EPOLLIN | EPOLLOUT, v);
            }
            return;
        }
        v->at += n;
        if (v->waiting) v->moved = now_ns();
    }
    if (v->waiting) {
        v->waiting = false;
        epoll_set(epoll_fd, EPOLL_CTL_MOD, v->fd, EPOLLIN, v);
    }
}

/* Returns how much may be written without running over anybody, cutting who stands still. */
static int64_t room(struct stream *s) {
    int64_t oldest = s->head;
    for (int i = s->viewer_count - 1; i >= 0; i--) {
        struct viewer *v = s->viewers[i];
        if (v->waiting && s->head - v->at > RING / 4) {
            int unsent = 0;
            ioctl(v->fd, SIOCOUTQ, &unsent);
            int64_t now = now_ns();
            if (unsent != v->unsent) v->moved = now;
            v->unsent = unsent;
            if (now - v->moved > 1000000000) {
                cut(v);
                continue;
            }
        }
        if (v->at < oldest) oldest = v->at;
    }
    return RING - (s->head - oldest);
}

static void pause_reading(struct stream *s, bool pause) {
    if (pause == s->paused) return;
    s->paused = pause;
    if (!coalesce) epoll_set(epoll_fd, EPOLL_CTL_MOD, s->fd, pause ? 0 : EPOLLIN, s);
}

/* Reads the upstream once; returns whether there may be more. */
static bool relay(struct stream *s) {
    if (room(s) < READ_SIZE + FRAME + 2) {
        pause_reading(s, true);
        return false;
    }
    uint8_t *frame = s->ring + s->head % RING, *bytes = frame + FRAME;
    ssize_t n = recv(s->fd, bytes, READ_SIZE, 0);
    if (n < 0 && errno == EAGAIN) return false;
    if (n <= 0) exit(0);
    size_t body = n;
    if (!s->in_body) {
        uint8_t *end = memmem(bytes, n, "\r\n\r\n", 4);
        if (!end) return true;
        s->in_body = true;
        body = bytes + n - (end + 4);
        memmove(bytes, end + 4, body);
    }
    body = dechunk(&s->dechunker, bytes, body);
    if (!body) return true;
    char size_line[FRAME + 1];
    snprintf(size_line, sizeof size_line, "%08x\r\n", (unsigned)body);
    memcpy(frame, size_line, FRAME);
    memcpy(bytes + body, "\r\n", 2);
    s->head += FRAME + body + 2;
    /* Backwards, as whoever is cut leaves its place to the last one. */
    for (int i = s->viewer_count - 1; i >= 0; i--)
        if (!s->viewers[i]->waiting) send_to(s->viewers[i]);
    return n == READ_SIZE;
}

static struct stream *stream_of(const char *path) {
    int i = 0;
    while (streams[i].ring && strcmp(streams[i].path, path)) i++;
    struct stream *s = &streams[i];
    if (s->ring) return s;
    char request[256];
    snprintf(s->path, sizeof s->path, "%s", path);
    s->ring = make_ring();
    s->fd = connect_to(engine_port);
    /* The first request waits for the engine to accept: once a stream, on this machine. */
    fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) & ~O_NONBLOCK);
    int n = snprintf(request, sizeof request, "GET /content/%s HTTP/1.1\r\n\r\n", path + 1);
    if (send(s->fd, request, n, MSG_NOSIGNAL) < n) fail("engine");
    fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
    if (!coalesce) epoll_set(epoll_fd, EPOLL_CTL_ADD, s->fd, EPOLLIN, s);
    return s;
}

static void hear(struct viewer *v) {
    char request[4096], target[128] = "";
    ssize_t n = recv(v->fd, request, sizeof request - 1, 0);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) cut(v);
        return;
    }
    request[n] = 0;
    if (v->stream || sscanf(request, "%*s %127s", target) < 1) return;
    const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n";
    if (send(v->fd, head, sizeof head - 1, MSG_NOSIGNAL) < 0) return;
    struct stream *s = stream_of(target);
    v->at = s->head;
    v->stream = s;
    s->viewers[s->viewer_count++] = v;
}

static void accept_all(int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int i = 0;
        while (i < MAX_VIEWERS && viewers[i].fd >= 0) i++;
        if (i == MAX_VIEWERS) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        viewers[i] = (struct viewer){.fd = fd};
        epoll_set(epoll_fd, EPOLL_CTL_ADD, fd, EPOLLIN, &viewers[i]);
    }
}

static bool is_viewer(void *owner) {
    return (char *)owner >= (char *)viewers && (char *)owner < (char *)(viewers + MAX_VIEWERS);
}

/* Looks again at streams that wait for room, and reads those that are read on a timer. */
static void tick(void) {
    for (int i = 0; i < MAX_STREAMS && streams[i].ring; i++) {
        if (streams[i].paused && room(&streams[i]) >= RING / 2) pause_reading(&streams[i], false);
        if (coalesce && !streams[i].paused)
            while (relay(&streams[i])) continue;
    }
}

int main(int count, char **values) {
    signal(SIGPIPE, SIG_IGN);
    engine_port = (int)option(count, values, "--engine", 6878);
    coalesce = (int)option(count, values, "--coalesce-ms", 0);
    for (int i = 0; i < MAX_VIEWERS; i++) viewers[i].fd = -1;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on((int)option(count, values, "--port", 8081));
    epoll_set(epoll_fd, EPOLL_CTL_ADD, listener, EPOLLIN, &listener);
    int timer = coalesce ? every_ms(coalesce) : -1;
    if (coalesce) epoll_set(epoll_fd, EPOLL_CTL_ADD, timer, EPOLLIN, &timer);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[256];
        int n = epoll_wait(epoll_fd, events, 256, -1);
        for (int i = 0; i < n; i++) {
            void *owner = events[i].data.ptr;
            if (owner == &listener) {
                accept_all(listener);
            } else if (owner == &timer) {
                drain_timer(timer);
                tick();
            } else if (is_viewer(owner)) {
                struct viewer *v = owner;
                if (v->fd >= 0 && events[i].events & EPOLLOUT && v->stream) {
                    send_to(v);
                    struct stream *s = v->stream;
                    if (s && s->paused && room(s) >= RING / 4) pause_reading(s, false);
                }
                if (v->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(v);
            } else {
                relay(owner);
            }
        }
    }
}
