// The limit that the generator is held against: connects, upgrades, checks the accept value, sends a close frame, waits
// for the answer, closes. As many in flight as asked for. Prints CPU seconds for each 10 000 attempts after warming up.
// cc -O2 -o client client.c; client PORT ATTEMPTS [IN-FLIGHT]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 4096, EVENTS = 256 };
enum { DIALLING = 1, ASKED, CLOSING };

static const char CLOSE[] = {(char)0x88, (char)0x82, 1, 2, 3, 4, 0x03 ^ 1, (char)(0xe8 ^ 2)};
static char state[MOST], request[512];
static int queue, inFlight, requestLength;
static long started, ended, wrong;
static struct sockaddr_in server;

static double cpuSeconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void begin(void) {
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  if (socket_ < 0 || socket_ >= MOST) exit(1);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(socket_, (struct sockaddr *)&server, sizeof server) != 0 && errno != EINPROGRESS) exit(1);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = socket_};
  state[socket_] = DIALLING;
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

static void goOn(int socket_, unsigned events) {
  char bytes[2048];
  if (state[socket_] == DIALLING) {
    if (!(events & EPOLLOUT)) return;
    state[socket_] = ASKED;
    if (send(socket_, request, requestLength, MSG_NOSIGNAL) != requestLength) finish(socket_, 0);
    return;
  }
  if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
  ssize_t length = recv(socket_, bytes, sizeof bytes - 1, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) {
    finish(socket_, 0);
    return;
  }
  bytes[length] = 0;
  if (state[socket_] == CLOSING) {
    finish(socket_, (unsigned char)bytes[0] == 0x88);
  } else if (strstr(bytes, "HTTP/1.1 101") != bytes || strstr(bytes, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == NULL) {
    finish(socket_, 0);
  } else {
    state[socket_] = CLOSING;
    send(socket_, CLOSE, sizeof CLOSE, MSG_NOSIGNAL);
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  long attempts = atol(argv[2]), warm = attempts / 4;
  int most = argc > 3 ? atoi(argv[3]) : 64, isWarm = 0;
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  requestLength = sprintf(request,
                          "GET / HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                          argv[1]);
  queue = epoll_create1(0);
  struct epoll_event events[EVENTS];
  double before = 0;
  while (ended < attempts) {
    while (inFlight < most && started < attempts) begin();
    int count = epoll_wait(queue, events, EVENTS, -1);
    for (int i = 0; i < count; i++) goOn(events[i].data.fd, events[i].events);
    if (!isWarm && ended >= warm) isWarm = 1, warm = ended, before = cpuSeconds();
  }
  printf("%.4f %ld\n", (cpuSeconds() - before) / (ended - warm) * 1e4, wrong);
  return wrong == 0 ? 0 : 1;
}
