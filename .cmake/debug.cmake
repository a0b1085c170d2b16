# Preset "debug":  cmake -C .cmake/debug.cmake -S . -B build/debug -G Ninja && cmake --build build/debug
set(CMAKE_BUILD_TYPE "Debug" CACHE STRING "")
set(NOX_SANITIZE "" CACHE STRING "")
set(NOX_WERROR ON CACHE BOOL "")
