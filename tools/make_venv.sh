#!/bin/sh
# Create the virtual environment. A bare Debian has Python without venv: root installs it, others are told the one command.
# usage: make_venv.sh PYTHON FOLDER
set -eu
python=$1 folder=$2
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Bashu needs Python 3.11 or newer; $python is older. Set PYTHON=/path/to/python3.11." >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $package, which this Python lacks."
    apt-get update -qq && apt-get install -y -qq "$package"
  else
    echo "This Python has no venv. Type once: sudo apt-get install $package" >&2
    exit 1
  fi
fi
"$python" -m venv "$folder"
