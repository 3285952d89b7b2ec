// Runs a command and prints, as one JSON line on stderr, what it and everything it started used up: CPU seconds and the
// peak of their resident memory together. What is left when the command ends, or after so many seconds, is ended. cc -O2 -o usage usage.c; usage SECONDS COMMAND [ARGUMENT]…
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

enum { MOST = 1 << 15 };

static struct {
  int process, parent, isOurs;
  long pages;
} seen[MOST];
static int count;

static void readOne(int process) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", process);
  FILE *file = fopen(path, "r");
  if (file == NULL || count == MOST) return;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  // The name in parentheses may have anything in it; the resident pages are the 22nd field behind it.
  char *field = strrchr(text, ')');
  if (field == NULL) return;
  seen[count].process = process;
  seen[count].isOurs = 0;
  sscanf(field + 1, " %*c %d", &seen[count].parent);
  for (int at = 0; at < 22 && field != NULL; at++) field = strchr(field + 1, ' ');
  seen[count].pages = field == NULL ? 0 : atol(field + 1);
  count++;
}

// Finds everything that descends from this process, which is the parent of orphans as well. Pages of all together.
static long look(void) {
  DIR *all = opendir("/proc");
  count = 0;
  for (struct dirent *one; all != NULL && (one = readdir(all)) != NULL;) {
    if (atoi(one->d_name) > 1) readOne(atoi(one->d_name));
  }
  if (all != NULL) closedir(all);
  long pages = 0;
  for (int isNew = 1; isNew;) {
    isNew = 0;
    for (int i = 0; i < count; i++) {
      if (seen[i].isOurs) continue;
      int isChild = seen[i].parent == getpid();
      for (int j = 0; j < count && !isChild; j++) isChild = seen[j].isOurs && seen[j].process == seen[i].parent;
      if (isChild) seen[i].isOurs = isNew = 1, pages += seen[i].pages;
    }
  }
  return pages;
}

static void endAll(void) {
  look();
  for (int i = 0; i < count; i++) {
    if (seen[i].isOurs) kill(seen[i].process, SIGKILL);
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  time_t end = time(NULL) + atoi(argv[1]);
  struct timespec began, now, nap = {0, 50000000};
  clock_gettime(CLOCK_MONOTONIC, &began);
  int child = fork(), code = -1;
  long peak = 0;
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
    long pages = look();
    if (pages > peak) peak = pages;
    if (code != -1 || time(NULL) > end) endAll();
    nanosleep(&nap, NULL);
  }
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  fprintf(stderr, "\n{\"cpuSeconds\":%.3f,\"peakKb\":%ld,\"wallSeconds\":%.2f,\"code\":%d}\n", cpu, peak * (sysconf(_SC_PAGESIZE) / 1024),
          now.tv_sec - began.tv_sec + (now.tv_nsec - began.tv_nsec) / 1e9, code);
  return code == 0 ? 0 : 1;
}
