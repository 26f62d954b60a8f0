#!/bin/sh
# Chromium and a Chinese font for the browser tests: installed when root and missing, otherwise said.
set -eu
if command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi cjk; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk
else
  echo "Browser tests need Chromium and a Chinese font: sudo apt-get install chromium fonts-noto-cjk" >&2
fi
