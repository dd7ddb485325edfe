// driver.cpp: runs a target on the files of folders, without a fuzzer, with any compiler. What once
// went wrong, and what was hard to reach, stays tested so.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "fuzz.hpp"

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (auto const& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream stream(entry.path(), std::ios::binary);
      std::string const bytes{std::istreambuf_iterator<char>(stream), {}};
      std::cout << entry.path().string() << std::endl;  // flushed: the last one is the culprit
      LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
      ++files;
    }
  }
  if (files == 0) std::cerr << "expected folders with inputs, saw no file in them\n";
  return files == 0 ? 1 : 0;
}
