/* Viewers: opens streams over HTTP, looks at every packet, and says what it saw as JSON.
 *
 *     load --port 8080 --path '/ace/getstream?id=%040x' [--header 'Authorization: …']
 *          [--viewers 1] [--contents 1] [--warm-ms 1000] [--run-ms 5000]
 *          [--stalled n]     the first n never read what comes after the head of the answer
 *          [--stall-after-ms t]                     … and read until then
 *          [--slow n --slow-rate bytes/s]           the last n read no faster than this
 *          [--stagger-ms t]  viewer i comes i * t after the first
 *          [--hold-ms t]     a viewer leaves this long after it came; 1: once it has a picture
 *          [--cycles n]      all of them leave and come again, n times in all
 *          [--discard 1]     count bytes only, without even copying them out of the kernel
 *
 * Viewer i asks for content i % contents. A line `begin` is printed when the warm-up is over, one
 * of JSON when the run is; the viewers stay until standard input ends.
 */
#include "common.h"

#include <sys/resource.h>

enum { MAX_VIEWERS = 4096, BUCKETS = 1000000, BUCKET_NS = 10000, READ_SIZE = 1 << 20 };

struct viewer {
    int fd, index;
    int64_t came, comes_at;
    bool asked, in_body, chunked, stalled, slow, done, closed_by_server, refused;
    int status;
    char head[4096];
    size_t head_size;
    struct dechunker dechunker;
    uint8_t packet[PACKET]; /* the beginning of one that is not complete yet */
    size_t packet_size;
    bool pat, pmt, picture;
    int64_t first_byte, first_picture;
    int64_t number;         /* of the last packet of video; -1 before the first */
    int64_t last_video, gap, gap_end;
    int64_t bytes;          /* of the body, within the run */
    bool in_step, unaligned;           /* a packet boundary was found */
    int64_t lost, repeated, sync_errors;
    double tokens;
};

static struct viewer viewers[MAX_VIEWERS];
static uint32_t latencies[BUCKETS];
static int64_t latency_count, latency_max, run_begins, run_ends, stall_at;
static int64_t first_bytes[MAX_VIEWERS], first_pictures[MAX_VIEWERS];
static int first_byte_count, first_picture_count, served, cycle, cycles;
static int viewer_count, content_count, epoll_fd, port;
static int64_t hold_ns, stagger_ns;
static double slow_rate;
static bool discard;
static const char *path, *header;
static uint8_t *buffer;

static void leave(struct viewer *v, bool by_server) {
    v->closed_by_server |= by_server;
    v->done = true;
    close(v->fd);
    v->fd = -1;
}

static void come(struct viewer *v, int64_t now) {
    v->fd = connect_to(port);
    v->came = now;
    v->number = -1;
    epoll_set(epoll_fd, EPOLL_CTL_ADD, v->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, v);
}

static void ask(struct viewer *v) {
    char target[512], request[2048];
    snprintf(target, sizeof target, path, 1 + v->index % content_count);
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: load\r\n%s%s\r\n", target,
                     port, header, *header ? "\r\n" : "");
    if (send(v->fd, request, n, MSG_NOSIGNAL) < n) leave(v, true);
    v->asked = true;
    if (v->fd >= 0) epoll_set(epoll_fd, EPOLL_CTL_MOD, v->fd, EPOLLIN | EPOLLRDHUP, v);
}

static void look_at(struct viewer *v, const uint8_t *packet, int64_t now, bool measured) {
    if (packet[0] != 0x47) {
        v->sync_errors++;
        return;
    }
    int pid = pid_of(packet);
    if (pid == 0) v->pat = true;
    if (pid == PMT_PID && v->pat) v->pmt = true;
    if (pid != VIDEO_PID) return;
    if (!v->picture && v->pmt && packet[3] & 0x20 && packet[4] && packet[5] & 0x40) {
        v->picture = true;
        v->first_picture = now - v->came;
    }
    if (measured) {
        int64_t since = v->last_video > run_begins ? v->last_video : run_begins;
        if (now - since > v->gap) {
            v->gap = now - since;
            v->gap_end = now;
        }
    }
    v->last_video = now;
    int64_t number = get_hex(packet + NUMBER_AT), stamp = get_hex(packet + STAMP_AT);
    if (v->number >= 0 && number > v->number + 1) v->lost += number - v->number - 1;
    if (v->number >= 0 && number <= v->number) v->repeated++;
    v->number = number;
    if (measured && stamp) {
        int64_t latency = now - stamp, bucket = latency / BUCKET_NS;
        latencies[bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1]++;
        latency_count++;
        if (latency > latency_max) latency_max = latency;
    }
}

/* Returns where the first packet begins: with a sync byte, and all that should follow it. */
static size_t first_boundary(const uint8_t *bytes, size_t n) {
    for (size_t begin = 0; begin < n; begin++) {
        size_t at = begin;
        while (at < n && bytes[at] == 0x47) at += PACKET;
        if (at >= n) return begin;
    }
    return n;
}

static void take_body(struct viewer *v, uint8_t *bytes, size_t n, int64_t now) {
    if (!n) return;
    if (!v->first_byte) v->first_byte = now - v->came;
    bool measured = run_begins && now >= run_begins && now < run_ends;
    if (measured) v->bytes += n;
    size_t at = 0;
    if (!v->in_step) {
        at = first_boundary(bytes, n);
        if (at == n) return;
        v->in_step = true;
        v->unaligned = at > 0;
    }
    if (v->packet_size) {
        size_t taken = PACKET - v->packet_size < n ? PACKET - v->packet_size : n;
        memcpy(v->packet + v->packet_size, bytes, taken);
        v->packet_size += taken;
        at = taken;
        if (v->packet_size < PACKET) return;
        look_at(v, v->packet, now, measured);
        v->packet_size = 0;
    }
    for (; at + PACKET <= n; at += PACKET) look_at(v, bytes + at, now, measured);
    v->packet_size = n - at;
    memcpy(v->packet, bytes + at, n - at);
}

/* Takes what belongs to the head of the answer; returns how much that was. */
static size_t take_head(struct viewer *v, const uint8_t *bytes, size_t n) {
    size_t before = v->head_size;
    size_t taken = n < sizeof v->head - 1 - before ? n : sizeof v->head - 1 - before;
    memcpy(v->head + before, bytes, taken);
    v->head_size += taken;
    v->head[v->head_size] = 0;
    char *end = strstr(v->head, "\r\n\r\n");
    if (!end) return taken;
    v->in_body = true;
    sscanf(v->head, "HTTP/%*s %d", &v->status);
    v->chunked = strcasestr(v->head, "Transfer-Encoding: chunked") != NULL;
    v->refused = v->status != 200;
    return (size_t)(end + 4 - v->head) - before;
}

static void receive(struct viewer *v, size_t most) {
    ssize_t n;
    int64_t now;
    if (discard && v->in_body && v->first_byte) {
        n = recv(v->fd, buffer, 1 << 26, MSG_TRUNC);
        now = now_ns();
        if (n > 0 && run_begins && now >= run_begins && now < run_ends) v->bytes += n;
    } else {
        n = recv(v->fd, buffer, most < READ_SIZE ? most : READ_SIZE, 0);
        now = now_ns();
    }
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) leave(v, true);
        return;
    }
    if (discard && v->in_body && v->first_byte) return;
    size_t at = v->in_body ? 0 : take_head(v, buffer, n);
    if (!v->in_body || v->refused) return;
    size_t body = n - at;
    if (v->chunked) body = dechunk(&v->dechunker, buffer + at, body);
    v->tokens -= body;
    take_body(v, buffer + at, body, now);
    if (v->dechunker.over) leave(v, true);
}

static bool reads_now(struct viewer *v, int64_t now) {
    if (!v->in_body) return true;
    if (v->stalled && now >= stall_at) return false;
    return !v->slow;
}

static void watch_reading(struct viewer *v, bool reading) {
    uint32_t events = EPOLLRDHUP | (reading ? EPOLLIN : 0);
    epoll_set(epoll_fd, EPOLL_CTL_MOD, v->fd, events, v);
}

static void account(struct viewer *v) {
    if (v->first_byte) {
        served++;
        if (first_byte_count < MAX_VIEWERS) first_bytes[first_byte_count++] = v->first_byte;
    }
    if (v->first_picture && first_picture_count < MAX_VIEWERS)
        first_pictures[first_picture_count++] = v->first_picture;
}

/* Lets viewers come, go, and read at their pace; every two milliseconds. */
static void tick(int64_t now) {
    int here = 0;
    for (int i = 0; i < viewer_count; i++) {
        struct viewer *v = &viewers[i];
        if (v->done) continue;
        here++;
        if (v->fd < 0) {
            if (now >= v->comes_at) come(v, now);
            continue;
        }
        bool has_seen_enough = hold_ns == 1000000 ? v->picture : now - v->came >= hold_ns;
        if (hold_ns && has_seen_enough) {
            leave(v, false);
            continue;
        }
        if (v->stalled && v->asked && v->in_body && now >= stall_at) watch_reading(v, false);
        if (v->slow && v->in_body) {
            v->tokens += slow_rate * 0.002;
            if (v->tokens > slow_rate * 0.02) v->tokens = slow_rate * 0.02;
            if (v->tokens > 0) receive(v, (size_t)v->tokens + 1);
            if (v->fd >= 0) watch_reading(v, false);
        }
    }
    if (!here && cycle + 1 < cycles) {
        cycle++;
        for (int i = 0; i < viewer_count; i++) {
            struct viewer *v = &viewers[i];
            account(v);
            *v = (struct viewer){.fd = -1, .index = i, .number = -1};
            v->comes_at = now + 100000000 + i * stagger_ns;
        }
    }
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_spread(const char *name, int64_t *values, int n) {
    qsort(values, n, sizeof *values, compare);
    printf("\"%s_p50_ms\": %.3f, \"%s_max_ms\": %.3f, ", name, n ? values[n / 2] / 1e6 : -1.0, name,
           n ? values[n - 1] / 1e6 : -1.0);
}

static double latency_at(double share) {
    int64_t wanted = (int64_t)(latency_count * share), seen = 0;
    for (int i = 0; i < BUCKETS; i++)
        if ((seen += latencies[i]) > wanted) return i * (BUCKET_NS / 1e6);
    return -1;
}

static void report(void) {
    int64_t bytes = 0, least = INT64_MAX, most = 0, lost = 0, repeated = 0, errors = 0, gap = 0;
    int64_t gap_end = 0, slow_lost = 0, silence = 0, now = now_ns();
    int closed = 0, stalled_closed = 0, refused = 0, open = 0, unaligned = 0;
    for (int i = 0; i < viewer_count; i++) {
        struct viewer *v = &viewers[i];
        account(v);
        refused += v->refused;
        open += v->fd >= 0;
        if (v->stalled) {
            stalled_closed += v->closed_by_server;
            continue;
        }
        bytes += v->bytes;
        unaligned += v->unaligned;
        if (v->bytes < least) least = v->bytes;
        if (v->bytes > most) most = v->bytes;
        if (v->slow) slow_lost += v->lost * PACKET;
        lost += v->lost;
        repeated += v->repeated;
        errors += v->sync_errors;
        closed += v->closed_by_server;
        if (v->gap > gap) gap = v->gap;
        if (v->gap_end > gap_end) gap_end = v->gap_end;
        if (v->fd >= 0 && now - v->last_video > silence) silence = now - v->last_video;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"viewers\": %d, \"served\": %d, \"open\": %d, \"closed\": %d, \"stalled_closed\": %d, "
           "\"refused\": %d, \"bytes\": %lld, \"least_bytes\": %lld, \"most_bytes\": %lld, "
           "\"lost_bytes\": %lld, \"slow_lost_bytes\": %lld, \"repeated\": %lld, "
           "\"sync_errors\": %lld, \"unaligned\": %d, \"gap_max_ms\": %.3f, \"gap_end_ns\": %lld, "
           "\"silence_ms\": %.3f, \"run_s\": %.6f, ",
           viewer_count, served, open, closed, stalled_closed, refused, (long long)bytes,
           (long long)(least == INT64_MAX ? 0 : least), (long long)most, (long long)lost * PACKET,
           (long long)slow_lost, (long long)repeated, (long long)errors, unaligned, gap / 1e6,
           (long long)gap_end, silence / 1e6, (run_ends - run_begins) / 1e9);
    print_spread("first_byte", first_bytes, first_byte_count);
    print_spread("first_picture", first_pictures, first_picture_count);
    printf("\"pictures\": %d, \"latency_p50_ms\": %.3f, \"latency_p99_ms\": %.3f, "
           "\"latency_max_ms\": %.3f}\n",
           first_picture_count, latency_at(0.5), latency_at(0.99), latency_max / 1e6);
    fflush(stdout);
}

int main(int count, char **values) {
    signal(SIGPIPE, SIG_IGN);
    port = (int)option(count, values, "--port", 8080);
    path = text_option(count, values, "--path");
    header = text_option(count, values, "--header");
    viewer_count = (int)option(count, values, "--viewers", 1);
    content_count = (int)option(count, values, "--contents", 1);
    int64_t warm = (int64_t)(option(count, values, "--warm-ms", 1000) * 1e6);
    int64_t run = (int64_t)(option(count, values, "--run-ms", 5000) * 1e6);
    int stalled = (int)option(count, values, "--stalled", 0);
    int slow = (int)option(count, values, "--slow", 0);
    slow_rate = option(count, values, "--slow-rate", 5000000);
    stagger_ns = (int64_t)(option(count, values, "--stagger-ms", 0) * 1e6);
    hold_ns = (int64_t)(option(count, values, "--hold-ms", 0) * 1e6);
    cycles = (int)option(count, values, "--cycles", 1);
    discard = option(count, values, "--discard", 0) != 0;
    int64_t begin = now_ns();
    stall_at = begin + (int64_t)(option(count, values, "--stall-after-ms", 0) * 1e6);
    if (viewer_count > MAX_VIEWERS) return 2;
    buffer = malloc(READ_SIZE);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < viewer_count; i++) {
        viewers[i] = (struct viewer){.fd = -1, .index = i, .number = -1};
        viewers[i].comes_at = begin + i * stagger_ns;
        viewers[i].stalled = i < stalled;
        viewers[i].slow = i >= viewer_count - slow;
    }
    int timer = every_ms(2);
    bool ticking = slow || stalled || hold_ns || stagger_ns || cycles > 1;
    epoll_set(epoll_fd, EPOLL_CTL_ADD, timer, EPOLLIN, &timer);
    epoll_set(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN, &port);
    tick(begin);
    bool reported = false;
    for (;;) {
        struct epoll_event events[256];
        int n = epoll_wait(epoll_fd, events, 256, 20);
        int64_t now = now_ns();
        if (!run_begins && now >= begin + warm) {
            run_begins = now;
            run_ends = now + run;
            if (!ticking) epoll_ctl(epoll_fd, EPOLL_CTL_DEL, timer, NULL);
            puts("begin");
            fflush(stdout);
        }
        if (run_begins && now >= run_ends && !reported) {
            reported = true;
            report();
        }
        for (int i = 0; i < n; i++) {
            struct viewer *v = events[i].data.ptr;
            if ((void *)v == &timer) {
                drain_timer(timer);
                tick(now);
            } else if ((void *)v == &port) {
                return 0;
            } else if (v->fd >= 0) {
                uint32_t seen = events[i].events;
                if (!v->asked && seen & EPOLLOUT) ask(v);
                else if (seen & EPOLLIN && reads_now(v, now)) receive(v, READ_SIZE);
                else if (seen & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) leave(v, true);
            }
        }
    }
}
