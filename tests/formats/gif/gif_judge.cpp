// Judges the files that it is told on its input, one path a line: "verdict rule rule ...".
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "formats/gif/gif.h"

int main() {
  for (std::string path; std::getline(std::cin, path);) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<std::uint8_t> sample{std::istreambuf_iterator<char>(file), {}};
    datavet::Evidence evidence;
    datavet::gif_format.check(sample, {}, evidence);
    std::cout << name_of(evidence.findings.verdict());
    for (const datavet::Finding &finding : evidence.findings.list()) std::cout << ' ' << finding.rule->id;
    std::cout << '\n';
  }
}
