// The limit that the generator is held against: connects, upgrades, checks the accept value, sends a close frame, waits
// for the answer and, as RFC 6455 section 7.1.1 asks of a client, for the server to close TCP. Prints, as one JSON line,
// CPU seconds for each 10 000 attempts after warming up, and latencies in ms from connect to answer.
// cc -O2 -o client client.c; client PORT ATTEMPTS [rate RATE | flight IN-FLIGHT] [path PATH] [wait 0|1]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 15, EVENTS = 256 };
enum { DIALLING = 1, ASKED, CLOSING, ENDING };

static const char CLOSE[] = {(char)0x88, (char)0x82, 1, 2, 3, 4, 0x03 ^ 1, (char)(0xe8 ^ 2)};
static struct {
  char state;
  double beganMs;
} attempt[MOST];
static char request[512];
static const char *path = "/";
static int queue, inFlight, requestLength, waits = 1;
static long started, ended, wrong, answers;
static double *latency;
static struct sockaddr_in server;

static double nowMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static double cpuSeconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void begin(void) {
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  if (socket_ < 0 || socket_ >= MOST) exit(1);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  attempt[socket_].beganMs = nowMs();
  attempt[socket_].state = DIALLING;
  if (connect(socket_, (struct sockaddr *)&server, sizeof server) != 0 && errno != EINPROGRESS) exit(1);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = socket_};
  epoll_ctl(queue, EPOLL_CTL_ADD, socket_, &event);
  started++;
  inFlight++;
}

static void finish(int socket_, int isRight) {
  if (!isRight) wrong++;
  close(socket_);
  inFlight--;
  ended++;
}

static void ask(int socket_) {
  attempt[socket_].state = ASKED;
  if (send(socket_, request, requestLength, MSG_NOSIGNAL) != requestLength) finish(socket_, 0);
}

static void hear(int socket_, const char *bytes) {
  if (strstr(bytes, "HTTP/1.1 101") != bytes || strstr(bytes, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == NULL) {
    finish(socket_, 0);
    return;
  }
  latency[answers++] = nowMs() - attempt[socket_].beganMs;
  attempt[socket_].state = CLOSING;
  send(socket_, CLOSE, sizeof CLOSE, MSG_NOSIGNAL);
}

static void goOn(int socket_, unsigned events) {
  char bytes[2048];
  if (attempt[socket_].state == DIALLING) {
    if (events & (EPOLLERR | EPOLLHUP)) finish(socket_, 0);
    else if (events & EPOLLOUT) ask(socket_);
    return;
  }
  if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
  for (;;) {
    ssize_t length = recv(socket_, bytes, sizeof bytes - 1, 0);
    if (length < 0 && errno == EAGAIN) return;
    if (attempt[socket_].state == ENDING) return finish(socket_, length == 0);
    if (length <= 0) return finish(socket_, 0);
    bytes[length] = 0;
    if (attempt[socket_].state == ASKED) return hear(socket_, bytes);
    if ((unsigned char)bytes[0] != 0x88 || !waits) return finish(socket_, (unsigned char)bytes[0] == 0x88);
    attempt[socket_].state = ENDING;
    // Edge-triggered: the FIN may have come with the frame.
    if (!(events & EPOLLRDHUP)) return;
  }
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  long attempts = atol(argv[2]), warm = attempts / 4;
  double rate = 0, before = 0;
  int most = 64, isWarm = 0;
  for (int i = 3; i + 1 < argc; i += 2) {
    if (!strcmp(argv[i], "rate")) rate = atof(argv[i + 1]), most = MOST - 64;
    if (!strcmp(argv[i], "flight")) most = atoi(argv[i + 1]);
    if (!strcmp(argv[i], "path")) path = argv[i + 1];
    if (!strcmp(argv[i], "wait")) waits = atoi(argv[i + 1]);
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_TIMERSLACK, 1);
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  requestLength = sprintf(request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                          path, argv[1]);
  queue = epoll_create1(0);
  latency = malloc(sizeof(double) * (attempts + 1));
  struct epoll_event events[EVENTS];
  double zeroMs = nowMs();
  while (ended < attempts) {
    struct timespec wait = {10, 0};
    while (inFlight < most && started < attempts) {
      double leftMs = rate > 0 ? zeroMs + started * 1e3 / rate - nowMs() : 0;
      if (leftMs > 0) {
        wait = (struct timespec){(long)(leftMs / 1e3), (long)(leftMs * 1e6) % 1000000000};
        break;
      }
      begin();
    }
    int count = epoll_pwait2(queue, events, EVENTS, &wait, NULL);
    for (int i = 0; i < count; i++) goOn(events[i].data.fd, events[i].events);
    if (!isWarm && ended >= warm) isWarm = 1, warm = ended, before = cpuSeconds();
  }
  qsort(latency, answers, sizeof(double), ascending);
  printf("{\"cpu\":%.4f,\"wrong\":%ld,\"p50Ms\":%.4f,\"p99Ms\":%.4f}\n", (cpuSeconds() - before) / (ended - warm) * 1e4,
         wrong, latency[answers / 2], latency[answers * 99 / 100]);
  return wrong == 0 ? 0 : 1;
}
