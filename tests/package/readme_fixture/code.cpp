// Never compiled.
#include <cstdio>

int main(int argc, char** argv) { std::printf("%s: %d\n", argv[0], argc); }
