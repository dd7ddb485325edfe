// in_child.hpp: runs a check in the child of a fork(), which is ended where it hangs.

#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

/// How a child ended: its exit status; 1000 and more where a signal ended it; -1 where it had to be
/// ended after 20 seconds.
inline int wait_for_child(pid_t child) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// 0 where `check` returned true in the child; else as wait_for_child().
template <class Check>
int in_child(Check check) {
  pid_t const child = fork();
  if (child == 0) _exit(check() ? 0 : 1);
  return wait_for_child(child);
}
