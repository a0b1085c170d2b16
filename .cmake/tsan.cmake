# Preset "tsan":  cmake -C .cmake/tsan.cmake -S . -B build/tsan -G Ninja && cmake --build build/tsan
set(CMAKE_BUILD_TYPE "Debug" CACHE STRING "")
set(NOX_SANITIZE "thread" CACHE STRING "")
set(NOX_WERROR ON CACHE BOOL "")
