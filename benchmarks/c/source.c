/* An engine that costs next to nothing: its API, and any number of contents at a steady pace.
 *
 *     source --port 6878 [--rate 1000000] [--write-ms 10] [--keyframe 2] [--burst 0]
 *            [--start-ms 0] [--unpaced 1]
 *
 * It sends what became due as one write every `write-ms`. `burst` bytes come first, at once, and
 * `start-ms` is what a session takes to open. Unpaced it sends one group of packets again and
 * again, as fast as it is read. Beside the engine's addresses it has some of its own:
 *
 *     /bench/stats                                     sessions and bytes so far
 *     /bench/fault?kind=stall|reset|restart&ms=3000    go wrong; see `fault`
 */
#include "common.h"
#include "packets.h"

enum { MAX_CONNECTIONS = 256, MAX_SESSIONS = 65536, MAX_CONTENTS = 256, MOST_DUE = 1 << 20 };

struct connection {
    int fd;
    bool streams;
    char request[8192];
    size_t received;
    struct broadcast broadcast;
    int64_t began;      /* when it would have begun without stalls and waits */
    int64_t sent;       /* of the body */
    uint8_t *unsent;    /* framed bytes that the kernel did not take */
    size_t unsent_size;
    size_t unpaced_at;
    int64_t answer_at;  /* when the answer to a getstream is due; 0 when none is */
    char content[64];
};

static struct connection connections[MAX_CONNECTIONS];
static struct { int content; bool open; } sessions[MAX_SESSIONS];
static struct { char name[64]; int open, most; } contents[MAX_CONTENTS];
static int session_count, content_count, starts, stops, reads, streaming, most_streaming;
static int64_t bytes_sent, data_ns, stalled_until, down_until, late;
static int port, epoll_fd, listener;
static double rate, keyframe, burst, start_ms;
static bool unpaced;
static uint8_t *group;
static size_t group_size;
static uint8_t *scratch;

static int64_t body_due(struct connection *c, int64_t now) {
    return (int64_t)((now - c->began) * 1e-9 * rate + burst);
}

static void hang_up(struct connection *c, bool with_reset) {
    if (c->streams) streaming--;
    if (with_reset) reset_connection(c->fd);
    else close(c->fd);
    free(c->unsent);
    memset(c, 0, sizeof *c);
    c->fd = -1;
}

static void reply(struct connection *c, const char *status, const char *headers, const char *body) {
    char text[4096];
    int n = snprintf(text, sizeof text,
                     "HTTP/1.1 %s\r\nServer: BaseHTTP/0.6\r\n%sContent-Length: %zu\r\n\r\n%s",
                     status, headers, strlen(body), body);
    if (send(c->fd, text, n, MSG_NOSIGNAL) < n) hang_up(c, false);
}

static void reply_json(struct connection *c, const char *format, ...) {
    char body[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(body, sizeof body, format, arguments);
    va_end(arguments);
    reply(c, "200 OK", "Content-Type: application/json; charset=utf-8\r\n", body);
}

static bool parameter(const char *target, const char *name, char *value, size_t size) {
    const char *at = strchr(target, '?');
    size_t n = strlen(name);
    while (at) {
        if (!strncmp(++at, name, n) && at[n] == '=') {
            snprintf(value, size, "%.*s", (int)strcspn(at + n + 1, "& "), at + n + 1);
            return true;
        }
        at = strchr(at, '&');
    }
    return false;
}

static bool named_content(const char *target, char *content, size_t size) {
    return parameter(target, "infohash", content, size) || parameter(target, "id", content, size) ||
           parameter(target, "content_id", content, size);
}

static int content_of(const char *name) {
    for (int i = 0; i < content_count; i++)
        if (!strcmp(contents[i].name, name)) return i;
    if (content_count == MAX_CONTENTS) return 0;
    snprintf(contents[content_count].name, sizeof contents[0].name, "%s", name);
    return content_count++;
}

static void open_session(struct connection *c) {
    int content = content_of(c->content), id = session_count++ % MAX_SESSIONS;
    c->answer_at = 0;
    starts++;
    sessions[id].content = content;
    sessions[id].open = true;
    if (++contents[content].open > contents[content].most)
        contents[content].most = contents[content].open;
    const char *base = "http://127.0.0.1";
    reply_json(c,
               "{\"response\": {\"playback_url\": \"%s:%d/ace/r/%s/%d\", "
               "\"stat_url\": \"%s:%d/ace/stat/%s/%d\", \"command_url\": \"%s:%d/ace/cmd/%s/%d\", "
               "\"infohash\": \"%s\", \"playback_session_id\": \"%d\", \"is_live\": 1, "
               "\"is_encrypted\": 0, \"client_session_id\": -1}, \"error\": null}",
               base, port, c->content, id, base, port, c->content, id, base, port, c->content, id,
               c->content, id);
}

static int session_in(const char *target) {
    const char *path_end = target + strcspn(target, "? ");
    while (path_end > target && path_end[-1] != '/') path_end--;
    return atoi(path_end) % MAX_SESSIONS;
}

static void stop_session(int id) {
    if (!sessions[id].open) return;
    sessions[id].open = false;
    contents[sessions[id].content].open--;
    stops++;
}

static void start_streaming(struct connection *c) {
    const char head[] = "HTTP/1.1 200 OK\r\nServer: BaseHTTP/0.6\r\nContent-Type: video/mp2t\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n";
    if (send(c->fd, head, sizeof head - 1, MSG_NOSIGNAL) < 0) return;
    reads++;
    if (++streaming > most_streaming) most_streaming = streaming;
    c->streams = true;
    c->began = now_ns();
    start_broadcast(&c->broadcast, rate, keyframe);
    if (unpaced) epoll_set(epoll_fd, EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLOUT, c);
}

/* Does what is due for one stream; a stall moves the pace, so that nothing is made up for. */
static void stream(struct connection *c, int64_t now) {
    while (c->streams) {
        if (!c->unsent_size) {
            int64_t due = body_due(c, now) - c->sent;
            if (due <= 0) return;
            if (due > MOST_DUE) due = MOST_DUE;
            int n = sprintf((char *)scratch, "%x\r\n", (unsigned)due);
            make_bytes(&c->broadcast, scratch + n, due);
            memcpy(scratch + n + due, "\r\n", 2);
            c->sent += due;
            c->unsent_size = n + due + 2;
        } else {
            memcpy(scratch, c->unsent, c->unsent_size);
        }
        ssize_t taken = send(c->fd, scratch, c->unsent_size, MSG_NOSIGNAL);
        if (taken < 0 && errno != EAGAIN) {
            hang_up(c, false);
            return;
        }
        if (taken > 0) bytes_sent += taken;
        if (taken < (ssize_t)c->unsent_size) {
            size_t skip = taken < 0 ? 0 : taken;
            if (!c->unsent) c->unsent = malloc(MOST_DUE + 64);
            c->unsent_size -= skip;
            memcpy(c->unsent, scratch + skip, c->unsent_size);
            late++;
            return;
        }
        c->unsent_size = 0;
    }
}

static void stream_unpaced(struct connection *c) {
    /* A bounded turn, so that others get theirs. */
    for (int turn = 0; turn < 4; turn++) {
        ssize_t taken = send(c->fd, group + c->unpaced_at, group_size - c->unpaced_at, MSG_NOSIGNAL);
        if (taken < 0) {
            if (errno != EAGAIN) hang_up(c, false);
            return;
        }
        bytes_sent += taken;
        c->unpaced_at = (c->unpaced_at + taken) % group_size;
    }
}

/* stall: nothing is sent for a while; reset: every stream is cut; restart: the engine is gone for
 * a while, and with it its sessions. `data_ns` is when there is something to be had again. */
static void fault(const char *kind, int ms) {
    int64_t now = now_ns();
    data_ns = now + (int64_t)ms * 1000000;
    if (!strcmp(kind, "stall")) {
        stalled_until = data_ns;
        for (int i = 0; i < MAX_CONNECTIONS; i++) connections[i].began += (int64_t)ms * 1000000;
        return;
    }
    bool restart = !strcmp(kind, "restart");
    if (!restart) data_ns = now;
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        if (connections[i].fd >= 0 && (restart || connections[i].streams))
            hang_up(&connections[i], connections[i].streams);
    if (restart) {
        down_until = data_ns;
        close(listener);
        listener = -1;
        for (int i = 0; i < MAX_SESSIONS; i++) stop_session(i);
    }
}

static void reply_stats(struct connection *c) {
    int most = 0, open = 0;
    for (int i = 0; i < content_count; i++) {
        if (contents[i].most > most) most = contents[i].most;
        open += contents[i].open;
    }
    reply_json(c,
               "{\"starts\": %d, \"stops\": %d, \"reads\": %d, \"open\": %d, \"streaming\": %d, "
               "\"most_streaming\": %d, \"most_per_content\": %d, \"bytes_sent\": %lld, "
               "\"late\": %lld, \"data_ns\": %lld}",
               starts, stops, reads, open, streaming, most_streaming, most, (long long)bytes_sent,
               (long long)late, (long long)data_ns);
}

static void serve(struct connection *c, const char *target) {
    char value[64] = "", location[256];
    if (!strncmp(target, "/webui/api/service", 18)) {
        reply_json(c, "{\"result\": {\"version\": \"3.2.11\", \"code\": 3021100, "
                      "\"platform\": \"linux\", \"websocket_port\": 45213}, \"error\": null}");
    } else if (!strncmp(target, "/server/api", 11)) {
        named_content(target, value, sizeof value);
        reply_json(c, "{\"result\": {\"files\": [{\"index\": 0, \"filename\": \"x\"}], "
                      "\"name\": \"x\", \"infohash\": \"%s\", \"transport_type\": \"bt\", "
                      "\"type\": \"live\", \"transport_file_cache_key\": null}}", value);
    } else if (!strncmp(target, "/ace/getstream", 14)) {
        named_content(target, c->content, sizeof c->content);
        c->answer_at = now_ns() + (int64_t)(start_ms * 1e6);
        if (start_ms == 0) open_session(c);
    } else if (!strncmp(target, "/ace/r/", 7)) {
        snprintf(location, sizeof location, "Location: http://127.0.0.1:%d/content/%.*s\r\n", port,
                 (int)strcspn(target + 7, " "), target + 7);
        reply(c, "302 Found", location, "");
    } else if (!strncmp(target, "/content/", 9)) {
        start_streaming(c);
    } else if (!strncmp(target, "/ace/stat/", 10)) {
        reply_json(c, "{\"response\": {\"status\": \"dl\", \"peers\": 7, \"speed_down\": 980, "
                      "\"speed_up\": 29, \"downloaded\": 65536, \"uploaded\": 8192}, "
                      "\"error\": null}");
    } else if (!strncmp(target, "/ace/cmd/", 9)) {
        if (parameter(target, "method", value, sizeof value) && !strcmp(value, "stop"))
            stop_session(session_in(target));
        reply_json(c, "{\"response\": \"ok\", \"error\": null}");
    } else if (!strncmp(target, "/bench/stats", 12)) {
        reply_stats(c);
    } else if (!strncmp(target, "/bench/fault", 12)) {
        char ms[16] = "0";
        parameter(target, "kind", value, sizeof value);
        parameter(target, "ms", ms, sizeof ms);
        reply_json(c, "{}");
        fault(value, atoi(ms));
    } else {
        reply(c, "500 Internal Server Error", "", "Internal Server Error, couldn't find resource");
    }
}

static void receive(struct connection *c) {
    ssize_t n = recv(c->fd, c->request + c->received, sizeof c->request - 1 - c->received, 0);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) hang_up(c, false);
        return;
    }
    c->received += n;
    c->request[c->received] = 0;
    char *end = strstr(c->request, "\r\n\r\n");
    if (!end || c->streams) {
        if (c->received == sizeof c->request - 1) hang_up(c, false);
        return;
    }
    char target[2048] = "";
    sscanf(c->request, "%*s %2047s", target);
    c->received = 0;
    serve(c, target);
}

static void accept_all(void) {
    int fd;
    while (listener >= 0 && (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int free_one = 0;
        while (free_one < MAX_CONNECTIONS && connections[free_one].fd >= 0) free_one++;
        if (free_one == MAX_CONNECTIONS) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        connections[free_one].fd = fd;
        epoll_set(epoll_fd, EPOLL_CTL_ADD, fd, EPOLLIN, &connections[free_one]);
    }
}

static void open_listener(void) {
    listener = listen_on(port);
    epoll_set(epoll_fd, EPOLL_CTL_ADD, listener, EPOLLIN, &listener);
}

static void tick(void) {
    int64_t now = now_ns();
    if (down_until && now >= down_until) {
        down_until = 0;
        open_listener();
        data_ns = now_ns();
    }
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
        struct connection *c = &connections[i];
        if (c->fd >= 0 && c->answer_at && now >= c->answer_at) open_session(c);
        if (c->fd >= 0 && c->streams && !unpaced && now >= stalled_until) stream(c, now);
    }
}

static void make_group(void) {
    struct broadcast b;
    start_broadcast(&b, rate, keyframe);
    size_t size = b.group * PACKET;
    group = malloc(size + 64);
    int n = sprintf((char *)group, "%zx\r\n", size);
    make_bytes(&b, group + n, size);
    memcpy(group + n + size, "\r\n", 2);
    group_size = n + size + 2;
}

int main(int count, char **values) {
    signal(SIGPIPE, SIG_IGN);
    port = (int)option(count, values, "--port", 6878);
    rate = option(count, values, "--rate", 1000000);
    keyframe = option(count, values, "--keyframe", 2);
    burst = option(count, values, "--burst", 0);
    start_ms = option(count, values, "--start-ms", 0);
    unpaced = option(count, values, "--unpaced", 0) != 0;
    make_templates();
    make_group();
    scratch = malloc(MOST_DUE + 64);
    for (int i = 0; i < MAX_CONNECTIONS; i++) connections[i].fd = -1;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    open_listener();
    int timer = every_ms((int)option(count, values, "--write-ms", 10));
    epoll_set(epoll_fd, EPOLL_CTL_ADD, timer, EPOLLIN, &timer);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[64];
        int n = epoll_wait(epoll_fd, events, 64, -1);
        for (int i = 0; i < n; i++) {
            void *owner = events[i].data.ptr;
            if (owner == &timer) {
                drain_timer(timer);
                tick();
                continue;
            }
            if (owner == &listener) {
                accept_all();
                continue;
            }
            struct connection *c = owner;
            if (c->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
            if (c->fd >= 0 && c->streams && unpaced && events[i].events & EPOLLOUT)
                stream_unpaced(c);
        }
    }
}
