#!/bin/sh
# Fetch the cartesian plotly bundle of the version that plotly.py ships; run it after an upgrade.
set -e
cd "$(dirname "$0")"
version=$("${PYTHON:-python}" -c "import plotly.offline as p; print(p.get_plotlyjs_version())")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm pack --silent "plotly.js-cartesian-dist-min@$version" >/dev/null && tar xzf ./*.tgz)
cp "$folder/package/plotly-cartesian.min.js" .
echo "plotly-cartesian.min.js is now version $version"
