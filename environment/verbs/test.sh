# test [--spark]
#     Builds the library and runs its tests, runs every notebook at --scale smoke, and tests environment/lab.
#     --spark: first downloads Apache Spark, and also tests sweeps on it
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
  locked test_library "$profiles"
  prepare_kernel
  # The notebooks keep their searches and trainings in a new folder. In the user's folder, or in that of another test,
  # there may be complete ones, which would be loaded instead of run. If a test fails, the folder stays until `lab test`
  # is run more than a day later.
  find "$STATE" -maxdepth 1 -name 'test-results*' -mtime +0 -exec rm -rf {} +
  GRAFS_RESULTS=$(mktemp -d "$STATE/test-results.XXXXXX")
  export GRAFS_RESULTS
  # Two notebooks run at a time, each with one thread: with more threads than processors, both would be slower, since
  # PyTorch's threads wait for each other in a busy loop.
  export OMP_NUM_THREADS=1
  say "== The notebooks"
  basename -a "$GRAFS_HOME"/notebooks/*.ipynb | in_pairs "$ENVIRONMENT/lab" run --scale smoke ||
    fail "a notebook fails at smoke; see above" 1
  say "== environment/lab"
  cd "$ENVIRONMENT/test"
  # The largest files, whose tests mostly take longest, are first: a long test that is started last would run alone.
  ls -S test_*.py | in_pairs "$(runner_python)" -m unittest || fail "the tests of environment/lab fail" 1
  rm -rf "$GRAFS_RESULTS"
  say "All tests pass."
}

# test_library PROFILES: builds the library with these Maven profiles, tests it, and keeps a copy for the notebooks.
test_library() {
  build_begins
  maven -ntp -f "$GRAFS_HOME/pom.xml" ${1:+"-P$1"} verify |
    grep -vE '^\[INFO\] *($|-+|Scanning|.*(---|Nothing to compile|skip|Copying|Using|Changes detected|Recompiling))' ||
    fail "the library's tests fail; see above" 1
  keep_library
  [[ -z ${GRAFS_TEST_SPARK:-} ]] || build_spark
}

# in_pairs COMMAND…: runs the command once for each line of standard input, with the line as its last argument, two at a
# time. Prints the output of each run in one piece when the run has ended. Fails if a run fails.
in_pairs() {
  # shellcheck disable=SC2016  # the inner shell expands it
  xargs -d '\n' -P 2 -I {} bash -c '
    said=$("$@" 2>&1); status=$?; printf "== %s\n%s\n" "${@: -1}" "$said"
    [[ $status -eq 0 ]] || echo "FAILED: ${*: -1}"; exit $status' - "$@" {}
}
