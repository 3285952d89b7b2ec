// A WebSocket server that costs next to nothing, so that what is measured is the client: answers the upgrade,
// echoes a close frame and closes, holds everything else. The answer to a path /delay/MS comes exactly so much later.
// Loopback only. Prints its port.
// cc -O2 -o server server.c; server [processes]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 17, BUFFER = 4096, EVENTS = 256, DELAYED = 1 << 16 };

// One block after the other of SHA-1 (FIPS 180-4, section 6.1.2).
static uint32_t rotate(uint32_t x, int by) { return (x << by) | (x >> (32 - by)); }

static void sha1Block(uint32_t state[5], const unsigned char block[64]) {
  uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int t = 0; t < 16; t++)
    w[t] = (uint32_t)block[4 * t] << 24 | block[4 * t + 1] << 16 | block[4 * t + 2] << 8 | block[4 * t + 3];
  for (int t = 16; t < 80; t++) w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  for (int t = 0; t < 80; t++) {
    uint32_t f, k;
    if (t < 20) f = (b & c) | (~b & d), k = 0x5a827999;
    else if (t < 40) f = b ^ c ^ d, k = 0x6ed9eba1;
    else if (t < 60) f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
    else f = b ^ c ^ d, k = 0xca62c1d6;
    uint32_t next = rotate(a, 5) + f + e + k + w[t];
    e = d, d = c, c = rotate(b, 30), b = a, a = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

static void acceptOf(const char key[24], char out[29]) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  unsigned char text[128] = {0}, hash[21] = {0};
  memcpy(text, key, 24);
  memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  text[60] = 0x80;
  text[126] = 60 * 8 >> 8, text[127] = 60 * 8 & 0xff;
  sha1Block(state, text);
  sha1Block(state, text + 64);
  for (int i = 0; i < 20; i++) hash[i] = state[i / 4] >> (24 - 8 * (i % 4));
  for (int i = 0; i < 7; i++) {
    uint32_t three = hash[3 * i] << 16 | hash[3 * i + 1] << 8 | hash[3 * i + 2];
    for (int j = 0; j < 4; j++) out[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
  }
  out[27] = '=';
  out[28] = 0;
}

static char isOpen[MOST];
static unsigned serial[MOST];

static void leave(int socket) {
  isOpen[socket] = 0;
  serial[socket]++;
  close(socket);
}

// Answers that wait, in order: all wait equally long.
static struct {
  double dueMs;
  int socket;
  unsigned serial;
  char accept[29];
} delayed[DELAYED];
static unsigned firstDelayed, endDelayed;

static double nowMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void upgrade(int socket, const char *accept) {
  char out[256];
  int length = sprintf(out,
                       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Accept: %s\r\n\r\n",
                       accept);
  isOpen[socket] = 1;
  if (send(socket, out, length, MSG_NOSIGNAL) != length) leave(socket);
}

static void upgradeDelayed(void) {
  while (firstDelayed != endDelayed && delayed[firstDelayed % DELAYED].dueMs <= nowMs()) {
    unsigned at = firstDelayed++ % DELAYED;
    int socket = delayed[at].socket;
    if (serial[socket] == delayed[at].serial) upgrade(socket, delayed[at].accept);
  }
}

static void answer(int socket, char *request) {
  double cameMs = nowMs();
  char *key = strcasestr(request, "\r\nSec-WebSocket-Key: ");
  if (key == NULL || strlen(key) < 21 + 24) {
    leave(socket);
    return;
  }
  unsigned at = endDelayed % DELAYED;
  acceptOf(key + 21, delayed[at].accept);
  if (strncmp(request, "GET /delay/", 11) != 0) {
    upgrade(socket, delayed[at].accept);
    return;
  }
  if (endDelayed - firstDelayed == DELAYED) exit(1);
  delayed[at].dueMs = cameMs + atof(request + 11);
  delayed[at].socket = socket;
  delayed[at].serial = serial[socket];
  endDelayed++;
}

static void readFrom(int socket) {
  char bytes[BUFFER + 1];
  ssize_t length = recv(socket, bytes, BUFFER, 0);
  if (length <= 0) {
    leave(socket);
    return;
  }
  bytes[length] = 0;
  if (!isOpen[socket]) {
    answer(socket, bytes);
    return;
  }
  if ((bytes[0] & 0xf) != 8) return;
  // The code, unmasked: key at 2, payload at 6.
  unsigned char out[4] = {0x88, 0};
  if ((bytes[1] & 0x7f) >= 2 && length >= 8) out[1] = 2, out[2] = bytes[6] ^ bytes[2], out[3] = bytes[7] ^ bytes[3];
  send(socket, out, 2 + out[1], MSG_NOSIGNAL);
  leave(socket);
}

static int listenOn(int port) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 4096) != 0) exit(1);
  return listener;
}

static void serve(int listener) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
  int queue = epoll_create1(0);
  epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    double leftMs = firstDelayed == endDelayed ? 1000 : delayed[firstDelayed % DELAYED].dueMs - nowMs();
    if (leftMs < 0) leftMs = 0;
    struct timespec wait = {(long)(leftMs / 1e3), (long)(leftMs * 1e6) % 1000000000};
    int count = epoll_pwait2(queue, events, EVENTS, &wait, NULL);
    upgradeDelayed();
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd != listener) {
        readFrom(events[i].data.fd);
        continue;
      }
      int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (client < 0 || client >= MOST) continue;
      struct epoll_event one = {.events = EPOLLIN, .data.fd = client};
      epoll_ctl(queue, EPOLL_CTL_ADD, client, &one);
    }
  }
}

int main(int argc, char **argv) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = listenOn(0);
  struct sockaddr_in at;
  socklen_t size = sizeof at;
  getsockname(listener, (struct sockaddr *)&at, &size);
  int port = ntohs(at.sin_port), processes = argc > 1 ? atoi(argv[1]) : 1;
  printf("%d\n", port);
  fflush(stdout);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  // Timers to the microsecond.
  prctl(PR_SET_TIMERSLACK, 1);
  for (int i = 1; i < processes; i++) {
    if (fork() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    close(listener);
    listener = listenOn(port);
    break;
  }
  serve(listener);
}
