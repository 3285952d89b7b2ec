// What the kernel saw on loopback of the handshakes with one port: the times of packets, by the kernel's own stamps,
// from the SYN to the first bytes of the answer. Prints one JSON line after so many seconds, or once it is told to
// end. Needs CAP_NET_RAW.
// cc -O2 -o wire wire.c; wire PORT SECONDS
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#define __FAVOR_BSD
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORTS = 1 << 16, MOST = 1 << 20, ADDRESSES = 16 };

// By the last byte of the client's address, of which there are few, and its port.
static double synMs[ADDRESSES][PORTS], toAnswer[MOST], toRequest[MOST];
static char isAsked[ADDRESSES][PORTS];
static long count, requests;
static volatile sig_atomic_t isOver;

static void end(int signal) {
  (void)signal;
  isOver = 1;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double percentile(const double *sorted, long of, double share) {
  long at = (long)(share * of);
  return of == 0 ? 0 : sorted[at < of ? at : of - 1];
}

static void see(const unsigned char *packet, ssize_t length, double ms, int port) {
  const struct iphdr *ip = (const void *)packet;
  if (length < 40 || ip->version != 4 || ip->protocol != IPPROTO_TCP) return;
  const struct tcphdr *tcp = (const void *)(packet + ip->ihl * 4);
  int payload = ntohs(ip->tot_len) - ip->ihl * 4 - tcp->th_off * 4;
  int from = ntohs(tcp->th_sport), to = ntohs(tcp->th_dport);
  if (to == port) {
    int host = ntohl(ip->saddr) & (ADDRESSES - 1);
    if ((tcp->th_flags & (TH_SYN | TH_ACK)) == TH_SYN) synMs[host][from] = ms, isAsked[host][from] = 0;
    if (payload > 0 && synMs[host][from] > 0 && !isAsked[host][from]) {
      isAsked[host][from] = 1;
      if (requests < MOST) toRequest[requests++] = ms - synMs[host][from];
    }
  } else if (from == port && payload > 0) {
    int host = ntohl(ip->daddr) & (ADDRESSES - 1);
    if (!isAsked[host][to] || synMs[host][to] == 0) return;
    if (count < MOST) toAnswer[count++] = ms - synMs[host][to];
    synMs[host][to] = 0;
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int port = atoi(argv[1]), yes = 1, room = 64 << 20;
  int sniffer = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
  if (sniffer < 0) {
    perror("wire");
    return 3;
  }
  struct sockaddr_ll loopback = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = if_nametoindex("lo")};
  if (bind(sniffer, (struct sockaddr *)&loopback, sizeof loopback) != 0) return 3;
  setsockopt(sniffer, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  setsockopt(sniffer, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
  struct timeval look = {0, 200000};
  setsockopt(sniffer, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof look);
  signal(SIGTERM, end);
  printf("ready\n");
  fflush(stdout);
  for (time_t last = time(NULL) + atoi(argv[2]); !isOver && time(NULL) < last;) {
    unsigned char packet[128], control[256];
    struct sockaddr_ll who;
    struct iovec part = {packet, sizeof packet};
    struct msghdr message = {.msg_name = &who,
                             .msg_namelen = sizeof who,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(sniffer, &message, 0);
    // On loopback each packet passes twice: as it leaves and as it arrives.
    if (length < 0 || who.sll_pkttype == PACKET_OUTGOING) continue;
    for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one != NULL; one = CMSG_NXTHDR(&message, one)) {
      if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_TIMESTAMPNS) continue;
      struct timespec stamp;
      memcpy(&stamp, CMSG_DATA(one), sizeof stamp);
      see(packet, length, stamp.tv_sec % 1000000 * 1e3 + stamp.tv_nsec / 1e6, port);
    }
  }
  struct tpacket_stats lost;
  socklen_t size = sizeof lost;
  getsockopt(sniffer, SOL_PACKET, PACKET_STATISTICS, &lost, &size);
  qsort(toAnswer, count, sizeof(double), ascending);
  qsort(toRequest, requests, sizeof(double), ascending);
  printf("{\"count\":%ld,\"lost\":%u,\"p50Ms\":%.4f,\"p99Ms\":%.4f,\"meanMs\":%.4f,\"requestP99Ms\":%.4f}\n", count,
         lost.tp_drops, percentile(toAnswer, count, 0.5), percentile(toAnswer, count, 0.99),
         ({
           double sum = 0;
           for (long i = 0; i < count; i++) sum += toAnswer[i];
           count == 0 ? 0 : sum / count;
         }),
         percentile(toRequest, requests, 0.99));
  return 0;
}
