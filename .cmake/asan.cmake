# Preset "asan":  cmake -C .cmake/asan.cmake -S . -B build/asan -G Ninja && cmake --build build/asan
set(CMAKE_BUILD_TYPE "Debug" CACHE STRING "")
set(NOX_SANITIZE "address" CACHE STRING "")
set(NOX_WERROR ON CACHE BOOL "")
