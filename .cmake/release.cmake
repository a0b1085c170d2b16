# Preset "release":  cmake -C .cmake/release.cmake -S . -B build -G Ninja && cmake --build build
set(CMAKE_BUILD_TYPE "Release" CACHE STRING "")
set(NOX_SANITIZE "" CACHE STRING "")
set(NOX_WERROR ON CACHE BOOL "")
