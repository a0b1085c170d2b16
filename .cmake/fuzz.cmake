# Preset "fuzz":  cmake -C .cmake/fuzz.cmake -DCMAKE_C_COMPILER=clang -S . -B build/fuzz -G Ninja && ninja -C build/fuzz fuzz
set(CMAKE_BUILD_TYPE "Debug" CACHE STRING "")
set(NOX_SANITIZE "address" CACHE STRING "")
set(NOX_FUZZ ON CACHE BOOL "")
