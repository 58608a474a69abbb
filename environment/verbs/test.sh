# test [--spark]
#     Builds and tests the library, runs every notebook at --scale smoke in the real kernel, and tests this script.
#     --spark: also the tests of sweeps on Spark, which is fetched first
# shellcheck shell=bash

main() {
  local profiles=${GRAFS_MAVEN_PROFILES:-}
  if [[ ${1:-} == --spark ]]; then
    profiles+=${profiles:+,}spark
    export GRAFS_TEST_SPARK=true
    shift
  fi
  [[ $# -eq 0 ]] || fail "test takes no arguments but --spark, and got: $*"
  need jdk maven runner fashion-mnist
  say "== The library"
  build_begins
  maven -ntp -f "$GRAFS_HOME/pom.xml" ${profiles:+"-P$profiles"} verify |
    grep -vE '^\[INFO\] *($|-+|Scanning|.*(---|Nothing to compile|skip|Copying|Using|Changes detected|Recompiling))' ||
    fail "the library's tests fail; see above" 1
  keep_library
  [[ -z ${GRAFS_TEST_SPARK:-} ]] || build_spark
  prepare_kernel
  # Apart from the user's own results, and empty: what is kept would be loaded, not run.
  export GRAFS_RESULTS=$STATE/test-results
  rm -rf "$GRAFS_RESULTS"
  local notebook
  for notebook in "$GRAFS_HOME"/notebooks/*.ipynb; do
    [[ -f $notebook ]] || continue
    say "== $(basename "$notebook")"
    "$ENVIRONMENT/lab" run "$(basename "$notebook")" --scale smoke || fail "$(basename "$notebook") fails at smoke" 1
  done
  say "== environment/lab"
  "$(runner_python)" -m unittest discover -s "$ENVIRONMENT/test" -p 'test_*.py' || fail "the tests of environment/lab fail" 1
  say "All tests pass."
}
