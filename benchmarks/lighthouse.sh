#!/usr/bin/env bash
# Lighthouse scores of the main pages on a slow phone, against a production-like portal that this script starts.
#
#   bash benchmarks/lighthouse.sh                  median of 3 runs a page
#   RUNS=1 bash benchmarks/lighthouse.sh / /calc/  quick, and only these pages
#
# LIGHTHOUSE names the program where it is installed already. Exits with 1 where a page is beyond a limit of
# benchmarks/scores.py, or could not be scored.
set -euo pipefail
cd "$(dirname "$0")/.."

RUNS=${RUNS:-3}
PYTHON=${PYTHON:-.venv/bin/python}
LIGHTHOUSE=${LIGHTHOUSE:-npx --yes lighthouse@12.8.2}
CHROME_PATH=$(command -v chromium || command -v chromium-browser || command -v google-chrome || command -v chromium-headless-shell ||
	true)
export CHROME_PATH
CHROME_FLAGS="--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
CHROME_FLAGS="$CHROME_FLAGS --disable-component-update --disable-sync --disable-dev-shm-usage"
PAGES=("$@")
[ ${#PAGES[@]} -gt 0 ] || PAGES=(/ /check/results/ /policies/M05c/ /services/ /ask/ /check/ /check/q/identity/
	/policies/ /policies/M05/ /login/ /me/bind/ /me/ /admin/businesses/importrun/add/)

[ -n "$CHROME_PATH" ] || { echo "没有找到 Chromium，请先安装 chromium。"; exit 1; }
command -v npx >/dev/null || { echo "没有找到 npx，请先安装 Node.js。"; exit 1; }

folder=$(mktemp -d)
: >"$folder/server"  # the server writes its address here
# Known here too, so that people can be signed in beside the server.
export BENCHMARK_DATABASE_URL="sqlite:///$folder/portal.sqlite3" STAFF_SECOND_FACTOR=off
BENCHMARK_SECRET_KEY=$(openssl rand -base64 48)
export BENCHMARK_SECRET_KEY
"$PYTHON" -m benchmarks.server --answers >"$folder/server" &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$folder"' EXIT
# Migrations and the catalogue come first: minutes on a machine that does something else besides.
for _ in $(seq 3000); do
	[ "$(wc -l <"$folder/server")" -ge 2 ] && break
	kill -0 $server 2>/dev/null || { echo "网站没有启动。"; exit 1; }
	sleep 0.1
done
[ "$(wc -l <"$folder/server")" -ge 2 ] || { echo "网站五分钟还没有启动。"; exit 1; }
{ read -r address; read -r visitor; } <"$folder/server"
{ read -r owner; read -r officer; } < <("$PYTHON" -m benchmarks.people "$folder")

# Now and then the browser records nothing of a page; it is asked again then.
score() {
	$LIGHTHOUSE "$address$1" --quiet --form-factor=mobile --output=json --output-path="$folder/run-$2.json" \
		--throttling-method=simulate --only-categories=performance,accessibility,best-practices,seo \
		--extra-headers="$folder/headers.json" --chrome-flags="$CHROME_FLAGS" >/dev/null 2>"$folder/error"
}

failed=0
for page in "${PAGES[@]}"; do
	case $page in
		/me/*) cookie=$owner ;;
		/admin/*) cookie=$officer ;;
		*) cookie=$visitor ;;
	esac
	printf '{"Cookie": "%s"}' "$cookie" >"$folder/headers.json"
	status=$(curl --silent --output /dev/null --write-out '%{http_code}' --cookie "$cookie" "$address$page")
	if [ "$status" != 200 ]; then
		echo "$page  answers $status: not scored"
		failed=1
		continue
	fi
	rm -f "$folder"/run-*.json
	for run in $(seq "$RUNS"); do
		score "$page" "$run" || score "$page" "$run" || score "$page" "$run" || { cat "$folder/error"; exit 1; }
	done
	"$PYTHON" -m benchmarks.scores "$page" "$folder"/run-*.json || failed=1
done
[ $failed = 0 ] || echo "有页面没有达到要求，见上面带“!”的行。"
exit $failed
