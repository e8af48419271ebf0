/* A broadcast made of arithmetic: valid packets of what looks like H.264 at 25 pictures a second.
 *
 *     group     PAT PMT | keyframe | frame | frame …
 */
#ifndef PACKETS_H
#define PACKETS_H

#include "common.h"

struct broadcast {
    int64_t group, video;  /* packets in a group, and those of them that are video */
    int64_t frames;        /* pictures in a group */
    double interval;       /* seconds from keyframe to keyframe */
    int64_t next;          /* the packet that comes next */
    uint8_t cut[PACKET];   /* the packet that the last write cut in two */
    int cut_at;            /* how much of it was sent; 0 when none was cut */
};

static uint8_t PAT[PACKET], PMT[PACKET], FILLER[PACKET], PICTURE[2][PACKET];

static inline uint32_t crc32_mpeg(const uint8_t *bytes, size_t n) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= (uint32_t)bytes[i] << 24;
        for (int bit = 0; bit < 8; bit++) crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
    }
    return crc;
}

static inline void make_table(uint8_t *packet, int pid, const uint8_t *section, size_t n) {
    memset(packet, 0xff, PACKET);
    memcpy(packet, (uint8_t[]){0x47, 0x40 | pid >> 8, pid & 0xff, 0x10, 0}, 5);
    memcpy(packet + 5, section, n);
    uint32_t crc = htonl(crc32_mpeg(section, n));
    memcpy(packet + 5 + n, &crc, 4);
}

static inline void make_templates(void) {
    const uint8_t pat[] = {0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | PMT_PID >> 8, 0};
    const uint8_t pmt[] = {0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe0 | VIDEO_PID >> 8,
                           VIDEO_PID & 0xff, 0xf0, 0, 0x1b, 0xe0 | VIDEO_PID >> 8,
                           VIDEO_PID & 0xff, 0xf0, 0};
    make_table(PAT, 0, pat, sizeof pat);
    make_table(PMT, PMT_PID, pmt, sizeof pmt);

    memset(FILLER, 'x', PACKET);
    memcpy(FILLER, (uint8_t[]){0x47, VIDEO_PID >> 8, VIDEO_PID & 0xff, 0x10}, 4);

    const uint8_t pes[] = {0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1};
    const uint8_t key[] = {0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xda, 2, 0x80,
                           0xbf, 0xe5, 0x84, 0, 0, 3, 0, 4, 0, 0, 3, 0, 0xc8, 0x3c, 0x58, 0xba,
                           0x80, 0, 0, 0, 1, 0x68, 0xce, 0x0f, 0xc8, 0, 0, 0, 1, 0x65, 0xb8, 4};
    const uint8_t delta[] = {0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x41, 0x9a, 2};
    for (int keyframe = 0; keyframe < 2; keyframe++) {
        uint8_t *packet = PICTURE[keyframe];
        memset(packet, 'x', PACKET);
        memcpy(packet, (uint8_t[]){0x47, 0x40 | VIDEO_PID >> 8, VIDEO_PID & 0xff, 0x30, 7,
                                   keyframe ? 0x50 : 0x10, 0, 0, 0, 0, 0x7e, 0}, 12);
        memcpy(packet + 12, pes, sizeof pes);
        if (keyframe) memcpy(packet + 12 + sizeof pes, key, sizeof key);
        else memcpy(packet + 12 + sizeof pes, delta, sizeof delta);
    }
}

static inline void start_broadcast(struct broadcast *b, double bytes_per_second, double interval) {
    *b = (struct broadcast){.interval = interval, .frames = (int64_t)(interval * 25 + 0.5)};
    b->group = (int64_t)(bytes_per_second * interval / PACKET + 0.5);
    if (b->group < 2 + b->frames) b->group = 2 + b->frames;
    b->video = b->group - 2;
}

static inline void make_packet(struct broadcast *b, uint8_t *packet, int64_t stamp) {
    int64_t group = b->next / b->group, index = b->next % b->group - 2;
    b->next++;
    if (index < 0) {
        memcpy(packet, index == -2 ? PAT : PMT, PACKET);
        packet[3] |= group & 15;
        return;
    }
    int64_t number = group * b->video + index;
    int64_t frame = index * b->frames / b->video;
    /* A picture begins where the packet before belongs to another. */
    if (index == 0 || (index - 1) * b->frames / b->video != frame) {
        memcpy(packet, PICTURE[index == 0], PACKET);
        uint64_t time = (uint64_t)((group * b->interval + frame / 25.0) * 90000);
        uint64_t shown = time + 45000;
        uint8_t pcr[] = {time >> 25, time >> 17, time >> 9, time >> 1, time << 7 | 0x7e, 0};
        uint8_t pts[] = {0x21 | (shown >> 29 & 0x0e), shown >> 22, shown >> 14 | 1, shown >> 7,
                         shown << 1 | 1};
        memcpy(packet + 6, pcr, 6);
        memcpy(packet + 21, pts, 5);
    } else {
        memcpy(packet, FILLER, PACKET);
    }
    packet[3] |= number & 15;
    put_hex(packet + STAMP_AT, stamp);
    put_hex(packet + NUMBER_AT, number);
}

/* Writes the next `n` bytes of the broadcast, stamped with the time of now. */
static inline void make_bytes(struct broadcast *b, uint8_t *bytes, size_t n) {
    int64_t stamp = now_ns();
    size_t at = 0;
    if (b->cut_at) {
        size_t rest = PACKET - b->cut_at;
        size_t taken = rest < n ? rest : n;
        memcpy(bytes, b->cut + b->cut_at, taken);
        b->cut_at = taken < rest ? b->cut_at + (int)taken : 0;
        at = taken;
    }
    for (; at + PACKET <= n; at += PACKET) make_packet(b, bytes + at, stamp);
    if (at < n) {
        make_packet(b, b->cut, 0);
        b->cut_at = (int)(n - at);
        memcpy(bytes + at, b->cut, b->cut_at);
    }
}

#endif
