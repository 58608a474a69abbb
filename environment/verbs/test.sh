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
  # Each of two at a time computes on one processor: PyTorch's threads wait busily for each other.
  export OMP_NUM_THREADS=1
  say "== The notebooks"
  basename -a "$GRAFS_HOME"/notebooks/*.ipynb | in_pairs "$ENVIRONMENT/lab" run --scale smoke ||
    fail "a notebook fails at smoke; see above" 1
  say "== environment/lab"
  cd "$ENVIRONMENT/test"
  # The largest first, which mostly take longest, so that none of them is left alone at the end.
  ls -S test_*.py | in_pairs "$(runner_python)" -m unittest || fail "the tests of environment/lab fail" 1
  say "All tests pass."
}

# in_pairs COMMAND…: runs it with each line of the input as its last argument, two at a time; prints the output of each
# when it has ended, in one piece. Fails if one of them fails.
in_pairs() {
  # shellcheck disable=SC2016  # the inner shell expands it
  xargs -d '\n' -P 2 -I {} bash -c '
    said=$("$@" 2>&1); status=$?; printf "== %s\n%s\n" "${@: -1}" "$said"
    [[ $status -eq 0 ]] || echo "FAILED: ${*: -1}"; exit $status' - "$@" {}
}
