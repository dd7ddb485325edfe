// starts.cpp: a program that is linked against a library which uses a table of the same name.

#include <sample.hpp>

#include <cstdio>

#include "plugin.hpp"

int main() {
  sample::metric<"sample_jobs_total">.inc();
  plugin_count(1);
  std::puts("in main");
}
