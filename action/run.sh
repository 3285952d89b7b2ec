#!/usr/bin/env bash
# The step of the action (../action.yml): inputs come as ASSAY_…, what it finds out goes to GITHUB_OUTPUT.
set -uo pipefail

refuse() {
  echo "::error title=ws-assay::$1"
  echo "exit-code=2" >> "$GITHUB_OUTPUT"
  exit 2
}

# Reads words as a shell does, quotes and all, without carrying anything out.
words=()
read_words() {
  words=()
  [ -z "${1//[[:space:]]/}" ] && return
  local text="${1//$'\n'/ }"
  printf '%s' "$text" | xargs printf '%s\0' > /dev/null 2>&1 || refuse "The quotes in this are not closed: $text"
  mapfile -d '' -t words < <(printf '%s' "$text" | xargs printf '%s\0')
}

if [ -x node_modules/.bin/ws-assay ]; then
  command=(node_modules/.bin/ws-assay)
else
  version="${ASSAY_VERSION:-$(node -p 'require(process.argv[1]).version' "$GITHUB_ACTION_PATH/package.json")}"
  command=(npx --yes "ws-assay@$version")
fi

# Without them the embedded gateway would be tested, and pass.
read_words "${ASSAY_ARGS:-}"
more=("${words[@]}")
if [ -z "${ASSAY_URL:-}${ASSAY_TARGET:-}" ] && ! [[ " ${more[*]} " =~ \ --(url|target)[=\ ] ]]; then
  refuse 'Say what is tested: the input url or target.'
fi

args=(run)
read_words "${ASSAY_SELECTION:-}"
args+=("${words[@]}")
[ -n "${ASSAY_URL:-}" ] && args+=(--url "$ASSAY_URL")
[ -n "${ASSAY_TARGET:-}" ] && args+=(--target "$ASSAY_TARGET")
[ -n "${ASSAY_SHARD:-}" ] && args+=(--shard "$ASSAY_SHARD")
[ -n "${ASSAY_WAIT:-}" ] && args+=(--wait-for-target "$ASSAY_WAIT")
args+=(--out "${ASSAY_OUT:-ws-assay}" --reporter github)
args+=("${more[@]}")

# Mistakes in files become annotations, too.
echo "::add-matcher::$GITHUB_ACTION_PATH/action/problem-matcher.json"
"${command[@]}" "${args[@]}"
code=$?
echo "::remove-matcher owner=ws-assay::"
echo "exit-code=$code" >> "$GITHUB_OUTPUT"
exit "$code"
