#!/usr/bin/env bash
# Install the broker that the tests of Celery start for themselves, where there is none.
set -euo pipefail
command -v redis-server >/dev/null && exit 0
if ! command -v apt-get >/dev/null; then
  echo "The tests of Celery need redis-server; without it they are skipped." >&2
  exit 0
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
echo "Installing redis-server for the tests of Celery"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq redis-server >/dev/null
