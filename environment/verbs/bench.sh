# bench [--batch N] [--quick] [--device cpu|gpu|gpu:N]
#     Measures what activations, the activation cell and a whole search step cost, prints a table, writes it as CSV under
#     results/bench/ and ends with one line a ratio, NAME: NUMBER. Takes 5 minutes on a machine that does nothing else.
#     Where python3 has PyTorch, a training step is compared with one of the same network there.
#     --batch: the batch size of the steps, 64 if not told otherwise
#     --quick: a few samples of each in two minutes, to see that it runs; its figures mean nothing
# shellcheck shell=bash

main() {
  local quick=() batch=64 device='' results=$GRAFS_HOME/results/bench built=$STATE/bench
  while [[ $# -gt 0 ]]; do
    case $1 in
      --quick) quick=(quick) ;;
      --batch | --device)
        [[ $# -ge 2 && -n $2 ]] || fail "$1 needs a value"
        printf -v "${1#--}" '%s' "$2"
        shift
        ;;
      -*) fail "bench has no option '$1'; see: environment/lab bench --help" ;;
      *) fail "bench takes no arguments, but got: $*" ;;
    esac
    shift
  done
  [[ $batch =~ ^[1-9][0-9]{0,4}$ ]] || fail "--batch must be a number from 1 on, but is '$batch'"
  use_device "$device"
  mkdir -p "$results" 2>/dev/null || true
  [[ -d $results && -w $results ]] ||
    fail "cannot write to $results: make it a writable folder, results are kept there"
  need jdk maven
  mkdir -p "$built" "$STATE/logs"
  exec 9>"$STATE/lock"
  flock 9
  say "Building the benchmarks"
  maven -q -f "$GRAFS_HOME/pom.xml" ${GRAFS_MAVEN_PROFILES:+"-P$GRAFS_MAVEN_PROFILES"} -pl lib \
    test-compile dependency:build-classpath -DincludeScope=test -Dmdep.outputFile="$built/classpath.txt" ||
    fail "the benchmarks do not build; the errors are above" 1
  # A copy: what is built while they run is not what they measure.
  rm -rf "$built/classes" "$built/test-classes"
  cp -r "$GRAFS_HOME/lib/target/classes" "$GRAFS_HOME/lib/target/test-classes" "$built"
  flock -u 9
  exec 9>&-
  native_settings
  OPT_OUT_TRACKING=true exec "$(java_home)/bin/java" \
    -cp "$built/test-classes:$built/classes:$(cat "$built/classpath.txt")" \
    grafs.bench.Benchmarks "$results" "$STATE/logs/bench.log" "$GRAFS_HOME/lib" "$batch" ${quick[@]+"${quick[@]}"}
}
