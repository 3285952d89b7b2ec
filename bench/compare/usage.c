// Runs a command and prints, as one JSON line on stderr, what it and everything it started used up: CPU seconds of all
// of them, and the peak resident memory of the largest. What is left when the command ends, or after so many seconds,
// is ended. cc -O2 -o usage usage.c; usage SECONDS COMMAND [ARGUMENT]…
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int parentOf(int process) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", process);
  FILE *file = fopen(path, "r");
  if (file == NULL) return -1;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  char *end = strrchr(text, ')');
  int parent = -1;
  if (end != NULL) sscanf(end + 1, " %*c %d", &parent);
  return parent;
}

// Orphans are ours: this process is their subreaper. Ended with SIGKILL once the command itself has been.
static void endChildren(void) {
  DIR *all = opendir("/proc");
  for (struct dirent *one; all != NULL && (one = readdir(all)) != NULL;) {
    int process = atoi(one->d_name);
    if (process > 1 && parentOf(process) == getpid()) kill(process, SIGKILL);
  }
  if (all != NULL) closedir(all);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  time_t end = time(NULL) + atoi(argv[1]);
  struct timespec began, now, nap = {0, 20000000};
  clock_gettime(CLOCK_MONOTONIC, &began);
  int child = fork(), code = -1;
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  for (;;) {
    int status, one = waitpid(-1, &status, WNOHANG);
    if (one == child) {
      code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
      clock_gettime(CLOCK_MONOTONIC, &now);
    }
    if (one < 0 && errno == ECHILD) break;
    if (one > 0) continue;
    if (code != -1 || time(NULL) > end) endChildren();
    nanosleep(&nap, NULL);
  }
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  fprintf(stderr, "\n{\"cpuSeconds\":%.3f,\"peakKb\":%ld,\"wallSeconds\":%.2f,\"code\":%d}\n", cpu, used.ru_maxrss,
          now.tv_sec - began.tv_sec + (now.tv_nsec - began.tv_nsec) / 1e9, code);
  return code == 0 ? 0 : 1;
}
