#!/usr/bin/env bash
# Layout is .clang-format's business.  Skipped without clang-format 14 (other versions differ).
cd "$(dirname "$0")/.." || exit 1
tool=$(command -v clang-format-14 || command -v clang-format) || exit 77
"$tool" --version | grep -q 'version 14' || { echo "not version 14: skipped"; exit 77; }
git ls-files '*.c' '*.h' 2>/dev/null | xargs -r "$tool" --dry-run -Werror
